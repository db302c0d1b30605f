/* streamer-window-drop.c: files that are dropped on the window, pasted or chosen
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-window-private.h"

#include <glib/gi18n-lib.h>

void
_streamer_window_add_files (StreamerWindow *self, GListModel *files)
{
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
  g_autoptr (GPtrArray) array = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    g_ptr_array_add (array, g_list_model_get_item (files, i));

  streamer_application_add_files (STREAMER_APPLICATION (application), (GFile **) array->pdata,
                                  array->len);
}

static gboolean
drop_cb (StreamerWindow *self, const GValue *value)
{
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_FILE);
  g_autoptr (GSList) files = NULL;

  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return FALSE;

  files = gdk_file_list_get_files (g_value_get_boxed (value));
  for (GSList *l = files; l != NULL; l = l->next)
    g_list_store_append (store, l->data);
  _streamer_window_add_files (self, G_LIST_MODEL (store));

  return files != NULL;
}

/* What is not revealed is not there for a screen reader either. */
void
_streamer_window_update_drop (StreamerWindow *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->drop_revealer),
                          gtk_revealer_get_reveal_child (self->drop_revealer) ||
                              gtk_revealer_get_child_revealed (self->drop_revealer));
}

static void
notify_current_drop_cb (StreamerWindow *self, GParamSpec *pspec, GtkDropTarget *target)
{
  gtk_revealer_set_reveal_child (self->drop_revealer,
                                 gtk_drop_target_get_current_drop (target) != NULL);
  _streamer_window_update_drop (self);
}

void
_streamer_window_drop_init (StreamerWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "notify::current-drop", G_CALLBACK (notify_current_drop_cb),
                           self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
