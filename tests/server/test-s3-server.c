/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The request API before a bucket: what a client sees of it. */

#include <string.h>

#include "fake-s3.h"
#include "server-fixture.h"
#include "streamer-http.h"

#define PART_SIZE (5 * STREAMER_MIB)

typedef struct
{
  ServerFixture server;
  FakeS3 *s3;
  StreamerHttp *http;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  StreamerStorageConfig *config = &fixture->server.config;

  g_setenv ("AWS_ACCESS_KEY_ID", FAKE_S3_ACCESS_KEY, TRUE);
  g_setenv ("AWS_SECRET_ACCESS_KEY", FAKE_S3_SECRET_KEY, TRUE);
  fixture->s3 = fake_s3_new ();
  fixture->http = streamer_http_new ();
  server_fixture_set_up (&fixture->server, data);
  g_free (config->kind);
  config->kind = g_strdup ("s3");
  config->endpoint = g_strdup (fake_s3_get_url (fixture->s3));
  config->region = g_strdup (FAKE_S3_REGION);
  config->bucket = g_strdup (FAKE_S3_BUCKET);
  config->path_style = TRUE;
  server_fixture_restart (&fixture->server);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  server_fixture_tear_down (&fixture->server, data);
  g_clear_object (&fixture->http);
  g_clear_pointer (&fixture->s3, fake_s3_free);
}

/* Sends @size bytes as the answer of the request API says. Returns: (transfer full): the ETag */
static char *
send_signed (Fixture *fixture, JsonObject *request, gsize size)
{
  JsonObject *members = json_object_get_object_member (request, "headers");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GList) names = json_object_get_members (members);
  g_autofree char *body = g_strnfill (size, 'a');
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) headers = NULL;

  g_assert_cmpstr (json_object_get_string_member (request, "method"), ==, "PUT");
  for (GList *at = names; at; at = at->next)
    g_strv_builder_add_many (builder, at->data, json_object_get_string_member (members, at->data),
                             NULL);
  headers = g_strv_builder_end (builder);
  streamer_http_send_text (fixture->http, "PUT", json_object_get_string_member (request, "url"),
                           (const char *const *) headers, body, STREAMER_HTTP_DEFAULT, &answer,
                           NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer.status, ==, 200);
  return g_strdup (soup_message_headers_get_one (answer.headers, "ETag"));
}

static void
test_capabilities (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) envelope =
      api_call (&fixture->server, ALICE, "{'action': 'capabilities'}");
  JsonObject *status = api_done (envelope);

  g_assert_cmpint (json_object_get_int_member (status, "min_part_size"), ==, PART_SIZE);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (status, "checksums")), ==,
                    0);
  g_assert_true (json_object_get_boolean_member (status, "unknown_size"));
}

static void
test_upload_in_parts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (&fixture->server, "a/k", PART_SIZE + 10, PART_SIZE, FALSE);
  g_autofree char *first = NULL, *second = NULL;
  g_autoptr (JsonObject) signed_parts = NULL, parts = NULL, finished = NULL, again = NULL;
  JsonArray *requests;
  guint64 size;

  signed_parts = api_call (&fixture->server, ALICE,
                           "{'action': 'presign', 'upload_id': '%s', 'parts': [{'number': 2, "
                           "'size': 10}, {'number': 1, 'size': %" G_GUINT64_FORMAT "}]}",
                           id, PART_SIZE);
  requests = api_done_array (signed_parts);
  second = send_signed (fixture, json_array_get_object_element (requests, 0), 10);
  first = send_signed (fixture, json_array_get_object_element (requests, 1), PART_SIZE);
  parts = api_call (&fixture->server, ALICE, "{'action': 'parts', 'upload_id': '%s'}", id);
  g_assert_cmpuint (json_array_get_length (api_done_array (parts)), ==, 2);

  server_fixture_restart (&fixture->server);
  finished = api_call (&fixture->server, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  again = api_call (&fixture->server, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  g_assert_cmpint (json_object_get_int_member (api_done (finished), "size"), ==, PART_SIZE + 10);
  g_assert_cmpstr (json_object_get_string_member (api_done (finished), "etag"), ==,
                   json_object_get_string_member (api_done (again), "etag"));
  g_assert_true (g_str_has_prefix (json_object_get_string_member (api_done (finished), "url"),
                                   fake_s3_get_url (fixture->s3)));
  g_assert_true (fake_s3_find (fixture->s3, "a/k", &size));
  g_assert_cmpuint (size, ==, PART_SIZE + 10);
}

static void
test_many_small_objects (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) begin = g_string_new ("{'action': 'begin', 'items': [");
  g_autoptr (GString) finish = g_string_new ("{'action': 'finish', 'items': [");
  g_autoptr (JsonObject) begun = NULL, finished = NULL;

  for (guint i = 0; i < 20; i++)
    g_string_append_printf (begin,
                            "%s{'key': 'many/%u', 'size': %u, 'resume_id': '0123456789abcdef%u'}",
                            i ? "," : "", i, i, i);
  g_string_append (begin, "]}");
  begun = api_call (&fixture->server, ALICE, "%s", begin->str);
  for (guint i = 0; i < 20; i++)
    {
      JsonObject *item = json_array_get_object_element (api_done_array (begun), i);
      g_autofree char *etag = send_signed (fixture, json_object_get_object_member (item, "put"), i);

      g_string_append_printf (
          finish, "%s{'upload_id': '%s', 'parts': [{'number': 1, 'etag': '%.32s'}]}", i ? "," : "",
          json_object_get_string_member (item, "upload_id"), etag + strlen ("\""));
    }
  g_string_append (finish, "]}");
  finished = api_call (&fixture->server, ALICE, "%s", finish->str);
  for (guint i = 0; i < 20; i++)
    {
      JsonObject *item = json_array_get_object_element (api_done_array (finished), i);

      g_assert_cmpint (json_object_get_int_member (item, "size"), ==, i);
    }
}

static void
test_upload_of_somebody_else (Fixture *fixture, gconstpointer data)
{
  static const char *const actions[] = { "parts", "finish", "cancel" };
  g_autofree char *id =
      begin_upload (&fixture->server, "team-b/k", 2 * PART_SIZE, PART_SIZE, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autoptr (JsonObject) envelope =
          api_call (&fixture->server, BOB, "{'action': '%s', 'upload_id': '%s'}", actions[i], id);

      api_assert_failed (envelope, 404, "no_upload");
    }
  g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 1);
}

/* The store's refusal of the server's keys is not a refusal of the client's token. */
static void
test_faults_of_the_store (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) refused = NULL, busy = NULL;

  fake_s3_refuse (fixture->s3, FAKE_S3_HEAD, 1, 403, "AccessDenied");
  refused = api_call (&fixture->server, ALICE, "{'action': 'stat', 'key': 'k'}");
  api_assert_failed (refused, 500, "internal");
  fake_s3_refuse (fixture->s3, FAKE_S3_HEAD, 1, 503, "SlowDown");
  busy = api_call (&fixture->server, ALICE, "{'action': 'stat', 'key': 'k'}");
  api_assert_failed (busy, 503, "busy");
}

static void
test_stat_remove_link (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) stat = NULL, link = NULL, removed = NULL, again = NULL;

  fake_s3_add (fixture->s3, "a/k", 3);
  stat = api_call (&fixture->server, ALICE, "{'action': 'stat', 'key': 'a/k'}");
  g_assert_cmpint (json_object_get_int_member (api_done (stat), "size"), ==, 3);
  link = api_call (&fixture->server, ALICE, "{'action': 'link', 'key': 'a/k', 'expires_in': 60}");
  g_assert_nonnull (
      strstr (json_object_get_string_member (api_done (link), "url"), "X-Amz-Signature="));
  removed = api_call (&fixture->server, ALICE, "{'action': 'remove', 'key': 'a/k'}");
  api_done (removed);
  again = api_call (&fixture->server, ALICE, "{'action': 'remove', 'key': 'a/k'}");
  api_assert_failed (again, 404, "not_found");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/s3-server/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("capabilities", test_capabilities);
  ADD ("upload-in-parts", test_upload_in_parts);
  ADD ("many-small-objects", test_many_small_objects);
  ADD ("upload-of-somebody-else", test_upload_of_somebody_else);
  ADD ("faults-of-the-store", test_faults_of_the_store);
  ADD ("stat-remove-link", test_stat_remove_link);
  return g_test_run ();
}
