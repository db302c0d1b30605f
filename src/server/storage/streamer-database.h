/* streamer-database.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * StreamerDatabase:
 *
 * A file of SQLite's that one process has to itself, and its prepared statements. One connection,
 * used under one lock, which its holder may take again. The journal is a write-ahead log without a
 * sync for each commit: a crash of the program loses nothing of it, and a power cut may lose the
 * last commits, but leaves an older state that is whole.
 *
 * All errors are STREAMER_ERROR_FAILED, or _NO_SPACE.
 */
typedef struct _StreamerDatabase StreamerDatabase;

/** @schema: SQL that makes what is not there yet */
StreamerDatabase *streamer_database_open (const char *path, const char *schema, GError **error);
void streamer_database_close (StreamerDatabase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerDatabase, streamer_database_close)

/** Returns: holds the lock: from before a statement is prepared until its last row has been read */
GRecMutexLocker *streamer_database_lock (StreamerDatabase *self);

/** Runs SQL that is rarely needed, or is not one statement. */
gboolean streamer_database_execute (StreamerDatabase *self, const char *sql, GError **error);

/**
 * streamer_database_prepare:
 * @sql: a literal: its address names the statement from then on
 * @types: a letter for each value that follows: s for a text, i for a gint64
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
