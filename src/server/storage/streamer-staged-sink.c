/* streamer-staged-sink.c: takes a posted file into the folder
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Its bytes come into a file of its own, so that what is there under the same name stays until the
 * new one is whole. A document is an upload of one part, and made as any other.
 */

#include "streamer-staged-sink.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <unistd.h>

#include "streamer-checksum.h"
#include "streamer-error.h"
#include "streamer-folder-staging.h"
#include "streamer-hex.h"
#include "streamer-object-path.h"
#include "streamer-staged-state.h"

#define EARLY_SYNC_BYTES 1048576
#define MD5_BYTES        16

struct _StreamerStagedSink
{
  StreamerFolderStorage *storage; /* (owned) */
  StreamerPostGrant grant;        /* (owned content) */
  gnutls_hash_hd_t md5;           /* (owned) (nullable) */
  guint32 crc32;                  /* of what was taken */
  guint64 taken;                  /* bytes */
  char *name;                     /* (owned) (nullable): of the file, until it is recorded */
  int file;
};

static void
fill_upload (const StreamerStagedSink *self, StreamerStorageUpload *upload)
{
  upload->principal = g_strdup (self->grant.principal);
  upload->key = g_strdup (self->grant.key);
  upload->size = self->taken;
  upload->content_type = g_strdup ("application/octet-stream");
  upload->overwrite = self->grant.overwrite;
}

/* What can be seen to fail is told before the bytes come. */
static gboolean
check (StreamerStagedSink *self, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = streamer_storage_upload_new ();

  if (self->grant.is_staged)
    return streamer_folder_staging_check_room (self->storage, &self->grant, 0, error);
  fill_upload (self, upload);
  return streamer_folder_storage_check_target (self->storage, upload, error);
}

StreamerStagedSink *
streamer_staged_sink_open (StreamerFolderStorage *storage,
                           const StreamerPostGrant *grant,
                           GError **error)
{
  g_autoptr (StreamerStagedSink) self = g_new0 (StreamerStagedSink, 1);

  self->storage = g_object_ref (storage);
  self->grant = *grant;
  self->grant.key = g_strdup (grant->key);
  self->grant.principal = g_strdup (grant->principal);
  self->file = -1;
  if (!check (self, error))
    return NULL;
  if (gnutls_hash_init (&self->md5, GNUTLS_DIG_MD5) < 0)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                           "The server's system has no MD5.");
      return NULL;
    }
  self->name = streamer_folder_storage_new_id ();
  self->file = openat (storage->staged, self->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (self->file < 0)
    {
      streamer_object_path_set_error (error, errno, "A temporary file cannot be made");
      return NULL;
    }
  return g_steal_pointer (&self);
}

gboolean
streamer_staged_sink_write (StreamerStagedSink *self,
                            const void *data,
                            gsize length,
                            GError **error)
{
  const guint8 *bytes = data;

  if (length > self->grant.max_size - self->taken)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE,
                           "The file is larger than what may be sent.");
      return FALSE;
    }
  self->crc32 = streamer_crc32_update (self->crc32, data, length);
  gnutls_hash (self->md5, data, length);
  while (length > 0)
    {
      gssize n = pwrite (self->file, bytes, length, self->taken);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return streamer_object_path_set_error (error, errno, "A temporary file cannot be written");
      bytes += n;
      length -= n;
      self->taken += n;
    }
  return TRUE;
}

static char *
make_etag (StreamerStagedSink *self)
{
  guint8 digest[MD5_BYTES];
  g_autofree char *hex = NULL;

  gnutls_hash_output (self->md5, digest);
  hex = streamer_hex_encode (digest, sizeof digest);
  return g_strconcat ("\"", hex, "\"", NULL);
}

/* From here on the file is the record's. */
static gboolean
record (StreamerStagedSink *self, const char *name, char *etag, GError **error)
{
  StreamerFolderStorage *storage = self->storage;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&storage->staging);
  g_autoptr (StreamerStagedRow) before = NULL;
  const StreamerStagedRow row = {
    .name = (char *) name,
    .principal = self->grant.principal,
    .file = self->name,
    .part = { .size = self->taken, .crc32 = self->crc32, .etag = etag },
  };

  if ((self->grant.is_staged &&
       !streamer_folder_staging_check_room (storage, &self->grant, self->taken, error)) ||
      !streamer_staged_state_find (storage->database, name, &before, error) ||
      !streamer_staged_state_put (storage->database, &row,
                                  streamer_folder_state_get_boot (storage->state), error))
    return FALSE;
  g_clear_pointer (&self->name, g_free);
  if (before && *before->file)
    unlinkat (storage->staged, before->file, 0);
  return TRUE;
}

/* Returns: (transfer full): the document's ETag */
static char *
publish (StreamerStagedSink *self, const char *name, GError **error)
{
  StreamerStorage *storage = STREAMER_STORAGE (self->storage);
  StreamerStagingStorage *staging = STREAMER_STAGING_STORAGE (self->storage);
  g_autoptr (StreamerStorageUpload) upload = streamer_storage_upload_new ();
  g_autoptr (StreamerStorageObject) object = NULL;

  fill_upload (self, upload);
  if (streamer_storage_begin (storage, upload, name, error))
    {
      if (streamer_staging_storage_add (staging, upload, 1, name, error))
        object = streamer_storage_finish (storage, upload, NULL, NULL, error);
      if (!object)
        streamer_storage_cancel (storage, upload, NULL);
    }
  streamer_staging_storage_discard (staging, name, NULL);
  return object ? g_steal_pointer (&object->etag) : NULL;
}

char *
streamer_staged_sink_commit (StreamerStagedSink *self, GError **error)
{
  g_autofree char *etag = make_etag (self);
  /* No name of a temporary object is as short. */
  g_autofree char *name = g_strdup (self->grant.is_staged ? self->grant.key : self->name);

  /* The disk begins now, so that finishing has little left to wait for. */
  if (self->taken >= EARLY_SYNC_BYTES)
    sync_file_range (self->file, 0, self->taken, SYNC_FILE_RANGE_WRITE);
  if (!record (self, name, etag, error))
    return NULL;
  return self->grant.is_staged ? g_steal_pointer (&etag) : publish (self, name, error);
}

void
streamer_staged_sink_free (StreamerStagedSink *self)
{
  if (self->file >= 0)
    {
      close (self->file);
      if (self->name)
        unlinkat (self->storage->staged, self->name, 0);
    }
  if (self->md5)
    gnutls_hash_deinit (self->md5, NULL);
  g_free (self->name);
  streamer_post_grant_clear (&self->grant);
  g_object_unref (self->storage);
  g_free (self);
}
