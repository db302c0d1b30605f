/* streamer-entries.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-journal-entry.h"
#include "streamer-receipt.h"

G_BEGIN_DECLS

/**
 * streamer_entries_find:
 * @entries: (element-type StreamerJournalEntry)
 * @text: an id, or as much of its beginning as makes it unique
 *
 * Returns: (transfer none): the entry; or NULL with STREAMER_ERROR_NOT_FOUND, or _INVALID and what
 *   matches where several do
 */
const StreamerJournalEntry *
streamer_entries_find (GPtrArray *entries, const char *text, GError **error);

/**
 * streamer_entries_find_all:
 * @texts: as above
 *
 * Returns: (transfer container) (element-type StreamerJournalEntry): each once, in the order of
 *   @texts; or NULL with an error as above
 */
GPtrArray *streamer_entries_find_all (GPtrArray *entries, const char *const *texts, GError **error);

/** Returns: (transfer full): the path for the eye, or "-" for a pipe */
char *streamer_entry_name_file (const StreamerJournalEntry *entry);
/** Returns: bytes, or STREAMER_SIZE_UNKNOWN */
guint64 streamer_entry_get_size (const StreamerJournalEntry *entry);
/** Returns: (transfer full): the outcome as it was printed, or how it stands */
StreamerReceipt *streamer_entry_make_receipt (const StreamerJournalEntry *entry);

/** Returns: (transfer none): "waiting", "active" (another process works on it), "paused", "failed",
 *   "done" or "cancelled" */
const char *streamer_entry_get_state (const StreamerJournalEntry *entry);
/** Returns: (transfer none): the same in words */
const char *streamer_entry_describe_state (const StreamerJournalEntry *entry);

/** Sets STREAMER_ERROR_EXISTS: another process works on @entry. */
void streamer_entry_set_taken (const StreamerJournalEntry *entry, GError **error);

G_END_DECLS
