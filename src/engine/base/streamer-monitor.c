/* streamer-monitor.c: waiting under a lock, which a cancellable ends
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-monitor.h"

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  StreamerMonitor *self = user_data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
streamer_monitor_init (StreamerMonitor *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
}

void
streamer_monitor_clear (StreamerMonitor *self)
{
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
}

gulong
streamer_monitor_enter (StreamerMonitor *self, GCancellable *cancellable)
{
  gulong watch = 0;

  /* Without the lock: the handler takes it, and may run right here. */
  if (cancellable != NULL)
    watch = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
  g_mutex_lock (&self->lock);
  return watch;
}

void
streamer_monitor_leave (StreamerMonitor *self, GCancellable *cancellable, gulong watch)
{
  g_mutex_unlock (&self->lock);
  g_cancellable_disconnect (cancellable, watch);
}
