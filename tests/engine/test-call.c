/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-call.h"

#include "streamer-error.h"
#include "streamer-monitor.h"
#include "test-clock.h"
#include "test-flow.h"
#include "test-network.h"

typedef struct
{
  TestClock *clock;
  StreamerPool *pool;
  GCancellable *cancellable;
  GAsyncResult *result;

  /* the call under test */
  int n_attempts; /* atomic */
  int n_failures; /* that come first */
  StreamerError code;
  gboolean freed;

  guint n_waits;
  guint n_waits_over;
  gboolean cancels_in_wait;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerRetry) retry = NULL;

  fixture->clock = test_clock_new ();
  retry = streamer_retry_new (STREAMER_CLOCK (fixture->clock));
  fixture->pool = streamer_pool_new_with_retry (1, retry);
  fixture->cancellable = g_cancellable_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->result);
  wait_until (fixture->freed);
  g_object_unref (fixture->cancellable);
  g_assert_finalize_object (fixture->pool);
  g_assert_finalize_object (fixture->clock);
}

static gpointer
attempt (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  Fixture *fixture = data;
  int n = g_atomic_int_add (&fixture->n_attempts, 1);

  if (n < fixture->n_failures)
    {
      g_set_error (error, STREAMER_ERROR, (int) fixture->code, "attempt %d", n + 1);
      return NULL;
    }
  return g_strdup ("result");
}

static void
on_freed (gpointer data)
{
  ((Fixture *) data)->freed = TRUE;
}

/* The callback's user data is what the waiting function gets. */
static void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_false (fixture->freed);
  fixture->result = g_object_ref (result);
}

static void
on_waiting (const GError *error, guint delay_ms, gpointer user_data)
{
  Fixture *fixture = user_data;

  if (error != NULL)
    {
      g_assert_error (error, STREAMER_ERROR, (int) fixture->code);
      fixture->n_waits++;
      if (fixture->cancels_in_wait)
        g_cancellable_cancel (fixture->cancellable);
    }
  else
    fixture->n_waits_over++;
}

static char *
call (Fixture *fixture, guint *n_retries, GError **error)
{
  streamer_call_async (fixture->pool, "peer", 0, 0, attempt, fixture, on_freed, g_free, on_waiting,
                       fixture->cancellable, on_done, fixture);
  test_clock_wait_until (fixture->clock, fixture->pool, fixture->result != NULL);
  return streamer_call_finish (fixture->pool, fixture->result, n_retries, error);
}

static void
test_success_needs_one_attempt (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint n_retries;
  g_autofree char *result = call (fixture, &n_retries, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (result, ==, "result");
  g_assert_cmpuint (n_retries, ==, 0);
  g_assert_cmpuint (fixture->n_waits, ==, 0);
}

static void
test_transient_fault_is_repeated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *result = NULL;
  guint n_retries;

  fixture->code = STREAMER_ERROR_NETWORK;
  fixture->n_failures = 3;
  result = call (fixture, &n_retries, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result, ==, "result");
  g_assert_cmpuint (n_retries, ==, 3);
  g_assert_cmpuint (fixture->n_waits, ==, 3);
  g_assert_cmpuint (fixture->n_waits_over, ==, 3);
}

static void
test_lasting_fault_ends (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint n_retries;

  fixture->code = STREAMER_ERROR_CHECKSUM;
  fixture->n_failures = 1000;
  g_assert_null (call (fixture, &n_retries, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM);
  g_assert_cmpuint (n_retries, ==, STREAMER_RETRY_MAX_CHECKSUMS);
  g_assert_cmpint (fixture->n_attempts, ==, STREAMER_RETRY_MAX_CHECKSUMS + 1);
}

/* Hours go by in no time. */
static void
test_transient_fault_is_repeated_as_long_as_patience_lasts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 start = streamer_clock_get_time (STREAMER_CLOCK (fixture->clock));

  streamer_retry_set_patience (streamer_pool_get_retry (fixture->pool), 3 * G_TIME_SPAN_HOUR);
  fixture->code = STREAMER_ERROR_NETWORK;
  fixture->n_failures = G_MAXINT;
  g_assert_null (call (fixture, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK);
  g_assert_cmpint (streamer_clock_get_time (STREAMER_CLOCK (fixture->clock)) - start, ==,
                   3 * G_TIME_SPAN_HOUR);
}

static void
test_call_of_its_own_patience_ends_sooner (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 start = streamer_clock_get_time (STREAMER_CLOCK (fixture->clock));

  fixture->code = STREAMER_ERROR_NETWORK;
  fixture->n_failures = G_MAXINT;
  streamer_call_async (fixture->pool, "peer", 30 * G_TIME_SPAN_SECOND, 0, attempt, fixture,
                       on_freed, g_free, NULL, NULL, on_done, fixture);
  test_clock_wait_until (fixture->clock, fixture->pool, fixture->result != NULL);
  g_assert_null (streamer_call_finish (fixture->pool, fixture->result, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK);
  g_assert_cmpint (streamer_clock_get_time (STREAMER_CLOCK (fixture->clock)) - start, ==,
                   30 * G_TIME_SPAN_SECOND);
}

static void
test_wake_ends_the_wait (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *result = NULL;

  fixture->code = STREAMER_ERROR_NETWORK;
  fixture->n_failures = 1;
  streamer_call_async (fixture->pool, "peer", 0, 0, attempt, fixture, on_freed, g_free, on_waiting,
                       fixture->cancellable, on_done, fixture);
  wait_until (fixture->n_waits == 1);
  streamer_retry_wake (streamer_pool_get_retry (fixture->pool));
  g_assert_cmpuint (fixture->n_waits_over, ==, 1);
  wait_until (fixture->result != NULL);
  g_assert_cmpint (test_clock_get_next (fixture->clock), ==, -1);
  result = streamer_call_finish (fixture->pool, fixture->result, NULL, &error);
  g_assert_no_error (error);
}

/* What a server has asked for holds whatever the network does. */
static void
test_wake_leaves_what_the_server_asked_for (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->code = STREAMER_ERROR_BUSY;
  fixture->n_failures = 1;
  streamer_call_async (fixture->pool, "peer", 0, 0, attempt, fixture, on_freed, g_free, on_waiting,
                       fixture->cancellable, on_done, fixture);
  wait_until (fixture->n_waits == 1);
  streamer_retry_wake (streamer_pool_get_retry (fixture->pool));
  g_assert_cmpuint (fixture->n_waits_over, ==, 0);
  g_cancellable_cancel (fixture->cancellable);
  wait_until (fixture->result != NULL);
  g_assert_null (streamer_call_finish (fixture->pool, fixture->result, NULL, &error));
}

static void
test_fatal_fault_is_not_repeated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->code = STREAMER_ERROR_FORBIDDEN;
  fixture->n_failures = 1;
  g_assert_null (call (fixture, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
  g_assert_cmpint (fixture->n_attempts, ==, 1);
}

static gpointer
succeed (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (TRUE);
}

/* The pool has one worker: were it held, the other job could not run while this one waits. */
static void
test_no_worker_is_held_while_it_waits (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) other = NULL;
  g_autoptr (GError) error = NULL;

  fixture->code = STREAMER_ERROR_BUSY;
  fixture->n_failures = 1000;
  streamer_call_async (fixture->pool, "peer", 0, 0, attempt, fixture, on_freed, g_free, on_waiting,
                       fixture->cancellable, on_done, fixture);
  wait_until (fixture->n_waits == 1);
  streamer_pool_run_async (fixture->pool, 0, succeed, NULL, NULL, NULL, NULL,
                           test_flow_store_result, &other);
  wait_until (other != NULL);
  g_assert_nonnull (streamer_pool_run_finish (fixture->pool, other, NULL));

  g_cancellable_cancel (fixture->cancellable);
  wait_until (fixture->result != NULL);
  g_assert_null (streamer_call_finish (fixture->pool, fixture->result, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_cancelled_wait_ends_at_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->code = STREAMER_ERROR_BUSY;
  fixture->n_failures = 1000;
  fixture->cancels_in_wait = TRUE;
  g_assert_null (call (fixture, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (fixture->n_attempts, ==, 1);
  g_assert_cmpuint (fixture->n_waits_over, ==, 0);
}

static gpointer
succeed_though_cancelled (StreamerHttp *http,
                          gpointer data,
                          GCancellable *cancellable,
                          GError **error)
{
  g_cancellable_cancel (cancellable);
  return g_strdup ("result");
}

static void
test_success_counts_though_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *result = NULL;

  streamer_call_async (fixture->pool, "peer", 0, 0, succeed_though_cancelled, fixture, on_freed,
                       g_free, NULL, fixture->cancellable, on_done, fixture);
  wait_until (fixture->result != NULL);
  result = streamer_call_finish (fixture->pool, fixture->result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result, ==, "result");
}

/* Each attempt waits until it is cancelled, but the last. */
static gpointer
hang (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  Fixture *fixture = data;
  StreamerMonitor monitor;
  gulong watch;

  if (g_atomic_int_add (&fixture->n_attempts, 1) >= fixture->n_failures)
    return g_strdup ("result");
  g_main_context_wakeup (NULL);
  streamer_monitor_init (&monitor);
  watch = streamer_monitor_enter (&monitor, cancellable);
  while (!g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&monitor.changed, &monitor.lock);
  streamer_monitor_leave (&monitor, cancellable, watch);
  streamer_monitor_clear (&monitor);
  g_cancellable_set_error_if_cancelled (cancellable, error);
  return NULL;
}

static void
begin_to_hang (Fixture *fixture)
{
  fixture->code = STREAMER_ERROR_INTERRUPTED;
  fixture->n_failures = 1;
  streamer_call_async (fixture->pool, "peer", 0, 0, hang, fixture, on_freed, g_free, on_waiting,
                       fixture->cancellable, on_done, fixture);
  wait_until (g_atomic_int_get (&fixture->n_attempts) == 1);
}

static void
assert_made_again (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *result = NULL;
  gint64 start = streamer_clock_get_time (STREAMER_CLOCK (fixture->clock));

  wait_until (fixture->n_waits == 1);
  test_clock_wait_until (fixture->clock, fixture->pool, fixture->result != NULL);
  result = streamer_call_finish (fixture->pool, fixture->result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result, ==, "result");
  g_assert_cmpint (fixture->n_attempts, ==, 2);
  /* It cost no time, and nothing looks whether anybody sleeps any more. */
  g_assert_cmpint (streamer_clock_get_time (STREAMER_CLOCK (fixture->clock)), ==, start);
  g_assert_cmpint (test_clock_get_next (fixture->clock), ==, -1);
}

static void
test_attempt_is_made_again_after_a_sleep (Fixture *fixture, gconstpointer data)
{
  begin_to_hang (fixture);
  test_clock_sleep (fixture->clock, 60 * G_TIME_SPAN_SECOND);
  test_clock_advance (fixture->clock, 5 * G_TIME_SPAN_SECOND);
  assert_made_again (fixture);
}

static void
test_attempt_is_made_again_after_the_program_was_stopped (Fixture *fixture, gconstpointer data)
{
  begin_to_hang (fixture);
  test_clock_skip (fixture->clock, 60 * G_TIME_SPAN_SECOND);
  test_clock_advance (fixture->clock, 5 * G_TIME_SPAN_SECOND);
  assert_made_again (fixture);
}

static void
test_slow_attempt_is_left_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  begin_to_hang (fixture);
  test_clock_advance (fixture->clock, 10 * G_TIME_SPAN_MINUTE);
  g_assert_cmpuint (fixture->n_waits, ==, 0);
  g_cancellable_cancel (fixture->cancellable);
  wait_until (fixture->result != NULL);
  g_assert_null (streamer_call_finish (fixture->pool, fixture->result, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_attempt_is_made_again_when_the_computer_is_online_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestNetwork) network = test_network_new ();
  StreamerRetry *retry = streamer_pool_get_retry (fixture->pool);

  streamer_retry_set_network (retry, G_NETWORK_MONITOR (network));
  begin_to_hang (fixture);
  /* Another network beside the one that is there takes nothing away. */
  test_network_change (network, TRUE);
  test_network_change (network, FALSE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (fixture->n_waits, ==, 0);
  test_network_change (network, TRUE);
  assert_made_again (fixture);
  streamer_retry_set_network (retry, NULL);
}

static void
test_offline_attempts_are_rare_until_the_network_is_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestNetwork) network = test_network_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *result = NULL;
  StreamerRetry *retry = streamer_pool_get_retry (fixture->pool);

  streamer_retry_set_network (retry, G_NETWORK_MONITOR (network));
  test_network_change (network, FALSE);
  fixture->code = STREAMER_ERROR_NETWORK;
  fixture->n_failures = 1;
  streamer_call_async (fixture->pool, "peer", 0, 0, attempt, fixture, on_freed, g_free, on_waiting,
                       fixture->cancellable, on_done, fixture);
  wait_until (fixture->n_waits == 1);
  g_assert_cmpint (test_clock_get_next (fixture->clock), ==, 20 * G_TIME_SPAN_SECOND);
  test_network_change (network, TRUE);
  wait_until (fixture->result != NULL);
  result = streamer_call_finish (fixture->pool, fixture->result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result, ==, "result");
  streamer_retry_set_network (retry, NULL);
}

#define add(name, func) g_test_add ("/call/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("success-needs-one-attempt", test_success_needs_one_attempt);
  add ("transient-fault-is-repeated", test_transient_fault_is_repeated);
  add ("lasting-fault-ends", test_lasting_fault_ends);
  add ("transient-fault-is-repeated-as-long-as-patience-lasts",
       test_transient_fault_is_repeated_as_long_as_patience_lasts);
  add ("call-of-its-own-patience-ends-sooner", test_call_of_its_own_patience_ends_sooner);
  add ("wake-ends-the-wait", test_wake_ends_the_wait);
  add ("wake-leaves-what-the-server-asked-for", test_wake_leaves_what_the_server_asked_for);
  add ("fatal-fault-is-not-repeated", test_fatal_fault_is_not_repeated);
  add ("no-worker-is-held-while-it-waits", test_no_worker_is_held_while_it_waits);
  add ("cancelled-wait-ends-at-once", test_cancelled_wait_ends_at_once);
  add ("success-counts-though-cancelled", test_success_counts_though_cancelled);
  add ("attempt-is-made-again-after-a-sleep", test_attempt_is_made_again_after_a_sleep);
  add ("attempt-is-made-again-after-the-program-was-stopped",
       test_attempt_is_made_again_after_the_program_was_stopped);
  add ("slow-attempt-is-left-alone", test_slow_attempt_is_left_alone);
  add ("attempt-is-made-again-when-the-computer-is-online-again",
       test_attempt_is_made_again_when_the_computer_is_online_again);
  add ("offline-attempts-are-rare-until-the-network-is-back",
       test_offline_attempts_are_rare_until_the_network_is_back);
  return g_test_run ();
}
