/* main.c: the window's program
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-config.h"

#include <libintl.h>
#include <locale.h>

#include "streamer-application.h"

int
main (int argc, char *argv[])
{
  g_autoptr (StreamerApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (STREAMER_GETTEXT_PACKAGE, STREAMER_LOCALEDIR);
  bind_textdomain_codeset (STREAMER_GETTEXT_PACKAGE, "UTF-8");
  textdomain (STREAMER_GETTEXT_PACKAGE);

  application = streamer_application_new ();

  return g_application_run (G_APPLICATION (application), argc, argv);
}
