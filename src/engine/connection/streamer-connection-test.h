/* streamer-connection-test.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-connection.h"
#include "streamer-pool.h"

G_BEGIN_DECLS

/**
 * streamer_connection_test_async:
 * @pool: of which a worker asks; best one of its own, so that a test does not wait for uploads
 *
 * Finds out whether uploads by @self would get through, and leaves nothing behind. One attempt, so
 * that the answer comes soon: an upload is more patient. Owner's thread.
 */
void streamer_connection_test_async (StreamerConnection *self,
                                     StreamerPool *pool,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);

/**
 * streamer_connection_test_finish:
 *
 * Returns: (transfer full): that it works, in whole sentences; or NULL with an error whose message
 *   says what is wrong and, in a line of its own, what to do about it
 */
char *streamer_connection_test_finish (StreamerPool *pool, GAsyncResult *result, GError **error);

G_END_DECLS
