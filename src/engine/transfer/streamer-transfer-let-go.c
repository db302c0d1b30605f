/* streamer-transfer-let-go.c: gives an upload up, so that nothing of it stays in the store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: functions that take a StreamerHttp run on a worker and see only their step; all others
 * are the owner's. */

#include "streamer-transfer-step.h"

#include "streamer-call.h"
#include "streamer-error.h"
#include "streamer-janitor.h"

static gboolean
let_go_at_store (StreamerStep *step, StreamerHttp *http, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (step->store == NULL)
    step->store = streamer_connection_open (step->target->connection, cancellable, error);
  if (step->store == NULL)
    return FALSE;
  if (step->upload->upload_id == NULL &&
      !streamer_janitor_end_beginning (step->journal, step->store, http, step->upload,
                                       step->began_at, cancellable, error))
    return FALSE;
  if (step->upload->upload_id == NULL ||
      streamer_store_cancel (step->store, http, step->upload, cancellable, &local_error) ||
      g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gpointer
let_go (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  StreamerStep *step = data;

  /* A program that ends now must not go on with what the store has let go of. */
  if (step->upload->record > 0)
    streamer_journal_flush_sync (step->journal, NULL);
  if (!let_go_at_store (step, http, cancellable, error))
    return NULL;
  if (step->upload->record > 0)
    streamer_journal_forget (step->journal, step->upload->record);
  return GINT_TO_POINTER (TRUE);
}

static void
on_let_go (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  StreamerStep *step = user_data;
  g_autoptr (StreamerTransfer) self = g_object_ref (step->transfer);
  g_autoptr (GError) error = NULL;
  gboolean current;
  guint n_retries;

  if (!streamer_step_finish (step, pool, result, &current, &n_retries, &error))
    {
      g_debug ("transfer %s: the upload could not be given up: %s", self->id, error->message);
      if (step->upload->record > 0)
        streamer_journal_abort_failed (self->journal, step->upload->record);
    }
  self->upload_unsure = FALSE;
  g_clear_pointer (&self->dropped, streamer_upload_unref);
  streamer_transfer_settle (self);
}

void
streamer_transfer_let_go (StreamerTransfer *self)
{
  StreamerStep *step = streamer_step_new (self);

  g_clear_pointer (&step->upload, streamer_upload_unref);
  step->upload = streamer_upload_ref (self->dropped);
  if (step->upload->record > 0)
    streamer_journal_give_up (self->journal, step->upload->record);
  self->n_jobs++;
  streamer_call_async (self->pool, streamer_connection_get_id (self->target->connection),
                       STREAMER_TRANSFER_PATIENCE_LET_GO, STREAMER_TRANSFER_PRIORITY_LET_GO, let_go,
                       step, (GDestroyNotify) streamer_step_free, NULL, NULL, NULL, on_let_go,
                       step);
}
