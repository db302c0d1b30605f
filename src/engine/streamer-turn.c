/* streamer-turn.c: one worker does it, the others wait and can be cancelled
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread, under the caller's lock.
 */

#include "streamer-turn.h"

/* How soon a waiting worker sees that it was cancelled. */
#define LOOK_USEC (50 * G_TIME_SPAN_MILLISECOND)

void
streamer_turn_init (StreamerTurn *self)
{
  g_cond_init (&self->cond);
  self->taken = FALSE;
}

void
streamer_turn_clear (StreamerTurn *self)
{
  g_cond_clear (&self->cond);
}

gboolean
streamer_turn_take (StreamerTurn *self, GMutex *lock, GCancellable *cancellable, GError **error)
{
  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      if (!self->taken)
        {
          self->taken = TRUE;
          return TRUE;
        }
      g_cond_wait_until (&self->cond, lock, g_get_monotonic_time () + LOOK_USEC);
    }

  return FALSE;
}

void
streamer_turn_give (StreamerTurn *self)
{
  self->taken = FALSE;
  g_cond_broadcast (&self->cond);
}
