/* streamer-janitor.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-connection.h"
#include "streamer-journal.h"
#include "streamer-pool.h"

G_BEGIN_DECLS

/**
 * StreamerConnect:
 * @record: of streamer_connection_to_record()
 *
 * Opens a connection that is written down. Owner's thread.
 *
 * Returns: (transfer full): the connection; or NULL with @error set
 */
typedef StreamerConnection *(*StreamerConnect) (const char *record,
                                                gpointer user_data,
                                                GError **error);

#define STREAMER_TYPE_JANITOR (streamer_janitor_get_type ())
G_DECLARE_FINAL_TYPE (StreamerJanitor, streamer_janitor, STREAMER, JANITOR, GObject)

/**
 * StreamerJanitor:
 *
 * Sees to uploads that a store has and nobody goes on with: parts that stay there cost money. What
 * the journal has as given up is aborted, and again later where that fails. What only the store
 * knows can be listed, and aborted by whoever recognises it. Owner's thread.
 */
StreamerJanitor *streamer_janitor_new (StreamerPool *pool,
                                       StreamerJournal *journal,
                                       StreamerConnect connect,
                                       gpointer user_data,
                                       GDestroyNotify destroy);

/**
 * streamer_janitor_clean_async:
 *
 * Aborts, at their stores, the uploads of the journal that are given up, are left of transfers that
 * are over or gone, or came out of pipes; those that no living session has, and that were not tried
 * just now. Never fails because a store cannot be reached.
 */
void streamer_janitor_clean_async (StreamerJanitor *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/** Returns: how many were aborted, or -1 where the journal cannot be read */
int streamer_janitor_clean_finish (StreamerJanitor *self, GAsyncResult *result, GError **error);

/**
 * StreamerLeftover:
 * @connection: (owned): to whose store it belongs
 * @key: (owned)
 * @upload_id: (owned)
 * @transfer_id: (owned) (nullable): of the journal's transfer that it belongs to, which can be
 *   resumed; NULL where the journal knows of none
 * @record: the journal's number for it, or 0
 * @began_at: µs since the epoch
 * @size: bytes that the store has of it
 * @n_parts: in how many parts
 *
 * An unfinished upload that a store has.
 */
typedef struct
{
  StreamerConnection *connection;
  char *key;
  char *upload_id;
  char *transfer_id;
  gint64 record;
  gint64 began_at;
  guint64 size;
  guint n_parts;
} StreamerLeftover;

#define STREAMER_TYPE_LEFTOVER (streamer_leftover_get_type ())
GType streamer_leftover_get_type (void);
StreamerLeftover *streamer_leftover_copy (const StreamerLeftover *leftover);
void streamer_leftover_free (StreamerLeftover *leftover);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerLeftover, streamer_leftover_free)

/**
 * streamer_janitor_list_async:
 *
 * All unfinished uploads that the store behind @connection has, other people's included: a bucket
 * does not say whose they are. Not those that a living session of this program works on.
 */
void streamer_janitor_list_async (StreamerJanitor *self,
                                  StreamerConnection *connection,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/**
 * Returns: (transfer full) (element-type StreamerLeftover): the oldest first; or NULL, with
 *   G_IO_ERROR_NOT_SUPPORTED where the store does not tell (the request API)
 */
GPtrArray *
streamer_janitor_list_finish (StreamerJanitor *self, GAsyncResult *result, GError **error);

/** Aborts it at its store; the journal forgets it, or tries it again later where that fails. */
void streamer_janitor_abort_async (StreamerJanitor *self,
                                   const StreamerLeftover *leftover,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/**
 * Returns: FALSE with STREAMER_ERROR_EXISTS where somebody goes on with it by now, or with what a
 *   store's call may fail with
 */
gboolean
streamer_janitor_abort_finish (StreamerJanitor *self, GAsyncResult *result, GError **error);

/**
 * streamer_janitor_sweep_beginning:
 * @journal: (nullable)
 * @upload: whose beginning was asked for, and whose answer never came
 * @began_at: when that was asked last, µs since the epoch
 * @can_tell: (out) (optional): whether the store tells what it has begun
 *
 * Aborts what the store has begun for @upload: what has exactly its key, was begun within a minute
 * of @began_at, has no parts, and that the journal does not know. Worker thread.
 *
 * Returns: FALSE where the store fails
 */
gboolean streamer_janitor_sweep_beginning (StreamerJournal *journal,
                                           StreamerStore *store,
                                           StreamerHttp *http,
                                           const StreamerUpload *upload,
                                           gint64 began_at,
                                           gboolean *can_tell,
                                           GCancellable *cancellable,
                                           GError **error);

/**
 * streamer_janitor_end_beginning:
 * @upload: as for streamer_janitor_sweep_beginning()
 *
 * Sees to it that nothing is left of @upload: where the store does not tell what it has begun, it is
 * asked to begin once more, and what @upload has an id of then is to be cancelled. Worker thread.
 *
 * Returns: FALSE where the store fails
 */
gboolean streamer_janitor_end_beginning (StreamerJournal *journal,
                                         StreamerStore *store,
                                         StreamerHttp *http,
                                         StreamerUpload *upload,
                                         gint64 began_at,
                                         GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
