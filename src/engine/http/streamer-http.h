/* streamer-http.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "streamer-part-stream.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_HTTP (streamer_http_get_type ())
G_DECLARE_FINAL_TYPE (StreamerHttp, streamer_http, STREAMER, HTTP, GObject)

/**
 * StreamerHttp:
 *
 * The one place that touches HTTP: a SoupSession of one worker, used synchronously by that worker
 * alone. Redirects are never followed (libsoup would forward `x-api-key` to another host and turn
 * PUT into GET); answers are bounded; nothing is logged that could hold a secret; a body that
 * libsoup sends again on a stale connection is set again, and an attempt that did not send exactly
 * its length is an error.
 */
StreamerHttp *streamer_http_new (void);

/**
 * StreamerHttpFlags:
 * @STREAMER_HTTP_DEFAULT: nothing special
 * @STREAMER_HTTP_SAFE_TO_REPEAT: it does no harm when the request arrives twice; lets a POST use a
 *   connection that is kept alive
 * @STREAMER_HTTP_PATIENT: the server may need minutes to answer (it puts an object together)
 * @STREAMER_HTTP_REDIRECTS: a redirect is an answer for the caller to judge (S3 says so that a
 *   bucket is in another region), and no error; it is not followed even so
 */
typedef enum
{
  STREAMER_HTTP_DEFAULT = 0,
  STREAMER_HTTP_SAFE_TO_REPEAT = 1 << 0,
  STREAMER_HTTP_PATIENT = 1 << 1,
  STREAMER_HTTP_REDIRECTS = 1 << 2,
} StreamerHttpFlags;

/**
 * StreamerAnswer:
 * @status: HTTP status
 * @headers: (owned): of the answer
 * @body: (owned): at most StreamerHttp:max-answer bytes, which is STREAMER_JSON_MAX_BYTES where
 *   nobody said otherwise, NUL behind its end
 */
typedef struct
{
  guint status;
  SoupMessageHeaders *headers;
  GBytes *body;
} StreamerAnswer;

void streamer_answer_clear (StreamerAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerAnswer, streamer_answer_clear)

/**
 * streamer_http_send_text:
 * @url: http or https
 * @headers: (nullable): name, value, name, value, …, NULL
 * @body: (nullable): sent as the body
 * @answer: (out): the answer, whatever its status
 *
 * Returns: FALSE with STREAMER_ERROR_NETWORK, _TLS, _PROTOCOL (answer too large; a redirect),
 *   _PORTAL (a proxy), _INVALID (not a usable URL or header) or G_IO_ERROR_CANCELLED. No message
 *   holds the query of @url. 30 s without a byte moving (10 min with STREAMER_HTTP_PATIENT) is
 *   STREAMER_ERROR_NETWORK.
 */
gboolean streamer_http_send_text (StreamerHttp *self,
                                  const char *method,
                                  const char *url,
                                  const char *const *headers,
                                  const char *body,
                                  StreamerHttpFlags flags,
                                  StreamerAnswer *answer,
                                  GCancellable *cancellable,
                                  GError **error);

/**
 * streamer_http_send_part:
 * @body: rewound before each attempt; its length is the Content-Length
 *
 * As streamer_http_send_text(), with a part as the body. A success status for fewer or more bytes
 * than the part has is STREAMER_ERROR_NETWORK. What goes wrong while @body is read comes back as
 * it is: STREAMER_ERROR_CHANGED, _UNREADABLE.
 */
gboolean streamer_http_send_part (StreamerHttp *self,
                                  const char *method,
                                  const char *url,
                                  const char *const *headers,
                                  StreamerPartStream *body,
                                  StreamerHttpFlags flags,
                                  StreamerAnswer *answer,
                                  GCancellable *cancellable,
                                  GError **error);

/**
 * streamer_http_send_form:
 * @fields: name, value, name, value, …, NULL: sent in this order, before the file; names without
 *   quotes and line breaks
 * @file: the field `file`; rewound before each attempt
 *
 * As streamer_http_send_part(), with a form (`multipart/form-data`) that is posted.
 */
gboolean streamer_http_send_form (StreamerHttp *self,
                                  const char *url,
                                  const char *const *fields,
                                  StreamerPartStream *file,
                                  StreamerHttpFlags flags,
                                  StreamerAnswer *answer,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
