/* streamer-window.c: the main window: all transfers, and one of them in full
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-window-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-accessible.h"
#include "streamer-background.h"
#include "streamer-quiet.h"
#include "streamer-transfer-status.h"

G_DEFINE_FINAL_TYPE (StreamerWindow, streamer_window, ADW_TYPE_APPLICATION_WINDOW)

static void queue_update (StreamerWindow *self);

static void
update_subtitle (StreamerWindow *self)
{
  guint n_active = streamer_queue_get_n_active (self->queue);
  guint n_waiting = streamer_queue_get_n_waiting (self->queue);
  g_autofree char *uploading = NULL;
  g_autofree char *subtitle = NULL;
  guint64 speed = streamer_queue_get_speed (self->queue);

  if (n_active > 0)
    uploading = g_strdup_printf (ngettext ("%'u uploading", "%'u uploading", n_active), n_active);

  if (n_active > 0 && speed > 0)
    {
      g_autofree char *speed_text = streamer_speed_text (speed);

      /* Translators: "2 uploading", then the speed: "2 uploading, 38 MB/s" */
      subtitle = g_strdup_printf (_ ("%s, %s"), uploading, speed_text);
    }
  else if (n_active > 0)
    {
      subtitle = g_steal_pointer (&uploading);
    }
  else if (n_waiting > 0)
    {
      subtitle = g_strdup_printf (ngettext ("%'u waiting", "%'u waiting", n_waiting), n_waiting);
    }

  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : "");
}

static void
update_page (StreamerWindow *self)
{
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->queue)) == 0;
  const char *name = empty ? "empty" : "transfers";

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), name) == 0)
    return;

  gtk_stack_set_visible_child_name (self->stack, name);
  _streamer_window_set_can_search (self, !empty);
  if (empty)
    adw_leaflet_set_visible_child_name (self->leaflet, "list");
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static gboolean
update_cb (gpointer user_data)
{
  StreamerWindow *self = user_data;

  self->update_id = 0;
  update_page (self);
  update_subtitle (self);
  _streamer_window_update_banner (self);

  return G_SOURCE_REMOVE;
}

static void
queue_update (StreamerWindow *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);
}

static void
show_detail_cb (StreamerWindow *self)
{
  adw_leaflet_set_visible_child_name (self->leaflet, "detail");
}

static StreamerApplication *
get_application (StreamerWindow *self)
{
  return STREAMER_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
}

static gboolean
close_cb (gpointer user_data)
{
  gtk_window_close (GTK_WINDOW (user_data));

  return G_SOURCE_REMOVE;
}

static void
close_response_cb (StreamerWindow *self, const char *response)
{
  self->close_dialog = NULL;
  if (g_str_equal (response, "keep"))
    {
      streamer_application_set_keep_uploading (get_application (self), TRUE);
      /* Not while the dialog, which closes after this, refers to its parent. */
      g_idle_add_full (G_PRIORITY_DEFAULT, close_cb, g_object_ref (self), g_object_unref);
    }
  else if (g_str_equal (response, "stop"))
    {
      streamer_application_stop_and_quit (get_application (self));
    }
}

void
streamer_window_ask_close (StreamerWindow *self)
{
  AdwMessageDialog *dialog;

  g_return_if_fail (STREAMER_IS_WINDOW (self));

  if (self->close_dialog != NULL)
    {
      gtk_window_present (self->close_dialog);
      return;
    }

  self->close_dialog = GTK_WINDOW (adw_message_dialog_new (
      GTK_WINDOW (self), _ ("Keep Uploading?"),
      _ ("Uploads can go on while the window is closed. Or they pause, and go on from where they "
         "are the next time that the window is opened.")));
  dialog = ADW_MESSAGE_DIALOG (self->close_dialog);
  adw_message_dialog_add_responses (dialog, "stop", _ ("_Pause and Quit"), "keep",
                                    _ ("_Keep Uploading"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "keep", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "keep");
  adw_message_dialog_set_close_response (dialog, "stay");
  g_signal_connect_object (dialog, "response", G_CALLBACK (close_response_cb), self,
                           G_CONNECT_SWAPPED);
  streamer_accessible_name_buttons (GTK_WIDGET (dialog));
  streamer_quiet_containers (GTK_WIDGET (dialog));
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
streamer_window_close_request (GtkWindow *window)
{
  StreamerWindow *self = STREAMER_WINDOW (window);

  if (!streamer_background_is_wanted (self->queue) ||
      streamer_application_get_keep_uploading (get_application (self)))
    return GTK_WINDOW_CLASS (streamer_window_parent_class)->close_request (window);

  streamer_window_ask_close (self);

  return GDK_EVENT_STOP;
}

static void
streamer_window_dispose (GObject *object)
{
  StreamerWindow *self = STREAMER_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_object (&self->chooser);
  g_clear_object (&self->asked_for_token);
  g_clear_object (&self->history);
  g_clear_object (&self->queue);

  G_OBJECT_CLASS (streamer_window_parent_class)->dispose (object);
}

static void
streamer_window_finalize (GObject *object)
{
  StreamerWindow *self = STREAMER_WINDOW (object);

  g_object_unref (self->cancellable);

  G_OBJECT_CLASS (streamer_window_parent_class)->finalize (object);
}

static void
streamer_window_class_init (StreamerWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GtkWindowClass *window_class = GTK_WINDOW_CLASS (klass);

  object_class->dispose = streamer_window_dispose;
  object_class->finalize = streamer_window_finalize;
  window_class->close_request = streamer_window_close_request;

  g_type_ensure (STREAMER_TYPE_BANNER);
  g_type_ensure (STREAMER_TYPE_TRANSFER_DETAIL);
  g_type_ensure (STREAMER_TYPE_TRANSFER_LIST);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/s3streamer/S3Streamer/streamer-window.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, drop_revealer);
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, title);
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, search_bar);
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, search_entry);
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, list);
  gtk_widget_class_bind_template_child (widget_class, StreamerWindow, detail);
  gtk_widget_class_bind_template_callback (widget_class, show_detail_cb);
  gtk_widget_class_bind_template_callback (widget_class, _streamer_window_update_drop);
}

static void
streamer_window_init (StreamerWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_bar_connect_entry (self->search_bar, self->search_entry);
  streamer_accessible_name_buttons (GTK_WIDGET (self));
  streamer_quiet_containers (GTK_WIDGET (self));
  _streamer_window_actions_init (self);
  _streamer_window_drop_init (self);
}

static void
watch_history (StreamerWindow *self, StreamerHistory *history)
{
  self->history = g_object_ref (history);
  g_signal_connect_object (history, "notify::problem", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (history, "notify::set-aside", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (g_network_monitor_get_default (), "network-changed",
                           G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
}

static void
watch_queue (StreamerWindow *self, StreamerQueue *queue)
{
  static const char *const names[] = {
    "items-changed", "notify::n-active",    "notify::n-waiting",
    "notify::speed", "notify::needs-token", "notify::wrong-clock"
  };

  self->queue = g_object_ref (queue);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_signal_connect_object (queue, names[i], G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::is-active", G_CALLBACK (queue_update), self, 0);

  streamer_transfer_list_set_queue (self->list, G_LIST_MODEL (queue));
  _streamer_window_set_can_search (self, FALSE);
  update_cb (self);
}

GtkWindow *
streamer_window_new (StreamerApplication *application)
{
  StreamerWindow *self;
  GtkShortcutsWindow *shortcuts;

  g_return_val_if_fail (STREAMER_IS_APPLICATION (application), NULL);

  self = g_object_new (STREAMER_TYPE_WINDOW, "application", application, NULL);
  shortcuts = gtk_application_window_get_help_overlay (GTK_APPLICATION_WINDOW (self));
  if (shortcuts != NULL)
    streamer_accessible_name_buttons (GTK_WIDGET (shortcuts));
  watch_history (self, streamer_application_get_history (application));
  watch_queue (self, streamer_application_get_queue (application));

  return GTK_WINDOW (self);
}

void
streamer_window_show_message (StreamerWindow *self, const char *text)
{
  g_autofree char *escaped = NULL;

  g_return_if_fail (STREAMER_IS_WINDOW (self));
  g_return_if_fail (text != NULL);

  escaped = g_markup_escape_text (text, -1);
  adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (escaped));
}

void
streamer_window_select_transfer (StreamerWindow *self, StreamerTransfer *transfer)
{
  g_return_if_fail (STREAMER_IS_WINDOW (self));
  g_return_if_fail (STREAMER_IS_TRANSFER (transfer));

  streamer_transfer_list_select (self->list, transfer);
}

void
streamer_window_show_transfer (StreamerWindow *self, StreamerTransfer *transfer)
{
  g_return_if_fail (STREAMER_IS_WINDOW (self));
  g_return_if_fail (STREAMER_IS_TRANSFER (transfer));

  gtk_search_bar_set_search_mode (self->search_bar, FALSE);
  streamer_transfer_list_select (self->list, transfer);
  show_detail_cb (self);
}
