/* streamer-sweeper.c: something that is done now and then
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The thread waits on the condition, so that it ends at once when it is told to. The lock is not
 * held while it sweeps.
 */

#include "streamer-sweeper.h"

struct _StreamerSweeper
{
  gint64 interval;
  StreamerSweep sweep;
  gpointer data;

  GThread *thread;           /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GMutex lock;
  GCond ended;        /* the lock */
  gboolean has_ended; /* the lock */
};

/* With the lock. Returns: FALSE where it is the end */
static gboolean
wait_for_next (StreamerSweeper *self)
{
  gint64 until = g_get_monotonic_time () + self->interval;

  while (!self->has_ended && g_cond_wait_until (&self->ended, &self->lock, until))
    ;
  return !self->has_ended;
}

static gpointer
run (gpointer data)
{
  StreamerSweeper *self = data;

  g_cancellable_push_current (self->cancellable);
  g_mutex_lock (&self->lock);
  while (wait_for_next (self))
    {
      g_mutex_unlock (&self->lock);
      self->sweep (self->data);
      g_mutex_lock (&self->lock);
    }
  g_mutex_unlock (&self->lock);
  g_cancellable_pop_current (self->cancellable);
  return NULL;
}

StreamerSweeper *
streamer_sweeper_new (gint64 interval, StreamerSweep sweep, gpointer data)
{
  StreamerSweeper *self = g_new0 (StreamerSweeper, 1);

  self->interval = interval;
  self->sweep = sweep;
  self->data = data;
  self->cancellable = g_cancellable_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->ended);
  self->thread = g_thread_new ("sweeper", run, self);
  return self;
}

void
streamer_sweeper_free (StreamerSweeper *self)
{
  g_mutex_lock (&self->lock);
  self->has_ended = TRUE;
  g_cond_signal (&self->ended);
  g_mutex_unlock (&self->lock);
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_object_unref (self->cancellable);
  g_cond_clear (&self->ended);
  g_mutex_clear (&self->lock);
  g_free (self);
}
