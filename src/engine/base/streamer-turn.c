/* streamer-turn.c: one worker does it, the others wait and can be cancelled
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-turn.h"

void
streamer_turn_init (StreamerTurn *self)
{
  streamer_monitor_init (&self->monitor);
  self->taken = FALSE;
}

void
streamer_turn_clear (StreamerTurn *self)
{
  streamer_monitor_clear (&self->monitor);
}

gboolean
streamer_turn_take (StreamerTurn *self, GCancellable *cancellable, GError **error)
{
  gulong watch = streamer_monitor_enter (&self->monitor, cancellable);
  gboolean mine = FALSE;

  while (self->taken && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->monitor.changed, &self->monitor.lock);
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    mine = self->taken = TRUE;
  streamer_monitor_leave (&self->monitor, cancellable, watch);

  return mine;
}

void
streamer_turn_give (StreamerTurn *self)
{
  g_mutex_lock (&self->monitor.lock);
  self->taken = FALSE;
  g_cond_broadcast (&self->monitor.changed);
  g_mutex_unlock (&self->monitor.lock);
}
