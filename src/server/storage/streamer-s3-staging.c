/* streamer-s3-staging.c: temporary objects in a bucket, and uploads that are made of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread. The store takes the forms, and copies temporary objects into uploads; the server
 * carries no bytes. A server with a memory removes what is left of them; without one, the bucket's
 * rule for STREAMER_STAGED_PREFIX does.
 */

#include "streamer-s3-staging.h"

#include "streamer-error.h"
#include "streamer-s3-post-policy.h"
#include "streamer-server-log.h"
#include "streamer-staged-name.h"

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gboolean
fail (GError **error, StreamerError code, const char *message)
{
  g_set_error_literal (error, STREAMER_ERROR, code, message);
  return FALSE;
}

gboolean
streamer_s3_staging_prepare (StreamerDatabase *database, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  return streamer_database_execute (
      database,
      "CREATE TABLE IF NOT EXISTS posted (name TEXT PRIMARY KEY, created INTEGER NOT NULL)"
      " WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS posted_by_time ON posted (created);",
      error);
}

/* That something may be there from now on. */
static gboolean
remember (StreamerS3Storage *self, const char *name, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = NULL;

  if (!self->database)
    return TRUE;
  locker = streamer_database_lock (self->database);
  return streamer_database_run (
      self->database,
      streamer_database_prepare (self->database, error,
                                 "INSERT OR REPLACE INTO posted (name, created) VALUES (?1, ?2)",
                                 "si", name, now ()),
      error);
}

static gboolean
forget (StreamerS3Storage *self, const char *name, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = NULL;

  if (!self->database)
    return TRUE;
  locker = streamer_database_lock (self->database);
  return streamer_database_run (self->database,
                                streamer_database_prepare (self->database, error,
                                                           "DELETE FROM posted WHERE name = ?1",
                                                           "s", name),
                                error);
}

/* Returns: (transfer full) (element-type utf8) (nullable): names of what is too old */
static GPtrArray *
list_old (StreamerS3Storage *self, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *statement;
  gboolean has_row;

  statement = streamer_database_prepare (self->database, error,
                                         "SELECT name FROM posted WHERE created < ?1", "i",
                                         now () - STREAMER_STAGED_SECONDS);
  if (!statement)
    return NULL;
  do
    {
      if (!streamer_database_step (self->database, statement, &has_row, error))
        return NULL;
      if (has_row)
        g_ptr_array_add (names, streamer_database_get_text (statement, 0));
    }
  while (has_row);
  return g_steal_pointer (&names);
}

static gboolean
s3_sign_post (StreamerStagingStorage *storage,
              const StreamerPostGrant *grant,
              StreamerSignedPost *post,
              GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_autoptr (GError) local_error = NULL;
  gint64 seconds = MAX (grant->expires - now (), 1);

  if (!streamer_s3_storage_limit_to_keys (self, &seconds, error) ||
      !(grant->is_staged ? remember (self, grant->key, error)
                         : streamer_s3_storage_check_key (self, grant->key, error)))
    return FALSE;
  post->url =
      streamer_s3_client_presign_post (self->client, grant->key, grant->max_size, seconds,
                                       &post->fields, g_cancellable_get_current (), &local_error);
  if (post->url)
    return TRUE;
  if (!g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_INVALID))
    return streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Every part but the last has a least size: so what can be added has an end, whoever adds. */
static gboolean
check_size (StreamerS3Storage *self,
            StreamerHttp *http,
            const StreamerStorageUpload *upload,
            guint number,
            const char *name,
            GError **error)
{
  const StreamerLimits *limits = streamer_storage_get_limits (STREAMER_STORAGE (self));
  guint64 before = (number - 1) * limits->min_part_size;
  const StreamerStorageUpload any = { .key = (char *) name };
  g_auto (StreamerS3Head) head = { 0 };
  gboolean is_there, is_ours;

  if (!streamer_s3_storage_look (self, http, &any, &head, &is_there, &is_ours, error))
    return FALSE;
  if (!is_there)
    return fail (error, STREAMER_ERROR_NOT_FOUND, "Nothing was sent under the name of this part.");
  return (before <= upload->size && head.size <= upload->size - before) ||
         fail (error, STREAMER_ERROR_INVALID, "The parts are larger than their document.");
}

static gboolean
s3_add (StreamerStagingStorage *storage,
        const StreamerStorageUpload *upload,
        guint number,
        const char *name,
        GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_auto (StreamerHttpLoan) loan = streamer_http_pool_take (self->pool);
  const char *store_id = streamer_s3_storage_get_store_id (upload);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *etag = NULL;

  if (!check_size (self, loan.http, upload, number, name, error))
    return FALSE;
  /* A document of no bytes has nothing to add to. */
  if (!store_id)
    return TRUE;
  return streamer_s3_client_copy_part (self->client, loan.http, upload->key, store_id, number, name,
                                       &etag, g_cancellable_get_current (), &local_error) ||
         streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
}

static gboolean
s3_discard (StreamerStagingStorage *storage, const char *name, GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_auto (StreamerHttpLoan) loan = streamer_http_pool_take (self->pool);
  g_autoptr (GError) local_error = NULL;

  if (!streamer_s3_client_delete_object (self->client, loan.http, name,
                                         g_cancellable_get_current (), &local_error))
    return streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
  return forget (self, name, error);
}

void
streamer_s3_staging_sweep (StreamerS3Storage *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = list_old (self, &error);

  for (guint i = 0; names && i < names->len && !error; i++)
    s3_discard (STREAMER_STAGING_STORAGE (self), names->pdata[i], &error);
  if (error)
    streamer_server_log ("warning", "sweep", "error", error->message, NULL);
}

gboolean
streamer_s3_staging_put_empty (StreamerS3Storage *self,
                               StreamerHttp *http,
                               const StreamerStorageUpload *upload,
                               GError **error)
{
  const StreamerSlice nothing = { .fd = -1, .last = TRUE };
  g_autoptr (StreamerPartStream) body = streamer_part_stream_new (&nothing, NULL, NULL);
  g_autofree char *mark = streamer_s3_storage_get_mark (upload);
  const char *const metadata[] = { STREAMER_S3_MARK, mark, NULL };
  const StreamerS3PutOptions options = { .content_type = upload->content_type,
                                         .metadata = metadata,
                                         .if_none_match = !upload->overwrite };
  StreamerStoredPart stored = { 0 };
  g_autoptr (GError) local_error = NULL;
  gboolean done =
      streamer_s3_client_put_object (self->client, http, upload->key, &options, body, &stored,
                                     g_cancellable_get_current (), &local_error);

  streamer_stored_part_clear (&stored);
  return done || streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
}

void
streamer_s3_staging_iface_init (StreamerStagingStorageInterface *iface)
{
  iface->sign_post = s3_sign_post;
  iface->add = s3_add;
  iface->discard = s3_discard;
}
