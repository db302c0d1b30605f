/* streamer-journal-read.c: what is read from the journal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-journal-row.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"

/* The bytes of the newest upload's parts come last: by TOTAL, which takes whatever a part's row has
 * in it, where SUM would fail and hide all transfers. */
#define SELECT_ENTRIES                                                                             \
  "SELECT " STREAMER_JOURNAL_TRANSFER_COLUMNS                                                      \
  ", (SELECT coalesce (MAX (CAST (TOTAL (p.size) AS INTEGER), 0), 0) FROM parts p"                 \
  " WHERE p.upload ="                                                                              \
  " (SELECT MAX (u.number) FROM uploads u WHERE u.transfer = transfers.id))"                       \
  " FROM transfers"
#define SELECT_UPLOADS "SELECT " STREAMER_JOURNAL_UPLOAD_COLUMNS " FROM uploads"

/* Takes a row. Returns: (transfer full): what goes into the list */
typedef gpointer (*TakeRow) (StreamerJournalRow *row, StreamerJournalSession *session);

static gboolean
enter (StreamerJournal *self, GError **error)
{
  g_mutex_lock (&self->read_lock);
  if (self->reader != NULL)
    return TRUE;
  g_mutex_unlock (&self->read_lock);
  streamer_journal_take_error (
      self, error, FALSE, g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_FAILED, "closed"));
  return FALSE;
}

/* @inner: (transfer full) (nullable): what went wrong */
static gboolean
leave (StreamerJournal *self, GError *inner, GError **error)
{
  gboolean is_damaged =
      inner != NULL && streamer_journal_is_damage (streamer_database_get_code (self->reader));

  g_mutex_unlock (&self->read_lock);
  if (inner == NULL)
    return TRUE;
  if (is_damaged)
    streamer_journal_writer_tell_damage (self);
  streamer_journal_take_error (self, error, FALSE, inner);
  return FALSE;
}

static void
log_bad (const StreamerJournalRow *row, const char *what)
{
  g_warning ("A row of the journal makes no sense and is skipped: %s, %s", what, row->bad);
}

/* @statement: (nullable): NULL with @error set */
static void
take_rows (StreamerJournal *self,
           sqlite3_stmt *statement,
           TakeRow take,
           GPtrArray *rows,
           const char *what,
           GError **error)
{
  gboolean has_row;

  while (statement && streamer_database_step (self->reader, statement, &has_row, error) && has_row)
    {
      StreamerJournalRow row = { .statement = statement };

      g_ptr_array_add (rows, take (&row, self->session));
      if (row.bad == NULL)
        continue;
      log_bad (&row, what);
      g_ptr_array_set_size (rows, rows->len - 1);
    }
}

static GPtrArray *
take_entries (StreamerJournal *self, sqlite3_stmt *statement, GError **error)
{
  GPtrArray *entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) streamer_journal_entry_free);

  take_rows (self, statement, (TakeRow) streamer_journal_row_take_entry, entries, "transfer",
             error);
  return entries;
}

static GPtrArray *
take_all_entries (StreamerJournal *self, GError **error)
{
  return take_entries (
      self, streamer_database_prepare (self->reader, error, SELECT_ENTRIES " ORDER BY place", ""),
      error);
}

static GPtrArray *
take_uploads (StreamerJournal *self, sqlite3_stmt *statement, GError **error)
{
  GPtrArray *uploads =
      g_ptr_array_new_with_free_func ((GDestroyNotify) streamer_journal_upload_free);

  take_rows (self, statement, (TakeRow) streamer_journal_row_take_upload, uploads, "upload", error);
  return uploads;
}

static GPtrArray *
take_all_uploads (StreamerJournal *self, GError **error)
{
  return take_uploads (
      self, streamer_database_prepare (self->reader, error, SELECT_UPLOADS " ORDER BY number", ""),
      error);
}

GPtrArray *
streamer_journal_list (StreamerJournal *self, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;
  GError *inner = NULL;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), NULL);

  if (!enter (self, error))
    return NULL;
  entries = take_all_entries (self, &inner);
  return leave (self, inner, error) ? g_steal_pointer (&entries) : NULL;
}

GPtrArray *
streamer_journal_list_all (StreamerJournal *self, GPtrArray **uploads, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GPtrArray) their_uploads = NULL;
  GError *inner = NULL;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), NULL);
  g_return_val_if_fail (uploads != NULL, NULL);

  if (!enter (self, error))
    return NULL;
  if (streamer_database_execute (self->reader, "BEGIN", &inner))
    {
      entries = take_all_entries (self, &inner);
      if (inner == NULL)
        their_uploads = take_all_uploads (self, &inner);
      streamer_database_execute (self->reader, "ROLLBACK", inner == NULL ? &inner : NULL);
    }
  if (!leave (self, inner, error))
    return NULL;
  *uploads = g_steal_pointer (&their_uploads);
  return g_steal_pointer (&entries);
}

StreamerJournalEntry *
streamer_journal_get (StreamerJournal *self, const char *id, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;
  GError *inner = NULL;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  if (!enter (self, error))
    return NULL;
  entries = take_entries (
      self,
      streamer_database_prepare (self->reader, &inner, SELECT_ENTRIES " WHERE id = ?1", "s", id),
      &inner);
  if (!leave (self, inner, error))
    return NULL;
  if (entries->len > 0)
    {
      g_ptr_array_set_free_func (entries, NULL);
      return entries->pdata[0];
    }
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                       _ ("The journal of uploads does not know this upload any more."));
  return NULL;
}

GPtrArray *
streamer_journal_list_uploads (StreamerJournal *self, const char *transfer_id, GError **error)
{
  g_autoptr (GPtrArray) uploads = NULL;
  GError *inner = NULL;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), NULL);

  if (!enter (self, error))
    return NULL;
  if (transfer_id != NULL)
    uploads = take_uploads (self,
                            streamer_database_prepare (self->reader, &inner,
                                                       SELECT_UPLOADS
                                                       " WHERE transfer = ?1 ORDER BY number",
                                                       "s", transfer_id),
                            &inner);
  else
    uploads = take_all_uploads (self, &inner);
  return leave (self, inner, error) ? g_steal_pointer (&uploads) : NULL;
}

/* Leaves @plan alone where there is no such upload. */
static gboolean
read_plan (StreamerJournal *self, gint64 upload, StreamerPlan *plan, GError **error)
{
  sqlite3_stmt *statement = streamer_database_prepare (
      self->reader, error, "SELECT size, part_size, n_parts FROM uploads WHERE number = ?1", "i",
      upload);
  StreamerJournalRow row = { .statement = statement };
  gboolean has_row;

  if (!statement || !streamer_database_step (self->reader, statement, &has_row, error))
    return FALSE;
  if (!has_row)
    return TRUE;
  *plan = streamer_journal_row_take_plan (&row);
  if (row.bad != NULL)
    {
      log_bad (&row, "upload");
      *plan = (StreamerPlan){ 0 };
    }
  streamer_database_release (statement);
  return TRUE;
}

static void
take_parts (StreamerJournal *self,
            gint64 upload,
            const StreamerPlan *plan,
            GArray *parts,
            GError **error)
{
  sqlite3_stmt *statement = streamer_database_prepare (
      self->reader, error,
      "SELECT number, size, crc32, etag FROM parts WHERE upload = ?1 ORDER BY number", "i", upload);
  guint last = 0;
  gboolean has_row;

  while (statement && streamer_database_step (self->reader, statement, &has_row, error) && has_row)
    {
      StreamerJournalRow row = { .statement = statement };
      StreamerStoredPart part = { 0 };

      streamer_journal_row_take_part (&row, plan, &part);
      /* A table that has lost its key may have two of them. */
      if (row.bad == NULL && part.number == last)
        row.bad = "number";
      last = part.number;
      if (row.bad == NULL)
        g_array_append_val (parts, part);
      else
        {
          log_bad (&row, "part");
          streamer_stored_part_clear (&part);
        }
    }
}

GArray *
streamer_journal_list_parts (StreamerJournal *self, gint64 upload, GError **error)
{
  g_autoptr (GArray) parts = NULL;
  StreamerPlan plan = { 0 };
  GError *inner = NULL;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), NULL);

  if (!enter (self, error))
    return NULL;
  parts = g_array_new (FALSE, FALSE, sizeof (StreamerStoredPart));
  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  if (read_plan (self, upload, &plan, &inner) && plan.n_parts > 0)
    take_parts (self, upload, &plan, parts, &inner);
  return leave (self, inner, error) ? g_steal_pointer (&parts) : NULL;
}

char *
streamer_journal_recall (StreamerJournal *self, const char *connection, const char *name)
{
  StreamerJournalRow row = { 0 };
  gboolean has_row = FALSE;
  char *value = NULL;
  GError *inner = NULL;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), NULL);
  g_return_val_if_fail (connection != NULL && name != NULL, NULL);

  if (!enter (self, NULL))
    return NULL;
  row.statement = streamer_database_prepare (
      self->reader, &inner, "SELECT value FROM facts WHERE connection = ?1 AND name = ?2", "ss",
      connection, name);
  if (row.statement && streamer_database_step (self->reader, row.statement, &has_row, &inner) &&
      has_row)
    {
      value = streamer_journal_row_take_text (&row);
      streamer_database_release (row.statement);
    }
  leave (self, inner, NULL);
  return value;
}
