/* fuzz-journal.c: rows of the journal that somebody has spoiled, up to the transfers made of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input has a line for each row: the letter of its table, and values after tabs. One that is
 * empty is as in a good row; else its first letter says what it is: n NULL, i an integer, r a real
 * number, s a text, b bytes, x a text in hex.
 */

#include "journal-place.h"

#include <string.h>

#include "streamer-connection-record.h"
#include "streamer-journal-private.h"
#include "streamer-transfer-private.h"

#define MAX_ROWS    64
#define MAX_COLUMNS 40

#define CONNECTION "s{\"kind\":\"this-computer\",\"id\":\"this-computer\"}"
#define ID         "s3f09a2b4c1d2"

/* A table as it is in a file that nobody looks after: without types or conditions. */
typedef struct
{
  char letter;
  const char *columns;
  const char *good; /* a row */
  const char *insert;
} Table;

#define TABLE(letter, name, columns, good)                                                         \
  {                                                                                                \
    letter, "CREATE TABLE " name " (" columns ")", good, "INSERT INTO " name " VALUES "            \
  }

static const Table tables[] = {
  TABLE ('t',
         "transfers",
         STREAMER_JOURNAL_TRANSFER_COLUMNS ", place",
         ID "\ti0\t" CONNECTION "\tb/tmp/file\tsfile\tsfile\tn\ti0\ti0\tb/tmp\tn\tn\tn\ti0\ti1\ti1"
            "\ti2\ti10\ti3\ti4\ti1\ti10\ti5\ti2\ti1\ti0\ti-1\tn\tn\tn\ti-1\tn\ti1\ti1\ti0\tr0\ti0"
            "\ti1"),
  TABLE ('u',
         "uploads",
         STREAMER_JOURNAL_UPLOAD_COLUMNS,
         "i1\ti0\t" ID "\t" CONNECTION
         "\tsfile\ti10\ti5\ti2\tn\ti0\ti1\tsresume\tsupload\ti1\ti1\ti0\ti0"),
  TABLE ('p', "parts", "upload, number, size, crc32, etag", "i1\ti1\ti5\ti7\tsetag"),
  TABLE ('f', "facts", "connection, name, value", "sc\tsn\tsv"),
};

static StreamerJournal *journal;
static sqlite3 *database;
static sqlite3_stmt *inserts[G_N_ELEMENTS (tables)];
static guint n_columns[G_N_ELEMENTS (tables)];
static StreamerPool *pool;

static void
execute (const char *sql)
{
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

static void
prepare_insert (guint table)
{
  g_autoptr (GString) sql = g_string_new (tables[table].insert);

  for (const char *p = tables[table].good; p != NULL; p = strchr (p + 1, '\t'))
    g_string_append (sql, n_columns[table]++ == 0 ? "(?" : ", ?");
  g_string_append_c (sql, ')');
  g_assert_cmpint (sqlite3_prepare_v2 (database, sql->str, -1, &inserts[table], NULL), ==,
                   SQLITE_OK);
}

/* Once: the file is gone from the folder while it is used, and so it is nobody's to clean up. */
static void
set_up (void)
{
  char *folder = journal_place_new ();
  g_autofree char *path = g_build_filename (folder, "journal.db", NULL);

  fuzz_expect_warning ("A row of the journal makes no sense and is skipped");
  g_object_unref (journal_place_open (folder));
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  execute ("DROP TABLE transfers; DROP TABLE uploads; DROP TABLE parts; DROP TABLE facts");
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      execute (tables[i].columns);
      prepare_insert (i);
    }
  execute ("PRAGMA synchronous = OFF");
  journal = journal_place_open (folder);
  pool = streamer_pool_new (1);
  journal_place_free (folder);
}

static void
bind_bytes (sqlite3_stmt *statement, int column, char type, const char *value)
{
  gsize length = strlen (value);
  g_autofree char *bytes = g_malloc0 (length + 1);

  if (type != 'x')
    memcpy (bytes, value, length);
  else
    {
      length /= 2;
      for (gsize i = 0; i < length; i++)
        bytes[i] = (char) ((guint) g_ascii_xdigit_value (value[2 * i]) << 4 |
                           (guint) g_ascii_xdigit_value (value[2 * i + 1]));
    }
  if (type == 'b')
    sqlite3_bind_blob (statement, column, bytes, (int) length, SQLITE_TRANSIENT);
  else
    sqlite3_bind_text (statement, column, bytes, (int) length, SQLITE_TRANSIENT);
}

static void
bind (sqlite3_stmt *statement, int column, const char *value)
{
  switch (*value)
    {
    case 'i':
      sqlite3_bind_int64 (statement, column, g_ascii_strtoll (value + 1, NULL, 10));
      break;
    case 'r':
      sqlite3_bind_double (statement, column, g_ascii_strtod (value + 1, NULL));
      break;
    case 's':
    case 'b':
    case 'x':
      bind_bytes (statement, column, *value, value + 1);
      break;
    default:
      sqlite3_bind_null (statement, column);
    }
}

static void
insert (const char *line)
{
  guint table = 0;
  g_auto (GStrv) values = NULL;
  g_auto (GStrv) good = NULL;
  guint n_values;

  while (table < G_N_ELEMENTS (tables) && tables[table].letter != *line)
    table++;
  if (table == G_N_ELEMENTS (tables))
    return;
  values = g_strsplit (line, "\t", MAX_COLUMNS);
  good = g_strsplit (tables[table].good, "\t", 0);
  n_values = g_strv_length (values);
  /* The letter of the table stands before the first value. */
  for (guint i = 0; i < n_columns[table]; i++)
    bind (inserts[table], (int) i + 1,
          i + 1 < n_values && *values[i + 1] != '\0' ? values[i + 1] : good[i]);
  g_assert_cmpint (sqlite3_step (inserts[table]), ==, SQLITE_DONE);
  sqlite3_reset (inserts[table]);
}

static void
fill (FuzzInput *input)
{
  execute ("BEGIN; DELETE FROM transfers; DELETE FROM uploads; DELETE FROM parts;"
           " DELETE FROM facts");
  for (guint i = 0; i < MAX_ROWS && input->size > 0; i++)
    {
      g_autofree char *line = fuzz_take_line (input);

      insert (line);
    }
  execute ("COMMIT");
}

/* What is spoiled is skipped, and hides nothing else. */
static GPtrArray *
list (void)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = streamer_journal_list (journal, &error);

  g_assert_no_error (error);
  return entries;
}

static GPtrArray *
list_uploads (const char *transfer_id)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *uploads = streamer_journal_list_uploads (journal, transfer_id, &error);

  g_assert_no_error (error);
  return uploads;
}

static GArray *
list_parts (gint64 number)
{
  g_autoptr (GError) error = NULL;
  GArray *parts = streamer_journal_list_parts (journal, number, &error);

  g_assert_no_error (error);
  return parts;
}

/* As it is done when the program starts, but for pipes, of which a server would be told. */
static void
restore (const StreamerJournalEntry *entry)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerConnection) connection =
      streamer_connection_new_from_record (entry->connection, secrets, NULL);
  g_autoptr (GPtrArray) uploads = list_uploads (entry->id);
  const StreamerJournalUpload *newest = uploads->len > 0 ? uploads->pdata[uploads->len - 1] : NULL;
  g_autoptr (GArray) parts = newest != NULL ? list_parts (newest->number) : NULL;
  g_autoptr (StreamerTarget) target = NULL;
  g_autoptr (StreamerTransfer) transfer = NULL;
  g_autoptr (StreamerJournalEntry) again = NULL;

  if (connection == NULL || entry->path == NULL)
    return;
  target = streamer_target_new (connection);
  transfer = streamer_transfer_new_restored (entry, newest, parts, target, pool, NULL, NULL);
  again = streamer_transfer_make_entry (transfer);
  g_assert_cmpstr (again->id, ==, entry->id);
  g_assert_cmpstr (again->path, ==, entry->path);
  g_assert_cmpstr (again->key, ==, entry->key);
  g_assert_cmpint (again->state, ==, entry->state);
  if (!again->planned)
    return;
  g_assert_cmpuint (again->plan.size, ==, entry->plan.size);
  g_assert_cmpuint (again->plan.part_size, ==, entry->plan.part_size);
  g_assert_cmpuint (again->plan.n_parts, ==, entry->plan.n_parts);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GPtrArray) uploads = NULL;
  g_autofree char *fact = NULL;

  if (journal == NULL)
    set_up ();
  fill (&input);
  entries = list ();
  uploads = list_uploads (NULL);
  fact = streamer_journal_recall (journal, "c", "n");
  g_assert_true (fact == NULL || g_utf8_validate (fact, -1, NULL));
  journal_place_check_rows (journal);
  for (guint i = 0; i < entries->len; i++)
    restore (entries->pdata[i]);
  return 0;
}
