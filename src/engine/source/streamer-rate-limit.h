/* streamer-rate-limit.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define STREAMER_TYPE_RATE_LIMIT (streamer_rate_limit_get_type ())
G_DECLARE_FINAL_TYPE (StreamerRateLimit, streamer_rate_limit, STREAMER, RATE_LIMIT, GObject)

/**
 * StreamerRateLimit:
 *
 * A token bucket that all parts of a queue draw from. Any thread.
 */
StreamerRateLimit *streamer_rate_limit_new (guint64 bytes_per_second);

/** @bytes_per_second: 0 for no limit */
void streamer_rate_limit_set_rate (StreamerRateLimit *self, guint64 bytes_per_second);
/** Returns: bytes per second, 0 for no limit */
guint64 streamer_rate_limit_get_rate (StreamerRateLimit *self);

/**
 * streamer_rate_limit_take:
 *
 * Waits until @bytes may be sent.
 *
 * Returns: FALSE with G_IO_ERROR_CANCELLED
 */
gboolean streamer_rate_limit_take (StreamerRateLimit *self,
                                   gsize bytes,
                                   GCancellable *cancellable,
                                   GError **error);

G_END_DECLS
