/* resume-fixture.c: a queue with a journal, and runs of the program that end and begin
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "resume-fixture.h"

#include <sqlite3.h>

static StreamerConnection *
connect_to (const char *record, gpointer user_data, GError **error)
{
  ResumeFixture *self = user_data;

  g_assert_nonnull (strstr (record, "\"id\":\"test\""));
  return g_object_ref (self->flow.connection);
}

void
resume_fixture_start (ResumeFixture *self)
{
  g_autoptr (GError) error = NULL;

  self->journal = streamer_journal_open (self->state, &error);
  g_assert_no_error (error);
  self->queue = streamer_queue_new ();
  streamer_queue_set_parts (self->queue, RESUME_WORKERS);
  streamer_queue_set_journal (self->queue, self->journal, connect_to, self, NULL);
}

/* Threads that come to their end hold it a little longer, and wake nobody. */
static void
close_journal (ResumeFixture *self)
{
  while (g_atomic_int_get (&G_OBJECT (self->journal)->ref_count) > 1)
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
  g_assert_finalize_object (g_steal_pointer (&self->journal));
}

void
resume_fixture_crash (ResumeFixture *self)
{
  g_assert_finalize_object (g_steal_pointer (&self->queue));
  streamer_fake_store_let_on (self->flow.store);
  close_journal (self);
}

void
resume_fixture_stop (ResumeFixture *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  streamer_queue_stop_async (self->queue, test_flow_store_result, &result);
  wait_until (result != NULL);
  g_assert_true (streamer_queue_stop_finish (self->queue, result, &error));
  g_assert_no_error (error);
  g_clear_object (&result);
  g_assert_finalize_object (g_steal_pointer (&self->queue));
  close_journal (self);
}

guint
resume_fixture_restore (ResumeFixture *self, StreamerRestoreFlags flags)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  streamer_queue_restore_async (self->queue, NULL, flags, NULL, test_flow_store_result, &result);
  wait_until (result != NULL);
  n = streamer_queue_restore_finish (self->queue, result, &error);
  g_assert_no_error (error);
  return n;
}

void
resume_fixture_restart (ResumeFixture *self)
{
  resume_fixture_crash (self);
  resume_fixture_start (self);
  resume_fixture_restore (self, STREAMER_RESTORE_UNFINISHED | STREAMER_RESTORE_HISTORY);
}

void
resume_fixture_set_up (ResumeFixture *self, gconstpointer data)
{
  test_flow_set_up (&self->flow);
  self->flow.target->part_size = RESUME_PART;
  self->state = test_flow_path (&self->flow, "state");
  resume_fixture_start (self);
}

void
resume_fixture_tear_down (ResumeFixture *self, gconstpointer data)
{
  streamer_fake_store_clear_script (self->flow.store);
  if (self->queue != NULL)
    {
      wait_until (streamer_queue_get_n_active (self->queue) == 0);
      g_assert_finalize_object (g_steal_pointer (&self->queue));
    }
  if (self->journal != NULL)
    close_journal (self);
  test_flow_tear_down (&self->flow);
  g_free (self->state);
}

GBytes *
resume_fixture_make_bytes (const char *name, gsize size)
{
  return test_flow_make_bytes (size, g_str_hash (name));
}

StreamerTransfer *
resume_fixture_add (ResumeFixture *self, const char *name, gsize size)
{
  g_autoptr (GBytes) bytes = resume_fixture_make_bytes (name, size);
  g_autoptr (GFile) file = test_flow_write (&self->flow, name, bytes);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (StreamerTransfer) transfer = NULL;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->queue));

  streamer_queue_add_async (self->queue, file, self->flow.target, NULL, test_flow_store_result,
                            &result);
  wait_until (result != NULL);
  g_assert_cmpuint (streamer_queue_add_finish (self->queue, result, NULL), ==, 1);
  transfer = g_list_model_get_item (G_LIST_MODEL (self->queue), n);
  return transfer;
}

StreamerTransfer *
resume_fixture_get (ResumeFixture *self)
{
  g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (G_LIST_MODEL (self->queue), 0);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->queue)), ==, 1);
  return transfer;
}

void
resume_fixture_hold_after (ResumeFixture *self, guint n)
{
  StreamerTransfer *transfer = resume_fixture_get (self);

  for (guint i = 1; i <= RESUME_WORKERS; i++)
    streamer_fake_store_block (self->flow.store, FAKE_PUT_PART, n + i);
  wait_until (
      streamer_fake_store_get_n_blocked (self->flow.store) == RESUME_WORKERS &&
      streamer_part_list_count (streamer_transfer_get_parts (transfer), STREAMER_PART_DONE) == n);
}

void
resume_fixture_assert_no_upload (ResumeFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) uploads = NULL;

  streamer_journal_flush_sync (self->journal, &error);
  g_assert_no_error (error);
  uploads = streamer_journal_list_uploads (self->journal, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (uploads->len, ==, 0);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (self->flow.store), ==, 0);
}

void
resume_fixture_assert_done (ResumeFixture *self, const char *name, gsize size)
{
  g_autoptr (GBytes) bytes = resume_fixture_make_bytes (name, size);
  StreamerTransfer *transfer = resume_fixture_get (self);

  wait_until (streamer_transfer_is_over (transfer) && !streamer_transfer_is_busy (transfer));
  g_assert_no_error (streamer_transfer_get_error (transfer));
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_DONE);
  test_flow_assert_object (&self->flow, name, bytes);
  resume_fixture_assert_no_upload (self);
}

void
resume_fixture_assert_failed (ResumeFixture *self, StreamerError code)
{
  StreamerTransfer *transfer = resume_fixture_get (self);

  wait_until (streamer_transfer_is_over (transfer) && !streamer_transfer_is_busy (transfer));
  g_assert_error (streamer_transfer_get_error (transfer), STREAMER_ERROR, (int) code);
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_FAILED);
}

guint
resume_fixture_count (ResumeFixture *self, FakeOperation operation)
{
  return streamer_fake_store_get_n_calls (self->flow.store, operation);
}

void
resume_fixture_spoil (ResumeFixture *self, const char *sql)
{
  g_autofree char *path = g_build_filename (self->state, "journal.db", NULL);
  sqlite3 *database;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  if (sqlite3_exec (database, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (database));
  sqlite3_close (database);
}

int
resume_fixture_clean (ResumeFixture *self)
{
  StreamerJanitor *janitor = streamer_queue_get_janitor (self->queue);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int n;

  streamer_janitor_clean_async (janitor, NULL, test_flow_store_result, &result);
  wait_until (result != NULL);
  n = streamer_janitor_clean_finish (janitor, result, &error);
  g_assert_no_error (error);
  return n;
}
