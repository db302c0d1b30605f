/* streamer-sleep-watch.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-clock.h"

G_BEGIN_DECLS

/**
 * StreamerSleepWatch:
 *
 * Notices that the computer slept, or that the program was stopped for a while: then what was under
 * way to a server is not any more, whatever the sockets say. Owner's thread; told in the thread's
 * default context.
 */
typedef struct _StreamerSleepWatch StreamerSleepWatch;

typedef void (*StreamerSleepFunc) (gpointer user_data);

/** @func: called after each sleep */
StreamerSleepWatch *
streamer_sleep_watch_new (StreamerClock *clock, StreamerSleepFunc func, gpointer user_data);
void streamer_sleep_watch_free (StreamerSleepWatch *self);

/** Looks from now on, as often as this is called more than streamer_sleep_watch_release(). */
void streamer_sleep_watch_hold (StreamerSleepWatch *self);
void streamer_sleep_watch_release (StreamerSleepWatch *self);

G_END_DECLS
