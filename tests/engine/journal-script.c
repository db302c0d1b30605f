/* journal-script.c: everything that a journal is told, step by step
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "journal-script.h"

#include <ftw.h>
#include <glib/gstdio.h>

#include "journal-fixture.h"
#include "streamer-error.h"

typedef struct
{
  /* Either; what is queued is waited for by a flush. */
  gboolean (*run) (JournalScript *self, GError **error);
  void (*queue) (JournalScript *self);
  gboolean is_hint;
} Step;

static StreamerPlan plan = { .size = 2500, .part_size = 1000, .n_parts = 3 };

static StreamerJournalEntry *
make_entry (const char *id)
{
  StreamerJournalEntry *entry = journal_fixture_make_entry (id);

  entry->planned = TRUE;
  entry->plan = plan;
  return entry;
}

static gboolean
open_journal (JournalScript *self, GError **error)
{
  self->journal = streamer_journal_open (self->folder, error);
  return self->journal != NULL;
}

static void
put_a (JournalScript *self)
{
  g_autoptr (StreamerJournalEntry) entry = make_entry ("a");

  streamer_journal_put (self->journal, entry);
}

static void
put_b (JournalScript *self)
{
  g_autoptr (StreamerJournalEntry) entry = make_entry ("b");

  streamer_journal_put (self->journal, entry);
}

static gboolean
begin (JournalScript *self, guint index, GError **error)
{
  static const char *const ids[] = { "a", "b", "c" };
  g_autoptr (StreamerJournalEntry) entry = make_entry (ids[index]);
  g_autoptr (StreamerUpload) upload =
      streamer_upload_new (entry->key, &plan, entry->content_type, TRUE);

  entry->generation = index + 1;
  return streamer_journal_begin_sync (self->journal, entry, upload, &self->numbers[index], error);
}

static gboolean
store (JournalScript *self, guint index, guint number, GError **error)
{
  StreamerStoredPart part = {
    .number = number,
    .size = number < 3 ? 1000 : 500,
    .crc32 = number,
    .etag = (char *) "\"etag\"",
  };

  return streamer_journal_part_sync (self->journal, self->numbers[index], &part, error);
}

static gboolean
begin_a (JournalScript *self, GError **error)
{
  return begin (self, 0, error);
}

static gboolean
begun_a (JournalScript *self, GError **error)
{
  return streamer_journal_begun_sync (self->journal, self->numbers[0], "upload a", error);
}

static gboolean
store_a1 (JournalScript *self, GError **error)
{
  return store (self, 0, 1, error);
}

static gboolean
store_a2 (JournalScript *self, GError **error)
{
  return store (self, 0, 2, error);
}

static gboolean
store_a3 (JournalScript *self, GError **error)
{
  return store (self, 0, 3, error);
}

static void
drop_a2 (JournalScript *self)
{
  streamer_journal_drop_parts (self->journal, self->numbers[0], &(guint){ 2 }, 1);
}

static void
remember (JournalScript *self)
{
  streamer_journal_remember (self->journal, "here", "checksums", "crc32");
}

static gboolean
finish_a (JournalScript *self, GError **error)
{
  return streamer_journal_finishing_sync (self->journal, self->numbers[0], error);
}

static gboolean
begin_b (JournalScript *self, GError **error)
{
  return begin (self, 1, error);
}

static gboolean
begun_b (JournalScript *self, GError **error)
{
  return streamer_journal_begun_sync (self->journal, self->numbers[1], "upload b", error);
}

static gboolean
store_b1 (JournalScript *self, GError **error)
{
  return store (self, 1, 1, error);
}

static gboolean
done_a (JournalScript *self, GError **error)
{
  g_autoptr (StreamerJournalEntry) entry = make_entry ("a");

  entry->etag = g_strdup ("\"all of a\"");
  return streamer_journal_done_sync (self->journal, self->numbers[0], entry, error);
}

static void
give_up_b (JournalScript *self)
{
  streamer_journal_give_up (self->journal, self->numbers[1]);
}

static void
fail_b (JournalScript *self)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_CHANGED, "Grown.");

  streamer_journal_set_state (self->journal, "b", STREAMER_JOURNAL_FAILED, error);
}

static void
remove_b (JournalScript *self)
{
  streamer_journal_remove (self->journal, "b");
}

static void
fail_abort_b (JournalScript *self)
{
  streamer_journal_abort_failed (self->journal, self->numbers[1]);
}

static gboolean
begin_c (JournalScript *self, GError **error)
{
  return begin (self, 2, error);
}

static gboolean
begun_c (JournalScript *self, GError **error)
{
  return streamer_journal_begun_sync (self->journal, self->numbers[2], "upload c", error);
}

static gboolean
store_c1 (JournalScript *self, GError **error)
{
  return store (self, 2, 1, error);
}

/* Carries the log over into the database, and removes it. */
static gboolean
open_again (JournalScript *self, GError **error)
{
  g_clear_object (&self->journal);
  return open_journal (self, error);
}

static gboolean
claim_c (JournalScript *self, GError **error)
{
  return streamer_journal_claim_sync (self->journal, "c", error);
}

static gboolean
store_c2 (JournalScript *self, GError **error)
{
  return store (self, 2, 2, error);
}

static void
forget_b (JournalScript *self)
{
  streamer_journal_forget (self->journal, self->numbers[1]);
}

static void
release_c (JournalScript *self)
{
  streamer_journal_release (self->journal, "c");
}

static const Step steps[] = {
  { .run = open_journal },  { .queue = put_a },        { .run = begin_a },
  { .run = begun_a },       { store_a1, NULL, TRUE },  { store_a2, NULL, TRUE },
  { store_a3, NULL, TRUE }, { .queue = drop_a2 },      { store_a2, NULL, TRUE },
  { .queue = remember },    { .run = finish_a },       { .queue = put_b },
  { .run = begin_b },       { .run = begun_b },        { store_b1, NULL, TRUE },
  { .run = done_a },        { .queue = give_up_b },    { .queue = fail_b },
  { .queue = remove_b },    { .queue = fail_abort_b }, { .run = begin_c },
  { .run = begun_c },       { store_c1, NULL, TRUE },  { .run = open_again },
  { .run = claim_c },       { store_c2, NULL, TRUE },  { .queue = forget_b },
  { .queue = release_c },
};

const guint journal_script_n_steps = G_N_ELEMENTS (steps);

JournalScript *
journal_script_new (GPtrArray *expected)
{
  JournalScript *self = g_new0 (JournalScript, 1);
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("streamer-test-XXXXXX", &error);
  g_assert_no_error (error);
  self->expected = expected ? g_ptr_array_ref (expected) : NULL;
  return self;
}

static int
remove_one (const char *path, const struct stat *info, int type, struct FTW *way)
{
  return g_remove (path);
}

void
journal_script_free (JournalScript *self)
{
  g_clear_object (&self->journal);
  g_assert_cmpint (nftw (self->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_free (self->folder);
  g_clear_pointer (&self->expected, g_ptr_array_unref);
  g_free (self);
}

gboolean
journal_script_try (JournalScript *self, guint step, guint tries, GError **error)
{
  if (steps[step].run != NULL)
    return steps[step].run (self, error);
  if (tries == 0)
    steps[step].queue (self);
  return streamer_journal_flush_sync (self->journal, error);
}

gboolean
journal_script_is_hint (guint step)
{
  return steps[step].is_hint;
}

void
journal_script_reopen (JournalScript *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->journal);
  open_journal (self, &error);
  g_assert_no_error (error);
}

static void
describe_parts (JournalScript *self, gint64 number, GString *state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) parts = streamer_journal_list_parts (self->journal, number, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);

      g_string_append_printf (state, "  part %u: %" G_GUINT64_FORMAT " %u %s\n", part->number,
                              part->size, part->crc32, part->etag);
    }
}

char *
journal_script_describe (JournalScript *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = streamer_journal_list (self->journal, &error);
  g_autoptr (GPtrArray) uploads = streamer_journal_list_uploads (self->journal, NULL, &error);
  g_autofree char *fact = streamer_journal_recall (self->journal, "here", "checksums");
  GString *state = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < entries->len; i++)
    {
      const StreamerJournalEntry *entry = entries->pdata[i];

      g_string_append_printf (state, "%s: %d %u %d %s %s %" G_GUINT64_FORMAT "\n", entry->id,
                              entry->state, entry->generation, entry->error_code, entry->error,
                              entry->etag, entry->sent);
    }
  for (guint i = 0; i < uploads->len; i++)
    {
      const StreamerJournalUpload *upload = uploads->pdata[i];

      g_string_append_printf (state, "upload of %s: %d %s %u\n", upload->transfer_id, upload->state,
                              upload->upload_id, upload->n_aborts);
      describe_parts (self, upload->number, state);
    }
  g_string_append_printf (state, "%s\n", fact);
  return g_string_free (state, FALSE);
}
