/* streamer-resume.c: goes on with what an earlier run has left
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owner's thread.
 */

#include <glib/gi18n-lib.h>

#include "streamer-resume.h"

#include "streamer-entries.h"
#include "streamer-error.h"
#include "streamer-follow.h"
#include "streamer-keep.h"

typedef struct
{
  StreamerRun *run;
  StreamerFollow *follow; /* (owned) */
  GPtrArray *wanted;      /* (owned) (element-type StreamerJournalEntry) (borrowed) */
} Resume;

/* What was refused for good is refused again; whoever knows better names it. */
static gboolean
is_worth_it (const StreamerJournalEntry *entry)
{
  g_autoptr (GError) error = NULL;

  if (entry->path == NULL || entry->state == STREAMER_JOURNAL_DONE ||
      entry->state == STREAMER_JOURNAL_CANCELLED)
    return FALSE;
  if (entry->state != STREAMER_JOURNAL_FAILED || entry->sent > 0 || entry->error_code < 0)
    return TRUE;
  error = g_error_new_literal (STREAMER_ERROR, entry->error_code, "");
  return streamer_exit_from_error (error) == STREAMER_EXIT_NETWORK;
}

static gboolean
check_named (const StreamerJournalEntry *entry, GError **error)
{
  if (entry->owner == STREAMER_JOURNAL_ANOTHER)
    {
      streamer_entry_set_taken (entry, error);
      return FALSE;
    }
  if (entry->state != STREAMER_JOURNAL_CANCELLED)
    return TRUE;
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD,
               /* Translators: the placeholders are an ID and a key */
               _ ("%s (%s) was cancelled, and nothing of it is kept. Upload it again."), entry->id,
               entry->key);
  return FALSE;
}

/* Returns: (transfer container) (nullable): NULL with @error set where the names are wrong, or
 * everything is in other hands */
static GPtrArray *
choose (StreamerRun *run, GPtrArray *entries, GError **error)
{
  g_autoptr (GPtrArray) wanted = NULL;
  const StreamerJournalEntry *taken = NULL;

  if (run->options->items[0] != NULL)
    {
      wanted =
          streamer_entries_find_all (entries, (const char *const *) run->options->items, error);
      for (guint i = 0; wanted != NULL && i < wanted->len; i++)
        if (!check_named (wanted->pdata[i], error))
          return NULL;
      return g_steal_pointer (&wanted);
    }
  wanted = g_ptr_array_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      const StreamerJournalEntry *entry = entries->pdata[i];

      if (!is_worth_it (entry))
        continue;
      if (entry->owner == STREAMER_JOURNAL_ANOTHER)
        taken = entry;
      else
        g_ptr_array_add (wanted, (gpointer) entry);
    }
  if (wanted->len > 0 || taken == NULL)
    return g_steal_pointer (&wanted);
  streamer_entry_set_taken (taken, error);
  return NULL;
}

static void
fail (StreamerRun *run, const GError *error)
{
  streamer_console_complain (run->console, NULL, error);
  streamer_tally_add_failed (&run->tally, error);
}

static void
on_restored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Resume *resume = user_data;
  StreamerRun *run = resume->run;
  g_autoptr (GError) error = NULL;

  streamer_queue_restore_finish (STREAMER_QUEUE (source), result, &error);
  if (error == NULL && streamer_follow_get_n_files (resume->follow) < resume->wanted->len)
    g_set_error_literal (&error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                         _ ("The journal does not say of all uploads where they go."));
  if (error != NULL && run->given_up == NULL)
    fail (run, error);
  streamer_follow_release (resume->follow);
}

static void
restore (Resume *resume)
{
  StreamerRun *run = resume->run;
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < resume->wanted->len; i++)
    g_ptr_array_add (ids, ((StreamerJournalEntry *) resume->wanted->pdata[i])->id);
  g_ptr_array_add (ids, NULL);
  streamer_run_clean (run);
  resume->follow = streamer_follow_new (run, TRUE);
  streamer_follow_hold (resume->follow);
  streamer_queue_restore_async (run->queue, (const char *const *) ids->pdata, 0, run->cancellable,
                                on_restored, resume);
  streamer_follow_wait (resume->follow);
  streamer_keep (run, resume->follow);
  streamer_follow_free (resume->follow);
}

void
streamer_resume (StreamerRun *run)
{
  Resume resume = { .run = run };
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  if (streamer_run_open_journal (run, &error))
    entries = streamer_journal_list (run->journal, &error);
  if (entries != NULL)
    resume.wanted = choose (run, entries, &error);
  if (resume.wanted == NULL || !streamer_setup_take_entries (&run->setup, resume.wanted, &error))
    fail (run, error);
  else if (resume.wanted->len == 0)
    streamer_console_note (run->console, _ ("There is nothing to resume."));
  else
    restore (&resume);
  g_clear_pointer (&resume.wanted, g_ptr_array_unref);
}
