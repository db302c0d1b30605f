/* streamer-abort.c: gives up what an earlier run has left
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is unfinished is taken out of the journal into the queue, and cancelled there before it
 * moves. Whether its store has heard of it, the journal says afterwards. Owner's thread.
 */

#include <glib/gi18n-lib.h>

#include "streamer-abort.h"

#include "streamer-entries.h"
#include "streamer-error.h"
#include "streamer-leftovers.h"

typedef struct
{
  StreamerRun *run;
  GPtrArray *named; /* (owned) (element-type StreamerJournalEntry) (borrowed) */
} Abort;

static gboolean
is_unfinished (const StreamerJournalEntry *entry)
{
  return entry->state != STREAMER_JOURNAL_DONE && entry->state != STREAMER_JOURNAL_CANCELLED;
}

/* As it is after what was done to it. */
static gboolean
check_given_up (const StreamerJournalEntry *entry, GError **error)
{
  if (entry->owner == STREAMER_JOURNAL_ANOTHER)
    {
      streamer_entry_set_taken (entry, error);
      return FALSE;
    }
  if (entry->state == STREAMER_JOURNAL_CANCELLED)
    return TRUE;
  if (is_unfinished (entry))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                           _ ("It could not be given up, and is still in the journal."));
      return FALSE;
    }
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD,
               /* Translators: the placeholders are an ID, a key, and the key once more */
               _ ("%s (%s) is uploaded already. To remove it from the server: "
                  "s3streamer --purge %s"),
               entry->id, entry->key, entry->key);
  return FALSE;
}

/* Whether nothing of it is left for the store to be told. */
static gboolean
check_gone (StreamerRun *run, const StreamerJournalEntry *entry, GError **error)
{
  g_autoptr (GPtrArray) uploads = NULL;

  uploads = streamer_journal_list_uploads (run->journal, entry->id, error);
  if (uploads == NULL)
    return FALSE;
  if (uploads->len == 0)
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK,
                       _ ("It is given up, but the server could not be told. It is told again by "
                          "itself when something is uploaded."));
  return FALSE;
}

static void
settle (StreamerRun *run, guint index, const StreamerJournalEntry *before)
{
  g_autoptr (StreamerJournalEntry) after = streamer_journal_get (run->journal, before->id, NULL);
  const StreamerJournalEntry *entry = after != NULL ? after : before;
  g_autoptr (StreamerReceipt) receipt = streamer_entry_make_receipt (entry);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_free (receipt->status);
  if (check_given_up (entry, &error) && check_gone (run, entry, &error))
    {
      receipt->status_code = 200;
      receipt->status = g_strdup (_ ("Given up, and nothing of it is left on the server."));
      streamer_tally_add_done (&run->tally);
    }
  else
    {
      receipt->status_code = streamer_error_get_status_code (error);
      receipt->status = g_strdup (error->message);
      streamer_tally_add_failed (&run->tally, error);
    }
  if (error != NULL)
    streamer_console_complain (run->console, entry->id, error);
  else
    {
      /* Translators: an ID and what became of it */
      g_autofree char *text = g_strdup_printf (_ ("%s: %s"), entry->id, receipt->status);

      streamer_console_note (run->console, text);
    }
  node = streamer_receipt_to_json (receipt);
  streamer_reporter_settle_object (run->reporter, index, error == NULL ? "done" : "failed", node,
                                   NULL);
}

static void
on_items_changed (GListModel *queue, guint position, guint removed, guint added, gpointer user_data)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (queue, i);

      streamer_transfer_cancel_async (transfer, NULL, NULL);
    }
}

static void
on_restored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Abort *abort = user_data;
  g_autoptr (GError) error = NULL;

  streamer_queue_restore_finish (STREAMER_QUEUE (source), result, &error);
  if (error != NULL && abort->run->given_up == NULL)
    streamer_console_complain (abort->run->console, NULL, error);
  streamer_run_end (abort->run);
}

static void
cancel (Abort *abort)
{
  StreamerRun *run = abort->run;
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < abort->named->len; i++)
    {
      StreamerJournalEntry *entry = abort->named->pdata[i];

      if (is_unfinished (entry) && entry->owner != STREAMER_JOURNAL_ANOTHER)
        g_ptr_array_add (ids, entry->id);
    }
  streamer_run_clean (run);
  if (ids->len == 0)
    streamer_run_end (run);
  else
    {
      g_ptr_array_add (ids, NULL);
      g_signal_connect (run->queue, "items-changed", G_CALLBACK (on_items_changed), NULL);
      streamer_queue_restore_async (run->queue, (const char *const *) ids->pdata, 0,
                                    run->cancellable, on_restored, abort);
    }
  streamer_run_wait (run);
}

static void
fail (StreamerRun *run, const GError *error)
{
  streamer_console_complain (run->console, NULL, error);
  streamer_tally_add_failed (&run->tally, error);
}

static void
abort_in_journal (StreamerRun *run)
{
  Abort abort = { .run = run };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = streamer_journal_list (run->journal, &error);
  g_autoptr (GPtrArray) open = g_ptr_array_new ();

  if (entries != NULL)
    abort.named =
        streamer_entries_find_all (entries, (const char *const *) run->options->items, &error);
  for (guint i = 0; abort.named != NULL && i < abort.named->len; i++)
    if (is_unfinished (abort.named->pdata[i]))
      g_ptr_array_add (open, abort.named->pdata[i]);
  if (abort.named == NULL || !streamer_setup_take_entries (&run->setup, open, &error))
    fail (run, error);
  else
    {
      cancel (&abort);
      for (guint i = 0; i < abort.named->len; i++)
        settle (run, i, abort.named->pdata[i]);
    }
  g_clear_pointer (&abort.named, g_ptr_array_unref);
}

void
streamer_abort (StreamerRun *run)
{
  g_autoptr (GError) error = NULL;

  if (!streamer_run_open_journal (run, &error))
    fail (run, error);
  else if (run->setup.connection != NULL)
    streamer_leftovers_abort (run);
  else
    abort_in_journal (run);
}
