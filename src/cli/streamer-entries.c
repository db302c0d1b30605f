/* streamer-entries.c: entries of the journal, as the command line names and describes them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-entries.h"

#include "streamer-error.h"
#include "streamer-key.h"

/* Of those that match, so many are shown. */
#define MAX_SHOWN 6

static const StreamerJournalEntry *
set_ambiguous (GPtrArray *matches, const char *text, GError **error)
{
  g_autoptr (GString) shown = g_string_new (NULL);

  for (guint i = 0; i < MIN (matches->len, MAX_SHOWN); i++)
    {
      const StreamerJournalEntry *entry = matches->pdata[i];

      g_string_append_printf (shown, "%s%s (%s)", i > 0 ? ", " : "", entry->id, entry->key);
    }
  if (matches->len > MAX_SHOWN)
    g_string_append (shown, ", …");
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
               /* Translators: the beginning of an ID, and the uploads whose IDs begin so */
               _ ("“%s” is the beginning of several IDs: %s. Write more of it."), text, shown->str);
  return NULL;
}

const StreamerJournalEntry *
streamer_entries_find (GPtrArray *entries, const char *text, GError **error)
{
  g_autoptr (GPtrArray) matches = g_ptr_array_new ();
  g_autofree char *shown = streamer_key_display_name (text);

  for (guint i = 0; i < entries->len; i++)
    {
      const StreamerJournalEntry *entry = entries->pdata[i];

      if (g_str_equal (entry->id, text))
        return entry;
      if (g_str_has_prefix (entry->id, text))
        g_ptr_array_add (matches, (gpointer) entry);
    }
  if (matches->len == 1)
    return matches->pdata[0];
  if (matches->len > 1)
    return set_ambiguous (matches, shown, error);
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
               /* Translators: the placeholder is what the user typed as an ID */
               _ ("The journal of uploads has no upload “%s”. “s3streamer --list” shows what there "
                  "is."),
               shown);
  return NULL;
}

GPtrArray *
streamer_entries_find_all (GPtrArray *entries, const char *const *texts, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (guint i = 0; texts[i] != NULL; i++)
    {
      const StreamerJournalEntry *entry = streamer_entries_find (entries, texts[i], error);

      if (entry == NULL)
        return NULL;
      if (!g_ptr_array_find (found, entry, NULL))
        g_ptr_array_add (found, (gpointer) entry);
    }
  return g_steal_pointer (&found);
}

char *
streamer_entry_name_file (const StreamerJournalEntry *entry)
{
  return entry->path != NULL ? streamer_key_display_name (entry->path) : g_strdup ("-");
}

guint64
streamer_entry_get_size (const StreamerJournalEntry *entry)
{
  if (entry->planned)
    return entry->plan.size;
  return entry->has_identity ? entry->identity.size : STREAMER_SIZE_UNKNOWN;
}

static guint
get_status_code (const StreamerJournalEntry *entry)
{
  g_autoptr (GError) error = NULL;

  switch (entry->state)
    {
    case STREAMER_JOURNAL_DONE:
      return 200;
    case STREAMER_JOURNAL_FAILED:
      error = g_error_new_literal (
          STREAMER_ERROR, entry->error_code >= 0 ? entry->error_code : STREAMER_ERROR_FAILED, "");
      return streamer_error_get_status_code (error);
    case STREAMER_JOURNAL_CANCELLED:
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
      return streamer_error_get_status_code (error);
    case STREAMER_JOURNAL_WAITING:
    case STREAMER_JOURNAL_PAUSED:
    default:
      return 0;
    }
}

StreamerReceipt *
streamer_entry_make_receipt (const StreamerJournalEntry *entry)
{
  StreamerReceipt *receipt = g_new0 (StreamerReceipt, 1);
  guint64 size = streamer_entry_get_size (entry);

  receipt->id = g_strdup (entry->id);
  receipt->file = streamer_entry_name_file (entry);
  receipt->key = g_strdup (entry->key);
  receipt->url = g_strdup (entry->url);
  receipt->size = size != STREAMER_SIZE_UNKNOWN ? size : entry->sent;
  receipt->status_code = get_status_code (entry);
  receipt->status =
      g_strdup (entry->error != NULL ? entry->error : streamer_entry_describe_state (entry));
  receipt->etag = g_strdup (entry->etag);
  receipt->has_crc32 = entry->has_crc32;
  receipt->crc32 = entry->crc32;
  receipt->sha256 = g_strdup (entry->sha256);
  receipt->parts = entry->planned ? entry->plan.n_parts : 0;
  receipt->part_size = entry->planned ? entry->plan.part_size : 0;
  receipt->seconds = entry->seconds;
  receipt->retries = entry->retries;
  return receipt;
}

const char *
streamer_entry_get_state (const StreamerJournalEntry *entry)
{
  switch (entry->state)
    {
    case STREAMER_JOURNAL_PAUSED:
      return "paused";
    case STREAMER_JOURNAL_FAILED:
      return "failed";
    case STREAMER_JOURNAL_DONE:
      return "done";
    case STREAMER_JOURNAL_CANCELLED:
      return "cancelled";
    case STREAMER_JOURNAL_WAITING:
    default:
      return entry->owner == STREAMER_JOURNAL_ANOTHER ? "active" : "waiting";
    }
}

const char *
streamer_entry_describe_state (const StreamerJournalEntry *entry)
{
  switch (entry->state)
    {
    case STREAMER_JOURNAL_PAUSED:
      return _ ("Paused");
    case STREAMER_JOURNAL_FAILED:
      return _ ("Failed");
    case STREAMER_JOURNAL_DONE:
      return _ ("Uploaded");
    case STREAMER_JOURNAL_CANCELLED:
      return _ ("Cancelled");
    case STREAMER_JOURNAL_WAITING:
    default:
      /* Translators: of an upload: another process is just at it, or none is */
      return entry->owner == STREAMER_JOURNAL_ANOTHER ? _ ("In progress") : _ ("Unfinished");
    }
}

void
streamer_entry_set_taken (const StreamerJournalEntry *entry, GError **error)
{
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS,
               /* Translators: the number of a process, an ID and a key */
               _ ("Another process, number %d, works on %s (%s): it is a window of S3Streamer or "
                  "another run of s3streamer."),
               entry->process, entry->id, entry->key);
}
