/* journal-script.h: everything that a journal is told, step by step
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-journal.h"

G_BEGIN_DECLS

/**
 * JournalScript:
 * @journal: (owned) (nullable): the first step opens it
 * @expected: (nullable): what journal_script_describe() gives after each step
 *
 * Each step is one transaction.
 */
typedef struct
{
  char *folder; /* (owned) (type filename) */
  StreamerJournal *journal;
  gint64 numbers[3];
  GPtrArray *expected;
} JournalScript;

extern const guint journal_script_n_steps;

JournalScript *journal_script_new (GPtrArray *expected);
void journal_script_free (JournalScript *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (JournalScript, journal_script_free)

/** Returns: FALSE where it is not committed: to be tried again, with @tries one higher */
gboolean journal_script_try (JournalScript *self, guint step, guint tries, GError **error);
/** Returns: whether the step may be lost to a power cut */
gboolean journal_script_is_hint (guint step);
/** Opens the journal, which has to be possible, after closing it where it is open. */
void journal_script_reopen (JournalScript *self);
/** Returns: (transfer full): all that is in the journal, without times, owners and drawn numbers */
char *journal_script_describe (JournalScript *self);

G_END_DECLS
