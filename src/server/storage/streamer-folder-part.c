/* streamer-folder-part.c: takes the bytes of one part, straight to their place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sink belongs to one thread; the gate keeps others from writing to the same part meanwhile.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "streamer-checksum.h"
#include "streamer-error.h"
#include "streamer-folder-storage-private.h"
#include "streamer-object-path.h"

#define EARLY_SYNC_BYTES 1048576

struct _StreamerPartSink
{
  StreamerFolderStorage *storage; /* (owned) */
  GCancellable *cancellable;      /* (owned) */
  StreamerPartGrant grant;        /* (owned content) */
  guint64 offset;                 /* of the part in the object */
  guint64 taken;                  /* bytes */
  guint32 crc32;                  /* of what was taken */
  int file;
};

/* Returns the offset of the part, or G_MAXUINT64 with an error. */
static guint64
find_place (StreamerFolderStorage *self, const StreamerPartGrant *grant, GError **error)
{
  g_autoptr (StreamerUploadRow) row = streamer_folder_storage_find (self, grant->id, error);

  if (!row)
    return G_MAXUINT64;
  if (row->phase != STREAMER_UPLOAD_OPEN)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD,
                           "This upload is finished.");
      return G_MAXUINT64;
    }
  if (!streamer_folder_state_remove_part (self->state, grant->id, grant->number, error))
    return G_MAXUINT64;
  return (grant->number - 1) * row->upload->part_size;
}

StreamerPartSink *
streamer_folder_storage_open_part (StreamerFolderStorage *self,
                                   const StreamerPartGrant *grant,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autoptr (StreamerPartSink) sink = NULL;

  if (!streamer_part_gate_enter (self->gate, grant->id, grant->number, cancellable, error))
    return NULL;
  sink = g_new0 (StreamerPartSink, 1);
  sink->storage = g_object_ref (self);
  sink->cancellable = g_object_ref (cancellable);
  sink->grant = *grant;
  sink->grant.id = g_strdup (grant->id);
  sink->file = -1;

  sink->offset = find_place (self, grant, error);
  if (sink->offset == G_MAXUINT64)
    return NULL;
  sink->file = openat (self->uploads, grant->id, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (sink->file < 0)
    {
      streamer_object_path_set_error (error, errno, "An upload cannot be written");
      return NULL;
    }
  return g_steal_pointer (&sink);
}

gboolean
streamer_part_sink_write (StreamerPartSink *sink, const void *data, gsize length, GError **error)
{
  const guint8 *bytes = data;

  if (g_cancellable_set_error_if_cancelled (sink->cancellable, error))
    return FALSE;
  g_return_val_if_fail (length <= sink->grant.length - sink->taken, FALSE);

  sink->crc32 = streamer_crc32_update (sink->crc32, data, length);
  while (length > 0)
    {
      gssize n = pwrite (sink->file, bytes, length, sink->offset + sink->taken);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return streamer_object_path_set_error (error, errno, "An upload cannot be written");
      bytes += n;
      length -= n;
      sink->taken += n;
    }
  return TRUE;
}

char *
streamer_part_sink_commit (StreamerPartSink *sink, GError **error)
{
  g_autofree char *etag = g_strdup_printf ("\"crc32-%08x\"", sink->crc32);
  StreamerStoragePart part = {
    .number = sink->grant.number,
    .size = sink->taken,
    .crc32 = sink->crc32,
    .etag = etag,
  };

  g_return_val_if_fail (sink->taken == sink->grant.length, NULL);
  if (sink->grant.has_crc32 && sink->grant.crc32 != sink->crc32)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM,
                           "The part that arrived is not the part that was announced.");
      return NULL;
    }
  /* The disk begins now, so that finishing has little left to wait for. */
  if (sink->taken >= EARLY_SYNC_BYTES)
    sync_file_range (sink->file, sink->offset, sink->taken, SYNC_FILE_RANGE_WRITE);
  if (!streamer_folder_state_put_part (sink->storage->state, sink->grant.id, &part, error))
    return NULL;
  return g_steal_pointer (&etag);
}

guint32
streamer_part_sink_get_crc32 (StreamerPartSink *sink)
{
  return sink->crc32;
}

void
streamer_part_sink_free (StreamerPartSink *sink)
{
  if (sink->file >= 0)
    close (sink->file);
  streamer_part_gate_leave (sink->storage->gate, sink->grant.id, sink->grant.number);
  streamer_part_grant_clear (&sink->grant);
  g_object_unref (sink->cancellable);
  g_object_unref (sink->storage);
  g_free (sink);
}
