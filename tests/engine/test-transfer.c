/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <unistd.h>

#include "test-flow.h"

#define PART    1000
#define WORKERS 2

typedef struct
{
  TestFlow flow;
  StreamerPool *pool;
  GBytes *bytes;
  StreamerTransfer *transfer;

  StreamerTransferState state; /* as last seen */
  guint64 sent;                /* as last seen */
  GString *states;             /* that it went through, by their first letters */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  test_flow_set_up (&fixture->flow);
  fixture->flow.target->part_size = PART;
  fixture->pool = streamer_pool_new (WORKERS);
  fixture->states = g_string_new (NULL);
}

static void
forget_transfer (Fixture *fixture)
{
  if (fixture->transfer == NULL)
    return;
  wait_until (!streamer_transfer_is_busy (fixture->transfer));
  g_assert_finalize_object (g_steal_pointer (&fixture->transfer));
  g_clear_pointer (&fixture->bytes, g_bytes_unref);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_let_on (fixture->flow.store);
  forget_transfer (fixture);
  g_object_unref (fixture->pool);
  g_string_free (fixture->states, TRUE);
  test_flow_tear_down (&fixture->flow);
}

static gboolean
is_moving (StreamerTransferState state)
{
  return state == STREAMER_TRANSFER_UPLOADING || state == STREAMER_TRANSFER_STALLED ||
         state == STREAMER_TRANSFER_FINISHING || state == STREAMER_TRANSFER_DONE;
}

static void
on_notify (StreamerTransfer *transfer, GParamSpec *pspec, gpointer user_data)
{
  static const char letters[] = "wpuSPTfDFC";
  Fixture *fixture = user_data;
  StreamerTransferState state = streamer_transfer_get_state (transfer);
  guint64 sent = streamer_transfer_get_sent (transfer);

  if (state == fixture->state || (is_moving (state) && is_moving (fixture->state)))
    g_assert_cmpuint (sent, >=, fixture->sent);
  if (state != fixture->state)
    g_string_append_c (fixture->states, letters[state]);
  fixture->state = state;
  fixture->sent = sent;
  g_assert_true (streamer_transfer_get_fraction (transfer) <= 1);
}

static void
make_transfer (Fixture *fixture, const char *name, gsize size)
{
  g_autoptr (GFile) file = NULL;

  fixture->bytes = test_flow_make_bytes (size, (guint) size);
  file = test_flow_write (&fixture->flow, name, fixture->bytes);
  fixture->transfer =
      streamer_transfer_new_for_file (file, name, fixture->flow.target, fixture->pool, NULL);
  fixture->state = STREAMER_TRANSFER_WAITING;
  fixture->sent = 0;
  g_string_truncate (fixture->states, 0);
  g_signal_connect (fixture->transfer, "notify", G_CALLBACK (on_notify), fixture);
}

static void
wait_for_state (Fixture *fixture, StreamerTransferState state)
{
  wait_until (fixture->state == state);
}

static void
assert_done (Fixture *fixture, const char *key)
{
  StreamerTransfer *transfer = fixture->transfer;

  wait_until (streamer_transfer_is_over (transfer));
  g_assert_no_error (streamer_transfer_get_error (transfer));
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_DONE);
  g_assert_cmpuint (streamer_transfer_get_sent (transfer), ==, g_bytes_get_size (fixture->bytes));
  g_assert_cmpfloat (streamer_transfer_get_fraction (transfer), ==, 1);
  test_flow_assert_object (&fixture->flow, key, fixture->bytes);
  wait_until (!streamer_transfer_is_busy (transfer));
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
}

static void
assert_failed (Fixture *fixture, StreamerError code)
{
  wait_until (streamer_transfer_is_over (fixture->transfer));
  g_assert_cmpint (streamer_transfer_get_state (fixture->transfer), ==, STREAMER_TRANSFER_FAILED);
  g_assert_error (streamer_transfer_get_error (fixture->transfer), STREAMER_ERROR, (int) code);
  wait_until (!streamer_transfer_is_busy (fixture->transfer));
}

static void
assert_nothing_left (Fixture *fixture)
{
  wait_until (!streamer_transfer_is_busy (fixture->transfer));
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 0);
}

static void
cancel (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  streamer_transfer_cancel_async (fixture->transfer, test_flow_store_result, &result);
  g_assert_cmpint (streamer_transfer_get_state (fixture->transfer), ==,
                   STREAMER_TRANSFER_CANCELLED);
  wait_until (result != NULL);
  g_assert_true (streamer_transfer_cancel_finish (fixture->transfer, result, &error));
  g_assert_no_error (error);
}

static guint
get_n_calls (Fixture *fixture, FakeOperation operation)
{
  return streamer_fake_store_get_n_calls (fixture->flow.store, operation);
}

static void
test_arrives_whole (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, PART - 1, PART, PART + 1, 2 * PART, 57 * PART + 13 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u.txt", i);
      g_autofree char *content_type = NULL;

      make_transfer (fixture, name, sizes[i]);
      g_assert_cmpint (streamer_transfer_get_state (fixture->transfer), ==,
                       STREAMER_TRANSFER_WAITING);
      streamer_transfer_start (fixture->transfer, 0);
      assert_done (fixture, name);
      g_assert_cmpstr (fixture->states->str, ==, "pufD");
      g_assert_cmpuint (streamer_transfer_get_size (fixture->transfer), ==, sizes[i]);
      g_assert_cmpuint (streamer_transfer_get_n_parts (fixture->transfer), ==,
                        MAX (1, (sizes[i] + PART - 1) / PART));
      content_type = streamer_fake_store_get_content_type (fixture->flow.store, name);
      g_assert_nonnull (content_type);
      forget_transfer (fixture);
    }
  g_assert_cmpuint (streamer_fake_store_get_max_at_once (fixture->flow.store), <=, WORKERS);
}

static void
test_content_type_can_be_chosen (Fixture *fixture, gconstpointer data)
{
  for (guint chosen = 0; chosen <= 1; chosen++)
    {
      const char *name = chosen ? "chosen.html" : "guessed.html";
      g_autofree char *content_type = NULL;

      fixture->flow.target->content_type = chosen ? g_strdup ("text/x-mine") : NULL;
      make_transfer (fixture, name, 2 * PART);
      streamer_transfer_start (fixture->transfer, 0);
      assert_done (fixture, name);
      content_type = streamer_fake_store_get_content_type (fixture->flow.store, name);
      g_assert_cmpint (g_strcmp0 (content_type, "text/x-mine") == 0, ==, chosen);
      forget_transfer (fixture);
    }
}

static void
test_ten_thousand_parts_arrive (Fixture *fixture, gconstpointer data)
{
  fixture->flow.target->part_size = 1;
  make_transfer (fixture, "file", 10000);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), ==, 10000);
}

typedef struct
{
  StreamerTransfer *transfer;
  guint n_done; /* at the last turn */
  guint most;   /* in one turn */
} Turns;

static gboolean
on_turn (gpointer user_data)
{
  Turns *turns = user_data;
  StreamerPartList *parts = streamer_transfer_get_parts (turns->transfer);
  guint n_done = parts != NULL ? streamer_part_list_count (parts, STREAMER_PART_DONE) : 0;

  turns->most = MAX (turns->most, n_done - turns->n_done);
  turns->n_done = n_done;
  return G_SOURCE_CONTINUE;
}

/* However fast parts come back, others get their turn after as many as are under way. */
static void
test_main_loop_goes_round_while_parts_are_sent (Fixture *fixture, gconstpointer data)
{
  Turns turns = { 0 };
  guint turn;

  streamer_pool_set_n_workers (fixture->pool, 16);
  fixture->flow.target->part_size = 1;
  make_transfer (fixture, "file", 5000);
  turns.transfer = fixture->transfer;
  turn = g_idle_add_full (G_PRIORITY_DEFAULT, on_turn, &turns, NULL);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
  g_source_remove (turn);
  g_assert_cmpuint (turns.n_done, >, 0);
  g_assert_cmpuint (turns.most, <=, 16);
}

static void
test_receipt_says_what_came (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerReceipt) receipt = NULL;
  g_autoptr (JsonNode) json = NULL;
  g_autofree char *path = test_flow_path (&fixture->flow, "file");
  g_autoptr (GList) members = NULL;
  g_autoptr (GString) names = g_string_new (NULL);

  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 2, STREAMER_ERROR_NETWORK, FALSE);
  make_transfer (fixture, "file", 2 * PART + 1);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");

  receipt = streamer_transfer_get_receipt (fixture->transfer);
  g_assert_cmpstr (receipt->id, ==, streamer_transfer_get_id (fixture->transfer));
  g_assert_cmpstr (receipt->file, ==, path);
  g_assert_cmpstr (receipt->key, ==, "file");
  g_assert_cmpstr (receipt->url, ==, "https://fake.example/file");
  g_assert_cmpuint (receipt->size, ==, 2 * PART + 1);
  g_assert_cmpuint (receipt->status_code, ==, 200);
  g_assert_cmpstr (receipt->etag, ==, "\"whole\"");
  g_assert_true (receipt->has_crc32);
  g_assert_cmpuint (receipt->parts, ==, 3);
  g_assert_cmpuint (receipt->part_size, ==, PART);
  g_assert_cmpuint (receipt->retries, ==, 1);
  g_assert_true (receipt->seconds > 0);

  json = streamer_receipt_to_json (receipt);
  members = json_object_get_members (json_node_get_object (json));
  for (GList *link = members; link != NULL; link = link->next)
    g_string_append_printf (names, "%s ", (const char *) link->data);
  g_assert_cmpstr (names->str, ==,
                   "file key url size status_code status etag checksum sha256 parts part_size "
                   "seconds retries id ");
}

static void
test_link_is_below_the_domain (Fixture *fixture, gconstpointer data)
{
  g_object_set (fixture->flow.connection, "domain", "https://down.example/files/", NULL);
  fixture->flow.target->prefix = g_strdup ("/team a/");
  make_transfer (fixture, "file", 10);
  g_assert_cmpstr (streamer_transfer_get_key (fixture->transfer), ==, "team a/file");
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "team a/file");
  g_assert_cmpstr (streamer_transfer_get_url (fixture->transfer), ==,
                   "https://down.example/files/team%20a/file");
}

static void
test_impossible_name_is_refused_visibly (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerReceipt) receipt = NULL;

  make_transfer (fixture, "bad\xff", 10);
  assert_failed (fixture, STREAMER_ERROR_INVALID);
  g_assert_null (streamer_transfer_get_key (fixture->transfer));
  g_assert_true (g_utf8_validate (streamer_transfer_get_name (fixture->transfer), -1, NULL));
  g_assert_false (streamer_transfer_can_resume (fixture->transfer));
  streamer_transfer_resume (fixture->transfer);
  streamer_transfer_start_over (fixture->transfer);
  g_assert_cmpint (streamer_transfer_get_state (fixture->transfer), ==, STREAMER_TRANSFER_FAILED);
  receipt = streamer_transfer_get_receipt (fixture->transfer);
  g_assert_cmpuint (receipt->status_code, ==, 400);
  g_assert_nonnull (receipt->file);
}

static void
test_absent_file_fails_and_can_be_tried_again (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = test_flow_path (&fixture->flow, "file");
  g_autoptr (GFile) file = NULL;

  make_transfer (fixture, "file", 10);
  g_assert_cmpint (g_remove (path), ==, 0);
  streamer_transfer_start (fixture->transfer, 0);
  assert_failed (fixture, STREAMER_ERROR_UNREADABLE);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_GET_LIMITS), ==, 0);

  file = test_flow_write (&fixture->flow, "file", fixture->bytes);
  streamer_transfer_resume (fixture->transfer);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
}

/* Starts, and comes back when @n parts are stored and all workers wait at the next ones. */
static void
start_and_hold (Fixture *fixture, guint n)
{
  for (guint i = 1; i <= WORKERS; i++)
    streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, n + i);
  streamer_transfer_start (fixture->transfer, 0);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == WORKERS &&
              streamer_part_list_count (streamer_transfer_get_parts (fixture->transfer),
                                        STREAMER_PART_DONE) == n);
}

static void
test_resume_sends_only_what_is_missing (Fixture *fixture, gconstpointer data)
{
  StreamerPartList *parts;

  make_transfer (fixture, "file", 10 * PART + 7);
  start_and_hold (fixture, 4);
  parts = streamer_transfer_get_parts (fixture->transfer);
  streamer_transfer_pause (fixture->transfer);
  g_assert_cmpint (fixture->state, ==, STREAMER_TRANSFER_PAUSED);
  g_assert_cmpuint (streamer_transfer_get_sent (fixture->transfer), ==, 4 * PART);
  wait_until (!streamer_transfer_is_busy (fixture->transfer));
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), ==, 4 + WORKERS);

  streamer_transfer_resume (fixture->transfer);
  g_assert_cmpint (fixture->state, ==, STREAMER_TRANSFER_WAITING);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
  g_assert_true (parts == streamer_transfer_get_parts (fixture->transfer));
  g_assert_cmpuint (get_n_calls (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_LIST_PARTS), ==, 1);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), ==, 11 + WORKERS);
}

static void
test_resume_at_once_waits_for_what_is_under_way (Fixture *fixture, gconstpointer data)
{
  make_transfer (fixture, "file", 10 * PART);
  start_and_hold (fixture, 4);
  for (guint i = 0; i < 5; i++)
    {
      streamer_transfer_pause (fixture->transfer);
      streamer_transfer_resume (fixture->transfer);
      streamer_transfer_start (fixture->transfer, 0);
    }
  assert_done (fixture, "file");
  g_assert_cmpuint (get_n_calls (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), ==, 10 + WORKERS);
}

/* Which of the first parts these are depends on the workers. */
static guint
find_done_part (Fixture *fixture)
{
  StreamerPartList *parts = streamer_transfer_get_parts (fixture->transfer);
  guint number = 1;

  while (streamer_part_list_get_state (parts, number) != STREAMER_PART_DONE)
    number++;
  return number;
}

static void
test_part_that_the_store_lost_is_sent_again (Fixture *fixture, gconstpointer data)
{
  make_transfer (fixture, "file", 10 * PART);
  start_and_hold (fixture, 4);
  streamer_transfer_pause (fixture->transfer);
  wait_until (!streamer_transfer_is_busy (fixture->transfer));
  streamer_fake_store_forget_part (fixture->flow.store, find_done_part (fixture));
  streamer_transfer_resume (fixture->transfer);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), ==, 10 + WORKERS + 1);
}

/* It is noticed only when the parts are put together. */
static void
test_part_that_the_store_lost_late_is_sent_again_alone (Fixture *fixture, gconstpointer data)
{
  make_transfer (fixture, "file", 10 * PART);
  streamer_fake_store_block (fixture->flow.store, FAKE_FINISH, 1);
  streamer_transfer_start (fixture->transfer, 0);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  streamer_fake_store_forget_part (fixture->flow.store, 7);
  streamer_fake_store_let_on (fixture->flow.store);
  assert_done (fixture, "file");
  g_assert_cmpuint (get_n_calls (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), ==, 11);
}

static void
test_upload_that_the_store_lost_is_begun_again (Fixture *fixture, gconstpointer data)
{
  make_transfer (fixture, "file", 10 * PART);
  start_and_hold (fixture, 4);
  streamer_fake_store_forget_uploads (fixture->flow.store);
  streamer_fake_store_let_on (fixture->flow.store);
  assert_done (fixture, "file");
  g_assert_cmpuint (get_n_calls (fixture, FAKE_BEGIN), ==, 2);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), >=, 10 + WORKERS);
}

static void
test_upload_that_is_always_lost_fails (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 0, STREAMER_ERROR_NO_UPLOAD, FALSE);
  make_transfer (fixture, "file", 3 * PART);
  streamer_transfer_start (fixture->transfer, 0);
  assert_failed (fixture, STREAMER_ERROR_NO_UPLOAD);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_BEGIN), ==, 3);
  assert_nothing_left (fixture);
}

static void
test_mangled_object_is_sent_again (Fixture *fixture, gconstpointer data)
{
  for (guint nth = 1; nth <= 4; nth++)
    streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, nth, STREAMER_ERROR_CHECKSUM,
                              FALSE);
  make_transfer (fixture, "file", 3 * PART);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
  g_assert_cmpuint (get_n_calls (fixture, FAKE_BEGIN), ==, 2);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), ==, 6);
}

static void
test_finish_is_asked_again_after_a_lost_answer (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 1, STREAMER_ERROR_NETWORK, TRUE);
  make_transfer (fixture, "file", 3 * PART);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
  g_assert_cmpuint (get_n_calls (fixture, FAKE_FINISH), ==, 2);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_BEGIN), ==, 1);
}

static void
test_finish_that_was_paused_is_asked_again (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_block_answer (fixture->flow.store, FAKE_FINISH, 1);
  make_transfer (fixture, "file", 3 * PART);
  streamer_transfer_start (fixture->transfer, 0);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  streamer_transfer_pause (fixture->transfer);
  wait_until (!streamer_transfer_is_busy (fixture->transfer));
  streamer_transfer_resume (fixture->transfer);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), ==, 3);
}

static void
test_existing_object_stays (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) old = g_bytes_new ("old", 3);

  streamer_fake_store_set_object (fixture->flow.store, "file", "old");
  make_transfer (fixture, "file", 3 * PART);
  streamer_transfer_start (fixture->transfer, 0);
  assert_failed (fixture, STREAMER_ERROR_EXISTS);
  test_flow_assert_object (&fixture->flow, "file", old);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART), ==, 0);
}

static void
test_object_that_came_meanwhile_stays (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) old = g_bytes_new ("old", 3);

  make_transfer (fixture, "file", 10 * PART);
  start_and_hold (fixture, 4);
  streamer_fake_store_set_object (fixture->flow.store, "file", "old");
  streamer_fake_store_let_on (fixture->flow.store);
  assert_failed (fixture, STREAMER_ERROR_EXISTS);
  test_flow_assert_object (&fixture->flow, "file", old);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
}

static void
test_existing_object_is_replaced_when_asked (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_set_object (fixture->flow.store, "file", "old");
  fixture->flow.target->overwrite = TRUE;
  make_transfer (fixture, "file", 3 * PART);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
}

static void
grow (gpointer store, gpointer user_data)
{
  g_autoptr (GFile) file = g_file_new_for_path (user_data);
  g_autoptr (GFileOutputStream) stream = g_file_append_to (file, G_FILE_CREATE_NONE, NULL, NULL);

  g_assert_cmpint (g_output_stream_write (G_OUTPUT_STREAM (stream), "more", 4, NULL, NULL), ==, 4);
}

static void
shrink (gpointer store, gpointer user_data)
{
  g_assert_cmpint (truncate (user_data, 3 * PART), ==, 0);
}

static void
replace (gpointer store, gpointer user_data)
{
  g_autofree char *contents = NULL;
  g_autofree char *other = g_strconcat (user_data, ".new", NULL);
  gsize length;

  g_assert_true (g_file_get_contents (user_data, &contents, &length, NULL));
  g_assert_true (g_file_set_contents (other, contents, (gssize) length, NULL));
  g_assert_cmpint (g_rename (other, user_data), ==, 0);
}

static void
test_changed_file_is_never_finished (Fixture *fixture, gconstpointer data)
{
  static const GFunc changes[] = { grow, shrink, replace };
  static const struct
  {
    FakeOperation operation;
    guint nth;
  } moments[] = { { FAKE_BEGIN, 1 }, { FAKE_PUT_PART, 1 }, { FAKE_PUT_PART, 6 } };

  for (guint i = 0; i < G_N_ELEMENTS (changes) * G_N_ELEMENTS (moments); i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);
      g_autofree char *path = test_flow_path (&fixture->flow, name);
      guint before = get_n_calls (fixture, moments[i / 3].operation);

      make_transfer (fixture, name, 6 * PART);
      streamer_fake_store_call (fixture->flow.store, moments[i / 3].operation,
                                before + moments[i / 3].nth, changes[i % 3], path);
      streamer_transfer_start (fixture->transfer, 0);
      assert_failed (fixture, STREAMER_ERROR_CHANGED);
      assert_nothing_left (fixture);
      streamer_fake_store_clear_script (fixture->flow.store);
      forget_transfer (fixture);
    }
}

/* The object was asked for of what the file held before. */
static void
test_file_that_changes_after_it_was_finished_is_done (Fixture *fixture, gconstpointer data)
{
  static const GFunc changes[] = { grow, shrink, replace };
  static const guint sizes[] = { 6 * PART, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (changes) * G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);
      g_autofree char *path = test_flow_path (&fixture->flow, name);
      guint nth = get_n_calls (fixture, FAKE_FINISH) + 1;

      make_transfer (fixture, name, sizes[i / 3]);
      streamer_fake_store_call (fixture->flow.store, FAKE_FINISH, nth, changes[i % 3], path);
      streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, nth, STREAMER_ERROR_NETWORK,
                                TRUE);
      streamer_transfer_start (fixture->transfer, 0);
      assert_done (fixture, name);
      streamer_fake_store_clear_script (fixture->flow.store);
      forget_transfer (fixture);
    }
}

static void
test_changed_file_is_not_finished_where_it_was_not (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = test_flow_path (&fixture->flow, "file");

  make_transfer (fixture, "file", 6 * PART);
  streamer_fake_store_call (fixture->flow.store, FAKE_FINISH, 1, grow, path);
  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 1, STREAMER_ERROR_NETWORK, FALSE);
  streamer_transfer_start (fixture->transfer, 0);
  assert_failed (fixture, STREAMER_ERROR_CHANGED);
  assert_nothing_left (fixture);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_FINISH), ==, 1);
}

static void
forget_uploads (gpointer store, gpointer user_data)
{
  streamer_fake_store_forget_uploads (store);
}

/* What the store lost of it cannot be sent again. */
static void
test_changed_file_is_not_begun_again_for_what_the_store_lost (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = test_flow_path (&fixture->flow, "file");

  make_transfer (fixture, "file", 6 * PART);
  streamer_fake_store_call (fixture->flow.store, FAKE_FINISH, 1, grow, path);
  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 1, STREAMER_ERROR_NETWORK, FALSE);
  streamer_fake_store_call (fixture->flow.store, FAKE_LIST_PARTS, 1, forget_uploads, NULL);
  streamer_transfer_start (fixture->transfer, 0);
  assert_failed (fixture, STREAMER_ERROR_CHANGED);
  assert_nothing_left (fixture);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_BEGIN), ==, 1);
}

static void
test_changed_file_starts_over_as_a_new_upload (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = test_flow_path (&fixture->flow, "file");
  g_autofree char *contents = NULL;
  gsize length;

  make_transfer (fixture, "file", 6 * PART);
  streamer_fake_store_call (fixture->flow.store, FAKE_PUT_PART, 3, grow, path);
  streamer_transfer_start (fixture->transfer, 0);
  assert_failed (fixture, STREAMER_ERROR_CHANGED);
  g_assert_true (streamer_transfer_can_start_over (fixture->transfer));

  streamer_transfer_start_over (fixture->transfer);
  streamer_transfer_start (fixture->transfer, 0);
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  g_bytes_unref (fixture->bytes);
  fixture->bytes = g_bytes_new_take (g_steal_pointer (&contents), length);
  assert_done (fixture, "file");
  g_assert_cmpuint (streamer_transfer_get_size (fixture->transfer), ==, 6 * PART + 4);
}

static void
test_needs_token_and_goes_on (Fixture *fixture, gconstpointer data)
{
  static const FakeOperation operations[] = { FAKE_GET_LIMITS, FAKE_BEGIN, FAKE_PUT_PART,
                                              FAKE_FINISH };

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);

      make_transfer (fixture, name, 3 * PART);
      streamer_fake_store_fail (fixture->flow.store, operations[i], 0, STREAMER_ERROR_AUTH, FALSE);
      streamer_transfer_start (fixture->transfer, 0);
      wait_for_state (fixture, STREAMER_TRANSFER_NEEDS_TOKEN);
      g_assert_error (streamer_transfer_get_error (fixture->transfer), STREAMER_ERROR,
                      STREAMER_ERROR_AUTH);
      streamer_fake_store_clear_script (fixture->flow.store);
      streamer_transfer_resume (fixture->transfer);
      g_assert_no_error (streamer_transfer_get_error (fixture->transfer));
      streamer_transfer_start (fixture->transfer, 0);
      assert_done (fixture, name);
      forget_transfer (fixture);
    }
}

static void
test_stalls_and_recovers (Fixture *fixture, gconstpointer data)
{
  static const FakeOperation operations[] = { FAKE_GET_LIMITS, FAKE_BEGIN, FAKE_PUT_PART,
                                              FAKE_FINISH };

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);

      make_transfer (fixture, name, 3 * PART);
      streamer_fake_store_fail (fixture->flow.store, operations[i], 0, STREAMER_ERROR_NETWORK,
                                FALSE);
      streamer_transfer_start (fixture->transfer, 0);
      wait_until (fixture->state == STREAMER_TRANSFER_STALLED &&
                  streamer_transfer_get_retry_at (fixture->transfer) > 0);
      g_assert_error (streamer_transfer_get_error (fixture->transfer), STREAMER_ERROR,
                      STREAMER_ERROR_NETWORK);
      streamer_fake_store_clear_script (fixture->flow.store);
      assert_done (fixture, name);
      g_assert_cmpint (streamer_transfer_get_retry_at (fixture->transfer), ==, 0);
      forget_transfer (fixture);
    }
}

static void
test_tries_now_when_told (Fixture *fixture, gconstpointer data)
{
  make_transfer (fixture, "file", 3 * PART);
  /* Whoever waits for this to pass by itself waits for seconds. */
  for (guint nth = 1; nth <= 4; nth++)
    streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, nth, STREAMER_ERROR_BUSY, FALSE);
  streamer_transfer_start (fixture->transfer, 0);
  for (guint nth = 1; nth <= 4; nth++)
    {
      wait_for_state (fixture, STREAMER_TRANSFER_STALLED);
      streamer_transfer_resume (fixture->transfer);
      g_assert_cmpint (fixture->state, ==, STREAMER_TRANSFER_WAITING);
      streamer_transfer_start (fixture->transfer, 0);
    }
  assert_done (fixture, "file");
}

static void
test_network_that_does_not_come_back_fails (Fixture *fixture, gconstpointer data)
{
  guint n_put;

  streamer_retry_set_patience (streamer_pool_get_retry (fixture->pool), 1);
  make_transfer (fixture, "file", 10 * PART);
  start_and_hold (fixture, 4);
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 0, STREAMER_ERROR_NETWORK, FALSE);
  streamer_fake_store_let_on (fixture->flow.store);
  assert_failed (fixture, STREAMER_ERROR_NETWORK);
  /* What is there is worth keeping. */
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  streamer_fake_store_clear_script (fixture->flow.store);
  n_put = get_n_calls (fixture, FAKE_PUT_PART);
  g_assert_true (streamer_transfer_can_resume (fixture->transfer));
  streamer_transfer_resume (fixture->transfer);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
  g_assert_cmpuint (get_n_calls (fixture, FAKE_PUT_PART) - n_put, <=, 6);
  g_assert_cmpuint (get_n_calls (fixture, FAKE_BEGIN), ==, 1);
}

/* Bytes of attempts that fail are not counted any more, but what was shown does not fall. */
static void
test_sent_stands_still_where_attempts_fail (Fixture *fixture, gconstpointer data)
{
  make_transfer (fixture, "file", 4 * PART);
  for (guint nth = 1; nth <= WORKERS; nth++)
    streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, nth);
  for (guint nth = 1; nth <= 2 * WORKERS; nth++)
    streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, nth, STREAMER_ERROR_NETWORK,
                              FALSE);
  streamer_transfer_start (fixture->transfer, 0);
  wait_until (fixture->sent == WORKERS * PART);
  streamer_fake_store_let_on (fixture->flow.store);
  assert_done (fixture, "file");
}

static void
test_cancelled_in_any_state_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    FakeOperation operation;
    gboolean answer;
  } moments[] = { { FAKE_GET_LIMITS, FALSE }, { FAKE_BEGIN, FALSE },   { FAKE_BEGIN, TRUE },
                  { FAKE_PUT_PART, FALSE },   { FAKE_PUT_PART, TRUE }, { FAKE_FINISH, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      guint nth = get_n_calls (fixture, moments[i].operation) + 1;

      make_transfer (fixture, "file", 4 * PART);
      if (moments[i].answer)
        streamer_fake_store_block_answer (fixture->flow.store, moments[i].operation, nth);
      else
        streamer_fake_store_block (fixture->flow.store, moments[i].operation, nth);
      streamer_transfer_start (fixture->transfer, 0);
      wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
      cancel (fixture);
      assert_nothing_left (fixture);
      streamer_fake_store_clear_script (fixture->flow.store);

      /* And the user may think again. */
      g_assert_true (streamer_transfer_can_start_over (fixture->transfer));
      streamer_transfer_start_over (fixture->transfer);
      cancel (fixture);
      forget_transfer (fixture);
    }
}

static void
test_cancelled_while_it_stands_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  make_transfer (fixture, "waiting", PART);
  cancel (fixture);
  assert_nothing_left (fixture);
  forget_transfer (fixture);

  make_transfer (fixture, "paused", 10 * PART);
  start_and_hold (fixture, 4);
  streamer_transfer_pause (fixture->transfer);
  cancel (fixture);
  assert_nothing_left (fixture);
  streamer_fake_store_clear_script (fixture->flow.store);
  forget_transfer (fixture);

  make_transfer (fixture, "stalled", 10 * PART);
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 0, STREAMER_ERROR_BUSY, FALSE);
  streamer_transfer_start (fixture->transfer, 0);
  wait_for_state (fixture, STREAMER_TRANSFER_STALLED);
  cancel (fixture);
  assert_nothing_left (fixture);
  streamer_fake_store_clear_script (fixture->flow.store);
  forget_transfer (fixture);

  make_transfer (fixture, "needs-token", 10 * PART);
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 0, STREAMER_ERROR_AUTH, FALSE);
  streamer_transfer_start (fixture->transfer, 0);
  wait_for_state (fixture, STREAMER_TRANSFER_NEEDS_TOKEN);
  cancel (fixture);
  assert_nothing_left (fixture);
  streamer_fake_store_clear_script (fixture->flow.store);
  forget_transfer (fixture);

  make_transfer (fixture, "failed", 10 * PART);
  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 0, STREAMER_ERROR_PROTOCOL, FALSE);
  streamer_transfer_start (fixture->transfer, 0);
  wait_for_state (fixture, STREAMER_TRANSFER_FAILED);
  cancel (fixture);
  assert_nothing_left (fixture);
}

static void
test_cancelled_after_a_lost_answer_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  make_transfer (fixture, "file", PART);
  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 1, STREAMER_ERROR_BUSY, TRUE);
  streamer_transfer_start (fixture->transfer, 0);
  wait_for_state (fixture, STREAMER_TRANSFER_STALLED);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  cancel (fixture);
  assert_nothing_left (fixture);
}

static void
test_cancel_of_what_is_done_does_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;

  make_transfer (fixture, "file", PART);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture, "file");
  streamer_transfer_cancel_async (fixture->transfer, test_flow_store_result, &result);
  wait_until (result != NULL);
  g_assert_true (streamer_transfer_cancel_finish (fixture->transfer, result, NULL));
  assert_done (fixture, "file");
}

static void
test_store_that_cannot_be_told_does_not_hold_the_user (Fixture *fixture, gconstpointer data)
{
  make_transfer (fixture, "file", 10 * PART);
  start_and_hold (fixture, 4);
  streamer_fake_store_fail (fixture->flow.store, FAKE_CANCEL, 0, STREAMER_ERROR_FORBIDDEN, FALSE);
  cancel (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
}

static void
test_dropped_transfer_goes_away (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  make_transfer (fixture, "file", 10 * PART);
  start_and_hold (fixture, 4);
  transfer = g_steal_pointer (&fixture->transfer);
  streamer_transfer_pause (transfer);
  g_object_add_weak_pointer (G_OBJECT (transfer), (gpointer *) &transfer);
  g_object_unref (transfer);
  wait_until (transfer == NULL);
  g_clear_pointer (&fixture->bytes, g_bytes_unref);
}

#define add(name, func) g_test_add ("/transfer/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("arrives-whole", test_arrives_whole);
  add ("content-type-can-be-chosen", test_content_type_can_be_chosen);
  add ("ten-thousand-parts-arrive", test_ten_thousand_parts_arrive);
  add ("main-loop-goes-round-while-parts-are-sent", test_main_loop_goes_round_while_parts_are_sent);
  add ("receipt-says-what-came", test_receipt_says_what_came);
  add ("link-is-below-the-domain", test_link_is_below_the_domain);
  add ("impossible-name-is-refused-visibly", test_impossible_name_is_refused_visibly);
  add ("absent-file-fails-and-can-be-tried-again", test_absent_file_fails_and_can_be_tried_again);
  add ("resume-sends-only-what-is-missing", test_resume_sends_only_what_is_missing);
  add ("resume-at-once-waits-for-what-is-under-way",
       test_resume_at_once_waits_for_what_is_under_way);
  add ("part-that-the-store-lost-is-sent-again", test_part_that_the_store_lost_is_sent_again);
  add ("part-that-the-store-lost-late-is-sent-again-alone",
       test_part_that_the_store_lost_late_is_sent_again_alone);
  add ("upload-that-the-store-lost-is-begun-again", test_upload_that_the_store_lost_is_begun_again);
  add ("upload-that-is-always-lost-fails", test_upload_that_is_always_lost_fails);
  add ("mangled-object-is-sent-again", test_mangled_object_is_sent_again);
  add ("finish-is-asked-again-after-a-lost-answer", test_finish_is_asked_again_after_a_lost_answer);
  add ("finish-that-was-paused-is-asked-again", test_finish_that_was_paused_is_asked_again);
  add ("existing-object-stays", test_existing_object_stays);
  add ("object-that-came-meanwhile-stays", test_object_that_came_meanwhile_stays);
  add ("existing-object-is-replaced-when-asked", test_existing_object_is_replaced_when_asked);
  add ("changed-file-is-never-finished", test_changed_file_is_never_finished);
  add ("file-that-changes-after-it-was-finished-is-done",
       test_file_that_changes_after_it_was_finished_is_done);
  add ("changed-file-is-not-finished-where-it-was-not",
       test_changed_file_is_not_finished_where_it_was_not);
  add ("changed-file-is-not-begun-again-for-what-the-store-lost",
       test_changed_file_is_not_begun_again_for_what_the_store_lost);
  add ("changed-file-starts-over-as-a-new-upload", test_changed_file_starts_over_as_a_new_upload);
  add ("needs-token-and-goes-on", test_needs_token_and_goes_on);
  add ("stalls-and-recovers", test_stalls_and_recovers);
  add ("tries-now-when-told", test_tries_now_when_told);
  add ("network-that-does-not-come-back-fails", test_network_that_does_not_come_back_fails);
  add ("sent-stands-still-where-attempts-fail", test_sent_stands_still_where_attempts_fail);
  add ("cancelled-in-any-state-leaves-nothing", test_cancelled_in_any_state_leaves_nothing);
  add ("cancelled-while-it-stands-leaves-nothing", test_cancelled_while_it_stands_leaves_nothing);
  add ("cancelled-after-a-lost-answer-leaves-nothing",
       test_cancelled_after_a_lost_answer_leaves_nothing);
  add ("cancel-of-what-is-done-does-nothing", test_cancel_of_what_is_done_does_nothing);
  add ("store-that-cannot-be-told-does-not-hold-the-user",
       test_store_that_cannot_be_told_does_not_hold_the_user);
  add ("dropped-transfer-goes-away", test_dropped_transfer_goes_away);
  return g_test_run ();
}
