/* streamer-database.c: a file of SQLite's, and its prepared statements
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-database.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "streamer-error.h"

struct _StreamerDatabase
{
  const StreamerDatabaseWords *words;
  int code; /* SQLite's, of the last failure: the lock */
  GRecMutex lock;
  sqlite3 *connection;    /* the lock */
  GHashTable *statements; /* SQL (a literal) to sqlite3_stmt: the lock */
};

static gboolean
is_full (StreamerDatabase *self)
{
  int code = self->code & 0xff;
  int number;

  if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN)
    return code == SQLITE_FULL;
  number = sqlite3_system_errno (self->connection);
  return number == ENOSPC || number == EDQUOT;
}

gboolean
streamer_database_fail (StreamerDatabase *self, GError **error)
{
  self->code = sqlite3_extended_errcode (self->connection);
  if (is_full (self))
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE, self->words->full);
  else
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, "%s: %s", self->words->failed,
                 sqlite3_errmsg (self->connection));
  return FALSE;
}

int
streamer_database_get_code (StreamerDatabase *self)
{
  return self->code;
}

sqlite3 *
streamer_database_get_connection (StreamerDatabase *self)
{
  return self->connection;
}

static void
finalize (gpointer statement)
{
  sqlite3_finalize (statement);
}

static sqlite3_stmt *
look_up (StreamerDatabase *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);

  if (statement)
    return statement;
  if (sqlite3_prepare_v3 (self->connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
      SQLITE_OK)
    {
      streamer_database_fail (self, error);
      return NULL;
    }
  g_hash_table_insert (self->statements, (gpointer) sql, statement);
  return statement;
}

static void
bind (sqlite3_stmt *statement, int column, char type, va_list *values)
{
  const char *text;

  switch (type)
    {
    case 's':
      sqlite3_bind_text (statement, column, va_arg (*values, const char *), -1, SQLITE_TRANSIENT);
      break;
    case 'b':
      text = va_arg (*values, const char *);
      sqlite3_bind_blob (statement, column, text, text ? (int) strlen (text) : 0, SQLITE_TRANSIENT);
      break;
    case 'd':
      sqlite3_bind_double (statement, column, va_arg (*values, double));
      break;
    default:
      sqlite3_bind_int64 (statement, column, va_arg (*values, gint64));
    }
}

sqlite3_stmt *
streamer_database_prepare (StreamerDatabase *self,
                           GError **error,
                           const char *sql,
                           const char *types,
                           ...)
{
  sqlite3_stmt *statement = look_up (self, sql, error);
  va_list values;

  if (!statement)
    return NULL;
  va_start (values, types);
  for (int i = 0; types[i]; i++)
    bind (statement, i + 1, types[i], &values);
  va_end (values);
  return statement;
}

void
streamer_database_release (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

gboolean
streamer_database_step (StreamerDatabase *self,
                        sqlite3_stmt *statement,
                        gboolean *has_row,
                        GError **error)
{
  int result = sqlite3_step (statement);
  gboolean good =
      result == SQLITE_ROW || result == SQLITE_DONE || streamer_database_fail (self, error);

  *has_row = result == SQLITE_ROW;
  if (!*has_row)
    streamer_database_release (statement);
  return good;
}

gboolean
streamer_database_run (StreamerDatabase *self, sqlite3_stmt *statement, GError **error)
{
  gboolean has_row;

  return statement && streamer_database_step (self, statement, &has_row, error);
}

guint
streamer_database_get_changes (StreamerDatabase *self)
{
  return sqlite3_changes (self->connection);
}

gboolean
streamer_database_execute (StreamerDatabase *self, const char *sql, GError **error)
{
  return sqlite3_exec (self->connection, sql, NULL, NULL, NULL) == SQLITE_OK ||
         streamer_database_fail (self, error);
}

gboolean
streamer_database_begin (StreamerDatabase *self, GError **error)
{
  g_rec_mutex_lock (&self->lock);
  if (streamer_database_run (self, streamer_database_prepare (self, error, "BEGIN IMMEDIATE", ""),
                             error))
    return TRUE;
  g_rec_mutex_unlock (&self->lock);
  return FALSE;
}

gboolean
streamer_database_end (StreamerDatabase *self, gboolean good, GError **error)
{
  gboolean kept = good && streamer_database_execute (self, "COMMIT", error);

  if (!kept)
    sqlite3_exec (self->connection, "ROLLBACK", NULL, NULL, NULL);
  g_rec_mutex_unlock (&self->lock);
  return kept;
}

GRecMutexLocker *
streamer_database_lock (StreamerDatabase *self)
{
  return g_rec_mutex_locker_new (&self->lock);
}

char *
streamer_database_get_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

StreamerDatabase *
streamer_database_open (const char *path, const StreamerDatabaseWords *words, GError **error)
{
  g_autoptr (StreamerDatabase) self = g_new0 (StreamerDatabase, 1);
  int file;

  self->words = words;
  g_rec_mutex_init (&self->lock);
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize);
  /* SQLite gives its other files the mode of this one. One that is there is not touched: closing it
   * would let go of all locks that this process has on it. */
  file = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0)
    close (file);
  if (sqlite3_open_v2 (path, &self->connection,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                           SQLITE_OPEN_EXRESCODE,
                       NULL) != SQLITE_OK)
    {
      streamer_database_fail (self, error);
      return NULL;
    }
  sqlite3_busy_timeout (self->connection, STREAMER_DATABASE_BUSY_MILLISECONDS);
  return g_steal_pointer (&self);
}

void
streamer_database_close (StreamerDatabase *self)
{
  g_hash_table_unref (self->statements);
  sqlite3_close_v2 (self->connection);
  g_rec_mutex_clear (&self->lock);
  g_free (self);
}

GPtrArray *
streamer_database_list_texts (StreamerDatabase *self, sqlite3_stmt *statement, GError **error)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  gboolean has_row;

  while (statement && streamer_database_step (self, statement, &has_row, error))
    {
      if (!has_row)
        return g_steal_pointer (&texts);
      g_ptr_array_add (texts, streamer_database_get_text (statement, 0));
    }
  return NULL;
}
