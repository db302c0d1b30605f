/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib-unix.h>
#include <unistd.h>

#include "test-flow.h"

#define PART    1000
#define WORKERS 2
/* As many parts as wait in the temporary folder: one more than are sent at a time. */
#define KEPT (WORKERS + 1)

typedef struct
{
  TestFlow flow;
  StreamerPool *pool;
  StreamerTransfer *transfer;
  GBytes *bytes;
  gsize offset; /* written so far */
  int write_fd;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  test_flow_set_up (&fixture->flow);
  fixture->flow.target->part_size = PART;
  fixture->flow.target->name = g_strdup ("pipe");
  fixture->pool = streamer_pool_new (WORKERS);
  g_unix_open_pipe (fds, FD_CLOEXEC, &error);
  g_assert_no_error (error);
  fixture->write_fd = fds[1];
  fixture->transfer =
      streamer_transfer_new_for_pipe (fds[0], "pipe", fixture->flow.target, fixture->pool, NULL);
}

static void
end_input (Fixture *fixture)
{
  if (fixture->write_fd >= 0)
    g_assert_cmpint (close (fixture->write_fd), ==, 0);
  fixture->write_fd = -1;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  end_input (fixture);
  wait_until (!streamer_transfer_is_busy (fixture->transfer));
  g_object_add_weak_pointer (G_OBJECT (fixture->transfer), (gpointer *) &fixture->transfer);
  g_object_unref (fixture->transfer);
  wait_until (fixture->transfer == NULL);
  g_clear_pointer (&fixture->bytes, g_bytes_unref);
  g_object_unref (fixture->pool);
  test_flow_tear_down (&fixture->flow);
}

/* Less than what a pipe holds, so that it never blocks. */
static void
feed (Fixture *fixture, gsize size)
{
  const char *data = g_bytes_get_data (fixture->bytes, NULL);

  while (size > 0)
    {
      gssize n = write (fixture->write_fd, data + fixture->offset, size);

      g_assert_cmpint (n, >, 0);
      fixture->offset += (gsize) n;
      size -= (gsize) n;
    }
}

static void
feed_all (Fixture *fixture, gsize size)
{
  fixture->bytes = test_flow_make_bytes (size, (guint) size);
  feed (fixture, size);
  end_input (fixture);
}

static void
assert_done (Fixture *fixture)
{
  gsize size = g_bytes_get_size (fixture->bytes);

  wait_until (streamer_transfer_is_over (fixture->transfer));
  g_assert_no_error (streamer_transfer_get_error (fixture->transfer));
  g_assert_cmpint (streamer_transfer_get_state (fixture->transfer), ==, STREAMER_TRANSFER_DONE);
  test_flow_assert_object (&fixture->flow, "pipe", fixture->bytes);
  g_assert_cmpuint (streamer_transfer_get_size (fixture->transfer), ==, size);
  g_assert_cmpuint (streamer_transfer_get_sent (fixture->transfer), ==, size);
  g_assert_cmpuint (streamer_transfer_get_n_parts (fixture->transfer), ==,
                    MAX (1, (size + PART - 1) / PART));
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
}

static void
assert_failed (Fixture *fixture, StreamerError code)
{
  wait_until (streamer_transfer_is_over (fixture->transfer));
  g_assert_error (streamer_transfer_get_error (fixture->transfer), STREAMER_ERROR, (int) code);
  wait_until (!streamer_transfer_is_busy (fixture->transfer));
}

static guint
count_done (Fixture *fixture)
{
  StreamerPartList *parts = streamer_transfer_get_parts (fixture->transfer);

  return parts != NULL ? streamer_part_list_count (parts, STREAMER_PART_DONE) : 0;
}

static void
test_arrives_whole (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (streamer_transfer_get_size (fixture->transfer), ==, STREAMER_SIZE_UNKNOWN);
  g_assert_null (streamer_transfer_get_file (fixture->transfer));
  streamer_transfer_start (fixture->transfer, 0);
  feed_all (fixture, GPOINTER_TO_SIZE (data));
  assert_done (fixture);
}

static void
test_short_input_is_an_object_of_known_size (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_block (fixture->flow.store, FAKE_BEGIN, 1);
  streamer_transfer_start (fixture->transfer, 0);
  feed_all (fixture, PART - 1);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  g_assert_cmpuint (streamer_transfer_get_size (fixture->transfer), ==, PART - 1);
  streamer_fake_store_let_on (fixture->flow.store);
  assert_done (fixture);
}

static void
test_parts_are_sent_before_the_end (Fixture *fixture, gconstpointer data)
{
  fixture->bytes = test_flow_make_bytes (4 * PART, 1);
  streamer_transfer_start (fixture->transfer, 0);
  /* A byte more than three parts: that the third is not the last is known then. */
  feed (fixture, 3 * PART + 1);
  wait_until (count_done (fixture) == 3);
  g_assert_cmpuint (streamer_transfer_get_size (fixture->transfer), ==, STREAMER_SIZE_UNKNOWN);
  g_assert_cmpint (streamer_transfer_get_time_left (fixture->transfer), ==, -1);
  feed (fixture, PART - 1);
  end_input (fixture);
  assert_done (fixture);
}

static void
test_only_a_few_parts_are_kept (Fixture *fixture, gconstpointer data)
{
  for (guint nth = 1; nth <= WORKERS; nth++)
    streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, nth);
  streamer_transfer_start (fixture->transfer, 0);
  feed_all (fixture, 20 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == WORKERS &&
              streamer_transfer_get_n_parts (fixture->transfer) == KEPT);
  /* Whatever else there is to do is done, and still no further part is read. */
  while (g_main_context_pending (NULL))
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (streamer_transfer_get_n_parts (fixture->transfer), ==, KEPT);
  streamer_fake_store_let_on (fixture->flow.store);
  assert_done (fixture);
}

static void
test_failed_parts_are_sent_again (Fixture *fixture, gconstpointer data)
{
  for (guint nth = 1; nth <= 5; nth++)
    streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, nth, STREAMER_ERROR_NETWORK,
                              nth % 2 == 0);
  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 1, STREAMER_ERROR_NETWORK, TRUE);
  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 1, STREAMER_ERROR_NETWORK, TRUE);
  streamer_transfer_start (fixture->transfer, 0);
  feed_all (fixture, 7 * PART + 3);
  assert_done (fixture);
}

static void
test_pause_loses_no_byte (Fixture *fixture, gconstpointer data)
{
  guint n_parts = 10;

  fixture->bytes = test_flow_make_bytes (n_parts * PART, 1);
  streamer_transfer_start (fixture->transfer, 0);
  for (guint i = 0; i < n_parts; i++)
    {
      streamer_transfer_pause (fixture->transfer);
      feed (fixture, PART);
      streamer_transfer_resume (fixture->transfer);
      streamer_transfer_start (fixture->transfer, 0);
      /* The last one that is there may be the last of all. */
      wait_until (count_done (fixture) >= i);
    }
  end_input (fixture);
  assert_done (fixture);
}

static void
test_pause_before_anything_came (Fixture *fixture, gconstpointer data)
{
  streamer_transfer_start (fixture->transfer, 0);
  streamer_transfer_pause (fixture->transfer);
  wait_until (!streamer_transfer_is_busy (fixture->transfer));
  streamer_transfer_resume (fixture->transfer);
  streamer_transfer_start (fixture->transfer, 0);
  feed_all (fixture, 3 * PART);
  assert_done (fixture);
}

static gpointer
hold_worker (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (data);
  g_mutex_unlock (data);
  return GINT_TO_POINTER (TRUE);
}

/* The first part comes while the run that follows a pause prepares. */
static void
test_first_part_while_it_prepares_begins_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  GMutex hold;

  g_mutex_init (&hold);
  fixture->bytes = test_flow_make_bytes (3 * PART, 1);
  streamer_transfer_start (fixture->transfer, 0);
  wait_until (streamer_fake_store_get_n_calls (fixture->flow.store, FAKE_GET_LIMITS) == 1 &&
              !streamer_transfer_is_busy (fixture->transfer));
  streamer_transfer_pause (fixture->transfer);

  g_mutex_lock (&hold);
  for (guint i = 0; i < WORKERS; i++)
    streamer_pool_run_async (fixture->pool, -1, hold_worker, &hold, NULL, NULL, NULL, NULL, NULL);
  streamer_fake_store_block (fixture->flow.store, FAKE_BEGIN, 1);
  streamer_transfer_resume (fixture->transfer);
  streamer_transfer_start (fixture->transfer, 0);
  feed (fixture, PART + 1);
  wait_until (streamer_transfer_get_n_parts (fixture->transfer) == 1);
  g_mutex_unlock (&hold);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  /* Whatever else was to be begun is begun before this. */
  streamer_pool_run_async (fixture->pool, 1, hold_worker, &hold, NULL, NULL, NULL,
                           test_flow_store_result, &result);
  wait_until (result != NULL);
  g_assert_cmpuint (streamer_fake_store_get_n_calls (fixture->flow.store, FAKE_BEGIN), ==, 1);

  streamer_fake_store_let_on (fixture->flow.store);
  feed (fixture, 2 * PART - 1);
  end_input (fixture);
  assert_done (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_calls (fixture->flow.store, FAKE_BEGIN), ==, 1);
  g_mutex_clear (&hold);
}

static void
test_failure_can_be_tried_again_while_all_is_there (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 1, STREAMER_ERROR_PROTOCOL, FALSE);
  streamer_transfer_start (fixture->transfer, 0);
  feed_all (fixture, PART / 2);
  assert_failed (fixture, STREAMER_ERROR_PROTOCOL);
  g_assert_true (streamer_transfer_can_resume (fixture->transfer));
  g_assert_false (streamer_transfer_can_start_over (fixture->transfer));
  streamer_transfer_resume (fixture->transfer);
  streamer_transfer_start (fixture->transfer, 0);
  assert_done (fixture);
}

static void
test_what_is_gone_cannot_be_begun_again (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 1, STREAMER_ERROR_NO_UPLOAD, FALSE);
  streamer_transfer_start (fixture->transfer, 0);
  feed_all (fixture, 3 * PART);
  assert_failed (fixture, STREAMER_ERROR_NO_UPLOAD);
  g_assert_false (streamer_transfer_can_resume (fixture->transfer));
  streamer_transfer_resume (fixture->transfer);
  g_assert_cmpint (streamer_transfer_get_state (fixture->transfer), ==, STREAMER_TRANSFER_FAILED);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 0);
}

static void
test_too_long_input_fails (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_set_limits (fixture->flow.store, &(StreamerLimits){
                                                           .min_part_size = 1,
                                                           .max_part_size = PART,
                                                           .max_parts = 5,
                                                           .max_object_size = 5 * PART,
                                                       });
  streamer_transfer_start (fixture->transfer, 0);
  feed_all (fixture, 5 * PART + 1);
  assert_failed (fixture, STREAMER_ERROR_TOO_LARGE);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 0);
}

static void
test_as_many_parts_as_may_be_arrive (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_set_limits (fixture->flow.store, &(StreamerLimits){
                                                           .min_part_size = 1,
                                                           .max_part_size = PART,
                                                           .max_parts = 5,
                                                           .max_object_size = 5 * PART,
                                                       });
  streamer_transfer_start (fixture->transfer, 0);
  feed_all (fixture, 5 * PART);
  assert_done (fixture);
}

static void
test_cancelled_while_it_waits_for_input (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;

  fixture->bytes = test_flow_make_bytes (4 * PART, 1);
  streamer_transfer_start (fixture->transfer, 0);
  feed (fixture, 2 * PART + 1);
  wait_until (count_done (fixture) == 2);
  streamer_transfer_cancel_async (fixture->transfer, test_flow_store_result, &result);
  wait_until (result != NULL);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 0);
}

static void
test_cancelled_before_it_began (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;

  streamer_transfer_cancel_async (fixture->transfer, test_flow_store_result, &result);
  wait_until (result != NULL);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
}

#define add(name, func) g_test_add ("/transfer-pipe/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  static const gsize sizes[] = { 0, 1, PART - 1, PART, PART + 1, 2 * PART, 17 * PART + 13 };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/transfer-pipe/arrives-whole/%" G_GSIZE_FORMAT, sizes[i]);

      g_test_add (path, Fixture, GSIZE_TO_POINTER (sizes[i]), set_up, test_arrives_whole,
                  tear_down);
    }
  add ("short-input-is-an-object-of-known-size", test_short_input_is_an_object_of_known_size);
  add ("parts-are-sent-before-the-end", test_parts_are_sent_before_the_end);
  add ("only-a-few-parts-are-kept", test_only_a_few_parts_are_kept);
  add ("failed-parts-are-sent-again", test_failed_parts_are_sent_again);
  add ("pause-loses-no-byte", test_pause_loses_no_byte);
  add ("pause-before-anything-came", test_pause_before_anything_came);
  add ("first-part-while-it-prepares-begins-once", test_first_part_while_it_prepares_begins_once);
  add ("failure-can-be-tried-again-while-all-is-there",
       test_failure_can_be_tried_again_while_all_is_there);
  add ("what-is-gone-cannot-be-begun-again", test_what_is_gone_cannot_be_begun_again);
  add ("too-long-input-fails", test_too_long_input_fails);
  add ("as-many-parts-as-may-be-arrive", test_as_many_parts_as_may_be_arrive);
  add ("cancelled-while-it-waits-for-input", test_cancelled_while_it_waits_for_input);
  add ("cancelled-before-it-began", test_cancelled_before_it_began);
  return g_test_run ();
}
