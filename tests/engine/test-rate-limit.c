/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-rate-limit.h"

#define KIB 1024

/* µs that n pieces take. */
static gint64
time_pieces (StreamerRateLimit *limit, guint n, gsize bytes)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (streamer_rate_limit_take (limit, bytes, NULL, &error));
      g_assert_no_error (error);
    }
  return g_get_monotonic_time () - start;
}

static void
test_no_limit_never_waits (void)
{
  g_autoptr (StreamerRateLimit) limit = streamer_rate_limit_new (0);

  g_assert_cmpuint (streamer_rate_limit_get_rate (limit), ==, 0);
  /* An exabyte. */
  g_assert_cmpint (time_pieces (limit, 1024, (gsize) 1 << 50), <, 5 * G_USEC_PER_SEC);
}

/* A busy machine makes it slower, never faster. */
static void
test_rate_is_kept (void)
{
  g_autoptr (StreamerRateLimit) limit = streamer_rate_limit_new (1024 * KIB);
  gint64 took = time_pieces (limit, 32, 16 * KIB);

  /* 512 KiB, less what was saved up and the last piece, which is taken on credit. */
  g_assert_cmpint (took, >=, (512 - 103 - 16) * G_USEC_PER_SEC / 1024);
}

/* A piece of ten seconds is given at once; the next one pays for it. */
static void
test_large_pieces_make_debts (void)
{
  g_autoptr (StreamerRateLimit) limit = streamer_rate_limit_new (1024 * KIB);

  g_assert_true (time_pieces (limit, 1, 16 * KIB) >= 0);
  g_assert_cmpint (time_pieces (limit, 2, 256 * KIB), >=, G_USEC_PER_SEC / 16);
}

typedef struct
{
  StreamerRateLimit *limit;
  GCancellable *cancellable;
  gint waiting; /* atomic */
} Waiter;

static gpointer
waiter_main (gpointer user_data)
{
  Waiter *waiter = user_data;
  GError *error = NULL;

  /* Years of debt, then one byte more. */
  g_assert_true (streamer_rate_limit_take (waiter->limit, (gsize) 1 << 40, NULL, NULL));
  g_atomic_int_set (&waiter->waiting, 1);
  streamer_rate_limit_take (waiter->limit, 1, waiter->cancellable, &error);
  return error;
}

static void
test_cancelling_ends_the_wait (void)
{
  g_autoptr (StreamerRateLimit) limit = streamer_rate_limit_new (1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Waiter waiter = { limit, cancellable, 0 };
  GThread *thread = g_thread_new ("waiter", waiter_main, &waiter);
  g_autoptr (GError) error = NULL;

  while (!g_atomic_int_get (&waiter.waiting))
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  error = g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_clear_error (&error);
  g_assert_false (streamer_rate_limit_take (limit, 1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_new_rate_ends_the_wait (gconstpointer data)
{
  guint64 rate = GPOINTER_TO_SIZE (data);
  g_autoptr (StreamerRateLimit) limit = streamer_rate_limit_new (1);
  Waiter waiter = { limit, NULL, 0 };
  GThread *thread = g_thread_new ("waiter", waiter_main, &waiter);

  while (!g_atomic_int_get (&waiter.waiting))
    g_thread_yield ();
  streamer_rate_limit_set_rate (limit, rate);
  g_assert_null (g_thread_join (thread));
  g_assert_cmpuint (streamer_rate_limit_get_rate (limit), ==, rate);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-limit/no-limit-never-waits", test_no_limit_never_waits);
  g_test_add_func ("/rate-limit/rate-is-kept", test_rate_is_kept);
  g_test_add_func ("/rate-limit/large-pieces-make-debts", test_large_pieces_make_debts);
  g_test_add_func ("/rate-limit/cancelling-ends-the-wait", test_cancelling_ends_the_wait);
  g_test_add_data_func ("/rate-limit/new-rate-ends-the-wait/none", GSIZE_TO_POINTER (0),
                        test_new_rate_ends_the_wait);
  g_test_add_data_func ("/rate-limit/new-rate-ends-the-wait/faster", GSIZE_TO_POINTER (1 << 30),
                        test_new_rate_ends_the_wait);
  return g_test_run ();
}
