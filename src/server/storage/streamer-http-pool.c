/* streamer-http-pool.c: lends out connections
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one that was used last is lent first: its connection is the least likely to be dead, and those
 * that a rush has left behind stay unused and cost nothing but their memory.
 */

#include "streamer-http-pool.h"

#define MAX_IDLE 16

struct _StreamerHttpPool
{
  GMutex lock;
  GPtrArray *idle; /* (owned) (element-type StreamerHttp): the lock */
};

StreamerHttpPool *
streamer_http_pool_new (void)
{
  StreamerHttpPool *self = g_new0 (StreamerHttpPool, 1);

  g_mutex_init (&self->lock);
  self->idle = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
streamer_http_pool_free (StreamerHttpPool *self)
{
  g_ptr_array_unref (self->idle);
  g_mutex_clear (&self->lock);
  g_free (self);
}

StreamerHttpLoan
streamer_http_pool_take (StreamerHttpPool *self)
{
  StreamerHttpLoan loan = { .pool = self };

  g_mutex_lock (&self->lock);
  if (self->idle->len > 0)
    loan.http = g_ptr_array_steal_index (self->idle, self->idle->len - 1);
  g_mutex_unlock (&self->lock);
  if (!loan.http)
    loan.http = streamer_http_new ();
  return loan;
}

void
streamer_http_loan_clear (StreamerHttpLoan *loan)
{
  if (!loan->http)
    return;
  g_mutex_lock (&loan->pool->lock);
  if (loan->pool->idle->len < MAX_IDLE)
    g_ptr_array_add (loan->pool->idle, g_steal_pointer (&loan->http));
  g_mutex_unlock (&loan->pool->lock);
  g_clear_object (&loan->http);
}
