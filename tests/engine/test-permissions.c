/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "request-fixture.h"

#include "streamer-error.h"

static void
test_urls_come_in_batches (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (3000, 100);
  g_autoptr (JsonObject) first = NULL;
  g_autoptr (JsonObject) second = NULL;
  JsonArray *asked;

  request_fixture_begin (fixture);
  request_fixture_answer_presign (fixture, 1, 16, NULL);
  for (guint number = 1; number <= 16; number++)
    {
      request_fixture_take_part (fixture, "\"x\"");
      request_fixture_put_ok (fixture, number, NULL);
    }
  g_assert_cmpuint (script_server_count (fixture->backend), ==, 3);

  request_fixture_answer_presign (fixture, 17, 30, NULL);
  request_fixture_take_part (fixture, "\"x\"");
  request_fixture_put_ok (fixture, 17, NULL);

  first = request_fixture_get_body (fixture, 2);
  asked = json_object_get_array_member (first, "parts");
  g_assert_cmpuint (json_array_get_length (asked), ==, 16);
  second = request_fixture_get_body (fixture, 3);
  asked = json_object_get_array_member (second, "parts");
  g_assert_cmpuint (json_array_get_length (asked), ==, 14);
  g_assert_cmpint (json_object_get_int_member (json_array_get_object_element (asked, 0), "number"),
                   ==, 17);
}

static void
test_no_more_urls_are_asked_for_than_the_server_gives (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (3000, 100);
  g_autoptr (JsonObject) body = NULL;

  request_fixture_answer (fixture,
                          "{\"version\": 2, \"min_part_size\": 1, \"max_part_size\": 1000,"
                          " \"max_parts\": 10000, \"max_object_size\": 100000, \"max_urls\": 3}");
  request_fixture_answer (fixture, "{\"upload_id\": \"upload-1\"}");
  g_assert_true (streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, NULL));
  request_fixture_answer_presign (fixture, 1, 3, NULL);
  request_fixture_take_part (fixture, "\"x\"");
  request_fixture_put_ok (fixture, 1, NULL);

  body = request_fixture_get_body (fixture, 2);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (body, "parts")), ==, 3);
}

static void
test_a_refused_url_is_replaced_once (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (JsonObject) body = NULL;
  JsonArray *asked;

  request_fixture_begin (fixture);
  request_fixture_answer_presign (fixture, 1, 3, NULL);
  script_server_add_answer (fixture->bucket, 403,
                            "<Error><Code>AccessDenied</Code>"
                            "<Message>Request has expired</Message></Error>");
  request_fixture_put_fails (fixture, 1, STREAMER_ERROR_EXPIRED);

  /* The others' URLs are still good, so only the first is asked for again. */
  request_fixture_answer_presign (fixture, 1, 1, NULL);
  script_server_add_answer (fixture->bucket, 403, "<Error><Code>AccessDenied</Code></Error>");
  request_fixture_put_fails (fixture, 1, STREAMER_ERROR_FORBIDDEN);
  body = request_fixture_get_body (fixture, 3);
  asked = json_object_get_array_member (body, "parts");
  g_assert_cmpuint (json_array_get_length (asked), ==, 1);

  request_fixture_take_part (fixture, "\"2\"");
  request_fixture_put_ok (fixture, 2, NULL);
  g_assert_cmpuint (script_server_count (fixture->backend), ==, 4);
}

static void
test_a_url_past_its_time_is_not_used (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);

  request_fixture_begin (fixture);
  request_fixture_answer_presign (fixture, 1, 3, "2001-01-01T00:00:00Z");
  request_fixture_put_fails (fixture, 1, STREAMER_ERROR_PROTOCOL);
  g_assert_cmpuint (script_server_count (fixture->bucket), ==, 0);
}

static void
test_a_broken_connection_gets_a_fresh_url (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  ScriptStep cut = { .read_body = SCRIPT_WHOLE_BODY, .then = SCRIPT_CLOSE };

  request_fixture_begin (fixture);
  request_fixture_answer_presign (fixture, 1, 3, NULL);
  script_server_add (fixture->bucket, &cut);
  request_fixture_put_fails (fixture, 1, STREAMER_ERROR_NETWORK);
  request_fixture_answer_presign (fixture, 1, 1, NULL);
  request_fixture_take_part (fixture, "\"1\"");
  request_fixture_put_ok (fixture, 1, NULL);
  g_assert_cmpuint (script_server_count (fixture->backend), ==, 4);
}

typedef struct
{
  RequestFixture *fixture;
  guint number;
} Worker;

static gpointer
put_on_a_worker (gpointer data)
{
  Worker *worker = data;
  RequestFixture *fixture = worker->fixture;
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (StreamerPartStream) part = test_file_get_part (fixture->file, worker->number, NULL);
  g_autoptr (GError) error = NULL;
  StreamerStoredPart stored = { 0 };

  g_assert_true (streamer_store_put_part (fixture->store, http, fixture->upload, worker->number,
                                          part, &stored, NULL, &error));
  g_assert_no_error (error);
  streamer_stored_part_clear (&stored);
  return NULL;
}

static void
test_workers_share_one_batch (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (800, 100);
  Worker workers[8];
  GThread *threads[8];

  request_fixture_begin (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    request_fixture_take_part (fixture, "\"x\"");
  /* Whoever asks first asks from its own part on, so part 1 has to be asked for by the first. */
  request_fixture_answer_presign (fixture, 1, 8, NULL);
  request_fixture_put_ok (fixture, 1, NULL);
  for (guint i = 1; i < G_N_ELEMENTS (workers); i++)
    {
      workers[i] = (Worker){ fixture, i + 1 };
      threads[i] = g_thread_new ("worker", put_on_a_worker, &workers[i]);
    }
  for (guint i = 1; i < G_N_ELEMENTS (workers); i++)
    g_thread_join (threads[i]);

  g_assert_cmpuint (script_server_count (fixture->backend), ==, 3);
  g_assert_cmpuint (script_server_count (fixture->bucket), ==, 8);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/permissions/urls-come-in-batches", test_urls_come_in_batches);
  g_test_add_func ("/permissions/no-more-urls-are-asked-for-than-the-server-gives",
                   test_no_more_urls_are_asked_for_than_the_server_gives);
  g_test_add_func ("/permissions/a-refused-url-is-replaced-once",
                   test_a_refused_url_is_replaced_once);
  g_test_add_func ("/permissions/a-url-past-its-time-is-not-used",
                   test_a_url_past_its_time_is_not_used);
  g_test_add_func ("/permissions/a-broken-connection-gets-a-fresh-url",
                   test_a_broken_connection_gets_a_fresh_url);
  g_test_add_func ("/permissions/workers-share-one-batch", test_workers_share_one_batch);
  return g_test_run ();
}
