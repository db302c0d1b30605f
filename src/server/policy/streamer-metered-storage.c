/* streamer-metered-storage.c: a storage of which everybody may use so much
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ledger is written before the storage where something is taken, and behind it where something
 * is given back. So a crash between the two leaves too much written rather than too little, and
 * what is doubtful is settled by asking the storage when it is swept.
 */

#include "streamer-metered-storage.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-part-check.h"
#include "streamer-server-log.h"
#include "streamer-staging-storage.h"

/* Stores are a little behind our clock, and take what began in time. */
#define HOLD_SECONDS 300

struct _StreamerMeteredStorage
{
  GObject parent_instance;

  StreamerStorage *storage; /* (owned) */
  StreamerLedger *ledger;   /* (owned) */
  StreamerPolicy *policy;   /* (not owned) */
};

static void storage_iface_init (StreamerStorageInterface *iface);
static void staging_iface_init (StreamerStagingStorageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerMeteredStorage,
                               streamer_metered_storage,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORAGE, storage_iface_init)
                                   G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STAGING_STORAGE,
                                                          staging_iface_init))

static StreamerStorage *
get_storage (StreamerStorage *self)
{
  return STREAMER_METERED_STORAGE (self)->storage;
}

/* What was done stays done; the sweep looks at what could not be written. */
static void
log_unwritten (const char *event, GError *error)
{
  if (error)
    streamer_server_log ("warning", event, "error", error->message, NULL);
}

static gboolean
metered_begin (StreamerStorage *storage,
               StreamerStorageUpload *upload,
               const char *resume_id,
               GError **error)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (storage);
  const StreamerAllowance allowance =
      streamer_policy_get_allowance (self->policy, upload->principal);
  g_autoptr (GError) local_error = NULL;
  gboolean is_new;

  if (!streamer_ledger_reserve (self->ledger, upload, resume_id, &allowance, &is_new, error))
    return FALSE;
  if (streamer_storage_begin (self->storage, upload, resume_id, error))
    return streamer_ledger_confirm (self->ledger, upload, resume_id, error);
  if (is_new)
    streamer_ledger_withdraw (self->ledger, upload, resume_id, &local_error);
  log_unwritten ("withdraw", local_error);
  return FALSE;
}

/* Version 1 of the request API does not say how large parts are, and never puts a whole object. */
static gboolean
is_whole_object (const StreamerStorageUpload *upload)
{
  return upload->part_size > 0 && upload->size != STREAMER_SIZE_UNKNOWN &&
         streamer_storage_upload_count_parts (upload) == 1;
}

static gboolean
metered_presign (StreamerStorage *storage,
                 const StreamerStorageUpload *upload,
                 guint number,
                 guint64 size,
                 const guint32 *crc32,
                 StreamerSignedRequest *request,
                 GError **error)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (storage);

  if (upload->size == STREAMER_SIZE_UNKNOWN)
    {
      const StreamerAllowance allowance =
          streamer_policy_get_allowance (self->policy, upload->principal);

      if (!streamer_ledger_reserve_part (self->ledger, upload, number, size, &allowance, error))
        return FALSE;
    }
  if (!streamer_storage_presign (self->storage, upload, number, size, crc32, request, error))
    return FALSE;
  /* Put at a store, whole, it is an object without having been finished. */
  return *request->url == '/' || !is_whole_object (upload) ||
         streamer_ledger_hold (self->ledger, upload, request->expires + HOLD_SECONDS, error);
}

static GArray *
metered_list_parts (StreamerStorage *storage, const StreamerStorageUpload *upload, GError **error)
{
  return streamer_storage_list_parts (get_storage (storage), upload, error);
}

/* An upload of which the ledger knows nothing was settled before, or what was written of it got
 * lost in a power cut: where its object is there, it counts. */
static gboolean
record_unknown (StreamerMeteredStorage *self,
                const StreamerStorageUpload *upload,
                const StreamerStorageObject *finished,
                GError **error)
{
  g_autoptr (StreamerStorageObject) stored =
      streamer_storage_stat (self->storage, upload->key, NULL);

  return !stored || !streamer_etags_equal (stored->etag, finished->etag) ||
         streamer_ledger_record (self->ledger, upload->principal, upload->key, stored, error);
}

static StreamerStorageObject *
metered_finish (StreamerStorage *storage,
                const StreamerStorageUpload *upload,
                GArray *parts,
                const guint32 *crc32,
                GError **error)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (storage);
  StreamerStorageObject *object =
      streamer_storage_finish (self->storage, upload, parts, crc32, error);
  g_autoptr (GError) local_error = NULL;
  gboolean is_known;

  if (!object)
    return NULL;
  if (streamer_ledger_settle (self->ledger, upload, object, &is_known, &local_error) && !is_known)
    record_unknown (self, upload, object, &local_error);
  log_unwritten ("settle", local_error);
  return object;
}

static gboolean
metered_cancel (StreamerStorage *storage, const StreamerStorageUpload *upload, GError **error)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (storage);

  return streamer_storage_cancel (self->storage, upload, error) &&
         streamer_ledger_cancel (self->ledger, upload, error);
}

static StreamerStorageObject *
metered_stat (StreamerStorage *storage, const char *key, GError **error)
{
  return streamer_storage_stat (get_storage (storage), key, error);
}

static gboolean
metered_remove (StreamerStorage *storage, const char *key, GError **error)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (storage);
  g_autoptr (GError) local_error = NULL, ledger_error = NULL;
  gint64 version;

  if (!streamer_ledger_begin_remove (self->ledger, key, &version, error))
    return FALSE;
  if (!streamer_storage_remove (self->storage, key, &local_error) &&
      !g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  streamer_ledger_end_remove (self->ledger, key, version, &ledger_error);
  log_unwritten ("remove", ledger_error);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static char *
metered_link (StreamerStorage *storage, const char *key, gint64 *expires, GError **error)
{
  return streamer_storage_link (get_storage (storage), key, expires, error);
}

static gboolean
resolve (StreamerMeteredStorage *self, const StreamerDoubt *doubt, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (StreamerStorageObject) object =
      streamer_storage_stat (self->storage, doubt->key, &local_error);

  if (!object && !g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  return streamer_ledger_resolve (self->ledger, doubt, object, error);
}

static gboolean
is_given_up (void)
{
  return g_cancellable_is_cancelled (g_cancellable_get_current ());
}

static void
metered_sweep (StreamerStorage *storage)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (storage);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) doubts = NULL;

  streamer_storage_sweep (self->storage);
  doubts = streamer_ledger_list_doubts (self->ledger, g_get_real_time () / G_USEC_PER_SEC, &error);
  for (guint i = 0; doubts && i < doubts->len && !error && !is_given_up (); i++)
    resolve (self, g_ptr_array_index (doubts, i), &error);
  if (!is_given_up ())
    log_unwritten ("sweep", error);
}

static const StreamerLimits *
metered_get_limits (StreamerStorage *storage)
{
  return streamer_storage_get_limits (get_storage (storage));
}

static const char *
metered_get_domain (StreamerStorage *storage)
{
  return streamer_storage_get_domain (get_storage (storage));
}

static gboolean
metered_is_public (StreamerStorage *storage)
{
  return streamer_storage_is_public (get_storage (storage));
}

static const char *const *
metered_get_checksums (StreamerStorage *storage)
{
  return streamer_storage_get_checksums (get_storage (storage));
}

static void
metered_add_routes (StreamerStorage *storage, StreamerHttpFront *front)
{
  streamer_storage_add_routes (get_storage (storage), front);
}

static void
storage_iface_init (StreamerStorageInterface *iface)
{
  iface->get_limits = metered_get_limits;
  iface->get_domain = metered_get_domain;
  iface->is_public = metered_is_public;
  iface->get_checksums = metered_get_checksums;
  iface->add_routes = metered_add_routes;
  iface->sweep = metered_sweep;
  iface->begin = metered_begin;
  iface->presign = metered_presign;
  iface->list_parts = metered_list_parts;
  iface->finish = metered_finish;
  iface->cancel = metered_cancel;
  iface->stat = metered_stat;
  iface->remove = metered_remove;
  iface->link = metered_link;
}

/* Temporary objects may take the room that their document will have, and no more; they go with a
 * day, and are not counted as stored. */
static gboolean
limit_staged (StreamerMeteredStorage *self, StreamerPostGrant *grant, GError **error)
{
  const StreamerAllowance allowance =
      streamer_policy_get_allowance (self->policy, grant->principal);
  StreamerUsage usage;

  if (allowance.quota == G_MAXUINT64)
    return TRUE;
  if (!streamer_ledger_get_usage (self->ledger, grant->principal, &usage, error))
    return FALSE;
  grant->max_staged = allowance.quota - MIN (allowance.quota, usage.stored);
  grant->max_size = MIN (grant->max_size, grant->max_staged);
  return TRUE;
}

/* What forms were given out for and has arrived takes what it has, and no longer what it might. */
static void
resolve_held (StreamerMeteredStorage *self, const char *principal)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) held = streamer_ledger_list_held (self->ledger, principal, &error);

  for (guint i = 0; held && i < held->len && !error; i++)
    {
      const StreamerDoubt *doubt = g_ptr_array_index (held, i);
      g_autoptr (StreamerStorageObject) object =
          streamer_storage_stat (self->storage, doubt->key, NULL);

      if (object)
        streamer_ledger_resolve_held (self->ledger, doubt, object, &error);
    }
  log_unwritten ("held", error);
}

/* A document comes to be behind our back, with any size that the form allows. */
static gboolean
reserve_post (StreamerMeteredStorage *self, StreamerPostGrant *grant, GError **error)
{
  const StreamerAllowance allowance =
      streamer_policy_get_allowance (self->policy, grant->principal);

  if (allowance.quota != G_MAXUINT64)
    resolve_held (self, grant->principal);
  return streamer_ledger_reserve_object (self->ledger, grant->principal, grant->key,
                                         &grant->max_size, grant->expires + HOLD_SECONDS,
                                         &allowance, error);
}

static gboolean
metered_sign_post (StreamerStagingStorage *storage,
                   const StreamerPostGrant *grant,
                   StreamerSignedPost *post,
                   GError **error)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (storage);
  StreamerPostGrant limited = *grant;

  return (grant->is_staged ? limit_staged (self, &limited, error)
                           : reserve_post (self, &limited, error)) &&
         streamer_staging_storage_sign_post (STREAMER_STAGING_STORAGE (self->storage), &limited,
                                             post, error);
}

static gboolean
metered_add (StreamerStagingStorage *storage,
             const StreamerStorageUpload *upload,
             guint number,
             const char *name,
             GError **error)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (storage);

  return streamer_staging_storage_add (STREAMER_STAGING_STORAGE (self->storage), upload, number,
                                       name, error);
}

static gboolean
metered_discard (StreamerStagingStorage *storage, const char *name, GError **error)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (storage);

  return streamer_staging_storage_discard (STREAMER_STAGING_STORAGE (self->storage), name, error);
}

static void
staging_iface_init (StreamerStagingStorageInterface *iface)
{
  iface->sign_post = metered_sign_post;
  iface->add = metered_add;
  iface->discard = metered_discard;
}

static void
streamer_metered_storage_finalize (GObject *object)
{
  StreamerMeteredStorage *self = STREAMER_METERED_STORAGE (object);

  g_clear_object (&self->storage);
  g_clear_pointer (&self->ledger, streamer_ledger_close);
  G_OBJECT_CLASS (streamer_metered_storage_parent_class)->finalize (object);
}

static void
streamer_metered_storage_class_init (StreamerMeteredStorageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = streamer_metered_storage_finalize;
}

static void
streamer_metered_storage_init (StreamerMeteredStorage *self)
{
}

StreamerStorage *
streamer_metered_storage_new (StreamerStorage *storage,
                              StreamerLedger *ledger,
                              StreamerPolicy *policy)
{
  StreamerMeteredStorage *self = g_object_new (STREAMER_TYPE_METERED_STORAGE, NULL);

  self->storage = g_object_ref (storage);
  self->ledger = ledger;
  self->policy = policy;
  return STREAMER_STORAGE (self);
}
