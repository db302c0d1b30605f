/* streamer-pool.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-http.h"
#include "streamer-retry.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_POOL (streamer_pool_get_type ())
G_DECLARE_FINAL_TYPE (StreamerPool, streamer_pool, STREAMER, POOL, GObject)

/**
 * StreamerPool:
 *
 * Worker threads of the engine's own (GTask's ten are shared with DNS and file calls, which long
 * uploads would starve). Each worker has its own StreamerHttp. The pool's size is the number of
 * parts that are sent at the same time; its order is the policy between files: lower priority
 * numbers first, within one number first come, first served.
 */

/**
 * StreamerPoolFunc:
 * @http: the worker's
 *
 * Runs on a worker. Returns: (transfer full): a result, or NULL with @error set; freed with the
 * @result_destroy given to streamer_pool_run_async() where nobody fetches it. A func without a
 * result returns GINT_TO_POINTER (TRUE).
 */
typedef gpointer (*StreamerPoolFunc) (StreamerHttp *http,
                                      gpointer task_data,
                                      GCancellable *cancellable,
                                      GError **error);

/** With a policy of its own, by the computer's clock. */
StreamerPool *streamer_pool_new (guint n_workers);
/** @retry: of this pool alone, whose workers are as many as it says, up to @n_workers */
StreamerPool *streamer_pool_new_with_retry (guint n_workers, StreamerRetry *retry);

/** Returns: (transfer none) */
StreamerRetry *streamer_pool_get_retry (StreamerPool *self);

/** How many workers there may be. Takes effect as workers become free. Owner's thread. */
void streamer_pool_set_n_workers (StreamerPool *self, guint n_workers);
guint streamer_pool_get_n_workers (StreamerPool *self);

/** Returns: whether there is a job whose callback has not run yet. Owner's thread. */
gboolean streamer_pool_is_busy (StreamerPool *self);

/**
 * streamer_pool_run_async:
 * @task_data: (transfer full): lives until @callback has run
 *
 * A job that is cancelled before a worker took it completes at once. @callback runs in the
 * caller's thread-default context.
 */
void streamer_pool_run_async (StreamerPool *self,
                              int priority,
                              StreamerPoolFunc func,
                              gpointer task_data,
                              GDestroyNotify task_data_destroy,
                              GDestroyNotify result_destroy,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gpointer streamer_pool_run_finish (StreamerPool *self, GAsyncResult *result, GError **error);

G_END_DECLS
