/* streamer-rate-limit.c: a token bucket for all parts of a queue
 *
 * Any thread. Whoever finds the bucket above zero takes what it needs, which may leave a debt; the
 * others wait until the debt is paid. So a piece may be larger than what a slow limit lets flow
 * in a second, and the average is kept all the same.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-rate-limit.h"

#include "streamer-monitor.h"

/* What an idle time saves up, in seconds of the rate. */
#define BURST_SECONDS 0.1

struct _StreamerRateLimit
{
  GObject parent_instance;

  StreamerMonitor monitor; /* guards all below */
  guint64 rate;            /* bytes per second, 0 for no limit */
  double tokens;           /* bytes that may be sent now; below 0 a debt */
  gint64 filled;           /* monotonic µs of the last refill */
};

G_DEFINE_FINAL_TYPE (StreamerRateLimit, streamer_rate_limit, G_TYPE_OBJECT)

static void
refill (StreamerRateLimit *self)
{
  gint64 now = g_get_monotonic_time ();

  self->tokens += (double) self->rate * (now - self->filled) / G_USEC_PER_SEC;
  self->tokens = MIN (self->tokens, MAX (self->rate * BURST_SECONDS, 1));
  self->filled = now;
}

/* Monotonic µs at which the debt is paid. */
static gint64
paid_at (StreamerRateLimit *self)
{
  return self->filled + 1 + (gint64) (-self->tokens * G_USEC_PER_SEC / self->rate);
}

static void
streamer_rate_limit_finalize (GObject *object)
{
  StreamerRateLimit *self = STREAMER_RATE_LIMIT (object);

  streamer_monitor_clear (&self->monitor);

  G_OBJECT_CLASS (streamer_rate_limit_parent_class)->finalize (object);
}

static void
streamer_rate_limit_class_init (StreamerRateLimitClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_rate_limit_finalize;
}

static void
streamer_rate_limit_init (StreamerRateLimit *self)
{
  streamer_monitor_init (&self->monitor);
  self->filled = g_get_monotonic_time ();
}

StreamerRateLimit *
streamer_rate_limit_new (guint64 bytes_per_second)
{
  StreamerRateLimit *self = g_object_new (STREAMER_TYPE_RATE_LIMIT, NULL);

  self->rate = bytes_per_second;
  return self;
}

void
streamer_rate_limit_set_rate (StreamerRateLimit *self, guint64 bytes_per_second)
{
  g_return_if_fail (STREAMER_IS_RATE_LIMIT (self));

  g_mutex_lock (&self->monitor.lock);
  refill (self);
  /* A debt was made at the old rate; a slow past must not hold up a fast future. */
  if (bytes_per_second > self->rate)
    self->tokens = MAX (self->tokens, 0);
  self->rate = bytes_per_second;
  g_cond_broadcast (&self->monitor.changed);
  g_mutex_unlock (&self->monitor.lock);
}

guint64
streamer_rate_limit_get_rate (StreamerRateLimit *self)
{
  guint64 rate;

  g_return_val_if_fail (STREAMER_IS_RATE_LIMIT (self), 0);

  g_mutex_lock (&self->monitor.lock);
  rate = self->rate;
  g_mutex_unlock (&self->monitor.lock);
  return rate;
}

gboolean
streamer_rate_limit_take (StreamerRateLimit *self,
                          gsize bytes,
                          GCancellable *cancellable,
                          GError **error)
{
  gulong watch;
  gboolean taken = FALSE;

  g_return_val_if_fail (STREAMER_IS_RATE_LIMIT (self), FALSE);

  watch = streamer_monitor_enter (&self->monitor, cancellable);
  while (!taken && !g_cancellable_is_cancelled (cancellable))
    {
      refill (self);
      taken = self->rate == 0 || self->tokens > 0;
      if (!taken)
        g_cond_wait_until (&self->monitor.changed, &self->monitor.lock, paid_at (self));
      else if (self->rate > 0)
        self->tokens -= bytes;
    }
  streamer_monitor_leave (&self->monitor, cancellable, watch);

  return taken || !g_cancellable_set_error_if_cancelled (cancellable, error);
}
