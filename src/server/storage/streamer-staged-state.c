/* streamer-staged-state.c: what the folder storage remembers of temporary objects
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread.
 */

#include "streamer-staged-state.h"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS staged ("
    "  name TEXT PRIMARY KEY, principal TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,"
    "  crc32 INTEGER NOT NULL, etag TEXT NOT NULL, boot TEXT NOT NULL, created INTEGER NOT NULL,"
    "  upload TEXT NOT NULL DEFAULT '', number INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS staged_by_principal ON staged (principal);"
    "CREATE INDEX IF NOT EXISTS staged_by_file ON staged (file);";

void
streamer_staged_row_free (StreamerStagedRow *row)
{
  g_free (row->name);
  g_free (row->principal);
  g_free (row->file);
  g_free (row->part.etag);
  g_free (row->upload);
  g_free (row);
}

gboolean
streamer_staged_state_prepare (StreamerDatabase *database, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  return streamer_database_execute (database, schema, error);
}

gboolean
streamer_staged_state_put (StreamerDatabase *database,
                           const StreamerStagedRow *row,
                           const char *boot,
                           GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  return streamer_database_run (
      database,
      streamer_database_prepare (
          database, error,
          "INSERT OR REPLACE INTO staged (name, principal, file, size, crc32, etag, boot, created)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
          "sssiissi", row->name, row->principal, row->file, (gint64) row->part.size,
          (gint64) row->part.crc32, row->part.etag, boot, g_get_real_time () / G_USEC_PER_SEC),
      error);
}

gboolean
streamer_staged_state_find (StreamerDatabase *database,
                            const char *name,
                            StreamerStagedRow **row,
                            GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);
  gboolean has_row;
  sqlite3_stmt *statement;

  *row = NULL;
  statement = streamer_database_prepare (
      database, error,
      "SELECT principal, file, size, crc32, etag, upload, number FROM staged WHERE name = ?1", "s",
      name);
  if (!statement || !streamer_database_step (database, statement, &has_row, error))
    return FALSE;
  if (has_row)
    {
      *row = g_new0 (StreamerStagedRow, 1);
      (*row)->name = g_strdup (name);
      (*row)->principal = streamer_database_get_text (statement, 0);
      (*row)->file = streamer_database_get_text (statement, 1);
      (*row)->part.size = (guint64) sqlite3_column_int64 (statement, 2);
      (*row)->part.crc32 = (guint32) sqlite3_column_int64 (statement, 3);
      (*row)->part.etag = streamer_database_get_text (statement, 4);
      (*row)->upload = streamer_database_get_text (statement, 5);
      (*row)->part.number = sqlite3_column_int (statement, 6);
      streamer_database_release (statement);
    }
  return TRUE;
}

gboolean
streamer_staged_state_bind (StreamerDatabase *database,
                            const char *name,
                            const char *id,
                            guint number,
                            GError **error)
{
  sqlite3_stmt *statement;
  gboolean good;

  if (!streamer_database_begin (database, error))
    return FALSE;
  statement = streamer_database_prepare (
      database, error,
      "INSERT OR REPLACE INTO parts (upload, number, size, crc32, etag, boot)"
      " SELECT ?2, ?3, size, crc32, etag, boot FROM staged WHERE name = ?1",
      "ssi", name, id, (gint64) number);
  good = streamer_database_run (database, statement, error);
  if (good)
    {
      statement = streamer_database_prepare (
          database, error, "UPDATE staged SET file = '', upload = ?2, number = ?3 WHERE name = ?1",
          "ssi", name, id, (gint64) number);
      good = streamer_database_run (database, statement, error);
    }
  return streamer_database_end (database, good, error);
}

gboolean
streamer_staged_state_remove (StreamerDatabase *database, const char *name, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  return streamer_database_run (
      database,
      streamer_database_prepare (database, error, "DELETE FROM staged WHERE name = ?1", "s", name),
      error);
}

GPtrArray *
streamer_staged_state_list (StreamerDatabase *database, gint64 before, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  return streamer_database_list_texts (
      database,
      streamer_database_prepare (database, error, "SELECT name FROM staged WHERE created < ?1", "i",
                                 before),
      error);
}

gboolean
streamer_staged_state_count (StreamerDatabase *database,
                             const char *principal,
                             const char *but,
                             guint64 *count,
                             guint64 *size,
                             GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);
  gboolean has_row;
  sqlite3_stmt *statement;

  *count = *size = 0;
  statement = streamer_database_prepare (database, error,
                                         "SELECT COUNT (*), TOTAL (size) FROM staged"
                                         " WHERE principal = ?1 AND file != '' AND name != ?2",
                                         "ss", principal, but);
  if (!statement || !streamer_database_step (database, statement, &has_row, error))
    return FALSE;
  if (has_row)
    {
      *count = (guint64) sqlite3_column_int64 (statement, 0);
      *size = (guint64) sqlite3_column_int64 (statement, 1);
      streamer_database_release (statement);
    }
  return TRUE;
}

gboolean
streamer_staged_state_has_file (StreamerDatabase *database, const char *file)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);
  gboolean has_row = TRUE;
  sqlite3_stmt *statement;

  statement =
      streamer_database_prepare (database, NULL, "SELECT 1 FROM staged WHERE file = ?1", "s", file);
  if (statement && streamer_database_step (database, statement, &has_row, NULL) && has_row)
    streamer_database_release (statement);
  return has_row;
}
