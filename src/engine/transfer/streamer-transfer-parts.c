/* streamer-transfer-parts.c: sends the parts, several at a time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: put_part() runs on a worker and sees only its job; all else is the owner's. */

#include "streamer-transfer-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-call.h"
#include "streamer-digest.h"
#include "streamer-error.h"

/* A part to be sent, or one that the journal says is stored and whose bytes are read again. The
 * worker reads what was filled in when the job was made, and leaves what came of it. */
typedef struct
{
  StreamerTransfer *transfer; /* (owned); owner's thread only */
  guint run;
  guint number;

  StreamerStore *store;     /* (owned) */
  StreamerSource *source;   /* (owned) */
  StreamerUpload *upload;   /* (owned) */
  StreamerPartList *parts;  /* (owned): keeps @counter alive */
  StreamerRateLimit *limit; /* (owned) (nullable) */
  StreamerJournal *journal; /* (owned) (nullable) */
  StreamerPlan plan;
  gsize *counter;
  gint taken; /* atomic: a worker has begun with it */

  StreamerSlice slice;
  gboolean has_slice;
  StreamerStoredPart stored;
  gboolean is_put;    /* @stored says how, but perhaps not the journal */
  gboolean is_stored; /* and counts */
  gboolean was_resent;

  gboolean is_check;
  guint32 expected; /* CRC-32 of what is stored */
  gboolean is_same;

  gboolean waiting; /* owner's thread only, as @retry_at */
  gint64 retry_at;
} StreamerPartJob;

static void
job_free (StreamerPartJob *job)
{
  g_object_unref (job->transfer);
  g_object_unref (job->store);
  g_object_unref (job->source);
  streamer_upload_unref (job->upload);
  g_object_unref (job->parts);
  g_clear_object (&job->limit);
  g_clear_object (&job->journal);
  streamer_stored_part_clear (&job->stored);
  g_free (job);
}

static StreamerPartJob *
job_new (StreamerTransfer *self, guint number)
{
  StreamerPartJob *job = g_new0 (StreamerPartJob, 1);
  StreamerSlice *slice =
      self->slices != NULL ? g_hash_table_lookup (self->slices, GUINT_TO_POINTER (number)) : NULL;

  job->transfer = g_object_ref (self);
  job->run = self->run;
  job->number = number;
  job->store = g_object_ref (self->store);
  job->source = g_object_ref (self->source);
  job->upload = streamer_upload_ref (self->upload);
  job->parts = g_object_ref (self->parts);
  g_set_object (&job->limit, self->limit);
  g_set_object (&job->journal, self->journal);
  job->plan = self->plan;
  if (slice != NULL)
    {
      job->slice = *slice;
      job->has_slice = TRUE;
      g_hash_table_remove (self->slices, GUINT_TO_POINTER (number));
    }
  return job;
}

static gboolean
put_at_store (StreamerPartJob *job, StreamerHttp *http, GCancellable *cancellable, GError **error)
{
  g_autoptr (StreamerPartStream) stream = NULL;

  if (!streamer_source_check (job->source, error))
    return FALSE;
  if (!job->has_slice)
    {
      if (!streamer_source_acquire (job->source, &job->plan, job->number, &job->slice, cancellable,
                                    error))
        return FALSE;
      job->has_slice = TRUE;
    }

  stream = streamer_part_stream_new (&job->slice, job->counter, job->limit);
  if (!streamer_store_put_part (job->store, http, job->upload, job->number, stream, &job->stored,
                                cancellable, error))
    {
      job->was_resent = streamer_part_stream_was_resent (stream);
      return FALSE;
    }
  if (job->stored.size != job->slice.length)
    {
      streamer_stored_part_clear (&job->stored);
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM,
                           _ ("The server stored fewer bytes than were sent."));
      return FALSE;
    }
  job->is_put = TRUE;
  return TRUE;
}

static gpointer
put_part (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  StreamerPartJob *job = data;

  g_atomic_int_set (&job->taken, TRUE);
  if (!job->is_put && !put_at_store (job, http, cancellable, error))
    return NULL;
  /* It counts when it is written down. */
  if (job->journal != NULL &&
      !streamer_transfer_check_written (
          streamer_journal_part_sync (job->journal, job->upload->record, &job->stored, error),
          error))
    return NULL;

  job->is_stored = TRUE;
  streamer_source_release (job->source, job->number);
  job->has_slice = FALSE;
  return GINT_TO_POINTER (TRUE);
}

/* Whether the file still has the bytes that the store has. */
static gpointer
check_part (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  StreamerPartJob *job = data;
  g_auto (StreamerDigest) digest = { 0 };

  if (!streamer_digest_read_part (&digest, job->source, &job->plan, job->number, cancellable,
                                  error))
    return NULL;
  job->is_same = digest.crc32 == job->expected;
  return GINT_TO_POINTER (TRUE);
}

/* Shows since when everything waits, and until when. */
static void
update_stall (StreamerTransfer *self, const GError *error)
{
  gint64 retry_at = G_MAXINT64;
  guint n_waiting = 0;

  for (guint i = 0; i < self->part_jobs->len; i++)
    {
      const StreamerPartJob *job = self->part_jobs->pdata[i];

      if (!job->waiting)
        continue;
      n_waiting++;
      retry_at = MIN (retry_at, job->retry_at);
    }

  if (error != NULL && n_waiting == self->part_jobs->len)
    {
      streamer_transfer_set_error (self, error);
      streamer_transfer_set_state (self, STREAMER_TRANSFER_STALLED);
    }
  if (self->state == STREAMER_TRANSFER_STALLED)
    streamer_transfer_set_retry_at (self, n_waiting > 0 ? retry_at : 0);
}

/* What workers have begun with. After a stall an attempt that is made again says nothing yet:
 * bytes that move do. */
void
streamer_transfer_check_moving (StreamerTransfer *self)
{
  gboolean moving = FALSE;

  for (guint i = 0; i < self->part_jobs->len; i++)
    {
      StreamerPartJob *job = self->part_jobs->pdata[i];

      if (job->is_check || job->waiting || !g_atomic_int_get (&job->taken))
        continue;
      streamer_part_list_set_state (self->parts, job->number, STREAMER_PART_ACTIVE);
      moving = moving || g_atomic_pointer_get (job->counter) > 0;
    }
  if (moving && self->state == STREAMER_TRANSFER_STALLED)
    streamer_transfer_set_state (self, STREAMER_TRANSFER_UPLOADING);
}

static void
on_part_waiting (const GError *error, guint delay_ms, gpointer user_data)
{
  StreamerPartJob *job = user_data;
  StreamerTransfer *self = job->transfer;

  /* A fresh URL is fetched at once, and nobody has to know. */
  if (job->run != self->run ||
      (error != NULL && streamer_fault_classify (error) == STREAMER_FAULT_REFRESH))
    return;

  job->waiting = error != NULL;
  if (error != NULL)
    {
      g_debug ("transfer %s: part %u: %s", self->id, job->number, error->message);
      job->retry_at = g_get_monotonic_time () + (gint64) delay_ms * G_TIME_SPAN_MILLISECOND;
      streamer_part_list_add_attempt (self->parts, job->number);
      streamer_part_list_set_state (self->parts, job->number, STREAMER_PART_RETRYING);
    }
  else
    {
      g_atomic_int_set (&job->taken, FALSE);
      streamer_part_list_set_state (self->parts, job->number, STREAMER_PART_QUEUED);
    }
  update_stall (self, error);
}

/* For the part's next attempt: what came out of a pipe is nowhere else. */
void
streamer_transfer_keep_slice (StreamerTransfer *self, guint number, const StreamerSlice *slice)
{
  if (self->slices == NULL)
    self->slices = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (self->slices, GUINT_TO_POINTER (number), g_memdup2 (slice, sizeof *slice));
}

/* @error: of the last time that it was sent, the only one that is known */
static gboolean
may_have_arrived (const StreamerPartJob *job, guint n_retries, const GError *error)
{
  if (job->is_stored)
    return FALSE;
  if (n_retries > 0 || job->was_resent)
    return TRUE;
  return g_atomic_int_get (&job->taken) && !streamer_transfer_is_refusal (error) &&
         !g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED) &&
         !g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE);
}

/* What came of the job is true whether its run goes on or not. */
static void
keep_outcome (StreamerTransfer *self, StreamerPartJob *job)
{
  if (job->is_stored && self->is_pipe)
    self->pipe_released++;
  if (job->is_stored && job->upload == self->upload)
    streamer_part_list_set_stored (self->parts, &job->stored);
  if (!job->has_slice)
    return;
  if (job->source == self->source)
    streamer_transfer_keep_slice (self, job->number, &job->slice);
  else
    streamer_source_release (job->source, job->number);
}

static void
on_part_done (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  StreamerPartJob *job = user_data;
  g_autoptr (StreamerTransfer) self = g_object_ref (job->transfer);
  g_autoptr (GError) error = NULL;
  guint n_retries;
  gboolean current = job->run == self->run;

  streamer_call_finish (STREAMER_POOL (pool), result, &n_retries, &error);
  self->n_jobs--;
  self->n_retries += n_retries;
  if (job->upload == self->upload && may_have_arrived (job, n_retries, error))
    self->put_unsure = TRUE;
  keep_outcome (self, job);

  if (!current)
    streamer_transfer_notify_progress (self);
  else
    {
      g_ptr_array_remove_fast (self->part_jobs, job);
      if (job->is_stored)
        streamer_transfer_fill (self);
      else
        {
          streamer_part_list_add_attempt (self->parts, job->number);
          streamer_part_list_set_state (self->parts, job->number, STREAMER_PART_FAILED);
          streamer_transfer_stop_for_error (self, error);
        }
    }
  streamer_transfer_settle (self);
}

static void
send_part (StreamerTransfer *self, guint number)
{
  StreamerPartJob *job;

  streamer_part_list_set_state (self->parts, number, STREAMER_PART_QUEUED);
  job = job_new (self, number);
  job->counter = streamer_part_list_get_counter (self->parts, number);
  g_ptr_array_add (self->part_jobs, job);
  self->n_jobs++;
  streamer_call_async (self->pool, streamer_connection_get_id (self->target->connection), 0,
                       self->priority, put_part, job, (GDestroyNotify) job_free, NULL,
                       on_part_waiting, self->cancellable, on_part_done, job);
}

/* They are not stored as it was thought: what is made of them is not what is wanted. */
void
streamer_transfer_drop_parts (StreamerTransfer *self, const guint *numbers, gsize n_numbers)
{
  self->finish_sent = FALSE;
  if (self->journal != NULL)
    streamer_journal_drop_parts (self->journal, self->upload->record, numbers, n_numbers);
}

static void
on_part_checked (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  StreamerPartJob *job = user_data;
  g_autoptr (StreamerTransfer) self = g_object_ref (job->transfer);
  g_autoptr (GError) error = NULL;
  gboolean success = streamer_call_finish (STREAMER_POOL (pool), result, NULL, &error) != NULL;

  self->n_jobs--;
  if (job->run == self->run)
    {
      g_ptr_array_remove_fast (self->part_jobs, job);
      if (success && !job->is_same)
        {
          g_debug ("transfer %s: part %u is not what is stored", self->id, job->number);
          streamer_part_list_set_state (self->parts, job->number, STREAMER_PART_WAITING);
          streamer_transfer_drop_parts (self, &job->number, 1);
        }
      if (success)
        streamer_transfer_fill (self);
      else
        {
          g_array_append_val (self->unchecked, job->number);
          streamer_transfer_stop_for_error (self, error);
        }
    }
  streamer_transfer_settle (self);
}

/* What the journal says of a part is no more than a hint of what the file holds now. */
static void
check_next (StreamerTransfer *self)
{
  guint number = g_array_index (self->unchecked, guint, self->unchecked->len - 1);
  StreamerPartJob *job = job_new (self, number);

  g_array_set_size (self->unchecked, self->unchecked->len - 1);
  job->is_check = TRUE;
  job->expected = streamer_part_list_get_part_crc32 (self->parts, number);
  g_ptr_array_add (self->part_jobs, job);
  self->n_jobs++;
  streamer_call_async (self->pool, streamer_connection_get_id (self->target->connection), 0,
                       self->priority, check_part, job, (GDestroyNotify) job_free, NULL, NULL,
                       self->cancellable, on_part_checked, job);
}

gboolean
streamer_transfer_has_all_parts (StreamerTransfer *self)
{
  return self->unchecked->len == 0 && self->part_jobs->len == 0 &&
         streamer_part_list_count (self->parts, STREAMER_PART_DONE) ==
             streamer_part_list_get_n_parts (self->parts) &&
         (!self->is_pipe || self->pipe_ended);
}

/* Called when there is room for more, or nothing left to do. */
void
streamer_transfer_fill (StreamerTransfer *self)
{
  guint room = MAX (streamer_pool_get_n_workers (self->pool), 1);
  guint number;

  if (self->is_pipe)
    streamer_transfer_read_pipe (self);
  while (self->part_jobs->len < room && self->unchecked->len > 0)
    check_next (self);
  while (self->part_jobs->len < room &&
         (number = streamer_part_list_next_waiting (self->parts)) != 0)
    send_part (self, number);

  if (streamer_transfer_has_all_parts (self))
    streamer_transfer_finish (self);
  else if (self->state == STREAMER_TRANSFER_STALLED)
    streamer_transfer_set_state (self, STREAMER_TRANSFER_UPLOADING);
}

void
streamer_transfer_send_parts (StreamerTransfer *self)
{
  if (streamer_part_list_count (self->parts, STREAMER_PART_FAILED) > 0)
    for (guint number = 1; number <= streamer_part_list_get_n_parts (self->parts); number++)
      if (streamer_part_list_get_state (self->parts, number) == STREAMER_PART_FAILED)
        streamer_part_list_set_state (self->parts, number, STREAMER_PART_WAITING);

  streamer_transfer_set_state (self, STREAMER_TRANSFER_UPLOADING);
  streamer_transfer_fill (self);
}

void
streamer_transfer_stop_parts (StreamerTransfer *self)
{
  for (guint i = 0; i < self->part_jobs->len; i++)
    {
      const StreamerPartJob *job = self->part_jobs->pdata[i];

      if (job->is_check)
        g_array_append_val (self->unchecked, job->number);
      else
        streamer_part_list_set_state (self->parts, job->number, STREAMER_PART_WAITING);
    }
  g_ptr_array_set_size (self->part_jobs, 0);
}
