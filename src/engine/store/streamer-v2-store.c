/* streamer-v2-store.c: version 2 of the request API, as a store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Worker threads, several at a time. Presigned URLs are asked for in small batches just before they
 * are needed, by one worker for all. Locks are held only to look and to put down, never while
 * something is on its way.
 */

#include "streamer-config.h"
#include "streamer-v2-store.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-known-capabilities.h"
#include "streamer-permissions.h"
#include "streamer-request-api.h"
#include "streamer-request-messages.h"
#include "streamer-store-answer.h"

/* A URL that was asked for less than so long ago has not expired when it is refused. */
#define FRESH_USEC (30 * G_USEC_PER_SEC)

struct _StreamerV2Store
{
  GObject parent_instance;

  StreamerRequestApi *api; /* (owned) */

  StreamerKnownCapabilities known;
};

static void streamer_v2_store_iface_init (StreamerStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerV2Store,
                               streamer_v2_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORE,
                                                      streamer_v2_store_iface_init))

/* For an answer that is not the protocol: the server may have changed, so it is asked anew what it
 * is. Always NULL. */
static gpointer
not_the_protocol (StreamerV2Store *self, const char *action, GError **error)
{
  streamer_known_capabilities_forget (&self->known);
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
               /* Translators: %s is the technical name of a request. */
               _ ("The server's answer to “%s” is not what the request API says."), action);
  return NULL;
}

static JsonNode *
call (StreamerV2Store *self,
      StreamerHttp *http,
      const StreamerRequest *request,
      gint64 *server_time,
      GCancellable *cancellable,
      GError **error)
{
  GError *local_error = NULL;
  JsonNode *status =
      streamer_request_api_call (self->api, http, request, server_time, cancellable, &local_error);

  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL))
    streamer_known_capabilities_forget (&self->known);
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  return status;
}

static StreamerCapabilities *
get_capabilities (StreamerV2Store *self,
                  StreamerHttp *http,
                  GCancellable *cancellable,
                  GError **error)
{
  return streamer_known_capabilities_get (&self->known, http, NULL, cancellable, error);
}

static gboolean
streamer_v2_store_get_limits (StreamerStore *store,
                              StreamerHttp *http,
                              StreamerLimits *limits,
                              GCancellable *cancellable,
                              GError **error)
{
  StreamerV2Store *self = STREAMER_V2_STORE (store);
  g_autoptr (StreamerCapabilities) capabilities = get_capabilities (self, http, cancellable, error);

  if (capabilities == NULL)
    return FALSE;
  *limits = capabilities->limits;
  return TRUE;
}

static gboolean
streamer_v2_store_begin (StreamerStore *store,
                         StreamerHttp *http,
                         StreamerUpload *upload,
                         GCancellable *cancellable,
                         GError **error)
{
  StreamerV2Store *self = STREAMER_V2_STORE (store);
  g_autoptr (StreamerCapabilities) capabilities = get_capabilities (self, http, cancellable, error);
  g_autoptr (JsonObject) body = streamer_request_make_begin (upload);
  g_autoptr (JsonNode) status = NULL;
  StreamerRequest request = { .action = "begin",
                              .key = upload->key,
                              .body = body,
                              .missing = STREAMER_ERROR_FAILED,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT };
  gint64 asked_at = g_get_monotonic_time ();
  gint64 server_time;

  if (capabilities == NULL)
    return FALSE;
  if (upload->size == STREAMER_SIZE_UNKNOWN && !capabilities->unknown_size)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("This server does not take input whose size is not known "
                              "beforehand."));
      return FALSE;
    }

  status = call (self, http, &request, &server_time, cancellable, error);
  if (status == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (status))
    return not_the_protocol (self, request.action, error) != NULL;
  if (streamer_request_take_begin (upload, json_node_get_object (status), asked_at, server_time,
                                   error))
    return TRUE;
  streamer_known_capabilities_forget (&self->known);
  return FALSE;
}

/* Asks for a batch of URLs, from @number on. */
static gboolean
presign (StreamerV2Store *self,
         StreamerHttp *http,
         StreamerUpload *upload,
         guint number,
         guint64 size,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (StreamerCapabilities) capabilities = get_capabilities (self, http, cancellable, error);
  g_autoptr (GHashTable) sizes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autoptr (JsonObject) body = streamer_request_make_body (upload);
  g_autoptr (JsonNode) status = NULL;
  StreamerRequest request = { .action = "presign",
                              .key = upload->key,
                              .body = body,
                              .missing = STREAMER_ERROR_NO_UPLOAD,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT };
  gint64 asked_at = g_get_monotonic_time ();
  gint64 server_time;

  if (capabilities == NULL)
    return FALSE;
  json_object_set_array_member (
      body, "parts",
      streamer_request_make_batch (upload, number, size, capabilities->max_urls, sizes));

  status = call (self, http, &request, &server_time, cancellable, error);
  if (status == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (status))
    return not_the_protocol (self, request.action, error) != NULL;
  if (streamer_request_take_batch (upload, json_node_get_array (status), sizes, asked_at,
                                   server_time, error))
    return TRUE;
  streamer_known_capabilities_forget (&self->known);
  return FALSE;
}

static gboolean
is_put_whole (const StreamerUpload *upload)
{
  return upload->n_parts == 1 && upload->size != STREAMER_SIZE_UNKNOWN;
}

/* With the turn. An object of one part gets its URL by beginning again with the same resume id. */
static gboolean
renew (StreamerV2Store *self,
       StreamerHttp *http,
       StreamerUpload *upload,
       guint number,
       guint64 size,
       GCancellable *cancellable,
       GError **error)
{
  if (is_put_whole (upload))
    {
      g_autoptr (StreamerPresigned) presigned = NULL;

      if (!streamer_v2_store_begin (STREAMER_STORE (self), http, upload, cancellable, error))
        return FALSE;
      presigned = streamer_permissions_find (upload, number, size);
      if (presigned != NULL)
        return TRUE;
    }
  return presign (self, http, upload, number, size, cancellable, error);
}

static StreamerPresigned *
get_permission (StreamerV2Store *self,
                StreamerHttp *http,
                StreamerUpload *upload,
                guint number,
                guint64 size,
                GCancellable *cancellable,
                GError **error)
{
  StreamerPresigned *presigned = streamer_permissions_find (upload, number, size);
  gboolean asked = TRUE;

  if (presigned != NULL)
    return presigned;
  if (!streamer_permissions_take_turn (upload, cancellable, error))
    return NULL;

  /* Perhaps it came while somebody else had the turn. */
  presigned = streamer_permissions_find (upload, number, size);
  if (presigned == NULL)
    asked = renew (self, http, upload, number, size, cancellable, error);
  if (presigned == NULL && asked)
    presigned = streamer_permissions_find (upload, number, size);
  streamer_permissions_give_turn (upload);

  if (presigned == NULL && asked)
    return not_the_protocol (self, "presign", error);
  return presigned;
}

static gboolean
check_put_answer (StreamerUpload *upload,
                  guint number,
                  const StreamerPresigned *presigned,
                  gint64 started,
                  const StreamerAnswer *answer,
                  GError **error)
{
  GError *local_error = NULL;

  if (streamer_store_answer_check (answer, presigned->url, NULL, &local_error))
    return TRUE;

  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_EXPIRED) &&
      streamer_permissions_set_refused (upload, number, started - presigned->asked_at < FRESH_USEC))
    {
      streamer_store_answer_refuse (&local_error);
    }
  g_propagate_error (error, local_error);
  return FALSE;
}

/* Something is at the key of an object that is put whole: ourselves, where the answer to an earlier
 * attempt was lost. The backend knows, and says so when it finishes. */
static gboolean
leave_to_finish (StreamerPartStream *body,
                 StreamerStoredPart *stored,
                 GCancellable *cancellable,
                 GError **error)
{
  if (!streamer_part_stream_read_ahead (body, &stored->crc32, NULL, cancellable, error))
    return FALSE;
  stored->number = 1;
  stored->size = streamer_part_stream_get_length (body);
  stored->etag = g_strdup ("");
  return TRUE;
}

static gboolean
streamer_v2_store_put_part (StreamerStore *store,
                            StreamerHttp *http,
                            StreamerUpload *upload,
                            guint number,
                            StreamerPartStream *body,
                            StreamerStoredPart *stored,
                            GCancellable *cancellable,
                            GError **error)
{
  StreamerV2Store *self = STREAMER_V2_STORE (store);
  g_autoptr (StreamerCapabilities) capabilities = get_capabilities (self, http, cancellable, error);
  g_autoptr (StreamerPresigned) presigned = NULL;
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GError) local_error = NULL;
  guint64 size = streamer_part_stream_get_length (body);
  gint64 started;

  if (capabilities == NULL)
    return FALSE;
  /* Where nobody verifies the whole at the end, each part's ETag has to do; it costs much more. */
  if (!capabilities->crc32)
    streamer_part_stream_want_md5 (body);
  presigned = get_permission (self, http, upload, number, size, cancellable, error);
  if (presigned == NULL)
    return FALSE;

  started = g_get_monotonic_time ();
  if (!streamer_http_send_part (http, "PUT", presigned->url,
                                (const char *const *) presigned->headers, body,
                                STREAMER_HTTP_DEFAULT, &answer, cancellable, error))
    {
      streamer_permissions_set_unreachable (upload, number);
      return FALSE;
    }
  g_debug ("part %u: HTTP status %u", number, answer.status);
  if (!check_put_answer (upload, number, presigned, started, &answer, &local_error))
    {
      if (is_put_whole (upload) &&
          g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_EXISTS))
        return leave_to_finish (body, stored, cancellable, error);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  streamer_permissions_set_used (upload, number);
  return streamer_store_answer_read_part (&answer, number, body, stored, error);
}

static GArray *
streamer_v2_store_list_parts (StreamerStore *store,
                              StreamerHttp *http,
                              StreamerUpload *upload,
                              GCancellable *cancellable,
                              GError **error)
{
  StreamerV2Store *self = STREAMER_V2_STORE (store);
  g_autoptr (JsonObject) body = streamer_request_make_body (upload);
  g_autoptr (JsonNode) status = NULL;
  StreamerRequest request = { .action = "parts",
                              .key = upload->key,
                              .body = body,
                              .missing = STREAMER_ERROR_NO_UPLOAD,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT };
  GArray *parts;

  status = call (self, http, &request, NULL, cancellable, error);
  if (status == NULL)
    return NULL;
  parts = streamer_request_read_parts (upload, status);
  return parts != NULL ? parts : not_the_protocol (self, request.action, error);
}

static gboolean
check_parts (StreamerV2Store *self,
             StreamerHttp *http,
             StreamerUpload *upload,
             GArray *parts,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GArray) held =
      streamer_v2_store_list_parts (STREAMER_STORE (self), http, upload, cancellable, &local_error);

  /* They have become an object already, where the answer to that was lost: finishing again tells. */
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD) ||
      (held != NULL && held->len == 0))
    return TRUE;
  if (held != NULL)
    return streamer_stored_parts_check (parts, held, error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static StreamerStoredObject *
streamer_v2_store_finish (StreamerStore *store,
                          StreamerHttp *http,
                          StreamerUpload *upload,
                          GArray *parts,
                          guint32 crc32,
                          GCancellable *cancellable,
                          GError **error)
{
  StreamerV2Store *self = STREAMER_V2_STORE (store);
  g_autoptr (StreamerCapabilities) capabilities = get_capabilities (self, http, cancellable, error);
  g_autoptr (JsonObject) body = streamer_request_make_body (upload);
  g_autoptr (JsonNode) status = NULL;
  g_autofree char *parts_text = NULL;
  StreamerRequest request = { .action = "finish",
                              .key = upload->key,
                              .body = body,
                              .missing = STREAMER_ERROR_NO_UPLOAD,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT | STREAMER_HTTP_PATIENT };
  guint64 sent;

  if (capabilities == NULL ||
      (!is_put_whole (upload) && !check_parts (self, http, upload, parts, cancellable, error)))
    return NULL;
  if (capabilities->crc32)
    {
      JsonObject *checksum = json_object_new ();
      g_autofree char *hex = g_strdup_printf ("%08x", crc32);

      json_object_set_string_member (checksum, "crc32", hex);
      json_object_set_object_member (body, "checksum", checksum);
    }
  parts_text = streamer_request_make_finish_parts (parts, &sent);
  request.parts = parts_text;

  status = call (self, http, &request, NULL, cancellable, error);
  if (status == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (status))
    return not_the_protocol (self, request.action, error);
  return streamer_request_read_object (upload, json_node_get_object (status), sent,
                                       capabilities->domain, error);
}

static gboolean
streamer_v2_store_cancel (StreamerStore *store,
                          StreamerHttp *http,
                          StreamerUpload *upload,
                          GCancellable *cancellable,
                          GError **error)
{
  StreamerV2Store *self = STREAMER_V2_STORE (store);
  g_autoptr (JsonObject) body = streamer_request_make_body (upload);
  g_autoptr (JsonNode) status = NULL;
  g_autoptr (GError) local_error = NULL;
  StreamerRequest request = { .action = "cancel",
                              .key = upload->key,
                              .body = body,
                              .missing = STREAMER_ERROR_NO_UPLOAD,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT };

  status = call (self, http, &request, NULL, cancellable, &local_error);
  if (status != NULL || g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Something about the object @key. @body: (transfer full): beside the key */
static JsonNode *
ask_about (StreamerV2Store *self,
           StreamerHttp *http,
           const char *action,
           const char *key,
           JsonObject *body,
           StreamerHttpFlags flags,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (StreamerCapabilities) capabilities = get_capabilities (self, http, cancellable, error);
  g_autoptr (JsonObject) own = body;
  g_autoptr (JsonNode) status = NULL;
  StreamerRequest request = {
    .action = action, .key = key, .body = own, .missing = STREAMER_ERROR_NOT_FOUND, .flags = flags
  };

  if (capabilities == NULL)
    return NULL;
  json_object_set_string_member (own, "key", key);
  status = call (self, http, &request, NULL, cancellable, error);
  if (status == NULL || JSON_NODE_HOLDS_OBJECT (status))
    return g_steal_pointer (&status);
  return not_the_protocol (self, action, error);
}

static gboolean
streamer_v2_store_remove (StreamerStore *store,
                          StreamerHttp *http,
                          const char *key,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (JsonNode) status =
      ask_about (STREAMER_V2_STORE (store), http, "remove", key, json_object_new (),
                 STREAMER_HTTP_DEFAULT, cancellable, error);

  return status != NULL;
}

static StreamerStoredObject *
streamer_v2_store_stat (StreamerStore *store,
                        StreamerHttp *http,
                        const char *key,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (JsonNode) status =
      ask_about (STREAMER_V2_STORE (store), http, "stat", key, json_object_new (),
                 STREAMER_HTTP_SAFE_TO_REPEAT, cancellable, error);

  return status == NULL ? NULL : streamer_request_read_stat (json_node_get_object (status), error);
}

static char *
streamer_v2_store_link (StreamerStore *store,
                        StreamerHttp *http,
                        const char *key,
                        guint expires_in,
                        GCancellable *cancellable,
                        GError **error)
{
  JsonObject *body = json_object_new ();
  g_autoptr (JsonNode) status = NULL;

  json_object_set_int_member (body, "expires_in", expires_in);
  status = ask_about (STREAMER_V2_STORE (store), http, "link", key, body,
                      STREAMER_HTTP_SAFE_TO_REPEAT, cancellable, error);
  return status == NULL ? NULL : streamer_request_read_link (json_node_get_object (status), error);
}

static void
streamer_v2_store_iface_init (StreamerStoreInterface *iface)
{
  iface->get_limits = streamer_v2_store_get_limits;
  iface->begin = streamer_v2_store_begin;
  iface->put_part = streamer_v2_store_put_part;
  iface->list_parts = streamer_v2_store_list_parts;
  iface->finish = streamer_v2_store_finish;
  iface->cancel = streamer_v2_store_cancel;
  iface->remove = streamer_v2_store_remove;
  iface->stat = streamer_v2_store_stat;
  iface->link = streamer_v2_store_link;
}

static void
streamer_v2_store_finalize (GObject *object)
{
  StreamerV2Store *self = STREAMER_V2_STORE (object);

  streamer_known_capabilities_clear (&self->known);
  streamer_request_api_unref (self->api);

  G_OBJECT_CLASS (streamer_v2_store_parent_class)->finalize (object);
}

static void
streamer_v2_store_class_init (StreamerV2StoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_v2_store_finalize;
}

static void
streamer_v2_store_init (StreamerV2Store *self)
{
}

StreamerStore *
streamer_v2_store_new (StreamerRequestApi *api)
{
  StreamerV2Store *self = g_object_new (STREAMER_TYPE_V2_STORE, NULL);

  self->api = streamer_request_api_ref (api);
  streamer_known_capabilities_init (&self->known, self->api);
  return STREAMER_STORE (self);
}

gboolean
streamer_v2_store_ask (StreamerV2Store *self,
                       StreamerHttp *http,
                       StreamerRequestVersion *version,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (StreamerCapabilities) capabilities = NULL;

  *version = STREAMER_REQUEST_VERSION_UNKNOWN;
  capabilities = streamer_known_capabilities_get (&self->known, http, version, cancellable, error);
  return capabilities != NULL;
}
