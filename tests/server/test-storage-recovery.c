/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a crash, a power cut or somebody's hand leaves behind, made by hand: what the server does
 * with it when it starts again. */

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "server-fixture.h"

static void
stop_server (ServerFixture *fixture)
{
  g_clear_pointer (&fixture->server, streamer_server_free);
}

static void
change_state (ServerFixture *fixture, const char *sql)
{
  g_autofree char *path = g_build_filename (fixture->root, "state.db", NULL);
  sqlite3 *database;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
}

/* (transfer full): the only file below uploads/ */
static char *
get_open_file (ServerFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->root, "uploads", NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name = g_dir_read_name (folder);

  g_assert_nonnull (name);
  return g_build_filename (path, name, NULL);
}

static void
test_upload_goes_on_after_a_restart (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (20, 1);
  g_autoptr (GBytes) first = g_bytes_new_from_bytes (bytes, 0, 10);
  g_autoptr (GBytes) second = g_bytes_new_from_bytes (bytes, 10, 10);
  g_autofree char *id = begin_upload (fixture, "k", 20, 10, FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, first);
  g_autofree char *other = NULL;
  g_autoptr (JsonObject) parts = NULL, finished = NULL;

  server_fixture_restart (fixture);
  parts = api_call (fixture, ALICE, "{'action': 'parts', 'upload_id': '%s'}", id);
  g_assert_cmpuint (json_array_get_length (api_done_array (parts)), ==, 1);
  other = put_part (fixture, id, 2, second);
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  assert_download (fixture, json_object_get_string_member (api_done (finished), "url"), bytes);
}

/* A database of a release that kept less. */
static void
test_older_database_goes_on (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, bytes);
  g_autoptr (JsonObject) finished = NULL;

  stop_server (fixture);
  change_state (fixture, "ALTER TABLE uploads DROP COLUMN etag");
  server_fixture_restart (fixture);
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  assert_download (fixture, json_object_get_string_member (api_done (finished), "url"), bytes);
}

/* Killed between the record and the rename. */
static void
test_killed_before_the_file_moved (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, bytes);
  g_autoptr (JsonObject) finished = NULL;

  stop_server (fixture);
  change_state (fixture, "UPDATE uploads SET phase = 1");
  server_fixture_restart (fixture);
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  assert_download (fixture, json_object_get_string_member (api_done (finished), "url"), bytes);
}

/* Killed between the rename and the record of it: the answer to finish is the same as if not. */
static void
test_killed_after_the_file_moved (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, bytes);
  g_autoptr (JsonObject) finished =
      api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  g_autoptr (JsonObject) again = NULL, stat = NULL;

  stop_server (fixture);
  change_state (fixture, "UPDATE uploads SET phase = 1; DELETE FROM objects");
  server_fixture_restart (fixture);
  again = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  stat = api_call (fixture, ALICE, "{'action': 'stat', 'key': 'k'}");
  g_assert_cmpstr (json_object_get_string_member (api_done (again), "etag"), ==,
                   json_object_get_string_member (api_done (finished), "etag"));
  g_assert_cmpstr (json_object_get_string_member (api_done (stat), "etag"), ==,
                   json_object_get_string_member (api_done (finished), "etag"));
}

/* What was written before the system went down may not have got to the disk. */
static void
test_part_lost_in_a_power_cut (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (20, 1);
  g_autoptr (GBytes) first = g_bytes_new_from_bytes (bytes, 0, 10);
  g_autoptr (GBytes) second = g_bytes_new_from_bytes (bytes, 10, 10);
  g_autofree char *id = begin_upload (fixture, "k", 20, 10, FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, first);
  g_autofree char *other = put_part (fixture, id, 2, second);
  g_autofree char *path = get_open_file (fixture);
  g_autoptr (JsonObject) refused = NULL, parts = NULL, finished = NULL;
  g_autofree char *again = NULL;

  stop_server (fixture);
  change_state (fixture, "UPDATE parts SET boot = 'before'");
  g_assert_true (
      g_file_set_contents (path, g_bytes_get_data (first, NULL), g_bytes_get_size (first), NULL));
  server_fixture_restart (fixture);
  refused = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  api_assert_failed (refused, 422, "checksum");
  parts = api_call (fixture, ALICE, "{'action': 'parts', 'upload_id': '%s'}", id);
  g_assert_cmpuint (json_array_get_length (api_done_array (parts)), ==, 1);
  again = put_part (fixture, id, 2, second);
  finished = api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);
  assert_download (fixture, json_object_get_string_member (api_done (finished), "url"), bytes);
}

static void
test_upload_without_its_file_is_forgotten (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *path = get_open_file (fixture);
  g_autoptr (JsonObject) parts = NULL;

  stop_server (fixture);
  g_assert_cmpint (g_unlink (path), ==, 0);
  server_fixture_restart (fixture);
  parts = api_call (fixture, ALICE, "{'action': 'parts', 'upload_id': '%s'}", id);
  api_assert_failed (parts, 404, "no_upload");
}

static void
test_strays_are_removed_and_others_kept (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *mine = get_open_file (fixture);
  g_autofree char *stray =
      g_build_filename (fixture->root, "uploads", "0123456789abcdef0123456789abcdef", NULL);
  g_autofree char *note = g_build_filename (fixture->root, "uploads", "note.txt", NULL);

  g_assert_true (g_file_set_contents (stray, "x", 1, NULL));
  g_assert_true (g_file_set_contents (note, "x", 1, NULL));
  server_fixture_restart (fixture);
  g_assert_false (g_file_test (stray, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (note, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (mine, G_FILE_TEST_EXISTS));
}

static void
test_expired_uploads_are_swept (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *url = upload (fixture, "done", bytes);
  g_autofree char *id = begin_upload (fixture, "k", 10, 10, FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, bytes);
  g_autofree char *kept = NULL;
  g_autoptr (JsonObject) parts = NULL;

  stop_server (fixture);
  change_state (fixture, "UPDATE uploads SET expires = strftime ('%s', 'now') + 2");
  server_fixture_restart (fixture);
  kept = begin_upload (fixture, "l", 10, 10, FALSE);
  g_assert_cmpuint (count_open_files (fixture), ==, 2);
  while (count_open_files (fixture) == 2)
    streamer_server_sweep (fixture->server);
  g_assert_cmpuint (count_open_files (fixture), ==, 1);
  parts = api_call (fixture, ALICE, "{'action': 'parts', 'upload_id': '%s'}", id);
  api_assert_failed (parts, 404, "no_upload");
  assert_download (fixture, url, bytes);
}

static void
test_folder_has_one_server (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerServer) second =
      streamer_server_new (&fixture->config, streamer_policy_new (), &error);

  g_assert_null (second);
  g_assert_nonnull (error);
}

static void
test_key_that_others_can_read_is_refused (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->root, "server.key", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerServer) server = NULL;

  stop_server (fixture);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  server = streamer_server_new (&fixture->config, streamer_policy_new (), &error);
  g_assert_null (server);
  g_assert_nonnull (strstr (error->message, "server.key"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/storage-recovery/" name, ServerFixture, NULL, server_fixture_set_up, function,     \
              server_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("upload-goes-on-after-a-restart", test_upload_goes_on_after_a_restart);
  ADD ("older-database-goes-on", test_older_database_goes_on);
  ADD ("killed-before-the-file-moved", test_killed_before_the_file_moved);
  ADD ("killed-after-the-file-moved", test_killed_after_the_file_moved);
  ADD ("part-lost-in-a-power-cut", test_part_lost_in_a_power_cut);
  ADD ("upload-without-its-file-is-forgotten", test_upload_without_its_file_is_forgotten);
  ADD ("strays-are-removed-and-others-kept", test_strays_are_removed_and_others_kept);
  ADD ("expired-uploads-are-swept", test_expired_uploads_are_swept);
  ADD ("folder-has-one-server", test_folder_has_one_server);
  ADD ("key-that-others-can-read-is-refused", test_key_that_others_can_read_is_refused);
  return g_test_run ();
}
