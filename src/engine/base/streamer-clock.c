/* streamer-clock.c: what time it is, and timers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-clock.h"

#include <time.h>

G_DEFINE_TYPE (StreamerClock, streamer_clock, G_TYPE_OBJECT)

static gint64
get_time (StreamerClock *self)
{
  return g_get_monotonic_time ();
}

static gint64
get_real_time (StreamerClock *self)
{
  return g_get_real_time ();
}

static gint64
get_boot_time (StreamerClock *self)
{
  return streamer_boot_time ();
}

static GSource *
timeout_source_new (StreamerClock *self, guint interval_ms)
{
  return g_timeout_source_new (interval_ms);
}

static void
streamer_clock_class_init (StreamerClockClass *klass)
{
  klass->get_time = get_time;
  klass->get_real_time = get_real_time;
  klass->get_boot_time = get_boot_time;
  klass->timeout_source_new = timeout_source_new;
}

static void
streamer_clock_init (StreamerClock *self)
{
}

StreamerClock *
streamer_clock_new (void)
{
  return g_object_new (STREAMER_TYPE_CLOCK, NULL);
}

gint64
streamer_clock_get_time (StreamerClock *self)
{
  g_return_val_if_fail (STREAMER_IS_CLOCK (self), 0);

  return STREAMER_CLOCK_GET_CLASS (self)->get_time (self);
}

gint64
streamer_clock_get_real_time (StreamerClock *self)
{
  g_return_val_if_fail (STREAMER_IS_CLOCK (self), 0);

  return STREAMER_CLOCK_GET_CLASS (self)->get_real_time (self);
}

gint64
streamer_clock_get_boot_time (StreamerClock *self)
{
  g_return_val_if_fail (STREAMER_IS_CLOCK (self), 0);

  return STREAMER_CLOCK_GET_CLASS (self)->get_boot_time (self);
}

GSource *
streamer_clock_timeout_source_new (StreamerClock *self, guint interval_ms)
{
  g_return_val_if_fail (STREAMER_IS_CLOCK (self), NULL);

  return STREAMER_CLOCK_GET_CLASS (self)->timeout_source_new (self, interval_ms);
}

gint64
streamer_boot_time (void)
{
  struct timespec now;

  /* A kernel without it knows no sleep either. */
  if (clock_gettime (CLOCK_BOOTTIME, &now) != 0)
    return g_get_monotonic_time ();
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}
