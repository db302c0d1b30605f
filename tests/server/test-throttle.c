/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-throttle.h"

static gint64 time_now = 1000000;

static gint64
get_time (void)
{
  return time_now;
}

static void
pass (double seconds)
{
  time_now += (gint64) (seconds * G_USEC_PER_SEC);
}

static guint
take (StreamerThrottle *throttle, const char *name)
{
  return streamer_throttle_take (throttle, name, 2, 3, 1);
}

static void
test_burst_then_rate (void)
{
  g_autoptr (StreamerThrottle) throttle = streamer_throttle_new (10, get_time);

  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (take (throttle, "a"), ==, 0);
  g_assert_cmpuint (take (throttle, "a"), ==, 1);
  g_assert_cmpuint (take (throttle, "b"), ==, 0);
  pass (0.4);
  g_assert_cmpuint (take (throttle, "a"), ==, 1);
  pass (0.1);
  g_assert_cmpuint (take (throttle, "a"), ==, 0);
  g_assert_cmpuint (take (throttle, "a"), ==, 1);
  pass (1000);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (take (throttle, "a"), ==, 0);
  g_assert_cmpuint (take (throttle, "a"), >, 0);
}

static void
test_waiting_as_long_as_told_is_enough (void)
{
  g_autoptr (StreamerThrottle) throttle = streamer_throttle_new (10, get_time);
  const double rates[] = { 0.1, 1.0 / 3, 0.7, 1, 3, 7, 1000 };

  for (gsize i = 0; i < G_N_ELEMENTS (rates); i++)
    for (guint round = 0; round < 50; round++)
      {
        guint wait;

        while ((wait = streamer_throttle_take (throttle, "a", rates[i], 2, 1)) == 0)
          ;
        pass (wait);
        g_assert_cmpuint (streamer_throttle_take (throttle, "a", rates[i], 2, 1), ==, 0);
      }
}

static void
test_what_costs_more_leaves_a_debt (void)
{
  g_autoptr (StreamerThrottle) throttle = streamer_throttle_new (10, get_time);

  g_assert_cmpuint (streamer_throttle_take (throttle, "a", 1, 2, 1), ==, 0);
  streamer_throttle_charge (throttle, "a", 10);
  g_assert_cmpuint (streamer_throttle_take (throttle, "a", 1, 2, 1), ==, 10);
  pass (9);
  g_assert_cmpuint (streamer_throttle_take (throttle, "a", 1, 2, 1), ==, 1);
  pass (1);
  g_assert_cmpuint (streamer_throttle_take (throttle, "a", 1, 2, 100), ==, 0);
  g_assert_cmpuint (streamer_throttle_take (throttle, "a", 1, 2, 1), ==, 100);
}

static void
test_many_names_cost_no_memory (void)
{
  g_autoptr (StreamerThrottle) throttle = streamer_throttle_new (100, get_time);
  guint n_allowed = 0;

  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      n_allowed += streamer_throttle_take (throttle, name, 1, 1, 1) == 0;
    }
  /* A hundred of their own, and one for all others. */
  g_assert_cmpuint (n_allowed, ==, 101);
  g_assert_cmpuint (streamer_throttle_count (throttle), ==, 101);
  pass (10);
  g_assert_cmpuint (streamer_throttle_take (throttle, "fresh", 1, 1, 1), ==, 0);
  g_assert_cmpuint (streamer_throttle_count (throttle), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/throttle/burst-then-rate", test_burst_then_rate);
  g_test_add_func ("/throttle/waiting-as-long-as-told-is-enough",
                   test_waiting_as_long_as_told_is_enough);
  g_test_add_func ("/throttle/what-costs-more-leaves-a-debt", test_what_costs_more_leaves_a_debt);
  g_test_add_func ("/throttle/many-names-cost-no-memory", test_many_names_cost_no_memory);
  return g_test_run ();
}
