/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "request-fixture.h"

#include "streamer-error.h"
#include "streamer-skew.h"

static void
assert_action (RequestFixture *fixture, guint index, const char *expected)
{
  g_autofree char *action = request_fixture_get_action (fixture, index);

  g_assert_cmpstr (action, ==, expected);
}

static void
assert_header (ScriptServer *server, guint index, const char *name, const char *expected)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *value = NULL;

  script_server_get (server, index, &request);
  value = script_request_get_header (&request, name);
  g_assert_cmpstr (value, ==, expected);
}

static GArray *
new_parts (void)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (StreamerStoredPart));

  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  return parts;
}

#define PART(number, size, etag)                                                                   \
  "{\"number\": " number ", \"size\": " size ", \"etag\": \"\\\"" etag "\\\"\"}"
#define ALL_PARTS                                                                                  \
  "[" PART ("1", "100", "etag-1") ", " PART ("2", "100", "etag-2") ", " PART ("3", "50",           \
                                                                              "etag-3") "]"

/* As all parts of the fixture's upload were put. */
static GArray *
new_sent_parts (void)
{
  GArray *parts = new_parts ();

  for (guint number = 1; number <= 3; number++)
    {
      StreamerStoredPart part = { .number = number,
                                  .size = number == 3 ? 50 : 100,
                                  .etag = g_strdup_printf ("\"etag-%u\"", number) };

      g_array_append_val (parts, part);
    }
  return parts;
}

static void
test_parts_go_up_and_become_an_object (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GArray) parts = new_parts ();
  g_autoptr (StreamerStoredObject) object = NULL;
  g_autoptr (JsonObject) begin = NULL;
  g_autoptr (JsonObject) finish = NULL;
  g_autofree char *crc32 = g_strdup_printf ("%08x", fixture->file->crc32);
  g_autoptr (GError) error = NULL;
  JsonObject *second;

  request_fixture_begin (fixture);
  g_assert_cmpstr (fixture->upload->upload_id, ==, "upload-1");
  request_fixture_answer_presign (fixture, 1, 3, NULL);
  for (guint number = 1; number <= 3; number++)
    {
      g_autofree char *etag = g_strdup_printf ("\"etag-%u\"", number);

      request_fixture_take_part (fixture, etag);
      request_fixture_put_ok (fixture, number, parts);
      g_assert_cmpstr (g_array_index (parts, StreamerStoredPart, number - 1).etag, ==, etag);
    }

  request_fixture_answer (fixture, ALL_PARTS);
  request_fixture_answer (fixture, "{\"key\": \"team-a/ä b.bin\", \"size\": 250,"
                                   " \"etag\": \"\\\"all\\\"\", \"url\": \"https://d/x?a=b\"}");
  object = streamer_store_finish (fixture->store, fixture->http, fixture->upload, parts,
                                  fixture->file->crc32, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (object->size, ==, 250);
  g_assert_cmpstr (object->etag, ==, "\"all\"");
  g_assert_cmpstr (object->url, ==, "https://d/x?a=b");

  g_assert_cmpuint (script_server_count (fixture->backend), ==, 5);
  assert_action (fixture, 0, "capabilities");
  assert_action (fixture, 2, "presign");
  assert_action (fixture, 3, "parts");
  begin = request_fixture_get_body (fixture, 1);
  g_assert_cmpstr (json_object_get_string_member (begin, "action"), ==, "begin");
  g_assert_cmpstr (json_object_get_string_member (begin, "key"), ==, "team-a/ä b.bin");
  g_assert_cmpint (json_object_get_int_member (begin, "size"), ==, 250);
  g_assert_cmpint (json_object_get_int_member (begin, "part_size"), ==, 100);
  g_assert_cmpstr (json_object_get_string_member (begin, "content_type"), ==, "text/plain");
  g_assert_false (json_object_get_boolean_member (begin, "overwrite"));
  g_assert_cmpstr (json_object_get_string_member (begin, "resume_id"), ==,
                   fixture->upload->resume_id);

  finish = request_fixture_get_body (fixture, 4);
  g_assert_cmpstr (json_object_get_string_member (finish, "upload_id"), ==, "upload-1");
  second = json_array_get_object_element (json_object_get_array_member (finish, "parts"), 1);
  g_assert_cmpint (json_object_get_int_member (second, "number"), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (second, "etag"), ==, "\"etag-2\"");
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (finish, "checksum"), "crc32"),
      ==, crc32);
}

static void
test_parts_arrive_whole (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  StreamerStoredPart stored = { 0 };
  g_auto (ScriptRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  request_fixture_begin (fixture);
  request_fixture_answer_presign (fixture, 3, 3, NULL);
  request_fixture_take_part (fixture, "\"3\"");
  g_assert_true (request_fixture_put (fixture, 3, &stored, &error));
  g_assert_no_error (error);

  script_server_get (fixture->bucket, 0, &request);
  g_assert_true (request.complete);
  g_assert_cmpuint (request.body_length, ==, 50);
  g_assert_cmphex (request.body_crc32, ==, stored.crc32);
  g_assert_cmpuint (stored.size, ==, 50);
  streamer_stored_part_clear (&stored);
}

static void
test_secrets_go_to_the_request_url_alone (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_auto (ScriptRequest) request = { 0 };

  request_fixture_begin (fixture);
  request_fixture_answer_presign (fixture, 1, 3, NULL);
  request_fixture_take_part (fixture, "\"1\"");
  request_fixture_put_ok (fixture, 1, NULL);

  for (guint i = 0; i < 3; i++)
    {
      assert_header (fixture->backend, i, "Authorization", "Bearer " FIXTURE_TOKEN);
      assert_header (fixture->backend, i, "x-api-key", FIXTURE_API_KEY);
    }
  assert_header (fixture->bucket, 0, "Authorization", NULL);
  assert_header (fixture->bucket, 0, "x-api-key", NULL);
  assert_header (fixture->bucket, 0, "x-amz-meta-Part", "1");
  script_server_get (fixture->bucket, 0, &request);
  g_assert_null (strstr (request.head, FIXTURE_TOKEN));
  g_assert_null (strstr (request.head, FIXTURE_API_KEY));
}

static void
test_the_key_is_in_the_query_for_logs (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_auto (ScriptRequest) request = { 0 };

  request_fixture_begin (fixture);
  script_server_get (fixture->backend, 1, &request);
  g_assert_true (g_str_has_prefix (
      request.head, "POST /upload/request?filename=team-a%2F%C3%A4%20b.bin HTTP/1.1\r\n"));
}

static void
answer_put (RequestFixture *fixture)
{
  g_autofree char *status = g_strdup_printf (
      "{\"upload_id\": \"upload-1\", \"part_size\": %" G_GUINT64_FORMAT ", \"put\":"
      " {\"method\": \"PUT\", \"url\": \"%s/bucket/whole?X-Sign=SIGNATURE-0\","
      " \"headers\": {\"If-None-Match\": \"*\"}}}",
      fixture->upload->part_size, script_server_get_url (fixture->bucket));

  request_fixture_answer (fixture, status);
}

static void
test_an_object_of_one_part_is_put_whole (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autoptr (GError) error = NULL;

  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  answer_put (fixture);
  g_assert_true (
      streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, &error));
  g_assert_no_error (error);
  request_fixture_take_part (fixture, "\"whole\"");
  request_fixture_put_ok (fixture, 1, NULL);

  g_assert_cmpuint (script_server_count (fixture->backend), ==, 2);
  assert_header (fixture->bucket, 0, "If-None-Match", "*");
}

static void
test_an_expired_whole_put_begins_again (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autoptr (JsonObject) first = NULL;
  g_autoptr (JsonObject) second = NULL;

  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  answer_put (fixture);
  g_assert_true (streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, NULL));
  script_server_add_answer (fixture->bucket, 403, "<Error><Code>AccessDenied</Code></Error>");
  request_fixture_put_fails (fixture, 1, STREAMER_ERROR_EXPIRED);

  answer_put (fixture);
  request_fixture_take_part (fixture, "\"whole\"");
  request_fixture_put_ok (fixture, 1, NULL);

  g_assert_cmpuint (script_server_count (fixture->backend), ==, 3);
  first = request_fixture_get_body (fixture, 1);
  second = request_fixture_get_body (fixture, 2);
  g_assert_cmpstr (json_object_get_string_member (second, "action"), ==, "begin");
  g_assert_cmpstr (json_object_get_string_member (second, "resume_id"), ==,
                   json_object_get_string_member (first, "resume_id"));
}

static void
test_capabilities_are_asked_for_once (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  StreamerLimits limits = { 0 };

  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  for (guint i = 0; i < 3; i++)
    g_assert_true (streamer_store_get_limits (fixture->store, fixture->http, &limits, NULL, NULL));
  g_assert_cmpuint (limits.min_part_size, ==, 1);
  g_assert_cmpuint (limits.max_part_size, ==, G_GUINT64_CONSTANT (5368709120));
  g_assert_cmpuint (limits.max_parts, ==, 10000);
  g_assert_cmpuint (limits.max_object_size, ==, G_GUINT64_CONSTANT (5497558138880));
  g_assert_cmpuint (script_server_count (fixture->backend), ==, 1);
}

static gpointer
get_limits_on_a_worker (gpointer data)
{
  RequestFixture *fixture = data;
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  StreamerLimits limits = { 0 };

  g_assert_true (streamer_store_get_limits (fixture->store, http, &limits, NULL, NULL));
  g_assert_cmpuint (limits.max_parts, ==, 10000);
  return NULL;
}

static void
test_workers_ask_for_capabilities_once (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  GThread *threads[6];

  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("worker", get_limits_on_a_worker, fixture);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (script_server_count (fixture->backend), ==, 1);
}

static void
test_a_changed_server_is_asked_again (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GError) error = NULL;
  StreamerLimits limits;

  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  request_fixture_answer (fixture, "\"an old server's upload id\"");
  g_assert_false (
      streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);

  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  g_assert_true (streamer_store_get_limits (fixture->store, fixture->http, &limits, NULL, NULL));
  assert_action (fixture, 2, "capabilities");
}

static void
test_a_size_that_is_not_known_is_null (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  StreamerPlan plan = { .size = STREAMER_SIZE_UNKNOWN, .part_size = 100, .n_parts = 10000 };
  g_autoptr (StreamerUpload) pipe = streamer_upload_new ("pipe", &plan, "text/plain", TRUE);
  g_autoptr (JsonObject) begin = NULL;
  g_autoptr (JsonObject) presign = NULL;
  g_autoptr (StreamerPartStream) last = test_file_get_part (fixture->file, 3, NULL);
  g_autoptr (GError) error = NULL;
  StreamerStoredPart stored = { 0 };
  JsonArray *asked;

  request_fixture_answer_begin (fixture);
  g_assert_true (streamer_store_begin (fixture->store, fixture->http, pipe, NULL, &error));
  g_assert_no_error (error);
  begin = request_fixture_get_body (fixture, 1);
  g_assert_true (json_object_get_null_member (begin, "size"));

  /* Only the part's own length is known: what follows is taken to be full. */
  request_fixture_answer_presign (fixture, 3, 3, NULL);
  request_fixture_take_part (fixture, "\"3\"");
  g_assert_true (streamer_store_put_part (fixture->store, fixture->http, pipe, 3, last, &stored,
                                          NULL, &error));
  g_assert_no_error (error);
  streamer_stored_part_clear (&stored);
  presign = request_fixture_get_body (fixture, 2);
  asked = json_object_get_array_member (presign, "parts");
  g_assert_cmpint (json_object_get_int_member (json_array_get_object_element (asked, 0), "size"),
                   ==, 50);
  g_assert_cmpint (json_object_get_int_member (json_array_get_object_element (asked, 1), "size"),
                   ==, 100);
}

static void
test_parts_that_the_store_has_are_listed (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) error = NULL;
  const StreamerStoredPart *part;

  request_fixture_begin (fixture);
  request_fixture_answer (fixture, "[{\"number\": 1, \"size\": 100, \"etag\": \"\\\"a\\\"\"},"
                                   " {\"number\": 3, \"size\": 50}]");
  parts = streamer_store_list_parts (fixture->store, fixture->http, fixture->upload, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (parts->len, ==, 2);
  part = &g_array_index (parts, StreamerStoredPart, 0);
  g_assert_cmpstr (part->etag, ==, "\"a\"");
  part = &g_array_index (parts, StreamerStoredPart, 1);
  g_assert_cmpuint (part->number, ==, 3);
  g_assert_cmpuint (part->size, ==, 50);
  g_assert_cmpstr (part->etag, ==, "");
}

static void
test_cancelling_what_is_gone_is_fine (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GError) error = NULL;

  request_fixture_begin (fixture);
  request_fixture_answer (fixture, "{}");
  script_server_add_answer (fixture->backend, 404,
                            "{\"status\": \"no such upload\", \"status_code\": 404}");
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (
          streamer_store_cancel (fixture->store, fixture->http, fixture->upload, NULL, &error));
      g_assert_no_error (error);
    }
  assert_action (fixture, 2, "cancel");
}

static void
test_removing_what_is_not_there_says_so (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (GError) error = NULL;

  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  request_fixture_answer (fixture, "{}");
  g_assert_true (streamer_store_remove (fixture->store, fixture->http, "a/b", NULL, &error));
  g_assert_no_error (error);
  body = request_fixture_get_body (fixture, 1);
  g_assert_cmpstr (json_object_get_string_member (body, "key"), ==, "a/b");

  script_server_add_answer (fixture->backend, 404,
                            "{\"status\": \"Document does not exist.\", \"status_code\": 404}");
  g_assert_false (streamer_store_remove (fixture->store, fixture->http, "a/b", NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_assert_cmpuint (streamer_error_get_status_code (error), ==, 404);
  g_assert_nonnull (strstr (error->message, "Document does not exist."));
}

static void
test_what_is_stored_is_asked_for (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (StreamerStoredObject) object = NULL;
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (GError) error = NULL;

  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  request_fixture_answer (fixture, "{\"exists\": true, \"size\": 7, \"etag\": \"\\\"e\\\"\","
                                   " \"url\": \"https://x.example/?signature=s\"}");
  object = streamer_store_stat (fixture->store, fixture->http, "a/b", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (object->size, ==, 7);
  g_assert_cmpstr (object->etag, ==, "\"e\"");
  g_assert_null (object->url);
  body = request_fixture_get_body (fixture, 1);
  g_assert_cmpstr (json_object_get_string_member (body, "key"), ==, "a/b");

  request_fixture_answer (fixture, "{\"exists\": false}");
  g_assert_null (streamer_store_stat (fixture->store, fixture->http, "a/b", NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_clear_error (&error);

  request_fixture_answer (fixture, "{\"exists\": true, \"size\": -7}");
  g_assert_null (streamer_store_stat (fixture->store, fixture->http, "a/b", NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
}

static void
test_a_backend_lists_nobodys_uploads (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_store_list_unfinished (fixture->store, fixture->http, "", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_cmpuint (script_server_count (fixture->backend), ==, 0);
}

static void
test_links_are_asked_for (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (JsonObject) body = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  request_fixture_answer (fixture, "{\"url\": \"https://x.example/a/b?signature=s\","
                                   " \"expires\": \"2026-11-28T12:00:00Z\"}");
  url = streamer_store_link (fixture->store, fixture->http, "a/b", 3600, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, "https://x.example/a/b?signature=s");
  body = request_fixture_get_body (fixture, 1);
  g_assert_cmpstr (json_object_get_string_member (body, "action"), ==, "link");
  g_assert_cmpstr (json_object_get_string_member (body, "key"), ==, "a/b");
  g_assert_cmpint (json_object_get_int_member (body, "expires_in"), ==, 3600);
}

static void
test_links_that_are_not_given_say_why (void)
{
  static const struct
  {
    guint status;
    const char *answer;
    StreamerError code;
  } cases[] = {
    { 403, "{\"status\": \"No.\", \"status_code\": 403}", STREAMER_ERROR_FORBIDDEN },
    { 404, "{\"status\": \"None.\", \"status_code\": 404}", STREAMER_ERROR_NOT_FOUND },
    { 200, "{\"status\": {\"url\": \"javascript:0\"}, \"status_code\": 200}",
      STREAMER_ERROR_PROTOCOL },
    { 200, "{\"status\": {\"expires\": \"\"}, \"status_code\": 200}", STREAMER_ERROR_PROTOCOL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      g_autoptr (GError) error = NULL;

      request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
      script_server_add_answer (fixture->backend, cases[i].status, cases[i].answer);
      g_assert_null (streamer_store_link (fixture->store, fixture->http, "a/b", 60, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, (int) cases[i].code);
    }
}

static void
test_the_domain_of_the_server_makes_links (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GArray) parts = new_sent_parts ();
  g_autoptr (StreamerStoredObject) object = NULL;
  g_autoptr (GError) error = NULL;

  request_fixture_answer (fixture,
                          "{\"version\": 3, \"min_part_size\": 1, \"max_part_size\": 1000,"
                          " \"max_parts\": 10000, \"max_object_size\": 100000, \"max_urls\": 3,"
                          " \"domain\": \"https://files.example.org/d\"}");
  request_fixture_answer (fixture, "{\"upload_id\": \"upload-1\"}");
  g_assert_true (streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, NULL));
  request_fixture_answer (fixture, ALL_PARTS);
  request_fixture_answer (fixture, "{\"key\": \"team-a/ä b.bin\", \"size\": 250}");
  object = streamer_store_finish (fixture->store, fixture->http, fixture->upload, parts, 0, NULL,
                                  &error);
  g_assert_no_error (error);
  g_assert_cmpstr (object->url, ==, "https://files.example.org/d/team-a/%C3%A4%20b.bin");
}

static gpointer
cancel_when_asked (gpointer data)
{
  gpointer *pair = data;

  script_server_wait_for (pair[0], 0, 1);
  g_cancellable_cancel (pair[1]);
  return NULL;
}

static void
test_a_request_can_be_cancelled (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ScriptStep stall = { .read_body = SCRIPT_WHOLE_BODY, .then = SCRIPT_STALL };
  gpointer pair[] = { fixture->backend, cancellable };
  g_autoptr (GError) error = NULL;
  StreamerLimits limits;
  GThread *thread;

  script_server_add (fixture->backend, &stall);
  thread = g_thread_new ("cancel", cancel_when_asked, pair);
  g_assert_false (
      streamer_store_get_limits (fixture->store, fixture->http, &limits, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

/* What takes long says no more than when it began. */
static void
test_clock_is_compared_with_the_servers (void)
{
  static const gint64 offsets[] = { 3 * 3600, -3 * 3600, 0 };
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  StreamerSkew skew = { 0 };

  request_fixture_begin (fixture);
  g_assert_cmpint (streamer_store_get_clock_offset (fixture->store), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
      g_autoptr (GDateTime) theirs = g_date_time_add_seconds (now, (double) offsets[i]);
      g_autofree char *date = soup_date_time_to_string (theirs, SOUP_DATE_HTTP);
      g_autofree char *answer =
          g_strdup_printf ("HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\n"
                           "Content-Length: 35\r\n\r\n{\"status\": [], \"status_code\": 200 }",
                           date);
      g_autoptr (GArray) parts = NULL;

      script_server_add (fixture->backend,
                         &(ScriptStep){ .read_body = SCRIPT_WHOLE_BODY, .answer = answer });
      parts =
          streamer_store_list_parts (fixture->store, fixture->http, fixture->upload, NULL, NULL);
      g_assert_nonnull (parts);
      g_assert_cmpint (ABS (streamer_store_get_clock_offset (fixture->store) - offsets[i]), <=, 2);
    }

  streamer_skew_learn (&skew, 0, 3600 * (gint64) G_USEC_PER_SEC, 10);
  g_assert_cmpint (streamer_skew_get (&skew), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func ("/request-store/" name, func)
  ADD ("parts-go-up-and-become-an-object", test_parts_go_up_and_become_an_object);
  ADD ("parts-arrive-whole", test_parts_arrive_whole);
  ADD ("secrets-go-to-the-request-url-alone", test_secrets_go_to_the_request_url_alone);
  ADD ("the-key-is-in-the-query-for-logs", test_the_key_is_in_the_query_for_logs);
  ADD ("an-object-of-one-part-is-put-whole", test_an_object_of_one_part_is_put_whole);
  ADD ("an-expired-whole-put-begins-again", test_an_expired_whole_put_begins_again);
  ADD ("capabilities-are-asked-for-once", test_capabilities_are_asked_for_once);
  ADD ("workers-ask-for-capabilities-once", test_workers_ask_for_capabilities_once);
  ADD ("a-changed-server-is-asked-again", test_a_changed_server_is_asked_again);
  ADD ("a-size-that-is-not-known-is-null", test_a_size_that_is_not_known_is_null);
  ADD ("parts-that-the-store-has-are-listed", test_parts_that_the_store_has_are_listed);
  ADD ("cancelling-what-is-gone-is-fine", test_cancelling_what_is_gone_is_fine);
  ADD ("removing-what-is-not-there-says-so", test_removing_what_is_not_there_says_so);
  ADD ("what-is-stored-is-asked-for", test_what_is_stored_is_asked_for);
  ADD ("a-backend-lists-nobodys-uploads", test_a_backend_lists_nobodys_uploads);
  ADD ("links-are-asked-for", test_links_are_asked_for);
  ADD ("links-that-are-not-given-say-why", test_links_that_are_not_given_say_why);
  ADD ("the-domain-of-the-server-makes-links", test_the_domain_of_the_server_makes_links);
  ADD ("a-request-can-be-cancelled", test_a_request_can_be_cancelled);
  ADD ("clock-is-compared-with-the-servers", test_clock_is_compared_with_the_servers);
#undef ADD
  return g_test_run ();
}
