/* test-transfer-row.c: one transfer in the list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "transfer-test.h"

#include "streamer-transfer-row.h"

typedef struct
{
  TestFlow flow;
  StreamerQueue *queue;
  StreamerTransferRow *row;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  transfer_test_set_up (&fixture->flow);
  fixture->queue = streamer_queue_new ();
  fixture->row = g_object_ref_sink (STREAMER_TRANSFER_ROW (streamer_transfer_row_new ()));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  transfer_test_end (&fixture->flow, fixture->queue);
  streamer_transfer_row_set_transfer (fixture->row, NULL);
  g_assert_finalize_object (fixture->row);
  g_assert_finalize_object (fixture->queue);
  test_flow_tear_down (&fixture->flow);
}

static StreamerTransfer *
add (Fixture *fixture, const char *name)
{
  StreamerTransfer *transfer = transfer_test_add (&fixture->flow, fixture->queue, name, 10000);

  streamer_transfer_row_set_transfer (fixture->row, transfer);

  return transfer;
}

static gboolean
has_bar (Fixture *fixture)
{
  g_autoptr (GPtrArray) bars = ui_test_find_all (fixture->row, GTK_TYPE_PROGRESS_BAR);

  return bars->len == 1;
}

static void
assert_button (Fixture *fixture, const char *action, const char *label)
{
  GtkWidget *button = ui_test_find_action (fixture->row, action);
  GVariant *target;

  g_assert_nonnull (button);
  gtk_test_accessible_assert_property (button, GTK_ACCESSIBLE_PROPERTY_LABEL, label);
  g_assert_true (gtk_widget_get_has_tooltip (button));
  target = gtk_actionable_get_action_target_value (GTK_ACTIONABLE (button));
  g_assert_cmpstr (g_variant_get_string (target, NULL), ==,
                   streamer_transfer_get_id (streamer_transfer_row_get_transfer (fixture->row)));
}

static void
test_uploading_and_paused (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 0);
  transfer = add (fixture, "Ünïcode & <b>.mkv");
  g_assert_true (ui_test_says (fixture->row, "Ünïcode & <b>.mkv"));

  ui_test_wait (ui_test_says (fixture->row, "0.0 of 10.0 kB"));
  g_assert_true (has_bar (fixture));
  assert_button (fixture, "win.pause", "Pause");

  streamer_transfer_pause (transfer);
  ui_test_wait (ui_test_says (fixture->row, "Paused at 0 %"));
  g_assert_true (has_bar (fixture));
  assert_button (fixture, "win.resume", "Resume");
}

static void
test_done (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = add (fixture, "a.mkv");
  g_autofree char *status = NULL;

  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
  status = g_strdup_printf ("Uploaded: %s", streamer_transfer_get_url (transfer));
  ui_test_wait (ui_test_says (fixture->row, status));
  g_assert_false (has_bar (fixture));
  assert_button (fixture, "win.copy-link", "Copy Link");
}

static void
test_failed (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 0, STREAMER_ERROR_FORBIDDEN, FALSE);
  transfer = add (fixture, "a.mkv");
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_FAILED);
  ui_test_wait (ui_test_says (fixture->row, streamer_transfer_get_error (transfer)->message));
  g_assert_false (has_bar (fixture));
  assert_button (fixture, "win.resume", "Try Again");
}

static void
test_needs_token (Fixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 0, STREAMER_ERROR_AUTH, FALSE);
  add (fixture, "a.mkv");
  ui_test_wait (ui_test_says (fixture->row, "Sign-in needed"));
  assert_button (fixture, "win.enter-token", "Enter Token…");
}

static void
test_header_is_shown_where_a_group_begins (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a.mkv");
  streamer_transfer_row_set_header (fixture->row, "Finished");
  g_assert_true (ui_test_says (fixture->row, "Finished"));
  streamer_transfer_row_set_header (fixture->row, NULL);
  g_assert_false (ui_test_says (fixture->row, "Finished"));
}

static void
test_row_is_used_again (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *first;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 0);
  first = add (fixture, "a.mkv");
  ui_test_wait (ui_test_says (fixture->row, "0.0 of 10.0 kB"));
  streamer_transfer_pause (first);
  add (fixture, "b.mkv");

  /* What the first one had queued says nothing any more. */
  ui_test_wait (ui_test_says (fixture->row, "0.0 of 10.0 kB"));
  g_assert_true (ui_test_says (fixture->row, "b.mkv"));
}

int
main (int argc, char *argv[])
{
  ui_test_init (&argc, &argv);

#define ADD(path, function)                                                                        \
  g_test_add ("/transfer-row/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("uploading-and-paused", test_uploading_and_paused);
  ADD ("done", test_done);
  ADD ("failed", test_failed);
  ADD ("needs-token", test_needs_token);
  ADD ("header-is-shown-where-a-group-begins", test_header_is_shown_where_a_group_begins);
  ADD ("row-is-used-again", test_row_is_used_again);

  return g_test_run ();
}
