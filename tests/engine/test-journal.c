/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "journal-fixture.h"
#include "streamer-error.h"

#include <fcntl.h>
#include <sys/stat.h>

static void
test_entries (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  g_autoptr (StreamerJournalEntry) read = NULL;
  g_autoptr (GError) error = NULL;

  entry->has_identity = TRUE;
  entry->identity = (StreamerSourceIdentity){ 1, G_MAXUINT64, 2500, -5, G_MAXINT64 };
  entry->planned = TRUE;
  entry->plan = (StreamerPlan){ 2500, 1000, 3 };
  entry->generation = 2;
  entry->sha256 = g_strdup ("00ff");
  entry->has_crc32 = TRUE;
  entry->crc32 = G_MAXUINT32;
  entry->etag = g_strdup ("\"x-3\"");
  entry->url = g_strdup ("https://example.org/a%20b");
  entry->seconds = 1.5;
  entry->retries = 7;
  streamer_journal_put (fixture->journal, entry);
  journal_fixture_flush (fixture);

  read = streamer_journal_get (fixture->journal, "one", &error);
  g_assert_no_error (error);
  journal_fixture_assert_same (read, entry);
  g_assert_cmpint (read->owner, ==, STREAMER_JOURNAL_US);

  /* Replaced, with nothing that can be left out. */
  g_clear_pointer (&entry->path, g_free);
  g_clear_pointer (&entry->prefix, g_free);
  g_clear_pointer (&entry->tmp, g_free);
  g_clear_pointer (&entry->content_type, g_free);
  g_clear_pointer (&entry->storage_class, g_free);
  g_clear_pointer (&entry->metadata, g_strfreev);
  g_clear_pointer (&entry->sha256, g_free);
  g_clear_pointer (&entry->etag, g_free);
  g_clear_pointer (&entry->url, g_free);
  entry->has_crc32 = entry->planned = entry->has_identity = FALSE;
  streamer_journal_put (fixture->journal, entry);
  journal_fixture_flush (fixture);
  g_clear_pointer (&read, streamer_journal_entry_free);
  read = streamer_journal_get (fixture->journal, "one", &error);
  g_assert_no_error (error);
  journal_fixture_assert_same (read, entry);

  g_assert_null (streamer_journal_get (fixture->journal, "two", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
}

static void
test_order (JournalFixture *fixture, gconstpointer data)
{
  static const char *const ids[] = { "c", "a", "b" };
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    journal_fixture_put (fixture, ids[i]);
  /* Replacing one does not move it. */
  journal_fixture_put (fixture, "c");
  journal_fixture_flush (fixture);
  entries = streamer_journal_list (fixture->journal, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, G_N_ELEMENTS (ids));
  for (guint i = 0; i < entries->len; i++)
    g_assert_cmpstr (((StreamerJournalEntry *) entries->pdata[i])->id, ==, ids[i]);
}

static void
test_state (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) read = NULL;
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_CHANGED, "Grown.");

  journal_fixture_put (fixture, "one");
  streamer_journal_set_state (fixture->journal, "one", STREAMER_JOURNAL_FAILED, error);
  journal_fixture_flush (fixture);
  read = journal_fixture_get (fixture, "one");
  g_assert_cmpint (read->state, ==, STREAMER_JOURNAL_FAILED);
  g_assert_cmpint (read->error_code, ==, STREAMER_ERROR_CHANGED);
  g_assert_cmpstr (read->error, ==, "Grown.");
  g_assert_cmpint (read->ended_at, >, 0);

  streamer_journal_set_state (fixture->journal, "one", STREAMER_JOURNAL_PAUSED, NULL);
  journal_fixture_flush (fixture);
  g_clear_pointer (&read, streamer_journal_entry_free);
  read = journal_fixture_get (fixture, "one");
  g_assert_cmpint (read->state, ==, STREAMER_JOURNAL_PAUSED);
  g_assert_cmpint (read->error_code, ==, -1);
  g_assert_null (read->error);
  g_assert_cmpint (read->ended_at, ==, 0);
}

/* A worker writes the receipt while the owner, who does not know yet, pauses and goes on. */
static void
test_a_receipt_stays (JournalFixture *fixture, gconstpointer data)
{
  static const StreamerJournalState states[] = { STREAMER_JOURNAL_PAUSED, STREAMER_JOURNAL_WAITING,
                                                 STREAMER_JOURNAL_CANCELLED };
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  g_autoptr (GError) error = NULL;
  gint64 number = journal_fixture_begin (fixture, entry, 3000, 1000);

  streamer_journal_done_sync (fixture->journal, number, entry, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autoptr (StreamerJournalEntry) read = NULL;

      streamer_journal_set_state (fixture->journal, "one", states[i], NULL);
      journal_fixture_flush (fixture);
      read = journal_fixture_get (fixture, "one");
      g_assert_cmpint (read->state, ==, STREAMER_JOURNAL_DONE);
    }
}

/* The last of many calls wins, whoever waits. */
static void
test_fifo (JournalFixture *fixture, gconstpointer data)
{
  journal_fixture_put (fixture, "one");
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GError) error = g_error_new (STREAMER_ERROR, STREAMER_ERROR_FAILED, "%u", i);

      streamer_journal_set_state (fixture->journal, "one", STREAMER_JOURNAL_FAILED, error);
      if (i % 100 == 0)
        {
          g_autoptr (StreamerJournalEntry) read = NULL;

          journal_fixture_flush (fixture);
          read = journal_fixture_get (fixture, "one");
          g_assert_cmpstr (read->error, ==, error->message);
        }
    }
  streamer_journal_remove (fixture->journal, "one");
  journal_fixture_put (fixture, "one");
  journal_fixture_flush (fixture);
  {
    g_autoptr (StreamerJournalEntry) read = journal_fixture_get (fixture, "one");

    g_assert_null (read->error);
  }
}

static void
test_upload (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  g_autoptr (StreamerJournalEntry) read = NULL;
  g_autoptr (GPtrArray) uploads = NULL;
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) error = NULL;
  const StreamerStoredPart *part;
  StreamerJournalUpload *upload;
  gint64 number = journal_fixture_begin (fixture, entry, 2500, 1000);
  guint dropped = 1;

  g_assert_cmpint (number, >, 0);
  uploads = streamer_journal_list_uploads (fixture->journal, "one", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (uploads->len, ==, 1);
  upload = uploads->pdata[0];
  g_assert_cmpint (upload->number, ==, number);
  g_assert_cmpstr (upload->transfer_id, ==, "one");
  g_assert_cmpstr (upload->connection, ==, entry->connection);
  g_assert_cmpstr (upload->key, ==, "folder/one");
  g_assert_cmpuint (upload->size, ==, 2500);
  g_assert_cmpuint (upload->part_size, ==, 1000);
  g_assert_cmpuint (upload->n_parts, ==, 3);
  g_assert_cmpstr (upload->content_type, ==, "text/plain");
  g_assert_cmpint (strlen (upload->resume_id), ==, 32);
  g_assert_null (upload->upload_id);
  g_assert_cmpint (upload->state, ==, STREAMER_JOURNAL_UPLOAD_BEGINNING);
  g_assert_cmpint (upload->owner, ==, STREAMER_JOURNAL_US);
  g_assert_cmpint (upload->began_at, >, 0);

  g_assert_true (streamer_journal_begun_sync (fixture->journal, number, "the id", &error));
  journal_fixture_store_part (fixture, number, 3, 500);
  journal_fixture_store_part (fixture, number, 1, 1000);
  journal_fixture_store_part (fixture, number, 1, 1000);
  parts = streamer_journal_list_parts (fixture->journal, number, &error);
  g_assert_cmpuint (parts->len, ==, 2);
  part = &g_array_index (parts, StreamerStoredPart, 1);
  g_assert_cmpuint (part->number, ==, 3);
  g_assert_cmpuint (part->size, ==, 500);
  g_assert_cmpuint (part->crc32, ==, 3 * 0x10001);
  g_assert_cmpstr (part->etag, ==, "\"etag-3\"");
  read = journal_fixture_get (fixture, "one");
  g_assert_cmpuint (read->sent, ==, 1500);

  streamer_journal_drop_parts (fixture->journal, number, &dropped, 1);
  g_assert_true (streamer_journal_finishing_sync (fixture->journal, number, &error));
  g_array_unref (parts);
  parts = streamer_journal_list_parts (fixture->journal, number, &error);
  g_assert_cmpuint (parts->len, ==, 1);
  g_ptr_array_unref (uploads);
  uploads = streamer_journal_list_uploads (fixture->journal, NULL, &error);
  upload = uploads->pdata[0];
  g_assert_cmpint (upload->state, ==, STREAMER_JOURNAL_UPLOAD_FINISHING);
  g_assert_cmpstr (upload->upload_id, ==, "the id");

  entry->etag = g_strdup ("\"all\"");
  g_assert_true (streamer_journal_done_sync (fixture->journal, number, entry, &error));
  journal_fixture_assert_empty (fixture, number);
  g_clear_pointer (&read, streamer_journal_entry_free);
  read = journal_fixture_get (fixture, "one");
  g_assert_cmpint (read->state, ==, STREAMER_JOURNAL_DONE);
  g_assert_cmpstr (read->etag, ==, "\"all\"");
  g_assert_cmpuint (read->sent, ==, 0);
}

static void
test_given_up (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  g_autoptr (GPtrArray) uploads = NULL;
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) error = NULL;
  StreamerStoredPart part = { .number = 1, .size = 1000, .etag = (char *) "x" };
  StreamerJournalUpload *upload;
  gint64 first = journal_fixture_begin (fixture, entry, 2500, 1000);
  gint64 second = journal_fixture_begin (fixture, entry, 2500, 1000);

  g_assert_cmpint (second, >, first);
  g_assert_true (streamer_journal_begun_sync (fixture->journal, first, "first", &error));
  journal_fixture_store_part (fixture, first, 1, 1000);
  streamer_journal_give_up (fixture->journal, first);
  /* The entry goes while the second is begun; its id still comes to be known. */
  streamer_journal_remove (fixture->journal, "one");
  g_assert_true (streamer_journal_begun_sync (fixture->journal, second, "second", &error));
  g_assert_no_error (error);
  streamer_journal_abort_failed (fixture->journal, second);
  streamer_journal_abort_failed (fixture->journal, second);
  journal_fixture_flush (fixture);

  uploads = streamer_journal_list_uploads (fixture->journal, "one", &error);
  g_assert_cmpuint (uploads->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      upload = uploads->pdata[i];
      g_assert_cmpint (upload->state, ==, STREAMER_JOURNAL_UPLOAD_GIVEN_UP);
      g_assert_cmpstr (upload->upload_id, ==, i == 0 ? "first" : "second");
      g_assert_cmpuint (upload->n_aborts, ==, i == 0 ? 0 : 2);
    }
  g_assert_cmpint (upload->abort_tried_at, >=, upload->began_at);
  parts = streamer_journal_list_parts (fixture->journal, first, &error);
  g_assert_cmpuint (parts->len, ==, 0);

  g_assert_false (streamer_journal_part_sync (fixture->journal, first, &part, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
  g_clear_error (&error);
  g_assert_false (streamer_journal_finishing_sync (fixture->journal, first, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
  g_clear_error (&error);

  streamer_journal_forget (fixture->journal, first);
  streamer_journal_forget (fixture->journal, second);
  journal_fixture_flush (fixture);
  journal_fixture_assert_empty (fixture, first);
  g_assert_false (streamer_journal_begun_sync (fixture->journal, second, "x", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
}

static void
test_pipe (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  g_autoptr (StreamerJournalEntry) read = NULL;
  g_autoptr (GPtrArray) uploads = NULL;
  g_autoptr (GError) error = NULL;
  gint64 number = journal_fixture_begin (fixture, entry, STREAMER_SIZE_UNKNOWN, 1000);

  g_assert_cmpint (number, >, 0);
  read = journal_fixture_get (fixture, "one");
  g_assert_cmpuint (read->plan.size, ==, STREAMER_SIZE_UNKNOWN);
  uploads = streamer_journal_list_uploads (fixture->journal, "one", &error);
  g_assert_cmpuint (((StreamerJournalUpload *) uploads->pdata[0])->size, ==, STREAMER_SIZE_UNKNOWN);
}

static void
test_facts (JournalFixture *fixture, gconstpointer data)
{
  g_autofree char *value = NULL;

  g_assert_null (streamer_journal_recall (fixture->journal, "here", "checksums"));
  streamer_journal_remember (fixture->journal, "here", "checksums", "none");
  streamer_journal_remember (fixture->journal, "here", "checksums", "crc32");
  streamer_journal_remember (fixture->journal, "there", "checksums", "x");
  journal_fixture_flush (fixture);
  value = streamer_journal_recall (fixture->journal, "here", "checksums");
  g_assert_cmpstr (value, ==, "crc32");
  streamer_journal_remember (fixture->journal, "here", "checksums", NULL);
  journal_fixture_flush (fixture);
  g_assert_null (streamer_journal_recall (fixture->journal, "here", "checksums"));
}

static void
test_reopened (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  g_autoptr (StreamerJournalEntry) read = NULL;
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) error = NULL;
  gint64 number = journal_fixture_begin (fixture, entry, 2500, 1000);

  g_assert_true (streamer_journal_begun_sync (fixture->journal, number, "id", &error));
  journal_fixture_store_part (fixture, number, 2, 1000);
  /* Closing writes what is queued. */
  streamer_journal_set_state (fixture->journal, "one", STREAMER_JOURNAL_PAUSED, NULL);
  journal_fixture_reopen (fixture);
  read = journal_fixture_get (fixture, "one");
  g_assert_cmpint (read->state, ==, STREAMER_JOURNAL_PAUSED);
  g_assert_cmpint (read->owner, ==, STREAMER_JOURNAL_NOBODY);
  parts = streamer_journal_list_parts (fixture->journal, number, &error);
  g_assert_cmpuint (parts->len, ==, 1);
  g_assert_null (streamer_journal_get_set_aside (fixture->journal));
}

static void
test_private (JournalFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "", "journal.db", "journal.db-wal", "journal.lock" };

  journal_fixture_put (fixture, "one");
  journal_fixture_flush (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);
      struct stat info;

      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpuint (info.st_mode & 0077, ==, 0);
    }
}

static void
test_secret_links (JournalFixture *fixture, gconstpointer data)
{
  static const char *const links[] = {
    "https://example.org/a?X-Amz-Signature=MARKER",
    "https://user:MARKER@example.org/a",
    "MARKER",
  };

  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
      g_autoptr (StreamerJournalEntry) read = NULL;

      entry->url = g_strdup (links[i]);
      streamer_journal_put (fixture->journal, entry);
      journal_fixture_flush (fixture);
      read = journal_fixture_get (fixture, "one");
      g_assert_null (read->url);
    }
  journal_fixture_assert_no_bytes (fixture, "MARKER");
}

static void
test_default_folder (void)
{
  g_autofree char *folder = streamer_journal_dup_default_folder ();

  g_assert_true (g_str_has_prefix (folder, g_get_user_state_dir ()));
  g_assert_true (g_str_has_suffix (folder, "/s3streamer"));
}

#define ADD(path, function)                                                                        \
  g_test_add ("/journal/" path, JournalFixture, NULL, journal_fixture_set_up, function,            \
              journal_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("entries-come-back-as-they-were", test_entries);
  ADD ("entries-are-listed-in-the-order-in-which-they-came", test_order);
  ADD ("a-state-has-its-error", test_state);
  ADD ("a-receipt-stays", test_a_receipt_stays);
  ADD ("writes-keep-their-order", test_fifo);
  ADD ("an-upload-goes-its-way", test_upload);
  ADD ("what-was-given-up-is-only-to-be-aborted", test_given_up);
  ADD ("a-pipe-has-no-size", test_pipe);
  ADD ("facts-are-remembered", test_facts);
  ADD ("everything-is-there-when-it-is-opened-again", test_reopened);
  ADD ("nobody-else-can-read-it", test_private);
  ADD ("links-that-may-be-signed-are-not-kept", test_secret_links);
  g_test_add_func ("/journal/the-default-folder-is-the-users", test_default_folder);
  return g_test_run ();
}
