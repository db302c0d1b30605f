/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-retry.h"

#include <libsoup/soup.h>

#include "streamer-error.h"
#include "test-clock.h"

#define PEER  "server"
#define OTHER "another"

typedef struct
{
  TestClock *clock;
  StreamerRetry *retry;
  double random;
  guint n_notified;
} Fixture;

static double
draw (gpointer user_data)
{
  return ((Fixture *) user_data)->random;
}

static void
on_notify_workers (Fixture *fixture)
{
  fixture->n_notified++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = test_clock_new ();
  fixture->retry = streamer_retry_new (STREAMER_CLOCK (fixture->clock));
  fixture->random = 0.5;
  streamer_retry_set_random (fixture->retry, draw, fixture);
  g_signal_connect_swapped (fixture->retry, "notify::workers", G_CALLBACK (on_notify_workers),
                            fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->retry);
  g_assert_finalize_object (fixture->clock);
}

static GError *
make (StreamerError code)
{
  return g_error_new (STREAMER_ERROR, (int) code, "text");
}

/* Returns: how long to wait; -1 where it is given up */
static int
fail (Fixture *fixture, StreamerRetryState *state, StreamerError code)
{
  g_autoptr (GError) error = make (code);
  guint delay_ms;

  return streamer_retry_next (fixture->retry, state, PEER, error, &delay_ms) ? (int) delay_ms : -1;
}

static void
test_every_code_has_its_class (Fixture *fixture, gconstpointer data)
{
  static const StreamerFault classes[] = {
    [STREAMER_ERROR_FAILED] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_INVALID] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_AUTH] = STREAMER_FAULT_PAUSE,
    [STREAMER_ERROR_FORBIDDEN] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_NOT_FOUND] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_EXISTS] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_NO_UPLOAD] = STREAMER_FAULT_RECONCILE,
    [STREAMER_ERROR_EXPIRED] = STREAMER_FAULT_REFRESH,
    [STREAMER_ERROR_NETWORK] = STREAMER_FAULT_TRANSIENT,
    [STREAMER_ERROR_TLS] = STREAMER_FAULT_HOLD,
    [STREAMER_ERROR_BUSY] = STREAMER_FAULT_TRANSIENT,
    [STREAMER_ERROR_PROTOCOL] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_CHECKSUM] = STREAMER_FAULT_TRANSIENT,
    [STREAMER_ERROR_CHANGED] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_UNREADABLE] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_TOO_LARGE] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_NO_SPACE] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_QUOTA] = STREAMER_FAULT_FATAL,
    [STREAMER_ERROR_PORTAL] = STREAMER_FAULT_HOLD,
    [STREAMER_ERROR_INTERRUPTED] = STREAMER_FAULT_TRANSIENT,
    [STREAMER_ERROR_SHORT] = STREAMER_FAULT_TRANSIENT,
    [STREAMER_ERROR_JOURNAL] = STREAMER_FAULT_HOLD,
  };
  g_autoptr (GError) cancelled = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stop");
  g_autoptr (GError) foreign = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "something");

  for (guint code = 0; code < G_N_ELEMENTS (classes); code++)
    {
      g_autoptr (GError) error = make (code);

      g_assert_cmpuint (streamer_fault_classify (error), ==, classes[code]);
    }
  g_assert_cmpuint (streamer_fault_classify (cancelled), ==, STREAMER_FAULT_CANCELLED);
  g_assert_cmpuint (streamer_fault_classify (foreign), ==, STREAMER_FAULT_FATAL);
}

static void
test_what_no_repeat_can_mend_is_not_repeated (Fixture *fixture, gconstpointer data)
{
  static const StreamerError codes[] = { STREAMER_ERROR_EXISTS,    STREAMER_ERROR_AUTH,
                                         STREAMER_ERROR_NO_UPLOAD, STREAMER_ERROR_TLS,
                                         STREAMER_ERROR_PORTAL,    STREAMER_ERROR_PROTOCOL };
  g_autoptr (GError) cancelled = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stop");
  guint delay_ms;

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, codes[i]), ==, -1);
  g_assert_false (
      streamer_retry_next (fixture->retry, &(StreamerRetryState){ 0 }, PEER, cancelled, &delay_ms));
}

static void
test_what_is_not_http_is_trouble_on_the_way_to_a_known_server (Fixture *fixture, gconstpointer data)
{
  GError *parsing = g_error_new_literal (SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING, "no HTTP");
  g_autoptr (GError) garbled = streamer_error_from_transport (parsing);
  g_autoptr (GError) copy = g_error_copy (garbled);
  guint delay_ms;

  g_assert_error (garbled, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
  g_assert_false (
      streamer_retry_next (fixture->retry, &(StreamerRetryState){ 0 }, PEER, garbled, &delay_ms));
  streamer_retry_succeeded (fixture->retry, &(StreamerRetryState){ 0 }, PEER);
  g_assert_true (
      streamer_retry_next (fixture->retry, &(StreamerRetryState){ 0 }, PEER, copy, &delay_ms));
  g_assert_cmpuint (delay_ms, ==, 25);
  g_assert_false (
      streamer_retry_next (fixture->retry, &(StreamerRetryState){ 0 }, OTHER, copy, &delay_ms));
  /* An answer that is HTTP and makes no sense is the server's own. */
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_PROTOCOL), ==, -1);
  streamer_retry_set_patience (fixture->retry, 0);
  g_assert_false (
      streamer_retry_next (fixture->retry, &(StreamerRetryState){ 0 }, PEER, copy, &delay_ms));
}

static void
test_waits_grow_up_to_the_cap (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState network = { 0 };
  StreamerRetryState busy = { 0 };

  for (guint i = 0; i < 20; i++)
    g_assert_cmpint (fail (fixture, &network, STREAMER_ERROR_NETWORK), ==,
                     MIN (25u << MIN (i, 20), 10000));
  for (guint i = 0; i < 20; i++)
    g_assert_cmpint (fail (fixture, &busy, STREAMER_ERROR_BUSY), ==,
                     MIN (500u << MIN (i, 20), 10000));
}

static void
test_waits_are_drawn_from_zero_to_the_whole (Fixture *fixture, gconstpointer data)
{
  fixture->random = 0;
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_BUSY), ==, 0);
  fixture->random = 0.999;
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_BUSY), ==, 999);
}

static void
test_checksum_is_sent_again_three_times (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState state = { 0 };

  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_CHECKSUM), >=, 0);
  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_CHECKSUM), ==, -1);
}

static void
test_first_refresh_is_free_and_the_last_ends (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState state = { 0 };

  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_EXPIRED), ==, 0);
  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_EXPIRED), ==, 25);
  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_EXPIRED), ==, 50);
  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_EXPIRED), ==, 100);
  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_EXPIRED), ==, -1);
}

static void
test_server_says_how_long (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    int seconds;
    guint delay_ms;
  } answers[] = { { -1, 500 }, { 0, 500 }, { 3, 3000 }, { 300, 300000 }, { 86400, 300000 } };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GError) error = make (STREAMER_ERROR_BUSY);
      guint delay_ms;

      streamer_error_set_answer (error, 503, answers[i].seconds, NULL);
      g_assert_true (
          streamer_retry_next (fixture->retry, &(StreamerRetryState){ 0 }, PEER, error, &delay_ms));
      g_assert_cmpuint (delay_ms, ==, answers[i].delay_ms);
    }
}

/* Fails on and on, and lets the waits go by. Returns: µs until it was given up */
static gint64
fail_until_given_up (Fixture *fixture, StreamerRetryState *state, StreamerError code)
{
  StreamerClock *clock = STREAMER_CLOCK (fixture->clock);
  gint64 start = streamer_clock_get_time (clock);
  int delay_ms;

  while ((delay_ms = fail (fixture, state, code)) >= 0)
    test_clock_advance (fixture->clock, delay_ms * G_TIME_SPAN_MILLISECOND);
  return streamer_clock_get_time (clock) - start;
}

static void
test_patience_ends (Fixture *fixture, gconstpointer data)
{
  static const StreamerError codes[] = { STREAMER_ERROR_NETWORK, STREAMER_ERROR_BUSY,
                                         STREAMER_ERROR_SHORT };

  streamer_retry_set_patience (fixture->retry, 5 * G_TIME_SPAN_MINUTE);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      StreamerRetryState state = { 0 };

      g_assert_cmpint (fail_until_given_up (fixture, &state, codes[i]), ==, 5 * G_TIME_SPAN_MINUTE);
      g_assert_cmpuint (state.attempts, >, 8);
      streamer_retry_succeeded (fixture->retry, &state, PEER);
    }
}

static void
test_no_patience_is_no_repetition (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState state = { 0 };

  streamer_retry_set_patience (fixture->retry, 0);
  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_NETWORK), ==, -1);
  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_EXPIRED), ==, 0);
}

static void
test_success_of_any_call_renews_patience (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState unlucky = { 0 };

  streamer_retry_set_patience (fixture->retry, G_TIME_SPAN_MINUTE);
  for (guint i = 0; i < 10; i++)
    {
      g_assert_cmpint (fail (fixture, &unlucky, STREAMER_ERROR_NETWORK), >=, 0);
      test_clock_advance (fixture->clock, 50 * G_TIME_SPAN_SECOND);
      streamer_retry_succeeded (fixture->retry, &(StreamerRetryState){ 0 }, PEER);
    }
  /* Of another server's success it learns nothing. */
  g_assert_cmpint (fail (fixture, &unlucky, STREAMER_ERROR_NETWORK), >=, 0);
  test_clock_advance (fixture->clock, 50 * G_TIME_SPAN_SECOND);
  streamer_retry_succeeded (fixture->retry, &(StreamerRetryState){ 0 }, OTHER);
  test_clock_advance (fixture->clock, 10 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (fail (fixture, &unlucky, STREAMER_ERROR_NETWORK), ==, -1);
}

/* Once a server was given up, each further call is given up at once, but not for ever. */
static void
test_trouble_is_forgotten (Fixture *fixture, gconstpointer data)
{
  streamer_retry_set_patience (fixture->retry, G_TIME_SPAN_MINUTE);
  fail_until_given_up (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_NETWORK);
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_NETWORK), ==, -1);
  test_clock_advance (fixture->clock, 11 * G_TIME_SPAN_MINUTE);
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_NETWORK), >=, 0);
}

static void
test_longer_wait_than_patience_is_not_begun (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = make (STREAMER_ERROR_BUSY);
  StreamerRetryState state = { 0 };
  guint delay_ms;

  streamer_retry_set_patience (fixture->retry, 30 * G_TIME_SPAN_SECOND);
  streamer_error_set_answer (error, 503, 31, NULL);
  g_assert_false (streamer_retry_next (fixture->retry, &state, PEER, error, &delay_ms));
}

/* 500 tokens, 5 for each repetition: then each wait is the longest, and nothing fails. */
static void
test_empty_bucket_makes_waits_long (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState last = { 0 };

  for (guint i = 0; i < 100; i++)
    {
      last = (StreamerRetryState){ 0 };
      g_assert_cmpint (fail (fixture, &last, STREAMER_ERROR_NETWORK), ==, 25);
    }
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_NETWORK), ==, 20000);

  /* What succeeds after all gives back what it took. */
  streamer_retry_succeeded (fixture->retry, &last, PEER);
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_NETWORK), ==, 25);
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_NETWORK), ==, 20000);

  /* What succeeds at once gives one. */
  for (guint i = 0; i < 5; i++)
    streamer_retry_succeeded (fixture->retry, &(StreamerRetryState){ 0 }, PEER);
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_NETWORK), ==, 25);
}

static void
test_timeout_costs_twice_as_much (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = make (STREAMER_ERROR_NETWORK);
  guint delay_ms;

  streamer_error_set_timeout (error);
  for (guint i = 0; i < 50; i++)
    {
      g_assert_true (
          streamer_retry_next (fixture->retry, &(StreamerRetryState){ 0 }, PEER, error, &delay_ms));
      g_assert_cmpuint (delay_ms, ==, 25);
    }
  g_assert_true (
      streamer_retry_next (fixture->retry, &(StreamerRetryState){ 0 }, PEER, error, &delay_ms));
  g_assert_cmpuint (delay_ms, ==, 20000);
}

static void
test_interruption_costs_nothing (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState state = { 0 };

  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_INTERRUPTED), ==, 0);
  g_assert_cmpuint (state.attempts, ==, 0);
  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_NETWORK), ==, 25);
}

static void
test_interruption_is_no_trouble_of_the_servers (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState state = { 0 };
  guint delay_ms;
  g_autoptr (GError) error = make (STREAMER_ERROR_INTERRUPTED);

  streamer_retry_set_patience (fixture->retry, G_TIME_SPAN_MINUTE);
  fail (fixture, &state, STREAMER_ERROR_NETWORK);
  test_clock_skip (fixture->clock, 2 * G_TIME_SPAN_MINUTE);
  g_assert_true (streamer_retry_next (fixture->retry, &state, PEER, error, &delay_ms));
  g_assert_cmpuint (delay_ms, ==, 0);
}

/* A certificate, a sign-in to the network: somebody has to see to it, and then it goes on. */
static void
test_hold_looks_again_as_long_as_somebody_is_there (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState state = { 0 };

  streamer_retry_set_holds (fixture->retry, TRUE);
  for (guint i = 0; i < 1000; i++)
    {
      g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_PORTAL), ==, 30000);
      g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_TLS), ==, 30000);
    }
  g_assert_cmpuint (state.attempts, ==, 0);
  g_assert_cmpint (fail (fixture, &state, STREAMER_ERROR_NETWORK), ==, 25);
}

/* A disk is full for a moment, or broken, and nobody has to be there. */
static void
test_journal_is_tried_again_while_patience_lasts (Fixture *fixture, gconstpointer data)
{
  StreamerClock *clock = STREAMER_CLOCK (fixture->clock);
  StreamerRetryState state = { 0 };
  gint64 start = streamer_clock_get_time (clock);
  int last = 0;
  int delay;

  streamer_retry_set_patience (fixture->retry, 2 * G_TIME_SPAN_MINUTE);
  while ((delay = fail (fixture, &state, STREAMER_ERROR_JOURNAL)) >= 0)
    {
      g_assert_cmpint (delay, <=, 30000);
      g_assert_cmpint (delay, >=, last == 0 ? 1000 : MIN (last, 1000));
      test_clock_advance (fixture->clock, delay * G_TIME_SPAN_MILLISECOND);
      last = delay;
    }
  g_assert_cmpint (streamer_clock_get_time (clock) - start, ==, 2 * G_TIME_SPAN_MINUTE);
  g_assert_cmpuint (state.attempts, ==, 0);

  streamer_retry_set_patience (fixture->retry, 0);
  g_assert_cmpint (fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_JOURNAL), ==, -1);
}

static void
test_busy_halves_the_workers_once_a_second (Fixture *fixture, gconstpointer data)
{
  StreamerRetryState state = { 0 };

  streamer_retry_set_max_workers (fixture->retry, 16);
  g_assert_cmpuint (streamer_retry_get_workers (fixture->retry), ==, 16);
  g_assert_cmpuint (fixture->n_notified, ==, 1);

  for (guint i = 0; i < 16; i++)
    fail (fixture, &state, STREAMER_ERROR_BUSY);
  g_assert_cmpuint (streamer_retry_get_workers (fixture->retry), ==, 8);
  g_assert_cmpuint (fixture->n_notified, ==, 2);

  for (guint i = 0; i < 8; i++)
    {
      test_clock_advance (fixture->clock, G_TIME_SPAN_SECOND);
      fail (fixture, &state, i % 2 == 0 ? STREAMER_ERROR_BUSY : STREAMER_ERROR_SHORT);
    }
  g_assert_cmpuint (streamer_retry_get_workers (fixture->retry), ==, 1);
}

static void
test_broken_network_halves_nothing (Fixture *fixture, gconstpointer data)
{
  streamer_retry_set_max_workers (fixture->retry, 16);
  fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_NETWORK);
  g_assert_cmpuint (streamer_retry_get_workers (fixture->retry), ==, 16);
}

static void
test_success_adds_workers_one_by_one (Fixture *fixture, gconstpointer data)
{
  const StreamerRetryState state = { 0 };

  streamer_retry_set_max_workers (fixture->retry, 8);
  fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_BUSY);
  streamer_retry_succeeded (fixture->retry, &state, PEER);
  g_assert_cmpuint (streamer_retry_get_workers (fixture->retry), ==, 4);
  for (guint i = 0; i < 10; i++)
    {
      test_clock_advance (fixture->clock, G_TIME_SPAN_SECOND);
      streamer_retry_succeeded (fixture->retry, &state, PEER);
      streamer_retry_succeeded (fixture->retry, &state, PEER);
      g_assert_cmpuint (streamer_retry_get_workers (fixture->retry), ==, MIN (5 + i, 8));
    }
}

static void
test_user_says_how_many_workers_at_most (Fixture *fixture, gconstpointer data)
{
  streamer_retry_set_max_workers (fixture->retry, 8);
  fail (fixture, &(StreamerRetryState){ 0 }, STREAMER_ERROR_BUSY);
  streamer_retry_set_max_workers (fixture->retry, 2);
  g_assert_cmpuint (streamer_retry_get_workers (fixture->retry), ==, 2);
  streamer_retry_set_max_workers (fixture->retry, 8);
  g_assert_cmpuint (streamer_retry_get_workers (fixture->retry), ==, 8);
}

#define add(name, func) g_test_add ("/retry/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("every-code-has-its-class", test_every_code_has_its_class);
  add ("what-no-repeat-can-mend-is-not-repeated", test_what_no_repeat_can_mend_is_not_repeated);
  add ("what-is-not-http-is-trouble-on-the-way-to-a-known-server",
       test_what_is_not_http_is_trouble_on_the_way_to_a_known_server);
  add ("waits-grow-up-to-the-cap", test_waits_grow_up_to_the_cap);
  add ("waits-are-drawn-from-zero-to-the-whole", test_waits_are_drawn_from_zero_to_the_whole);
  add ("checksum-is-sent-again-three-times", test_checksum_is_sent_again_three_times);
  add ("first-refresh-is-free-and-the-last-ends", test_first_refresh_is_free_and_the_last_ends);
  add ("server-says-how-long", test_server_says_how_long);
  add ("patience-ends", test_patience_ends);
  add ("no-patience-is-no-repetition", test_no_patience_is_no_repetition);
  add ("success-of-any-call-renews-patience", test_success_of_any_call_renews_patience);
  add ("trouble-is-forgotten", test_trouble_is_forgotten);
  add ("longer-wait-than-patience-is-not-begun", test_longer_wait_than_patience_is_not_begun);
  add ("empty-bucket-makes-waits-long", test_empty_bucket_makes_waits_long);
  add ("timeout-costs-twice-as-much", test_timeout_costs_twice_as_much);
  add ("interruption-costs-nothing", test_interruption_costs_nothing);
  add ("interruption-is-no-trouble-of-the-servers", test_interruption_is_no_trouble_of_the_servers);
  add ("journal-is-tried-again-while-patience-lasts",
       test_journal_is_tried_again_while_patience_lasts);
  add ("hold-looks-again-as-long-as-somebody-is-there",
       test_hold_looks_again_as_long_as_somebody_is_there);
  add ("busy-halves-the-workers-once-a-second", test_busy_halves_the_workers_once_a_second);
  add ("broken-network-halves-nothing", test_broken_network_halves_nothing);
  add ("success-adds-workers-one-by-one", test_success_adds_workers_one_by_one);
  add ("user-says-how-many-workers-at-most", test_user_says_how_many_workers_at_most);
  return g_test_run ();
}
