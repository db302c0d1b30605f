/* streamer-embedded.c: finds the user's embedded backend, or starts it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Worker threads. The state file is the only truth about a running server: whoever started it,
 * all programs read the same address and token there. The server belongs to none of them, so it
 * gets a session of its own and nothing of ours that would tie it to us.
 */

#include "streamer-config.h"
#include "streamer-embedded.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>

#include "streamer-embedded-state.h"
#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-program.h"

/* How long a start may take, how often it is looked at, and after how long it is repeated where
 * the server left in favour of another one that then did not come. */
#define START_USEC  (10 * G_USEC_PER_SEC)
#define LOOK_MSEC   50
#define AGAIN_USEC  G_USEC_PER_SEC
#define MAX_WORDS   300
#define MAX_COLLECT 4096

typedef struct
{
  GSubprocess *process; /* (owned) (nullable) */
  int out;              /* owned by process; -1 after its end */
  int err;              /* owned by process; -1 after its end */
  GString *words;       /* (owned): from stderr */
  gint64 started;       /* monotonic time */
} Launch;

static void
launch_init (Launch *launch)
{
  launch->process = NULL;
  launch->out = -1;
  launch->err = -1;
  launch->words = g_string_new (NULL);
  launch->started = 0;
}

/* Lets go of the server, which goes on: GLib's child watch keeps the process object as long as the
 * process lives, but the pipes are closed now. */
static void
launch_let_go (Launch *launch)
{
  if (launch->process != NULL)
    {
      g_input_stream_close (g_subprocess_get_stdout_pipe (launch->process), NULL, NULL);
      g_input_stream_close (g_subprocess_get_stderr_pipe (launch->process), NULL, NULL);
    }
  g_clear_object (&launch->process);
  launch->out = -1;
  launch->err = -1;
}

static void
launch_clear (Launch *launch)
{
  launch_let_go (launch);
  g_string_free (launch->words, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Launch, launch_clear)

/* In the child, between fork and exec: async-signal-safe calls only. Its own session keeps it
 * alive when our terminal sends Ctrl+C or goes; an ignored SIGPIPE survives exec, so that it may
 * write to pipes that nobody reads any more. */
static void
detach_child (gpointer user_data)
{
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGPIPE, SIG_IGN);
  setsid ();
}

static gboolean
launch_start (Launch *launch, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autofree char *path = streamer_program_find ("s3streamer-server");
  g_autoptr (GError) local_error = NULL;

  launch_let_go (launch);
  g_string_truncate (launch->words, 0);
  launch->started = g_get_monotonic_time ();

  launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_set_child_setup (launcher, detach_child, NULL, NULL);
  g_subprocess_launcher_set_cwd (launcher, "/");
  /* Meant for us and another server, not for this one. */
  g_subprocess_launcher_unsetenv (launcher, "S3STREAMER_TOKEN");
  g_subprocess_launcher_unsetenv (launcher, "S3STREAMER_API_KEY");

  g_debug ("Starting the embedded server %s", path);
  launch->process = g_subprocess_launcher_spawn (launcher, &local_error, path, "--embedded", NULL);
  if (launch->process == NULL)
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                   /* Translators: %s is why. */
                   _ ("The built-in server cannot be started: %s."), local_error->message);
      return FALSE;
    }

  launch->out = g_unix_input_stream_get_fd (
      G_UNIX_INPUT_STREAM (g_subprocess_get_stdout_pipe (launch->process)));
  launch->err = g_unix_input_stream_get_fd (
      G_UNIX_INPUT_STREAM (g_subprocess_get_stderr_pipe (launch->process)));
  g_unix_set_fd_nonblocking (launch->out, TRUE, NULL);
  g_unix_set_fd_nonblocking (launch->err, TRUE, NULL);
  return TRUE;
}

/* Takes what there is to read, and keeps it in @words where given; -1 after the end. */
static void
drain (int *fd, GString *words)
{
  char text[512];
  gssize n;

  if (*fd < 0)
    return;

  do
    {
      n = read (*fd, text, sizeof text);
      if (n > 0 && words != NULL && words->len < MAX_COLLECT)
        g_string_append_len (words, text, n);
    }
  while (n > 0 || (n < 0 && errno == EINTR));

  if (n == 0 || errno != EAGAIN)
    *fd = -1;
}

/* Until something happens at the server or the caller is cancelled, and for a moment at most. */
static void
launch_wait (Launch *launch, GCancellable *cancellable)
{
  GPollFD fds[3];
  guint n_fds = 0;
  gboolean with_cancellable;

  if (launch->out >= 0)
    fds[n_fds++] = (GPollFD){ .fd = launch->out, .events = G_IO_IN | G_IO_HUP };
  if (launch->err >= 0)
    fds[n_fds++] = (GPollFD){ .fd = launch->err, .events = G_IO_IN | G_IO_HUP };
  with_cancellable = g_cancellable_make_pollfd (cancellable, &fds[n_fds]);
  if (with_cancellable)
    n_fds++;

  g_poll (fds, n_fds, LOOK_MSEC);
  if (with_cancellable)
    g_cancellable_release_fd (cancellable);

  drain (&launch->out, NULL);
  drain (&launch->err, launch->words);
}

static gboolean
fail (Launch *launch, const char *sentence, GError **error)
{
  g_autofree char *shown = NULL;

  if (launch->words->len > MAX_WORDS)
    {
      const char *end = g_utf8_find_prev_char (launch->words->str, launch->words->str + MAX_WORDS);

      g_string_truncate (launch->words, end != NULL ? (gsize) (end - launch->words->str) : 0);
    }
  shown = streamer_key_display_name (g_strstrip (launch->words->str));

  if (*shown == '\0')
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, sentence);
  else
    /* Translators: a sentence of ours, and what the server printed. */
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, _ ("%s It says: %s"), sentence,
                 shown);
  return FALSE;
}

/* Whether it is still worth waiting for the process; starts it again where it left in favour of
 * another one that does not show up. */
static gboolean
launch_check (Launch *launch, GError **error)
{
  if (launch->process == NULL)
    return launch_start (launch, error);
  if (g_subprocess_get_identifier (launch->process) != NULL)
    return TRUE;

  g_subprocess_wait (launch->process, NULL, NULL);
  if (!g_subprocess_get_successful (launch->process))
    {
      drain (&launch->err, launch->words);
      return fail (launch, _ ("The built-in server ended at once."), error);
    }
  if (g_get_monotonic_time () - launch->started >= AGAIN_USEC)
    return launch_start (launch, error);
  return TRUE;
}

gboolean
streamer_embedded_start (char **request_url,
                         char **token,
                         GCancellable *cancellable,
                         GError **error)
{
  g_auto (Launch) launch;
  gint64 deadline = g_get_monotonic_time () + START_USEC;

  launch_init (&launch);
  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      gboolean runs;

      if (!streamer_embedded_state_read (&runs, request_url, token, error))
        return FALSE;
      if (runs)
        return TRUE;
      if (g_get_monotonic_time () >= deadline)
        {
          if (launch.process != NULL)
            g_subprocess_send_signal (launch.process, SIGTERM);
          return fail (&launch, _ ("The built-in server is not ready after 10 seconds."), error);
        }
      if (!launch_check (&launch, error))
        return FALSE;
      launch_wait (&launch, cancellable);
    }

  return FALSE;
}
