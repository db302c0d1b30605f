/* streamer-journal-schema.c: the journal's tables, and whether a file has them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-journal-private.h"

#include "streamer-error.h"

/* "S3St": tells our files from those of other programs. */
#define APPLICATION_ID 0x53335374
#define TEXT_OF(value) #value
#define AS_TEXT(value) TEXT_OF (value)

/* Sizes are -1 where they are not known. What is unsigned and has 64 bits is kept as the signed
 * number with the same bits. A step that a released version has taken is never changed: the tables
 * change by a step more. */
static const char *const steps[] = {
  "PRAGMA application_id = " AS_TEXT (
      APPLICATION_ID) ";"
                      "CREATE TABLE transfers ("
                      "  place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
                      "  session INTEGER NOT NULL, connection TEXT NOT NULL, path BLOB,"
                      "  name TEXT NOT NULL, key TEXT NOT NULL, prefix TEXT,"
                      "  asked_part_size INTEGER NOT NULL, overwrite INTEGER NOT NULL, tmp BLOB,"
                      "  content_type TEXT, storage_class TEXT, metadata TEXT,"
                      "  wants_sha256 INTEGER NOT NULL,"
                      "  has_identity INTEGER NOT NULL, device INTEGER NOT NULL,"
                      "  inode INTEGER NOT NULL, source_size INTEGER NOT NULL,"
                      "  mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,"
                      "  planned INTEGER NOT NULL, size INTEGER NOT NULL,"
                      "  part_size INTEGER NOT NULL, n_parts INTEGER NOT NULL,"
                      "  generation INTEGER NOT NULL, state INTEGER NOT NULL,"
                      "  error_code INTEGER NOT NULL, error TEXT, url TEXT, etag TEXT,"
                      "  crc32 INTEGER NOT NULL, sha256 TEXT, created_at INTEGER NOT NULL,"
                      "  started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,"
                      "  seconds REAL NOT NULL, retries INTEGER NOT NULL);"
                      "CREATE TABLE uploads ("
                      "  number INTEGER PRIMARY KEY, session INTEGER NOT NULL,"
                      "  transfer TEXT NOT NULL, connection TEXT NOT NULL, key TEXT NOT NULL,"
                      "  size INTEGER NOT NULL, part_size INTEGER NOT NULL,"
                      "  n_parts INTEGER NOT NULL, content_type TEXT, overwrite INTEGER NOT NULL,"
                      "  generation INTEGER NOT NULL, resume_id TEXT NOT NULL, upload_id TEXT,"
                      "  state INTEGER NOT NULL, began_at INTEGER NOT NULL,"
                      "  n_aborts INTEGER NOT NULL DEFAULT 0,"
                      "  abort_tried_at INTEGER NOT NULL DEFAULT 0);"
                      "CREATE INDEX uploads_of_transfer ON uploads (transfer);"
                      "CREATE TABLE parts ("
                      "  upload INTEGER NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,"
                      "  crc32 INTEGER NOT NULL, etag TEXT NOT NULL,"
                      "  PRIMARY KEY (upload, number)) WITHOUT ROWID;"
                      "CREATE TABLE facts ("
                      "  connection TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
                      "  PRIMARY KEY (connection, name)) WITHOUT ROWID;",
};

/* Every statement that reads names these: a file that lacks one is none of ours. */
static const char *const needed[] = {
  "SELECT place, " STREAMER_JOURNAL_TRANSFER_COLUMNS " FROM transfers",
  "SELECT " STREAMER_JOURNAL_UPLOAD_COLUMNS " FROM uploads",
  "SELECT upload, number, size, crc32, etag FROM parts",
  "SELECT connection, name, value FROM facts",
};

gboolean
streamer_journal_is_damage (int code)
{
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

guint
streamer_journal_schema_get_version (void)
{
  return G_N_ELEMENTS (steps);
}

static StreamerJournalFile
tell_failure (StreamerDatabase *database)
{
  return streamer_journal_is_damage (streamer_database_get_code (database))
             ? STREAMER_JOURNAL_FILE_DAMAGED
             : STREAMER_JOURNAL_FILE_FAILED;
}

static StreamerJournalFile
tell_damage (GError **error, const char *words)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, words);
  return STREAMER_JOURNAL_FILE_DAMAGED;
}

static gboolean
read_number (StreamerDatabase *database, const char *sql, gint64 *number, GError **error)
{
  sqlite3_stmt *statement = streamer_database_prepare (database, error, sql, "");
  gboolean has_row;

  *number = 0;
  if (!statement || !streamer_database_step (database, statement, &has_row, error))
    return FALSE;
  if (has_row)
    {
      *number = sqlite3_column_int64 (statement, 0);
      streamer_database_release (statement);
    }
  return TRUE;
}

static gboolean
take_step (StreamerDatabase *database, const char *step, gint64 version, GError **error)
{
  g_autofree char *mark = g_strdup_printf ("PRAGMA user_version = %" G_GINT64_FORMAT, version);
  gboolean good;

  if (!streamer_database_begin (database, error))
    return FALSE;
  good = streamer_database_execute (database, step, error) &&
         streamer_database_execute (database, mark, error);
  return streamer_database_end (database, good, error);
}

static StreamerJournalFile
look_through (StreamerDatabase *database, GError **error)
{
  g_autoptr (GPtrArray) words = streamer_database_list_texts (
      database, streamer_database_prepare (database, error, "PRAGMA quick_check (1)", ""), error);

  if (words == NULL)
    return tell_failure (database);
  if (words->len != 1 || g_strcmp0 (words->pdata[0], "ok") != 0)
    return tell_damage (error, words->len > 0 ? words->pdata[0] : "quick_check");
  return STREAMER_JOURNAL_FILE_GOOD;
}

StreamerJournalFile
streamer_journal_schema_migrate (StreamerDatabase *database,
                                 const char *const *path,
                                 guint n_steps,
                                 GError **error)
{
  gint64 version, application, n_tables;
  StreamerJournalFile file;

  if (!read_number (database, "PRAGMA user_version", &version, error) ||
      !read_number (database, "PRAGMA application_id", &application, error))
    return tell_failure (database);
  if (application == APPLICATION_ID && version > n_steps)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, "newer");
      return STREAMER_JOURNAL_FILE_NEWER;
    }
  file = look_through (database, error);
  if (file != STREAMER_JOURNAL_FILE_GOOD)
    return file;
  if (!read_number (database, "SELECT count (*) FROM sqlite_schema", &n_tables, error))
    return tell_failure (database);
  if (version < 0 || (version > 0 && application != APPLICATION_ID) ||
      (version == 0 && n_tables > 0))
    return tell_damage (error, "a file of another program");
  for (; version < n_steps; version++)
    if (!take_step (database, path[version], version + 1, error))
      return tell_failure (database);
  return STREAMER_JOURNAL_FILE_GOOD;
}

StreamerJournalFile
streamer_journal_schema_prepare (StreamerDatabase *database, GError **error)
{
  StreamerJournalFile file =
      streamer_journal_schema_migrate (database, steps, G_N_ELEMENTS (steps), error);

  if (file != STREAMER_JOURNAL_FILE_GOOD)
    return file;
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (!streamer_database_prepare (database, error, needed[i], ""))
      return streamer_database_get_code (database) == SQLITE_ERROR ? STREAMER_JOURNAL_FILE_DAMAGED
                                                                   : tell_failure (database);
  return STREAMER_JOURNAL_FILE_GOOD;
}
