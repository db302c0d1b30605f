/* streamer-queue-add.c: makes transfers of the files and folders that the queue is given
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: one folder at a time is read on one of GTask's; what it finds is handed over under the
 * lock, and becomes transfers on the owner's context in batches that do not hold it up. */

#include "streamer-queue-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-scan.h"
#include "streamer-transfer-private.h"

#define BATCH_MAX_FILES 200
#define BATCH_MAX_TIME  (5 * G_TIME_SPAN_MILLISECOND)

struct _StreamerAdd
{
  StreamerQueue *queue;      /* (borrowed): owned by @task */
  GTask *task;               /* (owned) */
  GFile *file;               /* (owned) */
  char *path;                /* (owned) (nullable) (type filename) */
  StreamerTarget *target;    /* (owned) */
  GCancellable *cancellable; /* (owned): the caller's, and ours */
  gulong cancelled_handler;
  guint n_added;
  gboolean is_read;
  gboolean is_folder; /* written before the first file is found */

  GMutex lock;
  GQueue found;   /* (element-type StreamerScanned) (owned); guarded by @lock */
  GSource *drain; /* (owned) (nullable); guarded by @lock */
};

static void read_next (StreamerQueue *self);

static void
add_free (StreamerAdd *add)
{
  g_assert (add->drain == NULL);
  if (add->cancelled_handler != 0)
    g_cancellable_disconnect (g_task_get_cancellable (add->task), add->cancelled_handler);
  g_queue_clear_full (&add->found, (GDestroyNotify) streamer_scanned_free);
  g_mutex_clear (&add->lock);
  g_object_unref (add->task);
  g_object_unref (add->file);
  g_free (add->path);
  streamer_target_unref (add->target);
  g_object_unref (add->cancellable);
  g_free (add);
}

static StreamerTransfer *
make_transfer (StreamerAdd *add, StreamerScanned *found)
{
  g_autoptr (GFile) file = g_file_new_for_path (found->path);
  const char *name = found->name;
  StreamerTransfer *transfer;

  if (found->error != NULL)
    return streamer_transfer_new_refused (file, add->target, g_steal_pointer (&found->error));
  if (add->target->name != NULL)
    name = add->target->name;
  transfer =
      streamer_transfer_new_for_file (file, name, add->target, add->queue->pool, add->queue->limit);
  streamer_transfer_set_size (transfer, found->size);
  return transfer;
}

static void
finish_add (StreamerAdd *add)
{
  StreamerQueue *self = add->queue;
  GError *error = NULL;

  g_assert (g_queue_peek_head (&self->adds) == add);
  g_queue_pop_head (&self->adds);
  if (g_cancellable_set_error_if_cancelled (add->cancellable, &error))
    g_task_return_error (add->task, error);
  else
    g_task_return_int (add->task, add->n_added);
  read_next (self);
  streamer_queue_changed (self);
  add_free (add);
}

static StreamerScanned *
take_found (StreamerAdd *add)
{
  StreamerScanned *found;

  g_mutex_lock (&add->lock);
  found = g_queue_pop_head (&add->found);
  /* Ended under the lock, so that what is found from now on makes a new one. */
  if (found == NULL)
    g_clear_pointer (&add->drain, g_source_unref);
  g_mutex_unlock (&add->lock);
  return found;
}

static gboolean
on_drain (gpointer user_data)
{
  StreamerAdd *add = user_data;
  g_autoptr (StreamerQueue) self = g_object_ref (add->queue);
  g_autoptr (GPtrArray) transfers = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 end = g_get_monotonic_time () + BATCH_MAX_TIME;
  StreamerScanned *found = NULL;

  while (transfers->len < BATCH_MAX_FILES &&
         (transfers->len == 0 || g_get_monotonic_time () < end) &&
         (found = take_found (add)) != NULL)
    {
      if (!g_cancellable_is_cancelled (add->cancellable))
        g_ptr_array_add (transfers, make_transfer (add, found));
      streamer_scanned_free (found);
    }
  add->n_added += transfers->len;
  streamer_queue_append (self, transfers);

  if (found != NULL)
    return G_SOURCE_CONTINUE;
  if (add->is_read)
    finish_add (add);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
schedule_drain (StreamerAdd *add)
{
  if (add->drain != NULL)
    return;
  add->drain = g_idle_source_new ();
  g_source_set_callback (add->drain, on_drain, add, NULL);
  g_source_attach (add->drain, add->queue->context);
}

static void
on_found (StreamerScanned *found, gpointer user_data)
{
  StreamerAdd *add = user_data;

  g_mutex_lock (&add->lock);
  g_queue_push_tail (&add->found, found);
  schedule_drain (add);
  g_mutex_unlock (&add->lock);
}

static void
report_refused (StreamerAdd *add, const char *reason)
{
  StreamerScanned *found = g_new0 (StreamerScanned, 1);

  found->path = g_strdup (add->path);
  found->name = g_strdup ("");
  found->error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_INVALID, reason);
  on_found (found, add);
}

static void
read_files (GTask *task, gpointer source_object, gpointer data, GCancellable *cancellable)
{
  StreamerAdd *add = data;

  if (add->target->name != NULL && g_file_test (add->path, G_FILE_TEST_IS_DIR))
    report_refused (add, _ ("A name can be given to one file only, not to a folder."));
  else
    streamer_scan (add->path, on_found, add, cancellable, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
on_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  StreamerAdd *add = user_data;

  add->is_read = TRUE;
  g_mutex_lock (&add->lock);
  schedule_drain (add);
  g_mutex_unlock (&add->lock);
}

static void
read_next (StreamerQueue *self)
{
  StreamerAdd *add = g_queue_peek_head (&self->adds);
  g_autoptr (GTask) task = NULL;

  if (add == NULL)
    return;
  task = g_task_new (NULL, add->cancellable, on_read, add);
  g_task_set_source_tag (task, read_next);
  g_task_set_task_data (task, add, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, read_files);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

void
streamer_queue_add_async (StreamerQueue *self,
                          GFile *file,
                          StreamerTarget *target,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  StreamerAdd *add = g_new0 (StreamerAdd, 1);

  g_assert (self->owner == g_thread_self ());

  add->queue = self;
  add->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (add->task, streamer_queue_add_async);
  add->file = g_object_ref (file);
  add->path = g_file_get_path (file);
  add->target = streamer_target_ref (target);
  add->cancellable = g_cancellable_new ();
  g_mutex_init (&add->lock);
  g_queue_init (&add->found);
  if (cancellable != NULL)
    add->cancelled_handler = g_cancellable_connect (
        cancellable, G_CALLBACK (on_cancelled), g_object_ref (add->cancellable), g_object_unref);

  g_queue_push_tail (&self->adds, add);
  if (g_queue_get_length (&self->adds) == 1)
    read_next (self);
  streamer_queue_changed (self);
}

guint
streamer_queue_add_finish (StreamerQueue *self, GAsyncResult *result, GError **error)
{
  gssize n_added;

  g_return_val_if_fail (g_task_is_valid (result, self), 0);
  n_added = g_task_propagate_int (G_TASK (result), error);
  return n_added > 0 ? (guint) n_added : 0;
}

void
streamer_queue_cancel_adds (StreamerQueue *self)
{
  for (GList *link = self->adds.head; link != NULL; link = link->next)
    g_cancellable_cancel (((StreamerAdd *) link->data)->cancellable);
}

StreamerTransfer *
streamer_queue_add_pipe (StreamerQueue *self, int fd, StreamerTarget *target)
{
  g_autoptr (GPtrArray) transfers = g_ptr_array_new_with_free_func (g_object_unref);
  StreamerTransfer *transfer;

  g_assert (self->owner == g_thread_self ());
  g_assert (target->name != NULL);

  transfer = streamer_transfer_new_for_pipe (fd, target->name, target, self->pool, self->limit);
  g_ptr_array_add (transfers, transfer);
  streamer_queue_append (self, transfers);
  return transfer;
}
