/* streamer-journal-row.h: values of a row that may be nonsense
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-journal-private.h"

G_BEGIN_DECLS

/**
 * StreamerJournalRow:
 * @statement: on a row
 * @column: the next one
 * @bad: (nullable): the first column that makes no sense
 *
 * Takes the columns one by one. After a bad one all the rest is 0 or NULL.
 */
typedef struct
{
  sqlite3_stmt *statement;
  int column;
  const char *bad;
} StreamerJournalRow;

gint64 streamer_journal_row_take_number (StreamerJournalRow *row, gint64 min, gint64 max);
/** Any 64 bits. */
guint64 streamer_journal_row_take_bits (StreamerJournalRow *row);
double streamer_journal_row_take_double (StreamerJournalRow *row);
/** Returns: (transfer full): UTF-8 without control characters that no sentence has */
char *streamer_journal_row_take_text (StreamerJournalRow *row);
char *streamer_journal_row_take_nullable_text (StreamerJournalRow *row);
/** Returns: (transfer full) (nullable): texts, which are kept as an array of JSON's */
char **streamer_journal_row_take_nullable_list (StreamerJournalRow *row);
/** Returns: (transfer full) (nullable) (type filename): an absolute path */
char *streamer_journal_row_take_path (StreamerJournalRow *row);
/** Size, part size and number of parts, which have to fit. */
StreamerPlan streamer_journal_row_take_plan (StreamerJournalRow *row);
/** Returns: (transfer full): a canonical key */
char *streamer_journal_row_take_key (StreamerJournalRow *row);

/** The whole of it. @owner: who has it */
StreamerJournalEntry *streamer_journal_row_take_entry (StreamerJournalRow *row,
                                                       StreamerJournalSession *session);
StreamerJournalUpload *streamer_journal_row_take_upload (StreamerJournalRow *row,
                                                         StreamerJournalSession *session);
/** @plan: of its upload */
void streamer_journal_row_take_part (StreamerJournalRow *row,
                                     const StreamerPlan *plan,
                                     StreamerStoredPart *part);

G_END_DECLS
