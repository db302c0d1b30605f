/* streamer-server-database.c: how the server keeps what it has in SQLite
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each use is a statement or two, and they are short: one lock is enough.
 */

#include "streamer-server-database.h"

static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = NORMAL;";

static const StreamerDatabaseWords words = {
  .full = "The disk of the server is full.",
  .failed = "The server's database",
};

StreamerDatabase *
streamer_server_database_open (const char *path, const char *schema, GError **error)
{
  g_autoptr (StreamerDatabase) database = streamer_database_open (path, &words, error);

  if (!database || !streamer_database_execute (database, settings, error) ||
      !streamer_database_execute (database, schema, error))
    return NULL;
  return g_steal_pointer (&database);
}
