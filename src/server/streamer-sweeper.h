/* streamer-sweeper.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * StreamerSweeper:
 *
 * Does something now and then that may wait for a store, on a thread of its own.
 */
typedef struct _StreamerSweeper StreamerSweeper;

/** @data: of work that gives up when g_cancellable_get_current() is cancelled */
typedef void (*StreamerSweep) (gpointer data);

/**
 * streamer_sweeper_new:
 * @interval: microseconds from the end of one @sweep to the begin of the next, and before the first
 */
StreamerSweeper *streamer_sweeper_new (gint64 interval, StreamerSweep sweep, gpointer data);

/** Cancels what is going on, and waits until it has ended. */
void streamer_sweeper_free (StreamerSweeper *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerSweeper, streamer_sweeper_free)

G_END_DECLS
