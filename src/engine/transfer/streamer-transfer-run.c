/* streamer-transfer-run.c: starts, stops and ends a transfer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: everything here is the owner's. */

#include "streamer-transfer-private.h"

#include "streamer-error.h"

void
streamer_transfer_begin_run (StreamerTransfer *self)
{
  g_assert (!self->running && self->n_jobs == 0);

  self->run++;
  self->running = TRUE;
  self->is_reconciled = FALSE;
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  streamer_transfer_prepare (self);
}

void
streamer_transfer_stop_run (StreamerTransfer *self)
{
  self->start_pending = FALSE;
  if (!self->running)
    return;

  self->running = FALSE;
  self->run++;
  streamer_transfer_stop_parts (self);
  g_cancellable_cancel (self->cancellable);
}

/* Nothing will be read of the source any more. */
void
streamer_transfer_close_source (StreamerTransfer *self)
{
  GHashTableIter iter;
  gpointer number;

  if (self->slices != NULL)
    {
      g_hash_table_iter_init (&iter, self->slices);
      while (g_hash_table_iter_next (&iter, &number, NULL))
        streamer_source_release (self->source, GPOINTER_TO_UINT (number));
      g_clear_pointer (&self->slices, g_hash_table_unref);
    }
  if (self->pipe_cancellable != NULL)
    g_cancellable_cancel (self->pipe_cancellable);
  g_clear_object (&self->source);
}

/* What was found out about the source is of no use any more. */
void
streamer_transfer_forget (StreamerTransfer *self)
{
  streamer_transfer_drop_upload (self);
  streamer_transfer_close_source (self);
  self->has_identity = FALSE;
  self->planned = FALSE;
  self->generation = 0;
}

/* Takes the upload off the transfer. The store is told when no worker puts anything into it. */
void
streamer_transfer_drop_upload (StreamerTransfer *self)
{
  if (self->upload == NULL)
    return;

  g_assert (self->dropped == NULL);
  self->dropped = g_steal_pointer (&self->upload);
  self->put_unsure = FALSE;
  self->finish_sent = FALSE;
  g_array_set_size (self->unchecked, 0);
  for (guint number = 1; number <= streamer_part_list_get_n_parts (self->parts); number++)
    streamer_part_list_set_state (self->parts, number, STREAMER_PART_WAITING);
}

gboolean
streamer_transfer_may_be_stored (StreamerTransfer *self)
{
  if (self->upload == NULL || self->is_pipe)
    return FALSE;
  return self->finish_sent || (self->plan.n_parts == 1 && self->put_unsure);
}

/* Whether the same upload could still come to a good end when it is tried again. A right that is
 * missing may be given, and what stands between here and the store may be set up anew: the parts
 * that there are can wait for that. */
static gboolean
is_mendable (StreamerTransfer *self, const GError *error)
{
  if (error->domain != STREAMER_ERROR)
    return TRUE;
  switch ((StreamerError) error->code)
    {
    case STREAMER_ERROR_INVALID:
    case STREAMER_ERROR_TOO_LARGE:
      return !self->is_pipe;
    case STREAMER_ERROR_EXISTS:
      /* Perhaps what is in the way is our own, and could not be looked at. */
      return !self->finish_sent && streamer_transfer_may_be_stored (self);
    case STREAMER_ERROR_NO_UPLOAD:
    case STREAMER_ERROR_CHANGED:
      return FALSE;
    case STREAMER_ERROR_FORBIDDEN:
    case STREAMER_ERROR_FAILED:
    case STREAMER_ERROR_AUTH:
    case STREAMER_ERROR_NOT_FOUND:
    case STREAMER_ERROR_EXPIRED:
    case STREAMER_ERROR_NETWORK:
    case STREAMER_ERROR_TLS:
    case STREAMER_ERROR_BUSY:
    case STREAMER_ERROR_PROTOCOL:
    case STREAMER_ERROR_CHECKSUM:
    case STREAMER_ERROR_UNREADABLE:
    case STREAMER_ERROR_NO_SPACE:
    case STREAMER_ERROR_QUOTA:
    case STREAMER_ERROR_PORTAL:
    case STREAMER_ERROR_INTERRUPTED:
    case STREAMER_ERROR_SHORT:
    case STREAMER_ERROR_JOURNAL:
    default:
      return TRUE;
    }
}

void
streamer_transfer_fail (StreamerTransfer *self, const GError *error)
{
  gboolean has_parts =
      self->parts != NULL && streamer_part_list_count (self->parts, STREAMER_PART_DONE) > 0;

  streamer_transfer_stop_run (self);
  if (!is_mendable (self, error))
    streamer_transfer_forget (self);
  else if (streamer_transfer_may_be_stored (self))
    streamer_transfer_close_source (self);
  else if (!has_parts)
    {
      /* Nothing in the store is worth keeping, nor an open file for each of many failures; but
       * what came out of a pipe is nowhere else. */
      streamer_transfer_drop_upload (self);
      if (!self->is_pipe)
        streamer_transfer_forget (self);
    }
  streamer_transfer_set_error (self, error);
  streamer_transfer_set_state (self, STREAMER_TRANSFER_FAILED);
}

/* The store lost or mangled the upload: the same bytes again, as a new one. */
void
streamer_transfer_begin_again (StreamerTransfer *self, const GError *error)
{
  if (self->generation >= STREAMER_TRANSFER_MAX_GENERATIONS || self->pipe_released > 0)
    {
      streamer_transfer_forget (self);
      streamer_transfer_fail (self, error);
      return;
    }

  g_debug ("transfer %s: beginning again: %s", self->id, error->message);
  streamer_transfer_stop_run (self);
  streamer_transfer_drop_upload (self);
  streamer_transfer_set_state (self, STREAMER_TRANSFER_PREPARING);
  self->start_pending = TRUE;
}

void
streamer_transfer_stop_for_error (StreamerTransfer *self, const GError *error)
{
  switch (streamer_fault_classify (error))
    {
    case STREAMER_FAULT_RECONCILE:
      streamer_transfer_begin_again (self, error);
      break;
    case STREAMER_FAULT_PAUSE:
      streamer_transfer_stop_run (self);
      streamer_transfer_set_error (self, error);
      streamer_transfer_set_state (self, STREAMER_TRANSFER_NEEDS_TOKEN);
      break;
    case STREAMER_FAULT_TRANSIENT:
    case STREAMER_FAULT_REFRESH:
    case STREAMER_FAULT_HOLD:
    case STREAMER_FAULT_FATAL:
    case STREAMER_FAULT_CANCELLED:
    default:
      streamer_transfer_fail (self, error);
    }
}

static void
return_cancel_tasks (StreamerTransfer *self)
{
  while (self->cancel_tasks->len > 0)
    {
      g_autoptr (GTask) task = g_ptr_array_steal_index (self->cancel_tasks, 0);

      g_task_return_boolean (task, TRUE);
    }
}

/*
 * Called at the end of whatever may have brought back the last worker: does what had to wait for
 * that.
 */
void
streamer_transfer_settle (StreamerTransfer *self)
{
  if (self->n_jobs == 0 && self->dropped != NULL)
    {
      if (self->dropped->upload_id != NULL || self->upload_unsure)
        streamer_transfer_let_go (self);
      else
        {
          if (self->dropped->record > 0)
            streamer_journal_forget (self->journal, self->dropped->record);
          g_clear_pointer (&self->dropped, streamer_upload_unref);
        }
    }
  if (self->n_jobs == 0)
    {
      if (self->is_removed && self->busy)
        streamer_transfer_remove (self);
      return_cancel_tasks (self);
      if (self->start_pending)
        {
          self->start_pending = FALSE;
          streamer_transfer_begin_run (self);
        }
    }
  streamer_transfer_set_busy (self, self->n_jobs > 0);
}

/* Nobody will hear of it any more; what the store has is left there. */
void
streamer_transfer_abandon (StreamerTransfer *self)
{
  streamer_transfer_stop_run (self);
  if (self->pipe_cancellable != NULL)
    g_cancellable_cancel (self->pipe_cancellable);
}

/* Whether another run of the program can go on with it. */
gboolean
streamer_transfer_can_survive (StreamerTransfer *self)
{
  return self->journal != NULL && !self->is_pipe;
}

void
streamer_transfer_start (StreamerTransfer *self, int priority)
{
  g_assert (self->owner == g_thread_self ());
  g_return_if_fail (self->state == STREAMER_TRANSFER_WAITING);

  self->priority = priority;
  if (self->started_at == 0)
    {
      self->started_at = g_get_monotonic_time ();
      self->started_at_real = g_get_real_time ();
    }
  streamer_transfer_set_state (self, STREAMER_TRANSFER_PREPARING);
  self->start_pending = TRUE;
  streamer_transfer_settle (self);
}

void
streamer_transfer_pause (StreamerTransfer *self)
{
  g_assert (self->owner == g_thread_self ());

  if (streamer_transfer_is_over (self) || self->state == STREAMER_TRANSFER_PAUSED)
    return;
  streamer_transfer_stop_run (self);
  streamer_transfer_set_state (self, STREAMER_TRANSFER_PAUSED);
  streamer_transfer_settle (self);
}

StreamerPool *
streamer_transfer_get_pool (StreamerTransfer *self)
{
  return self->pool;
}

gboolean
streamer_transfer_can_resume (StreamerTransfer *self)
{
  if (self->pool == NULL)
    return FALSE;
  if (self->state != STREAMER_TRANSFER_PAUSED && self->state != STREAMER_TRANSFER_STALLED &&
      self->state != STREAMER_TRANSFER_NEEDS_TOKEN && self->state != STREAMER_TRANSFER_FAILED)
    return FALSE;
  if (!self->is_pipe || self->pipe_fd >= 0)
    return TRUE;
  return self->source != NULL && (self->upload != NULL || self->pipe_released == 0);
}

void
streamer_transfer_resume (StreamerTransfer *self)
{
  g_assert (self->owner == g_thread_self ());

  if (!streamer_transfer_can_resume (self))
    return;
  streamer_transfer_stop_run (self);
  self->generation = 0;
  streamer_transfer_set_state (self, STREAMER_TRANSFER_WAITING);
  streamer_transfer_settle (self);
}

gboolean
streamer_transfer_can_start_over (StreamerTransfer *self)
{
  return self->pool != NULL && !self->is_pipe &&
         (self->state == STREAMER_TRANSFER_FAILED || self->state == STREAMER_TRANSFER_CANCELLED);
}

void
streamer_transfer_start_over (StreamerTransfer *self)
{
  g_assert (self->owner == g_thread_self ());

  if (!streamer_transfer_can_start_over (self))
    return;
  streamer_transfer_forget (self);
  streamer_transfer_set_state (self, STREAMER_TRANSFER_WAITING);
  streamer_transfer_settle (self);
}

void
streamer_transfer_cancel_async (StreamerTransfer *self,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_assert (self->owner == g_thread_self ());
  g_task_set_source_tag (task, streamer_transfer_cancel_async);

  if (self->state == STREAMER_TRANSFER_DONE)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  streamer_transfer_stop_run (self);
  streamer_transfer_forget (self);
  g_ptr_array_add (self->cancel_tasks, g_steal_pointer (&task));
  streamer_transfer_set_state (self, STREAMER_TRANSFER_CANCELLED);
  streamer_transfer_settle (self);
}

gboolean
streamer_transfer_cancel_finish (StreamerTransfer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
