/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The system gives the program no further file descriptor. A program of its own, whose other tests
 * would have none either.
 */

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "script-server.h"
#include "streamer-http.h"
#include "test-flow.h"

#define PART    1000
#define WORKERS 8

static struct rlimit before;

/* Every descriptor below the limit is taken. */
static void
starve (void)
{
  int next = dup (STDERR_FILENO);
  struct rlimit limit = before;

  g_assert_cmpint (next, >, STDERR_FILENO);
  g_assert_cmpint (close (next), ==, 0);
  limit.rlim_cur = (rlim_t) next;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_cmpint (dup (STDERR_FILENO), ==, -1);
}

static void
feed (void)
{
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
}

static void
upload (TestFlow *flow, StreamerPool *pool, GFile *file, const char *key, gboolean starves)
{
  StreamerRetry *retry = streamer_pool_get_retry (pool);
  g_autoptr (StreamerTransfer) transfer =
      streamer_transfer_new_for_file (file, key, flow->target, pool, NULL);

  if (starves)
    starve ();
  streamer_transfer_start (transfer, 0);
  if (starves)
    {
      wait_until (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_STALLED);
      g_assert_error (streamer_transfer_get_error (transfer), STREAMER_ERROR, STREAMER_ERROR_SHORT);
      g_assert_cmpuint (streamer_retry_get_workers (retry), ==, WORKERS / 2);
      feed ();
      streamer_retry_wake (retry);
    }
  wait_until (streamer_transfer_is_over (transfer) && !streamer_transfer_is_busy (transfer));
  g_assert_no_error (streamer_transfer_get_error (transfer));
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_DONE);
}

static void
test_file_waits_for_a_descriptor_and_arrives (void)
{
  TestFlow flow = { 0 };
  g_autoptr (StreamerPool) pool = NULL;
  g_autoptr (GBytes) bytes = test_flow_make_bytes (5 * PART, 7);
  g_autoptr (GFile) file = NULL;

  test_flow_set_up (&flow);
  flow.target->part_size = PART;
  pool = streamer_pool_new (WORKERS);
  file = test_flow_write (&flow, "file", bytes);
  /* The workers are there then, which need descriptors themselves. */
  upload (&flow, pool, file, "first", FALSE);
  upload (&flow, pool, file, "second", TRUE);
  test_flow_assert_object (&flow, "second", bytes);
  g_clear_object (&pool);
  test_flow_tear_down (&flow);
}

static void
test_connection_that_gets_no_descriptor_is_no_fault_of_the_server (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  const char *url = script_server_get_url (server);
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;

  /* What is loaded and made once has descriptors of its own. */
  script_server_add (
      server, &(ScriptStep){ .answer = "HTTP/1.1 204 No Content\r\n\r\n", .then = SCRIPT_CLOSE });
  g_assert_true (streamer_http_send_text (http, "GET", url, NULL, NULL, STREAMER_HTTP_DEFAULT,
                                          &answer, NULL, &error));
  g_assert_no_error (error);
  streamer_answer_clear (&answer);
  starve ();
  g_assert_false (streamer_http_send_text (http, "GET", url, NULL, NULL, STREAMER_HTTP_DEFAULT,
                                           &answer, NULL, &error));
  feed ();
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_SHORT);
  g_clear_error (&error);

  script_server_add_answer (server, 200, "{}");
  g_assert_true (streamer_http_send_text (http, "GET", url, NULL, NULL, STREAMER_HTTP_DEFAULT,
                                          &answer, NULL, &error));
  g_assert_no_error (error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  g_test_add_func ("/descriptors/file-waits-for-a-descriptor-and-arrives",
                   test_file_waits_for_a_descriptor_and_arrives);
  g_test_add_func ("/descriptors/connection-that-gets-no-descriptor-is-no-fault-of-the-server",
                   test_connection_that_gets_no_descriptor_is_no_fault_of_the_server);
  return g_test_run ();
}
