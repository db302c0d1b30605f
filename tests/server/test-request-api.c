/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "server-fixture.h"

#define EXISTS "Document already exists and overwrite is not set."
#define ID     "00112233445566778899aabbccddeeff"

static void
test_capabilities (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) alices = api_call (fixture, ALICE, "{'action': 'capabilities'}");
  g_autoptr (JsonObject) bobs = api_call (fixture, BOB, "{'action': 'capabilities'}");
  JsonObject *status = api_done (alices);
  JsonArray *prefixes = json_object_get_array_member (api_done (bobs), "prefixes");

  g_assert_cmpint (json_object_get_int_member (status, "version"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (status, "max_parts"), ==, 10000);
  g_assert_cmpint (json_object_get_int_member (status, "min_part_size"), >=, 1);
  g_assert_cmpint (json_object_get_int_member (status, "max_part_size"), ==,
                   G_GINT64_CONSTANT (5) << 30);
  g_assert_true (json_object_get_boolean_member (status, "unknown_size"));
  g_assert_true (json_object_get_null_member (status, "domain"));
  g_assert_cmpstr (
      json_array_get_string_element (json_object_get_array_member (status, "checksums"), 0), ==,
      "crc32");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (status, "prefixes")), ==,
                    0);
  g_assert_cmpstr (json_array_get_string_element (prefixes, 0), ==, "team-b/");
}

static void
test_token_is_needed (ServerFixture *fixture, gconstpointer data)
{
  const char *wrong[] = { "", "x", "alice", ALICE "x" };
  g_auto (Reply) reply = { 0 };
  g_autoptr (GBytes) body = g_bytes_new_static ("{\"action\":\"capabilities\"}", 25);

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (JsonObject) envelope =
          api_call (fixture, wrong[i], "{'action': 'stat', 'key': 'a'}");

      api_assert_failed (envelope, 401, "auth");
    }
  client_request (fixture, "POST", "/upload/request", NULL, body, &reply);
  g_assert_cmpuint (reply.status, ==, 401);
}

/* An old client prints `status`, whatever it is that it gets. */
static void
test_unknown_actions_get_a_sentence (ServerFixture *fixture, gconstpointer data)
{
  const char *actions[] = { "", "BEGIN", "Create", "geturl ", "update" };

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autoptr (JsonObject) envelope =
          api_call (fixture, ALICE, "{'action': '%s', 'filesize': '12'}", actions[i]);

      api_assert_failed (envelope, 400, "invalid");
      g_assert_nonnull (
          strstr (json_object_get_string_member (envelope, "status"), "versions 1 and 2"));
    }
}

static void
test_bad_request (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) envelope = api_call (fixture, ALICE, "%s", (const char *) data);

  api_assert_failed (envelope, 400, "invalid");
  g_assert_cmpuint (count_open_files (fixture), ==, 0);
}

static void
test_deep_json (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *brackets = g_strnfill (200000, '[');
  g_autoptr (JsonObject) envelope = api_call (fixture, ALICE, "%s", brackets);

  api_assert_failed (envelope, 400, "invalid");
}

static void
test_parts_become_an_object (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (2500, 1);
  g_autofree char *id = begin_upload (fixture, "a/b/c", 2500, 1000, FALSE);
  g_autoptr (JsonObject) none = NULL, some = NULL, finished = NULL, again = NULL, stat = NULL;
  g_auto (GStrv) etags = g_new0 (char *, 4);
  const char *url;

  none = api_call (fixture, ALICE, "{'action': 'stat', 'key': 'a/b/c'}");
  g_assert_false (json_object_get_boolean_member (api_done (none), "exists"));

  /* In any order. */
  for (guint number = 3; number >= 1; number--)
    {
      g_autoptr (GBytes) part =
          g_bytes_new_from_bytes (bytes, (number - 1) * 1000, number == 3 ? 500 : 1000);

      etags[number - 1] = put_part (fixture, id, number, part);
    }
  some = api_call (fixture, ALICE, "{'action': 'parts', 'upload_id': '%s'}", id);
  g_assert_cmpuint (json_array_get_length (api_done_array (some)), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      JsonObject *part = json_array_get_object_element (api_done_array (some), i);

      g_assert_cmpint (json_object_get_int_member (part, "number"), ==, i + 1);
      g_assert_cmpint (json_object_get_int_member (part, "size"), ==, i == 2 ? 500 : 1000);
      g_assert_cmpstr (json_object_get_string_member (part, "etag"), ==, etags[i]);
    }

  for (guint i = 0; i < 3; i++)
    g_strdelimit (etags[i], "\"", ' ');
  finished = api_call (fixture, ALICE,
                       "{'action': 'finish', 'upload_id': '%s', 'checksum': {'crc32': '%08x'},"
                       " 'parts': [{'number': 2, 'etag': '\\'%s\\''},"
                       " {'number': 1, 'etag': '%s'}, {'number': 3, 'etag': '%s'}]}",
                       id, bytes_crc32 (bytes), g_strstrip (etags[1]), g_strstrip (etags[0]),
                       g_strstrip (etags[2]));
  url = json_object_get_string_member (api_done (finished), "url");
  g_assert_cmpint (json_object_get_int_member (api_done (finished), "size"), ==, 2500);
  g_assert_cmpstr (json_object_get_string_member (api_done (finished), "key"), ==, "a/b/c");
  assert_download (fixture, url, bytes);
  g_assert_cmpuint (count_open_files (fixture), ==, 0);

  again = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  g_assert_true (json_object_equal (api_done (again), api_done (finished)));
  stat = api_call (fixture, ALICE, "{'action': 'stat', 'key': 'a/b/c'}");
  g_assert_true (json_object_get_boolean_member (api_done (stat), "exists"));
  g_assert_cmpstr (json_object_get_string_member (api_done (stat), "etag"), ==,
                   json_object_get_string_member (api_done (finished), "etag"));
  g_assert_cmpstr (json_object_get_string_member (api_done (stat), "url"), ==, url);
}

static void
test_one_part_is_put_whole (ServerFixture *fixture, gconstpointer data)
{
  for (gsize size = 0; size < 2; size++)
    {
      g_autoptr (GBytes) bytes = make_bytes (size, 2);
      g_autoptr (JsonObject) begun =
          api_call (fixture, ALICE,
                    "{'action': 'begin', 'key': 'small%zu', 'size': %zu, 'part_size': 5242880,"
                    " 'content_type': 'text/plain', 'overwrite': false, 'resume_id': '" ID "%zu'}",
                    size, size, size);
      JsonObject *put = json_object_get_object_member (api_done (begun), "put");
      g_autoptr (JsonObject) finished = NULL;
      g_auto (Reply) reply = { 0 };

      g_assert_cmpstr (json_object_get_string_member (put, "method"), ==, "PUT");
      g_assert_nonnull (json_object_get_object_member (put, "headers"));
      client_request (fixture, "PUT", json_object_get_string_member (put, "url"), NULL, bytes,
                      &reply);
      g_assert_cmpuint (reply.status, ==, 200);
      finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}",
                           json_object_get_string_member (api_done (begun), "upload_id"));
      assert_download (fixture, json_object_get_string_member (api_done (finished), "url"), bytes);
    }
}

/* A pipe: the sizes are known when it ends. */
static void
test_unknown_size (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) first = make_bytes (1000, 3);
  g_autoptr (GBytes) last = make_bytes (1, 4);
  g_autoptr (JsonObject) begun =
      api_call (fixture, ALICE,
                "{'action': 'begin', 'key': 'pipe', 'size': null, 'part_size': 1000,"
                " 'resume_id': '" ID "'}");
  const char *id = json_object_get_string_member (api_done (begun), "upload_id");
  g_autoptr (JsonObject) gap = NULL, finished = NULL, too_long = NULL;
  g_autofree char *etag = NULL, *other = NULL;

  g_assert_false (json_object_has_member (api_done (begun), "put"));
  other = put_part (fixture, id, 2, last);
  gap = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  api_assert_failed (gap, 422, "checksum");
  too_long = api_call (fixture, ALICE,
                       "{'action': 'presign', 'upload_id': '%s', 'parts':"
                       " [{'number': 3, 'size': 1001}]}",
                       id);
  api_assert_failed (too_long, 400, "invalid");
  etag = put_part (fixture, id, 1, first);
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  g_assert_cmpint (json_object_get_int_member (api_done (finished), "size"), ==, 1001);
}

static void
test_parts_of_unknown_size_are_equal (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 3);
  g_autoptr (JsonObject) begun =
      api_call (fixture, ALICE,
                "{'action': 'begin', 'key': 'pipe', 'size': null, 'part_size': 1000,"
                " 'resume_id': '" ID "'}");
  const char *id = json_object_get_string_member (api_done (begun), "upload_id");
  g_autofree char *first = put_part (fixture, id, 1, bytes);
  g_autofree char *second = put_part (fixture, id, 2, bytes);
  g_autoptr (JsonObject) finished =
      api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);

  api_assert_failed (finished, 422, "checksum");
}

static void
test_begin_again_gives_the_same_upload (ServerFixture *fixture, gconstpointer data)
{
  const char *body = "{'action': 'begin', 'key': '%s', 'size': %d, 'part_size': 1000,"
                     " 'resume_id': '" ID "'}";
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autoptr (JsonObject) first = NULL, second = NULL, other_key = NULL, other_size = NULL;
  g_autoptr (JsonObject) finished = NULL, after = NULL, bobs = NULL;
  g_autofree char *etag = NULL;
  const char *id;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  first = api_call (fixture, ALICE, body, "k", 10);
  second = api_call (fixture, ALICE, body, "k", 10);
  other_key = api_call (fixture, ALICE, body, "l", 10);
  other_size = api_call (fixture, ALICE, body, "k", 11);
  bobs = api_call (fixture, BOB, body, "team-b/k", 10);
#pragma GCC diagnostic pop
  id = json_object_get_string_member (api_done (first), "upload_id");
  g_assert_cmpstr (json_object_get_string_member (api_done (second), "upload_id"), ==, id);
  api_assert_failed (other_key, 400, "invalid");
  api_assert_failed (other_size, 400, "invalid");
  g_assert_cmpstr (json_object_get_string_member (api_done (bobs), "upload_id"), !=, id);

  /* The answer to finish was lost, say: it is still the same upload, not a conflict with itself. */
  etag = put_part (fixture, id, 1, bytes);
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  api_done (finished);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  after = api_call (fixture, ALICE, body, "k", 10);
#pragma GCC diagnostic pop
  g_assert_cmpstr (json_object_get_string_member (api_done (after), "upload_id"), ==, id);
}

static void
test_cancel_leaves_nothing (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *url = presign_part (fixture, id, 1, 10);
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_auto (Reply) reply = { 0 };
  const char *after[] = { "finish", "parts" };

  g_assert_cmpuint (count_open_files (fixture), ==, 1);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (JsonObject) cancelled =
          api_call (fixture, ALICE, "{'action': 'cancel', 'upload_id': '%s'}", id);

      g_assert_cmpuint (json_object_get_size (api_done (cancelled)), ==, 0);
    }
  g_assert_cmpuint (count_open_files (fixture), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (after); i++)
    {
      g_autoptr (JsonObject) envelope =
          api_call (fixture, ALICE, "{'action': '%s', 'upload_id': '%s'}", after[i], id);

      api_assert_failed (envelope, 404, "no_upload");
    }
  client_request (fixture, "PUT", url, NULL, bytes, &reply);
  g_assert_cmpuint (reply.status, ==, 404);
  g_assert_cmpuint (count_open_files (fixture), ==, 0);
}

static void
test_begin_after_cancel_is_a_new_upload (ServerFixture *fixture, gconstpointer data)
{
  const char body[] = "{'action': 'begin', 'key': 'k', 'size': 10, 'resume_id': '" ID "'}";
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autoptr (JsonObject) first = api_call (fixture, ALICE, body);
  const char *first_id = json_object_get_string_member (api_done (first), "upload_id");
  g_autoptr (JsonObject) cancelled =
      api_call (fixture, ALICE, "{'action': 'cancel', 'upload_id': '%s'}", first_id);
  g_autoptr (JsonObject) second = api_call (fixture, ALICE, body);
  const char *second_id = json_object_get_string_member (api_done (second), "upload_id");
  g_autofree char *etag = put_part (fixture, second_id, 1, bytes);
  g_autoptr (JsonObject) old = NULL, finished = NULL;

  g_assert_cmpstr (first_id, !=, second_id);
  old = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", first_id);
  api_assert_failed (old, 404, "no_upload");
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", second_id);
  assert_download (fixture, json_object_get_string_member (api_done (finished), "url"), bytes);
}

static void
test_cancel_does_not_touch_what_is_finished (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, bytes);
  g_autoptr (JsonObject) finished =
      api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  g_autoptr (JsonObject) cancelled =
      api_call (fixture, ALICE, "{'action': 'cancel', 'upload_id': '%s'}", id);

  api_assert_failed (cancelled, 404, "no_upload");
  assert_download (fixture, json_object_get_string_member (api_done (finished), "url"), bytes);
}

static void
test_begin_refuses_to_replace (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *url = upload (fixture, "k", bytes);
  g_autoptr (JsonObject) refused = api_call (
      fixture, ALICE, "{'action': 'begin', 'key': 'k', 'size': 1, 'resume_id': '" ID "'}");

  api_assert_failed (refused, 409, "exists");
  g_assert_cmpstr (json_object_get_string_member (refused, "status"), ==, EXISTS);
  g_assert_cmpuint (count_open_files (fixture), ==, 0);
}

/* Both began when there was nothing: who finishes first has the name. */
static void
test_finish_refuses_to_replace (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autoptr (GBytes) other = make_bytes (10, 2);
  g_autofree char *late = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *etag = put_part (fixture, late, 1, other);
  g_autofree char *url = upload (fixture, "k", bytes);
  g_autoptr (JsonObject) removed = NULL, refused = NULL, finished = NULL;

  refused = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", late);
  api_assert_failed (refused, 409, "exists");
  g_assert_cmpstr (json_object_get_string_member (refused, "status"), ==, EXISTS);
  assert_download (fixture, url, bytes);
  /* The upload is kept: it can be finished when there is room. */
  removed = api_call (fixture, ALICE, "{'action': 'remove', 'key': 'k'}");
  api_done (removed);
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", late);
  assert_download (fixture, json_object_get_string_member (api_done (finished), "url"), other);
}

static void
test_overwrite_replaces (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autoptr (GBytes) other = make_bytes (20, 2);
  g_autofree char *url = upload (fixture, "k", bytes);
  g_autofree char *id = begin_upload (fixture, "k", 20, 20, TRUE);
  g_autofree char *etag = put_part (fixture, id, 1, other);
  g_autoptr (JsonObject) finished = NULL;

  assert_download (fixture, url, bytes);
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  api_done (finished);
  assert_download (fixture, url, other);
}

static void
test_object_and_folder_of_one_name (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *early = begin_upload (fixture, "a", 10, 10, TRUE);
  g_autofree char *etag = put_part (fixture, early, 1, bytes);
  g_autofree char *deep = upload (fixture, "a/b", bytes);
  g_autofree char *object = upload (fixture, "o", bytes);
  g_autoptr (JsonObject) below = NULL, above = NULL, finished = NULL;

  below = api_call (fixture, ALICE,
                    "{'action': 'begin', 'key': 'o/p/q', 'size': 1, 'resume_id': '" ID "'}");
  api_assert_failed (below, 409, "exists");
  above = api_call (fixture, ALICE,
                    "{'action': 'begin', 'key': 'a', 'size': 1, 'overwrite': true,"
                    " 'resume_id': '" ID "'}");
  api_assert_failed (above, 409, "exists");
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", early);
  api_assert_failed (finished, 409, "exists");
  assert_download (fixture, deep, bytes);
}

static void
test_finish_verifies (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) first = make_bytes (1000, 1);
  g_autoptr (GBytes) second = make_bytes (500, 2);
  g_autofree char *id = begin_upload (fixture, "k", 1500, 1000, FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, first);
  g_autofree char *etag2 = NULL;
  const char *wrong[] = {
    "{'action': 'finish', 'upload_id': '%s', 'checksum': {'crc32': '00000000'}}",
    "{'action': 'finish', 'upload_id': '%s', 'checksum': {'crc32': 'AAAAAA=='}}",
    "{'action': 'finish', 'upload_id': '%s', 'parts': [{'number': 1, 'etag': 'x'}]}",
    "{'action': 'finish', 'upload_id': '%s', 'parts': [{'number': 1, 'etag': 'x'},"
    " {'number': 2, 'etag': 'x'}]}",
  };
  g_autoptr (JsonObject) missing = NULL, good = NULL;

  missing = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  api_assert_failed (missing, 422, "checksum");
  g_assert_nonnull (strstr (json_object_get_string_member (missing, "status"), "part 2"));
  etag2 = put_part (fixture, id, 2, second);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (JsonObject) envelope = api_call (fixture, ALICE, wrong[i], id);
      g_autoptr (JsonObject) stat = NULL;

      api_assert_failed (envelope, 422, "checksum");
      stat = api_call (fixture, ALICE, "{'action': 'stat', 'key': 'k'}");
      g_assert_false (json_object_get_boolean_member (api_done (stat), "exists"));
    }
#pragma GCC diagnostic pop
  good = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  api_done (good);
}

static void
test_presign_takes_planned_parts_only (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "k", 2500, 1000, FALSE);
  const char *wrong[] = { "{'number': 0, 'size': 1000}",
                          "{'number': 1, 'size': 999}",
                          "{'number': 1, 'size': 1001}",
                          "{'number': 3, 'size': 1000}",
                          "{'number': 4, 'size': 500}",
                          "{'number': 1}",
                          "{'number': '1', 'size': 1000}",
                          "{'number': 1, 'size': -1}",
                          "{'number': 1.5, 'size': 1000}",
                          "1",
                          "{'number': 1, 'size': 1000, 'checksum': {'crc32': 'nonsense'}}",
                          "{'number': 1, 'size': 1000, 'checksum': 1}" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (JsonObject) envelope = api_call (
          fixture, ALICE, "{'action': 'presign', 'upload_id': '%s', 'parts': [%s]}", id, wrong[i]);

      api_assert_failed (envelope, 400, "invalid");
    }
}

/* Somebody else's upload is no upload. */
static void
test_foreign_upload_is_404 (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "team-b/k", 10, 10, FALSE);
  g_autoptr (JsonObject) mine = NULL;
  const char *actions[] = { "presign", "parts", "finish", "cancel" };

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autoptr (JsonObject) foreign = api_call (
          fixture, BOB, "{'action': '%s', 'upload_id': '%s', 'parts': []}", actions[i], id);
      g_autoptr (JsonObject) forged = api_call (
          fixture, BOB, "{'action': '%s', 'upload_id': 'x%s', 'parts': []}", actions[i], id);

      api_assert_failed (foreign, 404, "no_upload");
      api_assert_failed (forged, 404, "no_upload");
      g_assert_cmpstr (json_object_get_string_member (foreign, "status"), ==,
                       json_object_get_string_member (forged, "status"));
    }
  mine = api_call (fixture, ALICE, "{'action': 'parts', 'upload_id': '%s'}", id);
  g_assert_cmpuint (json_array_get_length (api_done_array (mine)), ==, 0);
}

static void
test_rights (ServerFixture *fixture, gconstpointer data)
{
  const char *wrong[] = {
    "{'action': 'begin', 'key': 'team-bb/k', 'size': 1, 'resume_id': '" ID "'}",
    "{'action': 'begin', 'key': 'k', 'size': 1, 'resume_id': '" ID "'}",
    "{'action': 'begin', 'key': 'team-b/k', 'size': 1, 'overwrite': true, 'resume_id': '" ID "'}",
    "{'action': 'stat', 'key': 'team-a/k'}",
    "{'action': 'remove', 'key': 'team-b/k'}",
    "{'action': 'remove', 'key': 'team-a/k'}",
    "{'action': 'link', 'key': 'team-a/k', 'expires_in': 60}",
  };
  g_autoptr (JsonObject) good = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (JsonObject) envelope = api_call (fixture, BOB, "%s", wrong[i]);

      api_assert_failed (envelope, 403, "forbidden");
    }
  good = api_call (fixture, BOB,
                   "{'action': 'begin', 'key': 'team-b/k', 'size': 1, 'resume_id': '" ID "'}");
  api_done (good);
}

static void
test_remove (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *url = upload (fixture, "folder/k", bytes);
  g_autoptr (JsonObject) removed =
      api_call (fixture, ALICE, "{'action': 'remove', 'key': 'folder/k'}");
  g_autoptr (JsonObject) again =
      api_call (fixture, ALICE, "{'action': 'remove', 'key': 'folder/k'}");
  g_autoptr (JsonObject) folder =
      api_call (fixture, ALICE, "{'action': 'remove', 'key': 'folder'}");
  g_auto (Reply) reply = { 0 };

  g_assert_cmpuint (json_object_get_size (api_done (removed)), ==, 0);
  api_assert_failed (again, 404, "not_found");
  api_assert_failed (folder, 404, "not_found");
  client_request (fixture, "GET", url, NULL, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 404);
}

static void
test_link (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *url = upload (fixture, "k", bytes);
  g_autoptr (JsonObject) link =
      api_call (fixture, ALICE, "{'action': 'link', 'key': 'k', 'expires_in': 3600}");
  g_autoptr (JsonObject) none =
      api_call (fixture, ALICE, "{'action': 'link', 'key': 'none', 'expires_in': 3600}");
  g_autoptr (JsonObject) never =
      api_call (fixture, ALICE, "{'action': 'link', 'key': 'k', 'expires_in': 0}");
  g_autoptr (JsonObject) too_long =
      api_call (fixture, ALICE, "{'action': 'link', 'key': 'k', 'expires_in': 604801}");
  g_autoptr (GDateTime) expires = g_date_time_new_from_iso8601 (
      json_object_get_string_member (api_done (link), "expires"), NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  g_assert_cmpint (ABS (g_date_time_difference (expires, now) - G_TIME_SPAN_HOUR), <,
                   G_TIME_SPAN_MINUTE);
  assert_download (fixture, json_object_get_string_member (api_done (link), "url"), bytes);
  api_assert_failed (none, 404, "not_found");
  api_assert_failed (never, 400, "invalid");
  api_assert_failed (too_long, 400, "invalid");
}

static void
test_items (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (1, 1);
  g_autofree char *url = upload (fixture, "there", bytes);
  g_autoptr (JsonObject) begun =
      api_call (fixture, ALICE,
                "{'action': 'begin', 'items': ["
                "{'key': 'new', 'size': 1, 'resume_id': '" ID "'},"
                "{'key': 'there', 'size': 1, 'resume_id': '1" ID "'}, 7,"
                "{'key': 'a/../b', 'size': 1, 'resume_id': '2" ID "'}]}");
  JsonArray *results = api_done_array (begun);
  const char *id =
      json_object_get_string_member (json_array_get_object_element (results, 0), "upload_id");
  const int codes[] = { 0, 409, 400, 400 };
  g_autoptr (JsonObject) finished = NULL, stat = NULL, cancelled = NULL, removed = NULL,
                         none = NULL;
  g_autofree char *etag = NULL;

  g_assert_cmpuint (json_array_get_length (results), ==, 4);
  for (guint i = 1; i < 4; i++)
    {
      JsonObject *result = json_array_get_object_element (results, i);

      g_assert_cmpint (json_object_get_int_member (result, "status_code"), ==, codes[i]);
      g_assert_nonnull (json_object_get_object_member (result, "error"));
    }
  etag = put_part (fixture, id, 1, bytes);
  finished =
      api_call (fixture, ALICE,
                "{'action': 'finish', 'items': [{'upload_id': '%s'}, {'upload_id': 'x'}]}", id);
  assert_download (fixture,
                   json_object_get_string_member (
                       json_array_get_object_element (api_done_array (finished), 0), "url"),
                   bytes);
  stat =
      api_call (fixture, ALICE, "{'action': 'stat', 'items': [{'key': 'new'}, {'key': 'none'}]}");
  g_assert_false (json_object_get_boolean_member (
      json_array_get_object_element (api_done_array (stat), 1), "exists"));
  cancelled = api_call (fixture, ALICE, "{'action': 'cancel', 'items': [{'upload_id': '%s'}]}", id);
  g_assert_cmpint (
      json_object_get_int_member (json_array_get_object_element (api_done_array (cancelled), 0),
                                  "status_code"),
      ==, 404);
  removed = api_call (fixture, ALICE,
                      "{'action': 'remove', 'items': [{'key': 'new'}, {'key': 'there'}]}");
  g_assert_cmpuint (json_array_get_length (api_done_array (removed)), ==, 2);
  none = api_call (fixture, ALICE, "{'action': 'stat', 'items': []}");
  g_assert_cmpuint (json_array_get_length (api_done_array (none)), ==, 0);
}

static void
test_too_many_items (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GString) items = g_string_new ("{'key': 'a'}");
  g_autoptr (JsonObject) envelope = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append (items, ",{'key': 'a'}");
  envelope = api_call (fixture, ALICE, "{'action': 'stat', 'items': [%s]}", items->str);
  api_assert_failed (envelope, 400, "invalid");
}

static void
test_terabyte_is_begun_at_once (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) begun =
      api_call (fixture, ALICE,
                "{'action': 'begin', 'key': 'k', 'size': 1099511627776, 'part_size': 5242880,"
                " 'resume_id': '" ID "'}");
  g_autoptr (JsonObject) too_large =
      api_call (fixture, ALICE,
                "{'action': 'begin', 'key': 'l', 'size': 53687091200001, 'part_size': 5242880,"
                " 'resume_id': '1" ID "'}");
  gint64 part_size = json_object_get_int_member (api_done (begun), "part_size");

  g_assert_cmpint (part_size, >=, 109951163);
  api_assert_failed (too_large, 413, "too_large");
}

static const char *const bad_requests[] = {
  "",
  "x",
  "[]",
  "{}",
  "{'action': 1}",
  "{'action': 'begin'}",
  "{'action': 'begin', 'key': 'k', 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'k', 'size': '1', 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'k', 'size': -1, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'k', 'size': 1.5, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'k', 'size': 1, 'part_size': 0, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'k', 'size': 1, 'overwrite': 'YES', 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'k', 'size': 1, 'resume_id': 'short'}",
  "{'action': 'begin', 'key': 'k', 'size': 1, 'resume_id': '../../../../../../etc'}",
  "{'action': 'begin', 'key': 'k', 'size': 1, 'content_type': 'a', 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'k', 'size': 1, 'content_type': 'a/b ', 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'k', 'size': 1, 'content_type': 'a/b\\r\\nX: y', 'resume_id': '" ID
  "'}",
  "{'action': 'begin', 'key': '', 'size': 1, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': '/k', 'size': 1, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'k/', 'size': 1, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'a//k', 'size': 1, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'a/../k', 'size': 1, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': '..', 'size': 1, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'a\\u0000b', 'size': 1, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'a\\nb', 'size': 1, 'resume_id': '" ID "'}",
  "{'action': 'begin', 'key': 'a\\u0308', 'size': 1, 'resume_id': '" ID "'}",
  "{'action': 'stat', 'key': 7}",
  "{'action': 'remove', 'key': '../k'}",
  "{'action': 'link', 'key': 'k'}",
  "{'action': 'parts'}",
  "{'action': 'finish', 'upload_id': 7}",
  "{'action': 'stat', 'items': {}}",
};

#define ADD(name, function)                                                                        \
  g_test_add ("/request-api/" name, ServerFixture, NULL, server_fixture_set_up, function,          \
              server_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("capabilities", test_capabilities);
  ADD ("token-is-needed", test_token_is_needed);
  ADD ("unknown-actions-get-a-sentence", test_unknown_actions_get_a_sentence);
  ADD ("deep-json", test_deep_json);
  ADD ("parts-become-an-object", test_parts_become_an_object);
  ADD ("one-part-is-put-whole", test_one_part_is_put_whole);
  ADD ("unknown-size", test_unknown_size);
  ADD ("parts-of-unknown-size-are-equal", test_parts_of_unknown_size_are_equal);
  ADD ("begin-again-gives-the-same-upload", test_begin_again_gives_the_same_upload);
  ADD ("cancel-leaves-nothing", test_cancel_leaves_nothing);
  ADD ("begin-after-cancel-is-a-new-upload", test_begin_after_cancel_is_a_new_upload);
  ADD ("cancel-does-not-touch-what-is-finished", test_cancel_does_not_touch_what_is_finished);
  ADD ("begin-refuses-to-replace", test_begin_refuses_to_replace);
  ADD ("finish-refuses-to-replace", test_finish_refuses_to_replace);
  ADD ("overwrite-replaces", test_overwrite_replaces);
  ADD ("object-and-folder-of-one-name", test_object_and_folder_of_one_name);
  ADD ("finish-verifies", test_finish_verifies);
  ADD ("presign-takes-planned-parts-only", test_presign_takes_planned_parts_only);
  ADD ("foreign-upload-is-404", test_foreign_upload_is_404);
  ADD ("rights", test_rights);
  ADD ("remove", test_remove);
  ADD ("link", test_link);
  ADD ("items", test_items);
  ADD ("too-many-items", test_too_many_items);
  ADD ("terabyte-is-begun-at-once", test_terabyte_is_begun_at_once);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_requests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/request-api/bad-request/%zu", i);

      g_test_add (path, ServerFixture, bad_requests[i], server_fixture_set_up, test_bad_request,
                  server_fixture_tear_down);
    }
  return g_test_run ();
}
