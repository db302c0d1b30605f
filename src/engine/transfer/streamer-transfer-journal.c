/* streamer-transfer-journal.c: what of a transfer is written down, and the transfer that it becomes
 * again when the program is started anew
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: everything here is the owner's, but streamer_transfer_check_written(). What has to be on
 * the disk before a store is asked is written by the steps that ask (streamer-transfer-steps.c,
 * -parts.c, -finish.c); here is what may come a moment later. */

#include "streamer-transfer-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-connection-record.h"
#include "streamer-error.h"
#include "streamer-key.h"

static StreamerJournalState
get_journal_state (StreamerTransferState state)
{
  switch (state)
    {
    case STREAMER_TRANSFER_PAUSED:
      return STREAMER_JOURNAL_PAUSED;
    case STREAMER_TRANSFER_DONE:
      return STREAMER_JOURNAL_DONE;
    case STREAMER_TRANSFER_FAILED:
      return STREAMER_JOURNAL_FAILED;
    case STREAMER_TRANSFER_CANCELLED:
      return STREAMER_JOURNAL_CANCELLED;
    case STREAMER_TRANSFER_WAITING:
    case STREAMER_TRANSFER_PREPARING:
    case STREAMER_TRANSFER_UPLOADING:
    case STREAMER_TRANSFER_STALLED:
    case STREAMER_TRANSFER_NEEDS_TOKEN:
    case STREAMER_TRANSFER_FINISHING:
    default:
      return STREAMER_JOURNAL_WAITING;
    }
}

/* As far as the end of a pipe is known. */
static StreamerPlan
get_plan (StreamerTransfer *self)
{
  StreamerPlan plan = self->plan;

  if (self->pipe_ended)
    {
      plan.size = self->size;
      plan.n_parts = streamer_part_list_get_n_parts (self->parts);
    }
  return plan;
}

static void
set_outcome (StreamerTransfer *self, StreamerJournalEntry *entry)
{
  gint64 end = streamer_transfer_is_over (self) ? self->ended_at : g_get_monotonic_time ();

  entry->state = get_journal_state (self->state);
  entry->error_code = -1;
  if (self->error != NULL && self->state == STREAMER_TRANSFER_FAILED)
    {
      entry->error_code =
          self->error->domain == STREAMER_ERROR ? self->error->code : STREAMER_ERROR_FAILED;
      entry->error = g_strdup (self->error->message);
    }
  entry->url = g_strdup (self->url);
  entry->etag = g_strdup (self->etag);
  entry->has_crc32 = self->has_crc32;
  entry->crc32 = self->crc32;
  entry->sha256 = g_strdup (self->sha256);
  entry->created_at = self->created_at;
  entry->started_at = self->started_at_real;
  entry->ended_at = self->ended_at_real;
  if (self->started_at > 0)
    entry->seconds = (double) MAX (end - self->started_at, 0) / G_USEC_PER_SEC;
  entry->retries = self->n_retries;
}

StreamerJournalEntry *
streamer_transfer_make_entry (StreamerTransfer *self)
{
  const StreamerTarget *target = self->target;
  StreamerJournalEntry *entry = g_new0 (StreamerJournalEntry, 1);

  entry->id = g_strdup (self->id);
  entry->connection = streamer_connection_to_record (target->connection);
  entry->path = g_strdup (self->path);
  entry->name = g_strdup (self->name);
  entry->key = g_strdup (self->key);
  entry->prefix = g_strdup (target->prefix);
  entry->asked_part_size = target->part_size;
  entry->overwrite = target->overwrite;
  entry->tmp = g_canonicalize_filename (target->tmp, NULL);
  entry->content_type = g_strdup (target->content_type);
  entry->storage_class = g_strdup (target->storage_class);
  entry->metadata = g_strdupv (target->metadata);
  entry->wants_sha256 = target->wants_sha256;
  entry->has_identity = self->has_identity;
  entry->identity = self->identity;
  entry->planned = self->planned;
  entry->plan = get_plan (self);
  entry->generation = self->generation;
  set_outcome (self, entry);
  return entry;
}

/* Nothing can be written down of what can never be uploaded, nor has it to be. */
static gboolean
is_journaled (StreamerTransfer *self)
{
  return self->journal != NULL && self->pool != NULL;
}

gboolean
streamer_transfer_check_written (gboolean is_written, GError **error)
{
  if (!is_written && error != NULL &&
      (g_error_matches (*error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE) ||
       g_error_matches (*error, STREAMER_ERROR, STREAMER_ERROR_FAILED)))
    (*error)->code = STREAMER_ERROR_JOURNAL;
  return is_written;
}

void
streamer_transfer_put (StreamerTransfer *self)
{
  g_autoptr (StreamerJournalEntry) entry = NULL;

  if (!is_journaled (self))
    return;
  entry = streamer_transfer_make_entry (self);
  self->noted = entry->state;
  self->is_removed = FALSE;
  streamer_journal_put (self->journal, entry);
}

void
streamer_transfer_set_journal (StreamerTransfer *self, StreamerJournal *journal)
{
  g_assert (self->journal == NULL || self->journal == journal);

  if (g_set_object (&self->journal, journal))
    streamer_transfer_put (self);
}

void
streamer_transfer_remove (StreamerTransfer *self)
{
  if (!is_journaled (self))
    return;
  self->is_removed = TRUE;
  streamer_journal_remove (self->journal, self->id);
}

/* @again: also where it is the same as what was written last */
void
streamer_transfer_note_state (StreamerTransfer *self, gboolean again)
{
  StreamerJournalState state = get_journal_state (self->state);

  /* The receipt is written before the transfer is done. */
  if (!is_journaled (self) || state == STREAMER_JOURNAL_DONE || (state == self->noted && !again))
    return;
  self->noted = state;
  streamer_journal_set_state (self->journal, self->id, state,
                              state == STREAMER_JOURNAL_FAILED ? self->error : NULL);
}

/* -- what it becomes again */

static void
restore_outcome (StreamerTransfer *self, const StreamerJournalEntry *entry)
{
  gint64 now = g_get_monotonic_time ();

  self->url = g_strdup (entry->url);
  self->etag = g_strdup (entry->etag);
  self->has_crc32 = entry->has_crc32;
  self->crc32 = entry->crc32;
  self->sha256 = g_strdup (entry->sha256);
  self->created_at = entry->created_at;
  self->started_at_real = entry->started_at;
  self->ended_at_real = entry->ended_at;
  self->n_retries = entry->retries;
  /* As if it had gone on all the time, or until it ended. */
  self->ended_at = now;
  if (entry->state == STREAMER_JOURNAL_DONE)
    self->started_at = MAX (now - (gint64) (entry->seconds * G_USEC_PER_SEC), 1);
  else if (entry->started_at > 0)
    self->started_at = CLAMP (now - (g_get_real_time () - entry->started_at), 1, now);
}

static void
restore_state (StreamerTransfer *self, const StreamerJournalEntry *entry)
{
  static const StreamerTransferState states[] = {
    [STREAMER_JOURNAL_WAITING] = STREAMER_TRANSFER_WAITING,
    [STREAMER_JOURNAL_PAUSED] = STREAMER_TRANSFER_PAUSED,
    [STREAMER_JOURNAL_FAILED] = STREAMER_TRANSFER_FAILED,
    [STREAMER_JOURNAL_DONE] = STREAMER_TRANSFER_DONE,
    [STREAMER_JOURNAL_CANCELLED] = STREAMER_TRANSFER_CANCELLED,
  };

  self->state = states[entry->state];
  self->noted = entry->state;
  if (entry->state == STREAMER_JOURNAL_FAILED)
    self->error = g_error_new_literal (
        STREAMER_ERROR, entry->error_code >= 0 ? entry->error_code : STREAMER_ERROR_FAILED,
        entry->error != NULL ? entry->error : _ ("The upload failed."));
}

/* Each part that is said to be stored is read again before it is believed. */
static void
restore_parts (StreamerTransfer *self, GArray *parts)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);

      streamer_part_list_set_stored (self->parts, part);
      g_array_append_val (self->unchecked, part->number);
    }
  /* Some were found to be lost after that. */
  if (parts->len < self->plan.n_parts)
    self->finish_sent = FALSE;
}

static gboolean
fits_plan (const StreamerJournalUpload *upload, const StreamerPlan *plan)
{
  return upload->size == plan->size && upload->part_size == plan->part_size &&
         upload->n_parts == plan->n_parts;
}

static void
restore_upload (StreamerTransfer *self, const StreamerJournalUpload *journaled)
{
  StreamerUpload *upload = streamer_transfer_make_upload (self, journaled->content_type);

  g_free (upload->resume_id);
  upload->resume_id = g_strdup (journaled->resume_id);
  upload->upload_id = g_strdup (journaled->upload_id);
  upload->record = journaled->number;
  upload->overwrite = journaled->overwrite;
  upload->finish_asked = journaled->state == STREAMER_JOURNAL_UPLOAD_FINISHING;
  self->upload = upload;
  self->began_at = journaled->began_at;
  self->upload_unsure = journaled->state == STREAMER_JOURNAL_UPLOAD_BEGINNING;
  self->put_unsure = !self->upload_unsure;
  self->finish_sent = journaled->state == STREAMER_JOURNAL_UPLOAD_FINISHING;
}

/* Nothing is begun of the file that was found then: what is there now is as good. */
static void
forget_source (StreamerTransfer *self)
{
  self->has_identity = FALSE;
  self->planned = FALSE;
  self->generation = 0;
}

/* What has gone through a pipe is nowhere any more. */
static void
give_up_pipe (StreamerTransfer *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
      _ ("The input was a pipe, and cannot be read again. Start the upload anew."));

  streamer_transfer_forget (self);
  streamer_transfer_set_error (self, error);
  streamer_transfer_set_state (self, STREAMER_TRANSFER_FAILED);
}

StreamerTransfer *
streamer_transfer_new_restored (const StreamerJournalEntry *entry,
                                const StreamerJournalUpload *upload,
                                GArray *parts,
                                StreamerTarget *target,
                                StreamerPool *pool,
                                StreamerRateLimit *limit,
                                StreamerJournal *journal)
{
  StreamerTransfer *self = g_object_new (STREAMER_TYPE_TRANSFER, NULL);
  gboolean is_open = entry->state == STREAMER_JOURNAL_WAITING ||
                     entry->state == STREAMER_JOURNAL_PAUSED ||
                     entry->state == STREAMER_JOURNAL_FAILED;

  g_free (self->id);
  self->id = g_strdup (entry->id);
  self->path = g_strdup (entry->path);
  if (self->path != NULL)
    self->file = g_file_new_for_path (self->path);
  self->is_pipe = self->path == NULL;
  self->name = g_strdup (entry->name);
  self->key = g_strdup (entry->key);
  self->target = streamer_target_ref (target);
  g_set_object (&self->pool, pool);
  g_set_object (&self->limit, limit);
  g_set_object (&self->journal, journal);
  self->has_identity = entry->has_identity;
  self->identity = entry->identity;
  self->is_old_device = TRUE;
  self->planned = entry->planned;
  self->plan = entry->plan;
  self->generation = entry->generation;
  self->size = entry->planned ? entry->plan.size : entry->identity.size;
  restore_outcome (self, entry);
  restore_state (self, entry);

  if (!is_open)
    return self;
  if (entry->planned)
    self->parts = streamer_part_list_new (&self->plan);
  if (upload != NULL && entry->planned && fits_plan (upload, &self->plan))
    {
      restore_upload (self, upload);
      if (!self->is_pipe)
        restore_parts (self, parts);
    }
  if (self->upload == NULL)
    forget_source (self);
  self->sent = self->parts != NULL ? streamer_part_list_get_sent (self->parts) : 0;
  if (self->is_pipe)
    give_up_pipe (self);
  streamer_transfer_settle (self);
  return self;
}
