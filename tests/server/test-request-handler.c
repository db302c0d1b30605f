/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "handler-fixture.h"

#include <string.h>

#include "server-fixture.h"
#include "streamer-storage-config.h"

#define TOKEN "a-secret-token-that-is-never-logged"
#define KIB   1024

static void
add (HandlerFixture *fixture, const StreamerAllowance *allowance)
{
  const char *const prefixes[] = { "team-a", NULL };

  handler_fixture_add (fixture, "alice", TOKEN, prefixes, STREAMER_RIGHTS_ALL, allowance);
}

static void
test_rate_is_limited (HandlerFixture *fixture, gconstpointer data)
{
  const StreamerAllowance allowance = {
    .quota = G_MAXUINT64, .open_uploads = G_MAXUINT, .rate = 2, .burst = 4
  };
  g_autoptr (JsonNode) body = json_from_string ("{\"action\": \"capabilities\"}", NULL);
  int wait;

  add (fixture, &allowance);
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (JsonObject) envelope = handler_fixture_call (fixture, TOKEN, NULL, body, &wait);

      g_assert_cmpint (api_code (envelope), ==, i < 4 ? 200 : 429);
      g_assert_cmpint (wait, ==, i < 4 ? -1 : 1);
      if (i >= 4)
        {
          api_assert_failed (envelope, 429, "limited");
          g_assert_cmpint (json_object_get_int_member (
                               json_object_get_object_member (envelope, "error"), "retry_after"),
                           ==, 1);
        }
    }
  handler_fixture_pass (1);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (JsonObject) envelope = handler_fixture_call (fixture, TOKEN, NULL, body, &wait);

      g_assert_cmpint (api_code (envelope), ==, i < 2 ? 200 : 429);
    }
}

static void
test_items_are_paid_one_by_one (HandlerFixture *fixture, gconstpointer data)
{
  const StreamerAllowance allowance = {
    .quota = G_MAXUINT64, .open_uploads = G_MAXUINT, .rate = 1, .burst = 2
  };
  g_autoptr (JsonObject) first = NULL, second = NULL;
  g_autoptr (JsonNode) body = json_from_string ("{\"action\": \"capabilities\"}", NULL);
  int wait;

  add (fixture, &allowance);
  first = handler_fixture_api (fixture, TOKEN,
                               "{'action': 'stat', 'items': [{'key': 'team-a/1'},"
                               " {'key': 'team-a/2'}, {'key': 'team-a/3'}, {'key': 'team-a/4'}]}");
  g_assert_cmpint (api_code (first), ==, 200);
  second = handler_fixture_call (fixture, TOKEN, NULL, body, &wait);
  api_assert_failed (second, 429, "limited");
  g_assert_cmpint (wait, ==, 3);
}

static void
test_failures_of_an_address_are_limited (HandlerFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) right = NULL, later = NULL;
  g_autoptr (GPtrArray) lines = NULL;
  guint n_refused = 0, n_limited = 0;

  add (fixture, &streamer_allowance_unlimited);
  streamer_request_handler_set_failure_rate (fixture->handler, 5);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (JsonObject) envelope =
          handler_fixture_api (fixture, "wrong", "{'action': 'capabilities'}");

      if (api_code (envelope) == 401)
        n_refused++;
      else
        {
          api_assert_failed (envelope, 429, "limited");
          n_limited++;
        }
    }
  g_assert_cmpuint (n_refused, ==, 5);
  g_assert_cmpuint (n_limited, ==, 15);
  /* Others behind the same address go on. */
  right = handler_fixture_api (fixture, TOKEN, "{'action': 'capabilities'}");
  g_assert_cmpint (api_code (right), ==, 200);
  /* The log does not grow with the attempts. */
  lines = handler_fixture_read_audit (fixture);
  g_assert_cmpuint (lines->len, ==, 5 + 1 + 1);
  handler_fixture_pass (12);
  later = handler_fixture_api (fixture, "wrong", "{'action': 'capabilities'}");
  api_assert_failed (later, 401, "auth");
}

static void
test_api_key_is_needed_beside_the_token (HandlerFixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *api_key;
    guint status;
  } cases[] = {
    { NULL, 401 }, { "", 401 }, { "the-key", 200 }, { "the-ke", 401 }, { "the-other-key", 200 }
  };
  const char *const keys[] = { "the-key", "the-other-key" };

  add (fixture, &streamer_allowance_unlimited);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      StreamerTokenHash hash;

      streamer_token_hash_compute (keys[i], &hash);
      streamer_policy_add_api_key (fixture->policy, &hash);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (StreamerApiAnswer) answer = { 0 };
      g_auto (StreamerApiAnswer) without = { 0 };
      StreamerApiCall call = { .authorization = "Bearer " TOKEN,
                               .api_key = cases[i].api_key,
                               .origin = "http://a",
                               .body = "{\"action\":\"capabilities\"}",
                               .length = 25 };

      streamer_request_handler_handle (fixture->handler, &call, &answer);
      g_assert_cmpuint (answer.status, ==, cases[i].status);
      call.authorization = NULL;
      streamer_request_handler_handle (fixture->handler, &call, &without);
      g_assert_cmpuint (without.status, ==, 401);
    }
}

static JsonObject *
begin (HandlerFixture *fixture, const char *key, guint64 size)
{
  g_autofree char *resume_id = g_uuid_string_random ();

  return handler_fixture_api (fixture, TOKEN,
                              "{'action': 'begin', 'key': '%s', 'size': %" G_GUINT64_FORMAT
                              ", 'part_size': 100000, 'overwrite': true, 'resume_id': '%s'}",
                              key, size, resume_id);
}

static void
store (HandlerFixture *fixture, const char *key, gsize size)
{
  g_autoptr (JsonObject) begun = begin (fixture, key, size);
  JsonObject *status = api_done (begun);
  g_autoptr (JsonObject) finished = NULL;

  handler_fixture_put (
      fixture, json_object_get_string_member (json_object_get_object_member (status, "put"), "url"),
      size);
  finished = handler_fixture_api (fixture, TOKEN, "{'action': 'finish', 'upload_id': '%s'}",
                                  json_object_get_string_member (status, "upload_id"));
  g_assert_cmpint (api_code (finished), ==, 200);
}

static void
assert_room (HandlerFixture *fixture, guint64 room)
{
  g_autoptr (JsonObject) fits = begin (fixture, "team-a/fits", room);
  g_autoptr (JsonObject) too_much = begin (fixture, "team-a/too-much", 1);
  g_autoptr (JsonObject) cancelled =
      handler_fixture_api (fixture, TOKEN, "{'action': 'cancel', 'upload_id': '%s'}",
                           json_object_get_string_member (api_done (fits), "upload_id"));

  api_assert_failed (too_much, 507, "quota");
  g_assert_cmpint (api_code (cancelled), ==, 200);
}

static void
test_quota_is_kept (HandlerFixture *fixture, gconstpointer data)
{
  const StreamerAllowance allowance = { .quota = 10 * KIB, .open_uploads = 3 };
  g_autoptr (JsonObject) removed = NULL, missing = NULL, again = NULL;

  add (fixture, &allowance);
  assert_room (fixture, 10 * KIB);
  store (fixture, "team-a/x", 4 * KIB);
  store (fixture, "team-a/y", 5 * KIB);
  assert_room (fixture, 1 * KIB);
  /* Both are there while one replaces the other. */
  store (fixture, "team-a/x", 1 * KIB);
  assert_room (fixture, 4 * KIB);
  removed = handler_fixture_api (fixture, TOKEN, "{'action': 'remove', 'key': 'team-a/y'}");
  g_assert_cmpint (api_code (removed), ==, 200);
  assert_room (fixture, 9 * KIB);
  again = handler_fixture_api (fixture, TOKEN, "{'action': 'remove', 'key': 'team-a/y'}");
  api_assert_failed (again, 404, "not_found");
  /* Removed behind the server's back: the next one who asks finds out. */
  {
    g_autofree char *path = g_build_filename (fixture->root, "objects/team-a", NULL);

    remove_tree (path);
  }
  missing = handler_fixture_api (fixture, TOKEN, "{'action': 'remove', 'key': 'team-a/x'}");
  api_assert_failed (missing, 404, "not_found");
  assert_room (fixture, 10 * KIB);
}

static void
test_open_uploads_are_limited (HandlerFixture *fixture, gconstpointer data)
{
  const StreamerAllowance allowance = { .quota = G_MAXUINT64, .open_uploads = 3 };

  add (fixture, &allowance);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (JsonObject) envelope = begin (fixture, "team-a/k", 5);

      if (i < 3)
        api_done (envelope);
      else
        api_assert_failed (envelope, 507, "quota");
    }
}

static void
test_same_resume_id_reserves_once (HandlerFixture *fixture, gconstpointer data)
{
  const StreamerAllowance allowance = { .quota = 10 * KIB, .open_uploads = 3 };

  add (fixture, &allowance);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (JsonObject) envelope = handler_fixture_api (
          fixture, TOKEN,
          "{'action': 'begin', 'key': 'team-a/k', 'size': 10000, 'part_size': 100000,"
          " 'resume_id': '0123456789abcdef'}");

      api_done (envelope);
    }
}

static void
test_refused_by_the_storage_reserves_nothing (HandlerFixture *fixture, gconstpointer data)
{
  const StreamerAllowance allowance = { .quota = 10 * KIB, .open_uploads = 3 };

  add (fixture, &allowance);
  store (fixture, "team-a/k", 1 * KIB);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *resume_id = g_uuid_string_random ();
      g_autoptr (JsonObject) envelope =
          handler_fixture_api (fixture, TOKEN,
                               "{'action': 'begin', 'key': 'team-a/k', 'size': 9000, 'part_size':"
                               " 100000, 'resume_id': '%s'}",
                               resume_id);

      api_assert_failed (envelope, 409, "exists");
    }
  assert_room (fixture, 9 * KIB);
}

/* Uploads an object and looks at it. Returns: (transfer full) (nullable): where it is said to be */
static char *
tell_link (HandlerFixture *fixture, const char *token)
{
  g_autofree char *resume_id = g_uuid_string_random ();
  g_autoptr (JsonObject) begun =
      handler_fixture_api (fixture, token,
                           "{'action': 'begin', 'key': 'team-a/%s', 'size': 10, 'part_size': 100,"
                           " 'resume_id': '%s'}",
                           resume_id, resume_id);
  JsonObject *status = api_done (begun);
  g_autoptr (JsonObject) finished = NULL, stat = NULL;
  char *url;

  handler_fixture_put (
      fixture, json_object_get_string_member (json_object_get_object_member (status, "put"), "url"),
      10);
  finished = handler_fixture_api (fixture, token, "{'action': 'finish', 'upload_id': '%s'}",
                                  json_object_get_string_member (status, "upload_id"));
  stat = handler_fixture_api (fixture, token, "{'action': 'stat', 'key': 'team-a/%s'}", resume_id);
  g_assert_true (json_object_has_member (api_done (finished), "url"));
  url = g_strdup (json_object_get_string_member_with_default (api_done (finished), "url", NULL));
  g_assert_true (json_object_has_member (api_done (stat), "url"));
  g_assert_cmpstr (json_object_get_string_member_with_default (api_done (stat), "url", NULL), ==,
                   url);
  return url;
}

static void
test_only_who_may_link_is_told_a_link (HandlerFixture *fixture, gconstpointer data)
{
  const struct
  {
    gboolean is_public;
    const char *domain;
    const char *expected; /* by whoever may not make links */
  } cases[] = { { FALSE, NULL, NULL },
                { TRUE, NULL, "http://a/downloads/team-a/" },
                { FALSE, "https://files.example", "https://files.example/team-a/" } };
  g_autofree char *root = g_build_filename (fixture->root, "other", NULL);

  add (fixture, &streamer_allowance_unlimited);
  handler_fixture_add (fixture, "bob", "bob", NULL, STREAMER_RIGHT_CREATE,
                       &streamer_allowance_unlimited);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      StreamerStorageConfig config = { .kind = (char *) "folder",
                                       .root = root,
                                       .downloads_public = cases[i].is_public,
                                       .domain = (char *) cases[i].domain };
      g_autofree char *alices = NULL, *bobs = NULL;

      g_clear_object (&fixture->folder);
      g_assert_cmpint (g_mkdir_with_parents (root, 0700), ==, 0);
      fixture->folder = streamer_storage_open (&config, fixture->seal, NULL);
      streamer_request_handler_set_storage (fixture->handler, fixture->folder);
      alices = tell_link (fixture, TOKEN);
      bobs = tell_link (fixture, "bob");
      g_assert_nonnull (alices);
      if (cases[i].expected)
        g_assert_true (g_str_has_prefix (bobs, cases[i].expected));
      else
        g_assert_null (bobs);
    }
}

/* What a list of version 1 costs, and what the audit log says of it. */
static void
test_lists_are_paid_and_audited_one_by_one (HandlerFixture *fixture, gconstpointer data)
{
  const StreamerAllowance allowance = {
    .quota = G_MAXUINT64, .open_uploads = G_MAXUINT, .rate = 1, .burst = 8
  };
  const struct
  {
    const char *key, *outcome;
  } expected[] = { { "team-a/1", "done" }, { "team-a/2", "done" }, { "team-a/x", "not_found" } };
  g_autoptr (JsonObject) purged = NULL, limited = NULL, deleted = NULL, again = NULL;
  g_autoptr (JsonNode) body = json_from_string ("{\"action\": \"capabilities\"}", NULL);
  g_autoptr (GPtrArray) lines = NULL;
  int wait;

  add (fixture, &allowance);
  store (fixture, "team-a/1", 1);
  store (fixture, "team-a/2", 1);
  handler_fixture_pass (60);
  purged = handler_fixture_api (fixture, TOKEN,
                                "{'action': 'purge', 'objects': '[{\\\"Key\\\": \\\"team-a/1\\\"},"
                                " {\\\"Key\\\": \\\"team-a/2\\\"}, {\\\"Key\\\": \\\"team-a/x\\\"},"
                                " {\\\"Key\\\": \\\"team-a/y\\\"}]'}");
  g_assert_cmpint (api_code (purged), ==, 404);
  deleted = handler_fixture_api (fixture, TOKEN,
                                 "{'action': 'delete', 'objects': '[{\\\"Key\\\": \\\"tmp/1\\\"},"
                                 " {\\\"Key\\\": \\\"tmp/2\\\"}, {\\\"Key\\\": \\\"tmp/3\\\"},"
                                 " {\\\"Key\\\": \\\"tmp/4\\\"}]'}");
  g_assert_cmpint (api_code (deleted), ==, 200);
  limited = handler_fixture_call (fixture, TOKEN, NULL, body, &wait);
  api_assert_failed (limited, 429, "limited");

  lines = handler_fixture_read_audit (fixture);
  g_assert_cmpuint (lines->len, >, G_N_ELEMENTS (expected) + 4);
  /* Behind what was uploaded. */
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      JsonObject *line = lines->pdata[4 + i];

      g_assert_cmpstr (json_object_get_string_member (line, "action"), ==, "purge");
      g_assert_cmpstr (json_object_get_string_member (line, "key"), ==, expected[i].key);
      g_assert_cmpstr (json_object_get_string_member (line, "outcome"), ==, expected[i].outcome);
    }
}

static const char *
get (JsonObject *line, const char *member)
{
  return json_object_get_string_member_with_default (line, member, NULL);
}

static void
test_decisions_are_audited (HandlerFixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *principal, *action, *key, *outcome;
    guint status;
    int bytes;
  } expected[] = {
    { "alice", "begin", "team-a/k", "done", 200, 100 },
    { "alice", "finish", "team-a/k", "done", 200, 100 },
    { "alice", "stat", "team-b/k", "forbidden", 403, -1 },
    { NULL, "authenticate", NULL, "auth", 401, -1 },
    { "alice", "request", NULL, "invalid", 400, -1 },
    { "alice", "purge", "team-a/k", "invalid", 400, -1 },
    { "alice", "remove", "team-a/k", "done", 200, -1 },
    { "alice", "cancel", NULL, "no_upload", 404, -1 },
  };
  const char *const requests[] = {
    "{'action': 'stat', 'key': 'team-b/k'}",
    NULL,
    "{'action': 'nothing'}",
    "{'action': 'purge', 'objects': 'import os'}",
    "{'action': 'remove', 'items': [{'key': 'team-a/k'}]}",
    "{'action': 'cancel', 'upload_id': 'forged'}",
  };
  g_autoptr (GPtrArray) lines = NULL;
  g_autofree char *text = NULL;

  add (fixture, &streamer_allowance_unlimited);
  store (fixture, "team-a/k", 100);
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (JsonObject) envelope =
          handler_fixture_api (fixture, requests[i] ? TOKEN : TOKEN "x", "%s",
                               requests[i] ? requests[i] : "{'action': 'capabilities'}");

      g_assert_nonnull (envelope);
    }
  lines = handler_fixture_read_audit (fixture);
  g_assert_cmpuint (lines->len, ==, G_N_ELEMENTS (expected));
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      JsonObject *line = lines->pdata[i];

      g_assert_cmpstr (get (line, "principal"), ==, expected[i].principal);
      g_assert_cmpstr (get (line, "action"), ==, expected[i].action);
      if (strcmp (expected[i].action, "purge") != 0)
        g_assert_cmpstr (get (line, "key"), ==, expected[i].key);
      g_assert_cmpstr (get (line, "outcome"), ==, expected[i].outcome);
      g_assert_cmpstr (get (line, "remote"), ==, "192.0.2.7");
      g_assert_cmpint (json_object_get_int_member (line, "status"), ==, expected[i].status);
      g_assert_cmpint (json_object_get_int_member_with_default (line, "bytes", -1), ==,
                       expected[i].bytes);
      g_assert_cmpuint (strlen (get (line, "request_id")), ==, 36);
    }
  /* The same upload has the same short name. */
  g_assert_cmpstr (get (lines->pdata[0], "upload"), ==, get (lines->pdata[1], "upload"));
  g_assert_cmpuint (strlen (get (lines->pdata[0], "upload")), ==, 16);
  g_assert_true (g_file_get_contents (fixture->audit_path, &text, NULL, NULL));
  g_assert_null (strstr (text, TOKEN));
  g_assert_null (strstr (text, "forged"));
}

#define ADD(path, func)                                                                            \
  g_test_add ("/request-handler/" path, HandlerFixture, NULL, handler_fixture_set_up, func,        \
              handler_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("rate-is-limited", test_rate_is_limited);
  ADD ("items-are-paid-one-by-one", test_items_are_paid_one_by_one);
  ADD ("lists-are-paid-and-audited-one-by-one", test_lists_are_paid_and_audited_one_by_one);
  ADD ("failures-of-an-address-are-limited", test_failures_of_an_address_are_limited);
  ADD ("api-key-is-needed-beside-the-token", test_api_key_is_needed_beside_the_token);
  ADD ("quota-is-kept", test_quota_is_kept);
  ADD ("open-uploads-are-limited", test_open_uploads_are_limited);
  ADD ("same-resume-id-reserves-once", test_same_resume_id_reserves_once);
  ADD ("refused-by-the-storage-reserves-nothing", test_refused_by_the_storage_reserves_nothing);
  ADD ("only-who-may-link-is-told-a-link", test_only_who_may_link_is_told_a_link);
  ADD ("decisions-are-audited", test_decisions_are_audited);
  return g_test_run ();
}
