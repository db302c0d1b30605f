/* streamer-clock.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define STREAMER_TYPE_CLOCK (streamer_clock_get_type ())
G_DECLARE_DERIVABLE_TYPE (StreamerClock, streamer_clock, STREAMER, CLOCK, GObject)

/**
 * StreamerClock:
 *
 * What time it is, and timers. This one is the computer's; whoever decides by time is given a clock
 * when it is made, so that a test can give one that it turns itself. Any thread.
 */
struct _StreamerClockClass
{
  GObjectClass parent_class;

  gint64 (*get_time) (StreamerClock *self);
  gint64 (*get_real_time) (StreamerClock *self);
  gint64 (*get_boot_time) (StreamerClock *self);
  GSource *(*timeout_source_new) (StreamerClock *self, guint interval_ms);
};

/** The computer's. */
StreamerClock *streamer_clock_new (void);

/** Returns: monotonic µs, as g_get_monotonic_time(): it stands still while the computer sleeps */
gint64 streamer_clock_get_time (StreamerClock *self);
/** Returns: µs since 1970 */
gint64 streamer_clock_get_real_time (StreamerClock *self);
/** Returns: µs since the start, those that the computer slept included */
gint64 streamer_clock_get_boot_time (StreamerClock *self);
/** Returns: (transfer full): as g_timeout_source_new() */
GSource *streamer_clock_timeout_source_new (StreamerClock *self, guint interval_ms);

/** Returns: what streamer_clock_get_boot_time() says of the computer's own clock */
gint64 streamer_boot_time (void);

G_END_DECLS
