/* streamer-request-handler.c: which action is asked for, by whom, and how the answer is wrapped
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-request-handler.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-reply.h"
#include "streamer-request-actions.h"
#include "streamer-server-log.h"

struct _StreamerRequestHandler
{
  StreamerPolicy *policy;   /* (not owned) */
  StreamerStorage *storage; /* (not owned) */
  StreamerSeal *seal;       /* (not owned) */
};

static const struct
{
  const char *name;
  StreamerRequestAction run;
  gboolean takes_items;
} actions[] = {
  { "capabilities", streamer_request_capabilities, FALSE },
  { "begin", streamer_request_begin, TRUE },
  { "presign", streamer_request_presign, FALSE },
  { "parts", streamer_request_parts, FALSE },
  { "finish", streamer_request_finish, TRUE },
  { "cancel", streamer_request_cancel, TRUE },
  { "stat", streamer_request_stat, TRUE },
  { "remove", streamer_request_remove, TRUE },
  { "link", streamer_request_link, FALSE },
};

StreamerRequestHandler *
streamer_request_handler_new (StreamerPolicy *policy, StreamerStorage *storage, StreamerSeal *seal)
{
  StreamerRequestHandler *self = g_new0 (StreamerRequestHandler, 1);

  self->policy = policy;
  self->storage = storage;
  self->seal = seal;
  return self;
}

void
streamer_request_handler_free (StreamerRequestHandler *self)
{
  g_free (self);
}

static void
log_outcome (const StreamerRequest *request,
             const char *action,
             JsonObject *body,
             const GError *error)
{
  const char *level = error && streamer_reply_get_status (error) >= 500 ? "error" : "info";

  streamer_server_log (level, action, "principal", request->principal->name, "key",
                       streamer_json_get_string (body, "key", NULL), "outcome",
                       error ? streamer_reply_get_code (error) : "done", "message",
                       error ? error->message : NULL, "request_id", request->id, NULL);
}

static JsonNode *
run_action (const StreamerRequest *request, gsize action, JsonObject *body, GError **error)
{
  GError *local_error = NULL;
  JsonNode *result = actions[action].run (request, body, &local_error);

  log_outcome (request, actions[action].name, body, local_error);
  if (!result)
    g_propagate_error (error, local_error);
  return result;
}

static JsonNode *
describe_failed_item (const GError *error)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_member (object, "error", streamer_reply_describe (error));
  json_object_set_int_member (object, "status_code", streamer_reply_get_status (error));
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
run_items (const StreamerRequest *request, gsize action, JsonObject *body, GError **error)
{
  JsonArray *items = streamer_json_get_array (body, "items", STREAMER_REQUEST_MAX_ITEMS, error);
  JsonArray *results;
  JsonNode *node;

  if (!items)
    return NULL;
  results = json_array_new ();
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonNode *item = json_array_get_element (items, i);
      g_autoptr (GError) item_error = NULL;
      JsonNode *result = NULL;

      if (JSON_NODE_HOLDS_OBJECT (item))
        result = run_action (request, action, json_node_get_object (item), &item_error);
      else
        g_set_error_literal (&item_error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                             "An item has to be an object.");
      json_array_add_element (results, result ? result : describe_failed_item (item_error));
    }
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, results);
  return node;
}

static JsonNode *
dispatch (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const char *name = streamer_json_get_string (body, "action", error);

  if (!name)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    if (strcmp (name, actions[i].name) == 0)
      {
        if (actions[i].takes_items && json_object_has_member (body, "items"))
          return run_items (request, i, body, error);
        return run_action (request, i, body, error);
      }
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                       "This server speaks version 2 of the S3Streamer request API, and this is "
                       "not an action of it.");
  return NULL;
}

static JsonNode *
handle (StreamerRequestHandler *self,
        StreamerRequest *request,
        const StreamerApiCall *call,
        GError **error)
{
  g_autoptr (JsonNode) root = NULL;

  request->principal =
      streamer_policy_authenticate (self->policy, call->authorization, call->api_key, error);
  if (!request->principal)
    return NULL;
  root = streamer_json_parse (call->body, call->length, error);
  if (!root)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           "A request has to be a JSON object.");
      return NULL;
    }
  return dispatch (request, json_node_get_object (root), error);
}

void
streamer_api_answer_clear (StreamerApiAnswer *answer)
{
  g_clear_pointer (&answer->body, g_free);
}

void
streamer_request_handler_handle (StreamerRequestHandler *self,
                                 const StreamerApiCall *call,
                                 StreamerApiAnswer *answer)
{
  g_autofree char *id = streamer_reply_new_request_id ();
  g_autoptr (GError) error = NULL;
  StreamerRequest request = {
    .storage = self->storage,
    .seal = self->seal,
    .origin = call->origin,
    .id = id,
  };
  JsonNode *result = handle (self, &request, call, &error);

  answer->status = result ? 200 : streamer_reply_get_status (error);
  answer->retry_after = result ? -1 : streamer_error_get_retry_after (error);
  answer->body = result ? streamer_reply_done (result, id) : streamer_reply_failed (error, id);
  if (!request.principal)
    streamer_server_log ("info", "refused", "outcome", streamer_reply_get_code (error),
                         "request_id", id, NULL);
  g_clear_pointer (&request.principal, streamer_principal_unref);
}
