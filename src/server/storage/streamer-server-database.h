/* streamer-server-database.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-database.h"

G_BEGIN_DECLS

/**
 * streamer_server_database_open:
 * @schema: SQL that makes what is not there yet
 *
 * A database that one process has to itself. Its journal is a write-ahead log without a sync for
 * each commit: a crash of the program loses nothing of it, and a power cut may lose the last
 * commits, but leaves an older state that is whole.
 */
StreamerDatabase *
streamer_server_database_open (const char *path, const char *schema, GError **error);

G_END_DECLS
