/* streamer-s3-checksums.c: whether the store verifies whole objects, found out once
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread: one of them asks the store, and the others go on without meanwhile.
 */

#include "streamer-s3-storage-private.h"
#include "streamer-server-log.h"

/* Where it could not be found out. */
#define ASK_AGAIN_USEC (G_TIME_SPAN_HOUR)

static gboolean
read_fact (StreamerS3Storage *self, gboolean *is_known, gboolean *can, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);
  sqlite3_stmt *statement = streamer_database_prepare (
      self->database, error, "SELECT crc32 FROM stores WHERE address = ?1", "s", self->address);

  if (!statement || !streamer_database_step (self->database, statement, is_known, error))
    return FALSE;
  if (*is_known)
    {
      *can = sqlite3_column_int (statement, 0) != 0;
      streamer_database_release (statement);
    }
  return TRUE;
}

static gboolean
write_fact (StreamerS3Storage *self, gboolean can, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  return streamer_database_run (
      self->database,
      streamer_database_prepare (self->database, error,
                                 "INSERT OR REPLACE INTO stores (address, crc32) VALUES (?1, ?2)",
                                 "si", self->address, (gint64) can),
      error);
}

gboolean
streamer_s3_checksums_prepare (StreamerS3Storage *self, GError **error)
{
  gboolean is_known, can = FALSE;

  if (!streamer_database_execute (self->database,
                                  "CREATE TABLE IF NOT EXISTS stores (address TEXT PRIMARY KEY,"
                                  " crc32 INTEGER NOT NULL) WITHOUT ROWID;",
                                  error) ||
      !read_fact (self, &is_known, &can, error))
    return FALSE;
  if (is_known)
    self->crc32 = can ? STREAMER_S3_YES : STREAMER_S3_NO;
  return TRUE;
}

static void
probe (StreamerS3Storage *self, StreamerHttp *http)
{
  g_autoptr (GError) error = NULL;
  gboolean can;

  if (!streamer_s3_client_probe_crc32 (self->client, http, STREAMER_S3_PROBE_KEY, &can,
                                       g_cancellable_get_current (), &error) ||
      !write_fact (self, can, &error))
    {
      streamer_server_log ("warning", "probe", "error", error->message, NULL);
      return;
    }
  g_atomic_int_set (&self->crc32, can ? STREAMER_S3_YES : STREAMER_S3_NO);
  streamer_server_log ("info", "probe", "crc32", can ? "yes" : "no", NULL);
}

gboolean
streamer_s3_checksums_find_out (StreamerS3Storage *self, StreamerHttp *http)
{
  if (!self->database)
    return FALSE;
  if (g_atomic_int_get (&self->crc32) == STREAMER_S3_UNKNOWN && g_mutex_trylock (&self->probing))
    {
      gint64 now = g_get_monotonic_time ();

      if (g_atomic_int_get (&self->crc32) == STREAMER_S3_UNKNOWN &&
          (self->asked == 0 || now - self->asked > ASK_AGAIN_USEC))
        {
          self->asked = now;
          probe (self, http);
        }
      g_mutex_unlock (&self->probing);
    }
  return streamer_s3_checksums_are_verified (self);
}

gboolean
streamer_s3_checksums_are_verified (StreamerS3Storage *self)
{
  return g_atomic_int_get (&self->crc32) == STREAMER_S3_YES;
}
