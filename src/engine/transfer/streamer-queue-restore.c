/* streamer-queue-restore.c: brings back what an earlier run of the program has left in the journal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: the journal is read, and transfers are claimed, on one of GTask's; what is found is
 * handed over under the lock, and becomes transfers on the owner's context, in batches that do not
 * hold it up. */

#include "streamer-queue-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-transfer-private.h"

#define BATCH_MAX_TIME (5 * G_TIME_SPAN_MILLISECOND)
#define SHOWN_AT_ONCE  4096

/* One transfer as it is in the journal. */
typedef struct
{
  StreamerJournalEntry *entry;   /* (owned) */
  StreamerJournalUpload *upload; /* (owned) (nullable) */
  GArray *parts;                 /* (owned) (nullable) */
} Found;

typedef struct
{
  StreamerJournal *journal; /* (owned) */
  char **ids;               /* (owned) (nullable): only these */
  StreamerRestoreFlags flags;
  guint n_restored;

  GMutex lock;
  GAsyncQueue *found; /* (owned) (element-type Found) */
  GPtrArray *made; /* (owned) (element-type StreamerTransfer): not in the list yet; the owner's */
  gboolean is_urgent; /* some of them go on; the owner's */
  gboolean is_read;   /* the owner's */
  GError *error;      /* (owned) (nullable): the owner's */
  GSource *drain;     /* (owned) (nullable): lock */
} Restore;

static void
found_free (Found *found)
{
  streamer_journal_entry_free (found->entry);
  g_clear_pointer (&found->upload, streamer_journal_upload_free);
  g_clear_pointer (&found->parts, g_array_unref);
  g_free (found);
}

static void
restore_free (Restore *restore)
{
  g_assert (restore->drain == NULL);
  g_object_unref (restore->journal);
  g_strfreev (restore->ids);
  g_async_queue_unref (restore->found);
  g_ptr_array_unref (restore->made);
  g_clear_error (&restore->error);
  g_mutex_clear (&restore->lock);
  g_free (restore);
}

static StreamerTarget *
make_target (StreamerConnection *connection, const StreamerJournalEntry *entry)
{
  StreamerTarget *target = streamer_target_new (connection);

  target->prefix = g_strdup (entry->prefix);
  target->part_size = entry->asked_part_size;
  target->overwrite = entry->overwrite;
  target->content_type = g_strdup (entry->content_type);
  target->storage_class = g_strdup (entry->storage_class);
  target->metadata = g_strdupv (entry->metadata);
  target->wants_sha256 = entry->wants_sha256;
  if (entry->tmp != NULL)
    {
      g_free (target->tmp);
      target->tmp = g_strdup (entry->tmp);
    }
  return target;
}

/* Records are few, transfers many. Returns: (transfer none) (nullable) */
static StreamerConnection *
connect_to (StreamerQueue *self, const char *record)
{
  g_autoptr (GError) error = NULL;
  StreamerConnection *connection = g_hash_table_lookup (self->connections, record);

  if (connection != NULL)
    return connection;
  connection = self->connect (record, self->connect_data, &error);
  if (connection == NULL)
    {
      g_warning ("A transfer of the journal is left alone: %s", error->message);
      return NULL;
    }
  g_hash_table_insert (self->connections, g_strdup (record), connection);
  return connection;
}

static gboolean
is_history (const StreamerJournalEntry *entry)
{
  return entry->state == STREAMER_JOURNAL_DONE || entry->state == STREAMER_JOURNAL_CANCELLED;
}

static void
make_found (StreamerQueue *self, Restore *restore, const Found *found)
{
  StreamerConnection *connection = connect_to (self, found->entry->connection);
  g_autoptr (StreamerTarget) target = NULL;

  if (connection == NULL)
    {
      streamer_journal_release (self->journal, found->entry->id);
      return;
    }
  target = make_target (connection, found->entry);
  g_ptr_array_add (restore->made,
                   streamer_transfer_new_restored (found->entry, found->upload, found->parts,
                                                   target, self->pool, self->limit, self->journal));
  restore->n_restored++;
  restore->is_urgent |= !is_history (found->entry);
}

/* A view pays for each change that it is told of, and nobody waits for a part of the history. */
static void
show_made (StreamerQueue *self, Restore *restore)
{
  streamer_queue_append (self, restore->made);
  g_ptr_array_set_size (restore->made, 0);
  restore->is_urgent = FALSE;
}

static void
finish_restore (GTask *task)
{
  Restore *restore = g_task_get_task_data (task);
  StreamerQueue *self = g_task_get_source_object (task);

  self->n_restoring--;
  streamer_queue_changed (self);
  if (restore->error != NULL)
    g_task_return_error (task, g_steal_pointer (&restore->error));
  else
    g_task_return_int (task, restore->n_restored);
  g_object_unref (task);
}

static gboolean
on_drain (gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Restore *restore = g_task_get_task_data (task);
  gint64 end = g_get_monotonic_time () + BATCH_MAX_TIME;
  Found *found;

  do
    {
      g_mutex_lock (&restore->lock);
      found = g_async_queue_try_pop (restore->found);
      /* Ended under the lock, so that what is found from now on makes a new one. */
      if (found == NULL)
        g_clear_pointer (&restore->drain, g_source_unref);
      g_mutex_unlock (&restore->lock);
      if (found == NULL)
        break;
      make_found (g_task_get_source_object (task), restore, found);
      found_free (found);
    }
  while (g_get_monotonic_time () < end);

  if (restore->made->len >= SHOWN_AT_ONCE ||
      (found == NULL && (restore->is_read || restore->is_urgent)))
    show_made (g_task_get_source_object (task), restore);
  if (found != NULL)
    return G_SOURCE_CONTINUE;
  if (restore->is_read)
    finish_restore (task);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
schedule_drain (GTask *task)
{
  Restore *restore = g_task_get_task_data (task);

  if (restore->drain != NULL)
    return;
  restore->drain = g_idle_source_new ();
  g_source_set_callback (restore->drain, on_drain, task, NULL);
  g_source_attach (restore->drain, g_task_get_context (task));
}

static void
hand_over (GTask *task, Found *found)
{
  Restore *restore = g_task_get_task_data (task);

  g_mutex_lock (&restore->lock);
  g_async_queue_push (restore->found, found);
  schedule_drain (task);
  g_mutex_unlock (&restore->lock);
}

static gboolean
is_wanted (const Restore *restore, const StreamerJournalEntry *entry)
{
  if (restore->ids != NULL)
    return g_strv_contains ((const char *const *) restore->ids, entry->id);
  if (is_history (entry))
    return (restore->flags & STREAMER_RESTORE_HISTORY) != 0;
  return (restore->flags & STREAMER_RESTORE_UNFINISHED) != 0;
}

/* Its newest upload, unless that is given up. Returns: FALSE where the journal cannot be read */
static gboolean
find_upload (StreamerJournal *journal, Found *found, GError **error)
{
  g_autoptr (GPtrArray) uploads = streamer_journal_list_uploads (journal, found->entry->id, error);
  const StreamerJournalUpload *newest;

  if (uploads == NULL)
    return FALSE;
  if (uploads->len == 0)
    return TRUE;
  newest = uploads->pdata[uploads->len - 1];
  if (newest->state == STREAMER_JOURNAL_UPLOAD_GIVEN_UP)
    return TRUE;
  found->parts = streamer_journal_list_parts (journal, newest->number, error);
  if (found->parts == NULL)
    return FALSE;
  found->upload = streamer_journal_upload_copy (newest);
  return TRUE;
}

/* What another process works on is left to it, unless it was asked for by its id. Returns: whether
 * it is no error */
static gboolean
may_be_left (const Restore *restore, const GError *error)
{
  return restore->ids == NULL &&
         (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS) ||
          g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND));
}

/* Ours now. What was listed is from before, when another process may have worked on it. */
static gboolean
read_claimed (GTask *task, const char *id, GError **error)
{
  Restore *restore = g_task_get_task_data (task);
  Found *found = g_new0 (Found, 1);

  found->entry = streamer_journal_get (restore->journal, id, error);
  if (found->entry == NULL)
    {
      g_free (found);
      return FALSE;
    }
  if (!is_wanted (restore, found->entry))
    {
      streamer_journal_release (restore->journal, id);
      found_free (found);
      return TRUE;
    }
  if (!find_upload (restore->journal, found, error))
    {
      found_free (found);
      return FALSE;
    }
  hand_over (task, found);
  return TRUE;
}

/* Nobody works on what is over, whoever did; thousands of it cost no transaction each. */
static void
hand_over_history (GTask *task, const StreamerJournalEntry *entry)
{
  Found *found = g_new0 (Found, 1);

  found->entry = streamer_journal_entry_copy (entry);
  hand_over (task, found);
}

static gboolean
restore_entry (GTask *task, const StreamerJournalEntry *entry, GError **error)
{
  Restore *restore = g_task_get_task_data (task);
  g_autoptr (GError) local_error = NULL;
  gboolean is_claimed;

  if (entry->owner == STREAMER_JOURNAL_US)
    return TRUE;
  if (is_history (entry) && restore->ids == NULL)
    {
      hand_over_history (task, entry);
      return TRUE;
    }
  is_claimed = streamer_journal_claim_sync (restore->journal, entry->id, &local_error);
  if (is_claimed && read_claimed (task, entry->id, &local_error))
    return TRUE;
  if (is_claimed)
    streamer_journal_release (restore->journal, entry->id);
  if (may_be_left (restore, local_error))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
check_ids (const Restore *restore, GPtrArray *entries, GError **error)
{
  for (guint i = 0; restore->ids != NULL && restore->ids[i] != NULL; i++)
    {
      gboolean is_there = FALSE;

      for (guint j = 0; j < entries->len && !is_there; j++)
        is_there = g_str_equal (((StreamerJournalEntry *) entries->pdata[j])->id, restore->ids[i]);
      if (is_there)
        continue;
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                   /* Translators: the placeholder is what names an upload, such as 3f09a2b4c1d2 */
                   _ ("The journal of uploads has no upload “%s”."), restore->ids[i]);
      return FALSE;
    }
  return TRUE;
}

/* The oldest of a history that is longer than anybody looks through. */
static guint
count_left_out (const Restore *restore, GPtrArray *entries)
{
  guint n_history = 0;

  if (restore->ids != NULL)
    return 0;
  for (guint i = 0; i < entries->len; i++)
    n_history += is_history (entries->pdata[i]);
  return n_history > STREAMER_RESTORE_HISTORY_MAX ? n_history - STREAMER_RESTORE_HISTORY_MAX : 0;
}

static void
read_journal (GTask *read, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  GTask *task = task_data;
  Restore *restore = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) entries = streamer_journal_list (restore->journal, &error);
  gboolean is_good = entries != NULL && check_ids (restore, entries, &error);
  guint n_left_out = is_good ? count_left_out (restore, entries) : 0;

  for (guint i = 0; is_good && i < entries->len; i++)
    {
      if (n_left_out > 0 && is_history (entries->pdata[i]))
        {
          n_left_out--;
          continue;
        }
      is_good = !g_cancellable_set_error_if_cancelled (cancellable, &error);
      if (is_good && is_wanted (restore, entries->pdata[i]))
        is_good = restore_entry (task, entries->pdata[i], &error);
    }
  if (is_good)
    g_task_return_boolean (read, TRUE);
  else
    g_task_return_error (read, error);
}

static void
on_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Restore *restore = g_task_get_task_data (task);

  g_task_propagate_boolean (G_TASK (result), &restore->error);
  restore->is_read = TRUE;
  g_mutex_lock (&restore->lock);
  schedule_drain (task);
  g_mutex_unlock (&restore->lock);
}

void
streamer_queue_restore_async (StreamerQueue *self,
                              const char *const *ids,
                              StreamerRestoreFlags flags,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) read = NULL;
  Restore *restore = g_new0 (Restore, 1);

  g_assert (self->owner == g_thread_self ());
  g_assert (self->journal != NULL);

  g_task_set_source_tag (task, streamer_queue_restore_async);
  restore->journal = g_object_ref (self->journal);
  restore->ids = g_strdupv ((char **) ids);
  restore->flags = flags;
  restore->found = g_async_queue_new_full ((GDestroyNotify) found_free);
  restore->made = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_init (&restore->lock);
  g_task_set_task_data (task, restore, (GDestroyNotify) restore_free);
  self->n_restoring++;
  streamer_queue_changed (self);

  read = g_task_new (NULL, cancellable, on_read, task);
  g_task_set_source_tag (read, streamer_queue_restore_async);
  g_task_set_check_cancellable (read, FALSE);
  /* The outer task lives until all is handed over. */
  g_task_set_task_data (read, task, NULL);
  g_task_run_in_thread (read, read_journal);
}

guint
streamer_queue_restore_finish (StreamerQueue *self, GAsyncResult *result, GError **error)
{
  gssize n_restored;

  g_return_val_if_fail (g_task_is_valid (result, self), 0);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_queue_restore_async), 0);

  n_restored = g_task_propagate_int (G_TASK (result), error);
  return n_restored > 0 ? (guint) n_restored : 0;
}
