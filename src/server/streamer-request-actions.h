/* streamer-request-actions.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-policy.h"
#include "streamer-seal.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

/* Items in one request, and URLs in one answer. All items of a request are on the disk before it is
 * answered, and clients wait for half a minute. */
#define STREAMER_REQUEST_MAX_ITEMS 100
#define STREAMER_REQUEST_MAX_URLS  256

/**
 * StreamerRequest:
 * @storage: where objects are
 * @seal: seals upload ids
 * @origin: goes before a URL that begins with a slash
 * @id: names this request
 * @principal: (owned): who asks
 *
 * What an action is run with; not owned where it does not say so.
 */
typedef struct
{
  StreamerStorage *storage;
  StreamerSeal *seal;
  const char *origin;
  const char *id;
  StreamerPrincipal *principal;
} StreamerRequest;

/** Returns: (transfer full): the member `status` of the answer, or NULL with STREAMER_ERROR */
typedef JsonNode *(*StreamerRequestAction) (const StreamerRequest *request,
                                            JsonObject *body,
                                            GError **error);

JsonNode *
streamer_request_capabilities (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *streamer_request_begin (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_presign (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *streamer_request_parts (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_finish (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_cancel (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *streamer_request_stat (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_remove (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *streamer_request_link (const StreamerRequest *request, JsonObject *body, GError **error);

G_END_DECLS
