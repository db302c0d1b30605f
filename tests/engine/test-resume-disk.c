/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "journal-vfs.h"
#include "resume-fixture.h"

#define SIZE (4 * RESUME_PART)

typedef struct
{
  const char *name;
  JournalVfsCall calls;
  int code;
} Kind;

static const Kind kinds[] = {
  { "full", JOURNAL_VFS_WRITE | JOURNAL_VFS_TRUNCATE, SQLITE_FULL },
  { "write", JOURNAL_VFS_WRITE, SQLITE_IOERR_WRITE },
  { "sync", JOURNAL_VFS_SYNC, SQLITE_IOERR_FSYNC },
};

static gboolean
is_stored (ResumeFixture *fixture)
{
  g_autoptr (GBytes) object = streamer_fake_store_get_object (fixture->flow.store, "file");

  return object != NULL;
}

static StreamerRetry *
get_retry (ResumeFixture *fixture)
{
  return streamer_pool_get_retry (streamer_queue_get_pool (fixture->queue));
}

static void
wait_until_over (ResumeFixture *fixture)
{
  StreamerTransfer *transfer = resume_fixture_get (fixture);

  wait_until (streamer_transfer_is_over (transfer) && !streamer_transfer_is_busy (transfer));
}

/* A file that is not done says that it is the journal's fault; one that is said to be done is in the
 * store. */
static void
assert_honest (ResumeFixture *fixture)
{
  StreamerTransfer *transfer = resume_fixture_get (fixture);
  const GError *error = streamer_transfer_get_error (transfer);

  if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE)
    {
      g_assert_true (is_stored (fixture));
      return;
    }
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_JOURNAL);
  g_assert_nonnull (strstr (error->message, "journal.db"));
}

/* Returns: whether the fault has shown */
static gboolean
run_once (const Kind *kind, guint nth, gboolean for_ever)
{
  const JournalVfsFault fault = {
    .calls = kind->calls, .nth = nth, .code = kind->code, .for_ever = for_ever
  };
  ResumeFixture fixture = { 0 };
  gboolean has_failed;

  resume_fixture_set_up (&fixture, NULL);
  streamer_retry_set_patience (get_retry (&fixture), 0);
  journal_vfs_set_fault (&fault);
  resume_fixture_add (&fixture, "file", SIZE);
  wait_until_over (&fixture);
  has_failed = journal_vfs_has_failed ();
  assert_honest (&fixture);
  journal_vfs_set_fault (NULL);

  /* Nothing is lost: it goes on, in this run or in another, once what waited is written. */
  while (!streamer_journal_flush_sync (fixture.journal, NULL))
    g_thread_yield ();
  if (nth % 2 == 0)
    resume_fixture_restart (&fixture);
  if (streamer_transfer_get_state (resume_fixture_get (&fixture)) == STREAMER_TRANSFER_FAILED)
    streamer_transfer_resume (resume_fixture_get (&fixture));
  wait_until_over (&fixture);
  resume_fixture_clean (&fixture);
  resume_fixture_assert_done (&fixture, "file", SIZE);
  resume_fixture_tear_down (&fixture, NULL);
  return has_failed;
}

static void
test_each_write_may_fail (gconstpointer data)
{
  const Kind *kind = data;

  for (guint for_ever = 0; for_ever < 2; for_ever++)
    {
      guint nth = 1;

      while (run_once (kind, nth, for_ever))
        nth++;
      g_test_message ("%u places", nth - 1);
      g_assert_cmpuint (nth, >, 3);
    }
}

/* No file fails, and all go on by themselves. */
static void
test_full_disk_holds_everything (void)
{
  const JournalVfsFault fault = { .calls = JOURNAL_VFS_WRITE | JOURNAL_VFS_TRUNCATE,
                                  .nth = 1,
                                  .code = SQLITE_FULL,
                                  .for_ever = TRUE };
  ResumeFixture fixture = { 0 };
  StreamerTransfer *transfer;

  resume_fixture_set_up (&fixture, NULL);
  journal_vfs_set_fault (&fault);
  transfer = resume_fixture_add (&fixture, "file", SIZE);
  wait_until (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_STALLED);
  g_assert_error (streamer_transfer_get_error (transfer), STREAMER_ERROR, STREAMER_ERROR_JOURNAL);
  g_assert_cmpuint (resume_fixture_count (&fixture, FAKE_BEGIN), ==, 0);

  journal_vfs_set_fault (NULL);
  streamer_retry_wake (get_retry (&fixture));
  resume_fixture_assert_done (&fixture, "file", SIZE);
  resume_fixture_tear_down (&fixture, NULL);
}

/* The store has it already. */
static void
break_journal (gpointer store, gpointer fault)
{
  journal_vfs_set_fault (fault);
}

static void
test_part_that_cannot_be_written_down_is_not_sent_again (void)
{
  JournalVfsFault fault = { .calls = JOURNAL_VFS_WRITE | JOURNAL_VFS_TRUNCATE,
                            .nth = 1,
                            .code = SQLITE_FULL,
                            .for_ever = TRUE };
  ResumeFixture fixture = { 0 };
  StreamerTransfer *transfer;

  resume_fixture_set_up (&fixture, NULL);
  streamer_fake_store_call (fixture.flow.store, FAKE_PUT_PART, 1, break_journal, &fault);
  transfer = resume_fixture_add (&fixture, "file", 2 * RESUME_PART);
  wait_until (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_STALLED);
  g_assert_error (streamer_transfer_get_error (transfer), STREAMER_ERROR, STREAMER_ERROR_JOURNAL);

  journal_vfs_set_fault (NULL);
  streamer_retry_wake (get_retry (&fixture));
  resume_fixture_assert_done (&fixture, "file", 2 * RESUME_PART);
  g_assert_cmpuint (resume_fixture_count (&fixture, FAKE_PUT_PART), ==, 2);
  resume_fixture_tear_down (&fixture, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  journal_vfs_install ();
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat ("/resume-disk/each-may-fail/", kinds[i].name, NULL);

      g_test_add_data_func (path, &kinds[i], test_each_write_may_fail);
    }
  g_test_add_func ("/resume-disk/full-disk-holds-everything", test_full_disk_holds_everything);
  g_test_add_func ("/resume-disk/part-that-cannot-be-written-down-is-not-sent-again",
                   test_part_that_cannot_be_written_down_is_not_sent_again);
  return g_test_run ();
}
