/* streamer-unfinished-window.c: uploads that stores have and nobody goes on with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-unfinished-window.h"

#include "streamer-accessible.h"
#include "streamer-quiet.h"
#include "streamer-unfinished-group.h"

struct _StreamerUnfinishedWindow
{
  AdwWindow parent_instance;

  AdwPreferencesPage *page;
};

G_DEFINE_FINAL_TYPE (StreamerUnfinishedWindow, streamer_unfinished_window, ADW_TYPE_WINDOW)

static void
streamer_unfinished_window_class_init (StreamerUnfinishedWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/s3streamer/S3Streamer/streamer-unfinished-window.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerUnfinishedWindow, page);
}

static void
streamer_unfinished_window_init (StreamerUnfinishedWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
streamer_unfinished_window_new (StreamerApplication *application, GPtrArray *connections)
{
  StreamerUnfinishedWindow *self = g_object_new (STREAMER_TYPE_UNFINISHED_WINDOW, NULL);
  StreamerQueue *queue;

  g_return_val_if_fail (STREAMER_IS_APPLICATION (application), NULL);

  queue = streamer_application_get_queue (application);
  for (guint i = 0; i < connections->len; i++)
    {
      GtkWidget *group = streamer_unfinished_group_new (queue, g_ptr_array_index (connections, i));

      adw_preferences_page_add (self->page, ADW_PREFERENCES_GROUP (group));
    }
  streamer_accessible_name_buttons (GTK_WIDGET (self));
  streamer_quiet_containers (GTK_WIDGET (self));

  return GTK_WINDOW (self);
}
