/* test-window.c: the main window, with real keys
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "transfer-test.h"

#include <glib/gstdio.h>

#include "streamer-banner.h"
#include "streamer-transfer-detail.h"
#include "streamer-transfer-list.h"
#include "streamer-transfer-row.h"
#include "streamer-window.h"

typedef struct
{
  TestFlow flow;
  StreamerApplication *application;
  StreamerQueue *queue;
  StreamerWindow *window;
} Fixture;

static StreamerWindow *
get_window (Fixture *fixture)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (fixture->application));

  for (GList *l = windows; l != NULL; l = l->next)
    {
      if (STREAMER_IS_WINDOW (l->data))
        return l->data;
    }

  return NULL;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  transfer_test_set_up (&fixture->flow);
  fixture->application = STREAMER_APPLICATION (g_application_get_default ());
  fixture->queue = streamer_application_get_queue (fixture->application);
  g_application_activate (G_APPLICATION (fixture->application));
  fixture->window = get_window (fixture);
  ui_test_wait (gtk_window_is_active (GTK_WINDOW (fixture->window)));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  GListModel *model = G_LIST_MODEL (fixture->queue);
  StreamerWindow *window;

  while ((window = get_window (fixture)))
    gtk_window_destroy (GTK_WINDOW (window));
  transfer_test_end (&fixture->flow, fixture->queue);
  while (g_list_model_get_n_items (model) > 0)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, 0);

      streamer_queue_remove (fixture->queue, transfer);
    }
  streamer_application_set_keep_uploading (fixture->application, FALSE);
  test_flow_tear_down (&fixture->flow);
}

static StreamerTransfer *
add (Fixture *fixture, const char *name)
{
  return transfer_test_add (&fixture->flow, fixture->queue, name, 4500);
}

static gpointer
find (Fixture *fixture, GType type)
{
  g_autoptr (GPtrArray) found = ui_test_find_all (fixture->window, type);

  g_assert_cmpuint (found->len, >, 0);

  return found->pdata[0];
}

static guint
count_rows (Fixture *fixture)
{
  g_autoptr (GPtrArray) rows = ui_test_find_all (fixture->window, STREAMER_TYPE_TRANSFER_ROW);

  return rows->len;
}

static void
run_xdotool (const char *command, const char *argument)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "xdotool", command, argument, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check_async (process, NULL, ui_test_keep_result, &result);
  ui_test_wait (result != NULL);
  g_subprocess_wait_check_finish (process, result, &error);
  g_assert_no_error (error);
}

static void
press (const char *keys)
{
  run_xdotool ("key", keys);
}

/* Keys that are sent right behind a change of the focus do not always arrive at a display without a
 * screen: then they are sent again. */
static void
type (GtkEditable *entry, const char *text)
{
  for (guint i = 0; i < 10 && !g_str_equal (gtk_editable_get_text (entry), text); i++)
    {
      gtk_editable_set_text (entry, "");
      run_xdotool ("type", text);
      gdk_display_sync (gdk_display_get_default ());
      while (g_main_context_iteration (NULL, FALSE))
        continue;
    }
  g_assert_cmpstr (gtk_editable_get_text (entry), ==, text);
}

static void
activate (Fixture *fixture, const char *action)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture->window), action, NULL));
}

static void
click (Fixture *fixture, const char *action)
{
  g_signal_emit_by_name (ui_test_find_action (fixture->window, action), "clicked");
}

static AdwMessageDialog *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GObject) window = g_list_model_get_item (windows, i);

      if (ADW_IS_MESSAGE_DIALOG (window) && gtk_widget_get_visible (GTK_WIDGET (window)))
        return ADW_MESSAGE_DIALOG (window);
    }

  return NULL;
}

/* As a click on the button does it. */
static void
answer (const char *response)
{
  AdwMessageDialog *dialog = g_object_ref (find_dialog ());

  adw_message_dialog_response (dialog, response);
  gtk_window_destroy (GTK_WINDOW (dialog));
  g_object_unref (dialog);
  ui_test_wait (find_dialog () == NULL);
}

static void
got_text_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  *(char **) user_data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (object), result, &error);
  g_assert_no_error (error);
}

/* Returns: (transfer full) */
static char *
read_clipboard (Fixture *fixture)
{
  char *text = NULL;

  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (fixture->window)), NULL,
                                 got_text_cb, &text);
  ui_test_wait (text != NULL);

  return text;
}

/* @file: (transfer full) */
static gboolean
drop (Fixture *fixture, GFile *file)
{
  g_autoptr (GListModel) controllers =
      gtk_widget_observe_controllers (GTK_WIDGET (fixture->window));
  g_autoptr (GFile) owned = file;
  g_auto (GValue) value = G_VALUE_INIT;
  GSList list = { owned, NULL };
  gboolean taken = FALSE;

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_set_boxed (&value, &list);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &taken);
    }

  return taken;
}

static void
test_dropped_files_join_the_queue (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = test_flow_make_bytes (10, 1);
  g_autoptr (StreamerTransfer) transfer = NULL;

  g_assert_true (ui_test_says (fixture->window, "Choose Files…"));
  g_assert_true (drop (fixture, test_flow_write (&fixture->flow, "dropped.txt", bytes)));
  ui_test_wait (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)) == 1);

  transfer = g_list_model_get_item (G_LIST_MODEL (fixture->queue), 0);
  g_assert_cmpstr (streamer_transfer_get_name (transfer), ==, "dropped.txt");
  g_assert_cmpstr (streamer_connection_get_id (streamer_transfer_get_target (transfer)->connection),
                   ==, STREAMER_CONNECTION_ID_THIS_COMPUTER);
  ui_test_wait (ui_test_says (find (fixture, STREAMER_TYPE_TRANSFER_ROW), "dropped.txt"));
}

static const char *
get_selected_name (Fixture *fixture)
{
  StreamerTransfer *selected =
      streamer_transfer_list_get_selected (find (fixture, STREAMER_TYPE_TRANSFER_LIST));

  return selected != NULL ? streamer_transfer_get_name (selected) : NULL;
}

static void
test_what_is_added_is_selected (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = test_flow_make_bytes (10, 1);
  StreamerTransfer *earlier = add (fixture, "earlier.mkv");

  ui_test_wait (streamer_transfer_get_state (earlier) == STREAMER_TRANSFER_DONE);
  ui_test_wait (g_strcmp0 (get_selected_name (fixture), "earlier.mkv") == 0);
  drop (fixture, test_flow_write (&fixture->flow, "dropped.txt", bytes));
  ui_test_wait (g_strcmp0 (get_selected_name (fixture), "dropped.txt") == 0);

  /* What does not come by the user's hand leaves the selection alone. */
  add (fixture, "other.mkv");
  ui_test_wait (ui_test_says (fixture->window, "other.mkv"));
  g_assert_cmpstr (get_selected_name (fixture), ==, "dropped.txt");

  streamer_window_show_transfer (fixture->window, earlier);
  drop (fixture, test_flow_write (&fixture->flow, "again.txt", bytes));
  ui_test_wait (g_strcmp0 (get_selected_name (fixture), "again.txt") == 0);
}

static void
test_what_is_elsewhere_is_refused_with_words (Fixture *fixture, gconstpointer data)
{
  drop (fixture, g_file_new_for_uri ("foo://example.org/a&b.txt"));
  ui_test_wait (ui_test_says (
      fixture->window,
      "“foo://example.org/a&b.txt” is not on this computer. Copy it to a folder first."));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 0);
}

static void
test_empty_folder_is_named (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = test_flow_path (&fixture->flow, "<empty>");

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  drop (fixture, g_file_new_for_path (path));
  ui_test_wait (ui_test_says (fixture->window, "There are no files in the folder “<empty>”."));
}

static void
test_keys (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 0);
  transfer = add (fixture, "a.mkv");
  ui_test_wait (streamer_fake_store_get_n_blocked (fixture->flow.store) > 0);
  ui_test_wait (ui_test_find_action (fixture->window, "win.pause") != NULL);

  press ("Down");
  press ("space");
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_PAUSED);
  press ("space");
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_UPLOADING);

  press ("Delete");
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_CANCELLED);
  press ("ctrl+r");
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_UPLOADING);

  streamer_fake_store_clear_script (fixture->flow.store);
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
  ui_test_wait (ui_test_find_action (fixture->window, "win.copy-link") != NULL);
  press ("ctrl+shift+c");
  ui_test_wait (ui_test_says (fixture->window, "Link copied"));
}

static void
test_copy_puts_the_link_on_the_clipboard (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = add (fixture, "a b & c.mkv");
  g_autofree char *text = NULL;

  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
  ui_test_wait (ui_test_find_action (fixture->window, "win.copy-link") != NULL);
  click (fixture, "win.copy-link");
  ui_test_wait (ui_test_says (fixture->window, "Link copied"));

  text = read_clipboard (fixture);
  g_assert_cmpstr (text, ==, streamer_transfer_get_url (transfer));
}

static void
test_details_hold_no_link (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;
  g_autofree char *text = NULL;

  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 0, STREAMER_ERROR_FORBIDDEN, FALSE);
  transfer = add (fixture, "a.mkv");
  ui_test_wait (ui_test_find_action (fixture->window, "win.copy-details") != NULL);
  click (fixture, "win.copy-details");

  text = read_clipboard (fixture);
  g_assert_nonnull (strstr (text, "key: films/a.mkv"));
  g_assert_nonnull (strstr (text, "status code: 403"));
  g_assert_nonnull (strstr (text, streamer_transfer_get_error (transfer)->message));
  g_assert_null (strstr (text, "://"));
}

static void
test_cancel_asks_where_bytes_are_lost (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 5);
  transfer = add (fixture, "a.mkv");
  ui_test_wait (streamer_transfer_get_sent (transfer) >= 3500);
  ui_test_wait (ui_test_find_action (fixture->window, "win.cancel") != NULL);

  activate (fixture, "win.remove-selected");
  ui_test_wait (find_dialog () != NULL);
  answer ("keep");
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_UPLOADING);

  activate (fixture, "win.remove-selected");
  ui_test_wait (find_dialog () != NULL);
  answer ("cancel-upload");
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_CANCELLED);
  ui_test_wait (streamer_fake_store_get_n_uploads (fixture->flow.store) == 0);
}

static void
test_remove_from_server_asks (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = add (fixture, "a.mkv");
  GListModel *model = G_LIST_MODEL (fixture->queue);

  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
  ui_test_wait (ui_test_find_action (fixture->window, "win.remove-from-server") != NULL);
  click (fixture, "win.remove-from-server");
  ui_test_wait (find_dialog () != NULL);
  answer ("keep");
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 1);

  click (fixture, "win.remove-from-server");
  ui_test_wait (find_dialog () != NULL);
  answer ("remove");
  ui_test_wait (streamer_fake_store_get_n_objects (fixture->flow.store) == 0);
  ui_test_wait (g_list_model_get_n_items (model) == 0);
  ui_test_wait (ui_test_says (fixture->window, "Choose Files…"));
}

static void
test_closing_asks_once_and_uploads_go_on (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 0);
  transfer = add (fixture, "a.mkv");
  ui_test_wait (streamer_fake_store_get_n_blocked (fixture->flow.store) > 0);

  gtk_window_close (GTK_WINDOW (fixture->window));
  ui_test_wait (find_dialog () != NULL);
  answer ("stay");
  g_assert_true (get_window (fixture) == fixture->window);

  gtk_window_close (GTK_WINDOW (fixture->window));
  ui_test_wait (find_dialog () != NULL);
  answer ("keep");
  ui_test_wait (get_window (fixture) == NULL);
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_UPLOADING);

  g_application_activate (G_APPLICATION (fixture->application));
  ui_test_wait (get_window (fixture) != NULL);
  gtk_window_close (GTK_WINDOW (get_window (fixture)));
  ui_test_wait (get_window (fixture) == NULL);
  g_assert_null (find_dialog ());

  streamer_fake_store_clear_script (fixture->flow.store);
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
}

static void
test_closing_when_all_is_done_asks_nothing (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = add (fixture, "a.mkv");

  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
  ui_test_wait (streamer_queue_is_idle (fixture->queue));
  gtk_window_close (GTK_WINDOW (fixture->window));
  ui_test_wait (get_window (fixture) == NULL);
  g_assert_null (find_dialog ());
}

static gboolean
is_banner_revealed (Fixture *fixture)
{
  gboolean revealed;

  g_object_get (find (fixture, STREAMER_TYPE_BANNER), "revealed", &revealed, NULL);

  return revealed;
}

static void
test_missing_token_is_asked_for_once (Fixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 0, STREAMER_ERROR_AUTH, FALSE);
  transfer = add (fixture, "a.mkv");
  ui_test_wait (find_dialog () != NULL);
  answer (adw_message_dialog_get_close_response (find_dialog ()));
  ui_test_wait (is_banner_revealed (fixture));
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_NEEDS_TOKEN);

  /* Nothing happens before the first dialog has told the window that it is over. */
  ui_test_wait ((activate (fixture, "win.sign-in"), find_dialog () != NULL));
  answer (adw_message_dialog_get_close_response (find_dialog ()));

  streamer_fake_store_clear_script (fixture->flow.store);
  streamer_queue_token_given (fixture->queue, fixture->flow.connection);
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
  ui_test_wait (!is_banner_revealed (fixture));
}

static void
test_wrong_clock_is_in_the_banner (Fixture *fixture, gconstpointer data)
{
  g_autofree char *title = NULL;
  StreamerTransfer *transfer;

  streamer_fake_store_set_clock_offset (fixture->flow.store, 3 * 3600);
  add (fixture, "a.mkv");
  ui_test_wait (is_banner_revealed (fixture));
  g_object_get (find (fixture, STREAMER_TYPE_BANNER), "title", &title, NULL);
  g_assert_cmpstr (title, ==,
                   "This computer’s clock is 3 hours behind the server’s. Set it right.");

  streamer_fake_store_set_clock_offset (fixture->flow.store, 0);
  transfer = add (fixture, "b.mkv");
  ui_test_wait (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE);
  ui_test_wait (!is_banner_revealed (fixture));
}

static void
test_search_shows_what_matches (Fixture *fixture, gconstpointer data)
{
  add (fixture, "apple.jpg");
  add (fixture, "pear.jpg");
  ui_test_wait (ui_test_says (fixture->window, "pear.jpg"));

  press ("ctrl+f");
  ui_test_wait (GTK_IS_TEXT (gtk_window_get_focus (GTK_WINDOW (fixture->window))));
  type (GTK_EDITABLE (find (fixture, GTK_TYPE_SEARCH_ENTRY)), "app");
  ui_test_wait (count_rows (fixture) == 1);
  g_assert_true (ui_test_says (find (fixture, STREAMER_TYPE_TRANSFER_ROW), "apple.jpg"));
  press ("x");
  ui_test_wait (ui_test_says (fixture->window, "No transfer has such a name"));
  press ("Escape");
  ui_test_wait (count_rows (fixture) == 2);
}

static void
test_narrow_window_shows_one_pane (Fixture *fixture, gconstpointer data)
{
  AdwLeaflet *leaflet;

  add (fixture, "a.mkv");
  ui_test_wait (ui_test_says (fixture->window, "a.mkv"));
  leaflet = find (fixture, ADW_TYPE_LEAFLET);
  g_assert_false (adw_leaflet_get_folded (leaflet));

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 640);
  ui_test_wait (adw_leaflet_get_folded (leaflet));
  g_assert_cmpstr (adw_leaflet_get_visible_child_name (leaflet), ==, "list");

  press ("Down");
  press ("Return");
  ui_test_wait (g_str_equal (adw_leaflet_get_visible_child_name (leaflet), "detail"));
  press ("Escape");
  ui_test_wait (g_str_equal (adw_leaflet_get_visible_child_name (leaflet), "list"));
}

static void
test_selection_and_focus_outlive_moves (Fixture *fixture, gconstpointer data)
{
  StreamerTransferList *list;
  StreamerTransfer *second;

  streamer_fake_store_block (fixture->flow.store, FAKE_PUT_PART, 0);
  add (fixture, "a.mkv");
  second = add (fixture, "b.mkv");
  ui_test_wait (ui_test_says (fixture->window, "b.mkv"));
  streamer_window_show_transfer (fixture->window, second);
  list = find (fixture, STREAMER_TYPE_TRANSFER_LIST);
  g_assert_true (streamer_transfer_list_get_selected (list) == second);

  streamer_fake_store_clear_script (fixture->flow.store);
  ui_test_wait (streamer_queue_is_idle (fixture->queue));
  ui_test_wait (ui_test_says (fixture->window, "Finished"));
  g_assert_true (streamer_transfer_list_get_selected (list) == second);
}

static void
test_ten_thousand_make_few_rows (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = test_flow_path (&fixture->flow, "many");
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%05u", folder, i);

      g_assert_true (g_file_set_contents (path, "", 0, NULL));
    }

  streamer_fake_store_block (fixture->flow.store, FAKE_BEGIN, 0);
  streamer_queue_add_async (fixture->queue, file, fixture->flow.target, NULL, ui_test_keep_result,
                            &result);
  ui_test_wait (result != NULL);
  g_assert_cmpuint (streamer_queue_add_finish (fixture->queue, result, NULL), ==, 10000);

  ui_test_wait (ui_test_says (fixture->window, "many/00000"));
  g_assert_cmpuint (count_rows (fixture), <, 300);
}

int
main (int argc, char *argv[])
{
  g_autoptr (StreamerApplication) application = NULL;
  g_autoptr (GError) error = NULL;

  /* Without a bus everything works, too. */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  ui_test_init (&argc, &argv);

  /* Only g_application_run() could end it: one does for all tests. */
  application = streamer_application_new ();
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  g_object_ref (application);
  ui_test_wait (streamer_history_is_ready (streamer_application_get_history (application)));

#define ADD(path, function) g_test_add ("/window/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("dropped-files-join-the-queue", test_dropped_files_join_the_queue);
  ADD ("what-is-added-is-selected", test_what_is_added_is_selected);
  ADD ("what-is-elsewhere-is-refused-with-words", test_what_is_elsewhere_is_refused_with_words);
  ADD ("empty-folder-is-named", test_empty_folder_is_named);
  ADD ("keys", test_keys);
  ADD ("copy-puts-the-link-on-the-clipboard", test_copy_puts_the_link_on_the_clipboard);
  ADD ("details-hold-no-link", test_details_hold_no_link);
  ADD ("cancel-asks-where-bytes-are-lost", test_cancel_asks_where_bytes_are_lost);
  ADD ("remove-from-server-asks", test_remove_from_server_asks);
  ADD ("closing-asks-once-and-uploads-go-on", test_closing_asks_once_and_uploads_go_on);
  ADD ("closing-when-all-is-done-asks-nothing", test_closing_when_all_is_done_asks_nothing);
  ADD ("wrong-clock-is-in-the-banner", test_wrong_clock_is_in_the_banner);
  ADD ("missing-token-is-asked-for-once", test_missing_token_is_asked_for_once);
  ADD ("search-shows-what-matches", test_search_shows_what_matches);
  ADD ("narrow-window-shows-one-pane", test_narrow_window_shows_one_pane);
  ADD ("selection-and-focus-outlive-moves", test_selection_and_focus_outlive_moves);
  ADD ("ten-thousand-make-few-rows", test_ten_thousand_make_few_rows);

  return g_test_run ();
}
