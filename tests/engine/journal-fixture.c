/* journal-fixture.c: a journal in a folder of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "journal-fixture.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <sqlite3.h>

void
journal_fixture_open (JournalFixture *self)
{
  g_autoptr (GError) error = NULL;

  self->journal = streamer_journal_open (self->folder, &error);
  g_assert_no_error (error);
}

void
journal_fixture_close (JournalFixture *self)
{
  g_assert_finalize_object (g_steal_pointer (&self->journal));
}

void
journal_fixture_reopen (JournalFixture *self)
{
  journal_fixture_close (self);
  journal_fixture_open (self);
}

void
journal_fixture_set_up (JournalFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("streamer-test-XXXXXX", &error);
  g_assert_no_error (error);
  journal_fixture_open (self);
}

static int
remove_one (const char *path, const struct stat *info, int type, struct FTW *way)
{
  return g_remove (path);
}

void
journal_fixture_tear_down (JournalFixture *self, gconstpointer data)
{
  if (self->journal != NULL)
    journal_fixture_close (self);
  g_assert_cmpint (nftw (self->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_free (self->folder);
}

StreamerJournalEntry *
journal_fixture_make_entry (const char *id)
{
  StreamerJournalEntry *entry = g_new0 (StreamerJournalEntry, 1);

  *entry = (StreamerJournalEntry){
    .id = g_strdup (id),
    .connection = g_strdup ("{\"kind\":\"test\"}"),
    .path = g_strdup ("/no UTF-8: \xff\xfe"),
    .name = g_strdup ("näme"),
    .key = g_strconcat ("folder/", id, NULL),
    .prefix = g_strdup ("folder"),
    .asked_part_size = 5 * STREAMER_MIB,
    .overwrite = TRUE,
    .tmp = g_strdup ("/tmp/\xff"),
    .content_type = g_strdup ("text/plain"),
    .storage_class = g_strdup ("STANDARD_IA"),
    .metadata = g_strdupv ((char *[]){ "colour", "blue \"and\" green", NULL }),
    .wants_sha256 = TRUE,
    .error_code = -1,
    .created_at = g_get_real_time (),
    .started_at = 5,
  };
  return entry;
}

void
journal_fixture_put (JournalFixture *self, const char *id)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry (id);

  streamer_journal_put (self->journal, entry);
}

StreamerJournalEntry *
journal_fixture_get (JournalFixture *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  StreamerJournalEntry *entry = streamer_journal_get (self->journal, id, &error);

  g_assert_no_error (error);
  return entry;
}

void
journal_fixture_assert_same (const StreamerJournalEntry *one, const StreamerJournalEntry *other)
{
  g_assert_cmpstr (one->id, ==, other->id);
  g_assert_cmpstr (one->connection, ==, other->connection);
  g_assert_cmpstr (one->path, ==, other->path);
  g_assert_cmpstr (one->name, ==, other->name);
  g_assert_cmpstr (one->key, ==, other->key);
  g_assert_cmpstr (one->prefix, ==, other->prefix);
  g_assert_cmpuint (one->asked_part_size, ==, other->asked_part_size);
  g_assert_cmpint (one->overwrite, ==, other->overwrite);
  g_assert_cmpstr (one->tmp, ==, other->tmp);
  g_assert_cmpstr (one->content_type, ==, other->content_type);
  g_assert_cmpstr (one->storage_class, ==, other->storage_class);
  g_assert_cmpint (one->metadata == NULL, ==, other->metadata == NULL);
  if (one->metadata != NULL)
    g_assert_cmpstrv (one->metadata, other->metadata);
  g_assert_cmpint (one->wants_sha256, ==, other->wants_sha256);
  g_assert_cmpint (one->has_identity, ==, other->has_identity);
  if (one->has_identity)
    g_assert_cmpmem (&one->identity, sizeof one->identity, &other->identity,
                     sizeof other->identity);
  g_assert_cmpint (one->planned, ==, other->planned);
  if (one->planned)
    {
      g_assert_cmpuint (one->plan.size, ==, other->plan.size);
      g_assert_cmpuint (one->plan.part_size, ==, other->plan.part_size);
      g_assert_cmpuint (one->plan.n_parts, ==, other->plan.n_parts);
    }
  g_assert_cmpuint (one->generation, ==, other->generation);
  g_assert_cmpint (one->state, ==, other->state);
  g_assert_cmpint (one->error_code, ==, other->error_code);
  g_assert_cmpstr (one->error, ==, other->error);
  g_assert_cmpstr (one->url, ==, other->url);
  g_assert_cmpstr (one->etag, ==, other->etag);
  g_assert_cmpint (one->has_crc32, ==, other->has_crc32);
  if (one->has_crc32)
    g_assert_cmpuint (one->crc32, ==, other->crc32);
  g_assert_cmpstr (one->sha256, ==, other->sha256);
  g_assert_cmpint (one->created_at, ==, other->created_at);
  g_assert_cmpint (one->started_at, ==, other->started_at);
  g_assert_cmpint (one->ended_at, ==, other->ended_at);
  g_assert_cmpfloat (one->seconds, ==, other->seconds);
  g_assert_cmpuint (one->retries, ==, other->retries);
}

void
journal_fixture_flush (JournalFixture *self)
{
  g_autoptr (GError) error = NULL;

  streamer_journal_flush_sync (self->journal, &error);
  g_assert_no_error (error);
}

gint64
journal_fixture_begin (JournalFixture *self,
                       StreamerJournalEntry *entry,
                       guint64 size,
                       guint64 part_size)
{
  g_autoptr (StreamerUpload) upload = NULL;
  g_autoptr (GError) error = NULL;
  gint64 number = 0;

  entry->planned = TRUE;
  entry->plan.size = size;
  entry->plan.part_size = part_size;
  entry->plan.n_parts =
      size == STREAMER_SIZE_UNKNOWN ? 10000 : MAX (1, (size + part_size - 1) / part_size);
  upload = streamer_upload_new (entry->key, &entry->plan, entry->content_type, entry->overwrite);
  streamer_journal_begin_sync (self->journal, entry, upload, &number, &error);
  g_assert_no_error (error);
  return number;
}

void
journal_fixture_store_part (JournalFixture *self, gint64 number, guint part_number, guint64 size)
{
  g_autofree char *etag = g_strdup_printf ("\"etag-%u\"", part_number);
  g_autoptr (GError) error = NULL;
  StreamerStoredPart part = {
    .number = part_number,
    .size = size,
    .crc32 = part_number * 0x10001,
    .etag = etag,
  };

  streamer_journal_part_sync (self->journal, number, &part, &error);
  g_assert_no_error (error);
}

void
journal_fixture_assert_empty (JournalFixture *self, gint64 number)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) uploads = streamer_journal_list_uploads (self->journal, NULL, &error);
  g_autoptr (GArray) parts = streamer_journal_list_parts (self->journal, number, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (uploads->len, ==, 0);
  g_assert_cmpuint (parts->len, ==, 0);
}

void
journal_fixture_spoil (JournalFixture *self, const char *sql)
{
  g_autofree char *path = journal_fixture_path (self, "journal.db");
  sqlite3 *database;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  if (sqlite3_exec (database, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (database));
  sqlite3_close (database);
}

void
journal_fixture_assert_no_bytes (JournalFixture *self, const char *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = journal_fixture_path (self, name);
      g_autofree char *contents = NULL;
      gsize length;

      g_file_get_contents (path, &contents, &length, &error);
      g_assert_no_error (error);
      if (memmem (contents, length, bytes, strlen (bytes)) != NULL)
        g_error ("%s has “%s” in it", path, bytes);
      n++;
    }
  g_assert_cmpuint (n, >=, 3);
}

char *
journal_fixture_path (JournalFixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}
