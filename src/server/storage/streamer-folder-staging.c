/* streamer-folder-staging.c: temporary objects, and uploads that are made of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A part comes into a file of its own, because nobody says which upload it is for, nor how long the
 * others are. Adding it moves that file: to the upload's own file where it is the first part, else
 * to a file beside it, whose bytes are put behind those of the parts before it as soon as they are
 * there; a file system that can share blocks copies nothing. So finishing has nothing left to copy.
 *
 * A part is recorded after its file was moved and before it is put behind others, and its file is
 * removed after that: whatever step the process is killed behind, the next call goes on from there.
 */

#include "streamer-folder-staging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-object-path.h"
#include "streamer-part-check.h"
#include "streamer-server-log.h"
#include "streamer-staged-name.h"
#include "streamer-staged-state.h"
#include "streamer-url-signer.h"

#define COPY_BYTES 262144

static gboolean
fail (GError **error, StreamerError code, const char *message)
{
  g_set_error_literal (error, STREAMER_ERROR, code, message);
  return FALSE;
}

gboolean
streamer_folder_staging_check_room (StreamerFolderStorage *self,
                                    const StreamerPostGrant *grant,
                                    guint64 size,
                                    GError **error)
{
  guint64 count, total;

  if (!streamer_staged_state_count (self->database, grant->principal, grant->key, &count, &total,
                                    error))
    return FALSE;
  return (count < STREAMER_FOLDER_STAGING_MAX && total <= grant->max_staged &&
          size <= grant->max_staged - total) ||
         fail (error, STREAMER_ERROR_QUOTA,
               "There are too many temporary files that were not added to a document.");
}

static gboolean
staging_sign_post (StreamerStagingStorage *storage,
                   const StreamerPostGrant *grant,
                   StreamerSignedPost *post,
                   GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);

  if (grant->is_staged && !streamer_folder_staging_check_room (self, grant, 0, error))
    return FALSE;
  post->url = g_strdup (STREAMER_POSTS_PATH);
  post->fields = streamer_post_grant_sign (self->seal, grant);
  return TRUE;
}

static char *
get_part_file (const char *id, guint number)
{
  return g_strdup_printf ("%s.%u", id, number);
}

static gboolean
has_upload_file (StreamerFolderStorage *self, const char *name)
{
  return faccessat (self->uploads, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* For file systems and kernels that cannot do it themselves. */
static gssize
copy_by_hand (int from, int to, off_t offset)
{
  g_autofree guint8 *buffer = g_malloc (COPY_BYTES);
  gssize n = read (from, buffer, COPY_BYTES);
  gssize done = 0;

  while (n > 0 && done < n)
    {
      gssize written = pwrite (to, buffer + done, n - done, offset + done);

      if (written < 0 && errno != EINTR)
        return -1;
      done += MAX (written, 0);
    }
  return n;
}

/* Returns 0, or an errno. */
static int
copy_bytes (int from, int to, guint64 offset, guint64 length)
{
  off_t place = offset;
  gboolean by_hand = FALSE;

  while (length > 0)
    {
      gssize n = by_hand ? copy_by_hand (from, to, place)
                         : copy_file_range (from, NULL, to, &place, MIN (length, 1 << 30), 0);

      if (n == 0)
        return ENODATA;
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && !by_hand && errno != ENOSPC && errno != EDQUOT && errno != EIO)
        {
          by_hand = TRUE;
          continue;
        }
      if (n < 0)
        return errno;
      if (by_hand)
        place += n;
      length -= n;
    }
  return 0;
}

/* Puts the part behind @offset bytes that are there; what is behind that was not finished. */
static gboolean
append (StreamerFolderStorage *self,
        const char *id,
        const char *part_file,
        guint64 offset,
        guint64 length,
        GError **error)
{
  int from = openat (self->uploads, part_file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  int to = openat (self->uploads, id, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  int number = 0;

  if (from < 0 || to < 0 || ftruncate (to, offset) != 0)
    number = errno;
  else
    number = copy_bytes (from, to, offset, length);
  if (from >= 0)
    close (from);
  if (to >= 0)
    close (to);
  if (number == 0 && unlinkat (self->uploads, part_file, 0) != 0)
    number = errno;
  return number == 0 ||
         streamer_object_path_set_error (error, number, "A part cannot be added to its upload");
}

/* Bytes that the upload's file has to have. */
static gboolean
check_size (StreamerFolderStorage *self, const char *id, guint64 size, GError **error)
{
  struct stat status;

  if (fstatat (self->uploads, id, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return streamer_object_path_set_error (error, errno, "An upload cannot be read");
  return (guint64) status.st_size >= size ||
         fail (error, STREAMER_ERROR_CHECKSUM, "Parts of this upload were lost.");
}

gboolean
streamer_folder_staging_assemble (StreamerFolderStorage *self,
                                  const StreamerUploadRow *row,
                                  GArray *rows,
                                  GError **error)
{
  const char *id = row->upload->id;
  guint64 offset = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const StreamerStoragePart *part = &g_array_index (rows, StreamerPartRow, i).part;
      g_autofree char *file = get_part_file (id, part->number);

      if (part->number != i + 1)
        break;
      if (has_upload_file (self, file))
        {
          if (part->number > 1)
            {
              if (!append (self, id, file, offset, part->size, error))
                return FALSE;
            }
          else if (renameat (self->uploads, file, self->uploads, id) != 0)
            return streamer_object_path_set_error (error, errno,
                                                   "A part cannot be added to its upload");
        }
      offset += part->size;
    }
  return check_size (self, id, offset, error);
}

static const StreamerStoragePart *
find_part (GArray *rows, guint number)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const StreamerStoragePart *part = &g_array_index (rows, StreamerPartRow, i).part;

      if (part->number == number)
        return part;
    }
  return NULL;
}

/* Moves the temporary object's file beside the upload's. */
static gboolean
move_file (StreamerFolderStorage *self,
           const StreamerStagedRow *staged,
           const char *part_file,
           gboolean is_recorded,
           GError **error)
{
  struct stat status;

  if (renameat (self->staged, staged->file, self->uploads, part_file) == 0)
    return TRUE;
  if (errno != ENOENT)
    return streamer_object_path_set_error (error, errno, "A part cannot be added to its upload");
  /* Killed behind the move, it has been there. */
  return (!is_recorded && fstatat (self->uploads, part_file, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
          (guint64) status.st_size == staged->part.size) ||
         fail (error, STREAMER_ERROR_NOT_FOUND, "The temporary file was lost.");
}

/* Makes @staged the part; called with the lock on temporary objects. */
static gboolean
take_staged (StreamerFolderStorage *self,
             const char *id,
             GArray *rows,
             guint number,
             const StreamerStagedRow *staged,
             GError **error)
{
  const StreamerStoragePart *known = find_part (rows, number);
  g_autofree char *part_file = get_part_file (id, number);

  if (*staged->file == '\0')
    return (number == staged->part.number && g_str_equal (id, staged->upload)) ||
           fail (error, STREAMER_ERROR_INVALID,
                 "This temporary file was added already, as another part.");
  if (known && !has_upload_file (self, part_file))
    {
      /* The same bytes came again, and those that are there stay. */
      if (known->size != staged->part.size ||
          !streamer_etags_equal (known->etag, staged->part.etag))
        return fail (error, STREAMER_ERROR_INVALID,
                     "This part was added already, and was another one.");
      unlinkat (self->staged, staged->file, 0);
    }
  else if (!move_file (self, staged, part_file, known != NULL, error))
    return FALSE;
  return streamer_staged_state_bind (self->database, staged->name, id, number, error);
}

/* Parts are never more than what was said when the upload began: for that there is room. */
static gboolean
check_total (const StreamerStorageUpload *upload,
             GArray *rows,
             guint number,
             const StreamerStagedRow *staged,
             GError **error)
{
  guint64 left = upload->size;

  for (guint i = 0; i < rows->len; i++)
    {
      const StreamerStoragePart *part = &g_array_index (rows, StreamerPartRow, i).part;

      if (part->number != number)
        left -= MIN (left, part->size);
    }
  return staged->part.size <= left ||
         fail (error, STREAMER_ERROR_INVALID, "The parts are larger than their document.");
}

static gboolean
find_and_take (StreamerFolderStorage *self,
               const StreamerStorageUpload *upload,
               GArray *rows,
               guint number,
               const char *name,
               GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->staging);
  g_autoptr (StreamerStagedRow) staged = NULL;

  if (!streamer_staged_state_find (self->database, name, &staged, error))
    return FALSE;
  if (!staged)
    return fail (error, STREAMER_ERROR_NOT_FOUND, "Nothing was sent under the name of this part.");
  return check_total (upload, rows, number, staged, error) &&
         take_staged (self, upload->id, rows, number, staged, error);
}

static gboolean
add_row (StreamerFolderStorage *self,
         const StreamerUploadRow *row,
         guint number,
         const char *name,
         GError **error)
{
  g_autoptr (GArray) rows = NULL;

  if (row->phase != STREAMER_UPLOAD_OPEN)
    return fail (error, STREAMER_ERROR_NO_UPLOAD, "This upload is finished.");
  rows = streamer_folder_state_list_parts (self->state, row->upload->id, error);
  if (!rows || !find_and_take (self, row->upload, rows, number, name, error))
    return FALSE;
  g_array_unref (rows);
  rows = streamer_folder_state_list_parts (self->state, row->upload->id, error);
  return rows && streamer_folder_staging_assemble (self, row, rows, error);
}

static gboolean
staging_add (StreamerStagingStorage *storage,
             const StreamerStorageUpload *upload,
             guint number,
             const char *name,
             GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);
  g_autoptr (StreamerUploadRow) row = NULL;
  gboolean added;

  streamer_part_gate_close (self->gate, upload->id);
  row = streamer_folder_storage_find (self, upload->id, error);
  added = row && add_row (self, row, number, name, error);
  streamer_part_gate_open (self->gate, upload->id);
  return added;
}

static gboolean
staging_discard (StreamerStagingStorage *storage, const char *name, GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->staging);
  g_autoptr (StreamerStagedRow) staged = NULL;

  if (!streamer_staged_state_find (self->database, name, &staged, error))
    return FALSE;
  if (!staged)
    return TRUE;
  if (*staged->file && unlinkat (self->staged, staged->file, 0) != 0 && errno != ENOENT)
    return streamer_object_path_set_error (error, errno, "A temporary file cannot be removed");
  return streamer_staged_state_remove (self->database, name, error);
}

void
streamer_folder_staging_drop_parts (StreamerFolderStorage *self, const char *id)
{
  g_autoptr (GArray) rows = streamer_folder_state_list_parts (self->state, id, NULL);

  for (guint i = 0; rows && i < rows->len; i++)
    {
      g_autofree char *file =
          get_part_file (id, g_array_index (rows, StreamerPartRow, i).part.number);

      unlinkat (self->uploads, file, 0);
    }
}

static void
remove_strays (StreamerFolderStorage *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", self->staged);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder && (name = g_dir_read_name (folder)))
    if (streamer_folder_storage_is_id (name) &&
        !streamer_staged_state_has_file (self->database, name))
      unlinkat (self->staged, name, 0);
}

void
streamer_folder_staging_sweep (StreamerFolderStorage *self, gboolean only_expired)
{
  gint64 before = g_get_real_time () / G_USEC_PER_SEC - STREAMER_STAGED_SECONDS;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = NULL;

  names = streamer_staged_state_list (self->database, before, &error);
  for (guint i = 0; names && i < names->len && !error; i++)
    staging_discard (STREAMER_STAGING_STORAGE (self), names->pdata[i], &error);
  if (!only_expired)
    remove_strays (self);
  if (error)
    streamer_server_log ("warning", "sweep", "error", error->message, NULL);
}

void
streamer_folder_staging_iface_init (StreamerStagingStorageInterface *iface)
{
  iface->sign_post = staging_sign_post;
  iface->add = staging_add;
  iface->discard = staging_discard;
}
