/* streamer-ledger-doubts.c: what nobody told the ledger, found out from what is stored
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An upload may have ended, and an object may have gone, while nobody was there to say so. Each such
 * doubt is resolved by what the storage has now.
 */

#include "streamer-ledger-private.h"

static void
doubt_free (gpointer data)
{
  StreamerDoubt *doubt = data;

  g_clear_pointer (&doubt->upload, streamer_storage_upload_free);
  g_free (doubt->key);
  g_free (doubt);
}

static void
add_doubt (GPtrArray *doubts, sqlite3_stmt *statement)
{
  StreamerDoubt *doubt = g_new0 (StreamerDoubt, 1);

  doubt->key = streamer_database_get_text (statement, 0);
  if (sqlite3_column_type (statement, 1) != SQLITE_NULL)
    {
      gint64 size = sqlite3_column_int64 (statement, 3);

      doubt->upload = streamer_storage_upload_new ();
      doubt->upload->principal = streamer_database_get_text (statement, 1);
      doubt->upload->key = g_strdup (doubt->key);
      doubt->upload->id = streamer_database_get_text (statement, 2);
      doubt->upload->size = size < 0 ? STREAMER_SIZE_UNKNOWN : (guint64) size;
    }
  g_ptr_array_add (doubts, doubt);
}

static GPtrArray *
read_doubts (StreamerLedger *self, sqlite3_stmt *statement, GError **error)
{
  g_autoptr (GPtrArray) doubts = g_ptr_array_new_with_free_func (doubt_free);
  gboolean has_row;

  while (statement && streamer_database_step (self->database, statement, &has_row, error))
    {
      if (!has_row)
        return g_steal_pointer (&doubts);
      add_doubt (doubts, statement);
    }
  return NULL;
}

GPtrArray *
streamer_ledger_list_held (StreamerLedger *self, const char *principal, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  return read_doubts (self,
                      streamer_database_prepare (
                          self->database, error,
                          "SELECT key, principal, id, size FROM uploads"
                          " WHERE principal = ?1 AND resume_id >= '" STREAMER_LEDGER_HELD_PREFIX
                          "' AND resume_id < '" STREAMER_LEDGER_HELD_PREFIX "~' AND reserved > 0",
                          "s", principal),
                      error);
}

GPtrArray *
streamer_ledger_list_doubts (StreamerLedger *self, gint64 before, GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  /* Of what was never confirmed, nobody got an upload id. */
  if (!STREAMER_LEDGER_RUN ("DELETE FROM uploads WHERE id IS NULL AND expires < ?1", "i", before))
    return NULL;
  return read_doubts (
      self,
      streamer_database_prepare (
          self->database, error,
          "SELECT key, principal, id, size FROM uploads WHERE expires < ?1 AND hold < ?1"
          " AND id IS NOT NULL UNION ALL SELECT key, NULL, NULL, 0 FROM objects WHERE removing",
          "i", before),
      error);
}

/* Whether @object can be what @upload left, and is not known as somebody's. */
static gboolean
is_left_behind (StreamerLedger *self,
                const StreamerStorageUpload *upload,
                const StreamerStorageObject *object,
                gboolean *left_behind,
                GError **error)
{
  g_autofree char *etag = streamer_ledger_get_bare_etag (object);
  gboolean is_known;

  if (!streamer_ledger_read_row (
          self,
          streamer_database_prepare (self->database, error,
                                     "SELECT 1 FROM objects WHERE key = ?1 AND etag = ?2", "ss",
                                     upload->key, etag),
          NULL, 0, &is_known, error))
    return FALSE;
  *left_behind =
      !is_known && (upload->size == STREAMER_SIZE_UNKNOWN || upload->size == object->size);
  return TRUE;
}

/* Within a transaction: what an upload left without an end becomes its principal's. */
static gboolean
take_left_behind (StreamerLedger *self,
                  const StreamerDoubt *doubt,
                  const StreamerStorageObject *object,
                  gboolean *taken,
                  GError **error)
{
  *taken = FALSE;
  if (!object)
    return TRUE;
  if (!is_left_behind (self, doubt->upload, object, taken, error))
    return FALSE;
  return !*taken ||
         streamer_ledger_put_object (self, doubt->upload->principal, doubt->key, object, error);
}

gboolean
streamer_ledger_resolve_held (StreamerLedger *self,
                              const StreamerDoubt *doubt,
                              const StreamerStorageObject *object,
                              GError **error)
{
  gboolean good, taken;

  if (!streamer_database_begin (self->database, error))
    return FALSE;
  good = take_left_behind (self, doubt, object, &taken, error);
  if (good && taken)
    good = STREAMER_LEDGER_RUN ("UPDATE uploads SET reserved = 0 WHERE id = ?1", "s",
                                doubt->upload->id);
  return streamer_database_end (self->database, good, error);
}

gboolean
streamer_ledger_resolve (StreamerLedger *self,
                         const StreamerDoubt *doubt,
                         const StreamerStorageObject *object,
                         GError **error)
{
  gboolean good, taken;

  if (!streamer_database_begin (self->database, error))
    return FALSE;
  if (doubt->upload)
    good = take_left_behind (self, doubt, object, &taken, error) &&
           STREAMER_LEDGER_RUN ("DELETE FROM uploads WHERE id = ?1", "s", doubt->upload->id);
  else if (object)
    good = STREAMER_LEDGER_RUN ("UPDATE objects SET removing = 0 WHERE key = ?1", "s", doubt->key);
  else
    good = STREAMER_LEDGER_RUN ("DELETE FROM objects WHERE key = ?1 AND removing", "s", doubt->key);
  return streamer_database_end (self->database, good, error);
}
