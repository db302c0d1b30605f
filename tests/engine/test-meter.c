/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-meter.h"

#define MIB G_GUINT64_CONSTANT (1048576)

/* Samples four times a second. Returns: the time of the last one */
static gint64
run (StreamerMeter *meter, gint64 now, guint seconds, guint64 *bytes, guint64 per_second)
{
  for (guint i = 0; i < 4 * seconds; i++)
    {
      now += G_USEC_PER_SEC / 4;
      *bytes += per_second / 4;
      streamer_meter_sample (meter, now, *bytes);
    }
  return now;
}

static void
test_knows_nothing_at_first (void)
{
  StreamerMeter meter = { 0 };

  g_assert_cmpuint (streamer_meter_get_speed (&meter), ==, 0);
  g_assert_cmpint (streamer_meter_get_time_left (&meter, 100), ==, -1);
  g_assert_cmpint (streamer_meter_get_time_left (&meter, 0), ==, 0);
  streamer_meter_sample (&meter, 1000, 5000 * MIB);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), ==, 0);
  g_assert_cmpint (streamer_meter_get_time_left (&meter, 100), ==, -1);
}

static void
test_steady_speed_is_told (void)
{
  StreamerMeter meter = { 0 };
  guint64 bytes = 0;

  streamer_meter_sample (&meter, 1, 0);
  run (&meter, 1, 20, &bytes, 10 * MIB);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), >=, 10 * MIB - 100);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), <=, 10 * MIB + 100);
  g_assert_cmpint (streamer_meter_get_time_left (&meter, 100 * MIB), ==, 10);
}

static void
test_first_burst_does_not_last (void)
{
  StreamerMeter meter = { 0 };
  guint64 bytes = 0;

  streamer_meter_sample (&meter, 1, 0);
  bytes = 8 * MIB;
  streamer_meter_sample (&meter, 1 + G_USEC_PER_SEC / 4, bytes);
  run (&meter, 1 + G_USEC_PER_SEC / 4, 4, &bytes, MIB);
  /* 12 MiB in 4.25 s is the plain average. */
  g_assert_cmpuint (streamer_meter_get_speed (&meter), <, 3 * MIB);
}

static void
test_follows_within_seconds_without_jumps (void)
{
  StreamerMeter meter = { 0 };
  guint64 bytes = 0;
  gint64 now;

  streamer_meter_sample (&meter, 1, 0);
  now = run (&meter, 1, 20, &bytes, 10 * MIB);
  now = run (&meter, now, 1, &bytes, 0);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), >, 7 * MIB);
  now = run (&meter, now, 30, &bytes, 0);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), <, MIB / 10);
  run (&meter, now, 15, &bytes, 4 * MIB);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), >, 3 * MIB);
}

static void
test_count_that_falls_is_no_speed (void)
{
  StreamerMeter meter = { 0 };
  guint64 bytes = 0;
  gint64 now;

  streamer_meter_sample (&meter, 1, 0);
  now = run (&meter, 1, 10, &bytes, MIB);
  streamer_meter_sample (&meter, now + G_USEC_PER_SEC, 0);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), <=, MIB);
  streamer_meter_sample (&meter, now + G_USEC_PER_SEC, 100 * MIB);
  streamer_meter_sample (&meter, now, 100 * MIB);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), <=, MIB);
}

static void
test_reset_begins_anew (void)
{
  StreamerMeter meter = { 0 };
  guint64 bytes = 0;

  streamer_meter_sample (&meter, 1, 0);
  run (&meter, 1, 10, &bytes, MIB);
  streamer_meter_reset (&meter);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), ==, 0);
  streamer_meter_sample (&meter, G_USEC_PER_SEC, bytes);
  streamer_meter_sample (&meter, 2 * G_USEC_PER_SEC, bytes + 3 * MIB);
  g_assert_cmpuint (streamer_meter_get_speed (&meter), ==, 3 * MIB);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meter/knows-nothing-at-first", test_knows_nothing_at_first);
  g_test_add_func ("/meter/steady-speed-is-told", test_steady_speed_is_told);
  g_test_add_func ("/meter/first-burst-does-not-last", test_first_burst_does_not_last);
  g_test_add_func ("/meter/follows-within-seconds-without-jumps",
                   test_follows_within_seconds_without_jumps);
  g_test_add_func ("/meter/count-that-falls-is-no-speed", test_count_that_falls_is_no_speed);
  g_test_add_func ("/meter/reset-begins-anew", test_reset_begins_anew);
  return g_test_run ();
}
