/* streamer-list.c: prints the transfers of the journal, unfinished and done
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owner's thread. Asks no server.
 */

#include <glib/gi18n-lib.h>

#include "streamer-list.h"

#include <unistd.h>

#include "streamer-entries.h"
#include "streamer-leftovers.h"
#include "streamer-table.h"

/* Keys are longer than any terminal is wide. */
#define KEY_MAX_COLUMNS 40

void
streamer_list_set_time (JsonObject *object, const char *member, gint64 time)
{
  g_autoptr (GDateTime) when =
      time > 0 ? g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC) : NULL;
  g_autofree char *text = when != NULL ? g_date_time_format_iso8601 (when) : NULL;

  if (text != NULL)
    json_object_set_string_member (object, member, text);
  else
    json_object_set_null_member (object, member);
}

void
streamer_list_print (StreamerRun *run, char **header, GPtrArray *rows, GPtrArray *objects)
{
  gboolean is_looked_at =
      run->options->output == STREAMER_OUTPUT_LINKS && isatty (STDOUT_FILENO) && rows->len > 0;
  g_auto (GStrv) lines = NULL;
  guint index = 0;

  if (is_looked_at)
    g_ptr_array_insert (rows, 0, header);
  else
    g_strfreev (header);
  lines = streamer_table_format (rows, is_looked_at);
  if (is_looked_at)
    streamer_reporter_settle_object (run->reporter, index++, "", NULL, lines[0]);
  for (guint i = 0; i < objects->len; i++, index++)
    streamer_reporter_settle_object (run->reporter, index, "transfer", objects->pdata[i],
                                     lines[index]);
}

/* Records are few. Returns: (transfer none): as --connection takes it */
static const char *
name_connection (StreamerRun *run, GHashTable *connections, const char *record)
{
  StreamerConnection *connection = g_hash_table_lookup (connections, record);

  if (connection == NULL)
    {
      connection = streamer_setup_connect (record, &run->setup, NULL);
      if (connection == NULL)
        return "?";
      g_hash_table_insert (connections, g_strdup (record), connection);
    }
  return streamer_connection_get_kind (connection) == STREAMER_CONNECTION_THIS_COMPUTER
             ? streamer_connection_get_id (connection)
             : streamer_connection_get_name (connection);
}

static char *
format_sent (const StreamerJournalEntry *entry)
{
  guint64 size = streamer_entry_get_size (entry);

  if (entry->state == STREAMER_JOURNAL_DONE)
    return g_strdup ("100 %");
  if (size == STREAMER_SIZE_UNKNOWN || size == 0)
    return g_strdup ("–");
  return g_strdup_printf ("%u %%", (guint) (100 * ((double) entry->sent / (double) size)));
}

static char **
make_row (const StreamerJournalEntry *entry, const char *connection)
{
  char **row = g_new0 (char *, 9);
  guint64 size = streamer_entry_get_size (entry);

  row[0] = g_strdup (entry->id);
  row[1] = g_strdup (streamer_entry_describe_state (entry));
  row[2] = format_sent (entry);
  row[3] = size != STREAMER_SIZE_UNKNOWN ? g_format_size (size) : g_strdup ("–");
  row[4] = streamer_table_format_time (entry->ended_at > 0 ? entry->ended_at : entry->created_at);
  row[5] = g_strdup (connection);
  row[6] = streamer_progress_text_fit (entry->key, KEY_MAX_COLUMNS, TRUE);
  row[7] = g_strdup (entry->error != NULL ? entry->error : entry->url != NULL ? entry->url : "");
  return row;
}

static JsonNode *
make_object (const StreamerJournalEntry *entry, const char *connection)
{
  g_autoptr (StreamerReceipt) receipt = streamer_entry_make_receipt (entry);
  JsonNode *node = streamer_receipt_to_json (receipt);
  JsonObject *object = json_node_get_object (node);

  json_object_set_string_member (object, "state", streamer_entry_get_state (entry));
  json_object_set_int_member (object, "sent",
                              entry->state == STREAMER_JOURNAL_DONE ? (gint64) receipt->size
                                                                    : (gint64) entry->sent);
  json_object_set_string_member (object, "connection", connection);
  streamer_list_set_time (object, "created_at", entry->created_at);
  streamer_list_set_time (object, "ended_at",
                          entry->state == STREAMER_JOURNAL_WAITING ? 0 : entry->ended_at);
  return node;
}

static char **
make_header (void)
{
  /* Translators: the titles of columns, of a list of uploads */
  const char *const titles[] = { _ ("ID"),   _ ("STATE"),          _ ("SENT"),
                                 _ ("SIZE"), _ ("TIME"),           _ ("CONNECTION"),
                                 _ ("KEY"),  _ ("LINK OR REASON"), NULL };

  return g_strdupv ((char **) titles);
}

static void
list_journal (StreamerRun *run, GPtrArray *entries)
{
  g_autoptr (GHashTable) connections =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);

  for (guint i = 0; i < entries->len; i++)
    {
      const StreamerJournalEntry *entry = entries->pdata[i];
      const char *connection = name_connection (run, connections, entry->connection);

      g_ptr_array_add (rows, make_row (entry, connection));
      g_ptr_array_add (objects, make_object (entry, connection));
    }
  if (entries->len == 0)
    streamer_console_note (run->console, _ ("The journal of uploads is empty."));
  streamer_list_print (run, make_header (), rows, objects);
}

void
streamer_list (StreamerRun *run)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  if (streamer_run_open_journal (run, &error))
    {
      if (run->setup.connection != NULL)
        {
          streamer_leftovers_list (run);
          return;
        }
      entries = streamer_journal_list (run->journal, &error);
    }
  if (entries != NULL)
    list_journal (run, entries);
  else
    {
      streamer_console_complain (run->console, NULL, error);
      streamer_tally_add_failed (&run->tally, error);
    }
}
