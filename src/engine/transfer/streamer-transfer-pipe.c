/* streamer-transfer-pipe.c: takes parts out of a pipe, in order, ahead of those that send them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: read_part() runs on one of GTask's, not on a worker of the pool, since a pipe may be
 * silent for as long as it likes; all else is the owner's. Reading goes on while the transfer is
 * paused, and ends with the transfer. */

#include "streamer-transfer-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"

typedef struct
{
  StreamerTransfer *transfer; /* (owned); owner's thread only */
  StreamerSource *source;     /* (owned) */
  StreamerPlan plan;
  guint number;
  StreamerSlice slice;
} PipeRead;

static void
pipe_read_free (PipeRead *read)
{
  g_object_unref (read->transfer);
  g_object_unref (read->source);
  g_free (read);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PipeRead, pipe_read_free)

static void
read_part (GTask *task, gpointer source_object, gpointer data, GCancellable *cancellable)
{
  PipeRead *read = data;
  GError *error = NULL;

  if (streamer_source_acquire (read->source, &read->plan, read->number, &read->slice, cancellable,
                               &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
set_end (StreamerTransfer *self, const PipeRead *read)
{
  self->pipe_ended = TRUE;
  streamer_part_list_truncate (self->parts, read->number, read->slice.length);
  streamer_transfer_set_size (self, (read->number - 1) * self->plan.part_size + read->slice.length);

  /* Nothing is begun yet: it can be begun as what it is. */
  if (read->number == 1 && self->upload == NULL)
    {
      self->plan.size = read->slice.length;
      self->plan.n_parts = 1;
    }
}

static gboolean
take_part (StreamerTransfer *self, const PipeRead *read, GError **error)
{
  self->pipe_read = read->number;
  streamer_part_list_grow (self->parts);
  streamer_transfer_keep_slice (self, read->number, &read->slice);
  if (read->slice.last)
    set_end (self, read);
  streamer_transfer_notify_n_parts (self);

  if (!self->pipe_ended && read->number == self->plan.n_parts)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE,
                           _ ("The input is longer than the parts that it may have. Choose larger "
                              "parts."));
      return FALSE;
    }
  return TRUE;
}

/* The run goes on where it had to wait for the pipe. A step that is out goes on by itself. */
static void
go_on (StreamerTransfer *self)
{
  gboolean is_step_out = self->n_jobs > self->part_jobs->len;

  if (!self->running || is_step_out)
    return;
  if (self->upload == NULL)
    streamer_transfer_begin (self);
  else
    streamer_transfer_fill (self);
}

static void
on_part_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PipeRead) read = user_data;
  g_autoptr (StreamerTransfer) self = g_object_ref (read->transfer);
  g_autoptr (GError) error = NULL;
  gboolean success = g_task_propagate_boolean (G_TASK (result), &error);

  self->pipe_reading = FALSE;
  if (self->source != read->source)
    {
      if (success)
        streamer_source_release (read->source, read->number);
      return;
    }
  if (success)
    success = take_part (self, read, &error);
  if (success)
    go_on (self);
  else if (streamer_fault_classify (error) != STREAMER_FAULT_CANCELLED)
    streamer_transfer_fail (self, error);
  streamer_transfer_settle (self);
}

void
streamer_transfer_read_pipe (StreamerTransfer *self)
{
  g_autoptr (GTask) task = NULL;
  PipeRead *read;

  if (self->pipe_reading || self->pipe_ended ||
      self->pipe_read - self->pipe_released >= self->pipe_max_kept)
    return;

  self->pipe_reading = TRUE;
  read = g_new0 (PipeRead, 1);
  read->transfer = g_object_ref (self);
  read->source = g_object_ref (self->source);
  read->plan = self->plan;
  read->number = self->pipe_read + 1;

  task = g_task_new (NULL, self->pipe_cancellable, on_part_read, read);
  g_task_set_source_tag (task, streamer_transfer_read_pipe);
  /* Not owned by the task, whose thread may be the last to let it go. */
  g_task_set_task_data (task, read, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, read_part);
}
