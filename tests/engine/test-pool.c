/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-error.h"
#include "streamer-pool.h"

/* A job that tells when it runs, and runs until it is let go. */
typedef struct
{
  GMutex lock;
  GCond changed;
  guint n_running;
  guint most_running;
  gboolean open;     /* the gate */
  GString *order;    /* names of the jobs as they ran */
  GHashTable *https; /* the workers' */
} Gate;

typedef struct
{
  Gate *gate;
  char name;
} Work;

typedef struct
{
  GMainLoop *loop;
  guint n_left;
  guint n_done;
  guint n_cancelled;
} Waiting;

static void
gate_init (Gate *gate, gboolean open)
{
  g_mutex_init (&gate->lock);
  g_cond_init (&gate->changed);
  gate->open = open;
  gate->order = g_string_new (NULL);
  gate->https = g_hash_table_new (NULL, NULL);
}

static void
gate_clear (Gate *gate)
{
  g_assert_cmpuint (gate->n_running, ==, 0);
  g_mutex_clear (&gate->lock);
  g_cond_clear (&gate->changed);
  g_string_free (gate->order, TRUE);
  g_hash_table_unref (gate->https);
}

static void
gate_set_open (Gate *gate, gboolean open)
{
  g_mutex_lock (&gate->lock);
  gate->open = open;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
}

static void
gate_wait_running (Gate *gate, guint n)
{
  g_mutex_lock (&gate->lock);
  while (gate->n_running != n)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static gpointer
pass_gate (StreamerHttp *http, gpointer task_data, GCancellable *cancellable, GError **error)
{
  Work *work = task_data;
  Gate *gate = work->gate;

  g_assert_true (STREAMER_IS_HTTP (http));
  g_mutex_lock (&gate->lock);
  gate->n_running++;
  gate->most_running = MAX (gate->most_running, gate->n_running);
  g_string_append_c (gate->order, work->name);
  g_hash_table_add (gate->https, http);
  g_cond_broadcast (&gate->changed);
  while (!gate->open)
    g_cond_wait (&gate->changed, &gate->lock);
  gate->n_running--;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
  return GINT_TO_POINTER (TRUE);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr (GError) error = NULL;

  if (streamer_pool_run_finish (STREAMER_POOL (source), result, &error) != NULL)
    waiting->n_done++;
  else
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      waiting->n_cancelled++;
    }
  waiting->n_left--;
  if (waiting->loop != NULL)
    g_main_loop_quit (waiting->loop);
}

static void
run (StreamerPool *pool,
     int priority,
     Gate *gate,
     char name,
     GCancellable *cancellable,
     Waiting *waiting)
{
  Work *work = g_new0 (Work, 1);

  work->gate = gate;
  work->name = name;
  waiting->n_left++;
  streamer_pool_run_async (pool, priority, pass_gate, work, g_free, NULL, cancellable, on_done,
                           waiting);
}

static void
wait_until_left (Waiting *waiting, guint n_left)
{
  while (waiting->n_left > n_left)
    g_main_context_iteration (NULL, TRUE);
}

static guint
count_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  for (const char *id; (id = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", id, "comm", NULL);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL) && g_str_equal (name, "upload\n"))
        n++;
    }
  return n;
}

static void
test_as_many_as_workers (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (3);
  Gate gate = { 0 };
  Waiting waiting = { 0 };

  gate_init (&gate, FALSE);
  for (guint i = 0; i < 10; i++)
    run (pool, 0, &gate, 'a', NULL, &waiting);
  gate_wait_running (&gate, 3);
  gate_set_open (&gate, TRUE);
  wait_until_left (&waiting, 0);
  g_assert_cmpuint (waiting.n_done, ==, 10);
  g_assert_cmpuint (gate.most_running, ==, 3);
  g_assert_cmpuint (g_hash_table_size (gate.https), ==, 3);
  gate_clear (&gate);
}

static void
test_threads_come_with_work_and_go_with_the_pool (void)
{
  StreamerPool *pool = streamer_pool_new (64);
  Gate gate = { 0 };
  Waiting waiting = { 0 };

  gate_init (&gate, TRUE);
  g_assert_cmpuint (count_threads (), ==, 0);
  run (pool, 0, &gate, 'a', NULL, &waiting);
  wait_until_left (&waiting, 0);
  g_assert_cmpuint (count_threads (), ==, 1);
  /* One after the other; a few more where the last worker has not come back when the next job
   * comes. */
  for (guint i = 0; i < 500; i++)
    {
      run (pool, 0, &gate, 'a', NULL, &waiting);
      wait_until_left (&waiting, 0);
    }
  g_assert_cmpuint (count_threads (), <, 32);
  for (guint i = 0; i < 64; i++)
    run (pool, 0, &gate, 'a', NULL, &waiting);
  wait_until_left (&waiting, 0);
  g_assert_cmpuint (count_threads (), <=, 64);
  g_object_unref (pool);
  g_assert_cmpuint (count_threads (), ==, 0);
  gate_clear (&gate);
}

static void
test_order (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (1);
  Gate gate = { 0 };
  Waiting waiting = { 0 };

  gate_init (&gate, FALSE);
  run (pool, 5, &gate, '0', NULL, &waiting);
  gate_wait_running (&gate, 1);
  run (pool, 1, &gate, 'c', NULL, &waiting);
  run (pool, 0, &gate, 'b', NULL, &waiting);
  run (pool, 1, &gate, 'd', NULL, &waiting);
  run (pool, 2, &gate, 'f', NULL, &waiting);
  run (pool, 1, &gate, 'e', NULL, &waiting);
  run (pool, -1, &gate, 'a', NULL, &waiting);
  gate_set_open (&gate, TRUE);
  wait_until_left (&waiting, 0);
  g_assert_cmpstr (gate.order->str, ==, "0abcdef");
  gate_clear (&gate);
}

static void
test_grows (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (1);
  Gate gate = { 0 };
  Waiting waiting = { 0 };

  gate_init (&gate, FALSE);
  for (guint i = 0; i < 6; i++)
    run (pool, 0, &gate, 'a', NULL, &waiting);
  gate_wait_running (&gate, 1);
  streamer_pool_set_n_workers (pool, 4);
  g_assert_cmpuint (streamer_pool_get_n_workers (pool), ==, 4);
  gate_wait_running (&gate, 4);
  gate_set_open (&gate, TRUE);
  wait_until_left (&waiting, 0);
  g_assert_cmpuint (gate.most_running, ==, 4);
  gate_clear (&gate);
}

static void
test_shrinks_as_workers_become_free (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (4);
  Gate gate = { 0 };
  Waiting waiting = { 0 };

  gate_init (&gate, FALSE);
  for (guint i = 0; i < 4; i++)
    run (pool, 0, &gate, 'a', NULL, &waiting);
  gate_wait_running (&gate, 4);
  streamer_pool_set_n_workers (pool, 1);
  gate_set_open (&gate, TRUE);
  wait_until_left (&waiting, 0);

  gate_set_open (&gate, FALSE);
  gate.most_running = 0;
  for (guint i = 0; i < 5; i++)
    run (pool, 0, &gate, 'b', NULL, &waiting);
  gate_wait_running (&gate, 1);
  gate_set_open (&gate, TRUE);
  wait_until_left (&waiting, 0);
  g_assert_cmpuint (waiting.n_done, ==, 9);
  g_assert_cmpuint (gate.most_running, ==, 1);
  /* Those that ended are joined by the next call. */
  streamer_pool_set_n_workers (pool, 1);
  g_assert_cmpuint (count_threads (), ==, 1);
  gate_clear (&gate);
}

static void
test_queued_job_is_cancelled_at_once (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Gate gate = { 0 };
  Waiting blocking = { 0 };
  Waiting waiting = { 0 };

  gate_init (&gate, FALSE);
  run (pool, 0, &gate, 'a', NULL, &blocking);
  gate_wait_running (&gate, 1);
  run (pool, 0, &gate, 'b', cancellable, &waiting);
  run (pool, 0, &gate, 'c', NULL, &blocking);
  g_cancellable_cancel (cancellable);
  /* The only worker is still busy. */
  wait_until_left (&waiting, 0);
  g_assert_cmpuint (waiting.n_cancelled, ==, 1);
  run (pool, 0, &gate, 'd', cancellable, &waiting);
  g_assert_cmpuint (waiting.n_left, ==, 1);
  wait_until_left (&waiting, 0);
  g_assert_cmpuint (waiting.n_cancelled, ==, 2);

  gate_set_open (&gate, TRUE);
  wait_until_left (&blocking, 0);
  g_assert_cmpstr (gate.order->str, ==, "ac");
  gate_clear (&gate);
}

/* What a running job has achieved is not thrown away. */
static void
test_running_job_has_its_own_outcome (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Gate gate = { 0 };
  Waiting waiting = { 0 };

  gate_init (&gate, FALSE);
  run (pool, 0, &gate, 'a', cancellable, &waiting);
  gate_wait_running (&gate, 1);
  g_cancellable_cancel (cancellable);
  gate_set_open (&gate, TRUE);
  wait_until_left (&waiting, 0);
  g_assert_cmpuint (waiting.n_done, ==, 1);
  gate_clear (&gate);
}

typedef struct
{
  GThread *owner;
  gboolean called;
  gboolean *freed;
} Owned;

static void
owned_free (gpointer data)
{
  Owned *owned = data;

  g_assert_true (g_thread_self () == owned->owner);
  g_assert_true (owned->called);
  *owned->freed = TRUE;
  g_free (owned);
}

static gpointer
fail (StreamerHttp *http, gpointer task_data, GCancellable *cancellable, GError **error)
{
  Owned *owned = task_data;

  g_assert_true (g_thread_self () != owned->owner);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM, "x");
  return NULL;
}

static void
on_failed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Owned *owned = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  g_assert_true (g_thread_self () == owned->owner);
  g_assert_null (streamer_pool_run_finish (STREAMER_POOL (source), result, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM);
  owned->called = TRUE;
}

/* Task data often belongs to the owner's thread: it is freed there, and behind the callback. */
static void
test_task_data_is_freed_by_the_owner (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (4);

  for (guint i = 0; i < 200; i++)
    {
      Owned *owned = g_new0 (Owned, 1);
      gboolean freed = FALSE;

      owned->owner = g_thread_self ();
      owned->freed = &freed;
      streamer_pool_run_async (pool, 0, fail, owned, owned_free, NULL, NULL, on_failed, NULL);
      while (!freed)
        g_main_context_iteration (NULL, TRUE);
    }
}

static void
count_freed (gpointer data)
{
  gint *n_freed = data;

  g_atomic_int_inc (n_freed);
}

static gpointer
give_task_data (StreamerHttp *http, gpointer task_data, GCancellable *cancellable, GError **error)
{
  return task_data;
}

static void
on_ignored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
test_result_that_nobody_fetches_is_freed (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (1);
  gint n_freed = 0;
  gboolean called = FALSE;

  streamer_pool_run_async (pool, 0, give_task_data, &n_freed, NULL, count_freed, NULL, on_ignored,
                           &called);
  while (!called || n_freed == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (n_freed, ==, 1);
}

static gpointer
other_owner_main (gpointer user_data)
{
  StreamerPool *pool = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  Owned *owned = g_new0 (Owned, 1);
  gboolean freed = FALSE;

  g_main_context_push_thread_default (context);
  owned->owner = g_thread_self ();
  owned->freed = &freed;
  streamer_pool_run_async (pool, 0, fail, owned, owned_free, NULL, NULL, on_failed, NULL);
  while (!freed)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_callback_comes_where_it_was_asked_for (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (2);

  g_thread_join (g_thread_new ("owner", other_owner_main, pool));
}

/* Cancelling races with workers that take the jobs; each job ends exactly once. */
static void
test_cancelling_races_with_workers (void)
{
  g_autoptr (StreamerPool) pool = streamer_pool_new (4);
  Gate gate = { 0 };
  Waiting waiting = { 0 };

  gate_init (&gate, TRUE);
  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();

      for (guint i = 0; i < 20; i++)
        run (pool, i % 3, &gate, 'a', cancellable, &waiting);
      g_cancellable_cancel (cancellable);
      if (round % 10 == 0)
        streamer_pool_set_n_workers (pool, 1 + round / 10);
    }
  wait_until_left (&waiting, 0);
  g_assert_cmpuint (waiting.n_done + waiting.n_cancelled, ==, 2000);
  gate_clear (&gate);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/as-many-as-workers", test_as_many_as_workers);
  g_test_add_func ("/pool/threads-come-with-work-and-go-with-the-pool",
                   test_threads_come_with_work_and_go_with_the_pool);
  g_test_add_func ("/pool/order", test_order);
  g_test_add_func ("/pool/grows", test_grows);
  g_test_add_func ("/pool/shrinks-as-workers-become-free", test_shrinks_as_workers_become_free);
  g_test_add_func ("/pool/queued-job-is-cancelled-at-once", test_queued_job_is_cancelled_at_once);
  g_test_add_func ("/pool/running-job-has-its-own-outcome", test_running_job_has_its_own_outcome);
  g_test_add_func ("/pool/task-data-is-freed-by-the-owner", test_task_data_is_freed_by_the_owner);
  g_test_add_func ("/pool/result-that-nobody-fetches-is-freed",
                   test_result_that_nobody_fetches_is_freed);
  g_test_add_func ("/pool/callback-comes-where-it-was-asked-for",
                   test_callback_comes_where_it_was_asked_for);
  g_test_add_func ("/pool/cancelling-races-with-workers", test_cancelling_races_with_workers);
  return g_test_run ();
}
