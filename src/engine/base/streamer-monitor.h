/* streamer-monitor.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * StreamerMonitor:
 * @lock: guards what the owner says
 * @changed: broadcast whenever that changes
 *
 * A lock with a condition on which a wait ends when a cancellable is cancelled.
 */
typedef struct
{
  GMutex lock;
  GCond changed;
} StreamerMonitor;

void streamer_monitor_init (StreamerMonitor *self);
void streamer_monitor_clear (StreamerMonitor *self);

/**
 * streamer_monitor_enter:
 *
 * Takes the lock. Until streamer_monitor_leave() a cancelled @cancellable wakes whoever waits on
 * @changed, who then looks at it.
 *
 * Returns: for streamer_monitor_leave()
 */
gulong streamer_monitor_enter (StreamerMonitor *self, GCancellable *cancellable);
void streamer_monitor_leave (StreamerMonitor *self, GCancellable *cancellable, gulong watch);

G_END_DECLS
