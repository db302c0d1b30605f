/* streamer-journal-write-upload.c: what is written to the journal of uploads and their parts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each call has a function that queues it, on any thread, and before that one that runs it, on the
 * writer's, within a transaction.
 */

#include "streamer-journal-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"

/* Whether the last statement has met the upload; where not, the write is refused. */
static gboolean
refuse_unknown (StreamerJournal *self, StreamerJournalWrite *write)
{
  if (streamer_database_get_changes (self->database) == 0)
    g_set_error_literal (&write->refusal, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD,
                         _ ("The journal of uploads does not know this upload any more."));
  return TRUE;
}

static gboolean
wait_and_free (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  gboolean good;

  /* The owner's thread has a window to draw. */
  g_assert (!g_main_context_is_owner (self->context));

  good = streamer_journal_writer_wait (self, write, error);
  streamer_journal_write_free (write);
  return good;
}

static gboolean
wait_for_number (StreamerJournal *self, StreamerJournalRun run, gint64 number, GError **error)
{
  StreamerJournalWrite *write;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (number > 0, FALSE);

  write = streamer_journal_write_new (run);
  write->number = number;
  return wait_and_free (self, write, error);
}

static void
queue_for_number (StreamerJournal *self, StreamerJournalRun run, gint64 number)
{
  StreamerJournalWrite *write;

  g_return_if_fail (STREAMER_IS_JOURNAL (self));
  g_return_if_fail (number > 0);

  write = streamer_journal_write_new (run);
  write->number = number;
  streamer_journal_writer_queue (self, write);
}

/* The number is never that of an upload in a journal that was set aside. */
static gboolean
run_begin (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  const StreamerJournalUpload *upload = write->upload;
  gboolean may;

  if (!streamer_journal_may_write (self, write, write->entry->id, &may, error))
    return FALSE;
  if (!may)
    return TRUE;
  if (!streamer_journal_run_put (self, write->entry, error) ||
      !STREAMER_JOURNAL_RUN (
          "INSERT INTO uploads (" STREAMER_JOURNAL_UPLOAD_COLUMNS ")"
          " VALUES (MAX (?1, (SELECT coalesce (MAX (number), 0) + 1 FROM uploads)), ?2, ?3, ?4, ?5,"
          " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 0, 0)",
          "iisssiiisiissii", upload->began_at, streamer_journal_session_get_number (self->session),
          upload->transfer_id, upload->connection, upload->key, (gint64) upload->size,
          (gint64) upload->part_size, (gint64) upload->n_parts, upload->content_type,
          (gint64) upload->overwrite, (gint64) upload->generation, upload->resume_id,
          upload->upload_id, (gint64) STREAMER_JOURNAL_UPLOAD_BEGINNING, upload->began_at))
    return FALSE;
  write->number = sqlite3_last_insert_rowid (streamer_database_get_connection (self->database));
  return TRUE;
}

gboolean
streamer_journal_begin_sync (StreamerJournal *self,
                             const StreamerJournalEntry *entry,
                             const StreamerUpload *upload,
                             gint64 *number,
                             GError **error)
{
  StreamerJournalWrite *write;
  gboolean good;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (entry != NULL && upload != NULL && number != NULL, FALSE);
  g_return_val_if_fail (upload->n_parts >= 1 && upload->part_size >= 1, FALSE);
  g_assert (!g_main_context_is_owner (self->context));

  write = streamer_journal_write_new (run_begin);
  write->entry = streamer_journal_entry_copy (entry);
  write->upload = g_new0 (StreamerJournalUpload, 1);
  *write->upload = (StreamerJournalUpload){
    .transfer_id = g_strdup (entry->id),
    .connection = g_strdup (entry->connection),
    .key = g_strdup (upload->key),
    .size = upload->size,
    .part_size = upload->part_size,
    .n_parts = upload->n_parts,
    .content_type = g_strdup (upload->content_type),
    .overwrite = !!upload->overwrite,
    .generation = entry->generation,
    .resume_id = g_strdup (upload->resume_id),
    .began_at = g_get_real_time (),
  };
  good = streamer_journal_writer_wait (self, write, error);
  if (good)
    *number = write->number;
  streamer_journal_write_free (write);
  return good;
}

static gboolean
run_begin_again (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  return STREAMER_JOURNAL_RUN ("UPDATE uploads SET began_at = ?2 WHERE number = ?1", "ii",
                               write->number, g_get_real_time ()) &&
         refuse_unknown (self, write);
}

gboolean
streamer_journal_begin_again_sync (StreamerJournal *self, gint64 number, GError **error)
{
  return wait_for_number (self, run_begin_again, number, error);
}

static gboolean
run_begun (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  return STREAMER_JOURNAL_RUN ("UPDATE uploads SET upload_id = ?2,"
                               " state = CASE state WHEN ?3 THEN ?4 ELSE state END"
                               " WHERE number = ?1",
                               "isii", write->number, write->text,
                               (gint64) STREAMER_JOURNAL_UPLOAD_BEGINNING,
                               (gint64) STREAMER_JOURNAL_UPLOAD_OPEN) &&
         refuse_unknown (self, write);
}

gboolean
streamer_journal_begun_sync (StreamerJournal *self,
                             gint64 number,
                             const char *upload_id,
                             GError **error)
{
  StreamerJournalWrite *write;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (number > 0 && upload_id != NULL, FALSE);

  write = streamer_journal_write_new (run_begun);
  write->number = number;
  write->text = g_strdup (upload_id);
  return wait_and_free (self, write, error);
}

static gboolean
run_part (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  const StreamerStoredPart *part = &write->part;

  return STREAMER_JOURNAL_RUN ("INSERT OR REPLACE INTO parts (upload, number, size, crc32, etag)"
                               " SELECT number, ?2, ?3, ?4, ?5 FROM uploads"
                               " WHERE number = ?1 AND state <> ?6",
                               "iiiisi", write->number, (gint64) part->number, (gint64) part->size,
                               (gint64) part->crc32, part->etag,
                               (gint64) STREAMER_JOURNAL_UPLOAD_GIVEN_UP) &&
         refuse_unknown (self, write);
}

gboolean
streamer_journal_part_sync (StreamerJournal *self,
                            gint64 number,
                            const StreamerStoredPart *part,
                            GError **error)
{
  StreamerJournalWrite *write;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (number > 0, FALSE);
  g_return_val_if_fail (part != NULL && part->number >= 1 && part->etag != NULL, FALSE);

  write = streamer_journal_write_new (run_part);
  write->is_hint = TRUE;
  write->number = number;
  write->part = *part;
  write->part.etag = g_strdup (part->etag);
  return wait_and_free (self, write, error);
}

static gboolean
run_drop_parts (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  for (guint i = 0; i < write->numbers->len; i++)
    if (!STREAMER_JOURNAL_RUN ("DELETE FROM parts WHERE upload = ?1 AND number = ?2", "ii",
                               write->number, (gint64) g_array_index (write->numbers, guint, i)))
      return FALSE;
  return TRUE;
}

void
streamer_journal_drop_parts (StreamerJournal *self,
                             gint64 number,
                             const guint *numbers,
                             gsize n_numbers)
{
  StreamerJournalWrite *write;

  g_return_if_fail (STREAMER_IS_JOURNAL (self));
  g_return_if_fail (number > 0);
  g_return_if_fail (numbers != NULL || n_numbers == 0);

  write = streamer_journal_write_new (run_drop_parts);
  write->number = number;
  write->numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  if (n_numbers > 0)
    g_array_append_vals (write->numbers, numbers, n_numbers);
  streamer_journal_writer_queue (self, write);
}

static gboolean
run_finishing (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  return STREAMER_JOURNAL_RUN ("UPDATE uploads SET state = ?2 WHERE number = ?1 AND state <> ?3",
                               "iii", write->number, (gint64) STREAMER_JOURNAL_UPLOAD_FINISHING,
                               (gint64) STREAMER_JOURNAL_UPLOAD_GIVEN_UP) &&
         refuse_unknown (self, write);
}

gboolean
streamer_journal_finishing_sync (StreamerJournal *self, gint64 number, GError **error)
{
  return wait_for_number (self, run_finishing, number, error);
}

static gboolean
run_forget (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  return STREAMER_JOURNAL_RUN ("DELETE FROM parts WHERE upload = ?1", "i", write->number) &&
         STREAMER_JOURNAL_RUN ("DELETE FROM uploads WHERE number = ?1", "i", write->number);
}

void
streamer_journal_forget (StreamerJournal *self, gint64 number)
{
  queue_for_number (self, run_forget, number);
}

static gboolean
run_done (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  return streamer_journal_run_put (self, write->entry, error) && run_forget (self, write, error);
}

gboolean
streamer_journal_done_sync (StreamerJournal *self,
                            gint64 number,
                            const StreamerJournalEntry *entry,
                            GError **error)
{
  StreamerJournalWrite *write;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (number > 0 && entry != NULL, FALSE);

  write = streamer_journal_write_new (run_done);
  write->number = number;
  write->entry = streamer_journal_entry_copy (entry);
  write->entry->state = STREAMER_JOURNAL_DONE;
  return wait_and_free (self, write, error);
}

static gboolean
run_give_up (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  return STREAMER_JOURNAL_RUN ("DELETE FROM parts WHERE upload = ?1", "i", write->number) &&
         STREAMER_JOURNAL_RUN ("UPDATE uploads SET state = ?2 WHERE number = ?1", "ii",
                               write->number, (gint64) STREAMER_JOURNAL_UPLOAD_GIVEN_UP);
}

void
streamer_journal_give_up (StreamerJournal *self, gint64 number)
{
  queue_for_number (self, run_give_up, number);
}

static gboolean
run_abort_failed (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  return STREAMER_JOURNAL_RUN ("UPDATE uploads SET n_aborts = n_aborts + 1, abort_tried_at = ?2"
                               " WHERE number = ?1",
                               "ii", write->number, g_get_real_time ());
}

void
streamer_journal_abort_failed (StreamerJournal *self, gint64 number)
{
  queue_for_number (self, run_abort_failed, number);
}

void
streamer_journal_refuse_others (StreamerJournalWrite *write, gint64 session)
{
  int process = streamer_journal_session_get_process (session);

  if (write->id != NULL)
    g_set_error (&write->refusal, STREAMER_ERROR, STREAMER_ERROR_EXISTS,
                 /* Translators: the number of a process, and an ID */
                 _ ("Another window or command of this program, process %d, is working on the "
                    "upload %s."),
                 process, write->id);
  else
    g_set_error (&write->refusal, STREAMER_ERROR, STREAMER_ERROR_EXISTS,
                 /* Translators: the number of a process */
                 _ ("Another window or command of this program, process %d, is working on this "
                    "upload."),
                 process);
}

/* Whose the row is that @sql finds. Returns: whether it may be taken; where not, it is refused */
static gboolean
may_take (StreamerJournal *self,
          StreamerJournalWrite *write,
          sqlite3_stmt *statement,
          gboolean *may,
          GError **error)
{
  gboolean has_row;
  gint64 session;

  *may = FALSE;
  if (!streamer_journal_take_session (self, statement, &has_row, &session, error))
    return FALSE;
  if (!has_row)
    {
      g_set_error_literal (&write->refusal, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                           _ ("The journal of uploads does not know this upload any more."));
      return TRUE;
    }
  *may = streamer_journal_session_get_owner (self->session, session) != STREAMER_JOURNAL_ANOTHER;
  if (!*may)
    streamer_journal_refuse_others (write, session);
  return TRUE;
}

static gboolean
run_claim (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  gint64 session = streamer_journal_session_get_number (self->session);
  gboolean may;

  if (!may_take (self, write,
                 streamer_database_prepare (self->database, error,
                                            "SELECT session FROM transfers WHERE id = ?1", "s",
                                            write->id),
                 &may, error))
    return FALSE;
  return !may || (STREAMER_JOURNAL_RUN ("UPDATE transfers SET session = ?2 WHERE id = ?1", "si",
                                        write->id, session) &&
                  STREAMER_JOURNAL_RUN (
                      "UPDATE uploads SET session = ?2 WHERE transfer = ?1 AND state <> ?3 AND"
                      " (SELECT state FROM transfers WHERE id = ?1) NOT IN (?4, ?5)",
                      "siiii", write->id, session, (gint64) STREAMER_JOURNAL_UPLOAD_GIVEN_UP,
                      (gint64) STREAMER_JOURNAL_DONE, (gint64) STREAMER_JOURNAL_CANCELLED));
}

gboolean
streamer_journal_claim_sync (StreamerJournal *self, const char *id, GError **error)
{
  StreamerJournalWrite *write;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  write = streamer_journal_write_new (run_claim);
  write->id = g_strdup (id);
  return wait_and_free (self, write, error);
}

/* Nobody may go on with it, this session no more than others. */
static gboolean
refuse_wanted (StreamerJournal *self, StreamerJournalWrite *write, gboolean *may, GError **error)
{
  sqlite3_stmt *statement = streamer_database_prepare (
      self->database, error,
      "SELECT t.session FROM uploads u JOIN transfers t ON t.id = u.transfer"
      " WHERE u.number = ?1 AND u.state <> ?2 AND t.state = ?3",
      "iii", write->number, (gint64) STREAMER_JOURNAL_UPLOAD_GIVEN_UP,
      (gint64) STREAMER_JOURNAL_WAITING);
  gboolean has_row;
  gint64 session;

  if (!streamer_journal_take_session (self, statement, &has_row, &session, error))
    return FALSE;
  if (!has_row)
    return TRUE;
  *may = streamer_journal_session_get_owner (self->session, session) == STREAMER_JOURNAL_NOBODY;
  if (!*may)
    g_set_error_literal (
        &write->refusal, STREAMER_ERROR, STREAMER_ERROR_EXISTS,
        _ ("This upload goes on again. If nobody wants it, cancel it in the list of uploads."));
  return TRUE;
}

static gboolean
run_take_leftover (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  gboolean may;

  if (!may_take (self, write,
                 streamer_database_prepare (self->database, error,
                                            "SELECT session FROM uploads WHERE number = ?1", "i",
                                            write->number),
                 &may, error))
    return FALSE;
  if (may && !refuse_wanted (self, write, &may, error))
    return FALSE;
  return !may || (run_give_up (self, write, error) &&
                  STREAMER_JOURNAL_RUN ("UPDATE uploads SET session = ?2 WHERE number = ?1", "ii",
                                        write->number,
                                        streamer_journal_session_get_number (self->session)));
}

gboolean
streamer_journal_take_leftover_sync (StreamerJournal *self, gint64 upload, GError **error)
{
  return wait_for_number (self, run_take_leftover, upload, error);
}
