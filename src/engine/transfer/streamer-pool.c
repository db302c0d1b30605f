/* streamer-pool.c: worker threads of the engine's own
 *
 * Threads are started when there is work and all others are busy, and end when the pool is made
 * smaller or goes. A job belongs to the queue, then to one worker, then to a source on the context
 * of whoever ordered it; there it is completed and freed, so that task data which belongs to that
 * context is never freed by a worker. Jobs hold the pool (as their task's source object), so a pool
 * that is finalized has no jobs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-pool.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"

struct _StreamerPool
{
  GObject parent_instance;

  StreamerRetry *retry; /* (owned); owner's thread only, as those up to the lock */
  guint n_allowed;
  guint n_open; /* jobs whose callback has not run yet */

  GMutex lock; /* guards all below */
  GCond work;
  GSequence *queue;  /* (owned) (element-type Job): by priority, then by order */
  GPtrArray *ended;  /* (owned) (element-type GThread): to be joined */
  GPtrArray *alive;  /* (owned) (element-type GThread) */
  guint n_workers;   /* wanted just now */
  guint n_idle;      /* of alive */
  guint n_starting;  /* of alive */
  guint64 n_ordered; /* jobs so far */
  gboolean closing;
};

typedef struct
{
  GTask *task; /* (owned) */
  StreamerPoolFunc func;
  GDestroyNotify result_destroy;
  int priority;
  guint64 order;
  GSequenceIter *queued; /* (nullable): guarded by the pool's lock */
  gulong cancelled_id;   /* owner's context only */
  gpointer result;       /* (owned) (nullable) */
  GError *error;         /* (owned) (nullable) */
} Job;

G_DEFINE_FINAL_TYPE (StreamerPool, streamer_pool, G_TYPE_OBJECT)

static int
compare_jobs (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Job *one = a;
  const Job *two = b;

  if (one->priority != two->priority)
    return one->priority < two->priority ? -1 : 1;
  return one->order < two->order ? -1 : one->order > two->order;
}

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->result != NULL && job->result_destroy != NULL)
    job->result_destroy (job->result);
  g_clear_error (&job->error);
  g_object_unref (job->task);
  g_free (job);
}

/* On the context of whoever ordered the job. */
static gboolean
on_completed (gpointer user_data)
{
  Job *job = user_data;
  StreamerPool *self = g_task_get_source_object (job->task);

  self->n_open--;
  g_cancellable_disconnect (g_task_get_cancellable (job->task), job->cancelled_id);
  job->cancelled_id = 0;
  if (job->result != NULL)
    g_task_return_pointer (job->task, g_steal_pointer (&job->result), job->result_destroy);
  else
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  return G_SOURCE_REMOVE;
}

/* Gives the job, with its result or error, to its owner's context. */
static void
complete (Job *job)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (job->task));
  g_source_set_callback (source, on_completed, job, job_free);
  g_source_set_static_name (source, "StreamerPool job");
  g_source_attach (source, g_task_get_context (job->task));
}

/* In whatever thread cancels. */
static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Job *job = user_data;
  StreamerPool *self = g_task_get_source_object (job->task);
  gboolean was_queued;

  g_mutex_lock (&self->lock);
  was_queued = job->queued != NULL;
  if (was_queued)
    g_sequence_remove (g_steal_pointer (&job->queued));
  g_mutex_unlock (&self->lock);

  if (was_queued)
    {
      g_cancellable_set_error_if_cancelled (cancellable, &job->error);
      complete (job);
    }
}

static void
run_job (Job *job, StreamerHttp *http)
{
  job->result = job->func (http, g_task_get_task_data (job->task),
                           g_task_get_cancellable (job->task), &job->error);
  if (job->result == NULL && job->error == NULL)
    {
      g_critical ("a job returned neither a result nor an error");
      g_set_error_literal (&job->error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                           _ ("The program made a mistake."));
    }
  complete (job);
}

/* Under the lock: the next job, or NULL where this worker has to end. */
static Job *
wait_for_job (StreamerPool *self)
{
  while (!self->closing && self->alive->len <= self->n_workers)
    {
      if (!g_sequence_is_empty (self->queue))
        {
          GSequenceIter *first = g_sequence_get_begin_iter (self->queue);
          Job *job = g_sequence_get (first);

          g_sequence_remove (first);
          job->queued = NULL;
          return job;
        }
      self->n_idle++;
      g_cond_wait (&self->work, &self->lock);
      self->n_idle--;
    }
  return NULL;
}

static gpointer
worker_main (gpointer user_data)
{
  /* Not a reference: the pool joins its workers before it goes. */
  StreamerPool *self = user_data;
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  Job *job;

  g_mutex_lock (&self->lock);
  self->n_starting--;
  while ((job = wait_for_job (self)) != NULL)
    {
      g_mutex_unlock (&self->lock);
      run_job (job, http);
      g_mutex_lock (&self->lock);
    }
  if (!self->closing)
    {
      g_ptr_array_remove_fast (self->alive, g_thread_self ());
      g_ptr_array_add (self->ended, g_thread_self ());
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

static GPtrArray *
steal_ended (StreamerPool *self)
{
  GPtrArray *ended = self->ended;

  self->ended = g_ptr_array_new ();
  return ended;
}

static void
join_all (GPtrArray *threads)
{
  for (guint i = 0; i < threads->len; i++)
    g_thread_join (threads->pdata[i]);
  g_ptr_array_unref (threads);
}

/* Under the lock: as many workers as there is work for, and may be. */
static gboolean
ensure_workers (StreamerPool *self, GError **error)
{
  guint n_queued = g_sequence_get_length (self->queue);

  for (guint n_ready = self->n_idle + self->n_starting;
       n_ready < n_queued && self->alive->len < self->n_workers; n_ready++)
    {
      GThread *thread = g_thread_try_new ("upload", worker_main, self, error);

      if (thread == NULL)
        return FALSE;
      g_ptr_array_add (self->alive, thread);
      self->n_starting++;
    }
  return TRUE;
}

static void
streamer_pool_finalize (GObject *object)
{
  StreamerPool *self = STREAMER_POOL (object);

  g_mutex_lock (&self->lock);
  g_assert (g_sequence_is_empty (self->queue));
  self->closing = TRUE;
  g_cond_broadcast (&self->work);
  g_mutex_unlock (&self->lock);

  join_all (self->alive);
  join_all (self->ended);
  g_sequence_free (self->queue);
  g_cond_clear (&self->work);
  g_mutex_clear (&self->lock);

  g_signal_handlers_disconnect_by_data (self->retry, self);
  g_object_unref (self->retry);

  G_OBJECT_CLASS (streamer_pool_parent_class)->finalize (object);
}

static void
streamer_pool_class_init (StreamerPoolClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_pool_finalize;
}

static void
streamer_pool_init (StreamerPool *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->work);
  self->queue = g_sequence_new (NULL);
  self->alive = g_ptr_array_new ();
  self->ended = g_ptr_array_new ();
}

/* As many workers as the policy says. */
static void
apply_workers (StreamerPool *self)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *ended;

  g_mutex_lock (&self->lock);
  self->n_workers = streamer_retry_get_workers (self->retry);
  if (!ensure_workers (self, &error))
    g_debug ("no further worker: %s", error->message);
  g_cond_broadcast (&self->work);
  ended = steal_ended (self);
  g_mutex_unlock (&self->lock);
  join_all (ended);
}

StreamerPool *
streamer_pool_new_with_retry (guint n_workers, StreamerRetry *retry)
{
  StreamerPool *self;

  g_return_val_if_fail (n_workers >= 1, NULL);
  g_return_val_if_fail (STREAMER_IS_RETRY (retry), NULL);

  self = g_object_new (STREAMER_TYPE_POOL, NULL);
  self->retry = g_object_ref (retry);
  g_signal_connect_swapped (retry, "notify::workers", G_CALLBACK (apply_workers), self);
  self->n_allowed = n_workers;
  streamer_retry_set_max_workers (retry, n_workers);
  apply_workers (self);
  return self;
}

StreamerPool *
streamer_pool_new (guint n_workers)
{
  g_autoptr (StreamerClock) clock = streamer_clock_new ();
  g_autoptr (StreamerRetry) retry = streamer_retry_new (clock);

  return streamer_pool_new_with_retry (n_workers, retry);
}

StreamerRetry *
streamer_pool_get_retry (StreamerPool *self)
{
  g_return_val_if_fail (STREAMER_IS_POOL (self), NULL);

  return self->retry;
}

void
streamer_pool_set_n_workers (StreamerPool *self, guint n_workers)
{
  g_return_if_fail (STREAMER_IS_POOL (self));
  g_return_if_fail (n_workers >= 1);

  self->n_allowed = n_workers;
  streamer_retry_set_max_workers (self->retry, n_workers);
}

guint
streamer_pool_get_n_workers (StreamerPool *self)
{
  g_return_val_if_fail (STREAMER_IS_POOL (self), 0);

  return self->n_allowed;
}

gboolean
streamer_pool_is_busy (StreamerPool *self)
{
  g_return_val_if_fail (STREAMER_IS_POOL (self), FALSE);

  return self->n_open > 0;
}

/* Queues the job. Without any thread it fails; with fewer than wanted it only waits longer. */
static void
queue_job (StreamerPool *self, Job *job)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *ended;
  gboolean stuck;

  g_mutex_lock (&self->lock);
  job->order = self->n_ordered++;
  job->queued = g_sequence_insert_sorted (self->queue, job, compare_jobs, NULL);
  stuck = !ensure_workers (self, &error) && self->alive->len == 0;
  if (stuck)
    g_sequence_remove (g_steal_pointer (&job->queued));
  else
    g_cond_signal (&self->work);
  ended = steal_ended (self);
  g_mutex_unlock (&self->lock);
  join_all (ended);

  if (stuck)
    {
      g_set_error (&job->error, STREAMER_ERROR, STREAMER_ERROR_SHORT,
                   /* Translators: %s are the system's words for what is wrong */
                   _ ("The system gives the program no further thread: %s"), error->message);
      complete (job);
    }
}

void
streamer_pool_run_async (StreamerPool *self,
                         int priority,
                         StreamerPoolFunc func,
                         gpointer task_data,
                         GDestroyNotify task_data_destroy,
                         GDestroyNotify result_destroy,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Job *job;

  g_return_if_fail (STREAMER_IS_POOL (self));
  g_return_if_fail (func != NULL);

  job = g_new0 (Job, 1);
  job->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (job->task, streamer_pool_run_async);
  g_task_set_task_data (job->task, task_data, task_data_destroy);
  /* What a job has achieved counts, also when it was cancelled just then. */
  g_task_set_check_cancellable (job->task, FALSE);
  job->func = func;
  job->result_destroy = result_destroy;
  job->priority = priority;

  self->n_open++;
  if (g_cancellable_set_error_if_cancelled (cancellable, &job->error))
    {
      complete (job);
      return;
    }
  queue_job (self, job);
  /* The job is completed on this context, so it is still there. */
  if (cancellable != NULL)
    job->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), job, NULL);
}

gpointer
streamer_pool_run_finish (StreamerPool *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
