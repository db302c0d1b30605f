/* glib-annotations.h: tells ThreadSanitizer what GLib does for the order of things
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GLib is not built with ThreadSanitizer, and makes its locks of futexes: unseen, correct code looks
 * like a race. A build with -Db_sanitize=thread includes this file before all others. It puts a
 * function of ours in the place of each one of GLib's that orders what threads do, and does not one
 * thing more than GLib promises: what was done before an unlock, a push, a return of a task or the
 * letting go of a reference is seen behind the lock, the pop, the callback or the last such.
 */

#pragma once

/* Before GLib declares them, so that what it defines in its headers calls them, too. */
#define g_free                       tsan_free
#define g_mutex_lock                 tsan_mutex_lock
#define g_mutex_trylock              tsan_mutex_trylock
#define g_mutex_unlock               tsan_mutex_unlock
#define g_mutex_clear                tsan_mutex_clear
#define g_rec_mutex_lock             tsan_rec_mutex_lock
#define g_rec_mutex_unlock           tsan_rec_mutex_unlock
#define g_rec_mutex_clear            tsan_rec_mutex_clear
#define g_cond_wait                  tsan_cond_wait
#define g_cond_wait_until            tsan_cond_wait_until
#define g_async_queue_push           tsan_async_queue_push
#define g_async_queue_try_pop        tsan_async_queue_try_pop
#define g_thread_pool_new            tsan_thread_pool_new
#define g_thread_pool_push           tsan_thread_pool_push
#define g_source_attach              tsan_source_attach
#define g_source_set_callback        tsan_source_set_callback
#define g_idle_add_full              tsan_idle_add_full
#define g_main_context_invoke        tsan_main_context_invoke
#define g_object_unref               tsan_object_unref
#define g_atomic_rc_box_release      tsan_atomic_rc_box_release
#define g_atomic_rc_box_release_full tsan_atomic_rc_box_release_full
#define g_bytes_unref                tsan_bytes_unref
#define g_task_new                   tsan_task_new
#define g_task_set_task_data         tsan_task_set_task_data
#define g_task_get_task_data         tsan_task_get_task_data
#define g_task_run_in_thread         tsan_task_run_in_thread
#define g_task_return_pointer        tsan_task_return_pointer
#define g_task_return_boolean        tsan_task_return_boolean
#define g_task_return_int            tsan_task_return_int
#define g_task_return_error          tsan_task_return_error

#include <gio/gio.h>
#include <sanitizer/tsan_interface.h>

/* One definition for all files, whichever the linker takes. */
#define TSAN_SHARED     __attribute__ ((weak))
#define TSAN_HELPER     G_GNUC_UNUSED static
#define TSAN_REAL(name) __asm__(#name)

/* It is no more than free(), which is seen in our code only. */
TSAN_SHARED void
tsan_free (gpointer memory)
{
  free (memory);
}

/* -- locks */

void tsan_real_mutex_lock (GMutex *mutex) TSAN_REAL (g_mutex_lock);
gboolean tsan_real_mutex_trylock (GMutex *mutex) TSAN_REAL (g_mutex_trylock);
void tsan_real_mutex_unlock (GMutex *mutex) TSAN_REAL (g_mutex_unlock);
void tsan_real_mutex_clear (GMutex *mutex) TSAN_REAL (g_mutex_clear);
void tsan_real_rec_mutex_lock (GRecMutex *mutex) TSAN_REAL (g_rec_mutex_lock);
void tsan_real_rec_mutex_unlock (GRecMutex *mutex) TSAN_REAL (g_rec_mutex_unlock);
void tsan_real_rec_mutex_clear (GRecMutex *mutex) TSAN_REAL (g_rec_mutex_clear);
void tsan_real_cond_wait (GCond *cond, GMutex *mutex) TSAN_REAL (g_cond_wait);
gboolean tsan_real_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end)
    TSAN_REAL (g_cond_wait_until);

TSAN_SHARED void
tsan_mutex_lock (GMutex *mutex)
{
  __tsan_mutex_pre_lock (mutex, 0);
  tsan_real_mutex_lock (mutex);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

TSAN_SHARED gboolean
tsan_mutex_trylock (GMutex *mutex)
{
  gboolean is_locked;

  __tsan_mutex_pre_lock (mutex, __tsan_mutex_try_lock);
  is_locked = tsan_real_mutex_trylock (mutex);
  __tsan_mutex_post_lock (
      mutex, __tsan_mutex_try_lock | (is_locked ? 0 : __tsan_mutex_try_lock_failed), 0);
  return is_locked;
}

TSAN_SHARED void
tsan_mutex_unlock (GMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, 0);
  tsan_real_mutex_unlock (mutex);
  __tsan_mutex_post_unlock (mutex, 0);
}

TSAN_SHARED void
tsan_mutex_clear (GMutex *mutex)
{
  __tsan_mutex_destroy (mutex, 0);
  tsan_real_mutex_clear (mutex);
}

TSAN_SHARED void
tsan_rec_mutex_lock (GRecMutex *mutex)
{
  __tsan_mutex_pre_lock (mutex, __tsan_mutex_write_reentrant);
  tsan_real_rec_mutex_lock (mutex);
  __tsan_mutex_post_lock (mutex, __tsan_mutex_write_reentrant, 1);
}

TSAN_SHARED void
tsan_rec_mutex_unlock (GRecMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, __tsan_mutex_write_reentrant);
  tsan_real_rec_mutex_unlock (mutex);
  __tsan_mutex_post_unlock (mutex, __tsan_mutex_write_reentrant);
}

TSAN_SHARED void
tsan_rec_mutex_clear (GRecMutex *mutex)
{
  __tsan_mutex_destroy (mutex, 0);
  tsan_real_rec_mutex_clear (mutex);
}

TSAN_SHARED void
tsan_cond_wait (GCond *cond, GMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
  tsan_real_cond_wait (cond, mutex);
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

TSAN_SHARED gboolean
tsan_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end)
{
  gboolean is_signalled;

  __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
  is_signalled = tsan_real_cond_wait_until (cond, mutex, end);
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
  return is_signalled;
}

/* -- what is handed from thread to thread */

void tsan_real_async_queue_push (GAsyncQueue *queue, gpointer data) TSAN_REAL (g_async_queue_push);
gpointer tsan_real_async_queue_try_pop (GAsyncQueue *queue) TSAN_REAL (g_async_queue_try_pop);
GThreadPool *tsan_real_thread_pool_new (GFunc func,
                                        gpointer user_data,
                                        gint max_threads,
                                        gboolean exclusive,
                                        GError **error) TSAN_REAL (g_thread_pool_new);
gboolean tsan_real_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
    TSAN_REAL (g_thread_pool_push);

TSAN_SHARED void
tsan_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  __tsan_release (queue);
  tsan_real_async_queue_push (queue, data);
}

TSAN_SHARED gpointer
tsan_async_queue_try_pop (GAsyncQueue *queue)
{
  gpointer data = tsan_real_async_queue_try_pop (queue);

  __tsan_acquire (queue);
  return data;
}

/* A function of the caller's, called by GLib, and what it is called with. @owner: (nullable): the
 * address of what has it */
typedef struct
{
  gpointer owner;
  GCallback func;
  gpointer data;
  GDestroyNotify destroy;
} TsanClosure;

TSAN_HELPER TsanClosure *
tsan_closure_new (gpointer owner, GCallback func, gpointer data, GDestroyNotify destroy)
{
  TsanClosure *closure = g_new0 (TsanClosure, 1);

  closure->owner = owner;
  closure->func = func;
  closure->data = data;
  closure->destroy = destroy;
  __tsan_release (closure);
  return closure;
}

TSAN_HELPER void
tsan_closure_enter (TsanClosure *closure)
{
  __tsan_acquire (closure);
  if (closure->owner != NULL)
    __tsan_acquire (closure->owner);
}

TSAN_HELPER void
tsan_closure_free (gpointer data)
{
  TsanClosure *closure = (TsanClosure *) data;

  tsan_closure_enter (closure);
  if (closure->destroy != NULL)
    closure->destroy (closure->data);
  g_free (closure);
}

/* Lives as long as the program: pools are few. */
TSAN_HELPER void
tsan_run_in_pool (gpointer data, gpointer user_data)
{
  TsanClosure *closure = (TsanClosure *) user_data;

  __tsan_acquire (closure);
  __tsan_acquire (data);
  ((GFunc) closure->func) (data, closure->data);
}

TSAN_SHARED GThreadPool *
tsan_thread_pool_new (GFunc func,
                      gpointer user_data,
                      gint max_threads,
                      gboolean exclusive,
                      GError **error)
{
  return tsan_real_thread_pool_new (tsan_run_in_pool,
                                    tsan_closure_new (NULL, G_CALLBACK (func), user_data, NULL),
                                    max_threads, exclusive, error);
}

TSAN_SHARED gboolean
tsan_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  __tsan_release (data);
  return tsan_real_thread_pool_push (pool, data, error);
}

/* -- sources of the main context */

void tsan_real_source_set_callback (GSource *source,
                                    GSourceFunc func,
                                    gpointer data,
                                    GDestroyNotify notify) TSAN_REAL (g_source_set_callback);
guint tsan_real_source_attach (GSource *source, GMainContext *context) TSAN_REAL (g_source_attach);
guint
tsan_real_idle_add_full (gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
    TSAN_REAL (g_idle_add_full);
void tsan_real_main_context_invoke (GMainContext *context, GSourceFunc func, gpointer data)
    TSAN_REAL (g_main_context_invoke);

TSAN_HELPER gboolean
tsan_dispatch (gpointer data)
{
  TsanClosure *closure = (TsanClosure *) data;
  gboolean goes_on;

  tsan_closure_enter (closure);
  goes_on = ((GSourceFunc) closure->func) (closure->data);
  __tsan_release (closure);
  return goes_on;
}

TSAN_HELPER gboolean
tsan_dispatch_once (gpointer data)
{
  tsan_dispatch (data);
  tsan_closure_free (data);
  return G_SOURCE_REMOVE;
}

/* Only those whose functions take nothing but their data: others stay in their thread. */
TSAN_SHARED void
tsan_source_set_callback (GSource *source, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  TsanClosure *closure;

  if (source->source_funcs != &g_idle_funcs && source->source_funcs != &g_timeout_funcs)
    {
      tsan_real_source_set_callback (source, func, data, notify);
      return;
    }
  closure = tsan_closure_new (source, G_CALLBACK (func), data, notify);
  tsan_real_source_set_callback (source, tsan_dispatch, closure, tsan_closure_free);
}

TSAN_SHARED guint
tsan_source_attach (GSource *source, GMainContext *context)
{
  __tsan_release (source);
  return tsan_real_source_attach (source, context);
}

TSAN_SHARED guint
tsan_idle_add_full (gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  return tsan_real_idle_add_full (priority, tsan_dispatch,
                                  tsan_closure_new (NULL, G_CALLBACK (func), data, notify),
                                  tsan_closure_free);
}

TSAN_SHARED void
tsan_main_context_invoke (GMainContext *context, GSourceFunc func, gpointer data)
{
  tsan_real_main_context_invoke (context, tsan_dispatch_once,
                                 tsan_closure_new (NULL, G_CALLBACK (func), data, NULL));
}

/* -- references */

void tsan_real_object_unref (gpointer object) TSAN_REAL (g_object_unref);
void tsan_real_atomic_rc_box_release (gpointer box) TSAN_REAL (g_atomic_rc_box_release);
void tsan_real_atomic_rc_box_release_full (gpointer box, GDestroyNotify clear)
    TSAN_REAL (g_atomic_rc_box_release_full);
void tsan_real_bytes_unref (GBytes *bytes) TSAN_REAL (g_bytes_unref);

TSAN_SHARED void
tsan_object_unref (gpointer object)
{
  __tsan_release (object);
  __tsan_acquire (object);
  tsan_real_object_unref (object);
}

TSAN_SHARED void
tsan_atomic_rc_box_release (gpointer box)
{
  __tsan_release (box);
  __tsan_acquire (box);
  tsan_real_atomic_rc_box_release (box);
}

TSAN_SHARED void
tsan_atomic_rc_box_release_full (gpointer box, GDestroyNotify clear)
{
  __tsan_release (box);
  __tsan_acquire (box);
  tsan_real_atomic_rc_box_release_full (box, clear);
}

TSAN_SHARED void
tsan_bytes_unref (GBytes *bytes)
{
  if (bytes != NULL)
    {
      __tsan_release (bytes);
      __tsan_acquire (bytes);
    }
  tsan_real_bytes_unref (bytes);
}

/* -- tasks */

GTask *tsan_real_task_new (gpointer source_object,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer callback_data) TSAN_REAL (g_task_new);
void tsan_real_task_set_task_data (GTask *task, gpointer data, GDestroyNotify destroy)
    TSAN_REAL (g_task_set_task_data);
gpointer tsan_real_task_get_task_data (GTask *task) TSAN_REAL (g_task_get_task_data);
void tsan_real_task_run_in_thread (GTask *task, GTaskThreadFunc func)
    TSAN_REAL (g_task_run_in_thread);
void tsan_real_task_return_pointer (GTask *task, gpointer result, GDestroyNotify destroy)
    TSAN_REAL (g_task_return_pointer);
void tsan_real_task_return_boolean (GTask *task, gboolean result) TSAN_REAL (g_task_return_boolean);
void tsan_real_task_return_int (GTask *task, gssize result) TSAN_REAL (g_task_return_int);
void tsan_real_task_return_error (GTask *task, GError *error) TSAN_REAL (g_task_return_error);

TSAN_HELPER void
tsan_call_back (GObject *source_object, GAsyncResult *result, gpointer data)
{
  TsanClosure *closure = (TsanClosure *) data;

  __tsan_acquire (result);
  ((GAsyncReadyCallback) closure->func) (source_object, result, closure->data);
  g_free (closure);
  __tsan_release (result);
}

TSAN_SHARED GTask *
tsan_task_new (gpointer source_object,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer callback_data)
{
  if (callback == NULL)
    return tsan_real_task_new (source_object, cancellable, NULL, callback_data);
  return tsan_real_task_new (source_object, cancellable, tsan_call_back,
                             tsan_closure_new (NULL, G_CALLBACK (callback), callback_data, NULL));
}

TSAN_SHARED void
tsan_task_set_task_data (GTask *task, gpointer data, GDestroyNotify destroy)
{
  tsan_real_task_set_task_data (task, tsan_closure_new (task, NULL, data, destroy),
                                tsan_closure_free);
}

TSAN_SHARED gpointer
tsan_task_get_task_data (GTask *task)
{
  TsanClosure *closure = (TsanClosure *) tsan_real_task_get_task_data (task);

  return closure != NULL ? closure->data : NULL;
}

TSAN_HELPER void
tsan_run_task (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  GTaskThreadFunc func;

  __tsan_acquire (task);
  func = (GTaskThreadFunc) g_object_get_data (G_OBJECT (task), "tsan-func");
  func (task, source_object, tsan_task_get_task_data (task), cancellable);
  __tsan_release (task);
}

TSAN_SHARED void
tsan_task_run_in_thread (GTask *task, GTaskThreadFunc func)
{
  g_object_set_data (G_OBJECT (task), "tsan-func", (gpointer) func);
  __tsan_release (task);
  tsan_real_task_run_in_thread (task, tsan_run_task);
}

TSAN_SHARED void
tsan_task_return_pointer (GTask *task, gpointer result, GDestroyNotify destroy)
{
  __tsan_release (task);
  tsan_real_task_return_pointer (task, result, destroy);
}

TSAN_SHARED void
tsan_task_return_boolean (GTask *task, gboolean result)
{
  __tsan_release (task);
  tsan_real_task_return_boolean (task, result);
}

TSAN_SHARED void
tsan_task_return_int (GTask *task, gssize result)
{
  __tsan_release (task);
  tsan_real_task_return_int (task, result);
}

TSAN_SHARED void
tsan_task_return_error (GTask *task, GError *error)
{
  __tsan_release (task);
  tsan_real_task_return_error (task, error);
}
