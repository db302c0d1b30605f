/* streamer-s3-finish.c: makes an object of an upload in the store, or gives it up
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread. What has become of an upload is told by the store: an answer of it may have been lost,
 * and the server may remember nothing. An object that bears the upload's mark came of it. What the
 * server does remember is decided under the database's lock, so that an upload is either finished or
 * given up: only then may the object of one that is put whole be removed again.
 */

#include <string.h>

#include "streamer-error.h"
#include "streamer-part-check.h"
#include "streamer-s3-staging.h"

/* Parts that arrive while an upload is given up may survive it. */
#define MAX_ABORTS 3

static gboolean
fail (GError **error, StreamerError code, const char *message)
{
  g_set_error_literal (error, STREAMER_ERROR, code, message);
  return FALSE;
}

static gboolean
fail_gone (GError **error)
{
  return fail (error, STREAMER_ERROR_NO_UPLOAD,
               "There is no such upload, or it was given up or has expired.");
}

static gboolean
fail_finished (GError **error)
{
  return fail (error, STREAMER_ERROR_NO_UPLOAD,
               "This upload is finished: there is nothing to give up.");
}

static gboolean
fail_exists (GError **error)
{
  return fail (error, STREAMER_ERROR_EXISTS, "Document already exists and overwrite is not set.");
}

/* @row: (out) (nullable): what is remembered of the upload, where anything is. */
static gboolean
remember (StreamerS3Storage *self,
          const StreamerStorageUpload *upload,
          StreamerUploadRow **row,
          GError **error)
{
  *row = NULL;
  return !self->database || streamer_upload_state_find (self->database, upload->id, row, error);
}

/* Records that the upload has become @object. @may_be_cancelled: FALSE where one that was given up
 * stays so. */
static gboolean
record_finished (StreamerS3Storage *self,
                 const StreamerStorageUpload *upload,
                 const StreamerStorageObject *object,
                 gboolean may_be_cancelled,
                 GError **error)
{
  g_autoptr (GRecMutexLocker) locker = NULL;
  g_autoptr (StreamerUploadRow) row = NULL;

  if (!self->database)
    return TRUE;
  locker = streamer_database_lock (self->database);
  if (!remember (self, upload, &row, error))
    return FALSE;
  if (!row)
    return TRUE;
  if (row->phase == STREAMER_UPLOAD_CANCELLED && !may_be_cancelled)
    return fail_gone (error);
  row->total = object->size;
  g_free (row->etag);
  row->etag = g_strdup (object->etag);
  return streamer_upload_state_set_phase (self->database, row, STREAMER_UPLOAD_FINISHED, error);
}

/* @is_known: (out): whether the upload is remembered. FALSE where it was finished. */
static gboolean
record_cancelled (StreamerS3Storage *self,
                  const StreamerStorageUpload *upload,
                  gboolean *is_known,
                  GError **error)
{
  g_autoptr (GRecMutexLocker) locker = NULL;
  g_autoptr (StreamerUploadRow) row = NULL;

  *is_known = FALSE;
  if (!self->database)
    return TRUE;
  locker = streamer_database_lock (self->database);
  if (!remember (self, upload, &row, error))
    return FALSE;
  if (!row)
    return TRUE;
  if (row->phase == STREAMER_UPLOAD_FINISHED)
    return fail_finished (error);
  *is_known = TRUE;
  return streamer_upload_state_set_phase (self->database, row, STREAMER_UPLOAD_CANCELLED, error);
}

static StreamerStorageObject *
make_object (guint64 size, const char *etag, gint64 modified)
{
  StreamerStorageObject *object = g_new0 (StreamerStorageObject, 1);

  object->size = size;
  object->etag = g_strdup (etag);
  object->modified = modified;
  return object;
}

/* What is at the key, which came of @upload: whether it is what the upload should have become. */
static StreamerStorageObject *
accept (const StreamerStorageUpload *upload, const StreamerS3Head *head, GError **error)
{
  if (upload->size != STREAMER_SIZE_UNKNOWN && head->size != upload->size)
    {
      fail (error, STREAMER_ERROR_CHECKSUM, "What the store has is not as long as what was sent.");
      return NULL;
    }
  return make_object (head->size, head->etag, head->modified);
}

/* The store does not know the upload: it has become its object, or it is gone. */
static StreamerStorageObject *
reconcile (StreamerS3Storage *self,
           StreamerHttp *http,
           const StreamerStorageUpload *upload,
           GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  gboolean is_there, is_ours;

  if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
    return NULL;
  if (is_ours)
    return accept (upload, &head, error);
  fail_gone (error);
  return NULL;
}

/* The store says that something is at the key already. */
static StreamerStorageObject *
reconcile_existing (StreamerS3Storage *self,
                    StreamerHttp *http,
                    const StreamerStorageUpload *upload,
                    GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  gboolean is_there, is_ours;

  if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
    return NULL;
  if (is_ours)
    return accept (upload, &head, error);
  if (is_there)
    fail_exists (error);
  else
    /* Somebody else was about to put something there, or has removed it. */
    fail (error, STREAMER_ERROR_BUSY, "The store is busy with this document.");
  return NULL;
}

/* The store has put the parts together, and says that the object is @etag. */
static StreamerStorageObject *
verify (StreamerS3Storage *self,
        StreamerHttp *http,
        const StreamerStorageUpload *upload,
        guint64 total,
        const char *etag,
        GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  gboolean is_there, is_ours;

  if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
    return NULL;
  if (!is_there)
    {
      fail (error, STREAMER_ERROR_BUSY, "The store does not show the document yet.");
      return NULL;
    }
  if (is_ours && head.size != total)
    {
      fail (error, STREAMER_ERROR_CHECKSUM, "What the store has is not as long as what was sent.");
      return NULL;
    }
  /* What others have put there since does not change what this upload became. */
  if (is_ours)
    return make_object (head.size, head.etag, head.modified);
  return make_object (total, etag, g_get_real_time () / G_USEC_PER_SEC);
}

static StreamerStorageObject *
complete (StreamerS3Storage *self,
          StreamerHttp *http,
          const StreamerStorageUpload *upload,
          GArray *stored,
          guint64 total,
          const guint32 *crc32,
          GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *etag = NULL;

  if (streamer_s3_client_complete_multipart (
          self->client, http, upload->key, streamer_s3_storage_get_store_id (upload), stored,
          !upload->overwrite, streamer_s3_storage_has_crc32 (upload) ? crc32 : NULL, &etag,
          g_cancellable_get_current (), &local_error))
    return verify (self, http, upload, total, etag, error);
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return reconcile (self, http, upload, error);
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_EXISTS))
    return reconcile_existing (self, http, upload, error);
  streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
  return NULL;
}

static StreamerStorageObject *
finish_parts (StreamerS3Storage *self,
              StreamerHttp *http,
              const StreamerStorageUpload *upload,
              GArray *expected,
              const guint32 *crc32,
              GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GArray) stored = streamer_s3_client_list_parts (
      self->client, http, upload->key, streamer_s3_storage_get_store_id (upload),
      g_cancellable_get_current (), &local_error);
  g_autoptr (GArray) parts = NULL;
  guint64 total;

  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return reconcile (self, http, upload, error);
  if (!stored)
    {
      streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
      return NULL;
    }
  parts = streamer_s3_storage_convert_parts (stored);
  if (!streamer_part_check (upload, parts, expected, &total, error))
    return NULL;

  /* Not every store knows a condition for putting parts together. */
  if (!upload->overwrite)
    {
      g_auto (StreamerS3Head) head = { 0 };
      gboolean is_there, is_ours;

      if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
        return NULL;
      if (is_ours)
        return accept (upload, &head, error);
      if (is_there)
        {
          fail_exists (error);
          return NULL;
        }
    }
  return complete (self, http, upload, stored, total, crc32, error);
}

/* What no client has sent, because it has no bytes. */
static StreamerStorageObject *
finish_empty (StreamerS3Storage *self,
              StreamerHttp *http,
              const StreamerStorageUpload *upload,
              GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  gboolean is_there, is_ours;

  if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
    return NULL;
  if (is_ours)
    return accept (upload, &head, error);
  if (is_there && !upload->overwrite)
    {
      fail_exists (error);
      return NULL;
    }
  return streamer_s3_staging_put_empty (self, http, upload, error)
             ? reconcile (self, http, upload, error)
             : NULL;
}

/* An object that is put whole is there already, or not. */
static StreamerStorageObject *
finish_whole (StreamerS3Storage *self,
              StreamerHttp *http,
              const StreamerStorageUpload *upload,
              GArray *expected,
              GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  g_autoptr (GArray) parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoragePart));
  gboolean is_there, is_ours;
  guint64 total;

  if (upload->part_size == 0)
    return finish_empty (self, http, upload, error);
  if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
    return NULL;
  if (is_ours)
    {
      StreamerStoragePart part = { .number = 1, .size = head.size, .etag = head.etag };

      g_array_append_val (parts, part);
    }
  else if (is_there && !upload->overwrite)
    {
      fail_exists (error);
      return NULL;
    }
  if (!streamer_part_check (upload, parts, expected, &total, error))
    return NULL;
  return make_object (head.size, head.etag, head.modified);
}

StreamerStorageObject *
streamer_s3_storage_finish (StreamerStorage *storage,
                            const StreamerStorageUpload *upload,
                            GArray *parts,
                            const guint32 *crc32,
                            GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  gboolean has_parts = streamer_s3_storage_get_store_id (upload) != NULL;
  g_auto (StreamerHttpLoan) loan = { 0 };
  g_autoptr (StreamerStorageObject) object = NULL;
  g_autoptr (StreamerUploadRow) row = NULL;

  if (!remember (self, upload, &row, error))
    return NULL;
  if (row && row->phase == STREAMER_UPLOAD_FINISHED)
    return make_object (row->total, row->etag, g_get_real_time () / G_USEC_PER_SEC);
  /* One in parts may have been finished all the same, and the store knows. */
  if (row && row->phase == STREAMER_UPLOAD_CANCELLED && !has_parts)
    {
      fail_gone (error);
      return NULL;
    }

  loan = streamer_http_pool_take (self->pool);
  object = has_parts ? finish_parts (self, loan.http, upload, parts, crc32, error)
                     : finish_whole (self, loan.http, upload, parts, error);
  if (!object || !record_finished (self, upload, object, has_parts, error))
    return NULL;
  return g_steal_pointer (&object);
}

static gboolean
abort_parts (StreamerS3Storage *self,
             StreamerHttp *http,
             const StreamerStorageUpload *upload,
             GError **error)
{
  GCancellable *cancellable = g_cancellable_get_current ();
  const char *id = streamer_s3_storage_get_store_id (upload);

  for (guint i = 0; i < MAX_ABORTS; i++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (GArray) left = NULL;

      if (streamer_s3_client_abort_multipart (self->client, http, upload->key, id, cancellable,
                                              &local_error))
        left = streamer_s3_client_list_parts (self->client, http, upload->key, id, cancellable,
                                              &local_error);
      if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD) ||
          (left && left->len == 0))
        return TRUE;
      if (local_error)
        return streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
    }
  return fail (error, STREAMER_ERROR_BUSY, "Parts of this upload still arrive at the store.");
}

static gboolean
cancel_parts (StreamerS3Storage *self,
              StreamerHttp *http,
              const StreamerStorageUpload *upload,
              GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  g_autoptr (StreamerStorageObject) object = NULL;
  gboolean is_there, is_ours;

  if (!abort_parts (self, http, upload, error))
    return FALSE;
  /* Some stores answer "done" to whatever is given up: it may have been finished before. */
  if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
    return FALSE;
  if (!is_ours)
    return TRUE;
  object = make_object (head.size, head.etag, head.modified);
  return record_finished (self, upload, object, TRUE, error) && fail_finished (error);
}

/* There is nothing to give up but the object itself, where it has been put already. It is removed
 * if it bears the mark, and if the server remembers that nobody has been told that the upload is
 * finished. Without a memory it stays, and the client is told: removing needs a right of its own. */
static gboolean
cancel_whole (StreamerS3Storage *self,
              StreamerHttp *http,
              const StreamerStorageUpload *upload,
              gboolean is_known,
              GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  g_autoptr (GError) local_error = NULL;
  gboolean is_there, is_ours;

  if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
    return FALSE;
  if (!is_ours)
    return TRUE;
  if (!is_known)
    return fail (error, STREAMER_ERROR_NO_UPLOAD,
                 "The document has been stored already: it can only be removed.");
  return streamer_s3_client_delete_object (self->client, http, upload->key,
                                           g_cancellable_get_current (), &local_error) ||
         streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
}

gboolean
streamer_s3_storage_cancel (StreamerStorage *storage,
                            const StreamerStorageUpload *upload,
                            GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_auto (StreamerHttpLoan) loan = { 0 };
  gboolean is_known;

  if (!record_cancelled (self, upload, &is_known, error))
    return FALSE;
  loan = streamer_http_pool_take (self->pool);
  return streamer_s3_storage_get_store_id (upload)
             ? cancel_parts (self, loan.http, upload, error)
             : cancel_whole (self, loan.http, upload, is_known, error);
}
