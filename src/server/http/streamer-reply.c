/* streamer-reply.c: the envelope of the request API
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-reply.h"

#include "streamer-error.h"
#include "streamer-json.h"

/* RFC 6585: too many requests. */
#define STATUS_LIMITED 429

static const struct
{
  StreamerError error;
  guint status;
  const char *code;
} codes[] = {
  { STREAMER_ERROR_INVALID, 400, "invalid" },     { STREAMER_ERROR_PROTOCOL, 400, "invalid" },
  { STREAMER_ERROR_AUTH, 401, "auth" },           { STREAMER_ERROR_FORBIDDEN, 403, "forbidden" },
  { STREAMER_ERROR_EXPIRED, 403, "expired" },     { STREAMER_ERROR_NOT_FOUND, 404, "not_found" },
  { STREAMER_ERROR_NO_UPLOAD, 404, "no_upload" }, { STREAMER_ERROR_EXISTS, 409, "exists" },
  { STREAMER_ERROR_TOO_LARGE, 413, "too_large" }, { STREAMER_ERROR_CHECKSUM, 422, "checksum" },
  { STREAMER_ERROR_BUSY, 503, "busy" },           { STREAMER_ERROR_NO_SPACE, 507, "no_space" },
  { STREAMER_ERROR_QUOTA, 507, "quota" },
};

char *
streamer_reply_new_request_id (void)
{
  return g_uuid_string_random ();
}

void
streamer_reply_set_limited (GError **error, guint retry_after, const char *message)
{
  GError *limited = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_BUSY, message);

  streamer_error_set_answer (limited, STATUS_LIMITED, retry_after, NULL);
  g_propagate_error (error, limited);
}

/* Too often is not too much to do for the server. */
static gboolean
is_limited (const GError *error)
{
  return g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_BUSY) &&
         streamer_error_get_status_code (error) == STATUS_LIMITED;
}

static gsize
find_code (const GError *error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, STREAMER_ERROR, codes[i].error))
      return i;
  return G_N_ELEMENTS (codes);
}

guint
streamer_reply_get_status (const GError *error)
{
  gsize i = find_code (error);

  if (is_limited (error))
    return STATUS_LIMITED;
  return i < G_N_ELEMENTS (codes) ? codes[i].status : 500;
}

const char *
streamer_reply_get_code (const GError *error)
{
  gsize i = find_code (error);

  if (is_limited (error))
    return "limited";
  return i < G_N_ELEMENTS (codes) ? codes[i].code : "internal";
}

JsonNode *
streamer_reply_describe (const GError *error)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  int retry_after = streamer_error_get_retry_after (error);

  json_object_set_string_member (object, "code", streamer_reply_get_code (error));
  json_object_set_string_member (object, "message", error->message);
  if (retry_after >= 0)
    json_object_set_int_member (object, "retry_after", retry_after);
  json_node_take_object (node, object);
  return node;
}

static char *
close_envelope (JsonObject *envelope, guint status_code, const char *request_id)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (envelope, "request_id", request_id);
  json_object_set_int_member (envelope, "status_code", status_code);
  json_node_take_object (root, envelope);
  return streamer_json_to_string (root);
}

char *
streamer_reply_done (JsonNode *status, const char *request_id)
{
  JsonObject *envelope = json_object_new ();

  json_object_set_member (envelope, "status", status);
  return close_envelope (envelope, 200, request_id);
}

char *
streamer_reply_failed (const GError *error, const char *request_id)
{
  JsonObject *envelope = json_object_new ();

  json_object_set_string_member (envelope, "status", error->message);
  json_object_set_member (envelope, "error", streamer_reply_describe (error));
  return close_envelope (envelope, streamer_reply_get_status (error), request_id);
}

char *
streamer_reply_text (const char *status, guint status_code, const char *request_id)
{
  JsonObject *envelope = json_object_new ();

  json_object_set_string_member (envelope, "status", status);
  return close_envelope (envelope, status_code, request_id);
}
