/* streamer-purge.c: removes objects from the server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys are removed at the same time, as the pool has room. Those that the server wants a token for
 * are held until there is one. Owner's thread.
 */

#include <glib/gi18n-lib.h>

#include "streamer-purge.h"

#include "streamer-error.h"
#include "streamer-keep.h"
#include "streamer-key.h"

typedef struct
{
  StreamerRun *run;
  guint n_under_way;
  GPtrArray *held; /* (owned) (element-type Job): that wait for a token */
} Purge;

typedef struct
{
  Purge *purge;
  guint index;
  char *key; /* (owned) */
} Job;

static void start (Job *job);

static void
job_free (Job *job)
{
  g_free (job->key);
  g_free (job);
}

/* What ended the whole run is told once, not for each key that it took along. */
static void
settle (Job *job, const GError *error)
{
  StreamerRun *run = job->purge->run;
  guint status_code = 200;
  const char *status = _ ("Document purged.");

  if (error == NULL)
    {
      /* Translators: a key and what became of it */
      g_autofree char *text = g_strdup_printf (_ ("%s: %s"), job->key, status);

      streamer_console_note (run->console, text);
      streamer_tally_add_done (&run->tally);
    }
  else
    {
      if (run->given_up != NULL &&
          !g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
        error = run->given_up;
      else
        streamer_console_error (run->console, job->key, error);
      status_code = streamer_error_get_status_code (error);
      status = error->message;
      streamer_tally_add_failed (&run->tally, error);
    }
  streamer_reporter_settle_purge (run->reporter, job->index, job->key, status_code, status);
}

static void
on_signed_in (StreamerRun *run, const GError *error, gpointer user_data)
{
  Purge *purge = user_data;
  g_autoptr (GPtrArray) held = NULL;

  if (error != NULL)
    {
      streamer_console_error (run->console, NULL, error);
      streamer_run_give_up (run, error);
      return;
    }
  held = g_steal_pointer (&purge->held);
  purge->held = g_ptr_array_new_with_free_func ((GDestroyNotify) job_free);
  g_ptr_array_set_free_func (held, NULL);
  for (guint i = 0; i < held->len; i++)
    start (g_ptr_array_index (held, i));
}

static void
hold (Job *job, const GError *error)
{
  Purge *purge = job->purge;

  g_ptr_array_add (purge->held, job);
  if (!streamer_run_is_signing_in (purge->run) && purge->run->given_up == NULL)
    streamer_run_sign_in (purge->run, purge->run->setup.connection, error, on_signed_in, purge);
}

static void
on_purged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  Purge *purge = job->purge;
  g_autoptr (GError) error = NULL;

  streamer_queue_purge_finish (STREAMER_QUEUE (source), result, &error);
  purge->n_under_way--;
  if (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_AUTH))
    hold (job, error);
  else
    {
      settle (job, error);
      job_free (job);
    }
  if (purge->n_under_way == 0 && purge->held->len == 0)
    streamer_run_end (purge->run);
}

static void
start (Job *job)
{
  StreamerRun *run = job->purge->run;

  job->purge->n_under_way++;
  streamer_queue_purge_async (run->queue, run->setup.connection, job->key, run->cancellable,
                              on_purged, job);
}

static void
add (Purge *purge, guint index, const char *item)
{
  StreamerRun *run = purge->run;
  Job *job = g_new0 (Job, 1);
  g_autoptr (GError) error = NULL;

  job->purge = purge;
  job->index = index;
  job->key = streamer_key_join (run->options->path, item, &error);
  if (job->key != NULL)
    {
      start (job);
      return;
    }
  job->key = streamer_key_display_name (item);
  settle (job, error);
  job_free (job);
}

void
streamer_purge (StreamerRun *run)
{
  Purge purge = { .run = run };

  purge.held = g_ptr_array_new_with_free_func ((GDestroyNotify) job_free);
  for (guint i = 0; run->options->items[i] != NULL; i++)
    add (&purge, i, run->options->items[i]);
  if (purge.n_under_way == 0)
    streamer_run_end (run);
  streamer_run_wait (run);
  while (purge.n_under_way > 0)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < purge.held->len; i++)
    settle (g_ptr_array_index (purge.held, i), run->given_up);
  streamer_keep_tell_again (run);
  g_ptr_array_unref (purge.held);
}
