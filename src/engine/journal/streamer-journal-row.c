/* streamer-journal-row.c: rows of the journal, none of which is trusted
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-journal-row.h"

#include <math.h>
#include <string.h>

#include "streamer-json.h"
#include "streamer-key.h"

static gboolean
is_of_type (StreamerJournalRow *row, int type)
{
  if (row->bad != NULL)
    return FALSE;
  if (sqlite3_column_type (row->statement, row->column) == type)
    return TRUE;
  row->bad = sqlite3_column_name (row->statement, row->column);
  return FALSE;
}

static void
refuse (StreamerJournalRow *row)
{
  if (row->bad == NULL)
    row->bad = sqlite3_column_name (row->statement, row->column);
}

gint64
streamer_journal_row_take_number (StreamerJournalRow *row, gint64 min, gint64 max)
{
  gint64 number = 0;

  if (is_of_type (row, SQLITE_INTEGER))
    {
      number = sqlite3_column_int64 (row->statement, row->column);
      if (number < min || number > max)
        refuse (row);
    }
  row->column++;
  return row->bad ? 0 : number;
}

guint64
streamer_journal_row_take_bits (StreamerJournalRow *row)
{
  return streamer_journal_row_take_number (row, G_MININT64, G_MAXINT64);
}

double
streamer_journal_row_take_double (StreamerJournalRow *row)
{
  double number = 0;

  if (is_of_type (row, SQLITE_FLOAT))
    {
      number = sqlite3_column_double (row->statement, row->column);
      if (!isfinite (number) || number < 0)
        refuse (row);
    }
  row->column++;
  return row->bad ? 0 : number;
}

/* Returns: (transfer full) (nullable): NUL-terminated, and without a NUL inside */
static char *
take_bytes (StreamerJournalRow *row, int type, gboolean is_nullable)
{
  g_autofree char *bytes = NULL;
  const char *there;
  gsize length;

  if (is_nullable && row->bad == NULL &&
      sqlite3_column_type (row->statement, row->column) == SQLITE_NULL)
    return NULL;
  if (!is_of_type (row, type))
    return NULL;
  there = type == SQLITE_BLOB ? sqlite3_column_blob (row->statement, row->column)
                              : (const char *) sqlite3_column_text (row->statement, row->column);
  length = sqlite3_column_bytes (row->statement, row->column);
  bytes = g_strndup (there ? there : "", length);
  if (strlen (bytes) != length || (type == SQLITE_TEXT && !g_utf8_validate (bytes, length, NULL)))
    {
      refuse (row);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

char *
streamer_journal_row_take_text (StreamerJournalRow *row)
{
  char *text = take_bytes (row, SQLITE_TEXT, FALSE);

  row->column++;
  return text;
}

char *
streamer_journal_row_take_nullable_text (StreamerJournalRow *row)
{
  char *text = take_bytes (row, SQLITE_TEXT, TRUE);

  row->column++;
  return text;
}

char **
streamer_journal_row_take_nullable_list (StreamerJournalRow *row)
{
  g_autofree char *text = take_bytes (row, SQLITE_TEXT, TRUE);
  g_autoptr (JsonNode) node = text ? streamer_json_parse (text, strlen (text), NULL) : NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean is_list = node && JSON_NODE_HOLDS_ARRAY (node);

  for (guint i = 0; is_list && i < json_array_get_length (json_node_get_array (node)); i++)
    {
      JsonNode *element = json_array_get_element (json_node_get_array (node), i);

      is_list = json_node_get_value_type (element) == G_TYPE_STRING;
      if (is_list)
        g_strv_builder_add (builder, json_node_get_string (element));
    }
  if (text != NULL && !is_list)
    refuse (row);
  row->column++;
  return is_list ? g_strv_builder_end (builder) : NULL;
}

char *
streamer_journal_row_take_path (StreamerJournalRow *row)
{
  char *path = take_bytes (row, SQLITE_BLOB, TRUE);

  if (path != NULL && !g_path_is_absolute (path))
    refuse (row);
  row->column++;
  return path;
}

char *
streamer_journal_row_take_key (StreamerJournalRow *row)
{
  char *key = take_bytes (row, SQLITE_TEXT, FALSE);
  g_autofree char *canonical = key ? streamer_key_canonicalize (key, -1, NULL) : NULL;

  if (g_strcmp0 (key, canonical) != 0)
    refuse (row);
  row->column++;
  return key;
}

StreamerPlan
streamer_journal_row_take_plan (StreamerJournalRow *row)
{
  StreamerPlan plan;
  gint64 size = streamer_journal_row_take_number (row, -1, G_MAXINT64);
  guint64 needed;

  plan.size = size < 0 ? STREAMER_SIZE_UNKNOWN : (guint64) size;
  plan.part_size = streamer_journal_row_take_number (row, 1, G_MAXINT64);
  plan.n_parts = streamer_journal_row_take_number (row, 1, streamer_limits_s3.max_parts);
  if (row->bad != NULL)
    return (StreamerPlan){ 0 };
  needed = plan.size / plan.part_size + (plan.size % plan.part_size != 0);
  if (plan.size != STREAMER_SIZE_UNKNOWN && plan.n_parts != MAX (needed, 1))
    row->bad = "n_parts";
  return plan;
}

/* @process: (out) (optional) */
static StreamerJournalOwner
take_owner (StreamerJournalRow *row, StreamerJournalSession *session, int *process)
{
  gint64 number = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  StreamerJournalOwner owner = streamer_journal_session_get_owner (session, number);

  if (process != NULL)
    *process =
        owner == STREAMER_JOURNAL_ANOTHER ? streamer_journal_session_get_process (number) : 0;
  return owner;
}

static void
take_identity (StreamerJournalRow *row, StreamerJournalEntry *entry)
{
  entry->has_identity = streamer_journal_row_take_number (row, 0, 1);
  entry->identity.device = streamer_journal_row_take_bits (row);
  entry->identity.inode = streamer_journal_row_take_bits (row);
  entry->identity.size = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  entry->identity.mtime_ns = (gint64) streamer_journal_row_take_bits (row);
  entry->identity.ctime_ns = (gint64) streamer_journal_row_take_bits (row);
}

static void
take_planned (StreamerJournalRow *row, StreamerJournalEntry *entry)
{
  entry->planned = streamer_journal_row_take_number (row, 0, 1);
  if (entry->planned)
    entry->plan = streamer_journal_row_take_plan (row);
  else
    row->column += 3;
}

StreamerJournalEntry *
streamer_journal_row_take_entry (StreamerJournalRow *row, StreamerJournalSession *session)
{
  StreamerJournalEntry *entry = g_new0 (StreamerJournalEntry, 1);
  gint64 crc32;

  entry->id = streamer_journal_row_take_text (row);
  entry->owner = take_owner (row, session, &entry->process);
  entry->connection = streamer_journal_row_take_text (row);
  entry->path = streamer_journal_row_take_path (row);
  entry->name = streamer_journal_row_take_text (row);
  entry->key = streamer_journal_row_take_key (row);
  entry->prefix = streamer_journal_row_take_nullable_text (row);
  entry->asked_part_size = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  entry->overwrite = streamer_journal_row_take_number (row, 0, 1);
  entry->tmp = streamer_journal_row_take_path (row);
  entry->content_type = streamer_journal_row_take_nullable_text (row);
  entry->storage_class = streamer_journal_row_take_nullable_text (row);
  entry->metadata = streamer_journal_row_take_nullable_list (row);
  if (entry->metadata != NULL && g_strv_length (entry->metadata) % 2 != 0)
    row->bad = "metadata";
  entry->wants_sha256 = streamer_journal_row_take_number (row, 0, 1);
  take_identity (row, entry);
  take_planned (row, entry);
  entry->generation = streamer_journal_row_take_number (row, 0, G_MAXUINT);
  entry->state = streamer_journal_row_take_number (row, 0, STREAMER_JOURNAL_CANCELLED);
  entry->error_code = streamer_journal_row_take_number (row, -1, G_MAXINT16);
  entry->error = streamer_journal_row_take_nullable_text (row);
  entry->url = streamer_journal_row_take_nullable_text (row);
  entry->etag = streamer_journal_row_take_nullable_text (row);
  crc32 = streamer_journal_row_take_number (row, -1, G_MAXUINT32);
  entry->has_crc32 = crc32 >= 0;
  entry->crc32 = entry->has_crc32 ? crc32 : 0;
  entry->sha256 = streamer_journal_row_take_nullable_text (row);
  entry->created_at = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  entry->started_at = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  entry->ended_at = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  entry->seconds = streamer_journal_row_take_double (row);
  entry->retries = streamer_journal_row_take_number (row, 0, G_MAXUINT);
  entry->sent = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  return entry;
}

StreamerJournalUpload *
streamer_journal_row_take_upload (StreamerJournalRow *row, StreamerJournalSession *session)
{
  StreamerJournalUpload *upload = g_new0 (StreamerJournalUpload, 1);
  StreamerPlan plan;

  upload->number = streamer_journal_row_take_number (row, 1, G_MAXINT64);
  upload->owner = take_owner (row, session, NULL);
  upload->transfer_id = streamer_journal_row_take_text (row);
  upload->connection = streamer_journal_row_take_text (row);
  upload->key = streamer_journal_row_take_key (row);
  plan = streamer_journal_row_take_plan (row);
  upload->size = plan.size;
  upload->part_size = plan.part_size;
  upload->n_parts = plan.n_parts;
  upload->content_type = streamer_journal_row_take_nullable_text (row);
  upload->overwrite = streamer_journal_row_take_number (row, 0, 1);
  upload->generation = streamer_journal_row_take_number (row, 0, G_MAXUINT);
  upload->resume_id = streamer_journal_row_take_text (row);
  upload->upload_id = streamer_journal_row_take_nullable_text (row);
  upload->state = streamer_journal_row_take_number (row, 0, STREAMER_JOURNAL_UPLOAD_GIVEN_UP);
  if (upload->upload_id == NULL && (upload->state == STREAMER_JOURNAL_UPLOAD_OPEN ||
                                    upload->state == STREAMER_JOURNAL_UPLOAD_FINISHING))
    refuse (row);
  upload->began_at = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  upload->n_aborts = streamer_journal_row_take_number (row, 0, G_MAXUINT);
  upload->abort_tried_at = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  return upload;
}

void
streamer_journal_row_take_part (StreamerJournalRow *row,
                                const StreamerPlan *plan,
                                StreamerStoredPart *part)
{
  guint64 offset, length;

  part->number = streamer_journal_row_take_number (row, 1, plan->n_parts);
  part->size = streamer_journal_row_take_number (row, 0, G_MAXINT64);
  part->crc32 = streamer_journal_row_take_number (row, 0, G_MAXUINT32);
  part->etag = streamer_journal_row_take_text (row);
  if (row->bad != NULL)
    return;
  streamer_plan_get_part (plan, part->number, &offset, &length);
  if (plan->size == STREAMER_SIZE_UNKNOWN ? part->size > length : part->size != length)
    row->bad = "size";
}
