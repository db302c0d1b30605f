/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "journal-fixture.h"
#include "streamer-database.h"
#include "streamer-error.h"
#include "streamer-journal-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Enough for a table of several pages. */
#define N_ENTRIES 50

static void
fill (JournalFixture *fixture)
{
  for (guint i = 0; i < N_ENTRIES; i++)
    {
      g_autofree char *id = g_strdup_printf ("entry-%u", i);

      journal_fixture_put (fixture, id);
    }
  journal_fixture_flush (fixture);
}

/* Changes the bytes of a file that nobody has open: @offset counts from the end when negative */
static void
overwrite (JournalFixture *fixture, const char *name, gint64 offset, gconstpointer bytes, gsize n)
{
  g_autofree char *path = journal_fixture_path (fixture, name);
  int fd = open (path, O_WRONLY | O_CREAT, 0600);

  g_assert_cmpint (fd, >=, 0);
  if (offset < 0)
    offset += lseek (fd, 0, SEEK_END);
  g_assert_cmpint (pwrite (fd, bytes, n, offset), ==, n);
  close (fd);
}

static void
spoil_header (JournalFixture *fixture)
{
  overwrite (fixture, "journal.db", 0, "Something else!!", 16);
}

static void
spoil_first_page (JournalFixture *fixture)
{
  guint8 garbage[4096];

  memset (garbage, 0xa5, sizeof garbage);
  overwrite (fixture, "journal.db", 100, garbage, sizeof garbage - 100);
}

static void
spoil_pages (JournalFixture *fixture)
{
  guint8 garbage[4096];

  memset (garbage, 0x5a, sizeof garbage);
  for (guint page = 1; page < 4; page++)
    overwrite (fixture, "journal.db", page * 4096, garbage, sizeof garbage);
}

static void
truncate_file (JournalFixture *fixture)
{
  g_autofree char *path = journal_fixture_path (fixture, "journal.db");

  g_assert_cmpint (truncate (path, 3 * 4096 + 100), ==, 0);
}

static void
use_another_program (JournalFixture *fixture)
{
  journal_fixture_spoil (fixture, "PRAGMA application_id = 1234");
}

static void
drop_table (JournalFixture *fixture)
{
  journal_fixture_spoil (fixture, "DROP TABLE parts");
}

static void
forget_version (JournalFixture *fixture)
{
  journal_fixture_spoil (fixture, "PRAGMA user_version = 0");
}

typedef struct
{
  const char *name;
  void (*spoil) (JournalFixture *fixture);
} Damage;

static const Damage damages[] = {
  { "a-header-that-is-none", spoil_header },
  { "garbage-instead-of-the-schema", spoil_first_page },
  { "garbage-in-its-pages", spoil_pages },
  { "a-cut-end", truncate_file },
  { "the-mark-of-another-program", use_another_program },
  { "a-table-missing", drop_table },
  { "tables-without-a-version", forget_version },
};

/* It is moved away as it is, and a new one works; later, all is well. */
static void
test_set_aside (JournalFixture *fixture, gconstpointer data)
{
  const Damage *damage = data;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL, *path = NULL;
  const char *aside;
  gsize n_before, n_after;

  fill (fixture);
  journal_fixture_close (fixture);
  damage->spoil (fixture);
  path = journal_fixture_path (fixture, "journal.db");
  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));

  g_test_expect_message ("s3streamer-engine", G_LOG_LEVEL_WARNING, "A damaged journal is now *");
  journal_fixture_open (fixture);
  g_test_assert_expected_messages ();
  aside = streamer_journal_get_set_aside (fixture->journal);
  g_assert_true (g_str_has_prefix (aside, path));
  g_assert_nonnull (strstr (aside, ".damaged-"));
  g_assert_true (g_file_get_contents (aside, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  entries = streamer_journal_list (fixture->journal, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 0);
  journal_fixture_put (fixture, "new");
  journal_fixture_flush (fixture);

  journal_fixture_reopen (fixture);
  g_assert_null (streamer_journal_get_set_aside (fixture->journal));
  streamer_journal_entry_free (journal_fixture_get (fixture, "new"));
}

/* A second one in the same second has a name of its own. */
static void
test_set_aside_twice (JournalFixture *fixture, gconstpointer data)
{
  g_autofree char *first = NULL;

  for (guint i = 0; i < 2; i++)
    {
      journal_fixture_close (fixture);
      spoil_header (fixture);
      g_test_expect_message ("s3streamer-engine", G_LOG_LEVEL_WARNING, "A damaged journal is *");
      journal_fixture_open (fixture);
      g_test_assert_expected_messages ();
      if (first == NULL)
        first = g_strdup (streamer_journal_get_set_aside (fixture->journal));
    }
  g_assert_cmpstr (first, !=, streamer_journal_get_set_aside (fixture->journal));
  g_assert_true (g_file_test (first, G_FILE_TEST_EXISTS));
}

static void
test_empty_file (JournalFixture *fixture, gconstpointer data)
{
  g_autofree char *path = journal_fixture_path (fixture, "journal.db");

  journal_fixture_close (fixture);
  g_assert_cmpint (truncate (path, 0), ==, 0);
  journal_fixture_open (fixture);
  g_assert_null (streamer_journal_get_set_aside (fixture->journal));
  fill (fixture);
}

/* The log of a killed process, and what is in it. */
static void
test_bad_log (JournalFixture *fixture, gconstpointer data)
{
  g_autofree char *garbage = g_strnfill (100 * 1000, 'x');
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  fill (fixture);
  journal_fixture_close (fixture);
  overwrite (fixture, "journal.db-wal", 0, garbage, 100 * 1000);
  overwrite (fixture, "journal.db-shm", 0, garbage, 32768);
  journal_fixture_open (fixture);
  g_assert_null (streamer_journal_get_set_aside (fixture->journal));
  entries = streamer_journal_list (fixture->journal, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, N_ENTRIES);
}

static void
test_newer (JournalFixture *fixture, gconstpointer data)
{
  g_autofree char *sql = NULL, *path = journal_fixture_path (fixture, "journal.db");
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_before, n_after;

  fill (fixture);
  journal_fixture_close (fixture);
  sql = g_strdup_printf ("PRAGMA user_version = %u", streamer_journal_schema_get_version () + 1);
  journal_fixture_spoil (fixture, sql);
  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  g_assert_null (streamer_journal_open (fixture->folder, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "newer version"));
  g_assert_true (g_file_get_contents (path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

/* -- damage that comes while the journal is open */

static void
spoil_open_journal (JournalFixture *fixture)
{
  fill (fixture);
  /* From then on nothing is in the log, or in anybody's memory. */
  journal_fixture_spoil (fixture, "UPDATE transfers SET retries = 1;"
                                  "PRAGMA wal_checkpoint (TRUNCATE)");
  spoil_first_page (fixture);
  spoil_pages (fixture);
}

static void
test_written_while_damaged (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  g_autoptr (GError) error = NULL;
  gint64 number = journal_fixture_begin (fixture, entry, 2500, 1000);

  spoil_open_journal (fixture);
  g_test_expect_message ("s3streamer-engine", G_LOG_LEVEL_WARNING, "A damaged journal is now *");
  journal_fixture_put (fixture, "new");
  journal_fixture_flush (fixture);
  g_test_assert_expected_messages ();
  g_assert_nonnull (streamer_journal_get_set_aside (fixture->journal));
  streamer_journal_entry_free (journal_fixture_get (fixture, "new"));
  /* Its number means nothing any more, and will never mean another. */
  g_assert_false (streamer_journal_begun_sync (fixture->journal, number, "id", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
  g_assert_cmpint (journal_fixture_begin (fixture, entry, 2500, 1000), >, number);
}

static void
test_read_while_damaged (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  spoil_open_journal (fixture);
  g_test_expect_message ("s3streamer-engine", G_LOG_LEVEL_WARNING, "A damaged journal is now *");
  entries = streamer_journal_list (fixture->journal, &error);
  g_assert_null (entries);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
  g_clear_error (&error);
  journal_fixture_flush (fixture);
  g_test_assert_expected_messages ();
  entries = streamer_journal_list (fixture->journal, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 0);
}

/* -- rows that make no sense */

static const char *const bad_transfers[] = {
  "id = x'00ff'",
  "id = 'a' || char (0) || 'b'",
  "connection = x'35'",
  "path = x'2f6100'",
  "path = 'text'",
  "path = x'6e6f7420616273'",
  "name = CAST (x'ff' AS TEXT)",
  "key = '../up'",
  "key = ''",
  "asked_part_size = -1",
  "overwrite = 2",
  "has_identity = 'yes'",
  "source_size = -5",
  "planned = 1, part_size = 0",
  "planned = 1, part_size = 1000, size = 2500, n_parts = 2",
  "planned = 1, part_size = 1, size = 9223372036854775807, n_parts = 10000",
  "planned = 1, part_size = 1000, size = -1, n_parts = 10001",
  "generation = 4294967296",
  "state = 5",
  "state = -1",
  "error_code = 1000000",
  "crc32 = 4294967296",
  "created_at = -1",
  "seconds = -1.5",
  "seconds = 9e999",
  "session = -1",
  "retries = 'many'",
};

static const char *const bad_uploads[] = {
  "transfer = x'00'", "key = '/absolute'",    "size = -2",        "size = 2501000",
  "n_parts = 0",      "resume_id = x'35'",    "state = 4",        "state = 1",
  "began_at = -1",    "n_aborts = -1",        "number = -number", "generation = 1.5",
  "overwrite = 2",    "abort_tried_at = 'x'",
};

static const char *const bad_parts[] = {
  "number = 0", "number = 4",         "number = -1",  "size = 999",   "size = 1001",
  "crc32 = -1", "crc32 = 4294967296", "etag = x'35'", "etag = x'ff'", "size = 'x'",
};

static void
expect_bad_rows (guint n)
{
  for (guint i = 0; i < n; i++)
    g_test_expect_message ("s3streamer-engine", G_LOG_LEVEL_WARNING, "A row of * is skipped*");
}

static void
test_bad_transfers (JournalFixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_transfers); i++)
    {
      g_autofree char *sql =
          g_strdup_printf ("UPDATE transfers SET %s WHERE place = 2", bad_transfers[i]);
      g_autoptr (GPtrArray) entries = NULL;
      g_autoptr (GError) error = NULL;

      journal_fixture_spoil (fixture, "DELETE FROM transfers");
      journal_fixture_put (fixture, "one");
      journal_fixture_put (fixture, "two");
      journal_fixture_put (fixture, "three");
      journal_fixture_flush (fixture);
      journal_fixture_spoil (fixture, sql);
      expect_bad_rows (1);
      entries = streamer_journal_list (fixture->journal, &error);
      g_test_assert_expected_messages ();
      g_assert_no_error (error);
      if (entries->len != 2)
        g_error ("“%s” leaves %u rows", bad_transfers[i], entries->len);
    }
}

static void
test_bad_uploads (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");

  for (guint i = 0; i < G_N_ELEMENTS (bad_uploads); i++)
    {
      g_autofree char *sql = NULL;
      g_autoptr (GPtrArray) uploads = NULL;
      g_autoptr (GError) error = NULL;
      gint64 number;

      journal_fixture_spoil (fixture, "DELETE FROM uploads");
      number = journal_fixture_begin (fixture, entry, 2500, 1000);
      journal_fixture_begin (fixture, entry, 2500, 1000);
      sql = g_strdup_printf ("UPDATE uploads SET %s WHERE number = %" G_GINT64_FORMAT,
                             bad_uploads[i], number);
      journal_fixture_spoil (fixture, sql);
      expect_bad_rows (1);
      uploads = streamer_journal_list_uploads (fixture->journal, NULL, &error);
      g_test_assert_expected_messages ();
      g_assert_no_error (error);
      if (uploads->len != 1)
        g_error ("“%s” leaves %u rows", bad_uploads[i], uploads->len);
    }
}

static void
test_bad_parts (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  gint64 number = journal_fixture_begin (fixture, entry, 2500, 1000);
  g_autoptr (GError) error = NULL;

  g_assert_true (streamer_journal_begun_sync (fixture->journal, number, "id", &error));
  for (guint i = 0; i < G_N_ELEMENTS (bad_parts); i++)
    {
      g_autofree char *sql = g_strdup_printf ("UPDATE parts SET %s WHERE number = 2", bad_parts[i]);
      g_autoptr (GArray) parts = NULL;

      journal_fixture_spoil (fixture, "DELETE FROM parts");
      journal_fixture_store_part (fixture, number, 1, 1000);
      journal_fixture_store_part (fixture, number, 2, 1000);
      journal_fixture_store_part (fixture, number, 3, 500);
      journal_fixture_spoil (fixture, sql);
      expect_bad_rows (1);
      parts = streamer_journal_list_parts (fixture->journal, number, &error);
      g_test_assert_expected_messages ();
      g_assert_no_error (error);
      if (parts->len != 2)
        g_error ("“%s” leaves %u rows", bad_parts[i], parts->len);
    }
  journal_fixture_spoil (fixture, "UPDATE uploads SET part_size = 0");
  expect_bad_rows (1);
  {
    g_autoptr (GArray) parts = streamer_journal_list_parts (fixture->journal, number, &error);

    g_test_assert_expected_messages ();
    g_assert_cmpuint (parts->len, ==, 0);
  }
}

/* However large or strange the sizes of its parts, the transfer is there. */
static void
test_bad_sizes (JournalFixture *fixture, gconstpointer data)
{
  static const char *const sizes[] = { "9223372036854775807", "-9223372036854775808", "'x'",
                                       "9e999", "x'ff'" };
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  gint64 number = journal_fixture_begin (fixture, entry, 2500, 1000);
  g_autoptr (GError) error = NULL;

  g_assert_true (streamer_journal_begun_sync (fixture->journal, number, "id", &error));
  journal_fixture_store_part (fixture, number, 1, 1000);
  journal_fixture_store_part (fixture, number, 2, 1000);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *sql = g_strdup_printf ("UPDATE parts SET size = %s", sizes[i]);
      g_autoptr (GPtrArray) entries = NULL;

      journal_fixture_spoil (fixture, sql);
      entries = streamer_journal_list (fixture->journal, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (entries->len, ==, 1);
    }
}

/* A table of parts without its key. */
static void
test_parts_twice (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  gint64 number = journal_fixture_begin (fixture, entry, 2500, 1000);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) parts = NULL;

  g_assert_true (streamer_journal_begun_sync (fixture->journal, number, "id", &error));
  journal_fixture_store_part (fixture, number, 1, 1000);
  journal_fixture_store_part (fixture, number, 2, 1000);
  journal_fixture_close (fixture);
  journal_fixture_spoil (fixture, "ALTER TABLE parts RENAME TO good;"
                                  "CREATE TABLE parts AS SELECT * FROM good;"
                                  "INSERT INTO parts SELECT * FROM good WHERE number = 1");
  journal_fixture_open (fixture);
  expect_bad_rows (1);
  parts = streamer_journal_list_parts (fixture->journal, number, &error);
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  g_assert_cmpuint (parts->len, ==, 2);
}

/* -- folders */

static void
assert_cannot_be_opened (const char *folder)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_journal_open (folder, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, folder));
}

static void
test_folders (JournalFixture *fixture, gconstpointer data)
{
  g_autofree char *file = journal_fixture_path (fixture, "file");
  g_autofree char *below = g_build_filename (file, "below", NULL);

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  assert_cannot_be_opened (file);
  assert_cannot_be_opened (below);
  assert_cannot_be_opened ("/proc/none");
}

/* As a user, whom permissions hold even where the tests run as root. */
static int
open_as_user (JournalFixture *fixture)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      g_autoptr (GError) error = NULL;

      if (geteuid () == 0 && setuid (65534) != 0)
        _exit (10);
      if (streamer_journal_open (fixture->folder, &error) != NULL)
        _exit (11);
      _exit (error->domain == STREAMER_ERROR && strstr (error->message, fixture->folder) != NULL
                 ? error->code
                 : 12);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
test_permissions (JournalFixture *fixture, gconstpointer data)
{
  static const mode_t modes[] = { 0000, 0500, 0555 };
  g_autofree char *path = journal_fixture_path (fixture, "journal.db");
  g_autofree char *lock = journal_fixture_path (fixture, "journal.lock");

  /* No thread of ours is in the way of a fork. */
  journal_fixture_close (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_assert_cmpint (g_chmod (fixture->folder, 0700), ==, 0);
      g_assert_cmpint (g_chmod (path, 0444), ==, 0);
      g_assert_cmpint (g_chmod (lock, 0444), ==, 0);
      g_assert_cmpint (g_chmod (fixture->folder, modes[i]), ==, 0);
      g_assert_cmpint (open_as_user (fixture), ==, STREAMER_ERROR_FAILED);
    }
  /* The folder can be written, the journal only read. */
  g_assert_cmpint (g_chmod (fixture->folder, 0777), ==, 0);
  g_assert_cmpint (g_chmod (lock, 0666), ==, 0);
  g_assert_cmpint (open_as_user (fixture), ==, STREAMER_ERROR_FAILED);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  journal_fixture_open (fixture);
}

/* -- migrations */

static const char *const fake_steps[] = {
  "PRAGMA application_id = 0x53335374; CREATE TABLE a (x); INSERT INTO a VALUES (1)",
  "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1",
  "INSERT INTO a VALUES (3, 4)",
  "INSERT INTO a VALUES (5, 6); INSERT INTO none VALUES (1)",
};

static const StreamerDatabaseWords words = { "full", "failed" };

static gint64
read_number (StreamerDatabase *database, const char *sql)
{
  g_autoptr (GError) error = NULL;
  sqlite3_stmt *statement = streamer_database_prepare (database, &error, sql, "");
  gboolean has_row;
  gint64 number;

  g_assert_no_error (error);
  g_assert_true (streamer_database_step (database, statement, &has_row, &error) && has_row);
  number = sqlite3_column_int64 (statement, 0);
  streamer_database_release (statement);
  return number;
}

/* From each older version to the newest, one step or many at a time. */
static void
test_migrations (JournalFixture *fixture, gconstpointer data)
{
  for (guint from = 0; from <= 3; from++)
    {
      g_autofree char *name = g_strdup_printf ("migrate-%u.db", from);
      g_autofree char *path = journal_fixture_path (fixture, name);
      g_autoptr (GError) error = NULL;
      g_autoptr (StreamerDatabase) database = streamer_database_open (path, &words, &error);

      g_assert_cmpint (streamer_journal_schema_migrate (database, fake_steps, from, &error), ==,
                       STREAMER_JOURNAL_FILE_GOOD);
      g_assert_no_error (error);
      g_assert_cmpint (read_number (database, "PRAGMA user_version"), ==, from);
      g_assert_cmpint (streamer_journal_schema_migrate (database, fake_steps, 3, &error), ==,
                       STREAMER_JOURNAL_FILE_GOOD);
      g_assert_no_error (error);
      g_assert_cmpint (read_number (database, "PRAGMA user_version"), ==, 3);
      g_assert_cmpint (read_number (database, "SELECT SUM (x * 10 + y) FROM a"), ==, 12 + 34);
    }
}

/* A step is taken whole, or not at all. */
static void
test_failed_migration (JournalFixture *fixture, gconstpointer data)
{
  g_autofree char *path = journal_fixture_path (fixture, "migrate.db");
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerDatabase) database = streamer_database_open (path, &words, &error);

  g_assert_cmpint (streamer_journal_schema_migrate (database, fake_steps, 4, &error), ==,
                   STREAMER_JOURNAL_FILE_FAILED);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
  g_assert_cmpint (read_number (database, "PRAGMA user_version"), ==, 3);
  g_assert_cmpint (read_number (database, "SELECT count (*) FROM a"), ==, 2);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/journal-damage/" path, JournalFixture, NULL, journal_fixture_set_up, function,     \
              journal_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path =
          g_strconcat ("/journal-damage/a-file-is-set-aside-that-has-", damages[i].name, NULL);

      g_test_add (path, JournalFixture, &damages[i], journal_fixture_set_up, test_set_aside,
                  journal_fixture_tear_down);
    }
  ADD ("two-are-set-aside-under-two-names", test_set_aside_twice);
  ADD ("an-empty-file-is-a-new-one", test_empty_file);
  ADD ("a-log-that-is-none-is-left-out", test_bad_log);
  ADD ("what-a-newer-version-has-made-is-left-alone", test_newer);
  ADD ("damage-is-met-by-a-write", test_written_while_damaged);
  ADD ("damage-is-met-by-a-read", test_read_while_damaged);
  ADD ("transfers-that-make-no-sense-are-skipped", test_bad_transfers);
  ADD ("uploads-that-make-no-sense-are-skipped", test_bad_uploads);
  ADD ("parts-that-make-no-sense-are-skipped", test_bad_parts);
  ADD ("sizes-that-make-no-sense-hide-no-transfer", test_bad_sizes);
  ADD ("parts-that-are-there-twice-are-taken-once", test_parts_twice);
  ADD ("a-folder-that-cannot-be-is-named", test_folders);
  ADD ("a-folder-that-is-not-the-users-is-named", test_permissions);
  ADD ("older-versions-are-brought-up-to-date", test_migrations);
  ADD ("a-migration-that-fails-changes-nothing", test_failed_migration);
  return g_test_run ();
}
