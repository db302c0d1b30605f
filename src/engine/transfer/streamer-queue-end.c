/* streamer-queue-end.c: cancels everything, and removes what is there
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: the owner's; purge() runs on a worker and sees only its task data. */

#include "streamer-queue-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-call.h"
#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-transfer-private.h"

#define CANCEL_MAX_SECONDS 10

static void
cap_free (GSource *cap)
{
  g_source_destroy (cap);
  g_source_unref (cap);
}

static gboolean
on_cap (gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  StreamerQueue *self = g_task_get_source_object (task);

  if (!g_ptr_array_remove (self->cancel_tasks, task))
    return G_SOURCE_REMOVE;
  g_task_return_new_error (task, STREAMER_ERROR, STREAMER_ERROR_NETWORK, "%s",
                           _ ("The server did not say in time that it has let go of the uploads."));
  return G_SOURCE_REMOVE;
}

void
streamer_queue_check_cancelled (StreamerQueue *self)
{
  if (self->n_active > 0 || !g_queue_is_empty (&self->adds))
    return;
  while (self->cancel_tasks->len > 0)
    {
      g_autoptr (GTask) task = g_ptr_array_steal_index (self->cancel_tasks, 0);

      g_task_return_boolean (task, TRUE);
    }
}

void
streamer_queue_cancel_all_async (StreamerQueue *self,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GPtrArray) transfers = streamer_queue_dup_transfers (self);
  GSource *cap = g_timeout_source_new_seconds (CANCEL_MAX_SECONDS);

  g_assert (self->owner == g_thread_self ());
  g_task_set_source_tag (task, streamer_queue_cancel_all_async);
  /* The task owns its timer, which lives no longer than the task waits. */
  g_task_set_task_data (task, cap, (GDestroyNotify) cap_free);
  g_source_set_callback (cap, on_cap, task, NULL);
  g_source_attach (cap, self->context);
  g_ptr_array_add (self->cancel_tasks, task);

  streamer_queue_cancel_adds (self);
  for (guint i = 0; i < transfers->len; i++)
    {
      StreamerTransfer *transfer = transfers->pdata[i];

      if (!streamer_transfer_is_over (transfer))
        streamer_transfer_cancel_async (transfer, NULL, NULL);
      else
        {
          /* A failed one may have kept its upload for another try. */
          streamer_transfer_forget (transfer);
          streamer_transfer_settle (transfer);
        }
    }
  streamer_queue_changed (self);
}

gboolean
streamer_queue_cancel_all_finish (StreamerQueue *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  StreamerConnection *connection; /* (owned) */
  char *key;                      /* (owned) */
  gboolean answer_lost;           /* of an earlier attempt */
} Purge;

static void
purge_free (Purge *purge)
{
  g_object_unref (purge->connection);
  g_free (purge->key);
  g_free (purge);
}

static gpointer
purge (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  Purge *purge_data = data;
  g_autoptr (StreamerStore) store = NULL;
  g_autoptr (GError) local_error = NULL;

  store = streamer_connection_open (purge_data->connection, cancellable, error);
  if (store == NULL)
    return NULL;
  if (streamer_store_remove (store, http, purge_data->key, cancellable, &local_error))
    return GINT_TO_POINTER (TRUE);

  /* It was removed, and only the answer was lost. */
  if (purge_data->answer_lost &&
      g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
    return GINT_TO_POINTER (TRUE);
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NETWORK))
    purge_data->answer_lost = TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

static void
on_purged (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (streamer_call_finish (STREAMER_POOL (pool), result, NULL, &error) != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
streamer_queue_purge_async (StreamerQueue *self,
                            StreamerConnection *connection,
                            const char *key,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  char *canonical = streamer_key_canonicalize (key, -1, &error);
  Purge *purge_data;

  g_assert (self->owner == g_thread_self ());
  g_task_set_source_tag (task, streamer_queue_purge_async);
  if (canonical == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  purge_data = g_new0 (Purge, 1);
  purge_data->connection = g_object_ref (connection);
  purge_data->key = canonical;
  streamer_call_async (self->pool, streamer_connection_get_id (connection), 0, 0, purge, purge_data,
                       (GDestroyNotify) purge_free, NULL, NULL, cancellable, on_purged,
                       g_steal_pointer (&task));
}

gboolean
streamer_queue_purge_finish (StreamerQueue *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
