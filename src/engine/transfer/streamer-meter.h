/* streamer-meter.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerMeter:
 *
 * Speed and time left from a byte count that is sampled now and then; smoothed over about five
 * seconds, so that neither jumps. A value; owner's thread. Initialise to zeros.
 */
typedef struct
{
  gint64 first_time;
  gint64 last_time;
  guint64 last_bytes;
  double speed;
  gboolean primed;
} StreamerMeter;

/** @now: monotonic microseconds; @bytes: that have been sent so far */
void streamer_meter_sample (StreamerMeter *self, gint64 now, guint64 bytes);
/** Forgets the speed (after a pause); the next sample starts anew. */
void streamer_meter_reset (StreamerMeter *self);
/** Returns: bytes per second, 0 while unknown */
guint64 streamer_meter_get_speed (const StreamerMeter *self);
/** Returns: seconds, or -1 while unknown */
gint64 streamer_meter_get_time_left (const StreamerMeter *self, guint64 bytes_left);

G_END_DECLS
