/* streamer-folder-state.c: the folder storage's memory, in SQLite
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A power cut may lose the last commits. The folder storage is written so that an older state is
 * never taken for more than it is.
 */

#include "streamer-folder-state.h"

#include "streamer-server-database.h"
#include "streamer-staged-state.h"

struct _StreamerFolderState
{
  StreamerDatabase *database; /* (owned) */
  char *boot;                 /* (owned): names the time since the system was started */
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS parts ("
    "  upload TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,"
    "  crc32 INTEGER NOT NULL, etag TEXT NOT NULL, boot TEXT NOT NULL,"
    "  PRIMARY KEY (upload, number)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS objects ("
    "  key TEXT PRIMARY KEY, content_type TEXT NOT NULL, etag TEXT NOT NULL,"
    "  size INTEGER NOT NULL, mtime INTEGER NOT NULL, inode INTEGER NOT NULL) WITHOUT ROWID;";

void
streamer_object_row_clear (StreamerObjectRow *row)
{
  g_clear_pointer (&row->content_type, g_free);
  g_clear_pointer (&row->etag, g_free);
}

StreamerFolderState *
streamer_folder_state_open (const char *path, GError **error)
{
  g_autoptr (StreamerDatabase) database = streamer_server_database_open (path, schema, error);
  StreamerFolderState *self;

  if (!database || !streamer_upload_state_prepare (database, error) ||
      !streamer_staged_state_prepare (database, error))
    return NULL;
  self = g_new0 (StreamerFolderState, 1);
  self->database = g_steal_pointer (&database);
  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &self->boot, NULL, NULL))
    self->boot = g_uuid_string_random ();
  return self;
}

void
streamer_folder_state_close (StreamerFolderState *self)
{
  streamer_database_close (self->database);
  g_free (self->boot);
  g_free (self);
}

StreamerDatabase *
streamer_folder_state_get_database (StreamerFolderState *self)
{
  return self->database;
}

const char *
streamer_folder_state_get_boot (StreamerFolderState *self)
{
  return self->boot;
}

static gboolean
write_no_parts (StreamerFolderState *self, const char *id, GError **error)
{
  return streamer_database_run (self->database,
                                streamer_database_prepare (self->database, error,
                                                           "DELETE FROM parts WHERE upload = ?1",
                                                           "s", id),
                                error);
}

gboolean
streamer_folder_state_conclude (StreamerFolderState *self,
                                StreamerUploadRow *row,
                                const StreamerObjectRow *object,
                                GError **error)
{
  sqlite3_stmt *statement;
  gboolean good;

  if (!streamer_database_begin (self->database, error))
    return FALSE;
  statement = streamer_database_prepare (
      self->database, error,
      "INSERT OR REPLACE INTO objects (key, content_type, etag, size, mtime, inode)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      "sssiii", row->upload->key, object->content_type, object->etag, (gint64) object->size,
      object->mtime, (gint64) object->inode);
  good = streamer_database_run (self->database, statement, error) &&
         streamer_upload_state_set_phase (self->database, row, STREAMER_UPLOAD_FINISHED, error) &&
         write_no_parts (self, row->upload->id, error);
  return streamer_database_end (self->database, good, error);
}

gboolean
streamer_folder_state_forget_upload (StreamerFolderState *self, const char *id, GError **error)
{
  gboolean good;

  if (!streamer_database_begin (self->database, error))
    return FALSE;
  good =
      write_no_parts (self, id, error) && streamer_upload_state_forget (self->database, id, error);
  return streamer_database_end (self->database, good, error);
}

gboolean
streamer_folder_state_put_part (StreamerFolderState *self,
                                const char *id,
                                const StreamerStoragePart *part,
                                GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  return streamer_database_run (
      self->database,
      streamer_database_prepare (
          self->database, error,
          "INSERT OR REPLACE INTO parts (upload, number, size, crc32, etag, boot)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
          "siiiss", id, (gint64) part->number, (gint64) part->size, (gint64) part->crc32,
          part->etag, self->boot),
      error);
}

gboolean
streamer_folder_state_remove_part (StreamerFolderState *self,
                                   const char *id,
                                   guint number,
                                   GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  return streamer_database_run (
      self->database,
      streamer_database_prepare (self->database, error,
                                 "DELETE FROM parts WHERE upload = ?1 AND number = ?2", "si", id,
                                 (gint64) number),
      error);
}

static void
part_row_clear (gpointer data)
{
  g_free (((StreamerPartRow *) data)->part.etag);
}

GArray *
streamer_folder_state_list_parts (StreamerFolderState *self, const char *id, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (StreamerPartRow));
  sqlite3_stmt *statement;
  gboolean has_row;

  g_array_set_clear_func (rows, part_row_clear);
  statement = streamer_database_prepare (
      self->database, error,
      "SELECT number, size, crc32, etag, boot = ?2 FROM parts WHERE upload = ?1"
      " ORDER BY number",
      "ss", id, self->boot);
  if (!statement)
    return NULL;
  for (;;)
    {
      StreamerPartRow row = { 0 };

      if (!streamer_database_step (self->database, statement, &has_row, error))
        return NULL;
      if (!has_row)
        return g_steal_pointer (&rows);
      row.part.number = sqlite3_column_int (statement, 0);
      row.part.size = (guint64) sqlite3_column_int64 (statement, 1);
      row.part.crc32 = (guint32) sqlite3_column_int64 (statement, 2);
      row.part.etag = streamer_database_get_text (statement, 3);
      row.is_safe = sqlite3_column_int (statement, 4) != 0;
      g_array_append_val (rows, row);
    }
}

gboolean
streamer_folder_state_find_object (StreamerFolderState *self,
                                   const char *key,
                                   StreamerObjectRow *row)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);
  sqlite3_stmt *statement;
  gboolean found;

  statement = streamer_database_prepare (
      self->database, NULL,
      "SELECT content_type, etag, size, mtime, inode FROM objects WHERE key = ?1", "s", key);
  if (!statement || !streamer_database_step (self->database, statement, &found, NULL))
    return FALSE;
  if (found)
    {
      row->content_type = streamer_database_get_text (statement, 0);
      row->etag = streamer_database_get_text (statement, 1);
      row->size = (guint64) sqlite3_column_int64 (statement, 2);
      row->mtime = sqlite3_column_int64 (statement, 3);
      row->inode = (guint64) sqlite3_column_int64 (statement, 4);
      streamer_database_release (statement);
    }
  return found;
}

gboolean
streamer_folder_state_remove_object (StreamerFolderState *self, const char *key, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  return streamer_database_run (self->database,
                                streamer_database_prepare (self->database, error,
                                                           "DELETE FROM objects WHERE key = ?1",
                                                           "s", key),
                                error);
}
