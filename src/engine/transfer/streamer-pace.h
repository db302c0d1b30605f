/* streamer-pace.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerPace:
 * @wanted: what the user allows
 * @workers: how many requests are made at the same time: 1 to @wanted
 * @changed_at: monotonic µs of the last change
 *
 * How much a server is asked to do at once: half as much where it is busy, and one more for each
 * success after a while. Once a second at most, since what is on its way was sent before the last
 * change.
 */
typedef struct
{
  guint wanted;
  guint workers;
  gint64 changed_at;
} StreamerPace;

void streamer_pace_set_wanted (StreamerPace *self, guint wanted);
/** The server is busy. */
void streamer_pace_slow_down (StreamerPace *self, gint64 now);
/** The server did what it was asked to. */
void streamer_pace_speed_up (StreamerPace *self, gint64 now);

G_END_DECLS
