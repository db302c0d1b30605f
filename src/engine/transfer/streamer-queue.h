/* streamer-queue.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-janitor.h"
#include "streamer-transfer.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_QUEUE (streamer_queue_get_type ())
G_DECLARE_FINAL_TYPE (StreamerQueue, streamer_queue, STREAMER, QUEUE, GObject)

/**
 * StreamerQueue:
 *
 * All transfers, in the order they were given: a GListModel of StreamerTransfer. The same object
 * serves the window and the headless mode. It starts waiting transfers as the pool has room; files
 * that were given earlier get the pool's workers first, later ones fill what is left. Those that
 * stall because their server is away leave their room to other connections'.
 *
 * Properties: `parts` (uint, 1 to 64, read-write: parts sent at the same time), `n-active` (uint:
 * at work, also those that are over and whose store is just being told), `n-waiting` (uint),
 * `idle` (boolean, see streamer_queue_is_idle()), `speed` (uint64, bytes/s of all), `sent` and
 * `size` (uint64, of all that are not over), `time-left` (int64), `needs-token`
 * (StreamerConnection, NULL if none: it holds its transfers until streamer_queue_token_given()),
 * `wrong-clock` (string, NULL where it is right, as far as is known: a sentence on this computer's
 * clock and on what to do; uploads go on by the server's).
 */
StreamerQueue *streamer_queue_new (void);
/** @retry: of this queue alone: the policy by which all of its calls are repeated */
StreamerQueue *streamer_queue_new_with_retry (StreamerRetry *retry);

/**
 * streamer_queue_set_journal:
 * @connect: opens the connections of transfers that are restored
 *
 * From now on what is added is written down, and survives the program. Once, before anything is
 * added.
 */
void streamer_queue_set_journal (StreamerQueue *self,
                                 StreamerJournal *journal,
                                 StreamerConnect connect,
                                 gpointer user_data,
                                 GDestroyNotify destroy);
/** Returns: (nullable) (transfer none) */
StreamerJournal *streamer_queue_get_journal (StreamerQueue *self);
/** Returns: (nullable) (transfer none): of the journal */
StreamerJanitor *streamer_queue_get_janitor (StreamerQueue *self);

/** The journal keeps more: it is never pruned, since a receipt is what an object is verified by. */
#define STREAMER_RESTORE_HISTORY_MAX 10000

/**
 * StreamerRestoreFlags:
 * @STREAMER_RESTORE_UNFINISHED: what waits, is paused, or has failed
 * @STREAMER_RESTORE_HISTORY: what is done or was cancelled: the newest STREAMER_RESTORE_HISTORY_MAX
 */
typedef enum
{
  STREAMER_RESTORE_UNFINISHED = 1 << 0,
  STREAMER_RESTORE_HISTORY = 1 << 1,
} StreamerRestoreFlags;

/**
 * streamer_queue_restore_async:
 * @ids: (nullable): of transfers; NULL for all that no other process works on, as @flags say
 *
 * Adds the transfers that an earlier run of the program has left in the journal, the oldest first.
 * What was at work then waits, and is started as there is room; what was paused or has failed stays
 * so. No part is believed to be stored before its bytes have been read again.
 */
void streamer_queue_restore_async (StreamerQueue *self,
                                   const char *const *ids,
                                   StreamerRestoreFlags flags,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/**
 * Returns: how many were found; with @error set, which leaves what was found until then in the
 *   queue, for what the journal's calls fail with: STREAMER_ERROR_NOT_FOUND (one of @ids), _EXISTS
 *   (another process works on one of @ids), …
 */
guint streamer_queue_restore_finish (StreamerQueue *self, GAsyncResult *result, GError **error);

/** Returns: (transfer none) */
StreamerPool *streamer_queue_get_pool (StreamerQueue *self);
void streamer_queue_set_parts (StreamerQueue *self, guint parts);
guint streamer_queue_get_parts (StreamerQueue *self);
/** @bytes_per_second: shared by all parts; 0 for no limit */
void streamer_queue_set_rate (StreamerQueue *self, guint64 bytes_per_second);
guint streamer_queue_get_n_active (StreamerQueue *self);
guint streamer_queue_get_n_waiting (StreamerQueue *self);
guint64 streamer_queue_get_speed (StreamerQueue *self);
guint64 streamer_queue_get_sent (StreamerQueue *self);
guint64 streamer_queue_get_size (StreamerQueue *self);
gint64 streamer_queue_get_time_left (StreamerQueue *self);
/** Returns: (nullable) (transfer none) */
StreamerConnection *streamer_queue_get_needs_token (StreamerQueue *self);
/** Returns: (nullable) (transfer none) */
const char *streamer_queue_get_wrong_clock (StreamerQueue *self);

/**
 * streamer_queue_add_async:
 * @file: a file, or a folder, whose structure is kept under the target's prefix, beginning with
 *   the folder's own name
 *
 * Adds one transfer per file, in byte order of their paths; what cannot be uploaded (FIFO, device,
 * socket, a link back to a folder above, an impossible name) becomes a failed transfer with its
 * reason. Folders are read on a worker, and transfers appear while it reads. Calls made one after
 * the other keep their order in the model.
 */
void streamer_queue_add_async (StreamerQueue *self,
                               GFile *file,
                               StreamerTarget *target,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/** Returns: how many transfers were added; failure only for G_IO_ERROR_CANCELLED */
guint streamer_queue_add_finish (StreamerQueue *self, GAsyncResult *result, GError **error);

/** @fd: (transfer full). The target must have a name. Returns: (transfer none) */
StreamerTransfer *streamer_queue_add_pipe (StreamerQueue *self, int fd, StreamerTarget *target);

/** Starts a transfer that waits, at once and before all that wait their turn. */
void streamer_queue_start_now (StreamerQueue *self, StreamerTransfer *transfer);

/** Takes a transfer that is over out of the list, and out of the journal. */
void streamer_queue_remove (StreamerQueue *self, StreamerTransfer *transfer);
/** @transfers: (element-type StreamerTransfer): each once. The same for many, as one change. */
void streamer_queue_remove_all (StreamerQueue *self, GPtrArray *transfers);
/**
 * @transfers: (element-type StreamerTransfer): done or cancelled. Undoes that, as one change: at
 *   the end of the list.
 */
void streamer_queue_put_back (StreamerQueue *self, GPtrArray *transfers);

/** A token was stored for @connection: its transfers go on. */
void streamer_queue_token_given (StreamerQueue *self, StreamerConnection *connection);

/**
 * Returns: TRUE where nothing is being read, waiting, active, paused or in need of a token, and no
 *   store is being told that an upload is given up
 */
gboolean streamer_queue_is_idle (StreamerQueue *self);

/**
 * streamer_queue_cancel_all_async:
 *
 * Cancels everything that is not over, gives up what failed transfers have kept in a store, and
 * completes when the stores have let go (or cannot be reached): after 10 s at most, then with
 * STREAMER_ERROR_NETWORK.
 */
void streamer_queue_cancel_all_async (StreamerQueue *self,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean
streamer_queue_cancel_all_finish (StreamerQueue *self, GAsyncResult *result, GError **error);

/**
 * streamer_queue_stop_async:
 *
 * For a program that ends: gives up the attempts that are under way, keeps in the stores and in the
 * journal what is not over, so that another run can go on with it, and completes when all workers
 * are back and the journal is on the disk, after 10 s at most. Pipes, and everything where there is
 * no journal, are cancelled. No transfer changes its state by it, but those; nothing is started any
 * more.
 */
void
streamer_queue_stop_async (StreamerQueue *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean streamer_queue_stop_finish (StreamerQueue *self, GAsyncResult *result, GError **error);

/**
 * streamer_queue_purge_async:
 * @key: as the user gave it
 *
 * Removes an object from the server behind @connection.
 *
 * Errors: STREAMER_ERROR_NOT_FOUND, _INVALID (the key), _AUTH, _FORBIDDEN, …
 */
void streamer_queue_purge_async (StreamerQueue *self,
                                 StreamerConnection *connection,
                                 const char *key,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean streamer_queue_purge_finish (StreamerQueue *self, GAsyncResult *result, GError **error);

G_END_DECLS
