/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "server-fixture.h"
#include "streamer-seal.h"
#include "streamer-url-signer.h"

/* A PUT on a connection of its own, of which only the head and the first bytes are sent. */
static GSocketConnection *
start_part (ServerFixture *fixture, const char *url, guint64 length, GBytes *first)
{
  GSocketConnection *client = client_connect (fixture);
  g_autofree char *head = g_strdup_printf (
      "PUT %s HTTP/1.1\r\nHost: a\r\nContent-Length: %" G_GUINT64_FORMAT "\r\n\r\n",
      strchr (url + 7, '/'), length);

  client_send (client, head, strlen (head));
  if (first)
    client_send (client, g_bytes_get_data (first, NULL), g_bytes_get_size (first));
  return client;
}

static guint
count_parts (ServerFixture *fixture, const char *upload_id)
{
  g_autoptr (JsonObject) envelope =
      api_call (fixture, ALICE, "{'action': 'parts', 'upload_id': '%s'}", upload_id);

  return json_array_get_length (api_done_array (envelope));
}

static void
finish_and_compare (ServerFixture *fixture, const char *upload_id, GBytes *bytes)
{
  g_autoptr (JsonObject) envelope = api_call (
      fixture, ALICE, "{'action': 'finish', 'upload_id': '%s', 'checksum': {'crc32': '%08x'}}",
      upload_id, bytes_crc32 (bytes));

  assert_download (fixture, json_object_get_string_member (api_done (envelope), "url"), bytes);
}

static void
test_wrong_length (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "k", 1000, 1000, FALSE);
  g_autofree char *url = presign_part (fixture, id, 1, 1000);
  g_autofree char *chunked =
      g_strdup_printf ("PUT %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3e8\r\n",
                       strchr (url + 7, '/'));
  g_auto (Reply) reply = { 0 };
  const gsize lengths[] = { 0, 999, 1001, 100000 };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GBytes) bytes = make_bytes (lengths[i], 1);

      client_request (fixture, "PUT", url, NULL, bytes, &reply);
      g_assert_cmpuint (reply.status, ==, 400);
    }
  client_request (fixture, "PUT", url, NULL, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 411);
  client_talk (fixture, chunked, &reply);
  g_assert_cmpuint (reply.status, ==, 411);
  g_assert_cmpuint (count_parts (fixture, id), ==, 0);
}

/* The answer comes before the body, where the client waits for it. */
static void
test_refused_before_the_body_is_sent (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketConnection) client = client_connect (fixture);
  const char *head = "PUT /parts/a/1?length=1000000000000 HTTP/1.1\r\nHost: a\r\n"
                     "Expect: 100-continue\r\nContent-Length: 1000000000000\r\n\r\n";
  g_auto (Reply) reply = { 0 };

  client_send (client, head, strlen (head));
  g_assert_true (client_read_reply (client, TRUE, &reply));
  g_assert_cmpuint (reply.status, ==, 403);
}

static void
test_body_is_asked_for (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "k", 3, 3, FALSE);
  g_autofree char *url = presign_part (fixture, id, 1, 3);
  g_autoptr (GSocketConnection) client = client_connect (fixture);
  g_autofree char *head = g_strdup_printf ("PUT %s HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n"
                                           "Content-Length: 3\r\n\r\n",
                                           strchr (url + 7, '/'));
  g_auto (Reply) reply = { 0 };

  client_send (client, head, strlen (head));
  g_assert_true (client_read_reply (client, FALSE, &reply));
  g_assert_cmpuint (reply.status, ==, 100);
  client_send (client, "abc", 3);
  g_assert_true (client_read_reply (client, TRUE, &reply));
  g_assert_cmpuint (reply.status, ==, 200);
}

static char *
sign_again (ServerFixture *fixture, const char *url, gint64 expires, gboolean with_crc32)
{
  g_autofree char *path = g_build_filename (fixture->root, "server.key", NULL);
  g_autofree char *key = NULL;
  g_autoptr (StreamerSeal) seal = NULL;
  g_auto (GStrv) names = g_strsplit_set (strstr (url, "/parts/"), "/?", -1);
  StreamerPartGrant grant = { .id = names[2],
                              .number = 1,
                              .length = 10,
                              .expires = expires,
                              .has_crc32 = with_crc32,
                              .crc32 = 1 };

  g_assert_true (g_file_get_contents (path, &key, NULL, NULL));
  seal = streamer_seal_new ((const guint8 *) key);
  return streamer_url_signer_part_url (seal, &grant);
}

static void
test_expired_and_forged (ServerFixture *fixture, gconstpointer data)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *id = begin_upload (fixture, "k", 20, 10, FALSE);
  g_autofree char *url = presign_part (fixture, id, 1, 10);
  g_autofree char *expired = sign_again (fixture, url, now - 1, FALSE);
  g_autofree char *other_part = g_strdup (url);
  g_auto (Reply) reply = { 0 };

  client_request (fixture, "PUT", expired, NULL, bytes, &reply);
  g_assert_cmpuint (reply.status, ==, 403);
  strstr (other_part, "/1?")[1] = '2';
  client_request (fixture, "PUT", other_part, NULL, bytes, &reply);
  g_assert_cmpuint (reply.status, ==, 403);
  g_assert_cmpuint (count_parts (fixture, id), ==, 0);

  client_request (fixture, "POST", url, NULL, bytes, &reply);
  g_assert_cmpuint (reply.status, ==, 405);
  client_request (fixture, "GET", url, NULL, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 405);
}

static void
test_announced_checksum_is_compared (ServerFixture *fixture, gconstpointer data)
{
  gint64 later = g_get_real_time () / G_USEC_PER_SEC + 100;
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *plain = presign_part (fixture, id, 1, 10);
  g_autofree char *wrong = sign_again (fixture, plain, later, TRUE);
  g_autoptr (JsonObject) signed_right = NULL;
  g_auto (Reply) reply = { 0 };

  client_request (fixture, "PUT", wrong, NULL, bytes, &reply);
  g_assert_cmpuint (reply.status, ==, 422);
  g_assert_cmpuint (count_parts (fixture, id), ==, 0);
  signed_right = api_call (fixture, ALICE,
                           "{'action': 'presign', 'upload_id': '%s', 'parts': [{'number': 1,"
                           " 'size': 10, 'checksum': {'crc32': '%08x'}}]}",
                           id, bytes_crc32 (bytes));
  client_request (fixture, "PUT",
                  json_object_get_string_member (
                      json_array_get_object_element (api_done_array (signed_right), 0), "url"),
                  NULL, bytes, &reply);
  g_assert_cmpuint (reply.status, ==, 200);
}

/* A part that is sent again counts as not there until it is whole. */
static void
test_part_that_breaks_off_is_not_there (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (1000, 1);
  g_autoptr (GBytes) half = make_bytes (500, 2);
  g_autofree char *id = begin_upload (fixture, "k", 1000, 1000, FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, bytes);
  g_autofree char *again = NULL;
  g_autofree char *url = presign_part (fixture, id, 1, 1000);
  g_autoptr (GSocketConnection) client = NULL;

  g_assert_cmpuint (count_parts (fixture, id), ==, 1);
  client = start_part (fixture, url, 1000, half);
  while (count_parts (fixture, id) != 0)
    continue;
  g_io_stream_close (G_IO_STREAM (client), NULL, NULL);
  while (streamer_server_get_idle_time (fixture->server) == 0)
    g_thread_yield ();
  g_assert_cmpuint (count_parts (fixture, id), ==, 0);
  again = put_part (fixture, id, 1, bytes);
  finish_and_compare (fixture, id, bytes);
}

/* The older of two connections that bring the same part is dropped, and the newer one counts. */
static void
test_second_put_takes_over (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (100000, 1);
  g_autoptr (GBytes) other = make_bytes (50000, 2);
  g_autofree char *id = begin_upload (fixture, "k", 100000, 100000, FALSE);
  g_autofree char *url = presign_part (fixture, id, 1, 100000);
  g_autoptr (GSocketConnection) older = NULL;
  g_autofree char *etag = NULL;
  g_autoptr (GBytes) nothing = NULL;

  older = start_part (fixture, url, 100000, other);
  while (streamer_server_get_idle_time (fixture->server) != 0)
    g_thread_yield ();
  etag = put_part (fixture, id, 1, bytes);
  nothing = client_read_all (older);
  g_assert_cmpuint (g_bytes_get_size (nothing), ==, 0);
  finish_and_compare (fixture, id, bytes);
}

typedef struct
{
  ServerFixture *fixture;
  const char *url;
  GBytes *bytes;
} Put;

static gpointer
put_in_thread (gpointer data)
{
  Put *put = data;
  g_auto (Reply) reply = { 0 };

  client_request (put->fixture, "PUT", put->url, NULL, put->bytes, &reply);
  return GUINT_TO_POINTER (reply.status);
}

/* Whatever the order: what is stored is one of them, whole. */
static void
test_many_puts_of_one_part (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "k", 2000000, 2000000, FALSE);
  g_autofree char *url = presign_part (fixture, id, 1, 2000000);
  g_autoptr (JsonObject) parts = NULL, finished = NULL;
  g_autofree char *expected = NULL;
  g_auto (Reply) reply = { 0 };
  GThread *threads[6];
  Put puts[6];
  guint n_stored = 0;

  for (guint i = 0; i < G_N_ELEMENTS (puts); i++)
    {
      puts[i] = (Put){ fixture, url, make_bytes (2000000, i) };
      threads[i] = g_thread_new ("put", put_in_thread, &puts[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (puts); i++)
    n_stored += GPOINTER_TO_UINT (g_thread_join (threads[i])) == 200;
  g_assert_cmpuint (n_stored, >=, 1);

  parts = api_call (fixture, ALICE, "{'action': 'parts', 'upload_id': '%s'}", id);
  g_assert_cmpuint (json_array_get_length (api_done_array (parts)), ==, 1);
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  client_request (fixture, "GET", json_object_get_string_member (api_done (finished), "url"), NULL,
                  NULL, &reply);
  expected = g_strdup_printf ("\"crc32-%08x\"", bytes_crc32 (reply.body));
  g_assert_cmpstr (json_object_get_string_member (
                       json_array_get_object_element (api_done_array (parts), 0), "etag"),
                   ==, expected);
  for (guint i = 0; i < G_N_ELEMENTS (puts); i++)
    {
      n_stored += g_bytes_equal (puts[i].bytes, reply.body) ? 1000 : 0;
      g_bytes_unref (puts[i].bytes);
    }
  g_assert_cmpuint (n_stored, >=, 1000);
}

static void
test_finish_waits_for_nobody (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "k", 1000, 1000, FALSE);
  g_autofree char *url = presign_part (fixture, id, 1, 1000);
  g_autoptr (GSocketConnection) client = start_part (fixture, url, 1000, NULL);
  g_autoptr (JsonObject) envelope = NULL;
  g_autoptr (GBytes) nothing = NULL;

  while (streamer_server_get_idle_time (fixture->server) != 0)
    g_thread_yield ();
  envelope = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  api_assert_failed (envelope, 422, "checksum");
  g_clear_object (&client);
}

static void
test_parts_on_one_connection (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (30, 1);
  g_autofree char *id = begin_upload (fixture, "k", 30, 10, FALSE);
  g_autoptr (GSocketConnection) client = client_connect (fixture);
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_auto (Reply) reply = { 0 };

  /* All at once: the second request begins where the first one's body ends. */
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *url = presign_part (fixture, id, i + 1, 10);
      g_autofree char *head = g_strdup_printf (
          "PUT %s HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n", strchr (url + 7, '/'));

      g_byte_array_append (all, (const guint8 *) head, strlen (head));
      g_byte_array_append (all, (const guint8 *) g_bytes_get_data (bytes, NULL) + 10 * i, 10);
    }
  client_send (client, all->data, all->len);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (client_read_reply (client, TRUE, &reply));
      g_assert_cmpuint (reply.status, ==, 200);
    }
  finish_and_compare (fixture, id, bytes);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/part-uploads/" name, ServerFixture, NULL, server_fixture_set_up, function,         \
              server_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("wrong-length", test_wrong_length);
  ADD ("refused-before-the-body-is-sent", test_refused_before_the_body_is_sent);
  ADD ("body-is-asked-for", test_body_is_asked_for);
  ADD ("expired-and-forged", test_expired_and_forged);
  ADD ("announced-checksum-is-compared", test_announced_checksum_is_compared);
  ADD ("part-that-breaks-off-is-not-there", test_part_that_breaks_off_is_not_there);
  ADD ("second-put-takes-over", test_second_put_takes_over);
  ADD ("many-puts-of-one-part", test_many_puts_of_one_part);
  ADD ("finish-waits-for-nobody", test_finish_waits_for_nobody);
  ADD ("parts-on-one-connection", test_parts_on_one_connection);
  return g_test_run ();
}
