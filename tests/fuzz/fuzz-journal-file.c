/* fuzz-journal-file.c: a file in the journal's place, of whatever bytes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first byte says what the rest is: `F` the file; `D` changes of a good one; `W` changes of the
 * log of what was written last. A change is an offset of two bytes, the high one first, a length of
 * one, and so many bytes.
 */

#include "journal-place.h"

#include <string.h>

static char *folder;
static GBytes *good_database;
static GBytes *good_log;

static StreamerJournalEntry *
make_entry (void)
{
  StreamerJournalEntry *entry = g_new0 (StreamerJournalEntry, 1);

  *entry = (StreamerJournalEntry){
    .id = g_strdup ("3f09a2b4c1d2"),
    .connection = g_strdup ("{\"kind\":\"this-computer\",\"id\":\"this-computer\"}"),
    .path = g_strdup ("/tmp/file"),
    .name = g_strdup ("file"),
    .key = g_strdup ("file"),
    .error_code = -1,
    .planned = TRUE,
    .plan = { 10, 5, 2 },
  };
  return entry;
}

static GBytes *
read_file (const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize size;

  g_file_get_contents (path, &bytes, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, size);
}

static void
write_file (const char *name, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                            G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

/* One upload with a part, in pages that are as small as they can be. */
static void
use_journal (StreamerJournal *journal)
{
  const StreamerPlan plan = { 10, 5, 2 };
  const StreamerStoredPart part = { .number = 1, .size = 5, .crc32 = 7, .etag = (char *) "etag" };
  g_autoptr (StreamerJournalEntry) entry = make_entry ();
  g_autoptr (StreamerUpload) upload = streamer_upload_new ("file", &plan, NULL, FALSE);
  g_autoptr (GError) error = NULL;
  gint64 number;

  streamer_journal_begin_sync (journal, entry, upload, &number, &error);
  g_assert_no_error (error);
  streamer_journal_begun_sync (journal, number, "upload", &error);
  g_assert_no_error (error);
  streamer_journal_part_sync (journal, number, &part, &error);
  g_assert_no_error (error);
}

static void
set_up (void)
{
  StreamerJournal *journal;

  fuzz_expect_warning ("A damaged journal is now ");
  fuzz_expect_warning ("A row of the journal makes no sense and is skipped");
  folder = journal_place_new ();
  g_object_unref (journal_place_open (folder));
  journal_place_spoil (folder, "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM");
  journal = journal_place_open (folder);
  use_journal (journal);
  good_log = read_file ("journal.db-wal");
  g_object_unref (journal);
  good_database = read_file ("journal.db");
}

static void __attribute__ ((destructor)) tear_down (void)
{
  g_clear_pointer (&folder, journal_place_free);
  g_clear_pointer (&good_database, g_bytes_unref);
  g_clear_pointer (&good_log, g_bytes_unref);
}

static GBytes *
change (GBytes *good, FuzzInput *input)
{
  gsize size;
  guint8 *bytes = g_bytes_unref_to_data (g_bytes_ref (good), &size);

  while (input->size >= 3)
    {
      gsize offset = (gsize) input->data[0] << 8 | input->data[1];
      gsize length = MIN (input->data[2], input->size - 3);

      if (offset < size)
        memcpy (bytes + offset, input->data + 3, MIN (length, size - offset));
      input->data += 3 + length;
      input->size -= 3 + length;
    }
  return g_bytes_new_take (bytes, size);
}

/* Returns: (transfer full): what journal.db is to be */
static GBytes *
write_input (char kind, FuzzInput *input)
{
  g_autoptr (GBytes) log = NULL;
  GBytes *bytes;

  switch (kind)
    {
    case 'D':
      bytes = change (good_database, input);
      break;
    case 'W':
      log = change (good_log, input);
      write_file ("journal.db-wal", log);
      bytes = g_bytes_ref (good_database);
      break;
    default:
      bytes = g_bytes_new (input->data, input->size);
    }
  write_file ("journal.db", bytes);
  return bytes;
}

/* What was there is kept, and the new one is empty. */
static void
check_set_aside (StreamerJournal *journal, GBytes *bytes)
{
  const char *aside = streamer_journal_get_set_aside (journal);
  g_autoptr (GPtrArray) entries = streamer_journal_list (journal, NULL);
  g_autofree char *text = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (aside, &text, &size, NULL));
  if (g_bytes_get_size (bytes) < 16 ||
      memcmp (g_bytes_get_data (bytes, NULL), "SQLite format 3", 16))
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, size);
  g_assert_true (entries != NULL && entries->len == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autoptr (StreamerJournal) journal = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  if (size < 1)
    return -1;
  if (folder == NULL)
    set_up ();
  input.data++;
  input.size--;
  journal_place_empty (folder);
  bytes = write_input ((char) data[0], &input);
  journal = streamer_journal_open (folder, &error);
  fuzz_check_error (journal != NULL, error);
  if (journal == NULL)
    return 0;
  if (streamer_journal_get_set_aside (journal) != NULL)
    check_set_aside (journal, bytes);
  journal_place_check_rows (journal);
  return 0;
}
