/* test-transfer-groups.c: the queue in the order of the list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-flow.h"

#include "streamer-transfer-groups.h"

typedef struct
{
  TestFlow flow;
  GListStore *queue;
  StreamerTransferGroups *groups;
  GListModel *seen; /* what somebody knows who only hears of changes */
  guint n_changes;
} Fixture;

static void
items_changed_cb (Fixture *fixture, guint position, guint removed, guint added)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < added; i++)
    g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (fixture->groups), position + i));
  g_list_store_splice (G_LIST_STORE (fixture->seen), position, removed, items->pdata, items->len);
  fixture->n_changes++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  test_flow_set_up (&fixture->flow);
  fixture->queue = g_list_store_new (STREAMER_TYPE_TRANSFER);
  fixture->groups = streamer_transfer_groups_new (G_LIST_MODEL (fixture->queue));
  fixture->seen = G_LIST_MODEL (g_list_store_new (STREAMER_TYPE_TRANSFER));
  g_signal_connect_swapped (fixture->groups, "items-changed", G_CALLBACK (items_changed_cb),
                            fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_list_store_remove_all (fixture->queue);
  g_assert_finalize_object (fixture->groups);
  g_assert_finalize_object (G_OBJECT (fixture->seen));
  g_assert_finalize_object (fixture->queue);
  test_flow_tear_down (&fixture->flow);
}

/* Returns: (transfer none) */
static StreamerTransfer *
add (Fixture *fixture, const char *name)
{
  g_autofree char *path = test_flow_path (&fixture->flow, name);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (StreamerTransfer) transfer =
      streamer_transfer_new_for_file (file, name, fixture->flow.target, NULL, NULL);

  g_list_store_append (fixture->queue, transfer);

  return transfer;
}

static char *
describe (GListModel *model)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);

      g_string_append (text, streamer_transfer_get_name (transfer));
    }

  return g_string_free (text, FALSE);
}

static void
wait_for_order (Fixture *fixture, const char *order)
{
  for (;;)
    {
      g_autofree char *text = describe (G_LIST_MODEL (fixture->groups));
      g_autofree char *seen = describe (fixture->seen);

      g_assert_cmpstr (seen, ==, text);
      if (g_str_equal (text, order))
        return;
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
ignore_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_assert_true (streamer_transfer_cancel_finish (STREAMER_TRANSFER (object), result, NULL));
}

static void
test_groups_follow_states (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *b;

  add (fixture, "a");
  b = add (fixture, "b");
  add (fixture, "c");
  wait_for_order (fixture, "abc");

  streamer_transfer_pause (b);
  wait_for_order (fixture, "bac");
  g_assert_cmpint (streamer_transfer_groups_get_group (fixture->groups, 0), ==,
                   STREAMER_TRANSFER_GROUP_UPLOADING);
  g_assert_cmpint (streamer_transfer_groups_get_group (fixture->groups, 1), ==,
                   STREAMER_TRANSFER_GROUP_WAITING);
  g_assert_true (streamer_transfer_groups_is_first (fixture->groups, 1));
  g_assert_false (streamer_transfer_groups_is_first (fixture->groups, 2));
  g_assert_cmpuint (
      streamer_transfer_groups_get_n_in_group (fixture->groups, STREAMER_TRANSFER_GROUP_WAITING),
      ==, 2);
}

static void
test_last_finished_comes_first (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *a = add (fixture, "a");
  StreamerTransfer *b = add (fixture, "b");

  add (fixture, "c");
  streamer_transfer_cancel_async (a, ignore_cb, NULL);
  wait_for_order (fixture, "bca");
  streamer_transfer_cancel_async (b, ignore_cb, NULL);
  wait_for_order (fixture, "cba");
}

static void
test_many_moves_are_told_at_once (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfers[5];

  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    transfers[i] = add (fixture, (const char[]){ (char) ('a' + i), '\0' });
  fixture->n_changes = 0;
  for (guint i = 1; i < G_N_ELEMENTS (transfers); i++)
    streamer_transfer_pause (transfers[i]);

  wait_for_order (fixture, "bcdea");
  g_assert_cmpuint (fixture->n_changes, ==, 1);
}

static void
test_removed_while_it_would_move (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *b;

  add (fixture, "a");
  b = add (fixture, "b");
  add (fixture, "c");
  streamer_transfer_pause (b);
  g_list_store_remove (fixture->queue, 1);
  wait_for_order (fixture, "ac");
  g_list_store_remove_all (fixture->queue);
  wait_for_order (fixture, "");
}

static void
test_many_come_and_go_at_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) transfers = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 6; i++)
    g_ptr_array_add (transfers,
                     g_object_ref (add (fixture, (const char[]){ (char) ('a' + i), '\0' })));
  g_list_store_remove_all (fixture->queue);
  streamer_transfer_pause (transfers->pdata[1]);
  streamer_transfer_pause (transfers->pdata[4]);
  streamer_transfer_cancel_async (transfers->pdata[2], ignore_cb, NULL);
  fixture->n_changes = 0;

  g_list_store_splice (fixture->queue, 0, 0, transfers->pdata, 5);
  wait_for_order (fixture, "beadc");
  g_assert_cmpuint (fixture->n_changes, ==, 1);

  g_list_store_splice (fixture->queue, 1, 0, transfers->pdata + 5, 1);
  wait_for_order (fixture, "beadfc");

  g_list_store_splice (fixture->queue, 2, 3, NULL, 0);
  wait_for_order (fixture, "eaf");
  g_assert_cmpuint (fixture->n_changes, ==, 3);
}

static void
test_what_stays_in_a_changed_range_keeps_its_place (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  StreamerTransfer *a = add (fixture, "a");
  StreamerTransfer *b = add (fixture, "b");
  StreamerTransfer *d;

  add (fixture, "c");
  d = add (fixture, "d");
  g_ptr_array_add (kept, g_object_ref (a));
  g_ptr_array_add (kept, g_object_ref (b));
  g_ptr_array_add (kept, g_object_ref (d));
  streamer_transfer_cancel_async (b, ignore_cb, NULL);
  wait_for_order (fixture, "acdb");
  streamer_transfer_cancel_async (a, ignore_cb, NULL);
  wait_for_order (fixture, "cdab");
  fixture->n_changes = 0;

  g_list_store_splice (fixture->queue, 0, 4, kept->pdata, kept->len);
  wait_for_order (fixture, "dab");
  g_assert_cmpuint (fixture->n_changes, ==, 1);
}

static void
test_alone_in_its_group_moves (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *a = add (fixture, "a");

  fixture->n_changes = 0;
  streamer_transfer_cancel_async (a, ignore_cb, NULL);
  while (fixture->n_changes == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (streamer_transfer_groups_get_group (fixture->groups, 0), ==,
                   STREAMER_TRANSFER_GROUP_FINISHED);
}

static void
test_begins_with_what_is_there (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerTransferGroups) groups = NULL;
  g_autofree char *order = NULL;

  add (fixture, "a");
  streamer_transfer_pause (add (fixture, "b"));
  groups = streamer_transfer_groups_new (G_LIST_MODEL (fixture->queue));
  order = describe (G_LIST_MODEL (groups));

  g_assert_cmpstr (order, ==, "ba");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function)                                                                        \
  g_test_add ("/transfer-groups/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("follow-states", test_groups_follow_states);
  ADD ("last-finished-comes-first", test_last_finished_comes_first);
  ADD ("many-moves-are-told-at-once", test_many_moves_are_told_at_once);
  ADD ("removed-while-it-would-move", test_removed_while_it_would_move);
  ADD ("many-come-and-go-at-once", test_many_come_and_go_at_once);
  ADD ("what-stays-in-a-changed-range-keeps-its-place",
       test_what_stays_in_a_changed_range_keeps_its_place);
  ADD ("alone-in-its-group-moves", test_alone_in_its_group_moves);
  ADD ("begins-with-what-is-there", test_begins_with_what_is_there);

  return g_test_run ();
}
