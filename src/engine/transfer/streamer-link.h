/* streamer-link.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-connection.h"
#include "streamer-pool.h"

G_BEGIN_DECLS

/**
 * streamer_link_async:
 * @key: of an object that is stored
 * @known: (nullable): a link to it that was kept
 *
 * Finds the link to show for an object that was uploaded earlier. A kept one is as good as new where
 * its server does not depend on this program. Otherwise the store is asked for one, for which the
 * embedded backend is started where none runs; links to private objects carry a signature, and work
 * as long as the connection's settings say. Owner's thread.
 */
void streamer_link_async (StreamerPool *pool,
                          StreamerConnection *connection,
                          const char *key,
                          const char *known,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);

/**
 * streamer_link_finish:
 *
 * Returns: (transfer full): a URL; or NULL with STREAMER_ERROR_NOT_FOUND (the object is gone),
 *   G_IO_ERROR_NOT_SUPPORTED (the server makes no links), or what a store's call may fail with
 */
char *streamer_link_finish (StreamerPool *pool, GAsyncResult *result, GError **error);

G_END_DECLS
