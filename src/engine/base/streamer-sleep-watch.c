/* streamer-sleep-watch.c: notices that the computer slept
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: the owner's. A timer that comes late has been stopped with the program; the clock of the
 * start runs on while the computer sleeps, and the monotonic one does not. No service of the
 * desktop is asked, which the command line may not have. */

#include "streamer-sleep-watch.h"

#define LOOK_MS 5000

/* A main loop that was busy, or a machine under load, is not asleep for so long. */
#define LATE_USEC  (15 * G_TIME_SPAN_SECOND)
#define SLEPT_USEC (5 * G_TIME_SPAN_SECOND)

struct _StreamerSleepWatch
{
  StreamerClock *clock; /* (owned) */
  StreamerSleepFunc func;
  gpointer user_data;
  guint n_holds;
  GSource *timer; /* (owned) (nullable) */
  gint64 looked_at;
  gint64 asleep; /* µs, ever, when last looked at */
};

static gint64
get_asleep (StreamerSleepWatch *self)
{
  return streamer_clock_get_boot_time (self->clock) - streamer_clock_get_time (self->clock);
}

static void
look (StreamerSleepWatch *self)
{
  self->looked_at = streamer_clock_get_time (self->clock);
  self->asleep = get_asleep (self);
}

static gboolean
on_timer (gpointer user_data)
{
  StreamerSleepWatch *self = user_data;
  gint64 late =
      streamer_clock_get_time (self->clock) - self->looked_at - LOOK_MS * G_TIME_SPAN_MILLISECOND;
  gboolean has_slept = late > LATE_USEC || get_asleep (self) - self->asleep > SLEPT_USEC;

  look (self);
  if (has_slept)
    {
      g_debug ("the computer slept, or the program was stopped");
      self->func (self->user_data);
    }
  return G_SOURCE_CONTINUE;
}

StreamerSleepWatch *
streamer_sleep_watch_new (StreamerClock *clock, StreamerSleepFunc func, gpointer user_data)
{
  StreamerSleepWatch *self = g_new0 (StreamerSleepWatch, 1);

  self->clock = g_object_ref (clock);
  self->func = func;
  self->user_data = user_data;
  return self;
}

static void
stop (StreamerSleepWatch *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

void
streamer_sleep_watch_free (StreamerSleepWatch *self)
{
  stop (self);
  g_object_unref (self->clock);
  g_free (self);
}

void
streamer_sleep_watch_hold (StreamerSleepWatch *self)
{
  if (self->n_holds++ > 0)
    return;
  look (self);
  self->timer = streamer_clock_timeout_source_new (self->clock, LOOK_MS);
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

void
streamer_sleep_watch_release (StreamerSleepWatch *self)
{
  g_assert (self->n_holds > 0);

  if (--self->n_holds == 0)
    stop (self);
}
