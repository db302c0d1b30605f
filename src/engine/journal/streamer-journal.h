/* streamer-journal.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-journal-entry.h"
#include "streamer-store.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_JOURNAL (streamer_journal_get_type ())
G_DECLARE_FINAL_TYPE (StreamerJournal, streamer_journal, STREAMER, JOURNAL, GObject)

/**
 * StreamerJournal:
 *
 * What must survive the program: transfers, their uploads at the stores, and the parts that are
 * stored there; the history, too. A database of SQLite's in a folder that several processes may
 * share. It takes no token, no key and no signed URL; see StreamerJournalEntry on links.
 *
 * **Writing.** One thread of each process writes, in the order in which it is told to, and puts all
 * that waits into one transaction. Calls that end in `_sync` return when theirs is committed, fail
 * where it is not, and are for worker threads. The others return at once and are never lost to a
 * fault that passes: they are tried again, before anything that comes later, until they are
 * committed or the program ends. While that is so, the property `error` (boxed GError, nullable,
 * notifies in the context that was the opener's thread default) says why.
 *
 * What is committed survives the end of the program, however it comes. A transaction that holds
 * anything but parts survives a power cut as well; of parts, a power cut may take the last. They
 * are hints: what counts is what the store has, and what the file's bytes say.
 *
 * **Several processes.** Each has a session, which ends with it, however that comes. An entry and its
 * uploads belong to the session that put or claimed them, until they are released or it ends.
 * Change only what is yours.
 *
 * **Damage.** A journal that is none, or has been damaged, is set aside and a new one begun, unless
 * another process has it open. That may happen at any time: then nothing is known of an upload
 * that was begun before, and writing to it fails with STREAMER_ERROR_NO_UPLOAD. One that a newer
 * version of the program has made is left alone and cannot be opened. Single rows that make no
 * sense are skipped, and logged.
 *
 * Where nothing else is said, errors are STREAMER_ERROR_NO_SPACE and STREAMER_ERROR_FAILED, whose
 * sentences name the file and say what to do.
 */

/**
 * streamer_journal_open:
 * @folder: (type filename): made where it is not there, for its user only
 *
 * May wait for the disk, and for another process that opens it at the same time.
 */
StreamerJournal *streamer_journal_open (const char *folder, GError **error);

/** Returns: (transfer full) (type filename): where the user's journal is */
char *streamer_journal_dup_default_folder (void);

/**
 * Returns: (transfer none) (type filename) (nullable): where a damaged journal was moved to, last.
 *   Any thread; valid as long as @self.
 */
const char *streamer_journal_get_set_aside (StreamerJournal *self);

/** Returns: (transfer full) (nullable): the property `error`. Any thread. */
GError *streamer_journal_dup_error (StreamerJournal *self);

/* Reading: what is committed. Any thread; may wait for the disk. */

/** Returns: (transfer full) (element-type StreamerJournalEntry): all, the oldest first */
GPtrArray *streamer_journal_list (StreamerJournal *self, GError **error);
/** Returns: (transfer full): the entry, or NULL with STREAMER_ERROR_NOT_FOUND */
StreamerJournalEntry *streamer_journal_get (StreamerJournal *self, const char *id, GError **error);

/**
 * streamer_journal_list_uploads:
 * @transfer_id: (nullable): only of this one
 *
 * Returns: (transfer full) (element-type StreamerJournalUpload): the oldest first
 */
GPtrArray *
streamer_journal_list_uploads (StreamerJournal *self, const char *transfer_id, GError **error);
/**
 * streamer_journal_list_all:
 * @uploads: (out) (transfer full) (element-type StreamerJournalUpload): all, the oldest first
 *
 * Both as they were at one moment.
 *
 * Returns: (transfer full) (element-type StreamerJournalEntry): all, the oldest first
 */
GPtrArray *streamer_journal_list_all (StreamerJournal *self, GPtrArray **uploads, GError **error);
/** Returns: (transfer full) (element-type StreamerStoredPart): by number */
GArray *streamer_journal_list_parts (StreamerJournal *self, gint64 upload, GError **error);

/* Claiming: what no living session has becomes this one's; what is this one's stays so. */

/**
 * Claims an entry and its uploads, but not those that nobody goes on with, since they are given up
 * or the entry is over: they wait for who aborts them. Returns: FALSE with STREAMER_ERROR_EXISTS
 * where another process has it, or STREAMER_ERROR_NOT_FOUND
 */
gboolean streamer_journal_claim_sync (StreamerJournal *self, const char *id, GError **error);

/**
 * streamer_journal_take_leftover_sync:
 *
 * Claims the upload and gives it up, in one step, so that nobody begins to go on with it between.
 *
 * Returns: FALSE with STREAMER_ERROR_EXISTS where another process has it, or its entry waits in a
 *   session that lives, this one included; or STREAMER_ERROR_NOT_FOUND
 */
gboolean streamer_journal_take_leftover_sync (StreamerJournal *self, gint64 upload, GError **error);

/* Writing transfers. */

/**
 * Adds @entry or replaces it, but not its uploads; it is this session's from then on. One that
 * another session works on is left to it.
 */
void streamer_journal_put (StreamerJournal *self, const StreamerJournalEntry *entry);

/**
 * streamer_journal_set_state:
 * @error: (nullable): why, where it failed
 *
 * Sets the time of its end, too, where @state is one. What is done stays done. The entry, which may
 * be of the history, is this session's from then on, unless another one works on it.
 */
void streamer_journal_set_state (StreamerJournal *self,
                                 const char *id,
                                 StreamerJournalState state,
                                 const GError *error);
/** From now on the entry and its uploads are nobody's: another process may go on with them. */
void streamer_journal_release (StreamerJournal *self, const char *id);
/** Takes the entry from the history; what uploads it has become GIVEN_UP. */
void streamer_journal_remove (StreamerJournal *self, const char *id);

/* Writing uploads. Those that return FALSE do so with STREAMER_ERROR_NO_UPLOAD, too, where the
 * journal does not know the upload, or has it as given up. */

/**
 * streamer_journal_begin_sync:
 * @entry: with identity, plan and generation
 * @number: (out): of the upload, in the journal; greater than 0
 *
 * Before the store is asked to begin: puts @entry, and adds @upload as BEGINNING.
 *
 * Returns: FALSE with STREAMER_ERROR_EXISTS, too, where another session works on the entry
 */
gboolean streamer_journal_begin_sync (StreamerJournal *self,
                                      const StreamerJournalEntry *entry,
                                      const StreamerUpload *upload,
                                      gint64 *number,
                                      GError **error);
/** Before the store is asked to begin once more: that it is asked now. */
gboolean streamer_journal_begin_again_sync (StreamerJournal *self, gint64 number, GError **error);
/**
 * Before the first part is sent: OPEN. The id of an upload that has been given up meanwhile is
 * kept, so that it can be aborted.
 */
gboolean streamer_journal_begun_sync (StreamerJournal *self,
                                      gint64 number,
                                      const char *upload_id,
                                      GError **error);
/** Before @part counts as stored. */
gboolean streamer_journal_part_sync (StreamerJournal *self,
                                     gint64 number,
                                     const StreamerStoredPart *part,
                                     GError **error);
/** The store does not have these parts as we thought. */
void streamer_journal_drop_parts (StreamerJournal *self,
                                  gint64 number,
                                  const guint *numbers,
                                  gsize n_numbers);
/** Before the store is asked to finish: FINISHING. */
gboolean streamer_journal_finishing_sync (StreamerJournal *self, gint64 number, GError **error);
/** Puts @entry, with its receipt, and removes the upload and its parts, if they are there. */
gboolean streamer_journal_done_sync (StreamerJournal *self,
                                     gint64 number,
                                     const StreamerJournalEntry *entry,
                                     GError **error);
/** Only to be aborted from now on: GIVEN_UP, and without its parts. */
void streamer_journal_give_up (StreamerJournal *self, gint64 number);
/** Counts an abort that failed. */
void streamer_journal_abort_failed (StreamerJournal *self, gint64 number);
/** The store has let go of it: removed. */
void streamer_journal_forget (StreamerJournal *self, gint64 number);

/** Waits until all that was written before is committed. Any thread. */
gboolean streamer_journal_flush_sync (StreamerJournal *self, GError **error);

/* What is remembered of a connection, so that its store is asked only once. */

/** @value: (nullable): NULL forgets */
void streamer_journal_remember (StreamerJournal *self,
                                const char *connection,
                                const char *name,
                                const char *value);
/** Returns: (transfer full) (nullable): NULL where nothing is known, or it cannot be read */
char *streamer_journal_recall (StreamerJournal *self, const char *connection, const char *name);

G_END_DECLS
