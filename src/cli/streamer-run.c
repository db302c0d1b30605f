/* streamer-run.c: what everything that the command line can do shares
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

#define MAX_QUESTIONS 3

/* As long as the end may wait for what is cleaned up beside the work. */
#define CLEAN_MAX_SECONDS 2

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

static void
quit (StreamerRun *self)
{
  self->quit = TRUE;
  g_main_loop_quit (self->loop);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  StreamerRun *self = user_data;

  g_clear_error (&self->stop_error);
  streamer_queue_stop_finish (STREAMER_QUEUE (source), result, &self->stop_error);
  quit (self);
}

/* Interrupted while the end is under way, it is only ended once. */
static void
stop (StreamerRun *self)
{
  if (self->is_stopping)
    return;
  self->is_stopping = TRUE;
  streamer_queue_stop_async (self->queue, on_stopped, self);
}

void
streamer_run_give_up (StreamerRun *self, const GError *error)
{
  if (self->given_up != NULL)
    return;
  self->given_up = g_error_copy (error);
  g_clear_pointer (&self->prompt, streamer_prompt_free);
  g_cancellable_cancel (self->cancellable);
  g_cancellable_cancel (self->clean_cancellable);
  stop (self);
}

/* Whether all that is under way can be gone on with. */
static gboolean
keeps_everything (StreamerRun *self)
{
  return self->journal != NULL &&
         !g_strv_contains ((const char *const *) self->options->items, "-");
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
  streamer_console_note (self->console, keeps_everything (self)
                                            ? _ ("Interrupted, keeping what was sent…")
                                            : _ ("Interrupted, telling the server…"));
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

/* Once: it stays wrong. */
static void
on_wrong_clock (StreamerQueue *queue, GParamSpec *pspec, StreamerRun *self)
{
  g_autofree char *text = NULL;

  if (streamer_queue_get_wrong_clock (queue) == NULL)
    return;
  g_signal_handlers_disconnect_by_func (queue, on_wrong_clock, self);
  /* Translators: the placeholder is a sentence that says what is wrong */
  text = g_strdup_printf (_ ("Warning: %s"), streamer_queue_get_wrong_clock (queue));
  streamer_console_note (self->console, text);
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
  g_signal_connect (self->queue, "notify::wrong-clock", G_CALLBACK (on_wrong_clock), self);
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
  g_signal_handlers_disconnect_by_data (self->queue, self);
  g_clear_object (&self->queue);
  g_clear_object (&self->journal);
  g_clear_object (&self->clean_cancellable);
  g_clear_object (&self->asks_for);
  streamer_setup_clear (&self->setup);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->given_up);
  g_clear_error (&self->stop_error);
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
    streamer_secrets_store (streamer_connection_get_secrets (self->asks_for),
                            streamer_connection_get_id (self->asks_for), STREAMER_SECRET_TOKEN,
                            answer, NULL, NULL, &error);
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
                      StreamerConnection *connection,
                      const GError *error,
                      StreamerRunSignedIn signed_in,
                      gpointer user_data)
{
  g_autofree char *question = NULL;

  g_return_if_fail (self->signed_in == NULL);

  self->signed_in = signed_in;
  self->signed_in_data = user_data;
  g_set_object (&self->asks_for, connection);
  if (!can_ask (self))
    {
      end_sign_in (self, error);
      return;
    }
  self->n_asked++;
  streamer_console_note (self->console, error->message);
  /* Translators: asks for a token on the terminal; the placeholder is the name of a connection */
  question = g_strdup_printf (_ ("Token for %s: "), streamer_connection_get_name (connection));
  self->prompt = streamer_prompt_new (self->console, STDIN_FILENO, question, on_answer, self);
}

void
streamer_run_forget_questions (StreamerRun *self)
{
  self->n_asked = 0;
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
  stop (self);
}

static gboolean
on_patience_over (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

static void
wait_for_clean (StreamerRun *self)
{
  g_autoptr (GSource) timer = NULL;

  if (self->clean_cancellable == NULL)
    return;
  timer = g_timeout_source_new_seconds (CLEAN_MAX_SECONDS);
  g_source_set_callback (timer, on_patience_over, self->clean_cancellable, NULL);
  g_source_attach (timer, NULL);
  while (self->clean_cancellable != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_destroy (timer);
}

void
streamer_run_wait (StreamerRun *self)
{
  if (!self->quit)
    g_main_loop_run (self->loop);
  wait_for_clean (self);
  streamer_console_hide (self->console);
}

static void
tell_set_aside (StreamerRun *self)
{
  const char *path = streamer_journal_get_set_aside (self->journal);
  g_autofree char *shown = NULL;
  g_autofree char *text = NULL;

  if (path == NULL)
    return;
  shown = streamer_key_display_name (path);
  text = g_strdup_printf (
      /* Translators: the placeholder is the name of a file */
      _ ("Warning: the journal of uploads was damaged, and a new one was begun. The old one is in "
         "%s."),
      shown);
  streamer_console_note (self->console, text);
}

gboolean
streamer_run_open_journal (StreamerRun *self, GError **error)
{
  g_autofree char *folder = streamer_journal_dup_default_folder ();

  self->journal = streamer_journal_open (folder, error);
  if (self->journal == NULL)
    return FALSE;
  tell_set_aside (self);
  streamer_queue_set_journal (self->queue, self->journal, streamer_setup_connect, &self->setup,
                              NULL);
  return TRUE;
}

static void
on_cleaned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  StreamerRun *self = user_data;
  g_autoptr (GError) error = NULL;

  if (streamer_janitor_clean_finish (STREAMER_JANITOR (source), result, &error) < 0)
    g_debug ("cannot clean up: %s", error->message);
  g_clear_object (&self->clean_cancellable);
}

void
streamer_run_clean (StreamerRun *self)
{
  g_return_if_fail (self->clean_cancellable == NULL);

  if (self->journal == NULL)
    return;
  self->clean_cancellable = g_cancellable_new ();
  streamer_janitor_clean_async (streamer_queue_get_janitor (self->queue), self->clean_cancellable,
                                on_cleaned, self);
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
