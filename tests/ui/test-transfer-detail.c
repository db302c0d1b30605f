/* test-transfer-detail.c: one transfer in full, part by part
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "transfer-test.h"

#include "streamer-part-row.h"
#include "streamer-transfer-detail.h"

typedef struct
{
  TestFlow flow;
  StreamerQueue *queue;
  GtkWindow *window;
  StreamerTransferDetail *detail;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  transfer_test_set_up (&fixture->flow);
  fixture->queue = streamer_queue_new ();
  fixture->detail = STREAMER_TRANSFER_DETAIL (streamer_transfer_detail_new ());
  fixture->window = GTK_WINDOW (gtk_window_new ());
  gtk_window_set_default_size (fixture->window, 600, 700);
  gtk_window_set_child (fixture->window, GTK_WIDGET (fixture->detail));
  gtk_window_present (fixture->window);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  transfer_test_end (&fixture->flow, fixture->queue);
  streamer_transfer_detail_set_transfer (fixture->detail, NULL);
  gtk_window_destroy (fixture->window);
  g_assert_finalize_object (fixture->queue);
  test_flow_tear_down (&fixture->flow);
}

static StreamerTransfer *
add (Fixture *fixture, gsize size)
{
  StreamerTransfer *transfer =
      transfer_test_add (&fixture->flow, fixture->queue, "a & b.mkv", size);

  streamer_transfer_detail_set_transfer (fixture->detail, transfer);

  return transfer;
}

static guint
count_part_rows (Fixture *fixture)
{
  g_autoptr (GPtrArray) rows = ui_test_find_all (fixture->detail, STREAMER_TYPE_PART_ROW);

  return rows->len;
}

static void
test_each_part_has_a_labelled_bar (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 0);
  add (fixture, 4500);
  ui_test_wait (count_part_rows (fixture) == 5);

  rows = ui_test_find_all (fixture->detail, STREAMER_TYPE_PART_ROW);
  for (guint i = 0; i < rows->len; i++)
    {
      g_autoptr (GPtrArray) bars = ui_test_find_all (rows->pdata[i], GTK_TYPE_PROGRESS_BAR);
      g_autofree char *label = g_strdup_printf ("Part %u of 5", i + 1);

      g_assert_cmpuint (bars->len, ==, 1);
      gtk_test_accessible_assert_property (bars->pdata[0], GTK_ACCESSIBLE_PROPERTY_LABEL, label);
    }
  ui_test_wait (ui_test_says (fixture->detail, "0 of 5 uploaded, 5 on their way"));
  g_assert_true (ui_test_says (fixture->detail, "a & b.mkv"));
  g_assert_true (ui_test_says (fixture->detail, "4.5 kB in 5 parts of 1.0 kB"));
  g_assert_nonnull (ui_test_find_action (fixture->detail, "win.pause"));
  g_assert_nonnull (ui_test_find_action (fixture->detail, "win.cancel"));
  g_assert_null (ui_test_find_action (fixture->detail, "win.copy-link"));
}

static void
test_many_parts_make_few_rows (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 0);
  transfer = add (fixture, 5000 * TRANSFER_TEST_PART_SIZE);
  ui_test_wait (count_part_rows (fixture) > 0);
  g_assert_cmpuint (streamer_transfer_get_n_parts (transfer), ==, 5000);
  g_assert_cmpuint (count_part_rows (fixture), <, 300);
}

static void
test_only_active_parts_if_asked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) toggles = NULL;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 0);
  add (fixture, 20 * TRANSFER_TEST_PART_SIZE);
  ui_test_wait (ui_test_says (fixture->detail, "0 of 20 uploaded, 5 on their way"));
  ui_test_wait (count_part_rows (fixture) > 5);

  toggles = ui_test_find_all (fixture->detail, GTK_TYPE_TOGGLE_BUTTON);
  g_assert_cmpuint (toggles->len, ==, 1);
  gtk_toggle_button_set_active (toggles->pdata[0], TRUE);
  ui_test_wait (count_part_rows (fixture) == 5);
  gtk_toggle_button_set_active (toggles->pdata[0], FALSE);
  ui_test_wait (count_part_rows (fixture) > 5);
}

static void
test_done_offers_the_link (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = add (fixture, 4500);

  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
  ui_test_wait (ui_test_says (fixture->detail, streamer_transfer_get_url (transfer)));
  g_assert_true (ui_test_says (fixture->detail, "Uploaded"));
  g_assert_nonnull (ui_test_find_action (fixture->detail, "win.copy-link"));
  g_assert_nonnull (ui_test_find_action (fixture->detail, "win.open-link"));
  g_assert_nonnull (ui_test_find_action (fixture->detail, "win.remove-from-server"));
  g_assert_nonnull (ui_test_find_action (fixture->detail, "win.remove-from-list"));
  g_assert_null (ui_test_find_action (fixture->detail, "win.pause"));
  g_assert_cmpuint (count_part_rows (fixture), ==, 0);
}

static void
test_failed_says_why_and_what_next (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;
  const GError *error;

  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 0, STREAMER_ERROR_FORBIDDEN, FALSE);
  transfer = add (fixture, 4500);
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_FAILED);

  error = streamer_transfer_get_error (transfer);
  ui_test_wait (ui_test_says (fixture->detail, error->message));
  g_assert_true (ui_test_says (fixture->detail, streamer_error_get_advice (error)));
  g_assert_nonnull (ui_test_find_action (fixture->detail, "win.resume"));
  g_assert_nonnull (ui_test_find_action (fixture->detail, "win.copy-details"));
}

static void
test_existing_offers_to_replace (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 0, STREAMER_ERROR_EXISTS, FALSE);
  add (fixture, 4500);
  ui_test_wait (ui_test_find_action (fixture->detail, "win.replace") != NULL);
}

static void
test_compact_keeps_every_button (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = add (fixture, 4500);

  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
  g_object_set (fixture->detail, "compact", TRUE, NULL);
  ui_test_wait (ui_test_find_action (fixture->detail, "win.remove-from-server") != NULL);
  g_assert_nonnull (ui_test_find_action (fixture->detail, "win.remove-from-list"));
}

static void
test_nothing_selected (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) buttons = NULL;

  add (fixture, 4500);
  streamer_transfer_detail_set_transfer (fixture->detail, NULL);
  buttons = ui_test_find_all (fixture->detail, GTK_TYPE_BUTTON);
  g_assert_cmpuint (buttons->len, ==, 0);
}

int
main (int argc, char *argv[])
{
  ui_test_init (&argc, &argv);

#define ADD(path, function)                                                                        \
  g_test_add ("/transfer-detail/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("each-part-has-a-labelled-bar", test_each_part_has_a_labelled_bar);
  ADD ("many-parts-make-few-rows", test_many_parts_make_few_rows);
  ADD ("only-active-parts-if-asked", test_only_active_parts_if_asked);
  ADD ("done-offers-the-link", test_done_offers_the_link);
  ADD ("failed-says-why-and-what-next", test_failed_says_why_and_what_next);
  ADD ("existing-offers-to-replace", test_existing_offers_to_replace);
  ADD ("compact-keeps-every-button", test_compact_keeps_every_button);
  ADD ("nothing-selected", test_nothing_selected);

  return g_test_run ();
}
