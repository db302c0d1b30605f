/* streamer-journal-write.c: what is written to the journal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each call has a function that queues it, on any thread, and before that one that runs it, on the
 * writer's, within a transaction.
 */

#include "streamer-journal-private.h"

#include "streamer-error.h"
#include "streamer-json.h"

/* One that is not in order would hide the whole row when it is read. */
static char *
make_text (const char *text)
{
  return text ? g_utf8_make_valid (text, -1) : NULL;
}

/* Returns: (transfer full) (nullable): what streamer_journal_row_take_nullable_list() reads */
static char *
make_list (char **texts)
{
  g_autoptr (JsonNode) node = NULL;
  JsonArray *array;

  if (texts == NULL)
    return NULL;
  array = json_array_new ();
  for (guint i = 0; texts[i] != NULL; i++)
    json_array_add_string_element (array, texts[i]);
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return streamer_json_to_string (node);
}

/* A link with a query may be signed, and one with a password is a secret. */
static const char *
get_public_url (const char *url)
{
  g_autoptr (GUri) uri = url ? g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL) : NULL;

  if (uri == NULL || g_uri_get_query (uri) != NULL || g_uri_get_userinfo (uri) != NULL)
    return NULL;
  return url;
}

/* For each of the columns. */
#define VALUES                                                                                     \
  "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"     \
  " ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37"

gboolean
streamer_journal_run_put (StreamerJournal *self, const StreamerJournalEntry *entry, GError **error)
{
  const StreamerSourceIdentity *identity = &entry->identity;
  g_autofree char *type = make_text (entry->content_type);
  g_autofree char *words = make_text (entry->error);
  g_autofree char *etag = make_text (entry->etag);
  g_autofree char *metadata = make_list (entry->metadata);

  return STREAMER_JOURNAL_RUN (
      "INSERT INTO transfers (" STREAMER_JOURNAL_TRANSFER_COLUMNS ")"
      " VALUES (" VALUES ") ON CONFLICT (id) DO UPDATE SET (" STREAMER_JOURNAL_TRANSFER_COLUMNS ")"
      " = (" VALUES ")",
      "sisbsssiibsssiiiiiiiiiiiiiisssisiiidi", entry->id,
      streamer_journal_session_get_number (self->session), entry->connection, entry->path,
      entry->name, entry->key, entry->prefix, (gint64) entry->asked_part_size,
      (gint64) !!entry->overwrite, entry->tmp, type, entry->storage_class, metadata,
      (gint64) !!entry->wants_sha256, (gint64) !!entry->has_identity, (gint64) identity->device,
      (gint64) identity->inode, (gint64) identity->size, identity->mtime_ns, identity->ctime_ns,
      (gint64) !!entry->planned, (gint64) entry->plan.size, (gint64) entry->plan.part_size,
      (gint64) entry->plan.n_parts, (gint64) entry->generation, (gint64) entry->state,
      (gint64) entry->error_code, words, get_public_url (entry->url), etag,
      entry->has_crc32 ? (gint64) entry->crc32 : G_GINT64_CONSTANT (-1), entry->sha256,
      entry->created_at, entry->started_at, entry->ended_at, entry->seconds,
      (gint64) entry->retries);
}

gboolean
streamer_journal_take_session (StreamerJournal *self,
                               sqlite3_stmt *statement,
                               gboolean *has_row,
                               gint64 *session,
                               GError **error)
{
  if (!statement || !streamer_database_step (self->database, statement, has_row, error))
    return FALSE;
  if (!*has_row)
    return TRUE;
  *session = sqlite3_column_int64 (statement, 0);
  streamer_database_release (statement);
  return TRUE;
}

gboolean
streamer_journal_may_write (StreamerJournal *self,
                            StreamerJournalWrite *write,
                            const char *id,
                            gboolean *may,
                            GError **error)
{
  sqlite3_stmt *statement = streamer_database_prepare (
      self->database, error,
      "SELECT session FROM transfers WHERE id = ?1 AND state NOT IN (?2, ?3)", "sii", id,
      (gint64) STREAMER_JOURNAL_DONE, (gint64) STREAMER_JOURNAL_CANCELLED);
  gint64 session;
  gboolean has_row;

  *may = TRUE;
  if (!streamer_journal_take_session (self, statement, &has_row, &session, error))
    return FALSE;
  if (!has_row)
    return TRUE;
  *may = streamer_journal_session_get_owner (self->session, session) != STREAMER_JOURNAL_ANOTHER;
  if (!*may)
    streamer_journal_refuse_others (write, session);
  return TRUE;
}

static gboolean
run_put (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  gboolean may;

  return streamer_journal_may_write (self, write, write->entry->id, &may, error) &&
         (!may || streamer_journal_run_put (self, write->entry, error));
}

void
streamer_journal_put (StreamerJournal *self, const StreamerJournalEntry *entry)
{
  StreamerJournalWrite *write;

  g_return_if_fail (STREAMER_IS_JOURNAL (self));
  g_return_if_fail (entry != NULL && entry->id != NULL && entry->connection != NULL);
  g_return_if_fail (entry->name != NULL && entry->key != NULL);

  write = streamer_journal_write_new (run_put);
  write->entry = streamer_journal_entry_copy (entry);
  streamer_journal_writer_queue (self, write);
}

/* Whoever pauses or cancels may not have heard yet that a worker has written a receipt. */
static gboolean
run_set_state (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  gboolean may;

  return streamer_journal_may_write (self, write, write->id, &may, error) &&
         (!may ||
          STREAMER_JOURNAL_RUN ("UPDATE transfers SET state = ?2, error_code = ?3, error = ?4,"
                                " ended_at = ?5, session = ?6 WHERE id = ?1 AND state <> ?7",
                                "siisiii", write->id, (gint64) write->state,
                                (gint64) write->error_code, write->text, write->number,
                                streamer_journal_session_get_number (self->session),
                                (gint64) STREAMER_JOURNAL_DONE));
}

void
streamer_journal_set_state (StreamerJournal *self,
                            const char *id,
                            StreamerJournalState state,
                            const GError *error)
{
  StreamerJournalWrite *write;

  g_return_if_fail (STREAMER_IS_JOURNAL (self));
  g_return_if_fail (id != NULL);

  write = streamer_journal_write_new (run_set_state);
  write->id = g_strdup (id);
  write->state = state;
  if (state != STREAMER_JOURNAL_WAITING && state != STREAMER_JOURNAL_PAUSED)
    write->number = g_get_real_time ();
  write->error_code = -1;
  if (error != NULL)
    {
      write->error_code = error->domain == STREAMER_ERROR ? error->code : STREAMER_ERROR_FAILED;
      write->text = make_text (error->message);
    }
  streamer_journal_writer_queue (self, write);
}

static void
queue_for_id (StreamerJournal *self, StreamerJournalRun run, const char *id)
{
  StreamerJournalWrite *write;

  g_return_if_fail (STREAMER_IS_JOURNAL (self));
  g_return_if_fail (id != NULL);

  write = streamer_journal_write_new (run);
  write->id = g_strdup (id);
  streamer_journal_writer_queue (self, write);
}

static gboolean
run_release (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  gint64 session = streamer_journal_session_get_number (self->session);

  return STREAMER_JOURNAL_RUN ("UPDATE transfers SET session = 0 WHERE id = ?1 AND session = ?2",
                               "si", write->id, session) &&
         STREAMER_JOURNAL_RUN (
             "UPDATE uploads SET session = 0 WHERE transfer = ?1 AND session = ?2", "si", write->id,
             session);
}

void
streamer_journal_release (StreamerJournal *self, const char *id)
{
  queue_for_id (self, run_release, id);
}

static gboolean
run_remove (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  return STREAMER_JOURNAL_RUN ("DELETE FROM transfers WHERE id = ?1", "s", write->id) &&
         STREAMER_JOURNAL_RUN ("DELETE FROM parts WHERE upload IN"
                               " (SELECT number FROM uploads WHERE transfer = ?1)",
                               "s", write->id) &&
         STREAMER_JOURNAL_RUN ("UPDATE uploads SET state = ?2 WHERE transfer = ?1", "si", write->id,
                               (gint64) STREAMER_JOURNAL_UPLOAD_GIVEN_UP);
}

void
streamer_journal_remove (StreamerJournal *self, const char *id)
{
  queue_for_id (self, run_remove, id);
}

static gboolean
run_remember (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  if (write->value == NULL)
    return STREAMER_JOURNAL_RUN ("DELETE FROM facts WHERE connection = ?1 AND name = ?2", "ss",
                                 write->id, write->text);
  return STREAMER_JOURNAL_RUN (
      "INSERT OR REPLACE INTO facts (connection, name, value) VALUES (?1, ?2, ?3)", "sss",
      write->id, write->text, write->value);
}

void
streamer_journal_remember (StreamerJournal *self,
                           const char *connection,
                           const char *name,
                           const char *value)
{
  StreamerJournalWrite *write;

  g_return_if_fail (STREAMER_IS_JOURNAL (self));
  g_return_if_fail (connection != NULL && name != NULL);

  write = streamer_journal_write_new (run_remember);
  write->id = g_strdup (connection);
  write->text = g_strdup (name);
  write->value = g_strdup (value);
  streamer_journal_writer_queue (self, write);
}

gboolean
streamer_journal_flush_sync (StreamerJournal *self, GError **error)
{
  StreamerJournalWrite *write;
  gboolean good;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), FALSE);

  write = streamer_journal_write_new (NULL);
  /* Alone, it needs nothing of the disk. */
  write->is_hint = TRUE;
  good = streamer_journal_writer_wait (self, write, error);
  streamer_journal_write_free (write);
  return good;
}
