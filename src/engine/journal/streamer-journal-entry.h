/* streamer-journal-entry.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-plan.h"
#include "streamer-source.h"

G_BEGIN_DECLS

/**
 * StreamerJournalState:
 * @STREAMER_JOURNAL_WAITING: goes on by itself when a program runs; also what was active when the
 *   program ended
 * @STREAMER_JOURNAL_PAUSED: goes on when the user says so
 * @STREAMER_JOURNAL_FAILED: can be tried again
 * @STREAMER_JOURNAL_DONE: has its receipt
 * @STREAMER_JOURNAL_CANCELLED: by the user
 */
typedef enum
{
  STREAMER_JOURNAL_WAITING,
  STREAMER_JOURNAL_PAUSED,
  STREAMER_JOURNAL_FAILED,
  STREAMER_JOURNAL_DONE,
  STREAMER_JOURNAL_CANCELLED,
} StreamerJournalState;

/**
 * StreamerJournalOwner:
 * @STREAMER_JOURNAL_NOBODY: no session, or one that has ended
 * @STREAMER_JOURNAL_US: this session
 * @STREAMER_JOURNAL_ANOTHER: a session that lives
 *
 * Who works on something.
 */
typedef enum
{
  STREAMER_JOURNAL_NOBODY,
  STREAMER_JOURNAL_US,
  STREAMER_JOURNAL_ANOTHER,
} StreamerJournalOwner;

/**
 * StreamerJournalEntry:
 * @id: of the transfer
 * @connection: what describes it, as JSON, without secrets
 * @path: (nullable) (type filename): absolute; NULL for a pipe
 * @prefix: (nullable): of the target
 * @asked_part_size: bytes, or 0
 * @tmp: (nullable) (type filename): for a pipe
 * @content_type: (nullable): that the user chose
 * @storage_class: (nullable): the same
 * @metadata: (nullable): name, value, …, NULL
 * @wants_sha256: for the receipt
 * @has_identity: whether @identity is known
 * @planned: whether @plan has been made
 * @generation: uploads that were begun for the same bytes
 * @owner: only read
 * @process: only read: the number of the process that @owner is, where it is ANOTHER; else 0
 * @error_code: of STREAMER_ERROR, or -1
 * @error: (nullable): its sentence
 * @sent: bytes of the parts that are journaled for its newest upload; only read
 * @url: (nullable): the link, if it is public: one with a query, which may be signed, is not kept
 * @etag: (nullable)
 * @has_crc32: whether @crc32, of the whole object, is known
 * @sha256: (nullable): in hex
 * @created_at: microseconds since the epoch, like all times here; 0 where it is not known
 * @seconds: from the first attempt to the end
 * @retries: attempts that failed
 *
 * One transfer, and at its end the receipt. All strings are owned.
 */
typedef struct
{
  char *id;
  char *connection;
  char *path;
  char *name;
  char *key;
  char *prefix;
  guint64 asked_part_size;
  gboolean overwrite;
  char *tmp;
  char *content_type;
  char *storage_class;
  char **metadata;
  gboolean wants_sha256;
  gboolean has_identity;
  StreamerSourceIdentity identity;
  gboolean planned;
  StreamerPlan plan;
  guint generation;
  StreamerJournalState state;
  StreamerJournalOwner owner;
  int process;
  int error_code;
  char *error;
  guint64 sent;
  char *url;
  char *etag;
  gboolean has_crc32;
  guint32 crc32;
  char *sha256;
  gint64 created_at;
  gint64 started_at;
  gint64 ended_at;
  double seconds;
  guint retries;
} StreamerJournalEntry;

StreamerJournalEntry *streamer_journal_entry_copy (const StreamerJournalEntry *entry);
void streamer_journal_entry_free (StreamerJournalEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerJournalEntry, streamer_journal_entry_free)

/**
 * StreamerJournalUploadState:
 * @STREAMER_JOURNAL_UPLOAD_BEGINNING: the store may have heard of it or not; without an upload id
 * @STREAMER_JOURNAL_UPLOAD_OPEN: takes parts
 * @STREAMER_JOURNAL_UPLOAD_FINISHING: the store may have been asked to finish
 * @STREAMER_JOURNAL_UPLOAD_GIVEN_UP: to be aborted at the store, again and again until that succeeds
 */
typedef enum
{
  STREAMER_JOURNAL_UPLOAD_BEGINNING,
  STREAMER_JOURNAL_UPLOAD_OPEN,
  STREAMER_JOURNAL_UPLOAD_FINISHING,
  STREAMER_JOURNAL_UPLOAD_GIVEN_UP,
} StreamerJournalUploadState;

/**
 * StreamerJournalUpload:
 * @number: the journal's own, greater than 0
 * @transfer_id: of its entry, which may be gone
 * @connection: as in the entry
 * @upload_id: (nullable): the store's
 * @owner: only read
 * @began_at: when BEGINNING was journaled
 * @n_aborts: how many failed
 * @abort_tried_at: the last of them, or 0
 *
 * One upload (a generation) of a transfer at its store. All strings are owned.
 */
typedef struct
{
  gint64 number;
  char *transfer_id;
  char *connection;
  char *key;
  guint64 size;
  guint64 part_size;
  guint n_parts;
  char *content_type;
  gboolean overwrite;
  guint generation;
  char *resume_id;
  char *upload_id;
  StreamerJournalUploadState state;
  StreamerJournalOwner owner;
  gint64 began_at;
  guint n_aborts;
  gint64 abort_tried_at;
} StreamerJournalUpload;

StreamerJournalUpload *streamer_journal_upload_copy (const StreamerJournalUpload *upload);
void streamer_journal_upload_free (StreamerJournalUpload *upload);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerJournalUpload, streamer_journal_upload_free)

G_END_DECLS
