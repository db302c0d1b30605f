/* journal-fixture.h: a journal in a folder of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <string.h>

#include "streamer-journal.h"

G_BEGIN_DECLS

typedef struct
{
  char *folder; /* (owned) (type filename) */
  StreamerJournal *journal;
} JournalFixture;

void journal_fixture_set_up (JournalFixture *self, gconstpointer data);
void journal_fixture_tear_down (JournalFixture *self, gconstpointer data);
/** Closes it, which must be possible, and opens it. */
void journal_fixture_reopen (JournalFixture *self);
void journal_fixture_close (JournalFixture *self);
void journal_fixture_open (JournalFixture *self);

/** Returns: (transfer full): everything that can be NULL is set, but for the receipt */
StreamerJournalEntry *journal_fixture_make_entry (const char *id);
void journal_fixture_put (JournalFixture *self, const char *id);
/** Fails where it is not there. */
StreamerJournalEntry *journal_fixture_get (JournalFixture *self, const char *id);
void journal_fixture_assert_same (const StreamerJournalEntry *one,
                                  const StreamerJournalEntry *other);
void journal_fixture_flush (JournalFixture *self);

/** Gives @entry a plan of @size bytes, and begins. Returns: the number */
gint64 journal_fixture_begin (JournalFixture *self,
                              StreamerJournalEntry *entry,
                              guint64 size,
                              guint64 part_size);
void
journal_fixture_store_part (JournalFixture *self, gint64 number, guint part_number, guint64 size);
/** No upload, and no part of @number. */
void journal_fixture_assert_empty (JournalFixture *self, gint64 number);

/** Runs SQL on the file, as nobody should. */
void journal_fixture_spoil (JournalFixture *self, const char *sql);
/** No file in the folder has @bytes in it. */
void journal_fixture_assert_no_bytes (JournalFixture *self, const char *bytes);
/** Returns: (transfer full) (type filename) */
char *journal_fixture_path (JournalFixture *self, const char *name);

G_END_DECLS
