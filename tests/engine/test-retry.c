/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-retry.h"

#include <gio/gio.h>

#include "streamer-error.h"

static void
test_every_code_has_its_class (void)
{
  static const struct
  {
    StreamerError code;
    StreamerFault fault;
  } classes[] = {
    { STREAMER_ERROR_FAILED, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_INVALID, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_AUTH, STREAMER_FAULT_PAUSE },
    { STREAMER_ERROR_FORBIDDEN, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_NOT_FOUND, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_EXISTS, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_NO_UPLOAD, STREAMER_FAULT_RECONCILE },
    { STREAMER_ERROR_EXPIRED, STREAMER_FAULT_REFRESH },
    { STREAMER_ERROR_NETWORK, STREAMER_FAULT_TRANSIENT },
    { STREAMER_ERROR_TLS, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_BUSY, STREAMER_FAULT_TRANSIENT },
    { STREAMER_ERROR_PROTOCOL, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_CHECKSUM, STREAMER_FAULT_TRANSIENT },
    { STREAMER_ERROR_CHANGED, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_UNREADABLE, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_TOO_LARGE, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_NO_SPACE, STREAMER_FAULT_FATAL },
    { STREAMER_ERROR_QUOTA, STREAMER_FAULT_FATAL },
  };
  g_autoptr (GError) cancelled = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stop");
  g_autoptr (GError) foreign = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "something");

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      g_autoptr (GError) error = g_error_new (STREAMER_ERROR, (int) classes[i].code, "text");

      g_assert_cmpuint (streamer_fault_classify (error), ==, classes[i].fault);
    }
  g_assert_cmpuint (streamer_fault_classify (cancelled), ==, STREAMER_FAULT_CANCELLED);
  g_assert_cmpuint (streamer_fault_classify (foreign), ==, STREAMER_FAULT_FATAL);
}

static void
test_what_no_repeat_can_mend_is_not_repeated (void)
{
  static const StreamerError codes[] = { STREAMER_ERROR_EXISTS, STREAMER_ERROR_AUTH,
                                         STREAMER_ERROR_NO_UPLOAD, STREAMER_ERROR_TLS };
  g_autoptr (GError) cancelled = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stop");
  guint delay_ms = 1;

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (GError) error = g_error_new (STREAMER_ERROR, (int) codes[i], "text");
      StreamerRetry retry = { 0 };

      g_assert_false (streamer_retry_next (&retry, error, 0.5, &delay_ms));
    }
  g_assert_false (streamer_retry_next (&(StreamerRetry){ 0 }, cancelled, 0.5, &delay_ms));
}

/* Returns: how many times it was tried, when it is given up; @longest: of each wait */
static guint
try_until_given_up (StreamerError code, double random, guint *waits)
{
  g_autoptr (GError) error = g_error_new (STREAMER_ERROR, (int) code, "text");
  StreamerRetry retry = { 0 };
  guint n = 1;
  guint delay_ms;

  while (streamer_retry_next (&retry, error, random, &delay_ms))
    {
      waits[n - 1] = delay_ms;
      n++;
      g_assert_cmpuint (n, <, 100);
    }
  return n;
}

static void
test_waits_grow_and_end (void)
{
  guint waits[100];

  g_assert_cmpuint (try_until_given_up (STREAMER_ERROR_NETWORK, 0.5, waits), ==,
                    STREAMER_RETRY_MAX_ATTEMPTS);
  for (guint i = 0; i < STREAMER_RETRY_MAX_ATTEMPTS - 1; i++)
    g_assert_cmpuint (waits[i], ==, 25u << i);

  g_assert_cmpuint (try_until_given_up (STREAMER_ERROR_BUSY, 0.5, waits), ==,
                    STREAMER_RETRY_MAX_ATTEMPTS);
  for (guint i = 0; i < STREAMER_RETRY_MAX_ATTEMPTS - 1; i++)
    g_assert_cmpuint (waits[i], ==, MIN (500u << i, 10000));

  try_until_given_up (STREAMER_ERROR_NETWORK, 0, waits);
  g_assert_cmpuint (waits[0], ==, 0);
}

static void
test_checksum_is_sent_again_three_times (void)
{
  guint waits[100];

  g_assert_cmpuint (try_until_given_up (STREAMER_ERROR_CHECKSUM, 0.5, waits), ==, 4);
}

static void
test_first_refresh_is_free (void)
{
  guint waits[100];

  g_assert_cmpuint (try_until_given_up (STREAMER_ERROR_EXPIRED, 0.5, waits), ==,
                    STREAMER_RETRY_MAX_ATTEMPTS + 1);
  g_assert_cmpuint (waits[0], ==, 0);
  g_assert_cmpuint (waits[1], ==, 25);
}

static void
test_server_says_how_long (void)
{
  static const struct
  {
    int seconds;
    guint delay_ms;
  } answers[] = { { -1, 500 }, { 0, 500 }, { 3, 3000 }, { 300, 300000 }, { 86400, 300000 } };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GError) error = g_error_new (STREAMER_ERROR, STREAMER_ERROR_BUSY, "text");
      StreamerRetry retry = { 0 };
      guint delay_ms;

      streamer_error_set_answer (error, 503, answers[i].seconds, NULL);
      g_assert_true (streamer_retry_next (&retry, error, 0.5, &delay_ms));
      g_assert_cmpuint (delay_ms, ==, answers[i].delay_ms);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/retry/every-code-has-its-class", test_every_code_has_its_class);
  g_test_add_func ("/retry/what-no-repeat-can-mend-is-not-repeated",
                   test_what_no_repeat_can_mend_is_not_repeated);
  g_test_add_func ("/retry/waits-grow-and-end", test_waits_grow_and_end);
  g_test_add_func ("/retry/checksum-is-sent-again-three-times",
                   test_checksum_is_sent_again_three_times);
  g_test_add_func ("/retry/first-refresh-is-free", test_first_refresh_is_free);
  g_test_add_func ("/retry/server-says-how-long", test_server_says_how_long);
  return g_test_run ();
}
