/* streamer-s3-checksums.c: remembers whether the store verifies whole objects
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread.
 */

#include "streamer-s3-storage-private.h"
#include "streamer-server-log.h"

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

/* Where it cannot be written, it is found out anew after a restart. */
static void
remember (StreamerS3Fact fact, gpointer user_data)
{
  StreamerS3Storage *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!write_fact (self, fact == STREAMER_S3_YES, &error))
    streamer_server_log ("warning", "probe", "error", error->message, NULL);
  streamer_server_log ("info", "probe", "crc32", fact == STREAMER_S3_YES ? "yes" : "no", NULL);
}

gboolean
streamer_s3_checksums_prepare (StreamerS3Storage *self, GError **error)
{
  StreamerS3Fact fact = STREAMER_S3_UNKNOWN;
  gboolean is_known, can = FALSE;

  if (!streamer_database_execute (self->database,
                                  "CREATE TABLE IF NOT EXISTS stores (address TEXT PRIMARY KEY,"
                                  " crc32 INTEGER NOT NULL) WITHOUT ROWID;",
                                  error) ||
      !read_fact (self, &is_known, &can, error))
    return FALSE;
  if (is_known)
    fact = can ? STREAMER_S3_YES : STREAMER_S3_NO;
  streamer_s3_probe_set_memory (&self->probe, fact, remember, self);
  return TRUE;
}

gboolean
streamer_s3_checksums_find_out (StreamerS3Storage *self, StreamerHttp *http)
{
  g_autoptr (GError) error = NULL;

  if (!self->database)
    return FALSE;
  if (!streamer_s3_probe_find_out (&self->probe, self->client, http, g_cancellable_get_current (),
                                   &error))
    streamer_server_log ("warning", "probe", "error", error->message, NULL);
  return streamer_s3_probe_is_yes (&self->probe);
}
