/* streamer-folder-storage.c: keeps objects in a folder
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread. The gate lets one thread at a time change an upload's fate, the names lock guards
 * what the folder of objects has. Every step is written so that the process may be killed behind
 * it: files are looked at again when it starts.
 */

#include "streamer-folder-staging.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-hex.h"
#include "streamer-key.h"
#include "streamer-object-path.h"
#include "streamer-server-log.h"

#define UPLOAD_SECONDS   (7 * 24 * 60 * 60)
#define PART_URL_SECONDS (15 * 60)
#define ID_BYTES         16

/* A folder takes parts of any size; the rest is as S3 has it. */
static const StreamerLimits limits = {
  .min_part_size = 1,
  .max_part_size = 5 * 1024 * STREAMER_MIB,
  .max_parts = 10000,
  .max_object_size = 10000 * 5 * 1024 * STREAMER_MIB,
};

static void storage_iface_init (StreamerStorageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerFolderStorage,
                               streamer_folder_storage,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORAGE, storage_iface_init)
                                   G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STAGING_STORAGE,
                                                          streamer_folder_staging_iface_init))

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

char *
streamer_folder_storage_make_etag (const StreamerUploadRow *row)
{
  return g_strdup_printf ("\"%.16s-%08x\"", row->upload->id, row->crc32);
}

StreamerUploadRow *
streamer_folder_storage_find (StreamerFolderStorage *self, const char *id, GError **error)
{
  g_autoptr (StreamerUploadRow) row = NULL;

  if (!streamer_upload_state_find (self->database, id, &row, error))
    return NULL;
  if (row && row->phase != STREAMER_UPLOAD_CANCELLED && !streamer_upload_row_has_expired (row))
    return g_steal_pointer (&row);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD,
                       "There is no such upload, or it was given up or has expired.");
  return NULL;
}

/* Removes what there is of an upload, other than an object that it has become. */
static gboolean
drop_upload (StreamerFolderStorage *self, const char *id, GError **error)
{
  gboolean dropped;

  streamer_part_gate_close (self->gate, id);
  streamer_folder_staging_drop_parts (self, id);
  if (unlinkat (self->uploads, id, 0) != 0 && errno != ENOENT)
    dropped = streamer_object_path_set_error (error, errno, "An upload cannot be removed");
  else
    dropped = streamer_folder_state_forget_upload (self->state, id, error);
  streamer_part_gate_open (self->gate, id);
  return dropped;
}

gboolean
streamer_folder_storage_check_target (StreamerFolderStorage *self,
                                      const StreamerStorageUpload *upload,
                                      GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *leaf = NULL;
  struct stat status;
  int folder, result;

  folder =
      streamer_object_path_open_parent (self->objects, upload->key, FALSE, &leaf, &local_error);
  if (folder < 0)
    {
      if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  result = fstatat (folder, leaf, &status, AT_SYMLINK_NOFOLLOW);
  close (folder);
  if (result != 0 || (S_ISREG (status.st_mode) && upload->overwrite))
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS,
                       S_ISDIR (status.st_mode)
                           ? "There are documents below this name: it is a folder."
                           : "Document already exists and overwrite is not set.");
  return FALSE;
}

static const StreamerLimits *
folder_get_limits (StreamerStorage *storage)
{
  return &limits;
}

static const char *
folder_get_domain (StreamerStorage *storage)
{
  return STREAMER_FOLDER_STORAGE (storage)->domain;
}

static gboolean
folder_is_public (StreamerStorage *storage)
{
  return STREAMER_FOLDER_STORAGE (storage)->downloads_public;
}

static const char *const *
folder_get_checksums (StreamerStorage *storage)
{
  static const char *const names[] = { "crc32", NULL };

  return names;
}

/* The upload that the client began before under the same name, where it did. */
static gboolean
find_resumed (StreamerFolderStorage *self,
              const StreamerStorageUpload *upload,
              const char *resume_id,
              StreamerUploadRow **row,
              GError **error)
{
  g_autoptr (StreamerUploadRow) found = NULL;

  *row = NULL;
  if (!streamer_upload_state_find_resumed (self->database, upload, resume_id, &found, error))
    return FALSE;
  if (found &&
      (found->phase == STREAMER_UPLOAD_CANCELLED || streamer_upload_row_has_expired (found)))
    return drop_upload (self, found->upload->id, error);
  *row = g_steal_pointer (&found);
  return TRUE;
}

char *
streamer_folder_storage_new_id (void)
{
  guint8 random[ID_BYTES];

  streamer_seal_random (random, sizeof random);
  return streamer_hex_encode (random, sizeof random);
}

gboolean
streamer_folder_storage_is_id (const char *name)
{
  return strlen (name) == 2 * ID_BYTES && strspn (name, "0123456789abcdef") == 2 * ID_BYTES;
}

static gboolean
create_upload (StreamerFolderStorage *self,
               StreamerStorageUpload *upload,
               const char *resume_id,
               GError **error)
{
  gboolean added;
  int file;

  upload->id = streamer_folder_storage_new_id ();
  upload->expires = now () + UPLOAD_SECONDS;

  file = openat (self->uploads, upload->id, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return streamer_object_path_set_error (error, errno, "An upload cannot be begun");
  close (file);
  /* Nobody else has begun it meanwhile: the caller holds the lock for that. */
  if (streamer_upload_state_add (self->database, upload, resume_id, &added, error))
    return TRUE;
  unlinkat (self->uploads, upload->id, 0);
  return FALSE;
}

static gboolean
folder_begin (StreamerStorage *storage,
              StreamerStorageUpload *upload,
              const char *resume_id,
              GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);
  g_autoptr (StreamerUploadRow) row = NULL;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->beginning);

  if (!find_resumed (self, upload, resume_id, &row, error))
    return FALSE;
  /* Of an upload that is finished, the object that stands in the way is its own. */
  if ((!row || row->phase == STREAMER_UPLOAD_OPEN) &&
      !streamer_folder_storage_check_target (self, upload, error))
    return FALSE;
  if (!row)
    return create_upload (self, upload, resume_id, error);
  streamer_upload_row_resume (row, upload);
  return TRUE;
}

static gboolean
folder_presign (StreamerStorage *storage,
                const StreamerStorageUpload *upload,
                guint number,
                guint64 size,
                const guint32 *crc32,
                StreamerSignedRequest *request,
                GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);
  StreamerPartGrant grant = {
    .id = upload->id,
    .number = number,
    .length = size,
    .expires = MIN (now () + PART_URL_SECONDS, upload->expires),
    .has_crc32 = crc32 != NULL,
    .crc32 = crc32 ? *crc32 : 0,
  };

  request->url = streamer_url_signer_part_url (self->seal, &grant);
  request->headers = NULL;
  request->expires = grant.expires;
  return TRUE;
}

static GArray *
folder_list_parts (StreamerStorage *storage, const StreamerStorageUpload *upload, GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);
  g_autoptr (StreamerUploadRow) row = streamer_folder_storage_find (self, upload->id, error);
  g_autoptr (GArray) rows = NULL;
  GArray *parts;

  if (!row || !(rows = streamer_folder_state_list_parts (self->state, upload->id, error)))
    return NULL;
  parts = streamer_storage_parts_new ();
  for (guint i = 0; i < rows->len; i++)
    {
      StreamerStoragePart part = g_array_index (rows, StreamerPartRow, i).part;

      part.etag = g_strdup (part.etag);
      g_array_append_val (parts, part);
    }
  return parts;
}

/* Whether the upload's file has become an object, even where the process was killed behind that. */
static gboolean
is_published (StreamerFolderStorage *self, const StreamerUploadRow *row)
{
  return row->phase == STREAMER_UPLOAD_FINISHED ||
         (row->phase == STREAMER_UPLOAD_FINISHING &&
          faccessat (self->uploads, row->upload->id, F_OK, 0) != 0);
}

static gboolean
cancel_row (StreamerFolderStorage *self, StreamerUploadRow *row, GError **error)
{
  if (row->phase == STREAMER_UPLOAD_CANCELLED)
    return TRUE;
  if (is_published (self, row))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD,
                           "This upload is finished: there is nothing to give up.");
      return FALSE;
    }
  streamer_folder_staging_drop_parts (self, row->upload->id);
  if (unlinkat (self->uploads, row->upload->id, 0) != 0 && errno != ENOENT)
    return streamer_object_path_set_error (error, errno, "An upload cannot be removed");
  return streamer_upload_state_set_phase (self->database, row, STREAMER_UPLOAD_CANCELLED, error);
}

static gboolean
folder_cancel (StreamerStorage *storage, const StreamerStorageUpload *upload, GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);
  g_autoptr (StreamerUploadRow) row = NULL;
  gboolean cancelled;

  streamer_part_gate_close (self->gate, upload->id);
  cancelled = streamer_upload_state_find (self->database, upload->id, &row, error) &&
              (!row || cancel_row (self, row, error));
  streamer_part_gate_open (self->gate, upload->id);
  return cancelled;
}

int
streamer_folder_storage_open_object (StreamerFolderStorage *self,
                                     const char *key,
                                     StreamerStorageObject **object,
                                     GError **error)
{
  g_auto (StreamerObjectRow) row = { 0 };
  int file = streamer_object_path_open (self->objects, key, error);
  struct stat status;
  gint64 mtime;

  if (file < 0)
    return -1;
  if (fstat (file, &status) != 0)
    {
      streamer_object_path_set_error (error, errno, "A document cannot be read");
      close (file);
      return -1;
    }

  mtime = status.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + status.st_mtim.tv_nsec;
  *object = g_new0 (StreamerStorageObject, 1);
  (*object)->size = status.st_size;
  (*object)->modified = status.st_mtim.tv_sec;
  if (streamer_folder_state_find_object (self->state, key, &row) && row.inode == status.st_ino &&
      row.mtime == mtime && row.size == (guint64) status.st_size)
    {
      (*object)->etag = g_steal_pointer (&row.etag);
      (*object)->content_type = g_steal_pointer (&row.content_type);
    }
  else
    {
      /* Somebody put the file there, or changed it. */
      g_autofree char *type = g_content_type_guess (key, NULL, 0, NULL);

      (*object)->etag = g_strdup_printf ("\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x-%lx\"",
                                         mtime, (guint64) status.st_size, (gulong) status.st_ino);
      (*object)->content_type = g_content_type_get_mime_type (type);
      if (!(*object)->content_type)
        (*object)->content_type = g_strdup ("application/octet-stream");
    }
  return file;
}

static StreamerStorageObject *
folder_stat (StreamerStorage *storage, const char *key, GError **error)
{
  StreamerStorageObject *object = NULL;
  int file =
      streamer_folder_storage_open_object (STREAMER_FOLDER_STORAGE (storage), key, &object, error);

  if (file >= 0)
    close (file);
  return object;
}

static gboolean
folder_remove (StreamerStorage *storage, const char *key, GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->names);
  g_autofree char *leaf = NULL;
  struct stat status;
  int folder, number = ENOENT;

  folder = streamer_object_path_open_parent (self->objects, key, FALSE, &leaf, NULL);
  if (folder >= 0)
    {
      if (fstatat (folder, leaf, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (status.st_mode))
        number = unlinkat (folder, leaf, 0) == 0 && fsync (folder) == 0 ? 0 : errno;
      close (folder);
    }
  if (number == ENOENT)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                           "Document does not exist and therefore cannot be purged.");
      return FALSE;
    }
  if (number != 0)
    return streamer_object_path_set_error (error, number, "A document cannot be removed");
  streamer_object_path_prune (self->objects, key);
  return streamer_folder_state_remove_object (self->state, key, error);
}

static char *
folder_link (StreamerStorage *storage, const char *key, gint64 *expires, GError **error)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (storage);

  if (self->downloads_public && !expires)
    return streamer_key_to_url (STREAMER_DOWNLOADS_PATH, key);
  return streamer_url_signer_download_url (self->seal, key, expires ? *expires : 0);
}

/* What a crash left of an upload: it goes on, is finished, or is forgotten. */
static void
settle_upload (StreamerFolderStorage *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerUploadRow) row = NULL;
  gboolean settled = TRUE, has_file = faccessat (self->uploads, id, F_OK, 0) == 0;

  if (!streamer_upload_state_find (self->database, id, &row, &error))
    settled = FALSE;
  else if (row && row->phase == STREAMER_UPLOAD_FINISHING)
    settled = has_file ? streamer_upload_state_set_phase (self->database, row, STREAMER_UPLOAD_OPEN,
                                                          &error)
                       : streamer_folder_storage_conclude (self, row, &error);
  else if (row && row->phase == STREAMER_UPLOAD_OPEN && !has_file)
    settled = drop_upload (self, id, &error);
  if (!settled)
    streamer_server_log ("warning", "settle", "error", error->message, NULL);
}

/* Files of uploads that nobody knows (any more); other files are not ours to remove. */
static void
remove_strays (StreamerFolderStorage *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", self->uploads);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder && (name = g_dir_read_name (folder)))
    {
      /* Its parts that wait for others have a number behind it. */
      g_autofree char *id = g_strndup (name, strcspn (name, "."));
      g_autoptr (StreamerUploadRow) row = NULL;

      if (streamer_folder_storage_is_id (id) &&
          streamer_upload_state_find (self->database, id, &row, NULL) &&
          (!row || row->phase == STREAMER_UPLOAD_CANCELLED ||
           row->phase == STREAMER_UPLOAD_FINISHED))
        unlinkat (self->uploads, name, 0);
    }
}

/* What a crash left is looked at, too, unless @only_expired. */
static void
sweep (StreamerFolderStorage *self, gboolean only_expired)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = NULL;

  ids = streamer_upload_state_list (self->database, only_expired ? now () : G_MAXINT64, &error);
  for (guint i = 0; ids && i < ids->len; i++)
    if (!only_expired)
      settle_upload (self, g_ptr_array_index (ids, i));
  g_clear_pointer (&ids, g_ptr_array_unref);

  if (!error)
    ids = streamer_upload_state_list (self->database, now (), &error);
  for (guint i = 0; ids && i < ids->len && !error; i++)
    if (!streamer_part_gate_is_used (self->gate, g_ptr_array_index (ids, i)))
      drop_upload (self, g_ptr_array_index (ids, i), &error);
  if (!only_expired)
    remove_strays (self);
  streamer_folder_staging_sweep (self, only_expired);
  if (error)
    streamer_server_log ("warning", "sweep", "error", error->message, NULL);
}

static void
folder_sweep (StreamerStorage *storage)
{
  sweep (STREAMER_FOLDER_STORAGE (storage), TRUE);
}

static void
storage_iface_init (StreamerStorageInterface *iface)
{
  iface->get_limits = folder_get_limits;
  iface->get_domain = folder_get_domain;
  iface->is_public = folder_is_public;
  iface->get_checksums = folder_get_checksums;
  iface->add_routes = streamer_folder_storage_add_routes;
  iface->sweep = folder_sweep;
  iface->begin = folder_begin;
  iface->presign = folder_presign;
  iface->list_parts = folder_list_parts;
  iface->finish = streamer_folder_storage_finish;
  iface->cancel = folder_cancel;
  iface->stat = folder_stat;
  iface->remove = folder_remove;
  iface->link = folder_link;
}

static void
streamer_folder_storage_finalize (GObject *object)
{
  StreamerFolderStorage *self = STREAMER_FOLDER_STORAGE (object);

  g_clear_pointer (&self->state, streamer_folder_state_close);
  g_clear_pointer (&self->gate, streamer_part_gate_free);
  if (self->objects >= 0)
    close (self->objects);
  if (self->uploads >= 0)
    close (self->uploads);
  if (self->staged >= 0)
    close (self->staged);
  g_mutex_clear (&self->beginning);
  g_mutex_clear (&self->names);
  g_mutex_clear (&self->staging);
  g_free (self->domain);
  G_OBJECT_CLASS (streamer_folder_storage_parent_class)->finalize (object);
}

static void
streamer_folder_storage_class_init (StreamerFolderStorageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = streamer_folder_storage_finalize;
}

static void
streamer_folder_storage_init (StreamerFolderStorage *self)
{
  self->objects = self->uploads = self->staged = -1;
  self->gate = streamer_part_gate_new ();
  g_mutex_init (&self->beginning);
  g_mutex_init (&self->names);
  g_mutex_init (&self->staging);
}

static int
open_folder (const char *root, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  int folder = -1;

  if (g_mkdir_with_parents (path, 0700) == 0)
    folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, "The folder “%s” cannot be used: %s",
                 path, g_strerror (errno));
  return folder;
}

static gboolean
check (const StreamerStorageConfig *config, const char **member, GError **error)
{
  if (!config->root || !*config->root)
    return streamer_storage_config_fail (member, error, "root", "The folder is missing.");
  return TRUE;
}

static StreamerStorage *
open_storage (const StreamerStorageConfig *config, StreamerSeal *seal, GError **error)
{
  g_autoptr (StreamerFolderStorage) self = g_object_new (STREAMER_TYPE_FOLDER_STORAGE, NULL);
  g_autofree char *database = g_build_filename (config->root, "state.db", NULL);

  self->seal = seal;
  self->domain = g_strdup (config->domain);
  self->downloads_public = config->downloads_public;
  if ((self->objects = open_folder (config->root, "objects", error)) < 0 ||
      (self->uploads = open_folder (config->root, "uploads", error)) < 0 ||
      (self->staged = open_folder (config->root, "staged", error)) < 0 ||
      !(self->state = streamer_folder_state_open (database, error)))
    return NULL;
  self->database = streamer_folder_state_get_database (self->state);
  sweep (self, FALSE);
  return STREAMER_STORAGE (g_steal_pointer (&self));
}

const StreamerStorageKind streamer_folder_storage_kind = {
  .name = "folder",
  .check = check,
  .open = open_storage,
};
