/* journal-place.h: a folder for a journal that is never read again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <sqlite3.h>

#include "fuzz.h"
#include "streamer-journal.h"

G_BEGIN_DECLS

/** Returns: (transfer full) (type filename): an empty one, in memory where the system has that */
char *journal_place_new (void);
/** Removes what is in it. */
void journal_place_empty (const char *folder);
/** Empties and removes it. @folder: (transfer full) */
void journal_place_free (char *folder);

/** Opens the journal in @folder, which has to be good. */
StreamerJournal *journal_place_open (const char *folder);
/** Runs SQL on its database, as nobody should. */
void journal_place_spoil (const char *folder, const char *sql);

/** Aborts where what can be read of @journal is not as the rest of the program relies on. */
void journal_place_check_rows (StreamerJournal *journal);

G_END_DECLS
