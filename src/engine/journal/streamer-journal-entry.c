/* streamer-journal-entry.c: a transfer and an upload, as the journal has them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-journal-entry.h"

StreamerJournalEntry *
streamer_journal_entry_copy (const StreamerJournalEntry *entry)
{
  StreamerJournalEntry *copy;

  g_return_val_if_fail (entry != NULL, NULL);

  copy = g_memdup2 (entry, sizeof *entry);
  copy->id = g_strdup (entry->id);
  copy->connection = g_strdup (entry->connection);
  copy->path = g_strdup (entry->path);
  copy->name = g_strdup (entry->name);
  copy->key = g_strdup (entry->key);
  copy->prefix = g_strdup (entry->prefix);
  copy->tmp = g_strdup (entry->tmp);
  copy->content_type = g_strdup (entry->content_type);
  copy->storage_class = g_strdup (entry->storage_class);
  copy->metadata = g_strdupv (entry->metadata);
  copy->error = g_strdup (entry->error);
  copy->url = g_strdup (entry->url);
  copy->etag = g_strdup (entry->etag);
  copy->sha256 = g_strdup (entry->sha256);
  return copy;
}

void
streamer_journal_entry_free (StreamerJournalEntry *entry)
{
  g_free (entry->id);
  g_free (entry->connection);
  g_free (entry->path);
  g_free (entry->name);
  g_free (entry->key);
  g_free (entry->prefix);
  g_free (entry->tmp);
  g_free (entry->content_type);
  g_free (entry->storage_class);
  g_strfreev (entry->metadata);
  g_free (entry->error);
  g_free (entry->url);
  g_free (entry->etag);
  g_free (entry->sha256);
  g_free (entry);
}

StreamerJournalUpload *
streamer_journal_upload_copy (const StreamerJournalUpload *upload)
{
  StreamerJournalUpload *copy;

  g_return_val_if_fail (upload != NULL, NULL);

  copy = g_memdup2 (upload, sizeof *upload);
  copy->transfer_id = g_strdup (upload->transfer_id);
  copy->connection = g_strdup (upload->connection);
  copy->key = g_strdup (upload->key);
  copy->content_type = g_strdup (upload->content_type);
  copy->resume_id = g_strdup (upload->resume_id);
  copy->upload_id = g_strdup (upload->upload_id);
  return copy;
}

void
streamer_journal_upload_free (StreamerJournalUpload *upload)
{
  g_free (upload->transfer_id);
  g_free (upload->connection);
  g_free (upload->key);
  g_free (upload->content_type);
  g_free (upload->resume_id);
  g_free (upload->upload_id);
  g_free (upload);
}
