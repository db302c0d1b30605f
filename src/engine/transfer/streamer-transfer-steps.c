/* streamer-transfer-steps.c: prepares a transfer and begins it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: functions that take a StreamerHttp run on a worker and see only their step; all others
 * are the owner's. */

#include "streamer-transfer-step.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-janitor.h"
#include "streamer-key.h"

/* Prepare: the file, the store, and how the one is cut for the other. */

gboolean
streamer_transfer_check_file (StreamerSource *source,
                              const StreamerSourceIdentity *then,
                              const char *path,
                              GError **error)
{
  g_autofree char *name = NULL;
  StreamerSourceIdentity now;

  if (!streamer_source_get_identity (source, &now))
    return TRUE;
  name = streamer_key_display_name (path);
  return streamer_source_identity_check (then, &now, name, error);
}

/* Opens the file, which has to be the one that the upload was begun with. Where the store was asked
 * to finish that, it may be another one by now: nothing of it is sent. */
static gboolean
open_file (StreamerStep *step, GError **error)
{
  StreamerSourceIdentity identity;

  step->source = streamer_file_source_open (step->path, error);
  if (step->source == NULL || !streamer_source_get_identity (step->source, &identity))
    return FALSE;
  /* Many disks get another number when the computer starts anew. That it is the same file is shown
   * by the rest, and by its parts, which are read again before they are believed. */
  if (step->is_old_device)
    step->identity.device = identity.device;
  if (!step->has_identity)
    step->identity = identity;
  step->has_identity = TRUE;
  return step->finish_sent ||
         streamer_transfer_check_file (step->source, &step->identity, step->path, error);
}

static gpointer
prepare (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  StreamerStep *step = data;
  StreamerLimits limits;

  if (!step->is_pipe && step->source == NULL && !open_file (step, error))
    return NULL;

  /* Each time: this computer's server may have gone since. */
  g_clear_object (&step->store);
  step->store = streamer_connection_open (step->target->connection, cancellable, error);
  if (step->store == NULL)
    return NULL;

  if (!step->planned)
    {
      guint64 size =
          step->is_pipe ? STREAMER_SIZE_UNKNOWN : streamer_source_get_size (step->source);

      if (!streamer_store_get_limits (step->store, http, &limits, cancellable, error) ||
          !streamer_plan_init (&step->plan, size, step->target->part_size, &limits, error))
        return NULL;
      step->planned = TRUE;
    }
  if (step->source == NULL)
    step->source = streamer_pipe_source_new (step->pipe_fd, step->target->name, step->target->tmp,
                                             step->plan.part_size, step->pipe_max_kept);
  return GINT_TO_POINTER (TRUE);
}

static void
adopt_plan (StreamerTransfer *self, StreamerStep *step)
{
  g_autoptr (StreamerPartList) parts = NULL;

  g_set_object (&self->source, step->source);
  self->has_identity = step->has_identity;
  self->identity = step->identity;
  self->is_old_device = FALSE;
  if (self->planned)
    return;
  self->planned = TRUE;
  self->plan = step->plan;
  self->pipe_max_kept = step->pipe_max_kept;
  parts = streamer_part_list_new (&self->plan);
  streamer_transfer_set_parts (self, parts);
  streamer_transfer_set_size (self, self->plan.size);
}

static void
on_prepared (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  StreamerStep *step = user_data;
  g_autoptr (StreamerTransfer) self = g_object_ref (step->transfer);
  g_autoptr (GError) error = NULL;
  gboolean current;
  guint n_retries;
  gboolean success = streamer_step_finish (step, pool, result, &current, &n_retries, &error);

  if (step->is_pipe && step->source != NULL)
    self->pipe_fd = -1;
  g_set_object (&self->store, step->store);
  /* A pipe can be opened only once: also when nobody waits for it now. */
  if (success && (current || (self->is_pipe && !streamer_transfer_is_over (self))))
    adopt_plan (self, step);
  if (current && success)
    streamer_transfer_begin (self);
  else if (current)
    streamer_transfer_stop_for_error (self, error);
  streamer_transfer_settle (self);
}

void
streamer_transfer_prepare (StreamerTransfer *self)
{
  streamer_step_run (self, streamer_step_new (self), prepare, on_prepared);
}

/* Begin: the store opens an upload, or says what it has of one that is open. */

/* Before the store is asked, each time: what it may have begun since is known after a crash. */
static gboolean
note_beginning (StreamerStep *step, GError **error)
{
  gboolean is_written;

  step->began_at = g_get_real_time ();
  if (step->journal == NULL)
    return TRUE;
  is_written = step->upload->record > 0
                   ? streamer_journal_begin_again_sync (step->journal, step->upload->record, error)
                   : streamer_journal_begin_sync (step->journal, step->entry, step->upload,
                                                  &step->upload->record, error);
  return streamer_transfer_check_written (is_written, error);
}

static gboolean
note_begun (StreamerStep *step, GError **error)
{
  return step->journal == NULL ||
         streamer_transfer_check_written (
             streamer_journal_begun_sync (step->journal, step->upload->record,
                                          step->upload->upload_id, error),
             error);
}

static gboolean
begin_at_store (StreamerStep *step, StreamerHttp *http, GCancellable *cancellable, GError **error)
{
  /* Begun by an attempt whose outcome could not be written down. */
  if (step->upload->upload_id != NULL)
    return TRUE;
  if (step->unsure &&
      !streamer_janitor_sweep_beginning (step->journal, step->store, http, step->upload,
                                         step->began_at, NULL, cancellable, error))
    return FALSE;
  if (!note_beginning (step, error))
    return FALSE;
  step->unsure = TRUE;
  if (!streamer_store_begin (step->store, http, step->upload, cancellable, error))
    return FALSE;
  step->unsure = FALSE;
  return TRUE;
}

static gpointer
begin (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  StreamerStep *step = data;

  if (!begin_at_store (step, http, cancellable, error) || !note_begun (step, error))
    return NULL;
  return GINT_TO_POINTER (TRUE);
}

gboolean
streamer_transfer_is_refusal (const GError *error)
{
  return g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_INVALID) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_AUTH) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA);
}

static void
on_begun (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  StreamerStep *step = user_data;
  g_autoptr (StreamerTransfer) self = g_object_ref (step->transfer);
  g_autoptr (GError) error = NULL;
  gboolean current;
  guint n_retries;
  gboolean success = streamer_step_finish (step, pool, result, &current, &n_retries, &error);

  self->began_at = step->began_at;
  /* What the store refuses at the first time of asking it has not begun. */
  self->upload_unsure = step->unsure && (success || self->upload_unsure || n_retries > 0 ||
                                         !streamer_transfer_is_refusal (error));
  /* The entry that was put is from before the pause. */
  if (!current)
    streamer_transfer_note_state (self, TRUE);
  if (current && success)
    streamer_transfer_send_parts (self);
  else if (current)
    streamer_transfer_stop_for_error (self, error);
  streamer_transfer_settle (self);
}

static gpointer
list_parts (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  StreamerStep *step = data;

  g_clear_pointer (&step->parts, g_array_unref);
  step->parts = streamer_store_list_parts (step->store, http, step->upload, cancellable, error);
  return step->parts != NULL ? GINT_TO_POINTER (TRUE) : NULL;
}

static gboolean
etag_equal (const char *a, const char *b)
{
  gsize length_a = strlen (a);
  gsize length_b = strlen (b);

  /* With quotes from a header, perhaps without them from a list. */
  if (length_a >= 2 && a[0] == '"' && a[length_a - 1] == '"')
    {
      a++;
      length_a -= 2;
    }
  if (length_b >= 2 && b[0] == '"' && b[length_b - 1] == '"')
    {
      b++;
      length_b -= 2;
    }
  return length_a == length_b && memcmp (a, b, length_a) == 0;
}

static void
forget_unchecked (StreamerTransfer *self, guint number)
{
  for (guint i = 0; i < self->unchecked->len; i++)
    if (g_array_index (self->unchecked, guint, i) == number)
      {
        g_array_remove_index_fast (self->unchecked, i);
        return;
      }
}

/* Parts that the store does not have as they were sent are sent again. Returns: how many */
static guint
trust_only_listed (StreamerTransfer *self, GArray *listed)
{
  g_autoptr (GArray) stored = streamer_part_list_get_stored (self->parts);
  g_autoptr (GArray) lost = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) by_number = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < listed->len; i++)
    {
      StreamerStoredPart *part = &g_array_index (listed, StreamerStoredPart, i);

      g_hash_table_insert (by_number, GUINT_TO_POINTER (part->number), part);
    }
  for (guint i = 0; i < stored->len; i++)
    {
      const StreamerStoredPart *ours = &g_array_index (stored, StreamerStoredPart, i);
      const StreamerStoredPart *theirs =
          g_hash_table_lookup (by_number, GUINT_TO_POINTER (ours->number));

      if (theirs != NULL && theirs->size == ours->size && etag_equal (theirs->etag, ours->etag))
        continue;
      g_array_append_val (lost, ours->number);
      forget_unchecked (self, ours->number);
      streamer_part_list_set_state (self->parts, ours->number, STREAMER_PART_WAITING);
    }
  if (lost->len > 0)
    streamer_transfer_drop_parts (self, (const guint *) lost->data, lost->len);
  return lost->len;
}

static void
on_listed (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  StreamerStep *step = user_data;
  g_autoptr (StreamerTransfer) self = g_object_ref (step->transfer);
  g_autoptr (GError) error = NULL;
  gboolean current;
  guint n_retries;
  gboolean success = streamer_step_finish (step, pool, result, &current, &n_retries, &error);
  guint n_lost = current && success ? trust_only_listed (self, step->parts) : 0;

  success = success || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  if (current && success && self->is_reconciled && n_lost == 0)
    {
      g_clear_error (&error);
      error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_CHECKSUM,
                                   _ ("What the server made of the parts is not what was sent."));
      streamer_transfer_begin_again (self, error);
    }
  else if (current && success)
    streamer_transfer_send_parts (self);
  else if (current)
    streamer_transfer_stop_for_error (self, error);
  streamer_transfer_settle (self);
}

StreamerUpload *
streamer_transfer_make_upload (StreamerTransfer *self, const char *content_type)
{
  const StreamerTarget *target = self->target;
  StreamerUpload *upload =
      streamer_upload_new (self->key, &self->plan, content_type, target->overwrite);

  upload->content_type_wanted = target->content_type != NULL;
  upload->storage_class = g_strdup (target->storage_class);
  upload->metadata = g_strdupv (target->metadata);
  return upload;
}

static void
run_begin (StreamerTransfer *self)
{
  StreamerStep *step = streamer_step_new (self);

  if (self->journal != NULL)
    step->entry = streamer_transfer_make_entry (self);
  streamer_step_run (self, step, begin, on_begun);
}

void
streamer_transfer_list_parts (StreamerTransfer *self)
{
  streamer_step_run (self, streamer_step_new (self), list_parts, on_listed);
}

/* Only finishing again tells whether the store has made an object of it. */
static gboolean
can_only_finish (StreamerTransfer *self)
{
  if (streamer_transfer_has_all_parts (self))
    return TRUE;
  return self->finish_sent &&
         !streamer_transfer_check_file (self->source, &self->identity, self->path, NULL);
}

void
streamer_transfer_begin (StreamerTransfer *self)
{
  guint n_done;

  if (self->is_pipe && self->pipe_read == 0)
    {
      /* Comes back here when the first part is there. */
      streamer_transfer_read_pipe (self);
      return;
    }
  if (self->upload == NULL)
    {
      const char *chosen = self->target->content_type;

      self->generation++;
      self->upload_unsure = FALSE;
      self->put_unsure = FALSE;
      self->began_at = 0;
      self->upload = streamer_transfer_make_upload (
          self, chosen != NULL ? chosen : streamer_source_get_content_type (self->source));
    }

  n_done = streamer_part_list_count (self->parts, STREAMER_PART_DONE);
  if (self->upload->upload_id == NULL)
    run_begin (self);
  else if (can_only_finish (self))
    streamer_transfer_finish (self);
  else if (self->plan.n_parts > 1 && n_done > 0 && !self->finish_sent)
    streamer_transfer_list_parts (self);
  else
    streamer_transfer_send_parts (self);
}
