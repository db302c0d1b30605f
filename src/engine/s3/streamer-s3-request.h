/* streamer-s3-request.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-client-private.h"

G_BEGIN_DECLS

/**
 * StreamerS3Request:
 * @key: (nullable): without the location's prefix; NULL for the bucket
 * @query: (nullable): name, value, …, NULL, not encoded
 * @headers: (nullable): name, value, …, NULL
 * @text: (nullable): the body
 * @part: (nullable): or the body is this
 */
typedef struct
{
  const char *method;
  const char *key;
  const char *const *query;
  const char *const *headers;
  const char *text;
  StreamerPartStream *part;
  StreamerHttpFlags flags;
} StreamerS3Request;

/**
 * streamer_s3_client_send:
 * @answer: (out): an answer of success
 *
 * Signs and sends one request. What the answer shows to be wrong here (the region, the clock,
 * credentials that have expired) is put right, each once, and the request is sent again.
 *
 * Returns: FALSE with what the answer means, or what StreamerHttp says
 */
gboolean streamer_s3_client_send (StreamerS3Client *self,
                                  StreamerHttp *http,
                                  const StreamerS3Request *request,
                                  StreamerAnswer *answer,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
