/* streamer-ledger-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-database.h"
#include "streamer-ledger.h"

G_BEGIN_DECLS

/* What is reserved for an object has names that no storage gives to uploads. */
#define STREAMER_LEDGER_HELD_PREFIX "held:"

struct _StreamerLedger
{
  StreamerDatabase *database; /* (owned) */
};

/* Prepares and runs a statement of the ledger `self`, with `error`. */
#define STREAMER_LEDGER_RUN(...)                                                                   \
  streamer_database_run (self->database,                                                           \
                         streamer_database_prepare (self->database, error, __VA_ARGS__), error)

/** Reads up to @n numbers of the one row that is wanted. @found: (out): whether there is one */
gboolean streamer_ledger_read_row (StreamerLedger *self,
                                   sqlite3_stmt *statement,
                                   gint64 *numbers,
                                   int n,
                                   gboolean *found,
                                   GError **error);

/** Returns: (transfer full): storages quote it here, and do not quote it there */
char *streamer_ledger_get_bare_etag (const StreamerStorageObject *object);

/** Within a transaction: @object at @key is @principal's. */
gboolean streamer_ledger_put_object (StreamerLedger *self,
                                     const char *principal,
                                     const char *key,
                                     const StreamerStorageObject *object,
                                     GError **error);

G_END_DECLS
