/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-sweeper.h"

typedef struct
{
  GMutex lock;
  GCond changed;
  guint n_sweeps;
  gboolean waits; /* each one waits until it is given up */
  GThread *thread;
} Work;

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  Work *work = data;

  g_mutex_lock (&work->lock);
  work->waits = FALSE;
  g_cond_broadcast (&work->changed);
  g_mutex_unlock (&work->lock);
}

static void
sweep (gpointer data)
{
  Work *work = data;
  GCancellable *cancellable = g_cancellable_get_current ();
  gulong handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), work, NULL);

  g_mutex_lock (&work->lock);
  work->n_sweeps++;
  work->thread = g_thread_self ();
  g_cond_broadcast (&work->changed);
  while (work->waits)
    g_cond_wait (&work->changed, &work->lock);
  g_mutex_unlock (&work->lock);
  g_cancellable_disconnect (cancellable, handler);
}

static void
wait_for_sweeps (Work *work, guint n_sweeps)
{
  g_mutex_lock (&work->lock);
  while (work->n_sweeps < n_sweeps)
    g_cond_wait (&work->changed, &work->lock);
  g_mutex_unlock (&work->lock);
}

static void
test_it_sweeps_now_and_then_elsewhere (void)
{
  Work work = { 0 };
  g_autoptr (StreamerSweeper) sweeper = streamer_sweeper_new (1, sweep, &work);

  wait_for_sweeps (&work, 3);
  g_assert_true (work.thread != g_thread_self ());
}

static void
test_a_sweep_that_hangs_is_given_up (void)
{
  Work work = { .waits = TRUE };
  StreamerSweeper *sweeper = streamer_sweeper_new (1, sweep, &work);

  wait_for_sweeps (&work, 1);
  streamer_sweeper_free (sweeper);
  g_assert_cmpuint (work.n_sweeps, ==, 1);
}

static void
test_its_end_does_not_wait_for_the_hour (void)
{
  Work work = { 0 };
  StreamerSweeper *sweeper = streamer_sweeper_new (3600 * (gint64) G_USEC_PER_SEC, sweep, &work);

  streamer_sweeper_free (sweeper);
  g_assert_cmpuint (work.n_sweeps, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sweeper/sweeps-now-and-then-elsewhere", test_it_sweeps_now_and_then_elsewhere);
  g_test_add_func ("/sweeper/sweep-that-hangs-is-given-up", test_a_sweep_that_hangs_is_given_up);
  g_test_add_func ("/sweeper/its-end-does-not-wait-for-the-hour",
                   test_its_end_does_not_wait_for_the_hour);
  return g_test_run ();
}
