/* streamer-transfer.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-journal-entry.h"
#include "streamer-part-list.h"
#include "streamer-pool.h"
#include "streamer-receipt.h"
#include "streamer-target.h"

G_BEGIN_DECLS

/**
 * StreamerTransferState:
 * @STREAMER_TRANSFER_WAITING: in the queue
 * @STREAMER_TRANSFER_PREPARING: opens the file and begins the upload
 * @STREAMER_TRANSFER_UPLOADING: parts are on their way
 * @STREAMER_TRANSFER_STALLED: everything waits to be tried again
 * @STREAMER_TRANSFER_PAUSED: by the user; what the store has is kept
 * @STREAMER_TRANSFER_NEEDS_TOKEN: the server wants a (new) token
 * @STREAMER_TRANSFER_FINISHING: the store puts the parts together
 * @STREAMER_TRANSFER_DONE: the object is there
 * @STREAMER_TRANSFER_FAILED: see `error`; what the store has is kept until it is retried
 * @STREAMER_TRANSFER_CANCELLED: by the user; nothing is left in the store
 */
typedef enum
{
  STREAMER_TRANSFER_WAITING,
  STREAMER_TRANSFER_PREPARING,
  STREAMER_TRANSFER_UPLOADING,
  STREAMER_TRANSFER_STALLED,
  STREAMER_TRANSFER_PAUSED,
  STREAMER_TRANSFER_NEEDS_TOKEN,
  STREAMER_TRANSFER_FINISHING,
  STREAMER_TRANSFER_DONE,
  STREAMER_TRANSFER_FAILED,
  STREAMER_TRANSFER_CANCELLED,
} StreamerTransferState;

#define STREAMER_TYPE_TRANSFER_STATE (streamer_transfer_state_get_type ())
GType streamer_transfer_state_get_type (void);

#define STREAMER_TYPE_TRANSFER (streamer_transfer_get_type ())
G_DECLARE_FINAL_TYPE (StreamerTransfer, streamer_transfer, STREAMER, TRANSFER, GObject)

/**
 * StreamerTransfer:
 *
 * One file on its way. Lives on its owner's context; everything that blocks happens in the pool.
 *
 * Read-only properties: `id` (string), `file` (GFile, NULL for a pipe), `name` (string, UTF-8 for
 * display), `key` (string), `state` (StreamerTransferState), `size` (uint64), `sent` (uint64,
 * bytes that the store has or that are on their way; never falls while a state lasts),
 * `fraction` (double), `speed` (uint64, bytes/s), `time-left` (int64, s, -1 unknown),
 * `retry-at` (int64, monotonic µs of the next attempt while stalled, else 0),
 * `n-parts` (uint), `part-size` (uint64), `parts` (GListModel of StreamerPart, NULL until
 * prepared), `error` (GError, NULL unless failed, stalled or needs-token), `url` (string),
 * `busy` (boolean: a worker has something to do for it; also when it is over, while the store is
 * told to give the upload up).
 * `size` is STREAMER_SIZE_UNKNOWN for a pipe that has not ended; `n-parts` and `part-size` are 0
 * until prepared. `sent`, `speed` and `time-left` are notified at most four times a second.
 */
StreamerTransfer *streamer_transfer_new_for_file (GFile *file,
                                                  const char *relative_name,
                                                  StreamerTarget *target,
                                                  StreamerPool *pool,
                                                  StreamerRateLimit *limit);
/** @fd: (transfer full): read once, to its end. @name: the object's name below the prefix. */
StreamerTransfer *streamer_transfer_new_for_pipe (int fd,
                                                  const char *name,
                                                  StreamerTarget *target,
                                                  StreamerPool *pool,
                                                  StreamerRateLimit *limit);
/**
 * A transfer that failed before it began, so that a file which cannot be uploaded is seen with its
 * reason. @error: (transfer full)
 */
StreamerTransfer *
streamer_transfer_new_refused (GFile *file, StreamerTarget *target, GError *error);

const char *streamer_transfer_get_id (StreamerTransfer *self);
GFile *streamer_transfer_get_file (StreamerTransfer *self);
const char *streamer_transfer_get_name (StreamerTransfer *self);
const char *streamer_transfer_get_key (StreamerTransfer *self);
StreamerTarget *streamer_transfer_get_target (StreamerTransfer *self);
/** Returns: (transfer none) (nullable): NULL where it was refused before it began */
StreamerPool *streamer_transfer_get_pool (StreamerTransfer *self);
StreamerTransferState streamer_transfer_get_state (StreamerTransfer *self);
guint64 streamer_transfer_get_size (StreamerTransfer *self);
guint64 streamer_transfer_get_sent (StreamerTransfer *self);
double streamer_transfer_get_fraction (StreamerTransfer *self);
guint64 streamer_transfer_get_speed (StreamerTransfer *self);
gint64 streamer_transfer_get_time_left (StreamerTransfer *self);
gint64 streamer_transfer_get_retry_at (StreamerTransfer *self);
guint streamer_transfer_get_n_parts (StreamerTransfer *self);
guint64 streamer_transfer_get_part_size (StreamerTransfer *self);
/** Returns: (transfer none) (nullable) */
StreamerPartList *streamer_transfer_get_parts (StreamerTransfer *self);
const GError *streamer_transfer_get_error (StreamerTransfer *self);
const char *streamer_transfer_get_url (StreamerTransfer *self);

/** Returns: TRUE for done, failed and cancelled */
gboolean streamer_transfer_is_over (StreamerTransfer *self);
/** Returns: TRUE while it occupies the pool: preparing, uploading, stalled, finishing */
gboolean streamer_transfer_is_active (StreamerTransfer *self);
gboolean streamer_transfer_is_busy (StreamerTransfer *self);
/**
 * Returns: whether streamer_transfer_resume() does something: not for what can never be uploaded,
 *   and not for a pipe whose bytes are gone
 */
gboolean streamer_transfer_can_resume (StreamerTransfer *self);
/**
 * Returns: whether the store may have the object, whole, although nobody has heard of it: only who
 *   resumes this transfer can tell it from somebody else's
 */
gboolean streamer_transfer_may_be_stored (StreamerTransfer *self);
/** Returns: the same of streamer_transfer_start_over(): what is over, and no pipe */
gboolean streamer_transfer_can_start_over (StreamerTransfer *self);

/** Called by the queue: waiting → preparing. @priority: for the pool; lower goes first. */
void streamer_transfer_start (StreamerTransfer *self, int priority);
/** Any state that is not over → paused. Attempts under way are given up, parts stored are kept. */
void streamer_transfer_pause (StreamerTransfer *self);
/**
 * Paused, stalled, failed or needs-token → waiting; goes on with the parts the store has. Where
 * nothing was kept (the file changed, the server refused it) that is a new upload.
 */
void streamer_transfer_resume (StreamerTransfer *self);
/** Failed or cancelled → waiting, as a new upload from byte 0. */
void streamer_transfer_start_over (StreamerTransfer *self);

/**
 * streamer_transfer_cancel_async:
 *
 * Gives the upload up, and tells the store. The state is cancelled at once; the operation ends
 * when the store has let go, or cannot be reached. Where the store turns out to have finished the
 * object before it heard of it, the transfer ends as done.
 */
void streamer_transfer_cancel_async (StreamerTransfer *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean
streamer_transfer_cancel_finish (StreamerTransfer *self, GAsyncResult *result, GError **error);

/** Returns: (transfer full): how it ended, or how it stands */
StreamerReceipt *streamer_transfer_get_receipt (StreamerTransfer *self);
/** Returns: (transfer full): all that is written down of it, and at its end the receipt */
StreamerJournalEntry *streamer_transfer_make_entry (StreamerTransfer *self);

G_END_DECLS
