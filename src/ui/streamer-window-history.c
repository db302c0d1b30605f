/* streamer-window-history.c: what can be done with transfers that are over
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-window-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-link.h"
#include "streamer-transfer-status.h"

StreamerTransfer *
_streamer_window_find_transfer (StreamerWindow *self, GVariant *id)
{
  return streamer_application_find_transfer (
      STREAMER_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))),
      g_variant_get_string (id, NULL));
}

void
_streamer_window_copy_text (StreamerWindow *self, const char *text, const char *message)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  streamer_window_show_message (self, message);
}

/* Returns: (transfer none) (nullable): the one that is named by @id, if @verb can be done with it */
static StreamerTransfer *
find_for (StreamerWindow *self, GVariant *id, StreamerTransferVerb verb)
{
  StreamerTransfer *transfer = _streamer_window_find_transfer (self, id);

  return transfer != NULL && streamer_transfer_get_verbs (transfer) & verb ? transfer : NULL;
}

static void
find_link (StreamerWindow *self, StreamerTransfer *transfer, GAsyncReadyCallback callback)
{
  streamer_link_async (streamer_queue_get_pool (self->queue),
                       streamer_transfer_get_target (transfer)->connection,
                       streamer_transfer_get_key (transfer), streamer_transfer_get_url (transfer),
                       self->cancellable, callback, g_object_ref (self));
}

/* Returns: (transfer full) (nullable): NULL once the user has been told why */
static char *
take_link (StreamerWindow *self, GObject *pool, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  char *link = streamer_link_finish (STREAMER_POOL (pool), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    g_clear_pointer (&link, g_free);
  else if (link == NULL)
    streamer_window_show_message (self, error->message);

  return link;
}

static void
link_for_clipboard_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerWindow) self = user_data;
  g_autofree char *link = take_link (self, object, result);

  if (link != NULL)
    _streamer_window_copy_text (self, link, _ ("Link copied"));
}

static void
copy_link_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = find_for (user_data, parameter, STREAMER_TRANSFER_VERB_COPY_LINK);

  if (transfer != NULL)
    find_link (user_data, transfer, link_for_clipboard_cb);
}

static void
copy_text_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  _streamer_window_copy_text (user_data, g_variant_get_string (parameter, NULL), _ ("Copied"));
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!gtk_show_uri_full_finish (GTK_WINDOW (object), result, &error) &&
      !g_cancellable_is_cancelled (self->cancellable))
    streamer_window_show_message (self, error->message);
}

static void
open_uri (StreamerWindow *self, const char *uri)
{
  gtk_show_uri_full (GTK_WINDOW (self), uri, GDK_CURRENT_TIME, self->cancellable, opened_cb,
                     g_object_ref (self));
}

static void
link_to_open_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerWindow) self = user_data;
  g_autofree char *link = take_link (self, object, result);

  if (link != NULL)
    open_uri (self, link);
}

static void
open_link_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = find_for (user_data, parameter, STREAMER_TRANSFER_VERB_OPEN_LINK);

  if (transfer != NULL)
    find_link (user_data, transfer, link_to_open_cb);
}

typedef struct
{
  StreamerWindow *window; /* (owned) */
  GFile *file;            /* (owned) */
} Show;

static void
shown_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Show *show = user_data;
  g_autoptr (StreamerWindow) self = show->window;
  g_autoptr (GFile) file = show->file;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *uri = NULL;

  if (answer != NULL || folder == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  /* Nobody on the bus can select a file: its folder is second best. */
  uri = g_file_get_uri (folder);
  open_uri (self, uri);
}

static void
show_in_files (StreamerWindow *self, GFile *file)
{
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
  GDBusConnection *bus = g_application_get_dbus_connection (application);
  g_autofree char *uri = g_file_get_uri (file);
  const char *uris[] = { uri, NULL };
  Show *show;

  if (bus == NULL)
    {
      g_autoptr (GFile) folder = g_file_get_parent (file);
      g_autofree char *folder_uri = g_file_get_uri (folder);

      open_uri (self, folder_uri);
      return;
    }

  show = g_new0 (Show, 1);
  show->window = g_object_ref (self);
  show->file = g_object_ref (file);
  g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
                          "org.freedesktop.FileManager1", "ShowItems",
                          g_variant_new ("(^ass)", uris, ""), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          self->cancellable, shown_cb, show);
}

static void
show_in_files_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer =
      find_for (user_data, parameter, STREAMER_TRANSFER_VERB_SHOW_IN_FILES);
  g_autofree char *text = NULL;

  if (transfer == NULL)
    return;

  if (g_file_query_exists (streamer_transfer_get_file (transfer), NULL))
    {
      show_in_files (user_data, streamer_transfer_get_file (transfer));
      return;
    }

  /* Translators: %s is a file's name */
  text = g_strdup_printf (_ ("“%s” is not on this computer any more."),
                          streamer_transfer_get_name (transfer));
  streamer_window_show_message (user_data, text);
}

static void
upload_again_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerTransfer *transfer = find_for (user_data, parameter, STREAMER_TRANSFER_VERB_UPLOAD_AGAIN);
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (user_data));

  if (transfer != NULL)
    streamer_application_upload_again (STREAMER_APPLICATION (application), transfer);
}

typedef struct
{
  StreamerQueue *queue; /* (owned) */
  GPtrArray *transfers; /* (owned) (element-type StreamerTransfer) */
} Removal;

static void
removal_free (gpointer data, GClosure *closure)
{
  Removal *removal = data;

  g_object_unref (removal->queue);
  g_ptr_array_unref (removal->transfers);
  g_free (removal);
}

static void
undo_cb (AdwToast *toast, Removal *removal)
{
  streamer_queue_put_back (removal->queue, removal->transfers);
  g_ptr_array_set_size (removal->transfers, 0);
}

/* @transfers: (element-type StreamerTransfer): all done or cancelled */
static void
remove_with_undo (StreamerWindow *self, GPtrArray *transfers)
{
  Removal *removal = g_new0 (Removal, 1);
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;
  AdwToast *toast;

  if (transfers->len == 1)
    /* Translators: %s is a file's name */
    text = g_strdup_printf (_ ("“%s” removed from the list"),
                            streamer_transfer_get_name (g_ptr_array_index (transfers, 0)));
  else
    text = g_strdup_printf (ngettext ("%'u transfer removed from the list",
                                      "%'u transfers removed from the list", transfers->len),
                            transfers->len);
  removal->queue = g_object_ref (self->queue);
  removal->transfers = g_ptr_array_ref (transfers);
  streamer_queue_remove_all (self->queue, transfers);

  escaped = g_markup_escape_text (text, -1);
  toast = adw_toast_new (escaped);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_cb), removal, removal_free, 0);
  adw_toast_overlay_add_toast (self->toast_overlay, toast);
}

static gboolean
is_finished (StreamerTransfer *transfer)
{
  StreamerTransferState state = streamer_transfer_get_state (transfer);

  return state == STREAMER_TRANSFER_DONE || state == STREAMER_TRANSFER_CANCELLED;
}

static void
remove_from_list_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerWindow *self = user_data;
  StreamerTransfer *transfer = find_for (self, parameter, STREAMER_TRANSFER_VERB_REMOVE_FROM_LIST);
  g_autoptr (GPtrArray) transfers = g_ptr_array_new_with_free_func (g_object_unref);

  if (transfer == NULL)
    return;

  /* What the server has kept of one that failed is given up with it, and does not come back. */
  if (!is_finished (transfer))
    {
      streamer_queue_remove (self->queue, transfer);
      return;
    }

  g_ptr_array_add (transfers, g_object_ref (transfer));
  remove_with_undo (self, transfers);
}

static void
clear_finished_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerWindow *self = user_data;
  GListModel *model = G_LIST_MODEL (self->queue);
  g_autoptr (GPtrArray) transfers = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);

      if (is_finished (transfer))
        g_ptr_array_add (transfers, g_steal_pointer (&transfer));
    }
  if (transfers->len > 0)
    remove_with_undo (self, transfers);
}

static const GActionEntry entries[] = {
  { "copy-link", copy_link_action, "s" },
  { "open-link", open_link_action, "s" },
  { "copy-text", copy_text_action, "s" },
  { "show-in-files", show_in_files_action, "s" },
  { "upload-again", upload_again_action, "s" },
  { "remove-from-list", remove_from_list_action, "s" },
  { "clear-finished", clear_finished_action },
};

void
_streamer_window_history_init (StreamerWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_object_bind_property (self->list, "has-finished",
                          g_action_map_lookup_action (G_ACTION_MAP (self), "clear-finished"),
                          "enabled", G_BINDING_SYNC_CREATE);
}
