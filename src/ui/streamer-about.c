/* streamer-about.c: what this program is, and what a report of a fault should say
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-about.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "streamer-accessible.h"
#include "streamer-config.h"
#include "streamer-settings.h"

static char *
describe_system (void)
{
  g_autofree char *os = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);

  return g_strdup_printf (
      "S3Streamer %s\n%s\nGTK %u.%u.%u\nlibadwaita %u.%u.%u\nGLib %u.%u.%u\nlibsoup %u.%u.%u\n",
      STREAMER_VERSION, os != NULL ? os : "", gtk_get_major_version (), gtk_get_minor_version (),
      gtk_get_micro_version (), adw_get_major_version (), adw_get_minor_version (),
      adw_get_micro_version (), glib_major_version, glib_minor_version, glib_micro_version,
      soup_get_major_version (), soup_get_minor_version (), soup_get_micro_version ());
}

void
streamer_about_show (GtkWindow *parent)
{
  GtkWidget *window = adw_about_window_new ();
  g_autofree char *system = describe_system ();

  g_object_set (window,
                /* The name is the same in all languages. */
                "application-name", "S3Streamer", "application-icon", STREAMER_APP_ID,
                "developer-name", _ ("The S3Streamer contributors"), "version", STREAMER_VERSION,
                "comments",
                _ ("Uploads big files to S3 in parallel parts, and gives back the link."),
                "copyright", _ ("Copyright © The S3Streamer contributors"), "license-type",
                GTK_LICENSE_GPL_3_0, "debug-info", system, "debug-info-filename",
                "s3streamer-debug.txt", "transient-for", parent, "modal", parent != NULL, NULL);
  streamer_accessible_name_buttons (window);
  gtk_window_present (GTK_WINDOW (window));
}
