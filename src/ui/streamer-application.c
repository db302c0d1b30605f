/* streamer-application.c: one instance per user, whatever door a file comes through
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-application.h"

#include "streamer-settings.h"
#include "streamer-window.h"

struct _StreamerApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (StreamerApplication, streamer_application, ADW_TYPE_APPLICATION)

static void
streamer_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    window = streamer_window_new (STREAMER_APPLICATION (application));
  gtk_window_present (window);
}

static void
streamer_application_class_init (StreamerApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->activate = streamer_application_activate;
}

static void
streamer_application_init (StreamerApplication *self)
{
}

StreamerApplication *
streamer_application_new (void)
{
  return g_object_new (STREAMER_TYPE_APPLICATION, "application-id", STREAMER_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/org/s3streamer/S3Streamer", NULL);
}
