/* streamer-request-handler.c: which action is asked for, by whom, and how the answer is wrapped
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-request-handler.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-reply.h"
#include "streamer-request-v1.h"
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
  guint version;
  gboolean takes_items;
} actions[] = {
  { "capabilities", streamer_request_capabilities, 2, FALSE },
  { "begin", streamer_request_begin, 2, TRUE },
  { "presign", streamer_request_presign, 2, FALSE },
  { "parts", streamer_request_parts, 2, FALSE },
  { "finish", streamer_request_finish, 2, TRUE },
  { "cancel", streamer_request_cancel, 2, TRUE },
  { "stat", streamer_request_stat, 2, TRUE },
  { "remove", streamer_request_remove, 2, TRUE },
  { "link", streamer_request_link, 2, FALSE },
  { "create", streamer_request_v1_create, 1, FALSE },
  { "geturl", streamer_request_v1_geturl, 1, FALSE },
  { "geturls", streamer_request_v1_geturls, 1, FALSE },
  { "add", streamer_request_v1_add, 1, FALSE },
  { "complete", streamer_request_v1_complete, 1, FALSE },
  { "delete", streamer_request_v1_delete, 1, FALSE },
  { "abort", streamer_request_v1_abort, 1, FALSE },
  { "purge", streamer_request_v1_purge, 1, FALSE },
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
                       request->version == 1 ? request->filename
                                             : streamer_json_get_string (body, "key", NULL),
                       "outcome", error ? streamer_reply_get_code (error) : "done", "message",
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
dispatch (StreamerRequest *request, JsonObject *body, GError **error)
{
  const char *name = streamer_json_get_string (body, "action", error);

  if (!name)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    if (strcmp (name, actions[i].name) == 0)
      {
        request->version = actions[i].version;
        if (actions[i].takes_items && json_object_has_member (body, "items"))
          return run_items (request, i, body, error);
        return run_action (request, i, body, error);
      }
  g_set_error_literal (
      error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
      "This server speaks versions 1 and 2 of the S3Streamer request API, and this "
      "is not an action of them.");
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

/* Old clients know `status` and `status_code`, and nothing else. */
static void
make_answer (const StreamerRequest *request,
             JsonNode *result,
             const GError *error,
             StreamerApiAnswer *answer)
{
  answer->retry_after = result ? -1 : streamer_error_get_retry_after (error);
  if (result)
    {
      answer->status = 200;
      answer->body = streamer_reply_done (result, request->id);
    }
  else if (request->version == 1)
    {
      answer->status = streamer_request_v1_get_status (error);
      answer->body =
          streamer_reply_text (streamer_request_v1_get_text (error), answer->status, request->id);
    }
  else
    {
      answer->status = streamer_reply_get_status (error);
      answer->body = streamer_reply_failed (error, request->id);
    }
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
    .filename = call->filename,
    .id = id,
  };
  JsonNode *result = handle (self, &request, call, &error);

  make_answer (&request, result, error, answer);
  if (!request.principal)
    streamer_server_log ("info", "refused", "outcome", streamer_reply_get_code (error),
                         "request_id", id, NULL);
  g_clear_pointer (&request.principal, streamer_principal_unref);
}
