/* streamer-run.c: what uploading and purging on the command line share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything here happens on the main context, in the thread that made the run; what blocks is
 * the engine's, in its pool.
 */

#include <glib/gi18n-lib.h>

#include "streamer-run.h"

#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>

#include "streamer-error.h"
#include "streamer-key.h"

#define MAX_QUESTIONS     3
#define COMMAND_MAX_BYTES 400

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

/* (nullable): NULL where it is too long to be read */
static char *
quote_command (const char *const *argv)
{
  g_autoptr (GString) command = g_string_new ("s3streamer");

  for (guint i = 1; argv[i] != NULL; i++)
    {
      g_autofree char *quoted = NULL;

      if (strspn (argv[i], G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_./=:,@%+") ==
              strlen (argv[i]) &&
          *argv[i] != '\0')
        quoted = g_strdup (argv[i]);
      else
        quoted = g_shell_quote (argv[i]);
      g_string_append_printf (command, " %s", quoted);
    }
  if (command->len > COMMAND_MAX_BYTES)
    return NULL;
  return streamer_key_display_name (command->str);
}

static void
tell_interrupted (StreamerRun *self, const GError *cancel_error)
{
  g_autofree char *command = quote_command (self->argv);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append (text, cancel_error == NULL
                             ? _ ("Interrupted. Nothing unfinished is left on the server.")
                             : _ ("Interrupted. The server could not be told; it removes what is "
                                  "unfinished by itself."));
  g_string_append_c (text, ' ');
  if (command != NULL)
    /* Translators: the placeholder is the command line that was interrupted */
    g_string_append_printf (text, _ ("To do the rest, run it again: %s"), command);
  else
    g_string_append (text, _ ("To do the rest, run the same command again."));
  streamer_console_note (self->console, text->str);
}

static void
quit (StreamerRun *self)
{
  self->quit = TRUE;
  g_main_loop_quit (self->loop);
}

static void
on_all_cancelled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  StreamerRun *self = user_data;
  g_autoptr (GError) error = NULL;

  streamer_queue_cancel_all_finish (STREAMER_QUEUE (source), result, &error);
  if (self->signal_number != 0)
    tell_interrupted (self, error);
  quit (self);
}

void
streamer_run_give_up (StreamerRun *self, const GError *error)
{
  if (self->given_up != NULL)
    return;
  self->given_up = g_error_copy (error);
  g_clear_pointer (&self->prompt, streamer_prompt_free);
  g_cancellable_cancel (self->cancellable);
  streamer_queue_cancel_all_async (self->queue, on_all_cancelled, self);
}

static void
interrupt (StreamerRun *self, int signal_number)
{
  g_autoptr (GError) error = NULL;

  if (self->signal_number != 0)
    {
      streamer_console_hide (self->console);
      _exit (streamer_exit_from_signal (self->signal_number));
    }
  self->signal_number = signal_number;
  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Interrupted."));
  streamer_console_note (self->console, _ ("Interrupted, telling the server…"));
  streamer_run_give_up (self, error);
}

static gboolean
on_sigint (gpointer user_data)
{
  interrupt (user_data, SIGINT);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_sigterm (gpointer user_data)
{
  interrupt (user_data, SIGTERM);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_sighup (gpointer user_data)
{
  interrupt (user_data, SIGHUP);
  return G_SOURCE_CONTINUE;
}

/* What a shell or nohup has set to be ignored stays ignored. */
static void
watch_signals (StreamerRun *self)
{
  static const GSourceFunc handlers[] = { on_sigint, on_sigterm, on_sighup };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      struct sigaction found;

      if (sigaction (signals[i], NULL, &found) == 0 && found.sa_handler != SIG_IGN)
        self->signal_sources[i] = g_unix_signal_add (signals[i], handlers[i], self);
    }
}

StreamerRun *
streamer_run_new (const StreamerOptions *options,
                  const char *const *argv,
                  StreamerConsole *console,
                  StreamerReporter *reporter,
                  StreamerSetup *setup)
{
  StreamerRun *self = g_new0 (StreamerRun, 1);

  self->options = options;
  self->argv = argv;
  self->console = console;
  self->reporter = reporter;
  self->setup = *setup;
  *setup = (StreamerSetup){ 0 };
  self->queue = streamer_queue_new ();
  streamer_queue_set_parts (self->queue, streamer_setup_get_parts (&self->setup, options));
  streamer_queue_set_rate (self->queue, options->limit_rate);
  streamer_retry_set_patience (streamer_pool_get_retry (streamer_queue_get_pool (self->queue)),
                               options->retry_for * G_TIME_SPAN_SECOND);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->cancellable = g_cancellable_new ();
  watch_signals (self);
  return self;
}

void
streamer_run_free (StreamerRun *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->signal_sources); i++)
    g_clear_handle_id (&self->signal_sources[i], g_source_remove);
  g_clear_pointer (&self->prompt, streamer_prompt_free);
  g_clear_object (&self->queue);
  streamer_setup_clear (&self->setup);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->given_up);
  g_main_loop_unref (self->loop);
  g_free (self);
}

static void
end_sign_in (StreamerRun *self, const GError *error)
{
  StreamerRunSignedIn signed_in = self->signed_in;

  self->signed_in = NULL;
  signed_in (self, error, self->signed_in_data);
}

static void
on_answer (const char *answer, gpointer user_data)
{
  StreamerRun *self = user_data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->prompt, streamer_prompt_free);
  if (answer == NULL)
    error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_AUTH, _ ("No token was entered."));
  else
    streamer_secrets_store (self->setup.secrets,
                            streamer_connection_get_id (self->setup.connection),
                            STREAMER_SECRET_TOKEN, answer, NULL, NULL, &error);
  end_sign_in (self, error);
}

/* The terminal must be ours alone: not the source of a pipe, nor read by a script. */
static gboolean
can_ask (StreamerRun *self)
{
  return !self->options->no_input && !self->options->quiet &&
         self->options->output == STREAMER_OUTPUT_LINKS && self->n_asked < MAX_QUESTIONS &&
         !g_strv_contains ((const char *const *) self->options->items, "-") &&
         isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

void
streamer_run_sign_in (StreamerRun *self,
                      const GError *error,
                      StreamerRunSignedIn signed_in,
                      gpointer user_data)
{
  g_autofree char *question = NULL;

  g_return_if_fail (self->signed_in == NULL);

  self->signed_in = signed_in;
  self->signed_in_data = user_data;
  if (!can_ask (self))
    {
      end_sign_in (self, error);
      return;
    }
  self->n_asked++;
  streamer_console_note (self->console, error->message);
  /* Translators: asks for a token on the terminal; the placeholder is the name of a connection */
  question =
      g_strdup_printf (_ ("Token for %s: "), streamer_connection_get_name (self->setup.connection));
  self->prompt = streamer_prompt_new (self->console, STDIN_FILENO, question, on_answer, self);
}

gboolean
streamer_run_is_signing_in (StreamerRun *self)
{
  return self->signed_in != NULL;
}

void
streamer_run_end (StreamerRun *self)
{
  if (self->given_up != NULL || self->ended)
    return;
  self->ended = TRUE;
  /* A transfer that failed keeps its upload for another try, which does not come here. */
  if (self->tally.failed > 0)
    streamer_queue_cancel_all_async (self->queue, on_all_cancelled, self);
  else
    quit (self);
}

void
streamer_run_wait (StreamerRun *self)
{
  if (!self->quit)
    g_main_loop_run (self->loop);
  streamer_console_hide (self->console);
}

int
streamer_run_get_exit (StreamerRun *self)
{
  int status = streamer_tally_get_exit (&self->tally);

  if (self->signal_number != 0)
    return streamer_exit_from_signal (self->signal_number);
  if (!streamer_reporter_has_failed (self->reporter))
    return status;
  streamer_console_note (self->console, _ ("Standard output cannot be written."));
  return status == STREAMER_EXIT_DONE ? STREAMER_EXIT_FAILED : status;
}
