/* streamer-request-api.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-error.h"
#include "streamer-http.h"
#include "streamer-request-answer.h"
#include "streamer-secrets.h"
#include "streamer-skew.h"

G_BEGIN_DECLS

/**
 * StreamerRequestApi:
 * @request_url: (owned): the endpoint
 * @connection_id: (owned): under which @secrets knows the token and the API key
 * @secrets: (owned)
 * @skew: (owned): what answers have told of the server's clock
 *
 * Where requests go and as whom. Atomically reference counted, and does not change but for @skew.
 */
typedef struct
{
  char *request_url;
  char *connection_id;
  StreamerSecrets *secrets;
  StreamerSkew *skew;
} StreamerRequestApi;

StreamerRequestApi *streamer_request_api_new (const char *request_url,
                                              const char *connection_id,
                                              StreamerSecrets *secrets);
StreamerRequestApi *streamer_request_api_ref (StreamerRequestApi *api);
void streamer_request_api_unref (StreamerRequestApi *api);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerRequestApi, streamer_request_api_unref)

/**
 * StreamerRequest:
 * @action: the `action`
 * @key: (nullable): of the object; goes into the query, where gateways log it
 * @body: members beside `action`; kept by the caller
 * @parts: (nullable): the member `parts` as JSON text: as nodes, 10,000 would take too much memory
 * @missing: what an answer of 404 means: STREAMER_ERROR_NOT_FOUND or _NO_UPLOAD
 * @meaning: (nullable): what other refusals mean in this version of the API
 * @version: (nullable): takes what the answer says of the backend's version
 * @flags: whether it may arrive twice, and whether the answer takes long
 */
typedef struct
{
  const char *action;
  const char *key;
  JsonObject *body;
  const char *parts;
  StreamerError missing;
  StreamerRequestMeaning meaning;
  StreamerRequestVersion *version;
  StreamerHttpFlags flags;
} StreamerRequest;

/**
 * streamer_request_api_call:
 * @server_time: (out) (optional): seconds since 1970 by the server's clock
 *
 * One signed-in request. Token and API key go to the request URL alone; no error text and no log
 * line holds them.
 *
 * Returns: (transfer full): the answer's `status`; or NULL with STREAMER_ERROR_AUTH where there is
 *   no token, and else as streamer_store_begin() and its kin say
 */
JsonNode *streamer_request_api_call (const StreamerRequestApi *api,
                                     StreamerHttp *http,
                                     const StreamerRequest *request,
                                     gint64 *server_time,
                                     GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
