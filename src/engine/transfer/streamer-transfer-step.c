/* streamer-transfer-step.c: one thing that a worker does for a transfer as a whole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: everything here is the owner's. */

#include "streamer-transfer-step.h"

#include "streamer-call.h"

StreamerStep *
streamer_step_new (StreamerTransfer *self)
{
  StreamerStep *step = g_new0 (StreamerStep, 1);

  step->transfer = g_object_ref (self);
  step->run = self->run;
  step->target = streamer_target_ref (self->target);
  step->path = g_strdup (self->path);
  step->is_pipe = self->is_pipe;
  step->pipe_fd = self->pipe_fd;
  /* One more than are sent, so that the pipe is read while parts are sent. */
  step->pipe_max_kept = streamer_pool_get_n_workers (self->pool) + 1;
  g_set_object (&step->store, self->store);
  g_set_object (&step->source, self->source);
  step->has_identity = self->has_identity;
  step->identity = self->identity;
  step->is_old_device = self->is_old_device;
  step->planned = self->planned;
  step->plan = self->plan;
  if (self->upload != NULL)
    step->upload = streamer_upload_ref (self->upload);
  step->unsure = self->upload_unsure;
  step->began_at = self->began_at;
  step->finish_sent = self->finish_sent;
  g_set_object (&step->journal, self->journal);
  return step;
}

void
streamer_step_free (StreamerStep *step)
{
  g_object_unref (step->transfer);
  streamer_target_unref (step->target);
  g_free (step->path);
  g_clear_object (&step->store);
  g_clear_object (&step->source);
  g_clear_pointer (&step->upload, streamer_upload_unref);
  g_clear_pointer (&step->parts, g_array_unref);
  g_clear_object (&step->journal);
  g_clear_pointer (&step->entry, streamer_journal_entry_free);
  g_free (step);
}

static void
on_step_waiting (const GError *error, guint delay_ms, gpointer user_data)
{
  StreamerStep *step = user_data;
  StreamerTransfer *self = step->transfer;

  if (step->run != self->run)
    return;
  if (error == NULL)
    {
      streamer_transfer_set_retry_at (self, 0);
      return;
    }
  streamer_transfer_set_error (self, error);
  streamer_transfer_set_state (self, STREAMER_TRANSFER_STALLED);
  streamer_transfer_set_retry_at (self, g_get_monotonic_time () +
                                            (gint64) delay_ms * G_TIME_SPAN_MILLISECOND);
}

void
streamer_step_run (StreamerTransfer *self,
                   StreamerStep *step,
                   StreamerPoolFunc func,
                   GAsyncReadyCallback callback)
{
  self->n_jobs++;
  streamer_call_async (self->pool, streamer_connection_get_id (self->target->connection), 0,
                       self->priority, func, step, (GDestroyNotify) streamer_step_free, NULL,
                       on_step_waiting, self->cancellable, callback, step);
}

gboolean
streamer_step_finish (StreamerStep *step,
                      GObject *pool,
                      GAsyncResult *result,
                      gboolean *current,
                      guint *n_retries,
                      GError **error)
{
  gpointer success = streamer_call_finish (STREAMER_POOL (pool), result, n_retries, error);

  step->transfer->n_jobs--;
  step->transfer->n_retries += *n_retries;
  *current = step->run == step->transfer->run;
  return success != NULL;
}
