/* streamer-http-pool.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-http.h"

G_BEGIN_DECLS

/**
 * StreamerHttpPool:
 *
 * Connections to another server, for threads that come and go: each thread has a StreamerHttp to
 * itself while it needs one, and finds kept-alive connections in it. Any thread.
 */
typedef struct _StreamerHttpPool StreamerHttpPool;

StreamerHttpPool *streamer_http_pool_new (void);
/** Everything that was taken has been given back. */
void streamer_http_pool_free (StreamerHttpPool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerHttpPool, streamer_http_pool_free)

/**
 * StreamerHttpLoan:
 * @http: the borrower's until it is given back
 */
typedef struct
{
  StreamerHttpPool *pool;
  StreamerHttp *http;
} StreamerHttpLoan;

StreamerHttpLoan streamer_http_pool_take (StreamerHttpPool *self);
/** Gives it back. */
void streamer_http_loan_clear (StreamerHttpLoan *loan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerHttpLoan, streamer_http_loan_clear)

G_END_DECLS
