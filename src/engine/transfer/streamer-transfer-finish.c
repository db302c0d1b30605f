/* streamer-transfer-finish.c: the store makes one object of the parts, and a receipt says so
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: functions that take a StreamerHttp run on a worker and see only their step; all others
 * are the owner's. */

#include "streamer-transfer-step.h"

#include <glib/gi18n-lib.h>

#include "streamer-digest.h"
#include "streamer-error.h"

static void
fill_receipt (StreamerStep *step, const StreamerStoredObject *object)
{
  StreamerJournalEntry *receipt = step->entry;

  receipt->state = STREAMER_JOURNAL_DONE;
  receipt->etag = g_strdup (object->etag);
  receipt->url = streamer_connection_link (step->target->connection, object, step->upload->key);
  receipt->ended_at = g_get_real_time ();
  if (receipt->started_at > 0)
    receipt->seconds = (double) MAX (receipt->ended_at - receipt->started_at, 0) / G_USEC_PER_SEC;
}

/* The object is there, whatever the journal can say of it now: what is missing in it is written
 * later, or found out by finishing once more. */
static void
note_done (StreamerStep *step)
{
  g_autoptr (GError) error = NULL;

  if (step->journal == NULL ||
      streamer_journal_done_sync (step->journal, step->upload->record, step->entry, &error))
    return;
  g_debug ("transfer %s: the receipt is not in the journal yet: %s", step->entry->id,
           error->message);
  streamer_journal_put (step->journal, step->entry);
  streamer_journal_forget (step->journal, step->upload->record);
}

static gboolean
take_sha256 (StreamerStep *step, GCancellable *cancellable, GError **error)
{
  g_auto (StreamerDigest) digest = { 0 };

  if (!step->target->wants_sha256 || step->is_pipe || step->entry->sha256 != NULL)
    return TRUE;
  if (!streamer_digest_read (&digest, step->source, TRUE, cancellable, error))
    return FALSE;
  if (digest.crc32 != step->entry->crc32)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED,
                           _ ("The file does not hold what was read of it for the upload."));
      return FALSE;
    }
  step->entry->sha256 = g_steal_pointer (&digest.sha256);
  return TRUE;
}

static gboolean
check_source (StreamerStep *step, GCancellable *cancellable, GError **error)
{
  return streamer_transfer_check_file (step->source, &step->identity, step->path, error) &&
         streamer_source_check (step->source, error) && take_sha256 (step, cancellable, error);
}

/* The file was changed after the store had been asked for an object of what it held before. Parts
 * that the store has still are no object, and do not become one. Where it does not say, finishing
 * again does; what it may make by that is whole, and what the file was when it was first asked. */
static gboolean
may_be_finished (StreamerStep *step,
                 StreamerHttp *http,
                 const GError *changed,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GArray) held = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!step->finish_sent || !g_error_matches (changed, STREAMER_ERROR, STREAMER_ERROR_CHANGED))
    {
      g_propagate_error (error, g_error_copy (changed));
      return FALSE;
    }
  /* An object of one part is there with its part. */
  if (step->plan.n_parts == 1)
    return TRUE;
  held = streamer_store_list_parts (step->store, http, step->upload, cancellable, &local_error);
  if (held != NULL && held->len > 0)
    {
      g_propagate_error (error, g_error_copy (changed));
      return FALSE;
    }
  if (held != NULL || g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD) ||
      g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN) ||
      g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* @changed: (nullable): why no part can be sent again, whatever is found */
static StreamerStoredObject *
finish_at_store (StreamerStep *step,
                 StreamerHttp *http,
                 const GError *changed,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GError) local_error = NULL;
  StreamerStoredObject *object;

  step->finish_sent = TRUE;
  object = streamer_store_finish (step->store, http, step->upload, step->parts, step->entry->crc32,
                                  cancellable, &local_error);
  if (object != NULL)
    return object;
  if (changed != NULL && (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD) ||
                          g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM)))
    g_propagate_error (error, g_error_copy (changed));
  else
    g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

static gpointer
finish (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  StreamerStep *step = data;
  g_autoptr (GError) changed = NULL;
  g_autoptr (StreamerStoredObject) object = NULL;

  if (!check_source (step, cancellable, &changed) &&
      !may_be_finished (step, http, changed, cancellable, error))
    return NULL;
  if (step->journal != NULL &&
      !streamer_transfer_check_written (
          streamer_journal_finishing_sync (step->journal, step->upload->record, error), error))
    return NULL;
  object = finish_at_store (step, http, changed, cancellable, error);
  if (object == NULL)
    return NULL;
  fill_receipt (step, object);
  note_done (step);
  return GINT_TO_POINTER (TRUE);
}

/* What the store makes of the parts is not what was sent. Perhaps it has lost some. */
static void
mend (StreamerTransfer *self, const GError *error)
{
  if (self->plan.n_parts == 1 || self->is_reconciled)
    {
      streamer_transfer_begin_again (self, error);
      return;
    }
  self->is_reconciled = TRUE;
  streamer_transfer_list_parts (self);
}

static void
on_finished (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  StreamerStep *step = user_data;
  g_autoptr (StreamerTransfer) self = g_object_ref (step->transfer);
  g_autoptr (GError) error = NULL;
  gboolean current;
  guint n_retries;
  gboolean success = streamer_step_finish (step, pool, result, &current, &n_retries, &error);

  if (step->upload == self->upload)
    self->finish_sent = step->finish_sent;
  if (success)
    {
      /* Also when it was paused or cancelled meanwhile: the object is there. */
      streamer_transfer_stop_run (self);
      g_clear_pointer (&self->upload, streamer_upload_unref);
      g_clear_pointer (&self->dropped, streamer_upload_unref);
      streamer_transfer_close_source (self);
      g_clear_object (&self->store);
      streamer_transfer_set_result (self, step->entry);
      streamer_transfer_set_state (self, STREAMER_TRANSFER_DONE);
    }
  else if (current && g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM))
    mend (self, error);
  else if (current)
    streamer_transfer_stop_for_error (self, error);
  streamer_transfer_settle (self);
}

void
streamer_transfer_finish (StreamerTransfer *self)
{
  StreamerStep *step = streamer_step_new (self);

  streamer_transfer_set_state (self, STREAMER_TRANSFER_FINISHING);
  self->finish_sent = TRUE;
  step->parts = streamer_part_list_get_stored (self->parts);
  step->entry = streamer_transfer_make_entry (self);
  step->entry->has_crc32 = TRUE;
  step->entry->crc32 = streamer_part_list_get_crc32 (self->parts);
  streamer_step_run (self, step, finish, on_finished);
}
