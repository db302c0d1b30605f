/* streamer-request-handler.c: which action is asked for, by whom, and how the answer is wrapped
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-request-handler.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-remote.h"
#include "streamer-reply.h"
#include "streamer-request-v1.h"
#include "streamer-server-log.h"

/* Principals and addresses whose rate is known at a time. */
#define MAX_NAMES 65536

#define FAILURES_PER_MINUTE 30

struct _StreamerRequestHandler
{
  StreamerPolicy *policy;   /* (not owned) */
  StreamerStorage *storage; /* (not owned) */
  StreamerSeal *seal;       /* (not owned) */
  StreamerAudit *audit;     /* (not owned) (nullable) */

  StreamerThrottle *rates;    /* (owned): of principals */
  StreamerThrottle *failures; /* (owned): of addresses */
  guint failure_rate;         /* per minute: atomic */
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
  self->failure_rate = FAILURES_PER_MINUTE;
  streamer_request_handler_set_clock (self, g_get_monotonic_time);
  return self;
}

void
streamer_request_handler_free (StreamerRequestHandler *self)
{
  streamer_throttle_free (self->rates);
  streamer_throttle_free (self->failures);
  g_free (self);
}

void
streamer_request_handler_set_storage (StreamerRequestHandler *self, StreamerStorage *storage)
{
  self->storage = storage;
}

void
streamer_request_handler_set_audit (StreamerRequestHandler *self, StreamerAudit *audit)
{
  self->audit = audit;
}

void
streamer_request_handler_set_clock (StreamerRequestHandler *self, StreamerThrottleClock clock)
{
  g_clear_pointer (&self->rates, streamer_throttle_free);
  g_clear_pointer (&self->failures, streamer_throttle_free);
  self->rates = streamer_throttle_new (MAX_NAMES, clock);
  self->failures = streamer_throttle_new (MAX_NAMES, clock);
}

void
streamer_request_handler_set_failure_rate (StreamerRequestHandler *self, guint per_minute)
{
  g_atomic_int_set (&self->failure_rate, per_minute);
}

static guint
get_status (const StreamerRequest *request, const GError *error)
{
  return request->version == 1 ? streamer_request_v1_get_status (error)
                               : streamer_reply_get_status (error);
}

/* @error: (nullable): what it failed with */
static void
log_outcome (StreamerRequestHandler *self,
             const StreamerRequest *request,
             const char *action,
             const GError *error)
{
  const char *principal = request->principal ? request->principal->name : NULL;
  const char *outcome = error ? streamer_reply_get_code (error) : "done";
  guint status = error ? get_status (request, error) : 200;
  const StreamerAuditEntry entry = {
    .request_id = request->id,
    .remote = request->remote,
    .principal = principal,
    .action = action,
    .key = request->note->key,
    .upload_id = request->note->upload_id,
    .outcome = outcome,
    .status = status,
    .bytes = request->note->bytes,
  };

  /* Whoever used up a quota has no server that is to be looked at. */
  gboolean is_ours =
      status >= 500 && !g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA);

  request->note->is_written = TRUE;
  if (self->audit)
    streamer_audit_write (self->audit, &entry);
  if (!self->audit || is_ours)
    streamer_server_log (is_ours ? "error" : "info", action, "principal", principal, "key",
                         entry.key, "outcome", outcome, "message", error ? error->message : NULL,
                         "request_id", request->id, NULL);
}

/* Each item is an act of its own, and is paid for as one. */
static void
charge_items (StreamerRequestHandler *self, const StreamerPrincipal *principal, guint n_items)
{
  if (principal->allowance.rate > 0 && n_items > 1)
    streamer_throttle_charge (self->rates, principal->name, n_items - 1);
}

/* A list is one act for each of its objects. */
static void
log_action (StreamerRequestHandler *self,
            const StreamerRequest *request,
            const char *action,
            const GError *error)
{
  g_autoptr (GPtrArray) removed = g_steal_pointer (&request->note->removed);
  g_autofree char *key = g_strdup (request->note->key);

  for (guint i = 0; removed && i < removed->len; i++)
    {
      streamer_request_note_key (request->note, removed->pdata[i]);
      log_outcome (self, request, action, NULL);
    }
  if (removed && !error)
    return;
  streamer_request_note_key (request->note, key);
  log_outcome (self, request, action, error);
}

static JsonNode *
run_action (StreamerRequestHandler *self,
            const StreamerRequest *request,
            gsize action,
            JsonObject *body,
            GError **error)
{
  GError *local_error = NULL;
  JsonNode *result;

  streamer_request_note_clear (request->note);
  result = actions[action].run (request, body, &local_error);
  charge_items (self, request->principal, request->note->n_objects);
  log_action (self, request, actions[action].name, local_error);
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
run_items (StreamerRequestHandler *self,
           const StreamerRequest *request,
           gsize action,
           JsonObject *body,
           GError **error)
{
  JsonArray *items = streamer_json_get_array (body, "items", STREAMER_REQUEST_MAX_ITEMS, error);
  JsonArray *results;
  JsonNode *node;

  if (!items)
    return NULL;
  charge_items (self, request->principal, json_array_get_length (items));
  results = json_array_new ();
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonNode *item = json_array_get_element (items, i);
      g_autoptr (GError) item_error = NULL;
      JsonNode *result = NULL;

      if (JSON_NODE_HOLDS_OBJECT (item))
        result = run_action (self, request, action, json_node_get_object (item), &item_error);
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
dispatch (StreamerRequestHandler *self, StreamerRequest *request, JsonObject *body, GError **error)
{
  const char *name = streamer_json_get_string (body, "action", error);

  if (!name)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    if (strcmp (name, actions[i].name) == 0)
      {
        request->version = actions[i].version;
        if (actions[i].takes_items && json_object_has_member (body, "items"))
          return run_items (self, request, i, body, error);
        return run_action (self, request, i, body, error);
      }
  g_set_error_literal (
      error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
      "This server speaks versions 1 and 2 of the S3Streamer request API, and this "
      "is not an action of them.");
  return NULL;
}

/* Who failed too often is told so in place of what was wrong, and one line about it is enough. */
static void
refuse (StreamerRequestHandler *self, const StreamerRequest *request, GError **error)
{
  g_autofree char *network = streamer_remote_get_network (request->remote);
  guint per_minute = g_atomic_int_get (&self->failure_rate);
  double rate = per_minute / 60.0;
  guint wait = 0;

  if (per_minute > 0 && g_error_matches (*error, STREAMER_ERROR, STREAMER_ERROR_AUTH))
    wait = streamer_throttle_take (self->failures, network, rate, per_minute, 1);
  if (wait > 0)
    {
      g_autofree char *logged = g_strconcat ("log ", network, NULL);

      g_clear_error (error);
      streamer_reply_set_limited (error, wait, "Too many attempts with a wrong token.");
      request->note->is_written = streamer_throttle_take (self->failures, logged, rate, 1, 1) > 0;
    }
  if (!request->note->is_written)
    log_outcome (self, request, "authenticate", *error);
}

static gboolean
authenticate (StreamerRequestHandler *self,
              StreamerRequest *request,
              const StreamerApiCall *call,
              GError **error)
{
  GError *local_error = NULL;
  const StreamerAllowance *allowance;
  guint wait = 0;

  request->principal = call->claims
                           ? streamer_policy_authenticate_claims (self->policy, call->claims,
                                                                  call->api_key, &local_error)
                           : streamer_policy_authenticate (self->policy, call->authorization,
                                                           call->api_key, &local_error);
  if (!request->principal)
    {
      refuse (self, request, &local_error);
      g_propagate_error (error, local_error);
      return FALSE;
    }
  allowance = &request->principal->allowance;
  if (allowance->rate > 0)
    wait = streamer_throttle_take (self->rates, request->principal->name, allowance->rate,
                                   allowance->burst, 1);
  if (wait == 0)
    return TRUE;
  streamer_reply_set_limited (error, wait, "Too many requests: slow down.");
  return FALSE;
}

static JsonNode *
handle (StreamerRequestHandler *self,
        StreamerRequest *request,
        const StreamerApiCall *call,
        GError **error)
{
  g_autoptr (JsonNode) root = NULL;

  if (!authenticate (self, request, call, error))
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
  return dispatch (self, request, json_node_get_object (root), error);
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
      answer->status = get_status (request, error);
      answer->body =
          streamer_reply_text (streamer_request_v1_get_text (error), answer->status, request->id);
    }
  else
    {
      answer->status = get_status (request, error);
      answer->body = streamer_reply_failed (error, request->id);
    }
}

void
streamer_request_handler_handle (StreamerRequestHandler *self,
                                 const StreamerApiCall *call,
                                 StreamerApiAnswer *answer)
{
  g_autofree char *id = streamer_reply_new_request_id ();
  g_auto (StreamerRequestNote) note = { .bytes = -1 };
  g_autoptr (GError) error = NULL;
  StreamerRequest request = {
    .storage = self->storage,
    .seal = self->seal,
    .origin = call->origin,
    .filename = call->filename,
    .remote = call->remote,
    .id = id,
    .note = &note,
  };
  JsonNode *result = handle (self, &request, call, &error);

  if (!result && !note.is_written)
    log_outcome (self, &request, "request", error);
  make_answer (&request, result, error, answer);
  g_clear_pointer (&request.principal, streamer_principal_unref);
}
