/* streamer-request-store.c: the store behind a backend of the request API, whatever its version
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Worker threads, several at a time. Finds out once which version the backend speaks, and lets the
 * code of that version do the work. An upload stays with the version that has begun it.
 */

#include "streamer-config.h"
#include "streamer-request-store.h"

#include "streamer-error.h"
#include "streamer-request-api.h"
#include "streamer-v1-store.h"
#include "streamer-v2-store.h"
#include "streamer-turn.h"
#include "streamer-v1-upload.h"

struct _StreamerRequestStore
{
  GObject parent_instance;

  StreamerRequestApi *api; /* (owned) */
  StreamerStore *v1;       /* (owned) */
  StreamerStore *v2;       /* (owned) */

  GMutex lock;
  StreamerTurn asking;
  StreamerStore *spoken; /* (nullable): @v1 or @v2; guarded by lock */
  gboolean crashed;      /* at the last question; guarded by lock */
};

static void streamer_request_store_iface_init (StreamerStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerRequestStore,
                               streamer_request_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORE,
                                                      streamer_request_store_iface_init))

static StreamerStore *
get_spoken (StreamerRequestStore *self)
{
  StreamerStore *spoken;

  g_mutex_lock (&self->lock);
  spoken = self->spoken;
  g_mutex_unlock (&self->lock);
  return spoken;
}

/* A backend that falls over at the question twice in a row does not know it. */
static StreamerStore *
judge (StreamerRequestStore *self, StreamerRequestVersion version)
{
  StreamerStore *spoken = NULL;

  g_mutex_lock (&self->lock);
  if (version == STREAMER_REQUEST_VERSION_1 ||
      (version == STREAMER_REQUEST_VERSION_CRASHED && self->crashed))
    spoken = self->v1;
  self->crashed = version == STREAMER_REQUEST_VERSION_CRASHED;
  self->spoken = spoken;
  g_mutex_unlock (&self->lock);
  return spoken;
}

/* With the turn. */
static StreamerStore *
ask (StreamerRequestStore *self, StreamerHttp *http, GCancellable *cancellable, GError **error)
{
  GError *local_error = NULL;
  StreamerRequestVersion version;
  StreamerStore *spoken;

  if (streamer_v2_store_ask (STREAMER_V2_STORE (self->v2), http, &version, cancellable,
                             &local_error))
    {
      g_mutex_lock (&self->lock);
      self->spoken = self->v2;
      self->crashed = FALSE;
      g_mutex_unlock (&self->lock);
      return self->v2;
    }

  spoken = judge (self, version);
  if (spoken == NULL)
    {
      g_propagate_error (error, local_error);
      return NULL;
    }
  g_debug ("the backend speaks version 1: %s", local_error->message);
  g_error_free (local_error);
  return spoken;
}

/* Returns: (transfer none) (nullable): the code of the version that the backend speaks */
static StreamerStore *
get_version (StreamerRequestStore *self,
             StreamerHttp *http,
             GCancellable *cancellable,
             GError **error)
{
  StreamerStore *spoken = get_spoken (self);

  if (spoken != NULL)
    return spoken;
  if (!streamer_turn_take (&self->asking, cancellable, error))
    return NULL;
  spoken = get_spoken (self);
  if (spoken == NULL)
    spoken = ask (self, http, cancellable, error);
  streamer_turn_give (&self->asking);

  return spoken;
}

/* Returns: (transfer none): the code of the version in which the upload was begun */
static StreamerStore *
get_version_of (StreamerRequestStore *self, StreamerUpload *upload)
{
  return streamer_v1_upload_has_begun (upload) ? self->v1 : self->v2;
}

/* After an error that a changed server would explain, it is asked anew what it speaks. */
static void
reconsider (StreamerRequestStore *self, const GError *error)
{
  if (error == NULL || error->domain != STREAMER_ERROR)
    return;
  switch ((StreamerError) error->code)
    {
    case STREAMER_ERROR_FAILED:
    case STREAMER_ERROR_INVALID:
    case STREAMER_ERROR_PROTOCOL:
      g_mutex_lock (&self->lock);
      self->spoken = NULL;
      g_mutex_unlock (&self->lock);
      break;
    default:
      break;
    }
}

/* Returns: @success */
static gboolean
pass_on (StreamerRequestStore *self, gboolean success, GError *local_error, GError **error)
{
  reconsider (self, local_error);
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  return success;
}

static gboolean
streamer_request_store_get_limits (StreamerStore *store,
                                   StreamerHttp *http,
                                   StreamerLimits *limits,
                                   GCancellable *cancellable,
                                   GError **error)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (store);
  StreamerStore *version = get_version (self, http, cancellable, error);
  GError *local_error = NULL;
  gboolean success;

  if (version == NULL)
    return FALSE;
  success = streamer_store_get_limits (version, http, limits, cancellable, &local_error);
  return pass_on (self, success, local_error, error);
}

static gboolean
streamer_request_store_begin (StreamerStore *store,
                              StreamerHttp *http,
                              StreamerUpload *upload,
                              GCancellable *cancellable,
                              GError **error)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (store);
  StreamerStore *version = get_version (self, http, cancellable, error);
  GError *local_error = NULL;
  gboolean success;

  if (version == NULL)
    return FALSE;
  success = streamer_store_begin (version, http, upload, cancellable, &local_error);
  return pass_on (self, success, local_error, error);
}

static gboolean
streamer_request_store_put_part (StreamerStore *store,
                                 StreamerHttp *http,
                                 StreamerUpload *upload,
                                 guint number,
                                 StreamerPartStream *body,
                                 StreamerStoredPart *stored,
                                 GCancellable *cancellable,
                                 GError **error)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (store);
  GError *local_error = NULL;
  gboolean success = streamer_store_put_part (get_version_of (self, upload), http, upload, number,
                                              body, stored, cancellable, &local_error);

  return pass_on (self, success, local_error, error);
}

static GArray *
streamer_request_store_list_parts (StreamerStore *store,
                                   StreamerHttp *http,
                                   StreamerUpload *upload,
                                   GCancellable *cancellable,
                                   GError **error)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (store);
  GError *local_error = NULL;
  GArray *parts = streamer_store_list_parts (get_version_of (self, upload), http, upload,
                                             cancellable, &local_error);

  pass_on (self, parts != NULL, local_error, error);
  return parts;
}

static StreamerStoredObject *
streamer_request_store_finish (StreamerStore *store,
                               StreamerHttp *http,
                               StreamerUpload *upload,
                               GArray *parts,
                               guint32 crc32,
                               GCancellable *cancellable,
                               GError **error)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (store);
  GError *local_error = NULL;
  StreamerStoredObject *object = streamer_store_finish (get_version_of (self, upload), http, upload,
                                                        parts, crc32, cancellable, &local_error);

  pass_on (self, object != NULL, local_error, error);
  return object;
}

static gboolean
streamer_request_store_cancel (StreamerStore *store,
                               StreamerHttp *http,
                               StreamerUpload *upload,
                               GCancellable *cancellable,
                               GError **error)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (store);
  GError *local_error = NULL;
  gboolean success = streamer_store_cancel (get_version_of (self, upload), http, upload,
                                            cancellable, &local_error);

  return pass_on (self, success, local_error, error);
}

static gboolean
streamer_request_store_remove (StreamerStore *store,
                               StreamerHttp *http,
                               const char *key,
                               GCancellable *cancellable,
                               GError **error)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (store);
  StreamerStore *version = get_version (self, http, cancellable, error);
  GError *local_error = NULL;
  gboolean success;

  if (version == NULL)
    return FALSE;
  success = streamer_store_remove (version, http, key, cancellable, &local_error);
  return pass_on (self, success, local_error, error);
}

static StreamerStoredObject *
streamer_request_store_stat (StreamerStore *store,
                             StreamerHttp *http,
                             const char *key,
                             GCancellable *cancellable,
                             GError **error)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (store);
  StreamerStore *version = get_version (self, http, cancellable, error);
  GError *local_error = NULL;
  StreamerStoredObject *object;

  if (version == NULL)
    return NULL;
  object = streamer_store_stat (version, http, key, cancellable, &local_error);
  pass_on (self, object != NULL, local_error, error);
  return object;
}

static char *
streamer_request_store_link (StreamerStore *store,
                             StreamerHttp *http,
                             const char *key,
                             guint expires_in,
                             GCancellable *cancellable,
                             GError **error)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (store);
  StreamerStore *version = get_version (self, http, cancellable, error);
  GError *local_error = NULL;
  char *url;

  if (version == NULL)
    return NULL;
  url = streamer_store_link (version, http, key, expires_in, cancellable, &local_error);
  pass_on (self, url != NULL, local_error, error);
  return url;
}

static gint64
streamer_request_store_get_clock_offset (StreamerStore *store)
{
  return streamer_skew_get (STREAMER_REQUEST_STORE (store)->api->skew);
}

static void
streamer_request_store_iface_init (StreamerStoreInterface *iface)
{
  iface->get_limits = streamer_request_store_get_limits;
  iface->begin = streamer_request_store_begin;
  iface->put_part = streamer_request_store_put_part;
  iface->list_parts = streamer_request_store_list_parts;
  iface->finish = streamer_request_store_finish;
  iface->cancel = streamer_request_store_cancel;
  iface->remove = streamer_request_store_remove;
  iface->stat = streamer_request_store_stat;
  iface->link = streamer_request_store_link;
  iface->get_clock_offset = streamer_request_store_get_clock_offset;
}

static void
streamer_request_store_finalize (GObject *object)
{
  StreamerRequestStore *self = STREAMER_REQUEST_STORE (object);

  g_clear_object (&self->v1);
  g_clear_object (&self->v2);
  streamer_request_api_unref (self->api);
  streamer_turn_clear (&self->asking);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (streamer_request_store_parent_class)->finalize (object);
}

static void
streamer_request_store_class_init (StreamerRequestStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_request_store_finalize;
}

static void
streamer_request_store_init (StreamerRequestStore *self)
{
  g_mutex_init (&self->lock);
  streamer_turn_init (&self->asking);
}

StreamerStore *
streamer_request_store_new (const char *request_url,
                            const char *connection_id,
                            StreamerSecrets *secrets)
{
  StreamerRequestStore *self = g_object_new (STREAMER_TYPE_REQUEST_STORE, NULL);

  self->api = streamer_request_api_new (request_url, connection_id, secrets);
  self->v1 = streamer_v1_store_new (self->api);
  self->v2 = streamer_v2_store_new (self->api);
  return STREAMER_STORE (self);
}
