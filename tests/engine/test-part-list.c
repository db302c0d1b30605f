/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-part-list.h"

#include "streamer-checksum.h"

static StreamerPartList *
make_list (guint64 size, guint64 part_size)
{
  StreamerPlan plan = { .size = size,
                        .part_size = part_size,
                        .n_parts = (guint) MAX (1, (size + part_size - 1) / part_size) };

  return streamer_part_list_new (&plan);
}

static void
store_part (StreamerPartList *list, guint number, guint64 size, guint32 crc32)
{
  char etag[32];
  StreamerStoredPart part = { .number = number, .size = size, .crc32 = crc32, .etag = etag };

  g_snprintf (etag, sizeof etag, "\"%u\"", number);
  streamer_part_list_set_stored (list, &part);
}

static void
test_counts_follow_states (void)
{
  g_autoptr (StreamerPartList) list = make_list (95, 10);

  g_assert_cmpuint (streamer_part_list_get_n_parts (list), ==, 10);
  g_assert_cmpuint (streamer_part_list_count (list, STREAMER_PART_WAITING), ==, 10);
  g_assert_cmpuint (streamer_part_list_next_waiting (list), ==, 1);

  streamer_part_list_set_state (list, 1, STREAMER_PART_ACTIVE);
  streamer_part_list_set_state (list, 2, STREAMER_PART_RETRYING);
  streamer_part_list_set_state (list, 3, STREAMER_PART_FAILED);
  g_assert_cmpuint (streamer_part_list_next_waiting (list), ==, 4);
  store_part (list, 10, 5, 0);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 5);
  store_part (list, 1, 10, 0);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 15);
  g_assert_cmpuint (streamer_part_list_count (list, STREAMER_PART_DONE), ==, 2);
  g_assert_cmpuint (streamer_part_list_count (list, STREAMER_PART_ACTIVE), ==, 0);
  g_assert_cmpuint (streamer_part_list_count (list, STREAMER_PART_WAITING), ==, 6);

  streamer_part_list_set_state (list, 1, STREAMER_PART_WAITING);
  g_assert_cmpuint (streamer_part_list_next_waiting (list), ==, 1);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 5);
}

static void
test_running_attempts_count (void)
{
  g_autoptr (StreamerPartList) list = make_list (30, 10);
  gsize *counter;

  streamer_part_list_set_state (list, 2, STREAMER_PART_ACTIVE);
  counter = streamer_part_list_get_counter (list, 2);
  g_atomic_pointer_add (counter, 7);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 7);
  streamer_part_list_set_state (list, 2, STREAMER_PART_RETRYING);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 0);
  streamer_part_list_set_state (list, 2, STREAMER_PART_ACTIVE);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 0);
}

/* The worker begins before anybody hears of it: what it has sent must not be forgotten then. */
static void
test_queued_part_keeps_its_bytes_when_a_worker_takes_it (void)
{
  g_autoptr (StreamerPartList) list = make_list (30, 10);

  streamer_part_list_set_state (list, 2, STREAMER_PART_QUEUED);
  g_assert_cmpuint (streamer_part_list_next_waiting (list), ==, 1);
  g_assert_cmpuint (streamer_part_list_count (list, STREAMER_PART_ACTIVE), ==, 0);
  g_atomic_pointer_add (streamer_part_list_get_counter (list, 2), 7);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 7);
  streamer_part_list_set_state (list, 2, STREAMER_PART_ACTIVE);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 7);
  streamer_part_list_set_state (list, 2, STREAMER_PART_WAITING);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 0);
}

static void
test_checksum_is_of_all_bytes_in_order (void)
{
  static const char text[] = "one two three four five six seven";
  guint32 whole = streamer_crc32_update (0, text, sizeof text);
  /* However the parts come in, and also when one is lost and sent again. */
  static const guint orders[][5] = { { 1, 2, 3, 4, 5 }, { 5, 4, 3, 2, 1 }, { 3, 1, 5, 2, 4 } };

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autoptr (StreamerPartList) list = make_list (sizeof text, 7);

      g_assert_cmpuint (streamer_part_list_get_n_parts (list), ==, 5);
      for (guint j = 0; j < 5; j++)
        {
          guint number = orders[i][j];
          gsize offset = (number - 1) * 7;
          gsize length = MIN (7, sizeof text - offset);

          store_part (list, number, length, streamer_crc32_update (0, text + offset, length));
        }
      g_assert_cmphex (streamer_part_list_get_crc32 (list), ==, whole);

      streamer_part_list_set_state (list, 2, STREAMER_PART_WAITING);
      store_part (list, 2, 7, streamer_crc32_update (0, text + 7, 7));
      g_assert_cmphex (streamer_part_list_get_crc32 (list), ==, whole);
    }
}

static void
test_stored_parts_come_by_number (void)
{
  g_autoptr (StreamerPartList) list = make_list (40, 10);
  g_autoptr (GArray) stored = NULL;

  store_part (list, 4, 10, 44);
  store_part (list, 2, 10, 22);
  stored = streamer_part_list_get_stored (list);
  g_assert_cmpuint (stored->len, ==, 2);
  g_assert_cmpuint (g_array_index (stored, StreamerStoredPart, 0).number, ==, 2);
  g_assert_cmpuint (g_array_index (stored, StreamerStoredPart, 0).crc32, ==, 22);
  g_assert_cmpstr (g_array_index (stored, StreamerStoredPart, 1).etag, ==, "\"4\"");
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, guint *n_items)
{
  g_assert_cmpuint (position + removed, <=, *n_items);
  *n_items += added - removed;
}

static void
test_pipe_grows_and_ends (void)
{
  StreamerPlan plan = { .size = STREAMER_SIZE_UNKNOWN, .part_size = 10, .n_parts = 10000 };
  g_autoptr (StreamerPartList) list = streamer_part_list_new (&plan);
  guint n_items = 0;

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), &n_items);
  g_assert_cmpuint (streamer_part_list_get_n_parts (list), ==, 0);
  g_assert_cmpuint (streamer_part_list_next_waiting (list), ==, 0);
  for (guint i = 0; i < 3; i++)
    streamer_part_list_grow (list);
  g_assert_cmpuint (n_items, ==, 3);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 3);
  store_part (list, 1, 10, 0);
  streamer_part_list_truncate (list, 3, 4);
  store_part (list, 2, 10, 0);
  store_part (list, 3, 4, 0);
  g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 24);
  g_assert_cmpuint (streamer_part_list_count (list, STREAMER_PART_DONE), ==, 3);
}

static void
on_notify (GObject *object, GParamSpec *pspec, guint *n_notified)
{
  (*n_notified)++;
}

static void
test_views_hear_of_real_changes_only (void)
{
  g_autoptr (StreamerPartList) list = make_list (30, 10);
  g_autoptr (StreamerPart) part = g_list_model_get_item (G_LIST_MODEL (list), 1);
  g_autoptr (StreamerPart) again = g_list_model_get_item (G_LIST_MODEL (list), 1);
  guint n_notified = 0;

  g_assert_true (part == again);
  g_assert_cmpuint (streamer_part_get_number (part), ==, 2);
  g_assert_cmpuint (streamer_part_get_size (part), ==, 10);
  g_signal_connect (part, "notify", G_CALLBACK (on_notify), &n_notified);

  streamer_part_list_notify (list);
  g_assert_cmpuint (n_notified, ==, 0);
  streamer_part_list_set_state (list, 1, STREAMER_PART_ACTIVE);
  streamer_part_list_notify (list);
  g_assert_cmpuint (n_notified, ==, 0);

  streamer_part_list_set_state (list, 2, STREAMER_PART_ACTIVE);
  g_atomic_pointer_add (streamer_part_list_get_counter (list, 2), 5);
  g_assert_cmpuint (n_notified, ==, 0);
  streamer_part_list_notify (list);
  g_assert_cmpuint (n_notified, ==, 3);
  g_assert_cmpfloat (streamer_part_get_fraction (part), ==, 0.5);
  streamer_part_list_notify (list);
  g_assert_cmpuint (n_notified, ==, 3);

  streamer_part_list_add_attempt (list, 2);
  streamer_part_list_notify (list);
  g_assert_cmpuint (n_notified, ==, 4);
  g_assert_cmpuint (streamer_part_get_attempts (part), ==, 1);
}

static void
test_part_may_outlive_its_list (void)
{
  StreamerPartList *list = make_list (30, 10);
  g_autoptr (StreamerPart) part = g_list_model_get_item (G_LIST_MODEL (list), 2);

  store_part (list, 3, 10, 0);
  g_object_unref (list);
  g_assert_cmpint (streamer_part_get_state (part), ==, STREAMER_PART_DONE);
  g_assert_cmpfloat (streamer_part_get_fraction (part), ==, 1);
}

/* Each step must cost the same with 10,000 parts: this ends, where a search for each would not. */
static void
test_ten_thousand_parts (void)
{
  g_autoptr (StreamerPartList) list = make_list (10000, 1);
  guint number;

  for (guint round = 0; round < 20; round++)
    {
      while ((number = streamer_part_list_next_waiting (list)) != 0)
        {
          streamer_part_list_set_state (list, number, STREAMER_PART_ACTIVE);
          store_part (list, number, 1, number);
          streamer_part_list_get_sent (list);
        }
      g_assert_cmpuint (streamer_part_list_get_sent (list), ==, 10000);
      for (number = 1; number <= 10000; number++)
        streamer_part_list_set_state (list, number, STREAMER_PART_WAITING);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/part-list/counts-follow-states", test_counts_follow_states);
  g_test_add_func ("/part-list/running-attempts-count", test_running_attempts_count);
  g_test_add_func ("/part-list/queued-part-keeps-its-bytes-when-a-worker-takes-it",
                   test_queued_part_keeps_its_bytes_when_a_worker_takes_it);
  g_test_add_func ("/part-list/checksum-is-of-all-bytes-in-order",
                   test_checksum_is_of_all_bytes_in_order);
  g_test_add_func ("/part-list/stored-parts-come-by-number", test_stored_parts_come_by_number);
  g_test_add_func ("/part-list/pipe-grows-and-ends", test_pipe_grows_and_ends);
  g_test_add_func ("/part-list/views-hear-of-real-changes-only",
                   test_views_hear_of_real_changes_only);
  g_test_add_func ("/part-list/part-may-outlive-its-list", test_part_may_outlive_its_list);
  g_test_add_func ("/part-list/ten-thousand-parts", test_ten_thousand_parts);
  return g_test_run ();
}
