/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "server-fixture.h"

#define NOTHING "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"

static void
test_hostile_request_is_answered_and_closed (ServerFixture *fixture, gconstpointer data)
{
  /* What a proxy in front would take for one request must not be two for us. */
  const char *texts[] = {
    "POST /upload/request HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /downloads/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /upload/request HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n"
    "GET /downloads/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /upload/request HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"
    "GET /downloads/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /downloads/x HTTP/1.1\nHost: a\n\nGET /downloads/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GSocketConnection) client = client_connect (fixture);
      g_autoptr (GBytes) answers = NULL;
      g_autofree char *text = NULL;

      client_send (client, texts[i], strlen (texts[i]));
      answers = client_read_all (client);
      text = g_strndup (g_bytes_get_data (answers, NULL), g_bytes_get_size (answers));
      g_assert_true (g_str_has_prefix (text, "HTTP/1.1 400 "));
      g_assert_null (strstr (text + 1, "HTTP/1.1"));
    }
}

static void
test_head_has_a_limit (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketConnection) client = client_connect (fixture);
  g_autofree char *line = g_strnfill (1000, 'x');
  g_autoptr (GBytes) answer = NULL;

  client_send (client, NOTHING, strlen (NOTHING) - 2);
  for (guint i = 0; i < 100; i++)
    client_send (client, line, 1000);
  answer = client_read_all (client);
  if (g_bytes_get_size (answer) > 0)
    g_assert_cmpint (strncmp (g_bytes_get_data (answer, NULL), "HTTP/1.1 431 ", 13), ==, 0);
}

static void
test_request_body_has_a_limit (ServerFixture *fixture, gconstpointer data)
{
  g_auto (Reply) reply = { 0 };

  client_talk (fixture,
               "POST /upload/request HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
               "Content-Length: 1048577\r\n\r\n",
               &reply);
  g_assert_cmpuint (reply.status, ==, 413);
  client_talk (fixture, "POST /upload/request HTTP/1.1\r\nHost: a\r\n\r\n", &reply);
  g_assert_cmpuint (reply.status, ==, 411);
  client_talk (fixture, "GET /upload/request HTTP/1.1\r\nHost: a\r\n\r\n", &reply);
  g_assert_cmpuint (reply.status, ==, 405);
}

/* A refused body is taken and thrown away, so that a client that only listens when it has sent
 * everything gets to know why. */
static void
test_refusal_arrives_behind_a_large_body (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (20000000, 1);
  g_auto (Reply) reply = { 0 };

  client_request (fixture, "PUT", "/parts/a/1?length=20000000", NULL, bytes, &reply);
  g_assert_cmpuint (reply.status, ==, 403);
}

static void
test_connection_is_kept (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketConnection) client = client_connect (fixture);
  g_auto (Reply) reply = { 0 };

  for (guint i = 0; i < 100; i++)
    {
      client_send (client, NOTHING, strlen (NOTHING));
      g_assert_true (client_read_reply (client, TRUE, &reply));
      g_assert_cmpuint (reply.status, ==, 404);
    }
}

static void
test_request_in_single_bytes (ServerFixture *fixture, gconstpointer data)
{
  const char *text = "\r\n" NOTHING;
  g_autoptr (GSocketConnection) client = client_connect (fixture);
  g_auto (Reply) reply = { 0 };

  for (gsize i = 0; i < strlen (text); i++)
    client_send (client, text + i, 1);
  g_assert_true (client_read_reply (client, TRUE, &reply));
  g_assert_cmpuint (reply.status, ==, 404);
}

static void
test_too_many_connections (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (Reply) reply = { 0 };

  for (guint i = 0; i < 256; i++)
    {
      GSocketConnection *client = client_connect (fixture);

      g_ptr_array_add (clients, client);
      client_send (client, NOTHING, strlen (NOTHING));
      g_assert_true (client_read_reply (client, TRUE, &reply));
      g_assert_cmpuint (reply.status, ==, 404);
    }
  {
    g_autoptr (GSocketConnection) refused = client_connect (fixture);

    g_assert_true (client_read_reply (refused, TRUE, &reply));
    g_assert_cmpuint (reply.status, ==, 503);
  }
  /* When one goes, the next one is served. */
  g_ptr_array_set_size (clients, 255);
  do
    {
      reply.status = 0;
      client_talk (fixture, NOTHING, &reply);
    }
  while (reply.status != 404);
}

static void
test_stop_drops_who_only_waits (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketConnection) silent = client_connect (fixture);
  g_autoptr (GSocketConnection) half = client_connect (fixture);
  g_autoptr (GBytes) nothing = NULL;

  client_send (half, "GET / HT", 8);
  while (streamer_server_get_idle_time (fixture->server) != 0)
    g_thread_yield ();
  streamer_server_stop (fixture->server, 0);
  nothing = client_read_all (silent);
  g_assert_cmpuint (g_bytes_get_size (nothing), ==, 0);
}

static gpointer
stop_with_grace (gpointer data)
{
  streamer_server_stop (data, 60 * G_USEC_PER_SEC);
  return NULL;
}

static void
test_stop_lets_an_answer_end (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *url = presign_part (fixture, id, 1, 10);
  g_autofree char *head = g_strdup_printf (
      "PUT %s HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234", strchr (url + 7, '/'));
  g_autoptr (GSocketConnection) client = client_connect (fixture);
  g_autoptr (GSocketConnection) idle = client_connect (fixture);
  g_autoptr (GBytes) nothing = NULL;
  g_auto (Reply) reply = { 0 };
  GThread *thread;

  client_send (client, head, strlen (head));
  while (streamer_server_get_idle_time (fixture->server) != 0)
    g_thread_yield ();
  thread = g_thread_new ("stop", stop_with_grace, fixture->server);
  /* The one that is idle has gone: it is stopping. */
  nothing = client_read_all (idle);
  client_send (client, "56789", 5);
  g_assert_true (client_read_reply (client, TRUE, &reply));
  g_assert_cmpuint (reply.status, ==, 200);
  g_thread_join (thread);
}

static void
test_idle_time (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketConnection) client = client_connect (fixture);
  g_auto (Reply) reply = { 0 };
  gint64 before;

  client_send (client, NOTHING, 1);
  while (streamer_server_get_idle_time (fixture->server) != 0)
    g_thread_yield ();
  client_send (client, NOTHING + 1, strlen (NOTHING) - 1);
  g_assert_true (client_read_reply (client, TRUE, &reply));
  while ((before = streamer_server_get_idle_time (fixture->server)) == 0)
    g_thread_yield ();
  while (streamer_server_get_idle_time (fixture->server) == before)
    g_thread_yield ();
  g_assert_cmpint (streamer_server_get_idle_time (fixture->server), >, before);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/http-front/" name, ServerFixture, NULL, server_fixture_set_up, function,           \
              server_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("hostile-request-is-answered-and-closed", test_hostile_request_is_answered_and_closed);
  ADD ("head-has-a-limit", test_head_has_a_limit);
  ADD ("request-body-has-a-limit", test_request_body_has_a_limit);
  ADD ("refusal-arrives-behind-a-large-body", test_refusal_arrives_behind_a_large_body);
  ADD ("connection-is-kept", test_connection_is_kept);
  ADD ("request-in-single-bytes", test_request_in_single_bytes);
  ADD ("too-many-connections", test_too_many_connections);
  ADD ("stop-drops-who-only-waits", test_stop_drops_who_only_waits);
  ADD ("stop-lets-an-answer-end", test_stop_lets_an_answer_end);
  ADD ("idle-time", test_idle_time);
  return g_test_run ();
}
