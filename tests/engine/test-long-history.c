/* test-long-history.c: what thousands of transfers cost who looks at the queue
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "resume-fixture.h"

#define N_DONE 3000

static void
put_done (ResumeFixture *fixture, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%012x", i);
      g_autofree char *name = g_strdup_printf ("%05u", i);
      StreamerJournalEntry entry = { .id = id,
                                     .connection = (char *) "{\"id\":\"test\"}",
                                     .path = (char *) "/file",
                                     .name = name,
                                     .key = name,
                                     .asked_part_size = RESUME_PART,
                                     .state = STREAMER_JOURNAL_DONE,
                                     .error_code = -1,
                                     .created_at = 1 };

      streamer_journal_put (fixture->journal, &entry);
    }
  g_assert_true (streamer_journal_flush_sync (fixture->journal, NULL));
}

static void
set_up (ResumeFixture *fixture, gconstpointer data)
{
  resume_fixture_set_up (fixture, data);
  put_done (fixture, 0, N_DONE);
}

static void
count_cb (GListModel *model, guint position, guint removed, guint added, guint *n_changes)
{
  (*n_changes)++;
}

static GPtrArray *
list_done (ResumeFixture *fixture)
{
  GListModel *model = G_LIST_MODEL (fixture->queue);
  GPtrArray *transfers = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);

      if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE)
        g_ptr_array_add (transfers, g_steal_pointer (&transfer));
    }

  return transfers;
}

static void
restart_with_empty_queue (ResumeFixture *fixture, guint *n_changes)
{
  resume_fixture_crash (fixture);
  resume_fixture_start (fixture);
  *n_changes = 0;
  g_signal_connect (fixture->queue, "items-changed", G_CALLBACK (count_cb), n_changes);
}

static void
test_comes_back_as_one_change (ResumeFixture *fixture, gconstpointer data)
{
  guint n_changes;

  restart_with_empty_queue (fixture, &n_changes);
  g_assert_cmpuint (resume_fixture_restore (fixture, STREAMER_RESTORE_HISTORY), ==, N_DONE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, N_DONE);
  g_assert_cmpuint (n_changes, ==, 1);
}

static void
test_goes_and_comes_back_as_one_change (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) transfers = NULL;
  g_autoptr (StreamerTransfer) kept = NULL;
  GListModel *model;
  guint n_changes;

  restart_with_empty_queue (fixture, &n_changes);
  resume_fixture_restore (fixture, STREAMER_RESTORE_HISTORY);
  model = G_LIST_MODEL (fixture->queue);
  transfers = list_done (fixture);
  kept = g_object_ref (transfers->pdata[N_DONE / 2]);
  g_ptr_array_remove_index (transfers, N_DONE / 2);

  n_changes = 0;
  streamer_queue_remove_all (fixture->queue, transfers);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 1);

  streamer_queue_put_back (fixture->queue, transfers);
  g_assert_cmpuint (n_changes, ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, N_DONE);
  g_clear_pointer (&transfers, g_ptr_array_unref);
  g_clear_object (&kept);

  restart_with_empty_queue (fixture, &n_changes);
  g_assert_cmpuint (resume_fixture_restore (fixture, STREAMER_RESTORE_HISTORY), ==, N_DONE);
}

/* What goes on does not wait until all that is over has been read. */
static void
test_what_goes_on_comes_back_too (ResumeFixture *fixture, gconstpointer data)
{
  guint n_changes;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 0);
  resume_fixture_add (fixture, "file", 3 * RESUME_PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) > 0);
  restart_with_empty_queue (fixture, &n_changes);
  g_assert_cmpuint (
      resume_fixture_restore (fixture, STREAMER_RESTORE_HISTORY | STREAMER_RESTORE_UNFINISHED), ==,
      N_DONE + 1);
  streamer_fake_store_clear_script (fixture->flow.store);
  wait_until (streamer_queue_is_idle (fixture->queue));
  g_assert_cmpuint (n_changes, <=, 2);
}

static void
test_oldest_stay_in_the_journal_alone (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (StreamerTransfer) first = NULL;
  guint n_changes;

  put_done (fixture, N_DONE, STREAMER_RESTORE_HISTORY_MAX - N_DONE + 2);
  restart_with_empty_queue (fixture, &n_changes);
  g_assert_cmpuint (resume_fixture_restore (fixture, STREAMER_RESTORE_HISTORY), ==,
                    STREAMER_RESTORE_HISTORY_MAX);
  first = g_list_model_get_item (G_LIST_MODEL (fixture->queue), 0);
  g_assert_cmpstr (streamer_transfer_get_name (first), ==, "00002");
  g_assert_cmpuint (n_changes, <=, 3);

  entries = streamer_journal_list (fixture->journal, NULL);
  g_assert_cmpuint (entries->len, ==, STREAMER_RESTORE_HISTORY_MAX + 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function)                                                                        \
  g_test_add ("/long-history/" path, ResumeFixture, NULL, set_up, function,                        \
              resume_fixture_tear_down)
  ADD ("comes-back-as-one-change", test_comes_back_as_one_change);
  ADD ("goes-and-comes-back-as-one-change", test_goes_and_comes_back_as_one_change);
  ADD ("what-goes-on-comes-back-too", test_what_goes_on_comes_back_too);
  ADD ("oldest-stay-in-the-journal-alone", test_oldest_stay_in_the_journal_alone);

  return g_test_run ();
}
