/* streamer-headless.c: the command line from its options to its exit status
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-headless.h"

#include <signal.h>
#include <unistd.h>

#include "streamer-abort.h"
#include "streamer-config.h"
#include "streamer-dry-run.h"
#include "streamer-list.h"
#include "streamer-option-table.h"
#include "streamer-purge.h"
#include "streamer-resume.h"
#include "streamer-upload.h"
#include "streamer-verify-command.h"

static int
refuse (StreamerConsole *console, const GError *error)
{
  int status = streamer_exit_from_error (error);

  streamer_console_error (console, NULL, error);
  if (status == STREAMER_EXIT_USAGE)
    streamer_console_note (console, _ ("“s3streamer --help” shows what there is."));
  return status;
}

static void
do_it (StreamerRun *self)
{
  switch (self->options->mode)
    {
    case STREAMER_MODE_PURGE:
      streamer_purge (self);
      break;
    case STREAMER_MODE_LIST:
      streamer_list (self);
      break;
    case STREAMER_MODE_RESUME:
      streamer_resume (self);
      break;
    case STREAMER_MODE_ABORT:
      streamer_abort (self);
      break;
    case STREAMER_MODE_VERIFY:
      streamer_verify_command (self);
      break;
    case STREAMER_MODE_UPLOAD:
    case STREAMER_MODE_HELP:
    case STREAMER_MODE_VERSION:
    default:
      streamer_upload (self);
    }
}

static int
run (const StreamerOptions *options, const char *const *argv, StreamerConsole *console)
{
  g_autoptr (StreamerReporter) reporter = streamer_reporter_new (stdout, options->output);
  g_autoptr (StreamerRun) self = NULL;
  g_autoptr (GError) error = NULL;
  StreamerSetup setup;
  int status;

  if (!streamer_setup_init (&setup, options, console, &error))
    {
      streamer_setup_clear (&setup);
      return refuse (console, error);
    }
  if (options->dry_run)
    {
      status = streamer_dry_run (options, &setup, console, reporter);
      streamer_setup_clear (&setup);
      return status;
    }
  self = streamer_run_new (options, argv, console, reporter, &setup);
  do_it (self);
  return streamer_run_get_exit (self);
}

int
streamer_headless (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options = streamer_options_new (argv, &error);
  g_autoptr (StreamerConsole) console = NULL;
  g_autofree char *help = NULL;

  /* Files are local here; GVfs would look for a session bus. */
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  /* A reader of the links that goes away is an error to report, not the end. */
  signal (SIGPIPE, SIG_IGN);
  console = streamer_console_new (STDERR_FILENO, options != NULL && options->quiet,
                                  options != NULL && options->verbose);
  if (options == NULL)
    return refuse (console, error);
  switch (options->mode)
    {
    case STREAMER_MODE_HELP:
      help = streamer_option_table_get_help ();
      g_print ("%s", help);
      return STREAMER_EXIT_DONE;
    case STREAMER_MODE_VERSION:
      g_print ("s3streamer %s\n", STREAMER_VERSION);
      return STREAMER_EXIT_DONE;
    case STREAMER_MODE_UPLOAD:
    case STREAMER_MODE_PURGE:
    case STREAMER_MODE_LIST:
    case STREAMER_MODE_RESUME:
    case STREAMER_MODE_ABORT:
    case STREAMER_MODE_VERIFY:
    default:
      return run (options, argv, console);
    }
}
