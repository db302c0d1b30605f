/* streamer-throttle.c: how often somebody may do something
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All of it under one lock, held for some arithmetic.
 */

#include "streamer-throttle.h"

#include <math.h>

/* The bucket of all names for which there is no room. */
#define SHARED ""

/* How often full buckets are looked for at most. */
#define SWEEP_USEC G_USEC_PER_SEC

/* Sums of fractions come close to what they stand for. */
#define ONE (1 - 1e-6)

typedef struct
{
  double tokens; /* negative: a debt */
  double rate;
  double burst;
  gint64 filled; /* when @tokens was right */
} Bucket;

struct _StreamerThrottle
{
  GMutex lock;
  GHashTable *buckets; /* (owned): name to Bucket: the lock */
  gint64 swept;        /* the lock */
  guint max_names;
  StreamerThrottleClock clock;
};

StreamerThrottle *
streamer_throttle_new (guint max_names, StreamerThrottleClock clock)
{
  StreamerThrottle *self = g_new0 (StreamerThrottle, 1);

  g_mutex_init (&self->lock);
  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->max_names = max_names;
  self->clock = clock;
  return self;
}

void
streamer_throttle_free (StreamerThrottle *self)
{
  g_hash_table_unref (self->buckets);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
fill (Bucket *bucket, gint64 now)
{
  double seconds = (double) (now - bucket->filled) / G_USEC_PER_SEC;

  bucket->tokens = MIN (bucket->tokens + seconds * bucket->rate, bucket->burst);
  bucket->filled = now;
}

static gboolean
is_full (gpointer name, gpointer value, gpointer now)
{
  Bucket *bucket = value;

  fill (bucket, *(gint64 *) now);
  return bucket->tokens >= bucket->burst;
}

static gboolean
has_room (StreamerThrottle *self, gint64 now)
{
  if (g_hash_table_size (self->buckets) < self->max_names)
    return TRUE;
  if (now - self->swept < SWEEP_USEC)
    return FALSE;
  self->swept = now;
  g_hash_table_foreach_remove (self->buckets, is_full, &now);
  return g_hash_table_size (self->buckets) < self->max_names;
}

static Bucket *
get_bucket (StreamerThrottle *self, const char *name, double rate, double burst)
{
  gint64 now = self->clock ();
  Bucket *bucket = g_hash_table_lookup (self->buckets, name);

  if (!bucket && !has_room (self, now))
    bucket = g_hash_table_lookup (self->buckets, name = SHARED);
  if (!bucket)
    {
      bucket = g_new0 (Bucket, 1);
      bucket->tokens = burst;
      bucket->filled = now;
      g_hash_table_insert (self->buckets, g_strdup (name), bucket);
    }
  bucket->rate = rate;
  bucket->burst = burst;
  fill (bucket, now);
  return bucket;
}

guint
streamer_throttle_take (StreamerThrottle *self,
                        const char *name,
                        double rate,
                        double burst,
                        double cost)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Bucket *bucket = get_bucket (self, name, rate, burst);

  if (bucket->tokens < ONE)
    return (guint) MAX (ceil ((1 - bucket->tokens) / rate), 1);
  bucket->tokens -= cost;
  return 0;
}

void
streamer_throttle_charge (StreamerThrottle *self, const char *name, double cost)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Bucket *bucket = g_hash_table_lookup (self->buckets, name);

  if (bucket)
    bucket->tokens -= cost;
}

guint
streamer_throttle_count (StreamerThrottle *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_hash_table_size (self->buckets);
}
