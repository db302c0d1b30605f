/* main.c: the front door: the command line, or the window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of them is decided before anything of GTK is touched: the window is another program.
 */

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <unistd.h>

#include "streamer-config.h"
#include "streamer-exit.h"
#include "streamer-headless.h"
#include "streamer-options.h"
#include "streamer-program.h"

/* A socket that took the place of a closed standard output would be sent the links. What is put
 * there instead fails in the way a closed descriptor does. */
static void
fill_standard_descriptors (void)
{
  static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };

  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", modes[fd]) != fd)
      _exit (STREAMER_EXIT_FAILED);
}

static gboolean
is_set (const char *variable)
{
  const char *value = g_getenv (variable);

  return value != NULL && *value != '\0';
}

static int
open_window (char *argv[])
{
  g_autofree char *program = NULL;
  g_autofree char *reason = NULL;

  if (!is_set ("DISPLAY") && !is_set ("WAYLAND_DISPLAY"))
    {
      g_printerr ("s3streamer: %s\n",
                  _ ("There is no display to open the window on. To upload without one: "
                     "s3streamer --upload FILE"));
      return STREAMER_EXIT_FAILED;
    }
  program = streamer_program_find ("s3streamer-window");
  argv[0] = program;
  execv (program, argv);
  reason = g_strdup_printf (
      /* Translators: the path of a program, and why it does not start */
      _ ("The program %s, which opens the window, does not start: %s. To upload without it: "
         "s3streamer --upload FILE"),
      program, g_strerror (errno));
  g_printerr ("s3streamer: %s\n", reason);
  return STREAMER_EXIT_FAILED;
}

int
main (int argc, char *argv[])
{
  fill_standard_descriptors ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, STREAMER_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  if (streamer_options_are_for_window ((const char *const *) argv))
    return open_window (argv);
  return streamer_headless ((const char *const *) argv);
}
