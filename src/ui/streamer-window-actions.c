/* streamer-window-actions.c: everything that a button, a menu or a key does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-window-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-transfer-report.h"
#include "streamer-transfer-status.h"

static guint
get_verbs (StreamerTransfer *transfer)
{
  return transfer != NULL ? streamer_transfer_get_verbs (transfer) : 0;
}

static void
chooser_response_cb (StreamerWindow *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (self->chooser));

      _streamer_window_add_files (self, files);
    }
  g_clear_object (&self->chooser);
}

static void
choose (StreamerWindow *self, const char *title, GtkFileChooserAction action)
{
  if (self->chooser != NULL)
    {
      gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
      return;
    }

  self->chooser =
      gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, _ ("_Upload"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chooser_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
add_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  choose (user_data, _ ("Choose Files to Upload"), GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
add_folder_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  choose (user_data, _ ("Choose Folders to Upload"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);
}

static void
pasted_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerWindow) self = user_data;
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_FILE);
  g_autoptr (GSList) files = NULL;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (object), result, NULL);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  if (value == NULL)
    {
      streamer_window_show_message (self, _ ("There are no files on the clipboard."));
      return;
    }

  files = gdk_file_list_get_files (g_value_get_boxed (value));
  for (GSList *l = files; l != NULL; l = l->next)
    g_list_store_append (store, l->data);
  _streamer_window_add_files (self, G_LIST_MODEL (store));
}

static void
paste_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerWindow *self = user_data;

  gdk_clipboard_read_value_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), GDK_TYPE_FILE_LIST,
                                  G_PRIORITY_DEFAULT, self->cancellable, pasted_cb,
                                  g_object_ref (self));
}

static void
pause_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = _streamer_window_find_transfer (user_data, parameter);

  if (get_verbs (transfer) & STREAMER_TRANSFER_VERB_PAUSE)
    streamer_transfer_pause (transfer);
}

static void
resume_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = _streamer_window_find_transfer (user_data, parameter);
  const guint verbs = STREAMER_TRANSFER_VERB_RESUME | STREAMER_TRANSFER_VERB_TRY_AGAIN |
                      STREAMER_TRANSFER_VERB_TRY_NOW;

  if (get_verbs (transfer) & verbs)
    streamer_transfer_resume (transfer);
}

static void
start_now_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerWindow *self = user_data;
  StreamerTransfer *transfer = _streamer_window_find_transfer (self, parameter);

  if (get_verbs (transfer) & STREAMER_TRANSFER_VERB_START_NOW)
    streamer_queue_start_now (self->queue, transfer);
}

static void
start_over_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = _streamer_window_find_transfer (user_data, parameter);

  if (get_verbs (transfer) & STREAMER_TRANSFER_VERB_START_OVER)
    streamer_transfer_start_over (transfer);
}

static void
copy_details_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = _streamer_window_find_transfer (user_data, parameter);
  g_autofree char *report = NULL;

  if (transfer == NULL)
    return;

  report = streamer_transfer_report (transfer);
  _streamer_window_copy_text (user_data, report, _ ("Details copied"));
}

static void
cancel_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = _streamer_window_find_transfer (user_data, parameter);

  if (transfer != NULL)
    _streamer_window_ask_cancel (user_data, transfer);
}

static void
remove_from_server_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = _streamer_window_find_transfer (user_data, parameter);

  if (transfer != NULL)
    _streamer_window_ask_remove (user_data, transfer);
}

static void
replace_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = _streamer_window_find_transfer (user_data, parameter);

  if (transfer != NULL)
    _streamer_window_ask_replace (user_data, transfer);
}

static void
enter_token_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = _streamer_window_find_transfer (user_data, parameter);
  const GError *error;

  if (!(get_verbs (transfer) &
        (STREAMER_TRANSFER_VERB_ENTER_TOKEN | STREAMER_TRANSFER_VERB_ENTER_KEYS)))
    return;

  error = streamer_transfer_get_error (transfer);
  streamer_window_ask_token (user_data, streamer_transfer_get_target (transfer)->connection,
                             error != NULL ? error->message : NULL);
}

static void
sign_in_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerWindow *self = user_data;
  StreamerConnection *connection = streamer_queue_get_needs_token (self->queue);

  if (connection != NULL)
    streamer_window_ask_token (self, connection, NULL);
}

static void
forget_set_aside_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  streamer_history_forget_set_aside (((StreamerWindow *) user_data)->history);
}

/* Does to the selected transfer the first of @verbs that applies. */
static void
activate_selected (StreamerWindow *self, guint verbs)
{
  StreamerTransfer *transfer = streamer_transfer_list_get_selected (self->list);

  verbs &= get_verbs (transfer);
  for (guint i = 0; i < STREAMER_TRANSFER_N_VERBS; i++)
    {
      const StreamerTransferVerbInfo *info = &streamer_transfer_verbs[i];

      if (verbs & info->verb)
        {
          gtk_widget_activate_action (GTK_WIDGET (self), info->action, "s",
                                      streamer_transfer_get_id (transfer));
          return;
        }
    }
}

static void
toggle_pause_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  activate_selected (user_data, STREAMER_TRANSFER_VERB_PAUSE | STREAMER_TRANSFER_VERB_RESUME);
}

static void
copy_selected_link_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  activate_selected (user_data, STREAMER_TRANSFER_VERB_COPY_LINK);
}

static void
retry_selected_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  activate_selected (user_data, STREAMER_TRANSFER_VERB_START_OVER |
                                    STREAMER_TRANSFER_VERB_TRY_AGAIN |
                                    STREAMER_TRANSFER_VERB_TRY_NOW);
}

static void
remove_selected_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  activate_selected (user_data,
                     STREAMER_TRANSFER_VERB_CANCEL | STREAMER_TRANSFER_VERB_REMOVE_FROM_LIST);
}

static void
back_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerWindow *self = user_data;

  adw_leaflet_set_visible_child_name (self->leaflet, "list");
}

static void
search_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerWindow *self = user_data;

  adw_leaflet_set_visible_child_name (self->leaflet, "list");
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

void
_streamer_window_set_can_search (StreamerWindow *self, gboolean can_search)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "search");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), can_search);
  if (!can_search)
    gtk_search_bar_set_search_mode (self->search_bar, FALSE);
}

static gboolean
key_cb (StreamerWindow *self, guint keyval, guint keycode, GdkModifierType modifiers)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  /* What has a meaning of its own for these keys keeps it. */
  if (modifiers & gtk_accelerator_get_default_mod_mask () || GTK_IS_BUTTON (focus) ||
      GTK_IS_EDITABLE (focus))
    return GDK_EVENT_PROPAGATE;

  switch (keyval)
    {
    case GDK_KEY_space:
    case GDK_KEY_KP_Space:
      toggle_pause_action (NULL, NULL, self);
      return GDK_EVENT_STOP;

    case GDK_KEY_Delete:
    case GDK_KEY_KP_Delete:
      remove_selected_action (NULL, NULL, self);
      return GDK_EVENT_STOP;

    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static gboolean
escape_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  StreamerWindow *self = STREAMER_WINDOW (widget);

  if (!adw_leaflet_get_folded (self->leaflet) ||
      g_strcmp0 (adw_leaflet_get_visible_child_name (self->leaflet), "detail") != 0)
    return FALSE;

  adw_leaflet_set_visible_child_name (self->leaflet, "list");
  return TRUE;
}

static const GActionEntry entries[] = {
  { "add", add_action },
  { "add-folder", add_folder_action },
  { "paste", paste_action },
  { "pause", pause_action, "s" },
  { "resume", resume_action, "s" },
  { "start-now", start_now_action, "s" },
  { "start-over", start_over_action, "s" },
  { "replace", replace_action, "s" },
  { "cancel", cancel_action, "s" },
  { "copy-details", copy_details_action, "s" },
  { "enter-token", enter_token_action, "s" },
  { "remove-from-server", remove_from_server_action, "s" },
  { "sign-in", sign_in_action },
  { "forget-set-aside", forget_set_aside_action },
  { "toggle-pause", toggle_pause_action },
  { "copy-selected-link", copy_selected_link_action },
  { "retry-selected", retry_selected_action },
  { "remove-selected", remove_selected_action },
  { "search", search_action },
  { "back", back_action },
};

void
_streamer_window_actions_init (StreamerWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  _streamer_window_history_init (self);

  /* Before the list takes Space for its own selection. */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->leaflet), keys);

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (shortcuts),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_callback_action_new (escape_cb, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self), shortcuts);
}
