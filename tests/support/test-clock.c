/* test-clock.c: a clock whose time moves only when a test says so
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-clock.h"

/* Not 0, which often means never. */
#define START (1000 * G_TIME_SPAN_SECOND)
#define WALL  (G_GINT64_CONSTANT (1700000000) * G_TIME_SPAN_SECOND)

struct _TestClock
{
  StreamerClock parent_instance;

  GMutex lock; /* guards all below, and the timers' times */
  gint64 now;
  gint64 slept;
  GPtrArray *timers; /* (element-type Timer) (borrowed) */
};

typedef struct
{
  GSource source;
  TestClock *clock; /* (owned) */
  gint64 interval;
  gint64 at;
} Timer;

G_DEFINE_FINAL_TYPE (TestClock, test_clock, STREAMER_TYPE_CLOCK)

static gboolean
timer_is_ready (GSource *source)
{
  Timer *timer = (Timer *) source;
  gboolean ready;

  g_mutex_lock (&timer->clock->lock);
  ready = timer->at <= timer->clock->now;
  g_mutex_unlock (&timer->clock->lock);
  return ready;
}

static gboolean
timer_prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  return timer_is_ready (source);
}

static gboolean
timer_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  Timer *timer = (Timer *) source;
  gboolean goes_on = callback (user_data);

  g_mutex_lock (&timer->clock->lock);
  timer->at = timer->clock->now + timer->interval;
  g_mutex_unlock (&timer->clock->lock);
  return goes_on;
}

static void
timer_dispose (GSource *source)
{
  Timer *timer = (Timer *) source;

  g_mutex_lock (&timer->clock->lock);
  g_ptr_array_remove_fast (timer->clock->timers, timer);
  g_mutex_unlock (&timer->clock->lock);
}

static void
timer_finalize (GSource *source)
{
  g_object_unref (((Timer *) source)->clock);
}

static GSourceFuncs timer_funcs = {
  .prepare = timer_prepare,
  .check = timer_is_ready,
  .dispatch = timer_dispatch,
  .finalize = timer_finalize,
};

static GSource *
test_clock_timeout_source_new (StreamerClock *clock, guint interval_ms)
{
  TestClock *self = TEST_CLOCK (clock);
  GSource *source = g_source_new (&timer_funcs, sizeof (Timer));
  Timer *timer = (Timer *) source;

  g_source_set_dispose_function (source, timer_dispose);
  g_source_set_static_name (source, "TestClock timer");
  timer->clock = g_object_ref (self);
  timer->interval = interval_ms * G_TIME_SPAN_MILLISECOND;
  g_mutex_lock (&self->lock);
  timer->at = self->now + timer->interval;
  g_ptr_array_add (self->timers, timer);
  g_mutex_unlock (&self->lock);
  return source;
}

static gint64
test_clock_get_time (StreamerClock *clock)
{
  TestClock *self = TEST_CLOCK (clock);
  gint64 now;

  g_mutex_lock (&self->lock);
  now = self->now;
  g_mutex_unlock (&self->lock);
  return now;
}

static gint64
test_clock_get_boot_time (StreamerClock *clock)
{
  TestClock *self = TEST_CLOCK (clock);
  gint64 now;

  g_mutex_lock (&self->lock);
  now = self->now + self->slept;
  g_mutex_unlock (&self->lock);
  return now;
}

static gint64
test_clock_get_real_time (StreamerClock *clock)
{
  return WALL + test_clock_get_boot_time (clock);
}

static void
test_clock_finalize (GObject *object)
{
  TestClock *self = TEST_CLOCK (object);

  g_assert_cmpuint (self->timers->len, ==, 0);
  g_ptr_array_unref (self->timers);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (test_clock_parent_class)->finalize (object);
}

static void
test_clock_class_init (TestClockClass *klass)
{
  StreamerClockClass *clock_class = STREAMER_CLOCK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = test_clock_finalize;
  clock_class->get_time = test_clock_get_time;
  clock_class->get_real_time = test_clock_get_real_time;
  clock_class->get_boot_time = test_clock_get_boot_time;
  clock_class->timeout_source_new = test_clock_timeout_source_new;
}

static void
test_clock_init (TestClock *self)
{
  g_mutex_init (&self->lock);
  self->now = START;
  self->timers = g_ptr_array_new ();
}

TestClock *
test_clock_new (void)
{
  return g_object_new (TEST_TYPE_CLOCK, NULL);
}

gint64
test_clock_get_next (TestClock *self)
{
  gint64 next = -1;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->timers->len; i++)
    {
      Timer *timer = self->timers->pdata[i];
      gint64 left = MAX (timer->at - self->now, 0);

      if (!g_source_is_destroyed (&timer->source) && g_source_get_context (&timer->source) != NULL)
        next = next < 0 ? left : MIN (next, left);
    }
  g_mutex_unlock (&self->lock);
  return next;
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
test_clock_skip (TestClock *self, gint64 usec)
{
  g_mutex_lock (&self->lock);
  self->now += usec;
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (NULL);
}

void
test_clock_sleep (TestClock *self, gint64 usec)
{
  g_mutex_lock (&self->lock);
  self->slept += usec;
  g_mutex_unlock (&self->lock);
}

void
test_clock_advance (TestClock *self, gint64 usec)
{
  gint64 end = test_clock_get_time (STREAMER_CLOCK (self)) + usec;

  for (;;)
    {
      gint64 left = end - test_clock_get_time (STREAMER_CLOCK (self));
      gint64 next;

      iterate ();
      next = test_clock_get_next (self);
      if (next < 0 || next > left)
        {
          test_clock_skip (self, left);
          return;
        }
      test_clock_skip (self, next);
      iterate ();
    }
}

gboolean
test_clock_advance_to_next (TestClock *self)
{
  gint64 next = test_clock_get_next (self);

  if (next < 0)
    return FALSE;
  test_clock_skip (self, next);
  iterate ();
  return TRUE;
}

void
test_clock_step (TestClock *self, StreamerPool *pool)
{
  if (g_main_context_iteration (NULL, FALSE))
    return;
  if (pool != NULL && streamer_pool_is_busy (pool))
    g_main_context_iteration (NULL, TRUE);
  else if (!test_clock_advance_to_next (self))
    g_main_context_iteration (NULL, TRUE);
}
