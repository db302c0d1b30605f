/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "journal-fixture.h"
#include "journal-vfs.h"
#include "streamer-error.h"

#define N_WORKERS          64
#define N_PARTS_OF_WORKERS 100
#define N_PARTS            10000

typedef struct
{
  StreamerJournal *journal;
  gint64 number;
  guint first;
} Worker;

static const JournalVfsFault full = {
  .calls = JOURNAL_VFS_WRITE,
  .nth = 1,
  .code = SQLITE_FULL,
  .for_ever = TRUE,
};

static gint64
begin (JournalFixture *fixture, const char *id, guint n_parts)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry (id);
  g_autoptr (GError) error = NULL;
  gint64 number = journal_fixture_begin (fixture, entry, (guint64) n_parts * 1000, 1000);

  streamer_journal_begun_sync (fixture->journal, number, "id", &error);
  g_assert_no_error (error);
  return number;
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  for (guint i = 0; i < N_PARTS_OF_WORKERS; i++)
    {
      g_autoptr (GError) error = NULL;
      StreamerStoredPart part = {
        .number = worker->first + i,
        .size = 1000,
        .crc32 = i,
        .etag = (char *) "\"d41d8cd98f00b204e9800998ecf8427e\"",
      };

      streamer_journal_part_sync (worker->journal, worker->number, &part, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

static void
test_group_commit (JournalFixture *fixture, gconstpointer data)
{
  Worker workers[N_WORKERS];
  GThread *threads[N_WORKERS];
  g_autoptr (GArray) parts = NULL;
  gint64 number = begin (fixture, "one", N_WORKERS * N_PARTS_OF_WORKERS);
  guint n_commits;

  journal_vfs_set_fault (NULL);
  for (guint i = 0; i < N_WORKERS; i++)
    {
      workers[i] = (Worker){ fixture->journal, number, i * N_PARTS_OF_WORKERS + 1 };
      threads[i] = g_thread_new ("worker", work, &workers[i]);
    }
  for (guint i = 0; i < N_WORKERS; i++)
    g_thread_join (threads[i]);
  n_commits = journal_vfs_count_commits ();
  g_test_message ("%u parts by %u workers: %u commits, %u syncs", N_WORKERS * N_PARTS_OF_WORKERS,
                  N_WORKERS, n_commits, journal_vfs_count (JOURNAL_VFS_SYNC));
  g_assert_cmpuint (n_commits, >=, N_PARTS_OF_WORKERS);
  g_assert_cmpuint (journal_vfs_count (JOURNAL_VFS_SYNC), <, 20);
  parts = streamer_journal_list_parts (fixture->journal, number, NULL);
  g_assert_cmpuint (parts->len, ==, N_WORKERS * N_PARTS_OF_WORKERS);
  /* How many come together depends on how fast they are. */
  if (g_getenv ("STREAMER_SANITIZER") != NULL)
    g_test_skip ("the time that it takes is that of the sanitizer");
  else
    g_assert_cmpuint (n_commits, <, N_WORKERS * N_PARTS_OF_WORKERS / 4);
}

static void
test_many_parts (JournalFixture *fixture, gconstpointer data)
{
  gint64 number = begin (fixture, "one", N_PARTS);
  gint64 start;
  double each;

  journal_vfs_set_fault (NULL);
  start = g_get_monotonic_time ();
  for (guint i = 1; i <= N_PARTS; i++)
    journal_fixture_store_part (fixture, number, i, 1000);
  each = (double) (g_get_monotonic_time () - start) / N_PARTS;
  g_test_message ("%u parts, one by one: %.1f us each; %u writes, %u syncs", N_PARTS, each,
                  journal_vfs_count (JOURNAL_VFS_WRITE), journal_vfs_count (JOURNAL_VFS_SYNC));
  /* Two pages of the log, with a header each, and now and then a checkpoint. */
  g_assert_cmpuint (journal_vfs_count (JOURNAL_VFS_WRITE), <, 8 * N_PARTS);
  g_assert_cmpuint (journal_vfs_count (JOURNAL_VFS_SYNC), <, N_PARTS / 50);
}

/* The log does not grow with what goes through it. */
static void
test_short_log (JournalFixture *fixture, gconstpointer data)
{
  g_autofree char *path = journal_fixture_path (fixture, "journal.db-wal");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = NULL;
  gint64 number = begin (fixture, "one", N_PARTS);

  for (guint i = 1; i <= 3000; i++)
    journal_fixture_store_part (fixture, number, i, 1000);
  info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, 0, NULL, NULL);
  g_assert_cmpint (g_file_info_get_size (info), <, 8 * 1024 * 1024);
}

static void
on_error (GObject *journal, GParamSpec *pspec, gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
wait_for (guint *n, guint wanted)
{
  while (*n < wanted)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_error (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) read = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_signal_connect (fixture->journal, "notify::error", G_CALLBACK (on_error), &n);
  journal_vfs_set_fault (&full);
  journal_fixture_put (fixture, "one");
  wait_for (&n, 1);
  g_object_get (fixture->journal, "error", &error, NULL);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "journal.db"));
  g_clear_error (&error);

  /* The same again is no news, and nothing overtakes what waits. */
  streamer_journal_set_state (fixture->journal, "one", STREAMER_JOURNAL_PAUSED, NULL);
  g_assert_false (streamer_journal_flush_sync (fixture->journal, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE);
  g_clear_error (&error);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n, ==, 1);

  journal_vfs_set_fault (NULL);
  journal_fixture_flush (fixture);
  wait_for (&n, 2);
  g_object_get (fixture->journal, "error", &error, NULL);
  g_assert_no_error (error);
  read = journal_fixture_get (fixture, "one");
  g_assert_cmpint (read->state, ==, STREAMER_JOURNAL_PAUSED);
  g_signal_handlers_disconnect_by_data (fixture->journal, &n);
}

/* Without anybody who writes or asks. */
static void
test_recovers_alone (JournalFixture *fixture, gconstpointer data)
{
  guint n = 0;

  g_signal_connect (fixture->journal, "notify::error", G_CALLBACK (on_error), &n);
  journal_vfs_set_fault (&full);
  journal_fixture_put (fixture, "one");
  wait_for (&n, 1);
  journal_vfs_set_fault (NULL);
  wait_for (&n, 2);
  streamer_journal_entry_free (journal_fixture_get (fixture, "one"));
  g_signal_handlers_disconnect_by_data (fixture->journal, &n);
}

/* One whose commit fails is told so, and is not done later behind its back. */
static void
test_failed_call (JournalFixture *fixture, gconstpointer data)
{
  gint64 number = begin (fixture, "one", 3);
  StreamerStoredPart part = { .number = 1, .size = 1000, .etag = (char *) "x" };
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) error = NULL;

  journal_vfs_set_fault (&full);
  g_assert_false (streamer_journal_part_sync (fixture->journal, number, &part, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE);
  journal_vfs_set_fault (NULL);
  journal_fixture_flush (fixture);
  parts = streamer_journal_list_parts (fixture->journal, number, NULL);
  g_assert_cmpuint (parts->len, ==, 0);
}

static void
test_closed_while_failing (JournalFixture *fixture, gconstpointer data)
{
  journal_fixture_put (fixture, "one");
  journal_fixture_flush (fixture);
  journal_vfs_set_fault (&full);
  journal_fixture_put (fixture, "two");
  g_test_expect_message ("s3streamer-engine", G_LOG_LEVEL_WARNING, "*1 writes*lost*full*");
  g_object_unref (g_steal_pointer (&fixture->journal));
  g_test_assert_expected_messages ();
  journal_vfs_set_fault (NULL);
  journal_fixture_open (fixture);
  streamer_journal_entry_free (journal_fixture_get (fixture, "one"));
  g_assert_null (streamer_journal_get (fixture->journal, "two", NULL));
}

/* What can never be written stands in nobody's way. */
static void
test_hopeless (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("bad");

  entry->seconds = 0.0 / 0.0;
  journal_fixture_put (fixture, "one");
  g_test_expect_message ("s3streamer-engine", G_LOG_LEVEL_CRITICAL, "*of no use*NOT NULL*");
  streamer_journal_put (fixture->journal, entry);
  journal_fixture_put (fixture, "two");
  streamer_journal_flush_sync (fixture->journal, NULL);
  journal_fixture_flush (fixture);
  g_test_assert_expected_messages ();
  streamer_journal_entry_free (journal_fixture_get (fixture, "one"));
  streamer_journal_entry_free (journal_fixture_get (fixture, "two"));
  g_assert_null (streamer_journal_get (fixture->journal, "bad", NULL));
}

#define ADD(path, function)                                                                        \
  g_test_add ("/journal-writer/" path, JournalFixture, NULL, journal_fixture_set_up, function,     \
              journal_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  journal_vfs_install ();
  ADD ("workers-share-a-commit", test_group_commit);
  ADD ("ten-thousand-parts-cost-little", test_many_parts);
  ADD ("the-log-stays-short", test_short_log);
  ADD ("an-error-is-told-and-when-it-is-over", test_error);
  ADD ("what-failed-is-tried-again", test_recovers_alone);
  ADD ("a-call-that-failed-has-changed-nothing", test_failed_call);
  ADD ("closing-does-not-wait-for-a-disk-that-is-full", test_closed_while_failing);
  ADD ("a-write-that-is-of-no-use-is-dropped-alone", test_hopeless);
  return g_test_run ();
}
