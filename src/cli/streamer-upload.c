/* streamer-upload.c: uploads what the command line names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owner's thread.
 */

#include <glib/gi18n-lib.h>

#include "streamer-upload.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-follow.h"
#include "streamer-keep.h"

typedef struct
{
  StreamerRun *run;
  StreamerFollow *follow; /* (owned) */
} Upload;

static void
on_added (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Upload *upload = user_data;
  g_autoptr (GError) error = NULL;

  streamer_queue_add_finish (STREAMER_QUEUE (source), result, &error);
  if (error != NULL)
    upload->run->is_unread = TRUE;
  streamer_follow_release (upload->follow);
  if (!streamer_follow_is_held (upload->follow) && upload->run->given_up == NULL &&
      streamer_follow_get_n_files (upload->follow) == 0)
    streamer_console_note (upload->run->console, _ ("There is no file to upload."));
}

static void
add_pipe (Upload *upload, StreamerTarget *target)
{
  StreamerRun *run = upload->run;
  int fd = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  g_autoptr (GError) error = NULL;

  if (fd >= 0)
    {
      streamer_queue_add_pipe (run->queue, fd, target);
      return;
    }
  error = g_error_new (STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                       _ ("Standard input cannot be read: %s."), g_strerror (errno));
  streamer_console_error (run->console, "-", error);
  streamer_tally_add_failed (&run->tally, error);
}

static void
add_items (Upload *upload)
{
  StreamerRun *run = upload->run;
  g_autoptr (StreamerTarget) target = streamer_setup_create_target (&run->setup, run->options);

  streamer_follow_hold (upload->follow);
  for (char **item = run->options->items; *item != NULL; item++)
    {
      g_autoptr (GFile) file = NULL;

      if (strcmp (*item, "-") == 0)
        {
          add_pipe (upload, target);
          continue;
        }
      file = streamer_setup_create_file (*item);
      streamer_follow_hold (upload->follow);
      streamer_queue_add_async (run->queue, file, target, run->cancellable, on_added, upload);
    }
  streamer_follow_release (upload->follow);
}

/* Bytes are sent all the same: what is not written down can only be sent anew. */
static void
open_journal (StreamerRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (streamer_run_open_journal (run, &error))
    return;
  text = g_strdup_printf (
      /* Translators: the placeholder is one or more sentences that say what is wrong */
      _ ("Warning: %s The upload goes on, but cannot be resumed if it is interrupted."),
      error->message);
  streamer_console_note (run->console, text);
}

void
streamer_upload (StreamerRun *run)
{
  Upload upload = { .run = run };

  open_journal (run);
  streamer_run_clean (run);
  upload.follow = streamer_follow_new (run, FALSE);
  add_items (&upload);
  streamer_follow_wait (upload.follow);
  if (streamer_follow_is_held (upload.follow))
    run->is_unread = TRUE;
  streamer_keep (run, upload.follow);
  streamer_follow_free (upload.follow);
}
