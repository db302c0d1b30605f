/* streamer-call.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-pool.h"

G_BEGIN_DECLS

/**
 * StreamerCallWaiting:
 * @error: (nullable): why the last attempt failed; NULL when the wait is over and the next attempt
 *   stands in the pool's queue
 * @delay_ms: until the next one
 *
 * Tells the owner, on its context, that a call waits to be repeated.
 */
typedef void (*StreamerCallWaiting) (const GError *error, guint delay_ms, gpointer user_data);

/**
 * streamer_call_async:
 * @peer: names the server that is asked, for patience: a connection's id
 * @patience: µs that this call is repeated at most; 0 for as long as the policy says
 * @func: made on a worker, again and again as the retry policy says; no worker is held while
 *   it waits
 * @waiting: (nullable): told before and after each wait, with @user_data
 *
 * The one way in which the engine asks a store for anything: streamer_pool_run_async() with
 * the pool's StreamerRetry around it. Owner's thread.
 */
void streamer_call_async (StreamerPool *pool,
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
                          gpointer user_data);

/**
 * streamer_call_finish:
 * @n_retries: (out) (optional): attempts that failed before this outcome
 */
gpointer
streamer_call_finish (StreamerPool *pool, GAsyncResult *result, guint *n_retries, GError **error);

G_END_DECLS
