/* journal-place.c: a folder for a journal that is never read again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "journal-place.h"

#include <glib/gstdio.h>

#include "streamer-key.h"

#define IN_MEMORY "/dev/shm"

char *
journal_place_new (void)
{
  const char *parent = g_access (IN_MEMORY, W_OK) == 0 ? IN_MEMORY : g_get_tmp_dir ();
  char *folder = g_build_filename (parent, "streamer-fuzz-XXXXXX", NULL);

  g_assert_nonnull (g_mkdtemp_full (folder, 0700));
  return folder;
}

void
journal_place_empty (const char *folder)
{
  g_autoptr (GDir) names = g_dir_open (folder, 0, NULL);
  const char *name;

  while (names != NULL && (name = g_dir_read_name (names)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

void
journal_place_free (char *folder)
{
  journal_place_empty (folder);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

StreamerJournal *
journal_place_open (const char *folder)
{
  g_autoptr (GError) error = NULL;
  StreamerJournal *journal = streamer_journal_open (folder, &error);

  g_assert_no_error (error);
  return journal;
}

void
journal_place_spoil (const char *folder, const char *sql)
{
  g_autofree char *path = g_build_filename (folder, "journal.db", NULL);
  sqlite3 *database;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

static void
check_text (const char *text, gboolean is_nullable)
{
  g_assert_true (text != NULL ? g_utf8_validate (text, -1, NULL) : is_nullable);
}

static void
check_key (const char *key)
{
  g_autofree char *canonical = streamer_key_canonicalize (key, -1, NULL);

  g_assert_cmpstr (key, ==, canonical);
}

static void
check_plan (const StreamerPlan *plan)
{
  guint64 offset, length;

  g_assert_cmpuint (plan->part_size, >, 0);
  g_assert_true (plan->n_parts >= 1 && plan->n_parts <= streamer_limits_s3.max_parts);
  if (plan->size == STREAMER_SIZE_UNKNOWN)
    return;
  streamer_plan_get_part (plan, plan->n_parts, &offset, &length);
  g_assert_cmpuint (offset + length, ==, plan->size);
}

static void
check_entry (const StreamerJournalEntry *entry)
{
  check_text (entry->id, FALSE);
  check_text (entry->connection, FALSE);
  check_text (entry->name, FALSE);
  check_key (entry->key);
  check_text (entry->prefix, TRUE);
  check_text (entry->content_type, TRUE);
  check_text (entry->storage_class, TRUE);
  check_text (entry->error, TRUE);
  check_text (entry->url, TRUE);
  check_text (entry->etag, TRUE);
  check_text (entry->sha256, TRUE);
  g_assert_true (entry->path == NULL || g_path_is_absolute (entry->path));
  g_assert_true (entry->tmp == NULL || g_path_is_absolute (entry->tmp));
  g_assert_true (entry->metadata == NULL || g_strv_length (entry->metadata) % 2 == 0);
  g_assert_cmpint (entry->state, <=, STREAMER_JOURNAL_CANCELLED);
  g_assert_cmpint (entry->error_code, >=, -1);
  g_assert_cmpfloat (entry->seconds, >=, 0);
  if (entry->planned)
    check_plan (&entry->plan);
}

static void
check_parts (StreamerJournal *journal, const StreamerJournalUpload *upload)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) parts = streamer_journal_list_parts (journal, upload->number, &error);
  guint last = 0;

  fuzz_check_error (parts != NULL, error);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);

      g_assert_true (part->number > last && part->number <= streamer_limits_s3.max_parts);
      check_text (part->etag, FALSE);
      last = part->number;
    }
}

static void
check_upload (StreamerJournal *journal, const StreamerJournalUpload *upload)
{
  const StreamerPlan plan = { upload->size, upload->part_size, upload->n_parts };

  check_plan (&plan);
  check_text (upload->transfer_id, FALSE);
  check_text (upload->connection, FALSE);
  check_key (upload->key);
  check_text (upload->content_type, TRUE);
  check_text (upload->resume_id, FALSE);
  check_text (upload->upload_id, upload->state == STREAMER_JOURNAL_UPLOAD_BEGINNING ||
                                     upload->state == STREAMER_JOURNAL_UPLOAD_GIVEN_UP);
  g_assert_cmpint (upload->state, <=, STREAMER_JOURNAL_UPLOAD_GIVEN_UP);
  check_parts (journal, upload);
}

void
journal_place_check_rows (StreamerJournal *journal)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) upload_error = NULL;
  g_autoptr (GPtrArray) entries = streamer_journal_list (journal, &error);
  g_autoptr (GPtrArray) uploads = streamer_journal_list_uploads (journal, NULL, &upload_error);

  fuzz_check_error (entries != NULL, error);
  fuzz_check_error (uploads != NULL, upload_error);
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    check_entry (entries->pdata[i]);
  for (guint i = 0; uploads != NULL && i < uploads->len; i++)
    check_upload (journal, uploads->pdata[i]);
}
