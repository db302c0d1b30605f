/* streamer-http-request.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Request line and headers together; more is refused with 431. */
#define STREAMER_HTTP_MAX_HEAD 32768

/* RFC 6585; libsoup has no name for it. */
#define STREAMER_HTTP_STATUS_HEAD_TOO_LARGE 431

/**
 * StreamerHttpRequest:
 * @method: (owned): a token, as it was sent
 * @path: (owned): before the `?`, as it was sent: nothing is decoded or normalized
 * @query: (owned) (nullable): behind the `?`, as it was sent
 * @headers: (owned): of the request
 * @has_length: whether a Content-Length was sent
 * @length: bytes of the body, 0 where @has_length is unset
 * @keep_alive: whether the client wants to go on with this connection
 * @expects_continue: whether the client waits for `100 Continue` before it sends the body
 *
 * The head of one HTTP/1 request.
 */
typedef struct
{
  char *method;
  char *path;
  char *query;
  SoupMessageHeaders *headers;
  gboolean has_length;
  guint64 length;
  gboolean keep_alive;
  gboolean expects_continue;
} StreamerHttpRequest;

/**
 * streamer_http_request_parse:
 * @head: untrusted bytes: the request line and the headers, up to and with the empty line
 * @length: bytes in @head
 * @refusal: (out): where NULL is returned, the HTTP status to refuse it with
 *
 * Parses what a client sent, by the letter: whatever two programs in a row could read in two ways
 * (both length headers, more than one Host or Content-Length, bare line feeds, folded lines, blanks
 * before a colon) is refused, so that no request can be smuggled behind another one. Bodies without
 * a Content-Length are not taken.
 *
 * Returns: (transfer full) (nullable)
 */
StreamerHttpRequest *streamer_http_request_parse (const char *head, gsize length, guint *refusal);

void streamer_http_request_free (StreamerHttpRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerHttpRequest, streamer_http_request_free)

/**
 * streamer_http_request_get_origin:
 *
 * Under which address the client (or the visitor's proxy) reached the server: what goes before a
 * path to make a link that works for this client.
 *
 * Returns: (transfer full) (nullable): `http://HOST` or `https://HOST`; NULL where there is no Host
 */
char *streamer_http_request_get_origin (const StreamerHttpRequest *request);

/**
 * streamer_http_request_get_parameter:
 *
 * Returns: (transfer full) (nullable): the decoded parameter @name of the query; NULL where it is
 *   absent, given twice or not UTF-8
 */
char *streamer_http_request_get_parameter (const StreamerHttpRequest *request, const char *name);

/**
 * streamer_http_request_get_filename:
 *
 * The parameter `filename` of the query as clients of version 1 of the request API send it, decoded
 * once. Those that write the query by hand leave `/`, `&` and `+` as they are: for them everything
 * behind the equals sign is the name. Those that encode it write `/` as `%2F`, and some of them a
 * blank as `+`.
 *
 * Returns: (transfer full) (nullable): NULL where it is absent or not UTF-8
 */
char *streamer_http_request_get_filename (const StreamerHttpRequest *request);

G_END_DECLS
