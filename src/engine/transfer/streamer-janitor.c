/* streamer-janitor.c: sees to uploads that a store has and nobody goes on with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: the owner's, but for what takes a StreamerHttp or a GTask's data, which run on workers
 * and see only these. */

#include "streamer-janitor.h"

#include "streamer-call.h"
#include "streamer-error.h"

/* An abort that failed is tried again after a minute, two, four …, and at least so often. */
#define AGAIN_MAX           (6 * G_TIME_SPAN_HOUR)
#define AGAIN_MAX_DOUBLINGS 9

/* As long as one store may keep a clean-up waiting. */
#define PATIENCE (30 * G_TIME_SPAN_SECOND)

struct _StreamerJanitor
{
  GObject parent_instance;

  GThread *owner;
  StreamerPool *pool;       /* (owned) */
  StreamerJournal *journal; /* (owned) */
  StreamerConnect connect;
  gpointer connect_data; /* (owned) */
  GDestroyNotify connect_destroy;
};

G_DEFINE_FINAL_TYPE (StreamerJanitor, streamer_janitor, G_TYPE_OBJECT)

/* -- one upload that is to be aborted */

typedef struct
{
  StreamerJournal *journal;       /* (owned) */
  StreamerConnection *connection; /* (owned) */
  StreamerUpload *upload;         /* (owned): without an id where only its beginning is known */
  gint64 began_at;
} Abort;

static void
abort_free (Abort *data)
{
  g_object_unref (data->journal);
  g_object_unref (data->connection);
  streamer_upload_unref (data->upload);
  g_free (data);
}

static gboolean
abort_at_store (Abort *data, StreamerHttp *http, GCancellable *cancellable, GError **error)
{
  g_autoptr (StreamerStore) store = NULL;
  g_autoptr (GError) local_error = NULL;

  store = streamer_connection_open (data->connection, cancellable, error);
  if (store == NULL)
    return FALSE;
  if (data->upload->upload_id == NULL &&
      !streamer_janitor_end_beginning (data->journal, store, http, data->upload, data->began_at,
                                       cancellable, error))
    return FALSE;
  if (data->upload->upload_id == NULL ||
      streamer_store_cancel (store, http, data->upload, cancellable, &local_error) ||
      g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gpointer
abort_upload (StreamerHttp *http, gpointer task_data, GCancellable *cancellable, GError **error)
{
  Abort *data = task_data;

  if (!abort_at_store (data, http, cancellable, error))
    return NULL;
  if (data->upload->record > 0)
    streamer_journal_forget (data->journal, data->upload->record);
  return GINT_TO_POINTER (TRUE);
}

/* -- cleaning */

typedef struct
{
  GPtrArray *due; /* (owned) (nullable) (element-type StreamerJournalUpload) */
  guint n_running;
  int n_aborted;
} Clean;

static void
clean_free (Clean *clean)
{
  g_clear_pointer (&clean->due, g_ptr_array_unref);
  g_free (clean);
}

static gboolean
is_due_again (const StreamerJournalUpload *upload)
{
  gint64 wait = G_TIME_SPAN_MINUTE << MIN (upload->n_aborts, AGAIN_MAX_DOUBLINGS);
  gint64 gone = g_get_real_time () - upload->abort_tried_at;

  /* A clock that was set back says nothing. */
  return upload->n_aborts == 0 || gone < 0 || gone >= MIN (wait, AGAIN_MAX);
}

/* @entry: (nullable): of its transfer; NULL where its row makes no sense, since uploads of one that
 * was removed are given up with it. What was sent may be of use yet. */
static gboolean
is_left (const StreamerJournalUpload *upload, const StreamerJournalEntry *entry)
{
  if (upload->state == STREAMER_JOURNAL_UPLOAD_GIVEN_UP)
    /* One of ours that was not tried yet is just being told. */
    return upload->owner == STREAMER_JOURNAL_NOBODY ||
           (upload->owner == STREAMER_JOURNAL_US && upload->n_aborts > 0);
  if (upload->owner != STREAMER_JOURNAL_NOBODY)
    return FALSE;
  return entry != NULL && (entry->state == STREAMER_JOURNAL_DONE ||
                           entry->state == STREAMER_JOURNAL_CANCELLED || entry->path == NULL);
}

/* Returns: (transfer full): id → StreamerJournalEntry of @entries */
static GHashTable *
index_entries (GPtrArray *entries)
{
  GHashTable *by_id = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < entries->len; i++)
    {
      StreamerJournalEntry *entry = entries->pdata[i];

      g_hash_table_insert (by_id, entry->id, entry);
    }
  return by_id;
}

static void
find_due (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  StreamerJournal *journal = source_object;
  Clean *clean = task_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) uploads = NULL;
  g_autoptr (GPtrArray) entries = streamer_journal_list_all (journal, &uploads, &error);
  g_autoptr (GHashTable) by_id = NULL;

  if (entries == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  by_id = index_entries (entries);
  clean->due = g_ptr_array_new_with_free_func ((GDestroyNotify) streamer_journal_upload_free);
  for (guint i = 0; i < uploads->len; i++)
    {
      const StreamerJournalUpload *upload = uploads->pdata[i];

      if (is_left (upload, g_hash_table_lookup (by_id, upload->transfer_id)) &&
          is_due_again (upload) &&
          streamer_journal_take_leftover_sync (journal, upload->number, NULL))
        g_ptr_array_add (clean->due, streamer_journal_upload_copy (upload));
    }
  g_task_return_boolean (task, TRUE);
}

static void
end_one (GTask *task)
{
  Clean *clean = g_task_get_task_data (task);

  if (--clean->n_running == 0)
    g_task_return_int (task, clean->n_aborted);
}

typedef struct
{
  GTask *task; /* (owned): of the clean-up */
  gint64 record;
} CleanOne;

static void
on_one_aborted (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  g_autofree CleanOne *one = user_data;
  g_autoptr (GTask) task = one->task;
  StreamerJanitor *self = g_task_get_source_object (task);
  Clean *clean = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (streamer_call_finish (STREAMER_POOL (pool), result, NULL, &error) != NULL)
    clean->n_aborted++;
  /* A clean-up that was cut short says nothing about the store. */
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_debug ("an upload could not be aborted: %s", error->message);
      streamer_journal_abort_failed (self->journal, one->record);
    }
  end_one (task);
}

/* Returns: (transfer full) */
static StreamerUpload *
make_upload (const StreamerJournalUpload *journaled)
{
  const StreamerPlan plan = { journaled->size, journaled->part_size, journaled->n_parts };
  StreamerUpload *upload =
      streamer_upload_new (journaled->key, &plan, journaled->content_type, journaled->overwrite);

  g_free (upload->resume_id);
  upload->resume_id = g_strdup (journaled->resume_id);
  upload->upload_id = g_strdup (journaled->upload_id);
  upload->record = journaled->number;
  return upload;
}

static void
clean_one (GTask *task, const StreamerJournalUpload *journaled)
{
  StreamerJanitor *self = g_task_get_source_object (task);
  Clean *clean = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  StreamerConnection *connection =
      self->connect (journaled->connection, self->connect_data, &error);
  CleanOne *one;
  Abort *data;

  if (connection == NULL)
    {
      g_debug ("an upload cannot be aborted: %s", error->message);
      streamer_journal_abort_failed (self->journal, journaled->number);
      return;
    }
  data = g_new0 (Abort, 1);
  data->journal = g_object_ref (self->journal);
  data->connection = connection;
  data->upload = make_upload (journaled);
  data->began_at = journaled->began_at;
  one = g_new0 (CleanOne, 1);
  one->task = g_object_ref (task);
  one->record = journaled->number;
  clean->n_running++;
  streamer_call_async (self->pool, streamer_connection_get_id (connection), PATIENCE, G_MAXINT,
                       abort_upload, data, (GDestroyNotify) abort_free, NULL, NULL,
                       g_task_get_cancellable (task), on_one_aborted, one);
}

static void
on_due_found (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Clean *clean = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  clean->n_running = 1;
  for (guint i = 0; i < clean->due->len; i++)
    clean_one (task, clean->due->pdata[i]);
  end_one (task);
}

void
streamer_janitor_clean_async (StreamerJanitor *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) find = NULL;
  Clean *clean = g_new0 (Clean, 1);

  g_assert (self->owner == g_thread_self ());
  g_task_set_source_tag (task, streamer_janitor_clean_async);
  g_task_set_task_data (task, clean, (GDestroyNotify) clean_free);

  /* Not of the janitor, whose end is the owner's. */
  find = g_task_new (self->journal, cancellable, on_due_found, task);
  g_task_set_source_tag (find, find_due);
  /* The outer task's, which outlives this one. */
  g_task_set_task_data (find, clean, NULL);
  g_task_run_in_thread (find, find_due);
}

int
streamer_janitor_clean_finish (StreamerJanitor *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_janitor_clean_async), -1);

  return (int) g_task_propagate_int (G_TASK (result), error);
}

/* -- listing */

typedef struct
{
  StreamerJournal *journal;       /* (owned) */
  StreamerConnection *connection; /* (owned) */
} List;

static void
list_free (List *list)
{
  g_object_unref (list->journal);
  g_object_unref (list->connection);
  g_free (list);
}

/* Returns: FALSE where the store fails */
static gboolean
measure (StreamerLeftover *leftover,
         StreamerStore *store,
         StreamerHttp *http,
         GCancellable *cancellable,
         GError **error)
{
  const StreamerPlan plan = { STREAMER_SIZE_UNKNOWN, 1, streamer_limits_s3.max_parts };
  g_autoptr (StreamerUpload) upload = streamer_upload_new (leftover->key, &plan, NULL, FALSE);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GArray) parts = NULL;

  upload->upload_id = g_strdup (leftover->upload_id);
  parts = streamer_store_list_parts (store, http, upload, cancellable, &local_error);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    leftover->size += g_array_index (parts, StreamerStoredPart, i).size;
  leftover->n_parts = parts != NULL ? parts->len : 0;
  if (parts != NULL || g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Returns: whether a living session works on it; else what the journal knows of it is filled in */
static gboolean
is_worked_on (StreamerLeftover *leftover,
              const StreamerUnfinished *found,
              GPtrArray *journaled,
              GHashTable *entries)
{
  for (guint i = 0; i < journaled->len; i++)
    {
      const StreamerJournalUpload *upload = journaled->pdata[i];
      const StreamerJournalEntry *entry;

      if (upload->upload_id == NULL || !streamer_unfinished_is (found, upload->upload_id))
        continue;
      if (upload->owner == STREAMER_JOURNAL_ANOTHER)
        return TRUE;
      entry = g_hash_table_lookup (entries, upload->transfer_id);
      leftover->record = upload->number;
      if (entry != NULL && upload->state != STREAMER_JOURNAL_UPLOAD_GIVEN_UP)
        leftover->transfer_id = g_strdup (entry->id);
      return entry != NULL && upload->owner == STREAMER_JOURNAL_US &&
             entry->state == STREAMER_JOURNAL_WAITING;
    }
  return FALSE;
}

static int
compare_ages (gconstpointer a, gconstpointer b)
{
  const StreamerLeftover *one = *(const StreamerLeftover *const *) a;
  const StreamerLeftover *other = *(const StreamerLeftover *const *) b;

  return one->began_at < other->began_at ? -1 : one->began_at > other->began_at;
}

/* Returns: (transfer full): GPtrArray of StreamerLeftover */
static gpointer
list_leftovers (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  List *list = data;
  g_autoptr (GPtrArray) leftovers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) streamer_leftover_free);
  g_autoptr (GPtrArray) journaled = NULL;
  /* What was paused just now is no work any more. */
  g_autoptr (GPtrArray) entries = streamer_journal_flush_sync (list->journal, error)
                                      ? streamer_journal_list_all (list->journal, &journaled, error)
                                      : NULL;
  g_autoptr (GHashTable) by_id = entries ? index_entries (entries) : NULL;
  g_autoptr (StreamerStore) store =
      entries ? streamer_connection_open (list->connection, cancellable, error) : NULL;
  g_autoptr (GArray) unfinished =
      store ? streamer_store_list_unfinished (store, http, "", cancellable, error) : NULL;

  for (guint i = 0; unfinished != NULL && i < unfinished->len; i++)
    {
      const StreamerUnfinished *found = &g_array_index (unfinished, StreamerUnfinished, i);
      g_autoptr (StreamerLeftover) leftover = g_new0 (StreamerLeftover, 1);

      leftover->connection = g_object_ref (list->connection);
      leftover->key = g_strdup (found->key);
      leftover->upload_id = g_strdup (found->upload_id);
      leftover->began_at = found->began_at * G_USEC_PER_SEC;
      if (is_worked_on (leftover, found, journaled, by_id))
        continue;
      if (!measure (leftover, store, http, cancellable, error))
        return NULL;
      g_ptr_array_add (leftovers, g_steal_pointer (&leftover));
    }
  g_ptr_array_sort (leftovers, compare_ages);
  return unfinished != NULL ? g_steal_pointer (&leftovers) : NULL;
}

static void
on_listed (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GPtrArray *leftovers = streamer_call_finish (STREAMER_POOL (pool), result, NULL, &error);

  if (leftovers != NULL)
    g_task_return_pointer (task, leftovers, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

void
streamer_janitor_list_async (StreamerJanitor *self,
                             StreamerConnection *connection,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  List *list = g_new0 (List, 1);

  g_assert (self->owner == g_thread_self ());
  g_task_set_source_tag (task, streamer_janitor_list_async);
  list->journal = g_object_ref (self->journal);
  list->connection = g_object_ref (connection);
  streamer_call_async (self->pool, streamer_connection_get_id (connection), PATIENCE, 0,
                       list_leftovers, list, (GDestroyNotify) list_free,
                       (GDestroyNotify) g_ptr_array_unref, NULL, cancellable, on_listed, task);
}

GPtrArray *
streamer_janitor_list_finish (StreamerJanitor *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_janitor_list_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* -- aborting what was listed */

/* Somebody may go on with it since it was listed, and a list may be older than what the journal has
 * of it. Returns: FALSE where it may not be aborted */
static gboolean
take_listed (Abort *data, GError **error)
{
  g_autoptr (GPtrArray) journaled = NULL;
  const StreamerUnfinished unfinished = { .upload_id = data->upload->upload_id };

  /* What was resumed or paused just now may not be written yet. */
  if (!streamer_journal_flush_sync (data->journal, error))
    return FALSE;
  journaled = streamer_journal_list_uploads (data->journal, NULL, error);
  if (journaled == NULL)
    return FALSE;
  data->upload->record = 0;
  for (guint i = 0; i < journaled->len; i++)
    {
      const StreamerJournalUpload *upload = journaled->pdata[i];

      if (upload->upload_id == NULL || !streamer_unfinished_is (&unfinished, upload->upload_id))
        continue;
      data->upload->record = upload->number;
      return streamer_journal_take_leftover_sync (data->journal, upload->number, error);
    }
  return TRUE;
}

static gpointer
abort_listed (StreamerHttp *http, gpointer task_data, GCancellable *cancellable, GError **error)
{
  Abort *data = task_data;
  gpointer aborted;

  if (!take_listed (data, error))
    return NULL;
  aborted = abort_upload (http, task_data, cancellable, error);
  /* Given up now, it is tried again later. */
  if (aborted == NULL && data->upload->record > 0)
    streamer_journal_abort_failed (data->journal, data->upload->record);
  return aborted;
}

static void
on_aborted (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (streamer_call_finish (STREAMER_POOL (pool), result, NULL, &error) != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
streamer_janitor_abort_async (StreamerJanitor *self,
                              const StreamerLeftover *leftover,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  const StreamerPlan plan = { STREAMER_SIZE_UNKNOWN, 1, streamer_limits_s3.max_parts };
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Abort *data = g_new0 (Abort, 1);

  g_assert (self->owner == g_thread_self ());
  g_task_set_source_tag (task, streamer_janitor_abort_async);
  data->journal = g_object_ref (self->journal);
  data->connection = g_object_ref (leftover->connection);
  data->upload = streamer_upload_new (leftover->key, &plan, NULL, FALSE);
  data->upload->upload_id = g_strdup (leftover->upload_id);
  streamer_call_async (self->pool, streamer_connection_get_id (leftover->connection), PATIENCE, 0,
                       abort_listed, data, (GDestroyNotify) abort_free, NULL, NULL, cancellable,
                       on_aborted, task);
}

gboolean
streamer_janitor_abort_finish (StreamerJanitor *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_janitor_abort_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
streamer_janitor_finalize (GObject *object)
{
  StreamerJanitor *self = STREAMER_JANITOR (object);

  if (self->connect_destroy != NULL)
    self->connect_destroy (self->connect_data);
  g_object_unref (self->pool);
  g_object_unref (self->journal);

  G_OBJECT_CLASS (streamer_janitor_parent_class)->finalize (object);
}

static void
streamer_janitor_class_init (StreamerJanitorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_janitor_finalize;
}

static void
streamer_janitor_init (StreamerJanitor *self)
{
  self->owner = g_thread_self ();
}

StreamerJanitor *
streamer_janitor_new (StreamerPool *pool,
                      StreamerJournal *journal,
                      StreamerConnect connect,
                      gpointer user_data,
                      GDestroyNotify destroy)
{
  StreamerJanitor *self = g_object_new (STREAMER_TYPE_JANITOR, NULL);

  self->pool = g_object_ref (pool);
  self->journal = g_object_ref (journal);
  self->connect = connect;
  self->connect_data = user_data;
  self->connect_destroy = destroy;
  return self;
}
