/* streamer-folder-finish.c: makes an object of an upload in the folder
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs while the gate is closed for the upload, so that nobody else changes it. All parts are at
 * their place in one file already: what is left is to check them, to bring them to the disk, and to
 * move the file. "Finishing" is recorded before the file moves; where the process is killed behind
 * that, the file's place tells what happened.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-checksum.h"
#include "streamer-error.h"
#include "streamer-folder-staging.h"
#include "streamer-object-path.h"
#include "streamer-part-check.h"

#define READ_BYTES 262144

static gboolean
fail_parts (GError **error, const char *message, guint number)
{
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM, "%s (part %u)", message, number);
  return FALSE;
}

/* Checks them, and adds them up. */
static gboolean
check_parts (StreamerUploadRow *row, GArray *rows, GArray *expected, GError **error)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (StreamerStoragePart));

  for (guint i = 0; i < rows->len; i++)
    g_array_append_val (parts, g_array_index (rows, StreamerPartRow, i).part);
  if (!streamer_part_check (row->upload, parts, expected, &row->total, error))
    return FALSE;
  row->crc32 = 0;
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoragePart *part = &g_array_index (parts, StreamerStoragePart, i);

      row->crc32 = streamer_crc32_combine (row->crc32, part->crc32, part->size);
    }
  return TRUE;
}

static gboolean
read_crc32 (int file, guint64 offset, guint64 length, guint32 *crc32)
{
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);

  *crc32 = 0;
  while (length > 0)
    {
      gssize n = pread (file, buffer, MIN (length, READ_BYTES), offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      *crc32 = streamer_crc32_update (*crc32, buffer, n);
      offset += n;
      length -= n;
    }
  return TRUE;
}

/* The part has to come again; where the parts have any size, so have those behind it. */
static gboolean
lose_part (StreamerFolderStorage *self,
           StreamerUploadRow *row,
           GArray *rows,
           guint index,
           GError **error)
{
  guint number = g_array_index (rows, StreamerPartRow, index).part.number;
  guint end = row->upload->part_size == 0 ? rows->len : index + 1;

  for (guint i = index; i < end; i++)
    if (!streamer_folder_state_remove_part (self->state, row->upload->id,
                                            g_array_index (rows, StreamerPartRow, i).part.number,
                                            error))
      return FALSE;
  return fail_parts (error, "A part was lost when the server's system went down", number);
}

/* Parts from before the system was started may not have got to the disk: they are read again. */
static gboolean
check_unsafe_parts (StreamerFolderStorage *self,
                    StreamerUploadRow *row,
                    GArray *rows,
                    int file,
                    GError **error)
{
  guint64 offset = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const StreamerPartRow *checked = &g_array_index (rows, StreamerPartRow, i);
      guint32 crc32;

      if (!checked->is_safe &&
          (!read_crc32 (file, offset, checked->part.size, &crc32) || crc32 != checked->part.crc32))
        return lose_part (self, row, rows, i, error);
      offset += checked->part.size;
    }
  return TRUE;
}

static gboolean
write_to_disk (StreamerUploadRow *row, int file, GError **error)
{
  /* A part may have been begun behind the end, and not have come. */
  if (ftruncate (file, row->total) != 0 || futimens (file, NULL) != 0 || fsync (file) != 0)
    return streamer_object_path_set_error (error, errno, "An upload cannot be written to the disk");
  return TRUE;
}

/* Where the file system has no rename that refuses to replace: a second name, then one less. */
static int
link_into_place (StreamerFolderStorage *self, const char *id, int folder, const char *leaf)
{
  struct stat mine, other;

  if (linkat (self->uploads, id, folder, leaf, 0) != 0)
    {
      if (errno != EEXIST)
        return errno;
      /* Killed between the two steps, it finds its own file there. */
      if (fstatat (self->uploads, id, &mine, AT_SYMLINK_NOFOLLOW) != 0 ||
          fstatat (folder, leaf, &other, AT_SYMLINK_NOFOLLOW) != 0 || mine.st_ino != other.st_ino ||
          mine.st_dev != other.st_dev)
        return EEXIST;
    }
  return unlinkat (self->uploads, id, 0) == 0 ? 0 : errno;
}

static int
move_into_place (StreamerFolderStorage *self,
                 const StreamerStorageUpload *upload,
                 int folder,
                 const char *leaf)
{
  if (upload->overwrite)
    return renameat (self->uploads, upload->id, folder, leaf) == 0 ? 0 : errno;
  if (renameat2 (self->uploads, upload->id, folder, leaf, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno == EINVAL || errno == ENOSYS || errno == EEXIST)
    return link_into_place (self, upload->id, folder, leaf);
  return errno;
}

static gboolean
publish (StreamerFolderStorage *self, StreamerUploadRow *row, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->names);
  g_autofree char *leaf = NULL;
  int folder, number;

  folder = streamer_object_path_open_parent (self->objects, row->upload->key, TRUE, &leaf, error);
  if (folder < 0)
    return FALSE;
  number = move_into_place (self, row->upload, folder, leaf);
  if (number == 0 && fsync (folder) != 0)
    number = errno;
  close (folder);
  if (number == 0)
    return TRUE;

  streamer_object_path_prune (self->objects, row->upload->key);
  if (number == EEXIST || number == EISDIR || number == ENOTEMPTY)
    {
      g_autoptr (GError) local_error = NULL;

      if (!streamer_folder_storage_check_target (self, row->upload, &local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
  return streamer_object_path_set_error (error, number, "A document cannot be put at its place");
}

gboolean
streamer_folder_storage_conclude (StreamerFolderStorage *self,
                                  StreamerUploadRow *row,
                                  GError **error)
{
  g_autofree char *etag = streamer_folder_storage_make_etag (row);
  StreamerObjectRow object = { .content_type = row->upload->content_type, .etag = etag };
  int file = streamer_object_path_open (self->objects, row->upload->key, NULL);
  struct stat status;

  if (file >= 0 && fstat (file, &status) == 0)
    {
      object.size = status.st_size;
      object.mtime =
          status.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + status.st_mtim.tv_nsec;
      object.inode = status.st_ino;
    }
  if (file >= 0)
    close (file);
  return streamer_folder_state_conclude (self->state, row, &object, error);
}

/* From open to finishing: everything that can be found wrong is found here. */
static gboolean
prepare (StreamerFolderStorage *self,
         StreamerUploadRow *row,
         GArray *expected,
         const guint32 *crc32,
         GError **error)
{
  g_autoptr (GArray) rows = streamer_folder_state_list_parts (self->state, row->upload->id, error);
  gboolean good;
  int file;

  if (!rows || !check_parts (row, rows, expected, error) ||
      !streamer_folder_storage_check_target (self, row->upload, error))
    return FALSE;
  if (crc32 && *crc32 != row->crc32)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM,
                           "What arrived is not what was sent: the checksums differ.");
      return FALSE;
    }
  if (row->upload->part_size == 0 && !streamer_folder_staging_assemble (self, row, rows, error))
    return FALSE;
  file = openat (self->uploads, row->upload->id, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0)
    return streamer_object_path_set_error (error, errno, "An upload cannot be read");
  good = check_unsafe_parts (self, row, rows, file, error) && write_to_disk (row, file, error);
  close (file);
  return good &&
         streamer_upload_state_set_phase (self->database, row, STREAMER_UPLOAD_FINISHING, error);
}

static gboolean
has_file (StreamerFolderStorage *self, StreamerUploadRow *row)
{
  return faccessat (self->uploads, row->upload->id, F_OK, 0) == 0;
}

static gboolean
finish_row (StreamerFolderStorage *self,
            StreamerUploadRow *row,
            GArray *expected,
            const guint32 *crc32,
            GError **error)
{
  if (row->phase == STREAMER_UPLOAD_FINISHING && has_file (self, row))
    row->phase = STREAMER_UPLOAD_OPEN;
  if (row->phase == STREAMER_UPLOAD_OPEN)
    {
      if (!prepare (self, row, expected, crc32, error))
        return FALSE;
      if (!publish (self, row, error))
        {
          /* Where it was moved and only the folder could not be written, it stays as it is. */
          if (has_file (self, row))
            streamer_upload_state_set_phase (self->database, row, STREAMER_UPLOAD_OPEN, NULL);
          return FALSE;
        }
    }
  return row->phase == STREAMER_UPLOAD_FINISHED ||
         streamer_folder_storage_conclude (self, row, error);
}

StreamerStorageObject *
streamer_folder_storage_finish (StreamerStorage *storage,
                                const StreamerStorageUpload *upload,
                                GArray *parts,
                                const guint32 *crc32,
                                GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);
  g_autoptr (StreamerUploadRow) row = NULL;
  StreamerStorageObject *object = NULL;

  streamer_part_gate_close (self->gate, upload->id);
  row = streamer_folder_storage_find (self, upload->id, error);
  if (row && finish_row (self, row, parts, crc32, error))
    {
      object = g_new0 (StreamerStorageObject, 1);
      object->size = row->total;
      object->etag = streamer_folder_storage_make_etag (row);
      object->content_type = g_strdup (row->upload->content_type);
      object->modified = g_get_real_time () / G_USEC_PER_SEC;
    }
  streamer_part_gate_open (self->gate, upload->id);
  return object;
}
