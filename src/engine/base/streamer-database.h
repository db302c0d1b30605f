/* streamer-database.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* How long a call waits for other processes. */
#define STREAMER_DATABASE_BUSY_MILLISECONDS 10000

/**
 * StreamerDatabase:
 *
 * A file of SQLite's, and its prepared statements. One connection, used under one lock, which its
 * holder may take again.
 *
 * All errors are STREAMER_ERROR_FAILED, or _NO_SPACE.
 */
typedef struct _StreamerDatabase StreamerDatabase;

/**
 * StreamerDatabaseWords:
 * @full: a sentence for a full disk
 * @failed: what stands before SQLite's own words, and a colon
 *
 * Whose database it is, in errors.
 */
typedef struct
{
  const char *full;
  const char *failed;
} StreamerDatabaseWords;

/**
 * streamer_database_open:
 * @path: (type filename): made where it is not there, for its user only
 * @words: static
 *
 * Reads and writes nothing of a file that is there: what is wrong with it shows when it is used.
 */
StreamerDatabase *
streamer_database_open (const char *path, const StreamerDatabaseWords *words, GError **error);
void streamer_database_close (StreamerDatabase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerDatabase, streamer_database_close)

/** Returns: holds the lock: from before a statement is prepared until its last row has been read */
GRecMutexLocker *streamer_database_lock (StreamerDatabase *self);

/** Returns: SQLite's extended code of the last call that failed, or 0 */
int streamer_database_get_code (StreamerDatabase *self);

/** Returns: (transfer none): what is rarely needed of it; used under the lock */
sqlite3 *streamer_database_get_connection (StreamerDatabase *self);

/** For what was done with the connection itself: sets the error of its last call. Returns: FALSE */
gboolean streamer_database_fail (StreamerDatabase *self, GError **error);

/** Runs SQL that is rarely needed, or is not one statement. */
gboolean streamer_database_execute (StreamerDatabase *self, const char *sql, GError **error);

/**
 * streamer_database_prepare:
 * @sql: a literal: its address names the statement from then on
 * @types: a letter for each value that follows: s for a text, b for a text that is kept as bytes
 *   (a file name), i for a gint64, d for a double; texts may be NULL
 *
 * Returns: (nullable): the statement, with its values
 */
sqlite3_stmt *streamer_database_prepare (StreamerDatabase *self,
                                         GError **error,
                                         const char *sql,
                                         const char *types,
                                         ...);

/**
 * streamer_database_step:
 * @has_row: (out): whether there is a row; without one, the statement is released
 */
gboolean streamer_database_step (StreamerDatabase *self,
                                 sqlite3_stmt *statement,
                                 gboolean *has_row,
                                 GError **error);

/** For a statement of which no further row is wanted. */
void streamer_database_release (sqlite3_stmt *statement);

/** Runs a statement that gives no rows. @statement: (nullable): NULL fails */
gboolean streamer_database_run (StreamerDatabase *self, sqlite3_stmt *statement, GError **error);

/** Returns: rows that the last statement has changed */
guint streamer_database_get_changes (StreamerDatabase *self);

/** Takes the lock, and begins a transaction. */
gboolean streamer_database_begin (StreamerDatabase *self, GError **error);

/**
 * streamer_database_end:
 * @good: whether to keep what was done; an error that was met is kept
 *
 * Ends the transaction, and gives the lock back.
 *
 * Returns: whether it was kept
 */
gboolean streamer_database_end (StreamerDatabase *self, gboolean good, GError **error);

/** Returns: (transfer full) (nullable) */
char *streamer_database_get_text (sqlite3_stmt *statement, int column);

/**
 * streamer_database_list_texts:
 * @statement: (nullable): NULL with @error set, as streamer_database_prepare() leaves them
 *
 * Returns: (transfer full) (element-type utf8): the first column of all rows; or NULL
 */
GPtrArray *
streamer_database_list_texts (StreamerDatabase *self, sqlite3_stmt *statement, GError **error);

G_END_DECLS
