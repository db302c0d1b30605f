/* streamer-queue-stop.c: stops everything and keeps it, for a program that ends
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: the owner's; flush_journal() runs on one of GTask's. */

#include "streamer-queue-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-transfer-private.h"

#define STOP_MAX_SECONDS 10

static void
cap_free (GSource *cap)
{
  g_source_destroy (cap);
  g_source_unref (cap);
}

static gboolean
on_cap (gpointer user_data)
{
  GTask *task = user_data;
  StreamerQueue *self = g_task_get_source_object (task);

  if (self->stop_task == task)
    {
      g_autoptr (GTask) ended = g_steal_pointer (&self->stop_task);

      g_task_return_new_error (ended, STREAMER_ERROR, STREAMER_ERROR_NETWORK, "%s",
                               _ ("What is under way could not be ended in time."));
    }
  return G_SOURCE_REMOVE;
}

static void
flush_journal (GTask *task, gpointer journal, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (streamer_journal_flush_sync (journal, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_flushed (GObject *journal, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerQueue) self = user_data;
  g_autoptr (GTask) task = g_steal_pointer (&self->stop_task);
  GError *error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (task == NULL)
    g_clear_error (&error);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
is_any_busy (StreamerQueue *self)
{
  GSequenceIter *iter = g_sequence_get_begin_iter (self->entries);

  for (; !g_sequence_iter_is_end (iter); iter = g_sequence_iter_next (iter))
    if (streamer_transfer_is_busy (((StreamerQueueEntry *) g_sequence_get (iter))->transfer))
      return TRUE;
  return FALSE;
}

void
streamer_queue_check_stopped (StreamerQueue *self)
{
  g_autoptr (GTask) flush = NULL;

  if (self->stop_task == NULL || self->is_flushing || self->n_restoring > 0 ||
      !g_queue_is_empty (&self->adds) || is_any_busy (self))
    return;
  self->is_flushing = TRUE;
  if (self->journal == NULL)
    {
      g_autoptr (GTask) task = g_steal_pointer (&self->stop_task);

      g_task_return_boolean (task, TRUE);
      return;
    }
  flush = g_task_new (self->journal, NULL, on_flushed, g_object_ref (self));
  g_task_set_source_tag (flush, flush_journal);
  g_task_run_in_thread (flush, flush_journal);
}

void
streamer_queue_stop_async (StreamerQueue *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GPtrArray) transfers = streamer_queue_dup_transfers (self);
  GSource *cap = g_timeout_source_new_seconds (STOP_MAX_SECONDS);

  g_assert (self->owner == g_thread_self ());
  g_return_if_fail (!self->is_stopped);

  g_task_set_source_tag (task, streamer_queue_stop_async);
  /* The task owns its timer, which lives no longer than the task waits. */
  g_task_set_task_data (task, cap, (GDestroyNotify) cap_free);
  g_source_set_callback (cap, on_cap, task, NULL);
  g_source_attach (cap, self->context);
  self->is_stopped = TRUE;
  self->stop_task = task;

  streamer_queue_cancel_adds (self);
  for (guint i = 0; i < transfers->len; i++)
    {
      StreamerTransfer *transfer = transfers->pdata[i];

      if (streamer_transfer_is_over (transfer))
        continue;
      if (streamer_transfer_can_survive (transfer))
        streamer_transfer_abandon (transfer);
      else
        streamer_transfer_cancel_async (transfer, NULL, NULL);
      streamer_transfer_settle (transfer);
    }
  streamer_queue_changed (self);
}

gboolean
streamer_queue_stop_finish (StreamerQueue *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_queue_stop_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
