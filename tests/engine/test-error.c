/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-error.h"

#include <gio/gio.h>
#include <libsoup/soup.h>

/* The last code of the enumeration. */
#define LAST_CODE STREAMER_ERROR_JOURNAL

static void
test_status_code_for_each_code (void)
{
  static const guint expected[] = { 500, 400, 401, 403, 404, 409, 404, 403, 503, 502, 503,
                                    502, 500, 412, 400, 413, 507, 507, 511, 503, 503, 507 };

  G_STATIC_ASSERT (G_N_ELEMENTS (expected) == LAST_CODE + 1);
  for (int code = 0; code <= LAST_CODE; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, code, "x");

      g_assert_cmpuint (streamer_error_get_status_code (error), ==, expected[code]);
    }
}

static void
test_the_servers_status_wins (void)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_EXISTS, "x");

  streamer_error_set_answer (error, 401, -1, NULL);
  g_assert_cmpuint (streamer_error_get_status_code (error), ==, 401);
  /* Deployed backends say 200 and put the failure inside. */
  streamer_error_set_answer (error, 200, -1, NULL);
  g_assert_cmpuint (streamer_error_get_status_code (error), ==, 409);
  streamer_error_set_answer (error, 0, -1, NULL);
  g_assert_cmpuint (streamer_error_get_status_code (error), ==, 409);
}

static void
test_status_code_of_foreign_domains (void)
{
  static const struct
  {
    int code;
    guint status;
  } io[] = {
    { G_IO_ERROR_CANCELLED, 499 },
    { G_IO_ERROR_NO_SPACE, 507 },
    { G_IO_ERROR_NOT_FOUND, 500 },
  };
  g_autoptr (GError) resolver =
      g_error_new_literal (G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "x");
  g_autoptr (GError) tls = g_error_new_literal (G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, "x");
  g_autoptr (GError) other = g_error_new_literal (G_KEY_FILE_ERROR, 0, "x");

  for (gsize i = 0; i < G_N_ELEMENTS (io); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, io[i].code, "x");

      g_assert_cmpuint (streamer_error_get_status_code (error), ==, io[i].status);
    }
  g_assert_cmpuint (streamer_error_get_status_code (resolver), ==, 503);
  g_assert_cmpuint (streamer_error_get_status_code (tls), ==, 502);
  g_assert_cmpuint (streamer_error_get_status_code (other), ==, 500);
  g_assert_cmpint (streamer_error_get_retry_after (other), ==, -1);
  g_assert_null (streamer_error_get_request_id (other));
  g_assert_null (streamer_error_get_advice (other));
}

static void
test_the_answer_survives_a_copy (void)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_BUSY, "x");
  g_autoptr (GError) copy = NULL;

  g_assert_cmpint (streamer_error_get_retry_after (error), ==, -1);
  g_assert_null (streamer_error_get_request_id (error));

  streamer_error_set_answer (error, 429, 17, "req-1");
  streamer_error_set_answer (error, 429, 17, "req-2");
  copy = g_error_copy (error);
  g_clear_error (&error);
  g_assert_cmpuint (streamer_error_get_status_code (copy), ==, 429);
  g_assert_cmpint (streamer_error_get_retry_after (copy), ==, 17);
  g_assert_cmpstr (streamer_error_get_request_id (copy), ==, "req-2");
}

static void
test_every_code_has_advice_of_its_own (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 0; code <= LAST_CODE; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, code, "x");
      const char *advice = streamer_error_get_advice (error);

      g_assert_nonnull (advice);
      g_assert_true (g_str_has_suffix (advice, "."));
      g_assert_true (g_hash_table_add (seen, (gpointer) advice));
    }
}

static void
assert_transport (GQuark domain, int code, StreamerError expected, const char *beginning)
{
  g_autoptr (GError) error =
      streamer_error_from_transport (g_error_new_literal (domain, code, "the 100 %s detail"));

  g_assert_error (error, STREAMER_ERROR, (int) expected);
  g_assert_true (g_str_has_prefix (error->message, beginning));
  g_assert_nonnull (strstr (error->message, "the 100 %s detail"));
}

static void
test_transport_errors_become_sentences (void)
{
  assert_transport (G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, STREAMER_ERROR_NETWORK,
                    "The server cannot be found");
  assert_transport (G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, STREAMER_ERROR_NETWORK,
                    "The server refuses the connection");
  assert_transport (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, STREAMER_ERROR_NETWORK,
                    "The server does not answer");
  assert_transport (G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, STREAMER_ERROR_NETWORK,
                    "The connection to the server broke");
  assert_transport (G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, STREAMER_ERROR_NETWORK,
                    "The connection to the server broke");
  assert_transport (G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, STREAMER_ERROR_NETWORK,
                    "There is no way");
  assert_transport (G_IO_ERROR, G_IO_ERROR_FAILED, STREAMER_ERROR_NETWORK, "The connection");
  assert_transport (G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, STREAMER_ERROR_TLS,
                    "The server’s certificate");
  assert_transport (G_TLS_ERROR, G_TLS_ERROR_NOT_TLS, STREAMER_ERROR_TLS, "No secure connection");
  assert_transport (G_TLS_ERROR, G_TLS_ERROR_EOF, STREAMER_ERROR_NETWORK, "The connection");
  assert_transport (SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING, STREAMER_ERROR_PROTOCOL,
                    "The server’s answer");
  assert_transport (SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_TOO_MANY_RESTARTS,
                    STREAMER_ERROR_NETWORK, "The connection");
  assert_transport (G_KEY_FILE_ERROR, 0, STREAMER_ERROR_FAILED, "the 100 %s detail");
}

static void
test_cancelled_and_ours_pass_unchanged (void)
{
  GError *cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  GError *ours = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_CHANGED, "x");

  g_assert_true (streamer_error_from_transport (cancelled) == cancelled);
  g_assert_true (streamer_error_from_transport (ours) == ours);
  g_error_free (cancelled);
  g_error_free (ours);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/status-code-for-each-code", test_status_code_for_each_code);
  g_test_add_func ("/error/the-servers-status-wins", test_the_servers_status_wins);
  g_test_add_func ("/error/status-code-of-foreign-domains", test_status_code_of_foreign_domains);
  g_test_add_func ("/error/the-answer-survives-a-copy", test_the_answer_survives_a_copy);
  g_test_add_func ("/error/every-code-has-advice-of-its-own",
                   test_every_code_has_advice_of_its_own);
  g_test_add_func ("/error/transport-errors-become-sentences",
                   test_transport_errors_become_sentences);
  g_test_add_func ("/error/cancelled-and-ours-pass-unchanged",
                   test_cancelled_and_ours_pass_unchanged);
  return g_test_run ();
}
