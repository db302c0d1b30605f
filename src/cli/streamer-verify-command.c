/* streamer-verify-command.c: compares files, and what the server has of them, with their receipts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files are compared at the same time, as the pool has room. Owner's thread.
 */

#include <glib/gi18n-lib.h>

#include "streamer-verify-command.h"

#include "streamer-entries.h"
#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-verify.h"

typedef struct
{
  StreamerRun *run;
  guint n_under_way;
} Verify;

typedef struct
{
  Verify *verify;
  guint index;
  char *shown;                         /* (owned): what was named */
  const StreamerJournalEntry *receipt; /* (nullable) */
} Job;

static void
job_free (Job *job)
{
  g_free (job->shown);
  g_free (job);
}

/* The worse of both; that nothing is known of the object is no fault of it. */
static StreamerVerdict
get_verdict (const StreamerVerification *found)
{
  if (found->local == STREAMER_VERDICT_SAME && found->stored == STREAMER_VERDICT_UNKNOWN)
    return STREAMER_VERDICT_SAME;
  if (found->local == STREAMER_VERDICT_DIFFERS || found->stored == STREAMER_VERDICT_DIFFERS)
    return STREAMER_VERDICT_DIFFERS;
  if (found->local == STREAMER_VERDICT_ABSENT || found->stored == STREAMER_VERDICT_ABSENT)
    return STREAMER_VERDICT_ABSENT;
  return found->local;
}

/* Sets @error where it is not the same. */
static void
judge (const StreamerVerification *found, const StreamerJournalEntry *receipt, GError **error)
{
  gboolean can_compare = receipt->has_crc32 || receipt->sha256 != NULL;

  switch (get_verdict (found))
    {
    case STREAMER_VERDICT_SAME:
      break;
    case STREAMER_VERDICT_UNKNOWN:
      /* A file that cannot be read; one without a checksum in its receipt is as good as it gets. */
      if (can_compare)
        g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE, found->local_words);
      break;
    case STREAMER_VERDICT_DIFFERS:
    case STREAMER_VERDICT_ABSENT:
    default:
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM, "%s %s", found->local_words,
                   found->stored_words);
    }
}

static void
set_string (JsonObject *object, const char *member, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, member, value);
  else
    json_object_set_null_member (object, member);
}

/* @found and @error: (nullable) */
static JsonNode *
make_object (Job *job, const StreamerVerification *found, const GError *error)
{
  const StreamerJournalEntry *receipt = job->receipt;
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  set_string (object, "file", job->shown);
  set_string (object, "key", receipt != NULL ? receipt->key : NULL);
  set_string (object, "url", receipt != NULL ? receipt->url : NULL);
  set_string (object, "verdict",
              found != NULL ? streamer_verdict_get_nick (get_verdict (found)) : NULL);
  set_string (object, "local", found != NULL ? streamer_verdict_get_nick (found->local) : NULL);
  set_string (object, "local_status", found != NULL ? found->local_words : NULL);
  set_string (object, "stored", found != NULL ? streamer_verdict_get_nick (found->stored) : NULL);
  set_string (object, "stored_status", found != NULL ? found->stored_words : NULL);
  json_object_set_int_member (object, "status_code",
                              error != NULL ? streamer_error_get_status_code (error) : 200);
  set_string (object, "status", error != NULL ? error->message : _ ("Verified."));
  set_string (object, "id", receipt != NULL ? receipt->id : NULL);
  json_node_take_object (node, object);
  return node;
}

/* @found and @error: (nullable) */
static void
settle (Job *job, const StreamerVerification *found, const GError *error)
{
  StreamerRun *run = job->verify->run;
  g_autoptr (JsonNode) node = make_object (job, found, error);
  g_autofree char *line = NULL;
  g_autofree char *words = NULL;

  if (error == NULL)
    streamer_tally_add_done (&run->tally);
  else
    streamer_tally_add_failed (&run->tally, error);
  if (found != NULL)
    {
      line =
          g_strdup_printf ("%s: %s", job->shown, streamer_verdict_get_nick (get_verdict (found)));
      /* Translators: a file, a sentence on it and a sentence on what the server has of it */
      words =
          g_strdup_printf (_ ("%s: %s %s"), job->shown, found->local_words, found->stored_words);
      streamer_console_note (run->console, words);
    }
  else if (job->receipt == NULL)
    streamer_console_complain (run->console, job->shown, error);
  else if (run->given_up == NULL)
    streamer_console_error (run->console, job->shown, error);
  streamer_reporter_settle_object (run->reporter, job->index, error == NULL ? "done" : "failed",
                                   node, line);
}

static void
on_verified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  Verify *verify = job->verify;
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerVerification) found =
      streamer_verify_finish (STREAMER_POOL (source), result, &error);

  if (found != NULL)
    judge (found, job->receipt, &error);
  settle (job, found, error);
  job_free (job);
  verify->n_under_way--;
}

/* Returns: (transfer none) (nullable): the newest receipt of the file at @path */
static const StreamerJournalEntry *
find_newest (GPtrArray *entries, const char *path)
{
  const StreamerJournalEntry *newest = NULL;

  for (guint i = 0; path != NULL && i < entries->len; i++)
    {
      const StreamerJournalEntry *entry = entries->pdata[i];

      if (entry->state == STREAMER_JOURNAL_DONE && g_strcmp0 (entry->path, path) == 0 &&
          (newest == NULL || entry->ended_at >= newest->ended_at))
        newest = entry;
    }
  return newest;
}

/* A file goes before an id of the same letters. */
static const StreamerJournalEntry *
find_receipt (GPtrArray *entries, const char *item, GError **error)
{
  g_autoptr (GFile) file = streamer_setup_create_file (item);
  g_autofree char *path = g_file_get_path (file);
  const StreamerJournalEntry *entry = find_newest (entries, path);
  g_autoptr (GError) local_error = NULL;

  if (entry != NULL)
    return entry;
  if (!g_file_query_exists (file, NULL))
    entry = streamer_entries_find (entries, item, &local_error);
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_INVALID))
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (entry == NULL)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                         _ ("The journal of uploads has no receipt of it."));
  else if (entry->state != STREAMER_JOURNAL_DONE)
    g_set_error_literal (
        error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD,
        _ ("It is not uploaded yet, so that there is nothing to compare it with."));
  else if (entry->path == NULL)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                         _ ("It came out of a pipe: there is no file to compare it with."));
  else
    return entry;
  return NULL;
}

static void
start (Job *job, const GError *find_error)
{
  StreamerRun *run = job->verify->run;
  g_autoptr (StreamerConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  if (job->receipt != NULL)
    connection = streamer_setup_connect (job->receipt->connection, &run->setup, &error);
  if (connection == NULL)
    {
      settle (job, NULL, error != NULL ? error : find_error);
      job_free (job);
      return;
    }
  job->verify->n_under_way++;
  streamer_verify_async (streamer_queue_get_pool (run->queue), connection, job->receipt,
                         job->receipt->path, run->cancellable, on_verified, job);
}

static void
verify_all (StreamerRun *run, GPtrArray *entries)
{
  Verify verify = { .run = run };
  guint n_items = g_strv_length (run->options->items);
  g_autoptr (GPtrArray) receipts = g_ptr_array_new ();
  g_autofree Job **jobs = g_new0 (Job *, n_items);
  g_autofree GError **errors = g_new0 (GError *, n_items);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_items; i++)
    {
      jobs[i] = g_new0 (Job, 1);
      jobs[i]->verify = &verify;
      jobs[i]->index = i;
      jobs[i]->shown = streamer_key_display_name (run->options->items[i]);
      jobs[i]->receipt = find_receipt (entries, run->options->items[i], &errors[i]);
      if (jobs[i]->receipt != NULL)
        g_ptr_array_add (receipts, (gpointer) jobs[i]->receipt);
    }
  if (!streamer_setup_take_entries (&run->setup, receipts, &error))
    {
      streamer_console_complain (run->console, NULL, error);
      streamer_tally_add_failed (&run->tally, error);
    }
  for (guint i = 0; i < n_items; i++)
    {
      if (error == NULL)
        start (jobs[i], errors[i]);
      else
        job_free (jobs[i]);
      g_clear_error (&errors[i]);
    }
  while (verify.n_under_way > 0)
    g_main_context_iteration (NULL, TRUE);
}

void
streamer_verify_command (StreamerRun *run)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  if (streamer_run_open_journal (run, &error))
    entries = streamer_journal_list (run->journal, &error);
  if (entries != NULL)
    verify_all (run, entries);
  else
    {
      streamer_console_complain (run->console, NULL, error);
      streamer_tally_add_failed (&run->tally, error);
    }
}
