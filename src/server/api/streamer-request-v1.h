/* streamer-request-v1.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-request-actions.h"

G_BEGIN_DECLS

/* The actions of version 1 of the request API. Numbers come as strings, and lists as Python writes
 * them; the query's `filename` is in StreamerRequest. What they return is a string. */

JsonNode *
streamer_request_v1_create (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_v1_geturl (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_v1_geturls (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_v1_add (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_v1_complete (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_v1_delete (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_v1_abort (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_v1_purge (const StreamerRequest *request, JsonObject *body, GError **error);

/** Returns: `status_code`, and the HTTP status, for @error */
guint streamer_request_v1_get_status (const GError *error);

/** Returns: (transfer none): `status` for @error: the words that version 1 has for it */
const char *streamer_request_v1_get_text (const GError *error);

G_END_DECLS
