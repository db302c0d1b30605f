/* streamer-permissions.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-presigned.h"
#include "streamer-store.h"

G_BEGIN_DECLS

/* The presigned URLs that are kept with an upload, in its `priv` and under its lock, which these
 * calls take. Any thread. */

/** Returns: (transfer full) (nullable): what is good for @size bytes of part @number */
StreamerPresigned *streamer_permissions_find (StreamerUpload *upload, guint number, guint64 size);

/** Waits until nobody else asks for URLs. FALSE with G_IO_ERROR_CANCELLED. */
gboolean
streamer_permissions_take_turn (StreamerUpload *upload, GCancellable *cancellable, GError **error);
void streamer_permissions_give_turn (StreamerUpload *upload);

/** @presigned: (transfer full) */
void streamer_permissions_put (StreamerUpload *upload, guint number, StreamerPresigned *presigned);

/** The part is stored: its URL is not needed any more. */
void streamer_permissions_set_used (StreamerUpload *upload, guint number);

/** The store behind the URL does not answer: the backend may know a better one by now. */
void streamer_permissions_set_unreachable (StreamerUpload *upload, guint number);

/**
 * streamer_permissions_set_refused:
 * @fresh: whether the URL was new, so that its age does not explain it
 *
 * The store does not take the URL: forgets it.
 *
 * Returns: whether the last fresh one for this part was refused as well
 */
gboolean streamer_permissions_set_refused (StreamerUpload *upload, guint number, gboolean fresh);

G_END_DECLS
