/* streamer-throttle.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerThrottle:
 *
 * Token buckets, one for each name: a bucket of @burst tokens refills with @rate tokens per second,
 * and an act is allowed where there is one. What costs more than there is is allowed once and
 * leaves a debt, so that no act is too large for ever. In memory; any thread. It stays small,
 * however many names there are: full buckets are forgotten, and beyond a number all new names
 * share one.
 */
typedef struct _StreamerThrottle StreamerThrottle;

/** StreamerThrottleClock: Returns: microseconds of a clock that never goes back */
typedef gint64 (*StreamerThrottleClock) (void);

/** @max_names: buckets at most */
StreamerThrottle *streamer_throttle_new (guint max_names, StreamerThrottleClock clock);
void streamer_throttle_free (StreamerThrottle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerThrottle, streamer_throttle_free)

/**
 * streamer_throttle_take:
 * @rate: tokens per second; not 0
 * @burst: tokens of a full bucket, 1 or more
 * @cost: tokens to take, where there is one at all
 *
 * Returns: 0; or, where there is no token, whole seconds until there is one
 */
guint streamer_throttle_take (StreamerThrottle *self,
                              const char *name,
                              double rate,
                              double burst,
                              double cost);

/** streamer_throttle_charge: takes what turned out to be needed as well, allowed or not */
void streamer_throttle_charge (StreamerThrottle *self, const char *name, double cost);

/** Returns: buckets that are remembered */
guint streamer_throttle_count (StreamerThrottle *self);

G_END_DECLS
