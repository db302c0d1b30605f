/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib-unix.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-flow.h"

#define PART 1000

typedef struct
{
  TestFlow flow;
  StreamerQueue *queue; /* (nullable) */
  guint n_items;        /* as the model's signals say */
  guint largest_batch;
  guint most_active;
} Fixture;

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, Fixture *fixture)
{
  g_assert_cmpuint (position + removed, <=, fixture->n_items);
  fixture->n_items += added - removed;
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, fixture->n_items);
  fixture->largest_batch = MAX (fixture->largest_batch, added);
}

static void
on_n_active (StreamerQueue *queue, GParamSpec *pspec, Fixture *fixture)
{
  fixture->most_active = MAX (fixture->most_active, streamer_queue_get_n_active (queue));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  test_flow_set_up (&fixture->flow);
  fixture->flow.target->part_size = PART;
  fixture->queue = streamer_queue_new ();
  g_signal_connect (fixture->queue, "items-changed", G_CALLBACK (on_items_changed), fixture);
  g_signal_connect (fixture->queue, "notify::n-active", G_CALLBACK (on_n_active), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_clear_script (fixture->flow.store);
  if (fixture->queue != NULL)
    {
      wait_until (streamer_queue_get_n_active (fixture->queue) == 0);
      g_assert_finalize_object (fixture->queue);
    }
  test_flow_tear_down (&fixture->flow);
}

static void
write_file (Fixture *fixture, const char *name, gsize size)
{
  g_autoptr (GBytes) bytes = test_flow_make_bytes (size, g_str_hash (name));
  g_autoptr (GFile) file = test_flow_write (&fixture->flow, name, bytes);
}

/* As write_file() wrote it under @name. */
static void
assert_object (Fixture *fixture, const char *key, const char *name, gsize size)
{
  g_autoptr (GBytes) bytes = test_flow_make_bytes (size, g_str_hash (name));

  test_flow_assert_object (&fixture->flow, key, bytes);
}

static void
start_add (Fixture *fixture, const char *name, GAsyncResult **result)
{
  g_autofree char *path = test_flow_path (&fixture->flow, name);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  streamer_queue_add_async (fixture->queue, file, fixture->flow.target, NULL,
                            test_flow_store_result, result);
}

static guint
end_add (Fixture *fixture, GAsyncResult **result)
{
  g_autoptr (GError) error = NULL;
  guint n_added;

  wait_until (*result != NULL);
  n_added = streamer_queue_add_finish (fixture->queue, *result, &error);
  g_assert_no_error (error);
  g_clear_object (result);
  return n_added;
}

static guint
add (Fixture *fixture, const char *name)
{
  GAsyncResult *result = NULL;

  start_add (fixture, name, &result);
  return end_add (fixture, &result);
}

/* Returns: (transfer none): the queue holds it */
static StreamerTransfer *
get_transfer (Fixture *fixture, guint position)
{
  g_autoptr (StreamerTransfer) transfer =
      g_list_model_get_item (G_LIST_MODEL (fixture->queue), position);

  g_assert_nonnull (transfer);
  return transfer;
}

static StreamerTransferState
get_state (Fixture *fixture, guint position)
{
  return streamer_transfer_get_state (get_transfer (fixture, position));
}

static guint
count_states (Fixture *fixture, StreamerTransferState state)
{
  guint n = 0;

  for (guint i = 0; i < fixture->n_items; i++)
    n += get_state (fixture, i) == state ? 1 : 0;
  return n;
}

static void
wait_for_idle (Fixture *fixture)
{
  wait_until (streamer_queue_is_idle (fixture->queue));
}

static void
test_empty_queue_is_idle (Fixture *fixture, gconstpointer data)
{
  g_assert_true (streamer_queue_is_idle (fixture->queue));
  g_assert_cmpuint (streamer_queue_get_parts (fixture->queue), ==, STREAMER_PARTS_DEFAULT);
  g_assert_cmpint (streamer_queue_get_time_left (fixture->queue), ==, -1);
  g_assert_null (streamer_queue_get_needs_token (fixture->queue));
}

static void
test_many_small_files_arrive (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *name = g_strdup_printf ("many/%u/file-%u", i % 7, i);

      write_file (fixture, name, i % 100);
    }

  g_assert_cmpuint (add (fixture, "many"), ==, 2000);
  g_assert_cmpuint (fixture->n_items, ==, 2000);
  /* So many at a time do not hold the main loop for a frame. */
  g_assert_cmpuint (fixture->largest_batch, <=, 200);
  wait_for_idle (fixture);
  g_assert_cmpuint (fixture->most_active, ==, STREAMER_PARTS_DEFAULT);
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_DONE), ==, 2000);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 2000);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
  g_assert_cmpuint (streamer_fake_store_get_max_at_once (fixture->flow.store), <=,
                    STREAMER_PARTS_DEFAULT);
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *name = g_strdup_printf ("many/%u/file-%u", i % 7, i);

      assert_object (fixture, name, name, i % 100);
    }
}

static void
test_folder_keeps_its_structure_under_the_prefix (Fixture *fixture, gconstpointer data)
{
  fixture->flow.target->prefix = g_strdup ("team/");
  write_file (fixture, "top/b", 10);
  write_file (fixture, "top/a/x y%20+ä", 20);
  g_assert_cmpuint (add (fixture, "top"), ==, 2);
  wait_for_idle (fixture);
  assert_object (fixture, "team/top/a/x y%20+ä", "top/a/x y%20+ä", 20);
  assert_object (fixture, "team/top/b", "top/b", 10);
  g_assert_cmpstr (streamer_transfer_get_key (get_transfer (fixture, 0)), ==,
                   "team/top/a/x y%20+ä");
}

static void
test_what_cannot_be_uploaded_is_shown (Fixture *fixture, gconstpointer data)
{
  g_autofree char *fifo = test_flow_path (&fixture->flow, "top/fifo");

  write_file (fixture, "top/a", 1);
  write_file (fixture, "top/b\xff", 1);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpuint (add (fixture, "top"), ==, 3);
  g_assert_cmpuint (add (fixture, "absent"), ==, 1);
  wait_for_idle (fixture);
  g_assert_cmpint (get_state (fixture, 0), ==, STREAMER_TRANSFER_DONE);
  g_assert_error (streamer_transfer_get_error (get_transfer (fixture, 1)), STREAMER_ERROR,
                  STREAMER_ERROR_INVALID);
  g_assert_error (streamer_transfer_get_error (get_transfer (fixture, 2)), STREAMER_ERROR,
                  STREAMER_ERROR_UNREADABLE);
  g_assert_error (streamer_transfer_get_error (get_transfer (fixture, 3)), STREAMER_ERROR,
                  STREAMER_ERROR_UNREADABLE);
  g_assert_cmpstr (streamer_transfer_get_name (get_transfer (fixture, 3)), ==, "absent");
}

static void
test_name_is_for_one_file (Fixture *fixture, gconstpointer data)
{
  fixture->flow.target->name = g_strdup ("other/name");
  write_file (fixture, "bad\xff", 10);
  write_file (fixture, "top/a", 1);
  g_assert_cmpuint (add (fixture, "bad\xff"), ==, 1);
  g_assert_cmpuint (add (fixture, "top"), ==, 1);
  wait_for_idle (fixture);
  assert_object (fixture, "other/name", "bad\xff", 10);
  g_assert_error (streamer_transfer_get_error (get_transfer (fixture, 1)), STREAMER_ERROR,
                  STREAMER_ERROR_INVALID);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 1);
}

static void
test_adds_keep_their_order (Fixture *fixture, gconstpointer data)
{
  GAsyncResult *results[4] = { NULL };
  static const char *const names[] = { "large", "z", "small", "a" };
  static const char *const last[] = { "large/file-299", "z", "small/file", "a" };
  guint position = 0;

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *name = g_strdup_printf ("large/file-%03u", i);

      write_file (fixture, name, 1);
    }
  write_file (fixture, "z", 1);
  write_file (fixture, "small/file", 1);
  write_file (fixture, "a", 1);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    start_add (fixture, names[i], &results[i]);
  g_assert_false (streamer_queue_is_idle (fixture->queue));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      position += end_add (fixture, &results[i]);
      g_assert_cmpstr (streamer_transfer_get_key (get_transfer (fixture, position - 1)), ==,
                       last[i]);
    }
  wait_for_idle (fixture);
}

static void
test_add_can_be_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->flow.folder);

  write_file (fixture, "file", 1);
  streamer_queue_add_async (fixture->queue, folder, fixture->flow.target, cancellable,
                            test_flow_store_result, &result);
  g_cancellable_cancel (cancellable);
  wait_until (result != NULL);
  g_assert_cmpuint (streamer_queue_add_finish (fixture->queue, result, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture->n_items, ==, 0);
  g_assert_true (streamer_queue_is_idle (fixture->queue));
}

static void
add_files (Fixture *fixture, guint n, gsize size)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("top/file-%03u", i);

      write_file (fixture, name, size);
    }
  g_assert_cmpuint (add (fixture, "top"), ==, n);
}

static void
test_earlier_files_go_first (Fixture *fixture, gconstpointer data)
{
  streamer_queue_set_parts (fixture->queue, 2);
  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 1);
  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 2);
  add_files (fixture, 5, 1);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 2);
  g_assert_cmpint (get_state (fixture, 0), ==, STREAMER_TRANSFER_UPLOADING);
  g_assert_cmpint (get_state (fixture, 1), ==, STREAMER_TRANSFER_UPLOADING);
  g_assert_cmpuint (streamer_queue_get_n_active (fixture->queue), ==, 2);
  g_assert_cmpuint (streamer_queue_get_n_waiting (fixture->queue), ==, 3);

  /* More room is used at once. */
  streamer_queue_set_parts (fixture->queue, 3);
  wait_until (get_state (fixture, 2) == STREAMER_TRANSFER_DONE);
  streamer_fake_store_let_on (fixture->flow.store);
  wait_for_idle (fixture);
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_DONE), ==, 5);
}

static void
assert_last_is_done (StreamerTransfer *transfer, GParamSpec *pspec, Fixture *fixture)
{
  g_assert_cmpint (get_state (fixture, fixture->n_items - 1), ==, STREAMER_TRANSFER_DONE);
}

static void
test_one_goes_out_of_turn (Fixture *fixture, gconstpointer data)
{
  streamer_queue_set_parts (fixture->queue, 1);
  streamer_fake_store_block (fixture->flow.store, FAKE_BEGIN, 1);
  add_files (fixture, 4, 1);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  g_signal_connect (get_transfer (fixture, 1), "notify::state", G_CALLBACK (assert_last_is_done),
                    fixture);

  streamer_queue_start_now (fixture->queue, get_transfer (fixture, 3));
  g_assert_cmpint (get_state (fixture, 3), ==, STREAMER_TRANSFER_PREPARING);
  /* One that is at work stays so. */
  streamer_queue_start_now (fixture->queue, get_transfer (fixture, 3));
  g_assert_cmpint (get_state (fixture, 3), ==, STREAMER_TRANSFER_PREPARING);

  streamer_fake_store_let_on (fixture->flow.store);
  wait_for_idle (fixture);
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_DONE), ==, 4);
}

static void
test_paused_transfer_makes_room (Fixture *fixture, gconstpointer data)
{
  streamer_queue_set_parts (fixture->queue, 1);
  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 1);
  add_files (fixture, 3, 1);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  streamer_transfer_pause (get_transfer (fixture, 0));
  wait_until (count_states (fixture, STREAMER_TRANSFER_DONE) == 2);
  g_assert_false (streamer_queue_is_idle (fixture->queue));
  streamer_transfer_resume (get_transfer (fixture, 0));
  wait_for_idle (fixture);
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_DONE), ==, 3);
}

static void
test_totals_are_of_what_is_not_over (Fixture *fixture, gconstpointer data)
{
  streamer_queue_set_parts (fixture->queue, 1);
  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 2);
  add_files (fixture, 3, 10);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  g_assert_cmpuint (streamer_queue_get_size (fixture->queue), ==, 20);
  wait_until (streamer_queue_get_sent (fixture->queue) == 10);
  streamer_fake_store_let_on (fixture->flow.store);
  wait_for_idle (fixture);
  g_assert_cmpuint (streamer_queue_get_size (fixture->queue), ==, 0);
  g_assert_cmpuint (streamer_queue_get_sent (fixture->queue), ==, 0);
  g_assert_cmpuint (streamer_queue_get_n_waiting (fixture->queue), ==, 0);
}

static void
test_one_failure_does_not_stop_others (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_set_object (fixture->flow.store, "top/file-002", "old");
  add_files (fixture, 20, 1);
  wait_for_idle (fixture);
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_DONE), ==, 19);
  g_assert_cmpint (get_state (fixture, 2), ==, STREAMER_TRANSFER_FAILED);
}

static void
on_needs_token (StreamerQueue *queue, GParamSpec *pspec, guint *n_notified)
{
  (*n_notified)++;
}

static void
test_token_holds_the_queue_until_it_is_given (Fixture *fixture, gconstpointer data)
{
  guint n_notified = 0;

  g_signal_connect (fixture->queue, "notify::needs-token", G_CALLBACK (on_needs_token),
                    &n_notified);
  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 0, STREAMER_ERROR_AUTH, FALSE);
  add_files (fixture, 50, 1);
  wait_until (streamer_queue_get_n_active (fixture->queue) == 0 && n_notified == 1);
  g_assert_true (streamer_queue_get_needs_token (fixture->queue) == fixture->flow.connection);
  g_assert_false (streamer_queue_is_idle (fixture->queue));
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_NEEDS_TOKEN), <=,
                    STREAMER_PARTS_DEFAULT);
  g_assert_cmpuint (streamer_queue_get_n_waiting (fixture->queue), >=, 45);

  /* A wrong one is asked for again. */
  streamer_queue_token_given (fixture->queue, fixture->flow.connection);
  wait_until (n_notified >= 3 && streamer_queue_get_n_active (fixture->queue) == 0 &&
              streamer_queue_get_needs_token (fixture->queue) != NULL);

  streamer_fake_store_clear_script (fixture->flow.store);
  streamer_queue_token_given (fixture->queue, fixture->flow.connection);
  wait_for_idle (fixture);
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_DONE), ==, 50);
  g_assert_null (streamer_queue_get_needs_token (fixture->queue));
}

static void
test_other_connections_go_on_meanwhile (Fixture *fixture, gconstpointer data)
{
  TestFlow other = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) bytes = test_flow_make_bytes (10, 1);
  g_autoptr (GFile) file = NULL;
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);

  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 0, STREAMER_ERROR_AUTH, FALSE);
  add_files (fixture, 10, 1);
  wait_until (streamer_queue_get_needs_token (fixture->queue) != NULL);

  test_flow_set_up (&other);
  g_clear_object (&other.connection);
  other.connection =
      streamer_connection_new_for_store ("other", STREAMER_STORE (other.store), secrets);
  streamer_target_unref (other.target);
  other.target = streamer_target_new (other.connection);
  file = test_flow_write (&other, "file", bytes);
  streamer_queue_add_async (fixture->queue, file, other.target, NULL, test_flow_store_result,
                            &result);
  wait_until (streamer_fake_store_get_n_objects (other.store) == 1);
  wait_until (get_state (fixture, 10) == STREAMER_TRANSFER_DONE);
  streamer_queue_remove (fixture->queue, get_transfer (fixture, 10));

  streamer_fake_store_clear_script (fixture->flow.store);
  streamer_queue_token_given (fixture->queue, fixture->flow.connection);
  wait_for_idle (fixture);
  g_clear_object (&result);
  test_flow_tear_down (&other);
}

static void
test_other_connections_go_on_while_one_is_away (Fixture *fixture, gconstpointer data)
{
  TestFlow other = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);

  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 0, STREAMER_ERROR_NETWORK, FALSE);
  add_files (fixture, 10, 1);
  wait_until (count_states (fixture, STREAMER_TRANSFER_STALLED) == STREAMER_PARTS_DEFAULT);

  test_flow_set_up (&other);
  g_clear_object (&other.connection);
  other.connection =
      streamer_connection_new_for_store ("other", STREAMER_STORE (other.store), secrets);
  streamer_target_unref (other.target);
  other.target = streamer_target_new (other.connection);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("others/%u", i);
      g_autoptr (GBytes) bytes = test_flow_make_bytes (10, i);
      g_autoptr (GFile) file = test_flow_write (&other, name, bytes);

      streamer_queue_add_async (fixture->queue, file, other.target, NULL, test_flow_store_result,
                                &result);
      wait_until (result != NULL);
      g_clear_object (&result);
    }
  wait_until (streamer_fake_store_get_n_objects (other.store) == 20);
  wait_until (count_states (fixture, STREAMER_TRANSFER_DONE) == 20);
  /* All that wait are of the one that is away, and have no room. */
  g_assert_cmpuint (streamer_queue_get_n_active (fixture->queue), ==, STREAMER_PARTS_DEFAULT);
  g_assert_cmpuint (streamer_queue_get_n_waiting (fixture->queue), ==, 5);
  for (guint i = 30; i-- > 10;)
    streamer_queue_remove (fixture->queue, get_transfer (fixture, i));

  streamer_fake_store_clear_script (fixture->flow.store);
  streamer_retry_wake (streamer_pool_get_retry (streamer_queue_get_pool (fixture->queue)));
  wait_for_idle (fixture);
  test_flow_tear_down (&other);
}

static void
cancel_all (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  streamer_queue_cancel_all_async (fixture->queue, test_flow_store_result, &result);
  wait_until (result != NULL);
  g_assert_true (streamer_queue_cancel_all_finish (fixture->queue, result, &error));
  g_assert_no_error (error);
  g_assert_true (streamer_queue_is_idle (fixture->queue));
}

static void
test_cancel_all_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  for (guint nth = 1; nth <= 5; nth++)
    streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, nth);
  add_files (fixture, 50, 3 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 5);
  streamer_transfer_pause (get_transfer (fixture, 1));
  cancel_all (fixture);
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_CANCELLED), ==, 50);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 0);
}

static void
test_cancel_all_of_nothing_completes (Fixture *fixture, gconstpointer data)
{
  cancel_all (fixture);
}

static void
test_cancel_all_gives_up_what_failures_kept (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 0, STREAMER_ERROR_PROTOCOL, FALSE);
  add_files (fixture, 3, 3 * PART);
  wait_for_idle (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 3);
  cancel_all (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_FAILED), ==, 3);
}

static void
test_cancel_all_stops_reading_folders (Fixture *fixture, gconstpointer data)
{
  GAsyncResult *added = NULL;
  g_autoptr (GError) error = NULL;

  write_file (fixture, "top/file", 1);
  start_add (fixture, "top", &added);
  cancel_all (fixture);
  wait_until (added != NULL);
  streamer_queue_add_finish (fixture->queue, added, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture->n_items, ==, 0);
  g_object_unref (added);
}

/* Takes ten seconds, which are the promise. */
static void
test_cancel_all_does_not_wait_for_ever (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 1);
  streamer_fake_store_block (fixture->flow.store, FAKE_CANCEL, 0);
  add_files (fixture, 1, 3 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  streamer_queue_cancel_all_async (fixture->queue, test_flow_store_result, &result);
  wait_until (result != NULL);
  g_assert_false (streamer_queue_cancel_all_finish (fixture->queue, result, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK);
  g_assert_false (streamer_queue_is_idle (fixture->queue));
}

static void
test_refused_upload_is_told_to_the_store_before_idle (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 1, STREAMER_ERROR_FORBIDDEN, FALSE);
  streamer_fake_store_block (fixture->flow.store, FAKE_CANCEL, 1);
  add_files (fixture, 1, 3 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  g_assert_cmpint (get_state (fixture, 0), ==, STREAMER_TRANSFER_FAILED);
  g_assert_false (streamer_queue_is_idle (fixture->queue));
  streamer_fake_store_let_on (fixture->flow.store);
  wait_for_idle (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
}

static void
on_idle (StreamerQueue *queue, GParamSpec *pspec, GString *log)
{
  g_string_append_c (log, streamer_queue_is_idle (queue) ? 'i' : 'b');
}

static void
test_idle_is_notified (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (fixture->queue, "notify::idle", G_CALLBACK (on_idle), log);
  add_files (fixture, 10, 1);
  wait_until (log->len == 2);
  g_assert_cmpstr (log->str, ==, "bi");
  g_assert_cmpuint (count_states (fixture, STREAMER_TRANSFER_DONE), ==, 10);
}

static void
test_removed_transfers_are_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerTransfer) last = NULL;

  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 2, STREAMER_ERROR_PROTOCOL, FALSE);
  streamer_queue_set_parts (fixture->queue, 1);
  add_files (fixture, 3, 3 * PART);
  wait_for_idle (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  last = g_object_ref (get_transfer (fixture, 2));
  streamer_queue_remove (fixture->queue, get_transfer (fixture, 1));
  g_assert_cmpuint (fixture->n_items, ==, 2);
  g_assert_true (get_transfer (fixture, 1) == last);
  /* Nobody could take it up again. */
  wait_until (streamer_fake_store_get_n_uploads (fixture->flow.store) == 0);
  streamer_queue_remove (fixture->queue, last);
  streamer_queue_remove (fixture->queue, get_transfer (fixture, 0));
  g_assert_cmpuint (fixture->n_items, ==, 0);
}

static void
test_pipe_joins_the_queue (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new ("through a pipe", 14);
  StreamerTransfer *transfer;
  int fds[2];

  fixture->flow.target->name = g_strdup ("from-pipe");
  g_unix_open_pipe (fds, FD_CLOEXEC, &error);
  g_assert_no_error (error);
  transfer = streamer_queue_add_pipe (fixture->queue, fds[0], fixture->flow.target);
  g_assert_cmpint (write (fds[1], "through a pipe", 14), ==, 14);
  g_assert_cmpint (close (fds[1]), ==, 0);
  wait_for_idle (fixture);
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_DONE);
  test_flow_assert_object (&fixture->flow, "from-pipe", bytes);
}

static gboolean
purge (Fixture *fixture, const char *key, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  streamer_queue_purge_async (fixture->queue, fixture->flow.connection, key, NULL,
                              test_flow_store_result, &result);
  wait_until (result != NULL);
  return streamer_queue_purge_finish (fixture->queue, result, error);
}

static void
test_purge_removes_what_is_there (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  streamer_fake_store_set_object (fixture->flow.store, "team/file", "old");
  g_assert_true (purge (fixture, "/team/file", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 0);

  g_assert_false (purge (fixture, "team/file", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (purge (fixture, "team/../file", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
}

static void
test_purge_whose_answer_was_lost_succeeds (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  streamer_fake_store_set_object (fixture->flow.store, "file", "old");
  streamer_fake_store_fail (fixture->flow.store, FAKE_REMOVE, 1, STREAMER_ERROR_NETWORK, TRUE);
  g_assert_true (purge (fixture, "file", &error));
  g_assert_no_error (error);
}

static void
on_wrong_clock (StreamerQueue *queue, GParamSpec *pspec, guint *n_told)
{
  (*n_told)++;
}

/* Not for each part, and not for each file. */
static void
test_wrong_clock_is_told_once (Fixture *fixture, gconstpointer data)
{
  guint n_told = 0;

  g_signal_connect (fixture->queue, "notify::wrong-clock", G_CALLBACK (on_wrong_clock), &n_told);
  streamer_fake_store_set_clock_offset (fixture->flow.store, 15 * 60);
  add_files (fixture, 3, 3 * PART);
  wait_until (streamer_queue_is_idle (fixture->queue));
  g_assert_cmpuint (n_told, ==, 0);
  g_assert_null (streamer_queue_get_wrong_clock (fixture->queue));

  streamer_fake_store_set_clock_offset (fixture->flow.store, -3 * 3600);
  fixture->flow.target->overwrite = TRUE;
  add_files (fixture, 3, 3 * PART);
  wait_until (streamer_queue_is_idle (fixture->queue));
  g_assert_cmpuint (n_told, ==, 1);
  g_assert_cmpstr (streamer_queue_get_wrong_clock (fixture->queue), ==,
                   "This computer’s clock is 3 hours ahead of the server’s. Set it right.");

  /* It has been set right. */
  streamer_fake_store_set_clock_offset (fixture->flow.store, 0);
  add_files (fixture, 3, 3 * PART);
  wait_until (streamer_queue_is_idle (fixture->queue));
  g_assert_cmpuint (n_told, ==, 2);
  g_assert_null (streamer_queue_get_wrong_clock (fixture->queue));
}

static void
test_queue_may_go_in_the_middle (Fixture *fixture, gconstpointer data)
{
  for (guint nth = 3; nth <= 7; nth++)
    streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, nth);
  add_files (fixture, 30, 3 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 5);
  /* What is left of it goes when the workers are back: see test_flow_tear_down(). */
  g_assert_finalize_object (g_steal_pointer (&fixture->queue));
}

#define test(name, func) g_test_add ("/queue/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test ("empty-queue-is-idle", test_empty_queue_is_idle);
  test ("many-small-files-arrive", test_many_small_files_arrive);
  test ("folder-keeps-its-structure-under-the-prefix",
        test_folder_keeps_its_structure_under_the_prefix);
  test ("what-cannot-be-uploaded-is-shown", test_what_cannot_be_uploaded_is_shown);
  test ("name-is-for-one-file", test_name_is_for_one_file);
  test ("adds-keep-their-order", test_adds_keep_their_order);
  test ("add-can-be-cancelled", test_add_can_be_cancelled);
  test ("earlier-files-go-first", test_earlier_files_go_first);
  test ("one-goes-out-of-turn", test_one_goes_out_of_turn);
  test ("paused-transfer-makes-room", test_paused_transfer_makes_room);
  test ("totals-are-of-what-is-not-over", test_totals_are_of_what_is_not_over);
  test ("one-failure-does-not-stop-others", test_one_failure_does_not_stop_others);
  test ("token-holds-the-queue-until-it-is-given", test_token_holds_the_queue_until_it_is_given);
  test ("other-connections-go-on-meanwhile", test_other_connections_go_on_meanwhile);
  test ("other-connections-go-on-while-one-is-away",
        test_other_connections_go_on_while_one_is_away);
  test ("cancel-all-leaves-nothing", test_cancel_all_leaves_nothing);
  test ("cancel-all-of-nothing-completes", test_cancel_all_of_nothing_completes);
  test ("cancel-all-gives-up-what-failures-kept", test_cancel_all_gives_up_what_failures_kept);
  test ("cancel-all-stops-reading-folders", test_cancel_all_stops_reading_folders);
  test ("cancel-all-does-not-wait-for-ever", test_cancel_all_does_not_wait_for_ever);
  test ("refused-upload-is-told-to-the-store-before-idle",
        test_refused_upload_is_told_to_the_store_before_idle);
  test ("idle-is-notified", test_idle_is_notified);
  test ("removed-transfers-are-gone", test_removed_transfers_are_gone);
  test ("pipe-joins-the-queue", test_pipe_joins_the_queue);
  test ("purge-removes-what-is-there", test_purge_removes_what_is_there);
  test ("purge-whose-answer-was-lost-succeeds", test_purge_whose_answer_was_lost_succeeds);
  test ("wrong-clock-is-told-once", test_wrong_clock_is_told_once);
  test ("queue-may-go-in-the-middle", test_queue_may_go_in_the_middle);
  return g_test_run ();
}
