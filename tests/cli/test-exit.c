/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-exit.h"

#include <signal.h>

#include <gio/gio.h>

#include "streamer-error.h"

static void
add (StreamerTally *tally, StreamerError code)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, code, "x");

  streamer_tally_add_failed (tally, error);
}

static void
test_each_error_has_its_status (void)
{
  static const int expected[] = {
    [STREAMER_ERROR_FAILED] = 1,     [STREAMER_ERROR_INVALID] = 2,
    [STREAMER_ERROR_AUTH] = 3,       [STREAMER_ERROR_FORBIDDEN] = 3,
    [STREAMER_ERROR_NOT_FOUND] = 1,  [STREAMER_ERROR_EXISTS] = 1,
    [STREAMER_ERROR_NO_UPLOAD] = 1,  [STREAMER_ERROR_EXPIRED] = 1,
    [STREAMER_ERROR_NETWORK] = 4,    [STREAMER_ERROR_TLS] = 4,
    [STREAMER_ERROR_BUSY] = 4,       [STREAMER_ERROR_PROTOCOL] = 1,
    [STREAMER_ERROR_CHECKSUM] = 1,   [STREAMER_ERROR_CHANGED] = 5,
    [STREAMER_ERROR_UNREADABLE] = 5, [STREAMER_ERROR_TOO_LARGE] = 1,
    [STREAMER_ERROR_NO_SPACE] = 1,   [STREAMER_ERROR_QUOTA] = 1,
    [STREAMER_ERROR_PORTAL] = 4,     [STREAMER_ERROR_INTERRUPTED] = 4,
    [STREAMER_ERROR_SHORT] = 1,      [STREAMER_ERROR_JOURNAL] = 4,
  };

  for (guint code = 0; code < G_N_ELEMENTS (expected); code++)
    {
      g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, code, "x");

      g_assert_cmpint (streamer_exit_from_error (error), ==, expected[code]);
    }
}

static void
test_foreign_errors (void)
{
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  g_autoptr (GError) option =
      g_error_new_literal (G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, "x");
  g_autoptr (GError) file = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_ACCES, "x");
  g_autoptr (GError) other = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");

  g_assert_cmpint (streamer_exit_from_error (cancelled), ==, 130);
  g_assert_cmpint (streamer_exit_from_error (option), ==, 2);
  g_assert_cmpint (streamer_exit_from_error (file), ==, 5);
  g_assert_cmpint (streamer_exit_from_error (other), ==, 1);
}

static void
test_signals (void)
{
  g_assert_cmpint (streamer_exit_from_signal (SIGINT), ==, 130);
  g_assert_cmpint (streamer_exit_from_signal (SIGTERM), ==, 143);
  g_assert_cmpint (streamer_exit_from_signal (SIGHUP), ==, 129);
}

static void
test_nothing_failed (void)
{
  StreamerTally tally = { 0 };

  g_assert_cmpint (streamer_tally_get_exit (&tally), ==, 0);
  streamer_tally_add_done (&tally);
  g_assert_cmpint (streamer_tally_get_exit (&tally), ==, 0);
}

static void
test_one_cause (void)
{
  StreamerTally tally = { 0 };

  add (&tally, STREAMER_ERROR_NETWORK);
  g_assert_cmpint (streamer_tally_get_exit (&tally), ==, 4);
  add (&tally, STREAMER_ERROR_BUSY);
  g_assert_cmpint (streamer_tally_get_exit (&tally), ==, 4);
}

static void
test_different_causes (void)
{
  StreamerTally tally = { 0 };

  add (&tally, STREAMER_ERROR_NETWORK);
  add (&tally, STREAMER_ERROR_UNREADABLE);
  g_assert_cmpint (streamer_tally_get_exit (&tally), ==, 1);
  add (&tally, STREAMER_ERROR_NETWORK);
  g_assert_cmpint (streamer_tally_get_exit (&tally), ==, 1);
}

static void
test_some_failed (void)
{
  StreamerTally tally = { 0 };

  add (&tally, STREAMER_ERROR_AUTH);
  streamer_tally_add_done (&tally);
  g_assert_cmpint (streamer_tally_get_exit (&tally), ==, 6);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exit/each-error-has-its-status", test_each_error_has_its_status);
  g_test_add_func ("/exit/foreign-errors", test_foreign_errors);
  g_test_add_func ("/exit/signals", test_signals);
  g_test_add_func ("/exit/nothing-failed", test_nothing_failed);
  g_test_add_func ("/exit/one-cause", test_one_cause);
  g_test_add_func ("/exit/different-causes", test_different_causes);
  g_test_add_func ("/exit/some-failed", test_some_failed);
  return g_test_run ();
}
