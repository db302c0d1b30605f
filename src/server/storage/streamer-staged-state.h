/* streamer-staged-state.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-database.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

/**
 * StreamerStagedRow:
 * @name: (owned): the temporary name
 * @principal: (owned): who sent it
 * @file: (owned): where its bytes are, or "" once a part has been made of them
 * @part: (owned content): what it is; its number is 0 until it is added to an upload
 * @upload: (owned): the id of the upload that it was added to, or ""
 *
 * A temporary object of version 1 of the request API.
 */
typedef struct
{
  char *name;
  char *principal;
  char *file;
  StreamerStoragePart part;
  char *upload;
} StreamerStagedRow;

void streamer_staged_row_free (StreamerStagedRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerStagedRow, streamer_staged_row_free)

/**
 * streamer_staged_state_prepare:
 *
 * Temporary objects that a folder storage remembers, in a table of @database: makes it where it is
 * not there.
 */
gboolean streamer_staged_state_prepare (StreamerDatabase *database, GError **error);

/**
 * streamer_staged_state_put:
 * @boot: names the time since the system was started
 *
 * Records what was sent under a name; what was known of the name before is forgotten.
 */
gboolean streamer_staged_state_put (StreamerDatabase *database,
                                    const StreamerStagedRow *row,
                                    const char *boot,
                                    GError **error);

/** @row: (out) (nullable): NULL where there is none. FALSE only where the database fails. */
gboolean streamer_staged_state_find (StreamerDatabase *database,
                                     const char *name,
                                     StreamerStagedRow **row,
                                     GError **error);

/** Records, in one step, that it is part @number of the upload @id, and has no file any more. */
gboolean streamer_staged_state_bind (StreamerDatabase *database,
                                     const char *name,
                                     const char *id,
                                     guint number,
                                     GError **error);

gboolean
streamer_staged_state_remove (StreamerDatabase *database, const char *name, GError **error);

/** Returns: (transfer full) (element-type utf8): names of what came before this Unix time */
GPtrArray *streamer_staged_state_list (StreamerDatabase *database, gint64 before, GError **error);

/**
 * streamer_staged_state_count:
 * @but: the name of one that does not count
 * @count: (out): temporary objects of @principal that still have a file
 * @size: (out): bytes in all of these
 */
gboolean streamer_staged_state_count (StreamerDatabase *database,
                                      const char *principal,
                                      const char *but,
                                      guint64 *count,
                                      guint64 *size,
                                      GError **error);

/** Returns: whether @file has the bytes of a temporary object; also where the database fails */
gboolean streamer_staged_state_has_file (StreamerDatabase *database, const char *file);

G_END_DECLS
