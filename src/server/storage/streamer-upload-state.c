/* streamer-upload-state.c: uploads that a storage remembers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread.
 */

#include "streamer-upload-state.h"

#include <string.h>

#include "streamer-error.h"

#define COLUMNS                                                                                    \
  "id, principal, key, size, part_size, content_type, overwrite, expires, phase, total, crc32, etag"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS uploads ("
    "  id TEXT PRIMARY KEY, principal TEXT NOT NULL, resume_id TEXT NOT NULL, key TEXT NOT NULL,"
    "  size INTEGER, part_size INTEGER NOT NULL, content_type TEXT NOT NULL,"
    "  overwrite INTEGER NOT NULL, expires INTEGER NOT NULL, phase INTEGER NOT NULL,"
    "  total INTEGER NOT NULL DEFAULT 0, crc32 INTEGER NOT NULL DEFAULT 0,"
    "  etag TEXT NOT NULL DEFAULT '', UNIQUE (principal, resume_id)) WITHOUT ROWID;";

void
streamer_upload_row_free (StreamerUploadRow *row)
{
  streamer_storage_upload_free (row->upload);
  g_free (row->etag);
  g_free (row);
}

gboolean
streamer_upload_row_has_expired (const StreamerUploadRow *row)
{
  return row->upload->expires <= g_get_real_time () / G_USEC_PER_SEC;
}

void
streamer_upload_row_resume (const StreamerUploadRow *row, StreamerStorageUpload *upload)
{
  g_free (upload->id);
  upload->id = g_strdup (row->upload->id);
  upload->expires = row->upload->expires;
  upload->overwrite = row->upload->overwrite;
  g_free (upload->content_type);
  upload->content_type = g_strdup (row->upload->content_type);
}

/* Files of before ETags were kept have no column for them. */
static gboolean
add_etag (StreamerDatabase *database, GError **error)
{
  sqlite3_stmt *statement = streamer_database_prepare (
      database, error, "SELECT 1 FROM pragma_table_info ('uploads') WHERE name = 'etag'", "");
  gboolean has_column;

  if (!statement || !streamer_database_step (database, statement, &has_column, error))
    return FALSE;
  if (has_column)
    streamer_database_release (statement);
  return has_column ||
         streamer_database_execute (
             database, "ALTER TABLE uploads ADD COLUMN etag TEXT NOT NULL DEFAULT ''", error);
}

gboolean
streamer_upload_state_prepare (StreamerDatabase *database, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  return streamer_database_execute (database, schema, error) && add_etag (database, error);
}

gboolean
streamer_upload_state_add (StreamerDatabase *database,
                           const StreamerStorageUpload *upload,
                           const char *resume_id,
                           gboolean *added,
                           GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);
  sqlite3_stmt *statement;

  statement = streamer_database_prepare (
      database, error,
      "INSERT INTO uploads (id, principal, resume_id, key, size, part_size,"
      " content_type, overwrite, expires, phase)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)"
      " ON CONFLICT (principal, resume_id) DO NOTHING",
      "ssssiisii", upload->id, upload->principal, resume_id, upload->key, (gint64) upload->size,
      (gint64) upload->part_size, upload->content_type, (gint64) upload->overwrite,
      upload->expires);
  if (!streamer_database_run (database, statement, error))
    return FALSE;
  *added = streamer_database_get_changes (database) > 0;
  return TRUE;
}

static StreamerUploadRow *
read_row (sqlite3_stmt *statement)
{
  StreamerUploadRow *row = g_new0 (StreamerUploadRow, 1);
  StreamerStorageUpload *upload = streamer_storage_upload_new ();

  row->upload = upload;
  upload->id = streamer_database_get_text (statement, 0);
  upload->principal = streamer_database_get_text (statement, 1);
  upload->key = streamer_database_get_text (statement, 2);
  upload->size = (guint64) sqlite3_column_int64 (statement, 3);
  upload->part_size = (guint64) sqlite3_column_int64 (statement, 4);
  upload->content_type = streamer_database_get_text (statement, 5);
  upload->overwrite = sqlite3_column_int (statement, 6) != 0;
  upload->expires = sqlite3_column_int64 (statement, 7);
  row->phase = sqlite3_column_int (statement, 8);
  row->total = (guint64) sqlite3_column_int64 (statement, 9);
  row->crc32 = (guint32) sqlite3_column_int64 (statement, 10);
  row->etag = streamer_database_get_text (statement, 11);
  return row;
}

/* At most one row is there. */
static gboolean
find (StreamerDatabase *database, sqlite3_stmt *statement, StreamerUploadRow **row, GError **error)
{
  gboolean has_row;

  *row = NULL;
  if (!statement || !streamer_database_step (database, statement, &has_row, error))
    return FALSE;
  if (has_row)
    {
      *row = read_row (statement);
      streamer_database_release (statement);
    }
  return TRUE;
}

gboolean
streamer_upload_state_find (StreamerDatabase *database,
                            const char *id,
                            StreamerUploadRow **row,
                            GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  return find (database,
               streamer_database_prepare (database, error,
                                          "SELECT " COLUMNS " FROM uploads WHERE id = ?1", "s", id),
               row, error);
}

gboolean
streamer_upload_state_find_resumed (StreamerDatabase *database,
                                    const StreamerStorageUpload *upload,
                                    const char *resume_id,
                                    StreamerUploadRow **row,
                                    GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);
  g_autoptr (StreamerUploadRow) found = NULL;

  *row = NULL;
  if (!find (database,
             streamer_database_prepare (database, error,
                                        "SELECT " COLUMNS
                                        " FROM uploads WHERE principal = ?1 AND resume_id = ?2",
                                        "ss", upload->principal, resume_id),
             &found, error))
    return FALSE;
  if (found && found->phase != STREAMER_UPLOAD_CANCELLED &&
      !streamer_upload_row_has_expired (found) &&
      (strcmp (found->upload->key, upload->key) != 0 || found->upload->size != upload->size ||
       found->upload->part_size != upload->part_size))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           "This resume_id stands for another upload.");
      return FALSE;
    }
  *row = g_steal_pointer (&found);
  return TRUE;
}

gboolean
streamer_upload_state_set_phase (StreamerDatabase *database,
                                 StreamerUploadRow *row,
                                 StreamerUploadPhase phase,
                                 GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  row->phase = phase;
  return streamer_database_run (
      database,
      streamer_database_prepare (
          database, error,
          "UPDATE uploads SET phase = ?2, total = ?3, crc32 = ?4, etag = ?5 WHERE id = ?1", "siiis",
          row->upload->id, (gint64) phase, (gint64) row->total, (gint64) row->crc32, row->etag),
      error);
}

gboolean
streamer_upload_state_forget (StreamerDatabase *database, const char *id, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  return streamer_database_run (
      database,
      streamer_database_prepare (database, error, "DELETE FROM uploads WHERE id = ?1", "s", id),
      error);
}

GPtrArray *
streamer_upload_state_list (StreamerDatabase *database, gint64 before, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (database);

  return streamer_database_list_texts (
      database,
      streamer_database_prepare (database, error, "SELECT id FROM uploads WHERE expires < ?1", "i",
                                 before),
      error);
}
