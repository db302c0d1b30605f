/* streamer-call.c: a call on a worker that is repeated as the retry policy says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: all of this runs on the owner's; only the caller's function runs on a worker. While a
 * call waits it is a timer on the owner's context and holds no worker. */

#include "streamer-call.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"

typedef struct
{
  StreamerRetry *policy; /* (owned) */
  char *peer;            /* (owned) */
  int priority;
  StreamerPoolFunc func;
  gpointer data; /* (owned) by @data_destroy */
  GDestroyNotify data_destroy;
  GDestroyNotify result_destroy;
  StreamerCallWaiting waiting;
  gpointer user_data;

  StreamerRetryState state;
  guint n_retries;
  /* while an attempt is under way */
  GCancellable *attempt; /* (owned) (nullable) */
  gulong cancel_handler;
  gulong interrupt_handler;
  gboolean is_interrupted;
  /* while it waits */
  GSource *timer;        /* (owned) (nullable) */
  GSource *cancel_watch; /* (owned) (nullable) */
  gulong wake_handler;
} Call;

static void attempt (GTask *task);

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
end_wait (Call *call)
{
  clear_source (&call->timer);
  clear_source (&call->cancel_watch);
  g_clear_signal_handler (&call->wake_handler, call->policy);
}

static void
call_free (Call *call)
{
  end_wait (call);
  g_object_unref (call->policy);
  g_free (call->peer);
  if (call->data_destroy != NULL)
    call->data_destroy (call->data);
  g_free (call);
}

static void
go_on (GTask *waiting)
{
  g_autoptr (GTask) task = g_object_ref (waiting);
  Call *call = g_task_get_task_data (task);

  end_wait (call);
  if (call->waiting != NULL)
    call->waiting (NULL, 0, call->user_data);
  attempt (task);
}

static gboolean
on_wait_over (gpointer user_data)
{
  go_on (user_data);
  return G_SOURCE_REMOVE;
}

static void
on_wake (StreamerRetry *policy, GTask *task)
{
  go_on (task);
}

static gboolean
on_wait_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);

  end_wait (g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* @asked: the server said so, which another network does not change */
static void
wait_for_next (GTask *task, guint delay_ms, gboolean asked)
{
  Call *call = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  call->timer =
      streamer_clock_timeout_source_new (streamer_retry_get_clock (call->policy), delay_ms);
  g_source_set_callback (call->timer, on_wait_over, g_object_ref (task), g_object_unref);
  g_source_attach (call->timer, g_task_get_context (task));
  if (!asked)
    call->wake_handler = g_signal_connect (call->policy, "wake", G_CALLBACK (on_wake), task);

  if (cancellable != NULL)
    {
      call->cancel_watch = g_cancellable_source_new (cancellable);
      g_source_set_callback (call->cancel_watch, G_SOURCE_FUNC (on_wait_cancelled),
                             g_object_ref (task), g_object_unref);
      g_source_attach (call->cancel_watch, g_task_get_context (task));
    }
}

static void
on_interrupt (StreamerRetry *policy, GTask *task)
{
  Call *call = g_task_get_task_data (task);

  call->is_interrupted = TRUE;
  g_cancellable_cancel (call->attempt);
}

static void
on_call_cancelled (GCancellable *cancellable, gpointer attempt)
{
  g_cancellable_cancel (attempt);
}

static void
begin_attempt (GTask *task)
{
  Call *call = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  call->attempt = g_cancellable_new ();
  call->is_interrupted = FALSE;
  call->interrupt_handler =
      g_signal_connect (call->policy, "interrupt", G_CALLBACK (on_interrupt), task);
  if (cancellable != NULL)
    call->cancel_handler = g_cancellable_connect (cancellable, G_CALLBACK (on_call_cancelled),
                                                  g_object_ref (call->attempt), g_object_unref);
  streamer_retry_begin_attempt (call->policy);
}

/* @error: (inout): of an attempt that was interrupted, and not cancelled, becomes one that says so */
static void
end_attempt (GTask *task, GError **error)
{
  Call *call = g_task_get_task_data (task);

  streamer_retry_end_attempt (call->policy);
  g_clear_signal_handler (&call->interrupt_handler, call->policy);
  if (call->cancel_handler != 0)
    g_cancellable_disconnect (g_task_get_cancellable (task), call->cancel_handler);
  call->cancel_handler = 0;
  g_clear_object (&call->attempt);
  if (!call->is_interrupted || !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    return;
  g_clear_error (error);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INTERRUPTED,
                       _ ("The computer slept, or changed its network."));
}

static void
on_attempt_done (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gpointer value = streamer_pool_run_finish (STREAMER_POOL (pool), result, &error);
  guint delay_ms;

  end_attempt (task, &error);
  if (error == NULL)
    {
      streamer_retry_succeeded (call->policy, &call->state, call->peer);
      g_task_return_pointer (task, value, call->result_destroy);
      return;
    }
  if (!streamer_retry_next (call->policy, &call->state, call->peer, error, &delay_ms))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  call->n_retries++;
  g_debug ("trying again in %u ms: %s", delay_ms, error->message);
  if (call->waiting != NULL)
    call->waiting (error, delay_ms, call->user_data);
  wait_for_next (task, delay_ms, g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_BUSY));
}

static void
attempt (GTask *task)
{
  Call *call = g_task_get_task_data (task);

  begin_attempt (task);
  streamer_pool_run_async (g_task_get_source_object (task), call->priority, call->func, call->data,
                           NULL, call->result_destroy, call->attempt, on_attempt_done,
                           g_object_ref (task));
}

void
streamer_call_async (StreamerPool *pool,
                     const char *peer,
                     gint64 patience,
                     int priority,
                     StreamerPoolFunc func,
                     gpointer task_data,
                     GDestroyNotify task_data_destroy,
                     GDestroyNotify result_destroy,
                     StreamerCallWaiting waiting,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (pool, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);

  call->policy = g_object_ref (streamer_pool_get_retry (pool));
  call->peer = g_strdup (peer);
  call->state.patience = patience;
  call->priority = priority;
  call->func = func;
  call->data = task_data;
  call->data_destroy = task_data_destroy;
  call->result_destroy = result_destroy;
  call->waiting = waiting;
  call->user_data = user_data;

  g_task_set_source_tag (task, streamer_call_async);
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);
  /* An attempt that succeeded while it was being cancelled did succeed. */
  g_task_set_check_cancellable (task, FALSE);
  attempt (task);
}

gpointer
streamer_call_finish (StreamerPool *pool, GAsyncResult *result, guint *n_retries, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, pool), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_call_async), NULL);

  if (n_retries != NULL)
    *n_retries = ((Call *) g_task_get_task_data (G_TASK (result)))->n_retries;
  return g_task_propagate_pointer (G_TASK (result), error);
}
