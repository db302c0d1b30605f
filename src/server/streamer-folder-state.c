/* streamer-folder-state.c: the folder storage's memory, in SQLite
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One connection, which has the file to itself, used under one lock: each call is a statement or
 * two, and they are short. The journal is a write-ahead log without a sync for each commit: a crash
 * of the program loses nothing of it, and a power cut may lose the last commits, but leaves an
 * older state that is whole. The folder storage is written so that an older state is never taken
 * for more than it is.
 */

#include "streamer-folder-state.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "streamer-error.h"

struct _StreamerFolderState
{
  GMutex lock;
  sqlite3 *database;      /* the lock */
  GHashTable *statements; /* SQL (a literal) to sqlite3_stmt, prepared: the lock */
  char *boot;             /* (owned): names the time since the system was started */
};

static const char schema[] =
    "PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS uploads ("
    "  id TEXT PRIMARY KEY, principal TEXT NOT NULL, resume_id TEXT NOT NULL, key TEXT NOT NULL,"
    "  size INTEGER, part_size INTEGER NOT NULL, content_type TEXT NOT NULL,"
    "  overwrite INTEGER NOT NULL, expires INTEGER NOT NULL, phase INTEGER NOT NULL,"
    "  total INTEGER NOT NULL DEFAULT 0, crc32 INTEGER NOT NULL DEFAULT 0,"
    "  UNIQUE (principal, resume_id)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS parts ("
    "  upload TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,"
    "  crc32 INTEGER NOT NULL, etag TEXT NOT NULL, boot TEXT NOT NULL,"
    "  PRIMARY KEY (upload, number)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS objects ("
    "  key TEXT PRIMARY KEY, content_type TEXT NOT NULL, etag TEXT NOT NULL,"
    "  size INTEGER NOT NULL, mtime INTEGER NOT NULL, inode INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version = 1;";

#define UPLOAD_COLUMNS                                                                             \
  "id, principal, key, size, part_size, content_type, overwrite, expires, phase, total, crc32"

void
streamer_upload_row_free (StreamerUploadRow *row)
{
  streamer_storage_upload_free (row->upload);
  g_free (row);
}

void
streamer_object_row_clear (StreamerObjectRow *row)
{
  g_clear_pointer (&row->content_type, g_free);
  g_clear_pointer (&row->etag, g_free);
}

static gboolean
set_error (StreamerFolderState *self, GError **error)
{
  int code = sqlite3_errcode (self->database) & 0xff;

  if (code == SQLITE_FULL)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE,
                         "The disk of the server is full.");
  else
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, "The server's database: %s",
                 sqlite3_errmsg (self->database));
  return FALSE;
}

static void
finalize (gpointer statement)
{
  sqlite3_finalize (statement);
}

/* The statement for @sql, a literal, whose address names it from then on. */
static sqlite3_stmt *
look_up (StreamerFolderState *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);

  if (statement)
    return statement;
  if (sqlite3_prepare_v3 (self->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
      SQLITE_OK)
    {
      set_error (self, error);
      return NULL;
    }
  g_hash_table_insert (self->statements, (gpointer) sql, statement);
  return statement;
}

/* @types has a letter for each value that follows: s for a text, i for a gint64. */
static sqlite3_stmt *
prepare (StreamerFolderState *self, GError **error, const char *sql, const char *types, ...)
{
  sqlite3_stmt *statement = look_up (self, sql, error);
  va_list values;

  if (!statement)
    return NULL;
  va_start (values, types);
  for (int i = 0; types[i]; i++)
    if (types[i] == 's')
      sqlite3_bind_text (statement, i + 1, va_arg (values, const char *), -1, SQLITE_TRANSIENT);
    else
      sqlite3_bind_int64 (statement, i + 1, va_arg (values, gint64));
  va_end (values);
  return statement;
}

/* To be used again. */
static void
release (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

/* Runs a statement that gives no rows. */
static gboolean
run (StreamerFolderState *self, sqlite3_stmt *statement, GError **error)
{
  gboolean done;

  if (!statement)
    return FALSE;
  done = sqlite3_step (statement) == SQLITE_DONE || set_error (self, error);
  release (statement);
  return done;
}

static char *
column_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

StreamerFolderState *
streamer_folder_state_open (const char *path, GError **error)
{
  g_autoptr (StreamerFolderState) self = g_new0 (StreamerFolderState, 1);
  int file;

  g_mutex_init (&self->lock);
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize);
  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &self->boot, NULL, NULL))
    self->boot = g_uuid_string_random ();
  /* SQLite gives its other files the mode of this one. */
  file = open (path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file >= 0)
    close (file);
  if (sqlite3_open_v2 (path, &self->database,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                           SQLITE_OPEN_EXRESCODE,
                       NULL) != SQLITE_OK)
    {
      set_error (self, error);
      return NULL;
    }
  sqlite3_busy_timeout (self->database, 10000);
  if (sqlite3_exec (self->database, schema, NULL, NULL, NULL) != SQLITE_OK)
    {
      set_error (self, error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
streamer_folder_state_close (StreamerFolderState *self)
{
  g_hash_table_unref (self->statements);
  sqlite3_close_v2 (self->database);
  g_mutex_clear (&self->lock);
  g_free (self->boot);
  g_free (self);
}

gboolean
streamer_folder_state_add_upload (StreamerFolderState *self,
                                  const StreamerStorageUpload *upload,
                                  const char *resume_id,
                                  GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  sqlite3_stmt *statement;

  statement = prepare (self, error,
                       "INSERT INTO uploads (id, principal, resume_id, key, size, part_size,"
                       " content_type, overwrite, expires, phase)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)",
                       "ssssiisii", upload->id, upload->principal, resume_id, upload->key,
                       (gint64) upload->size, (gint64) upload->part_size, upload->content_type,
                       (gint64) upload->overwrite, upload->expires);
  return run (self, statement, error);
}

static gboolean
read_upload (StreamerFolderState *self,
             sqlite3_stmt *statement,
             StreamerUploadRow **row,
             GError **error)
{
  int result;

  *row = NULL;
  if (!statement)
    return FALSE;
  result = sqlite3_step (statement);
  if (result == SQLITE_ROW)
    {
      StreamerStorageUpload *upload = streamer_storage_upload_new ();

      *row = g_new0 (StreamerUploadRow, 1);
      (*row)->upload = upload;
      upload->id = column_text (statement, 0);
      upload->principal = column_text (statement, 1);
      upload->key = column_text (statement, 2);
      upload->size = (guint64) sqlite3_column_int64 (statement, 3);
      upload->part_size = (guint64) sqlite3_column_int64 (statement, 4);
      upload->content_type = column_text (statement, 5);
      upload->overwrite = sqlite3_column_int (statement, 6) != 0;
      upload->expires = sqlite3_column_int64 (statement, 7);
      (*row)->phase = sqlite3_column_int (statement, 8);
      (*row)->total = (guint64) sqlite3_column_int64 (statement, 9);
      (*row)->crc32 = (guint32) sqlite3_column_int64 (statement, 10);
    }
  else if (result != SQLITE_DONE)
    set_error (self, error);
  release (statement);
  return result == SQLITE_ROW || result == SQLITE_DONE;
}

gboolean
streamer_folder_state_find_upload (StreamerFolderState *self,
                                   const char *id,
                                   StreamerUploadRow **row,
                                   GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return read_upload (
      self, prepare (self, error, "SELECT " UPLOAD_COLUMNS " FROM uploads WHERE id = ?1", "s", id),
      row, error);
}

gboolean
streamer_folder_state_find_resumed (StreamerFolderState *self,
                                    const char *principal,
                                    const char *resume_id,
                                    StreamerUploadRow **row,
                                    GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return read_upload (self,
                      prepare (self, error,
                               "SELECT " UPLOAD_COLUMNS
                               " FROM uploads WHERE principal = ?1 AND resume_id = ?2",
                               "ss", principal, resume_id),
                      row, error);
}

static gboolean
write_phase (StreamerFolderState *self,
             StreamerUploadRow *row,
             StreamerUploadPhase phase,
             GError **error)
{
  row->phase = phase;
  return run (
      self,
      prepare (self, error, "UPDATE uploads SET phase = ?2, total = ?3, crc32 = ?4 WHERE id = ?1",
               "siii", row->upload->id, (gint64) phase, (gint64) row->total, (gint64) row->crc32),
      error);
}

static gboolean
write_no_parts (StreamerFolderState *self, const char *id, GError **error)
{
  return run (self, prepare (self, error, "DELETE FROM parts WHERE upload = ?1", "s", id), error);
}

/* Ends the transaction that the caller began; an error that was met is kept. */
static gboolean
end_transaction (StreamerFolderState *self, gboolean good, GError **error)
{
  if (good && sqlite3_exec (self->database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  if (good)
    set_error (self, error);
  sqlite3_exec (self->database, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

gboolean
streamer_folder_state_set_phase (StreamerFolderState *self,
                                 StreamerUploadRow *row,
                                 StreamerUploadPhase phase,
                                 GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return write_phase (self, row, phase, error);
}

gboolean
streamer_folder_state_conclude (StreamerFolderState *self,
                                StreamerUploadRow *row,
                                const StreamerObjectRow *object,
                                GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean good;

  if (!run (self, prepare (self, error, "BEGIN IMMEDIATE", ""), error))
    return FALSE;
  good = run (self,
              prepare (self, error,
                       "INSERT OR REPLACE INTO objects (key, content_type, etag, size, mtime,"
                       " inode) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                       "sssiii", row->upload->key, object->content_type, object->etag,
                       (gint64) object->size, object->mtime, (gint64) object->inode),
              error) &&
         write_phase (self, row, STREAMER_UPLOAD_FINISHED, error) &&
         write_no_parts (self, row->upload->id, error);
  return end_transaction (self, good, error);
}

gboolean
streamer_folder_state_forget_upload (StreamerFolderState *self, const char *id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean good;

  if (!run (self, prepare (self, error, "BEGIN IMMEDIATE", ""), error))
    return FALSE;
  good = write_no_parts (self, id, error) &&
         run (self, prepare (self, error, "DELETE FROM uploads WHERE id = ?1", "s", id), error);
  return end_transaction (self, good, error);
}

GPtrArray *
streamer_folder_state_list_uploads (StreamerFolderState *self, gint64 before, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *statement;
  int result;

  statement = prepare (self, error, "SELECT id FROM uploads WHERE expires < ?1", "i", before);
  if (!statement)
    return NULL;
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    g_ptr_array_add (ids, column_text (statement, 0));
  if (result != SQLITE_DONE)
    set_error (self, error);
  release (statement);
  return result == SQLITE_DONE ? g_steal_pointer (&ids) : NULL;
}

gboolean
streamer_folder_state_put_part (StreamerFolderState *self,
                                const char *id,
                                const StreamerStoragePart *part,
                                GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return run (self,
              prepare (self, error,
                       "INSERT OR REPLACE INTO parts (upload, number, size, crc32, etag, boot)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                       "siiiss", id, (gint64) part->number, (gint64) part->size,
                       (gint64) part->crc32, part->etag, self->boot),
              error);
}

gboolean
streamer_folder_state_remove_part (StreamerFolderState *self,
                                   const char *id,
                                   guint number,
                                   GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return run (self,
              prepare (self, error, "DELETE FROM parts WHERE upload = ?1 AND number = ?2", "si", id,
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
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (StreamerPartRow));
  sqlite3_stmt *statement;
  int result;

  g_array_set_clear_func (rows, part_row_clear);
  statement = prepare (self, error,
                       "SELECT number, size, crc32, etag, boot = ?2 FROM parts WHERE upload = ?1"
                       " ORDER BY number",
                       "ss", id, self->boot);
  if (!statement)
    return NULL;
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      StreamerPartRow row = { 0 };

      row.part.number = sqlite3_column_int (statement, 0);
      row.part.size = (guint64) sqlite3_column_int64 (statement, 1);
      row.part.crc32 = (guint32) sqlite3_column_int64 (statement, 2);
      row.part.etag = column_text (statement, 3);
      row.is_safe = sqlite3_column_int (statement, 4) != 0;
      g_array_append_val (rows, row);
    }
  if (result != SQLITE_DONE)
    set_error (self, error);
  release (statement);
  return result == SQLITE_DONE ? g_steal_pointer (&rows) : NULL;
}

gboolean
streamer_folder_state_find_object (StreamerFolderState *self,
                                   const char *key,
                                   StreamerObjectRow *row)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  sqlite3_stmt *statement;
  gboolean found;

  statement = prepare (self, NULL,
                       "SELECT content_type, etag, size, mtime, inode FROM objects WHERE key = ?1",
                       "s", key);
  if (!statement)
    return FALSE;
  found = sqlite3_step (statement) == SQLITE_ROW;
  if (found)
    {
      row->content_type = column_text (statement, 0);
      row->etag = column_text (statement, 1);
      row->size = (guint64) sqlite3_column_int64 (statement, 2);
      row->mtime = sqlite3_column_int64 (statement, 3);
      row->inode = (guint64) sqlite3_column_int64 (statement, 4);
    }
  release (statement);
  return found;
}

gboolean
streamer_folder_state_remove_object (StreamerFolderState *self, const char *key, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return run (self, prepare (self, error, "DELETE FROM objects WHERE key = ?1", "s", key), error);
}
