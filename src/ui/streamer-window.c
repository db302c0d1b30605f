/* streamer-window.c: the main window: all transfers, and one of them in full
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-window.h"

struct _StreamerWindow
{
  AdwApplicationWindow parent_instance;
};

G_DEFINE_FINAL_TYPE (StreamerWindow, streamer_window, ADW_TYPE_APPLICATION_WINDOW)

static void
streamer_window_class_init (StreamerWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/s3streamer/S3Streamer/streamer-window.ui");
}

static void
streamer_window_init (StreamerWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
streamer_window_new (StreamerApplication *application)
{
  return g_object_new (STREAMER_TYPE_WINDOW, "application", application, NULL);
}
