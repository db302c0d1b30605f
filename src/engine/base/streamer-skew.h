/* streamer-skew.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerSkew:
 *
 * How far this computer's clock is from a server's, as its answers say. Initialise to zeros. Any
 * thread.
 */
typedef struct
{
  gint offset; /* atomic: seconds that ours is behind (positive) */
} StreamerSkew;

/**
 * streamer_skew_learn:
 * @asked_at: µs since 1970 by our clock, when the request was sent
 * @heard_at: µs since 1970 by our clock, when its answer had come
 * @said: seconds since 1970 by the server's clock, at some moment between
 */
void streamer_skew_learn (StreamerSkew *self, gint64 asked_at, gint64 heard_at, gint64 said);
/** Returns: seconds that this computer's clock is behind (positive) the server's, at least */
gint64 streamer_skew_get (const StreamerSkew *self);

/**
 * streamer_skew_describe:
 * @offset: seconds that this computer's clock is behind (positive) a server's
 *
 * Returns: (transfer full) (nullable): a sentence on that and on what to do; NULL where it is within
 *   the 15 minutes that servers allow
 */
char *streamer_skew_describe (gint64 offset);

G_END_DECLS
