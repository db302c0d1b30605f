/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "resume-fixture.h"

#include <glib/gstdio.h>

#define PART    RESUME_PART
#define WORKERS RESUME_WORKERS

static void
test_goes_on_after_a_crash (ResumeFixture *fixture, gconstpointer data)
{
  g_autofree char *id = NULL;
  StreamerTransfer *transfer;

  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  id = g_strdup (streamer_transfer_get_id (resume_fixture_get (fixture)));
  resume_fixture_restart (fixture);
  transfer = resume_fixture_get (fixture);
  g_assert_cmpstr (streamer_transfer_get_id (transfer), ==, id);
  /* What was stored before is shown at once, and never less. */
  g_assert_cmpuint (streamer_transfer_get_sent (transfer), >=, 4 * PART);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), <=, 10 + WORKERS);
}

static void
test_goes_on_after_a_stop (ResumeFixture *fixture, gconstpointer data)
{
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_stop (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  resume_fixture_start (fixture);
  g_assert_cmpuint (resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED), ==, 1);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), <=, 10 + WORKERS);
}

/* Each call of each kind is the last one of the program, once before and once after the store has
 * done it. */
static void
test_any_call_may_be_the_last (ResumeFixture *fixture, gconstpointer data)
{
  static const FakeOperation operations[] = { FAKE_GET_LIMITS, FAKE_BEGIN, FAKE_PUT_PART,
                                              FAKE_PUT_PART, FAKE_FINISH };
  guint n = 0;

  for (guint i = 0; i < 2 * G_N_ELEMENTS (operations); i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);
      FakeOperation operation = operations[i / 2];
      guint nth = resume_fixture_count (fixture, operation) + 1 + (i / 2 == 3 ? 2 : 0);

      if (i % 2 == 0)
        streamer_fake_store_block (fixture->flow.store, operation, nth);
      else
        streamer_fake_store_block_answer (fixture->flow.store, operation, nth);
      resume_fixture_add (fixture, name, 4 * PART);
      wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) > 0);
      resume_fixture_crash (fixture);
      streamer_fake_store_clear_script (fixture->flow.store);
      resume_fixture_start (fixture);
      resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
      resume_fixture_assert_done (fixture, name, 4 * PART);
      g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, ++n);
    }
}

static void
test_paused_stays_paused (ResumeFixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = resume_fixture_add (fixture, "file", 10 * PART);

  resume_fixture_hold_after (fixture, 4);
  streamer_transfer_pause (transfer);
  resume_fixture_restart (fixture);
  transfer = resume_fixture_get (fixture);
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_PAUSED);
  g_assert_cmpuint (streamer_transfer_get_sent (transfer), >=, 4 * PART);
  g_assert_cmpuint (streamer_transfer_get_n_parts (transfer), ==, 10);
  g_assert_true (streamer_transfer_can_resume (transfer));
  streamer_transfer_resume (transfer);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
}

static void
test_failed_stays_failed_with_its_reason (ResumeFixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 3, STREAMER_ERROR_QUOTA, FALSE);
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_QUOTA);
  resume_fixture_restart (fixture);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_QUOTA);
  transfer = resume_fixture_get (fixture);
  g_assert_cmpstr (streamer_transfer_get_error (transfer)->message, ==, "scripted, call 3");
  streamer_transfer_resume (transfer);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
}

/* Where it has arrived, another upload would find the name taken. */
static void
test_one_part_that_may_have_arrived_keeps_its_upload (ResumeFixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 1, STREAMER_ERROR_PROTOCOL, TRUE);
  resume_fixture_add (fixture, "file", PART);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_PROTOCOL);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  resume_fixture_restart (fixture);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_PROTOCOL);
  streamer_transfer_resume (resume_fixture_get (fixture));
  resume_fixture_assert_done (fixture, "file", PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
}

/* Nothing is known of the first attempt, whatever the second one is told. */
static void
test_one_part_that_may_have_arrived_is_kept_where_it_is_refused (ResumeFixture *fixture,
                                                                 gconstpointer data)
{
  const StreamerError codes[] = { STREAMER_ERROR_FORBIDDEN, STREAMER_ERROR_EXISTS,
                                  STREAMER_ERROR_INVALID };
  StreamerError code = codes[GPOINTER_TO_UINT (data)];

  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 1, STREAMER_ERROR_NETWORK, TRUE);
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 2, code, FALSE);
  resume_fixture_add (fixture, "file", PART);
  resume_fixture_assert_failed (fixture, code);
  g_assert_true (streamer_transfer_may_be_stored (resume_fixture_get (fixture)));
  resume_fixture_restart (fixture);
  resume_fixture_assert_failed (fixture, code);
  g_assert_true (streamer_transfer_may_be_stored (resume_fixture_get (fixture)));
  streamer_transfer_resume (resume_fixture_get (fixture));
  resume_fixture_assert_done (fixture, "file", PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
}

/* So may one that was paused before its answer came. */
static void
test_one_part_that_was_paused_is_kept_where_it_is_refused (ResumeFixture *fixture,
                                                           gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_block_answer (fixture->flow.store, FAKE_PUT_PART, 1);
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 2, STREAMER_ERROR_FORBIDDEN, FALSE);
  transfer = resume_fixture_add (fixture, "file", PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  streamer_transfer_pause (transfer);
  wait_until (!streamer_transfer_is_busy (transfer));
  streamer_transfer_resume (transfer);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_FORBIDDEN);
  streamer_transfer_resume (transfer);
  resume_fixture_assert_done (fixture, "file", PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
}

static void
test_one_part_that_was_refused_at_once_is_forgotten (ResumeFixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 1, STREAMER_ERROR_FORBIDDEN, FALSE);
  resume_fixture_add (fixture, "file", PART);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_FORBIDDEN);
  g_assert_false (streamer_transfer_may_be_stored (resume_fixture_get (fixture)));
  resume_fixture_assert_no_upload (fixture);
}

/* Parts wait for the right that is missing. */
static void
test_forbidden_part_leaves_the_others (ResumeFixture *fixture, gconstpointer data)
{
  streamer_fake_store_fail (fixture->flow.store, FAKE_PUT_PART, 7, STREAMER_ERROR_FORBIDDEN, FALSE);
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_FORBIDDEN);
  resume_fixture_restart (fixture);
  streamer_transfer_resume (resume_fixture_get (fixture));
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), <=, 10 + RESUME_WORKERS);
}

/* The object may be whole, and ours, although it could not be looked at. */
static void
test_forbidden_finish_is_asked_again (ResumeFixture *fixture, gconstpointer data)
{
  StreamerError code = GPOINTER_TO_INT (data);

  streamer_fake_store_fail (fixture->flow.store, FAKE_FINISH, 1, code, TRUE);
  resume_fixture_add (fixture, "file", 3 * PART);
  resume_fixture_assert_failed (fixture, code);
  resume_fixture_restart (fixture);
  streamer_transfer_resume (resume_fixture_get (fixture));
  resume_fixture_assert_done (fixture, "file", 3 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), ==, 3);
}

static void
test_another_file_is_never_resumed (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) other = test_flow_make_bytes (10 * PART, 99);
  g_autoptr (GFile) file = NULL;

  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  file = test_flow_write (&fixture->flow, "file", other);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_CHANGED);
  resume_fixture_assert_no_upload (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 0);

  /* Starting over is a new upload of what is there now. */
  streamer_transfer_start_over (resume_fixture_get (fixture));
  wait_until (streamer_transfer_is_over (resume_fixture_get (fixture)));
  test_flow_assert_object (&fixture->flow, "file", other);
}

/* What it failed for once, it does not fail for again. */
static void
test_changed_file_is_taken_as_it_is_by_the_next_run (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) other = test_flow_make_bytes (7 * PART, 99);
  g_autoptr (GFile) file = NULL;

  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  file = test_flow_write (&fixture->flow, "file", other);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_CHANGED);
  resume_fixture_assert_no_upload (fixture);

  resume_fixture_restart (fixture);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_CHANGED);
  streamer_transfer_resume (resume_fixture_get (fixture));
  wait_until (streamer_transfer_is_over (resume_fixture_get (fixture)));
  test_flow_assert_object (&fixture->flow, "file", other);
}

static void
test_absent_file_keeps_its_upload (ResumeFixture *fixture, gconstpointer data)
{
  g_autofree char *path = test_flow_path (&fixture->flow, "file");
  g_autofree char *away = test_flow_path (&fixture->flow, "away");

  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  g_assert_cmpint (g_rename (path, away), ==, 0);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_UNREADABLE);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
}

/* Its identity is the same, and yet it has other bytes than those that are stored. */
static void
test_part_whose_bytes_differ_is_sent_again (ResumeFixture *fixture, gconstpointer data)
{
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  resume_fixture_spoil (fixture, "UPDATE parts SET crc32 = crc32 - 1 WHERE number ="
                                 " (SELECT MIN (number) FROM parts)");
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), ==, 10 + WORKERS + 1);
}

/* As after a start of the computer. */
static void
test_another_number_of_the_device_is_no_change (ResumeFixture *fixture, gconstpointer data)
{
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  resume_fixture_spoil (fixture, "UPDATE transfers SET device = device + 1");
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), <=, 10 + WORKERS);
}

/* Another file that looks the same on another disk: what differs in it is sent. */
static void
test_part_on_another_device_is_read_again (ResumeFixture *fixture, gconstpointer data)
{
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  resume_fixture_spoil (fixture, "UPDATE transfers SET device = device + 1;"
                                 "UPDATE parts SET crc32 = crc32 - 1 WHERE number ="
                                 " (SELECT MIN (number) FROM parts)");
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), ==, 10 + WORKERS + 1);
}

static void
test_another_inode_is_another_file (ResumeFixture *fixture, gconstpointer data)
{
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  resume_fixture_spoil (fixture, "UPDATE transfers SET device = device + 1, inode = inode + 1");
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_CHANGED);
  resume_fixture_assert_no_upload (fixture);
}

static void
test_part_that_the_store_lost_is_sent_again (ResumeFixture *fixture, gconstpointer data)
{
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 8);
  resume_fixture_crash (fixture);
  streamer_fake_store_forget_part (fixture->flow.store, 5);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), <=, 10 + WORKERS + 1);
}

static void
test_upload_that_the_store_lost_is_begun_again (ResumeFixture *fixture, gconstpointer data)
{
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  streamer_fake_store_forget_uploads (fixture->flow.store);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 2);
}

/* The store knows it by its resume id. */
static void
test_beginning_without_an_answer_is_asked_again (ResumeFixture *fixture, gconstpointer data)
{
  streamer_fake_store_block_answer (fixture->flow.store, FAKE_BEGIN, 1);
  resume_fixture_add (fixture, "file", 3 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  resume_fixture_restart (fixture);
  resume_fixture_assert_done (fixture, "file", 3 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 2);
}

static void
begin_without_an_answer (ResumeFixture *fixture)
{
  streamer_fake_store_set_is_bucket (fixture->flow.store, TRUE);
  streamer_fake_store_block_answer (fixture->flow.store, FAKE_BEGIN, 1);
  resume_fixture_add (fixture, "file", 3 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  resume_fixture_crash (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  resume_fixture_start (fixture);
}

static void
test_beginning_without_an_answer_leaves_nothing_in_a_bucket (ResumeFixture *fixture,
                                                             gconstpointer data)
{
  begin_without_an_answer (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_done (fixture, "file", 3 * PART);
}

/* An hour ago the bucket was away; what counts is when it was asked last. */
static void
test_late_beginning_without_an_answer_leaves_nothing_in_a_bucket (ResumeFixture *fixture,
                                                                  gconstpointer data)
{
  streamer_fake_store_set_is_bucket (fixture->flow.store, TRUE);
  streamer_fake_store_block (fixture->flow.store, FAKE_BEGIN, 1);
  resume_fixture_add (fixture, "file", 3 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  resume_fixture_crash (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
  resume_fixture_spoil (fixture, "UPDATE uploads SET began_at = began_at - 3600000000");

  streamer_fake_store_block_answer (fixture->flow.store, FAKE_BEGIN, 2);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  resume_fixture_crash (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);

  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_done (fixture, "file", 3 * PART);
}

/* Keys that may put, and not list what is unfinished in the whole bucket. */
static void
test_repeated_begin_needs_no_right_to_list (ResumeFixture *fixture, gconstpointer data)
{
  streamer_fake_store_set_is_bucket (fixture->flow.store, TRUE);
  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 1, STREAMER_ERROR_BUSY, FALSE);
  streamer_fake_store_fail (fixture->flow.store, FAKE_LIST_UNFINISHED, 0, STREAMER_ERROR_FORBIDDEN,
                            FALSE);
  resume_fixture_add (fixture, "file", 3 * PART);
  resume_fixture_assert_done (fixture, "file", 3 * PART);
}

static void
test_older_upload_in_a_bucket_is_somebody_elses (ResumeFixture *fixture, gconstpointer data)
{
  begin_without_an_answer (fixture);
  streamer_fake_store_age_uploads (fixture->flow.store, 120);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  wait_until (streamer_transfer_is_over (resume_fixture_get (fixture)));
  g_assert_cmpint (streamer_transfer_get_state (resume_fixture_get (fixture)), ==,
                   STREAMER_TRANSFER_DONE);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
}

static void
test_begin_that_is_repeated_leaves_nothing_in_a_bucket (ResumeFixture *fixture, gconstpointer data)
{
  streamer_fake_store_set_is_bucket (fixture->flow.store, TRUE);
  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 1, STREAMER_ERROR_NETWORK, TRUE);
  streamer_fake_store_fail (fixture->flow.store, FAKE_BEGIN, 2, STREAMER_ERROR_NETWORK, TRUE);
  resume_fixture_add (fixture, "file", 3 * PART);
  resume_fixture_assert_done (fixture, "file", 3 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 3);
}

static void
test_finish_without_an_answer_sends_nothing_again (ResumeFixture *fixture, gconstpointer data)
{
  streamer_fake_store_block_answer (fixture->flow.store, FAKE_FINISH, 1);
  resume_fixture_add (fixture, "file", 5 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  resume_fixture_restart (fixture);
  resume_fixture_assert_done (fixture, "file", 5 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), ==, 5);
}

static void
change_file (ResumeFixture *fixture)
{
  g_autoptr (GBytes) other = test_flow_make_bytes (7 * PART, 99);
  g_autoptr (GFile) file = test_flow_write (&fixture->flow, "file", other);
}

/* The object is there, of what the file held then, and the receipt says so. */
static void
test_file_that_changes_after_it_was_finished_is_done (ResumeFixture *fixture, gconstpointer data)
{
  gsize size = GPOINTER_TO_SIZE (data);

  streamer_fake_store_block_answer (fixture->flow.store, FAKE_FINISH, 1);
  resume_fixture_add (fixture, "file", size);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  resume_fixture_crash (fixture);
  change_file (fixture);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_done (fixture, "file", size);
  g_assert_cmpuint (streamer_transfer_get_size (resume_fixture_get (fixture)), ==, size);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
}

static void
test_changed_file_is_not_finished_where_it_was_not (ResumeFixture *fixture, gconstpointer data)
{
  streamer_fake_store_block (fixture->flow.store, FAKE_FINISH, 1);
  resume_fixture_add (fixture, "file", 5 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  resume_fixture_crash (fixture);
  streamer_fake_store_clear_script (fixture->flow.store);
  change_file (fixture);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_CHANGED);
  resume_fixture_assert_no_upload (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 0);
}

/* The journal, without anything else that goes on here. */
static gboolean
is_journaled_as (ResumeFixture *fixture, const char *id, StreamerJournalState state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerJournalEntry) entry = streamer_journal_get (fixture->journal, id, &error);

  g_assert_no_error (error);
  return entry->state == state;
}

/* Somebody pauses what is stored already, and has not heard of it yet. */
static void
test_pause_after_the_end_is_too_late (ResumeFixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer;

  streamer_fake_store_block_answer (fixture->flow.store, FAKE_FINISH, 1);
  transfer = resume_fixture_add (fixture, "file", 4 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) > 0);
  streamer_fake_store_let_on (fixture->flow.store);
  while (!is_journaled_as (fixture, streamer_transfer_get_id (transfer), STREAMER_JOURNAL_DONE))
    g_thread_yield ();
  streamer_transfer_pause (transfer);
  resume_fixture_assert_done (fixture, "file", 4 * PART);
  resume_fixture_restart (fixture);
  resume_fixture_assert_done (fixture, "file", 4 * PART);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_BEGIN), ==, 1);
}

static void
test_history_has_the_receipt (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerReceipt) before = NULL;
  g_autoptr (StreamerReceipt) after = NULL;
  StreamerTransfer *transfer;

  fixture->flow.target->wants_sha256 = TRUE;
  resume_fixture_add (fixture, "file", 3 * PART + 1);
  resume_fixture_assert_done (fixture, "file", 3 * PART + 1);
  before = streamer_transfer_get_receipt (resume_fixture_get (fixture));
  resume_fixture_restart (fixture);
  transfer = resume_fixture_get (fixture);
  after = streamer_transfer_get_receipt (transfer);
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_DONE);
  g_assert_cmpstr (after->id, ==, before->id);
  g_assert_cmpstr (after->file, ==, before->file);
  g_assert_cmpstr (after->key, ==, before->key);
  g_assert_cmpstr (after->url, ==, before->url);
  g_assert_cmpstr (after->etag, ==, before->etag);
  g_assert_cmpuint (after->size, ==, 3 * PART + 1);
  g_assert_cmpuint (after->status_code, ==, 200);
  g_assert_true (after->has_crc32);
  g_assert_cmphex (after->crc32, ==, before->crc32);
  g_assert_cmpuint (after->parts, ==, 4);
  g_assert_cmpuint (after->part_size, ==, PART);
  g_assert_cmpfloat_with_epsilon (after->seconds, before->seconds, 1);
  g_assert_cmpfloat (streamer_transfer_get_fraction (transfer), ==, 1);
  g_assert_cmpuint (resume_fixture_count (fixture, FAKE_PUT_PART), ==, 4);
}

static void
test_receipt_has_the_sha256_that_was_asked_for (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = resume_fixture_make_bytes ("file", 3 * PART);
  g_autofree char *expected = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_autoptr (StreamerJournalEntry) entry = NULL;
  g_autoptr (GError) error = NULL;

  fixture->flow.target->wants_sha256 = TRUE;
  resume_fixture_add (fixture, "file", 3 * PART);
  resume_fixture_assert_done (fixture, "file", 3 * PART);
  entry = streamer_journal_get (fixture->journal,
                                streamer_transfer_get_id (resume_fixture_get (fixture)), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (entry->sha256, ==, expected);
}

static void
test_removed_from_the_list_is_gone_and_can_come_back (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerTransfer) transfer =
      g_object_ref (resume_fixture_add (fixture, "file", 3 * PART));
  g_autoptr (GPtrArray) transfers = g_ptr_array_new ();

  resume_fixture_assert_done (fixture, "file", 3 * PART);
  g_ptr_array_add (transfers, transfer);
  streamer_queue_remove (fixture->queue, transfer);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 0);
  streamer_queue_put_back (fixture->queue, transfers);
  g_clear_object (&transfer);
  resume_fixture_restart (fixture);
  transfer = g_object_ref (resume_fixture_get (fixture));
  g_assert_cmpuint (streamer_transfer_get_size (transfer), ==, 3 * PART);
  streamer_queue_remove (fixture->queue, transfer);
  g_clear_object (&transfer);
  resume_fixture_restart (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 0);
}

/* A worker that is just beginning it has the last word in the journal. */
static void
test_removed_while_it_begins_does_not_come_back (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerTransfer) transfer = NULL;

  streamer_fake_store_block_answer (fixture->flow.store, FAKE_BEGIN, 1);
  transfer = g_object_ref (resume_fixture_add (fixture, "file", 3 * PART));
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  streamer_transfer_cancel_async (transfer, NULL, NULL);
  streamer_queue_remove (fixture->queue, transfer);
  wait_until (!streamer_transfer_is_busy (transfer));
  g_clear_object (&transfer);
  resume_fixture_assert_no_upload (fixture);
  resume_fixture_restart (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 0);
}

static void
test_cancelled_without_a_server_is_aborted_later (ResumeFixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = resume_fixture_add (fixture, "file", 10 * PART);

  resume_fixture_hold_after (fixture, 4);
  streamer_fake_store_fail (fixture->flow.store, FAKE_CANCEL, 0, STREAMER_ERROR_FORBIDDEN, FALSE);
  streamer_transfer_cancel_async (transfer, NULL, NULL);
  wait_until (!streamer_transfer_is_busy (transfer));
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  resume_fixture_restart (fixture);
  g_assert_cmpint (streamer_transfer_get_state (resume_fixture_get (fixture)), ==,
                   STREAMER_TRANSFER_CANCELLED);

  /* It was tried just now. */
  streamer_fake_store_clear_script (fixture->flow.store);
  g_assert_cmpint (resume_fixture_clean (fixture), ==, 0);
  resume_fixture_crash (fixture);
  resume_fixture_spoil (fixture, "UPDATE uploads SET abort_tried_at = abort_tried_at - 3600000000");
  resume_fixture_start (fixture);
  g_assert_cmpint (resume_fixture_clean (fixture), ==, 1);
  resume_fixture_assert_no_upload (fixture);
}

static void
test_killed_while_it_was_cancelled_is_aborted_later (ResumeFixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = resume_fixture_add (fixture, "file", 10 * PART);

  resume_fixture_hold_after (fixture, 4);
  streamer_fake_store_block (fixture->flow.store, FAKE_CANCEL, 1);
  streamer_transfer_cancel_async (transfer, NULL, NULL);
  resume_fixture_crash (fixture);
  streamer_fake_store_clear_script (fixture->flow.store);
  resume_fixture_start (fixture);
  resume_fixture_clean (fixture);
  resume_fixture_assert_no_upload (fixture);
}

/* The program ended behind one of these sentences, and before the store was told. What the next run
 * has brought back into its list it goes on with no more than one that has not. */
static void
end_and_restore (ResumeFixture *fixture, const char *sql)
{
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  resume_fixture_spoil (fixture, sql);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED | STREAMER_RESTORE_HISTORY);
  g_assert_cmpint (resume_fixture_clean (fixture), ==, 1);
  resume_fixture_assert_no_upload (fixture);
}

static void
test_cancelled_and_restored_is_aborted (ResumeFixture *fixture, gconstpointer data)
{
  g_autofree char *sql =
      g_strdup_printf ("UPDATE transfers SET state = %d", STREAMER_JOURNAL_CANCELLED);

  end_and_restore (fixture, sql);
}

static void
test_given_up_and_restored_is_aborted (ResumeFixture *fixture, gconstpointer data)
{
  g_autofree char *sql =
      g_strdup_printf ("UPDATE uploads SET state = %d; UPDATE transfers SET state = %d",
                       STREAMER_JOURNAL_UPLOAD_GIVEN_UP, STREAMER_JOURNAL_FAILED);

  end_and_restore (fixture, sql);
}

/* Else a program that ended behind that would go on with it. */
static void
test_giving_up_is_written_before_the_store_is_told (ResumeFixture *fixture, gconstpointer data)
{
  StreamerTransfer *transfer = resume_fixture_add (fixture, "file", 10 * PART);
  g_autoptr (GPtrArray) uploads = NULL;
  g_autoptr (StreamerJournalEntry) entry = NULL;

  resume_fixture_hold_after (fixture, 4);
  streamer_transfer_cancel_async (transfer, NULL, NULL);
  streamer_fake_store_block (fixture->flow.store, FAKE_CANCEL, 1);
  wait_until (resume_fixture_count (fixture, FAKE_CANCEL) == 1);
  uploads = streamer_journal_list_uploads (fixture->journal, NULL, NULL);
  entry = streamer_journal_get (fixture->journal, streamer_transfer_get_id (transfer), NULL);
  g_assert_cmpuint (uploads->len, ==, 1);
  g_assert_cmpint (((StreamerJournalUpload *) uploads->pdata[0])->state, ==,
                   STREAMER_JOURNAL_UPLOAD_GIVEN_UP);
  g_assert_cmpint (entry->state, ==, STREAMER_JOURNAL_CANCELLED);
  streamer_fake_store_let_on (fixture->flow.store);
}

/* A store that does not tell what it has begun says so when it is asked again. */
static void
test_beginning_that_is_given_up_is_asked_again (ResumeFixture *fixture, gconstpointer data)
{
  g_autofree char *sql =
      g_strdup_printf ("UPDATE transfers SET state = %d", STREAMER_JOURNAL_CANCELLED);

  streamer_fake_store_block_answer (fixture->flow.store, FAKE_BEGIN, 1);
  resume_fixture_add (fixture, "file", 3 * PART);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  resume_fixture_crash (fixture);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  resume_fixture_spoil (fixture, sql);
  resume_fixture_start (fixture);
  g_assert_cmpint (resume_fixture_clean (fixture), ==, 1);
  resume_fixture_assert_no_upload (fixture);
}

static void
test_pipe_is_given_up (ResumeFixture *fixture, gconstpointer data)
{
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  fixture->flow.target->name = g_strdup ("piped");
  streamer_queue_add_pipe (fixture->queue, fds[0], fixture->flow.target);
  g_assert_cmpint (write (fds[1], "some bytes", 10), ==, 10);
  for (guint i = 0; i < 10 * PART / 10; i++)
    g_assert_cmpint (write (fds[1], "more bytes", 10), ==, 10);
  wait_until (resume_fixture_count (fixture, FAKE_PUT_PART) >= 3);
  resume_fixture_crash (fixture);
  close (fds[1]);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
  resume_fixture_start (fixture);
  resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED);
  resume_fixture_assert_failed (fixture, STREAMER_ERROR_UNREADABLE);
  g_assert_false (streamer_transfer_can_resume (resume_fixture_get (fixture)));
  resume_fixture_assert_no_upload (fixture);
}

static void
test_what_another_run_works_on_is_left_to_it (ResumeFixture *fixture, gconstpointer data)
{
  ResumeFixture other = *fixture;
  const char *ids[] = { NULL, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_start (&other);
  g_assert_cmpuint (resume_fixture_restore (&other, STREAMER_RESTORE_UNFINISHED), ==, 0);
  g_assert_cmpint (resume_fixture_clean (&other), ==, 0);

  ids[0] = streamer_transfer_get_id (resume_fixture_get (fixture));
  streamer_queue_restore_async (other.queue, ids, 0, NULL, test_flow_store_result, &result);
  wait_until (result != NULL);
  g_assert_cmpuint (streamer_queue_restore_finish (other.queue, result, &error), ==, 0);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
  g_clear_object (&result);
  g_assert_finalize_object (other.queue);
  g_object_unref (other.journal);

  streamer_fake_store_let_on (fixture->flow.store);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
}

static void
test_unknown_id_is_an_error (ResumeFixture *fixture, gconstpointer data)
{
  static const char *const ids[] = { "000000000000", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  streamer_queue_restore_async (fixture->queue, ids, 0, NULL, test_flow_store_result, &result);
  wait_until (result != NULL);
  streamer_queue_restore_finish (fixture->queue, result, &error);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
}

static void
test_thousand_waiting_files_come_back_in_order (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = test_flow_path (&fixture->flow, "many");
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GAsyncResult) result = NULL;
  GListModel *model;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("many/%04u", i);
      g_autoptr (GBytes) bytes = resume_fixture_make_bytes (name, 10);
      g_autoptr (GFile) written = test_flow_write (&fixture->flow, name, bytes);

      g_ptr_array_add (keys, g_steal_pointer (&name));
    }
  streamer_fake_store_block (fixture->flow.store, FAKE_BEGIN, 1);
  streamer_fake_store_block (fixture->flow.store, FAKE_BEGIN, 2);
  streamer_queue_add_async (fixture->queue, file, fixture->flow.target, NULL,
                            test_flow_store_result, &result);
  wait_until (result != NULL && streamer_fake_store_get_n_blocked (fixture->flow.store) == 2);
  g_clear_object (&result);
  resume_fixture_crash (fixture);
  streamer_fake_store_clear_script (fixture->flow.store);
  resume_fixture_start (fixture);
  g_assert_cmpuint (resume_fixture_restore (fixture, STREAMER_RESTORE_UNFINISHED), ==, 1000);
  model = G_LIST_MODEL (fixture->queue);
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);

      g_assert_cmpstr (streamer_transfer_get_key (transfer), ==, keys->pdata[i]);
    }
  wait_until (streamer_queue_is_idle (fixture->queue));
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 1000);
  resume_fixture_assert_no_upload (fixture);
}

static void
test_leftovers_of_a_bucket_are_listed_and_aborted (ResumeFixture *fixture, gconstpointer data)
{
  StreamerJanitor *janitor;
  StreamerTransfer *transfer;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) leftovers = NULL;
  g_autoptr (GError) error = NULL;
  const StreamerLeftover *leftover;

  streamer_fake_store_set_is_bucket (fixture->flow.store, TRUE);
  transfer = resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  streamer_transfer_pause (transfer);
  wait_until (!streamer_transfer_is_busy (transfer));
  janitor = streamer_queue_get_janitor (fixture->queue);
  streamer_janitor_list_async (janitor, fixture->flow.connection, NULL, test_flow_store_result,
                               &result);
  wait_until (result != NULL);
  leftovers = streamer_janitor_list_finish (janitor, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (leftovers->len, ==, 1);
  leftover = leftovers->pdata[0];
  g_assert_cmpstr (leftover->key, ==, "file");
  g_assert_cmpstr (leftover->transfer_id, ==, streamer_transfer_get_id (transfer));
  g_assert_cmpuint (leftover->size, ==, 4 * PART);
  g_assert_cmpuint (leftover->n_parts, ==, 4);

  g_clear_object (&result);
  streamer_janitor_abort_async (janitor, leftover, NULL, test_flow_store_result, &result);
  wait_until (result != NULL);
  g_assert_true (streamer_janitor_abort_finish (janitor, result, &error));
  g_assert_no_error (error);
  resume_fixture_assert_no_upload (fixture);
}

/* That a row cannot be read is no reason to throw away what was sent. */
static void
test_unreadable_entry_keeps_its_upload (ResumeFixture *fixture, gconstpointer data)
{
  resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  resume_fixture_crash (fixture);
  resume_fixture_spoil (fixture, "UPDATE transfers SET retries = -1");
  resume_fixture_start (fixture);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_assert_cmpint (resume_fixture_clean (fixture), ==, 0);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 1);
}

/* What was listed while nobody worked on it. */
static void
test_leftover_that_goes_on_is_not_aborted (ResumeFixture *fixture, gconstpointer data)
{
  StreamerJanitor *janitor;
  StreamerTransfer *transfer;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) leftovers = NULL;
  g_autoptr (GError) error = NULL;

  streamer_fake_store_set_is_bucket (fixture->flow.store, TRUE);
  transfer = resume_fixture_add (fixture, "file", 10 * PART);
  resume_fixture_hold_after (fixture, 4);
  streamer_transfer_pause (transfer);
  wait_until (!streamer_transfer_is_busy (transfer));
  janitor = streamer_queue_get_janitor (fixture->queue);
  streamer_janitor_list_async (janitor, fixture->flow.connection, NULL, test_flow_store_result,
                               &result);
  wait_until (result != NULL);
  leftovers = streamer_janitor_list_finish (janitor, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (leftovers->len, ==, 1);
  streamer_fake_store_clear_script (fixture->flow.store);
  streamer_fake_store_block (fixture->flow.store, FAKE_FINISH, 1);
  streamer_transfer_resume (transfer);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  g_clear_object (&result);
  streamer_janitor_abort_async (janitor, leftovers->pdata[0], NULL, test_flow_store_result,
                                &result);
  wait_until (result != NULL);
  g_assert_false (streamer_janitor_abort_finish (janitor, result, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
  streamer_fake_store_let_on (fixture->flow.store);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
}

/* From the history, and waiting for its turn: no other run may take it meanwhile. */
static void
test_started_over_from_the_history_is_ours (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (StreamerJournalEntry) entry = NULL;
  g_autoptr (GError) error = NULL;
  ResumeFixture other;
  StreamerTransfer *transfer = resume_fixture_add (fixture, "file", 10 * PART);

  resume_fixture_hold_after (fixture, 4);
  streamer_transfer_cancel_async (transfer, test_flow_store_result, &result);
  wait_until (result != NULL);
  g_clear_object (&result);
  resume_fixture_stop (fixture);
  streamer_fake_store_clear_script (fixture->flow.store);
  resume_fixture_start (fixture);
  g_assert_cmpuint (resume_fixture_restore (fixture, STREAMER_RESTORE_HISTORY), ==, 1);
  transfer = resume_fixture_get (fixture);
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_CANCELLED);
  streamer_fake_store_block (fixture->flow.store, FAKE_GET_LIMITS, 0);
  streamer_transfer_start_over (transfer);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  streamer_journal_flush_sync (fixture->journal, &error);
  g_assert_no_error (error);
  entry = streamer_journal_get (fixture->journal, streamer_transfer_get_id (transfer), &error);
  g_assert_no_error (error);
  g_assert_cmpint (entry->state, ==, STREAMER_JOURNAL_WAITING);
  other = *fixture;
  resume_fixture_start (&other);
  g_assert_cmpuint (resume_fixture_restore (&other, STREAMER_RESTORE_UNFINISHED), ==, 0);
  g_assert_finalize_object (other.queue);
  g_object_unref (other.journal);
  streamer_fake_store_let_on (fixture->flow.store);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
}

/* Two windows show the same history. */
static void
test_started_over_twice_is_uploaded_once (ResumeFixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  ResumeFixture other = *fixture;
  StreamerTransfer *transfer = resume_fixture_add (fixture, "file", 10 * PART);

  resume_fixture_hold_after (fixture, 4);
  streamer_transfer_cancel_async (transfer, test_flow_store_result, &result);
  wait_until (result != NULL);
  streamer_journal_flush_sync (fixture->journal, NULL);
  streamer_fake_store_clear_script (fixture->flow.store);
  resume_fixture_start (&other);
  g_assert_cmpuint (resume_fixture_restore (&other, STREAMER_RESTORE_HISTORY), ==, 1);
  streamer_fake_store_block (fixture->flow.store, FAKE_FINISH, 1);
  streamer_transfer_start_over (transfer);
  wait_until (streamer_fake_store_get_n_blocked (fixture->flow.store) == 1);
  streamer_transfer_start_over (resume_fixture_get (&other));
  resume_fixture_assert_failed (&other, STREAMER_ERROR_EXISTS);
  g_assert_finalize_object (other.queue);
  streamer_journal_flush_sync (other.journal, NULL);
  g_object_unref (other.journal);
  streamer_fake_store_let_on (fixture->flow.store);
  resume_fixture_assert_done (fixture, "file", 10 * PART);
}

#define add_with(name, data, func)                                                                 \
  g_test_add ("/resume/" name, ResumeFixture, data, resume_fixture_set_up, func,                   \
              resume_fixture_tear_down)

#define add(name, func) add_with (name, NULL, func)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("goes-on-after-a-crash", test_goes_on_after_a_crash);
  add ("goes-on-after-a-stop", test_goes_on_after_a_stop);
  add ("any-call-may-be-the-last", test_any_call_may_be_the_last);
  add ("paused-stays-paused", test_paused_stays_paused);
  add ("failed-stays-failed-with-its-reason", test_failed_stays_failed_with_its_reason);
  add ("one-part-that-may-have-arrived-keeps-its-upload",
       test_one_part_that_may_have_arrived_keeps_its_upload);
  add_with ("one-part-that-may-have-arrived-is-kept-where-it-is-refused/forbidden",
            GUINT_TO_POINTER (0), test_one_part_that_may_have_arrived_is_kept_where_it_is_refused);
  add_with ("one-part-that-may-have-arrived-is-kept-where-it-is-refused/exists",
            GUINT_TO_POINTER (1), test_one_part_that_may_have_arrived_is_kept_where_it_is_refused);
  add_with ("one-part-that-may-have-arrived-is-kept-where-it-is-refused/invalid",
            GUINT_TO_POINTER (2), test_one_part_that_may_have_arrived_is_kept_where_it_is_refused);
  add ("one-part-that-was-paused-is-kept-where-it-is-refused",
       test_one_part_that_was_paused_is_kept_where_it_is_refused);
  add ("one-part-that-was-refused-at-once-is-forgotten",
       test_one_part_that_was_refused_at_once_is_forgotten);
  add ("forbidden-part-leaves-the-others", test_forbidden_part_leaves_the_others);
  add_with ("forbidden-finish-is-asked-again/forbidden", GINT_TO_POINTER (STREAMER_ERROR_FORBIDDEN),
            test_forbidden_finish_is_asked_again);
  add_with ("forbidden-finish-is-asked-again/invalid", GINT_TO_POINTER (STREAMER_ERROR_INVALID),
            test_forbidden_finish_is_asked_again);
  add ("another-file-is-never-resumed", test_another_file_is_never_resumed);
  add ("changed-file-is-taken-as-it-is-by-the-next-run",
       test_changed_file_is_taken_as_it_is_by_the_next_run);
  add ("absent-file-keeps-its-upload", test_absent_file_keeps_its_upload);
  add ("part-whose-bytes-differ-is-sent-again", test_part_whose_bytes_differ_is_sent_again);
  add ("another-number-of-the-device-is-no-change", test_another_number_of_the_device_is_no_change);
  add ("part-on-another-device-is-read-again", test_part_on_another_device_is_read_again);
  add ("another-inode-is-another-file", test_another_inode_is_another_file);
  add ("part-that-the-store-lost-is-sent-again", test_part_that_the_store_lost_is_sent_again);
  add ("upload-that-the-store-lost-is-begun-again", test_upload_that_the_store_lost_is_begun_again);
  add ("beginning-without-an-answer-is-asked-again",
       test_beginning_without_an_answer_is_asked_again);
  add ("beginning-without-an-answer-leaves-nothing-in-a-bucket",
       test_beginning_without_an_answer_leaves_nothing_in_a_bucket);
  add ("late-beginning-without-an-answer-leaves-nothing-in-a-bucket",
       test_late_beginning_without_an_answer_leaves_nothing_in_a_bucket);
  add ("repeated-begin-needs-no-right-to-list", test_repeated_begin_needs_no_right_to_list);
  add ("older-upload-in-a-bucket-is-somebody-elses",
       test_older_upload_in_a_bucket_is_somebody_elses);
  add ("begin-that-is-repeated-leaves-nothing-in-a-bucket",
       test_begin_that_is_repeated_leaves_nothing_in_a_bucket);
  add ("finish-without-an-answer-sends-nothing-again",
       test_finish_without_an_answer_sends_nothing_again);
  g_test_add ("/resume/file-that-changes-after-it-was-finished-is-done", ResumeFixture,
              GSIZE_TO_POINTER (5 * PART), resume_fixture_set_up,
              test_file_that_changes_after_it_was_finished_is_done, resume_fixture_tear_down);
  g_test_add ("/resume/file-of-one-part-that-changes-after-it-was-finished-is-done", ResumeFixture,
              GSIZE_TO_POINTER (100), resume_fixture_set_up,
              test_file_that_changes_after_it_was_finished_is_done, resume_fixture_tear_down);
  add ("changed-file-is-not-finished-where-it-was-not",
       test_changed_file_is_not_finished_where_it_was_not);
  add ("pause-after-the-end-is-too-late", test_pause_after_the_end_is_too_late);
  add ("history-has-the-receipt", test_history_has_the_receipt);
  add ("receipt-has-the-sha256-that-was-asked-for", test_receipt_has_the_sha256_that_was_asked_for);
  add ("removed-from-the-list-is-gone-and-can-come-back",
       test_removed_from_the_list_is_gone_and_can_come_back);
  add ("removed-while-it-begins-does-not-come-back",
       test_removed_while_it_begins_does_not_come_back);
  add ("cancelled-without-a-server-is-aborted-later",
       test_cancelled_without_a_server_is_aborted_later);
  add ("killed-while-it-was-cancelled-is-aborted-later",
       test_killed_while_it_was_cancelled_is_aborted_later);
  add ("cancelled-and-restored-is-aborted", test_cancelled_and_restored_is_aborted);
  add ("given-up-and-restored-is-aborted", test_given_up_and_restored_is_aborted);
  add ("giving-up-is-written-before-the-store-is-told",
       test_giving_up_is_written_before_the_store_is_told);
  add ("beginning-that-is-given-up-is-asked-again", test_beginning_that_is_given_up_is_asked_again);
  add ("pipe-is-given-up", test_pipe_is_given_up);
  add ("what-another-run-works-on-is-left-to-it", test_what_another_run_works_on_is_left_to_it);
  add ("unknown-id-is-an-error", test_unknown_id_is_an_error);
  add ("thousand-waiting-files-come-back-in-order", test_thousand_waiting_files_come_back_in_order);
  add ("leftovers-of-a-bucket-are-listed-and-aborted",
       test_leftovers_of_a_bucket_are_listed_and_aborted);
  add ("unreadable-entry-keeps-its-upload", test_unreadable_entry_keeps_its_upload);
  add ("leftover-that-goes-on-is-not-aborted", test_leftover_that_goes_on_is_not_aborted);
  add ("started-over-from-the-history-is-ours", test_started_over_from_the_history_is_ours);
  add ("started-over-twice-is-uploaded-once", test_started_over_twice_is_uploaded_once);
  return g_test_run ();
}
