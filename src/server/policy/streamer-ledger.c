/* streamer-ledger.c: who uses how much of the storage
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Triggers keep the sums of each principal in the same transaction in which something changes, so
 * that they are never anything else than the sum of the rows. A reservation is one transaction that
 * adds first and looks then: of many that begin at once, none sees less than what is reserved.
 */

#include "streamer-ledger-private.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-server-database.h"

/* How long something is reserved for an upload of which nobody says that it has been begun. */
#define RESERVE_SECONDS 600

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS accounts ("
    "  principal TEXT PRIMARY KEY, stored INTEGER NOT NULL DEFAULT 0,"
    "  reserved INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    /* size: -1 where it is unknown. hold: until when the object can come to be behind our back.
     * ended: finished or cancelled, and only kept because of hold. */
    "CREATE TABLE IF NOT EXISTS uploads ("
    "  principal TEXT NOT NULL, resume_id TEXT NOT NULL, id TEXT, key TEXT NOT NULL,"
    "  size INTEGER NOT NULL, reserved INTEGER NOT NULL, expires INTEGER NOT NULL,"
    "  hold INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0,"
    "  PRIMARY KEY (principal, resume_id)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS uploads_by_id ON uploads (id);"
    "CREATE INDEX IF NOT EXISTS uploads_by_expiry ON uploads (expires);"
    "CREATE TABLE IF NOT EXISTS parts ("
    "  id TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,"
    "  PRIMARY KEY (id, number)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS objects ("
    "  key TEXT PRIMARY KEY, principal TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,"
    "  version INTEGER NOT NULL DEFAULT 1, removing INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS objects_in_doubt ON objects (key) WHERE removing;"

    "CREATE TRIGGER IF NOT EXISTS upload_added AFTER INSERT ON uploads BEGIN"
    "  INSERT INTO accounts (principal, reserved, open)"
    "    VALUES (new.principal, new.reserved, NOT new.ended) ON CONFLICT (principal) DO UPDATE"
    "    SET reserved = reserved + excluded.reserved, open = open + excluded.open; END;"
    "CREATE TRIGGER IF NOT EXISTS upload_changed AFTER UPDATE OF reserved, ended ON uploads BEGIN"
    "  UPDATE accounts SET reserved = reserved + new.reserved - old.reserved,"
    "    open = open + old.ended - new.ended WHERE principal = new.principal; END;"
    "CREATE TRIGGER IF NOT EXISTS upload_removed AFTER DELETE ON uploads BEGIN"
    "  UPDATE accounts SET reserved = reserved - old.reserved, open = open - (NOT old.ended)"
    "    WHERE principal = old.principal;"
    "  DELETE FROM parts WHERE id = old.id; END;"
    "CREATE TRIGGER IF NOT EXISTS object_added AFTER INSERT ON objects BEGIN"
    "  INSERT INTO accounts (principal, stored) VALUES (new.principal, new.size)"
    "    ON CONFLICT (principal) DO UPDATE SET stored = stored + excluded.stored; END;"
    "CREATE TRIGGER IF NOT EXISTS object_changed AFTER UPDATE OF principal, size ON objects BEGIN"
    "  UPDATE accounts SET stored = stored - old.size WHERE principal = old.principal;"
    "  INSERT INTO accounts (principal, stored) VALUES (new.principal, new.size)"
    "    ON CONFLICT (principal) DO UPDATE SET stored = stored + excluded.stored; END;"
    "CREATE TRIGGER IF NOT EXISTS object_removed AFTER DELETE ON objects BEGIN"
    "  UPDATE accounts SET stored = stored - old.size WHERE principal = old.principal; END;"
    "PRAGMA user_version = 1;";

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

StreamerLedger *
streamer_ledger_open (const char *path, GError **error)
{
  StreamerDatabase *database = streamer_server_database_open (path, schema, error);
  StreamerLedger *self;

  if (!database)
    return NULL;
  self = g_new0 (StreamerLedger, 1);
  self->database = database;
  return self;
}

void
streamer_ledger_close (StreamerLedger *self)
{
  streamer_database_close (self->database);
  g_free (self);
}

gboolean
streamer_ledger_read_row (StreamerLedger *self,
                          sqlite3_stmt *statement,
                          gint64 *numbers,
                          int n,
                          gboolean *found,
                          GError **error)
{
  if (!statement || !streamer_database_step (self->database, statement, found, error))
    return FALSE;
  for (int i = 0; *found && i < n; i++)
    numbers[i] = sqlite3_column_int64 (statement, i);
  if (*found)
    streamer_database_release (statement);
  return TRUE;
}

gboolean
streamer_ledger_get_usage (StreamerLedger *self,
                           const char *principal,
                           StreamerUsage *usage,
                           GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);
  gint64 numbers[3] = { 0 };
  gboolean found;

  if (!streamer_ledger_read_row (
          self,
          streamer_database_prepare (
              self->database, error,
              "SELECT stored, reserved, open FROM accounts WHERE principal = ?1", "s", principal),
          numbers, G_N_ELEMENTS (numbers), &found, error))
    return FALSE;
  usage->stored = MAX (numbers[0], 0);
  usage->reserved = MAX (numbers[1], 0);
  usage->open_uploads = MAX (numbers[2], 0);
  return TRUE;
}

/* Within a transaction that has added @needed bytes already: whether that was too much. */
static gboolean
check_quota (StreamerLedger *self,
             const char *principal,
             const StreamerAllowance *allowance,
             guint64 needed,
             GError **error)
{
  g_autofree char *quota = NULL, *left = NULL, *size = NULL;
  StreamerUsage usage;
  guint64 used;

  if (!streamer_ledger_get_usage (self, principal, &usage, error))
    return FALSE;
  used = usage.stored + usage.reserved;
  if (usage.open_uploads > allowance->open_uploads)
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA,
                   "More than %u uploads at a time are not allowed: finish some, or give them up.",
                   allowance->open_uploads);
      return FALSE;
    }
  if (used <= allowance->quota)
    return TRUE;
  quota = g_format_size_full (allowance->quota, G_FORMAT_SIZE_IEC_UNITS);
  used -= MIN (used, needed);
  left =
      g_format_size_full (allowance->quota - MIN (used, allowance->quota), G_FORMAT_SIZE_IEC_UNITS);
  size = g_format_size_full (needed, G_FORMAT_SIZE_IEC_UNITS);
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA,
               "The quota of %s is not enough: %s are left, and this needs %s.", quota, left, size);
  return FALSE;
}

/* What @upload takes from the beginning. */
static guint64
get_reserved (const StreamerStorageUpload *upload)
{
  return upload->size == STREAMER_SIZE_UNKNOWN ? 0 : upload->size;
}

static gint64
get_size (const StreamerStorageUpload *upload)
{
  return upload->size == STREAMER_SIZE_UNKNOWN ? -1 : (gint64) upload->size;
}

/* What is known of an upload that is to be reserved. */
typedef enum
{
  KNOWN_NOT,
  KNOWN_OPEN,
  KNOWN_ENDED, /* and held */
} Known;

/* What the storage has forgotten stands in the way of nothing. */
static gboolean
find_reserved (StreamerLedger *self,
               const StreamerStorageUpload *upload,
               const char *resume_id,
               Known *known,
               GError **error)
{
  gint64 numbers[3];
  gboolean found;

  *known = KNOWN_NOT;
  if (!streamer_ledger_read_row (
          self,
          streamer_database_prepare (
              self->database, error,
              "SELECT key = ?3 AND size = ?4, ended, MAX (expires, hold) FROM uploads"
              " WHERE principal = ?1 AND resume_id = ?2",
              "sssi", upload->principal, resume_id, upload->key, get_size (upload)),
          numbers, G_N_ELEMENTS (numbers), &found, error))
    return FALSE;
  if (found && numbers[0])
    *known = numbers[1] ? KNOWN_ENDED : KNOWN_OPEN;
  if (!found || numbers[0])
    return TRUE;
  if (numbers[2] < now ())
    return STREAMER_LEDGER_RUN ("DELETE FROM uploads WHERE principal = ?1 AND resume_id = ?2", "ss",
                                upload->principal, resume_id);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                       "This resume_id stands for another upload.");
  return FALSE;
}

gboolean
streamer_ledger_reserve (StreamerLedger *self,
                         const StreamerStorageUpload *upload,
                         const char *resume_id,
                         const StreamerAllowance *allowance,
                         gboolean *is_new,
                         GError **error)
{
  guint64 reserved = get_reserved (upload);
  gboolean good;
  Known known;

  if (!streamer_database_begin (self->database, error))
    return FALSE;
  good = find_reserved (self, upload, resume_id, &known, error);
  *is_new = good && known != KNOWN_OPEN;
  if (*is_new)
    good = STREAMER_LEDGER_RUN (
               "INSERT INTO uploads (principal, resume_id, key, size, reserved, expires)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (principal, resume_id)"
               " DO UPDATE SET reserved = excluded.reserved, expires = excluded.expires,"
               " ended = 0",
               "sssiii", upload->principal, resume_id, upload->key, get_size (upload),
               (gint64) reserved, now () + RESERVE_SECONDS) &&
           check_quota (self, upload->principal, allowance, reserved, error);
  return streamer_database_end (self->database, good, error);
}

gboolean
streamer_ledger_confirm (StreamerLedger *self,
                         const StreamerStorageUpload *upload,
                         const char *resume_id,
                         GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  /* Another request for the same upload may have withdrawn it. */
  return STREAMER_LEDGER_RUN (
      "INSERT INTO uploads (principal, resume_id, id, key, size, reserved, expires)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
      " ON CONFLICT (principal, resume_id) DO UPDATE SET id = excluded.id,"
      " expires = excluded.expires",
      "ssssiii", upload->principal, resume_id, upload->id, upload->key, get_size (upload),
      (gint64) get_reserved (upload), upload->expires);
}

gboolean
streamer_ledger_withdraw (StreamerLedger *self,
                          const StreamerStorageUpload *upload,
                          const char *resume_id,
                          GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  return STREAMER_LEDGER_RUN (
      "DELETE FROM uploads WHERE principal = ?1 AND resume_id = ?2 AND id IS NULL", "ss",
      upload->principal, resume_id);
}

gboolean
streamer_ledger_reserve_part (StreamerLedger *self,
                              const StreamerStorageUpload *upload,
                              guint number,
                              guint64 size,
                              const StreamerAllowance *allowance,
                              GError **error)
{
  gint64 before = 0;
  gboolean good, found;

  if (!streamer_database_begin (self->database, error))
    return FALSE;
  good = streamer_ledger_read_row (
      self,
      streamer_database_prepare (self->database, error,
                                 "SELECT size FROM parts WHERE id = ?1 AND number = ?2", "si",
                                 upload->id, (gint64) number),
      &before, 1, &found, error);
  if (good && (!found || (guint64) before < size))
    good =
        STREAMER_LEDGER_RUN ("INSERT OR REPLACE INTO parts (id, number, size) VALUES (?1, ?2, ?3)",
                             "sii", upload->id, (gint64) number, (gint64) size) &&
        STREAMER_LEDGER_RUN (
            "UPDATE uploads SET reserved = reserved + ?2 WHERE id = ?1 AND NOT ended", "si",
            upload->id, (gint64) size - before) &&
        check_quota (self, upload->principal, allowance, size - before, error);
  return streamer_database_end (self->database, good, error);
}

/* Within a transaction. */
static gboolean
get_left (StreamerLedger *self,
          const char *principal,
          const StreamerAllowance *allowance,
          guint64 *left,
          GError **error)
{
  StreamerUsage usage;

  if (!streamer_ledger_get_usage (self, principal, &usage, error))
    return FALSE;
  *left = allowance->quota - MIN (allowance->quota, usage.stored + usage.reserved);
  if (*left > 0)
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA, "The quota is used up.");
  return FALSE;
}

gboolean
streamer_ledger_reserve_object (StreamerLedger *self,
                                const char *principal,
                                const char *key,
                                guint64 *size,
                                gint64 until,
                                const StreamerAllowance *allowance,
                                GError **error)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *id = g_strconcat (STREAMER_LEDGER_HELD_PREFIX, uuid, NULL);
  gboolean good;
  guint64 left;

  if (!streamer_database_begin (self->database, error))
    return FALSE;
  good = get_left (self, principal, allowance, &left, error);
  if (good)
    {
      *size = MIN (*size, left);
      good = STREAMER_LEDGER_RUN (
          "INSERT INTO uploads (principal, resume_id, id, key, size, reserved, expires,"
          " hold, ended) VALUES (?1, ?2, ?2, ?3, -1, ?4, ?5, ?5, 1)",
          "sssii", principal, id, key,
          allowance->quota == G_MAXUINT64 ? G_GINT64_CONSTANT (0) : (gint64) *size, until);
    }
  return streamer_database_end (self->database, good, error);
}

gboolean
streamer_ledger_hold (StreamerLedger *self,
                      const StreamerStorageUpload *upload,
                      gint64 until,
                      GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  return STREAMER_LEDGER_RUN ("UPDATE uploads SET hold = MAX (hold, ?2) WHERE id = ?1", "si",
                              upload->id, until);
}

/* Within a transaction: the upload is over; what it holds is looked at when that is over, too. */
static gboolean
end_upload (StreamerLedger *self, const char *id, gboolean keep_reserved, GError **error)
{
  return STREAMER_LEDGER_RUN (
             "UPDATE uploads SET ended = 1, expires = hold, reserved = reserved * ?3"
             " WHERE id = ?1 AND hold >= ?2",
             "sii", id, now (), (gint64) keep_reserved) &&
         STREAMER_LEDGER_RUN ("DELETE FROM uploads WHERE id = ?1 AND hold < ?2", "si", id, now ());
}

gboolean
streamer_ledger_cancel (StreamerLedger *self, const StreamerStorageUpload *upload, GError **error)
{
  if (!streamer_database_begin (self->database, error))
    return FALSE;
  return streamer_database_end (self->database, end_upload (self, upload->id, TRUE, error), error);
}

char *
streamer_ledger_get_bare_etag (const StreamerStorageObject *object)
{
  gsize length = strlen (object->etag);

  if (length >= 2 && object->etag[0] == '"' && object->etag[length - 1] == '"')
    return g_strndup (object->etag + 1, length - 2);
  return g_strdup (object->etag);
}

gboolean
streamer_ledger_put_object (StreamerLedger *self,
                            const char *principal,
                            const char *key,
                            const StreamerStorageObject *object,
                            GError **error)
{
  g_autofree char *etag = streamer_ledger_get_bare_etag (object);

  return STREAMER_LEDGER_RUN (
      "INSERT INTO objects (key, principal, size, etag) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (key) DO UPDATE SET principal = excluded.principal,"
      " size = excluded.size, etag = excluded.etag, version = version + 1",
      "ssis", key, principal, (gint64) object->size, etag);
}

gboolean
streamer_ledger_settle (StreamerLedger *self,
                        const StreamerStorageUpload *upload,
                        const StreamerStorageObject *object,
                        gboolean *is_known,
                        GError **error)
{
  gboolean good;

  if (!streamer_database_begin (self->database, error))
    return FALSE;
  good = streamer_ledger_read_row (
      self,
      streamer_database_prepare (self->database, error,
                                 "SELECT 1 FROM uploads WHERE id = ?1 AND NOT ended", "s",
                                 upload->id),
      NULL, 0, is_known, error);
  if (good && *is_known)
    good = streamer_ledger_put_object (self, upload->principal, upload->key, object, error) &&
           end_upload (self, upload->id, FALSE, error);
  return streamer_database_end (self->database, good, error);
}

gboolean
streamer_ledger_record (StreamerLedger *self,
                        const char *principal,
                        const char *key,
                        const StreamerStorageObject *object,
                        GError **error)
{
  g_autoptr (GRecMutexLocker) locker = streamer_database_lock (self->database);

  return streamer_ledger_put_object (self, principal, key, object, error);
}

gboolean
streamer_ledger_begin_remove (StreamerLedger *self,
                              const char *key,
                              gint64 *version,
                              GError **error)
{
  gboolean good, found;

  *version = 0;
  if (!streamer_database_begin (self->database, error))
    return FALSE;
  good = streamer_ledger_read_row (
             self,
             streamer_database_prepare (self->database, error,
                                        "SELECT version FROM objects WHERE key = ?1", "s", key),
             version, 1, &found, error) &&
         STREAMER_LEDGER_RUN ("UPDATE objects SET removing = 1 WHERE key = ?1", "s", key);
  return streamer_database_end (self->database, good, error);
}

gboolean
streamer_ledger_end_remove (StreamerLedger *self, const char *key, gint64 version, GError **error)
{
  gboolean good;

  if (!streamer_database_begin (self->database, error))
    return FALSE;
  good = STREAMER_LEDGER_RUN ("DELETE FROM objects WHERE key = ?1 AND version = ?2", "si", key,
                              version) &&
         STREAMER_LEDGER_RUN ("UPDATE objects SET removing = 1 WHERE key = ?1", "s", key);
  return streamer_database_end (self->database, good, error);
}
