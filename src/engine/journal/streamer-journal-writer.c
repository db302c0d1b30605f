/* streamer-journal-writer.c: the thread that writes the journal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It takes all that is queued into one transaction, so that workers which write at the same time
 * wait for the disk together. What fails is told to whoever waits for it; what nobody waits for
 * goes back to the head of the queue and is tried again with what comes next, or after a while.
 *
 * After a failed sync the kernel takes for written what is not, and a later sync says nothing of
 * it. So nothing is added to the log then before all of it has gone into the database itself.
 */

#include "streamer-journal-private.h"

#define RETRY_MICROSECONDS (2 * G_USEC_PER_SEC)
/* Pages in the log from which on they are carried over into the database: 4 MiB. */
#define CHECKPOINT_PAGES 1000

StreamerJournalWrite *
streamer_journal_write_new (StreamerJournalRun run)
{
  StreamerJournalWrite *write = g_new0 (StreamerJournalWrite, 1);

  write->run = run;
  return write;
}

void
streamer_journal_write_free (StreamerJournalWrite *write)
{
  g_free (write->id);
  g_free (write->text);
  g_free (write->value);
  g_clear_pointer (&write->entry, streamer_journal_entry_free);
  g_clear_pointer (&write->upload, streamer_journal_upload_free);
  streamer_stored_part_clear (&write->part);
  g_clear_pointer (&write->numbers, g_array_unref);
  g_clear_error (&write->refusal);
  g_clear_error (&write->error);
  g_free (write);
}

void
streamer_journal_weak_release (gpointer weak)
{
  g_atomic_rc_box_release_full (weak, (GDestroyNotify) g_weak_ref_clear);
}

static gboolean
tell_error (gpointer user_data)
{
  g_autoptr (StreamerJournal) self = g_weak_ref_get (user_data);

  if (self == NULL)
    return G_SOURCE_REMOVE;
  g_mutex_lock (&self->lock);
  self->is_told = FALSE;
  g_mutex_unlock (&self->lock);
  g_object_notify (G_OBJECT (self), "error");
  return G_SOURCE_REMOVE;
}

/* @error: (transfer full) (nullable). With the lock. */
static void
take_state (StreamerJournal *self, GError *error, gboolean *is_new)
{
  *is_new = (error == NULL) != (self->error == NULL) ||
            (error != NULL && !(g_error_matches (self->error, error->domain, error->code) &&
                                g_str_equal (self->error->message, error->message)));
  g_clear_error (&self->error);
  self->error = error;
  *is_new = *is_new && !self->is_told;
  self->is_told |= *is_new;
}

/* The owner may give the journal up at any time, and then wants it closed. */
static void
notify_owner (StreamerJournal *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, tell_error, g_atomic_rc_box_acquire (self->weak),
                         streamer_journal_weak_release);
  g_source_attach (source, self->context);
}

/* Whether it is the statement's fault, and would be again. */
static gboolean
is_hopeless (int code)
{
  switch (code & 0xff)
    {
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
set_sync (StreamerJournal *self, gboolean is_full, GError **error)
{
  if (self->is_full_sync == is_full)
    return TRUE;
  if (!streamer_database_execute (
          self->database, is_full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
          error))
    return FALSE;
  self->is_full_sync = is_full;
  return TRUE;
}

static int
checkpoint (StreamerJournal *self, int mode)
{
  sqlite3 *connection = streamer_database_get_connection (self->database);
  int code;

  sqlite3_busy_timeout (connection, 0);
  code = sqlite3_wal_checkpoint_v2 (connection, NULL, mode, NULL, NULL);
  sqlite3_busy_timeout (connection, STREAMER_DATABASE_BUSY_MILLISECONDS);
  return code & 0xff;
}

/* Between transactions. What cannot be carried over because somebody reads is left for later. */
static void
keep_log_short (StreamerJournal *self)
{
  int code;

  if (self->pages < CHECKPOINT_PAGES)
    return;
  self->pages = 0;
  code = checkpoint (self, SQLITE_CHECKPOINT_PASSIVE);
  self->is_doubtful |= code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED;
}

static gboolean
remove_doubt (StreamerJournal *self, GError **error)
{
  int code;

  if (!self->is_doubtful)
    return TRUE;
  code = checkpoint (self, SQLITE_CHECKPOINT_RESTART);
  self->is_doubtful = code != SQLITE_OK;
  if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED)
    return TRUE;
  return streamer_database_fail (self->database, error);
}

static gboolean
run_all (StreamerJournal *self, GPtrArray *writes, guint first, guint end, GError **error)
{
  gboolean is_hint = TRUE, good = TRUE;

  for (guint i = first; i < end; i++)
    {
      StreamerJournalWrite *write = writes->pdata[i];

      g_clear_error (&write->refusal);
      is_hint = is_hint && write->is_hint;
    }
  if (!remove_doubt (self, error) || !set_sync (self, !is_hint, error) ||
      !streamer_database_begin (self->database, error))
    return FALSE;
  for (guint i = first; good && i < end; i++)
    {
      StreamerJournalWrite *write = writes->pdata[i];

      good = write->run == NULL || write->run (self, write, error);
    }
  return streamer_database_end (self->database, good, error);
}

/* All of them together. Returns: SQLite's code, where it failed */
static int
commit (StreamerJournal *self, GPtrArray *writes, guint first, guint end, GError **error)
{
  g_autoptr (GError) inner = NULL;
  int code;

  for (guint tries = 0; tries < 2; tries++)
    {
      if (self->database == NULL && !streamer_journal_open_databases (self, error))
        return SQLITE_CANTOPEN;
      g_clear_error (&inner);
      if (run_all (self, writes, first, end, &inner))
        return SQLITE_OK;
      code = streamer_database_get_code (self->database);
      self->is_doubtful |= (code & 0xff) == SQLITE_IOERR;
      if (!streamer_journal_is_damage (code))
        break;
      if (!streamer_journal_recover (self, error))
        return code;
    }
  streamer_journal_take_error (self, error, TRUE, g_steal_pointer (&inner));
  return code;
}

static gboolean
is_kept (StreamerJournalWrite *write, int code)
{
  if (write->waits || code == SQLITE_OK)
    return FALSE;
  if (is_hopeless (code))
    {
      g_critical ("A write to the journal is of no use: %s", write->error->message);
      return FALSE;
    }
  return TRUE;
}

/* Writes [first, end), and puts what is to be tried again at the end of @kept. */
static void
settle (StreamerJournal *self,
        GPtrArray *writes,
        guint first,
        guint end,
        GQueue *kept,
        GError **last_error)
{
  g_autoptr (GError) error = NULL;
  int code = commit (self, writes, first, end, &error);

  if (is_hopeless (code) && end - first > 1)
    {
      /* The others are not to blame. */
      for (guint i = first; i < end; i++)
        settle (self, writes, i, i + 1, kept, last_error);
      return;
    }
  for (guint i = first; i < end; i++)
    {
      StreamerJournalWrite *write = writes->pdata[i];

      g_clear_error (&write->error);
      write->error = error ? g_error_copy (error) : NULL;
      if (is_kept (write, code))
        {
          g_queue_push_tail (kept, write);
          writes->pdata[i] = NULL;
        }
    }
  g_clear_error (last_error);
  *last_error = g_steal_pointer (&error);
}

/* Those who wait own theirs. */
static void
let_go (StreamerJournal *self, GPtrArray *writes)
{
  for (guint i = 0; i < writes->len; i++)
    {
      StreamerJournalWrite *write = writes->pdata[i];

      if (write == NULL)
        continue;
      if (write->waits)
        write->is_settled = TRUE;
      else
        streamer_journal_write_free (write);
    }
}

/* With the lock, which it gives back meanwhile. Returns: whether something has to be tried again */
static gboolean
write_queued (StreamerJournal *self)
{
  g_autoptr (GPtrArray) writes = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GQueue) kept = G_QUEUE_INIT;
  StreamerJournalWrite *write;
  gboolean is_damaged = self->is_damaged, is_new, is_failing;

  while ((write = g_queue_pop_head (&self->queue)) != NULL)
    g_ptr_array_add (writes, write);
  self->is_damaged = FALSE;
  g_mutex_unlock (&self->lock);

  if (is_damaged && self->database != NULL)
    streamer_journal_recover (self, &error);
  if (writes->len > 0)
    settle (self, writes, 0, writes->len, &kept, &error);
  if (self->database != NULL)
    keep_log_short (self);

  g_mutex_lock (&self->lock);
  is_failing = kept.length > 0;
  self->n_kept = kept.length;
  while ((write = g_queue_pop_tail (&kept)) != NULL)
    g_queue_push_head (&self->queue, write);
  take_state (self, g_steal_pointer (&error), &is_new);
  let_go (self, writes);
  g_cond_broadcast (&self->settled);
  g_mutex_unlock (&self->lock);
  if (is_new)
    notify_owner (self);
  g_mutex_lock (&self->lock);
  return is_failing;
}

static gpointer
write_all (gpointer user_data)
{
  StreamerJournal *self = user_data;
  gboolean is_failing = FALSE;

  g_mutex_lock (&self->lock);
  while (!self->is_stopping || (!g_queue_is_empty (&self->queue) && !is_failing))
    {
      gint64 deadline = g_get_monotonic_time () + RETRY_MICROSECONDS;
      gboolean is_time = FALSE;

      /* What failed waits for company, or for the next try. */
      while (self->queue.length <= self->n_kept && !self->is_stopping && !self->is_damaged &&
             !is_time)
        if (self->n_kept > 0)
          is_time = !g_cond_wait_until (&self->queued, &self->lock, deadline);
        else
          g_cond_wait (&self->queued, &self->lock);
      is_failing = write_queued (self);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

void
streamer_journal_writer_start (StreamerJournal *self)
{
  self->writer = g_thread_new ("journal", write_all, self);
}

void
streamer_journal_writer_stop (StreamerJournal *self)
{
  StreamerJournalWrite *write;

  if (self->writer == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->is_stopping = TRUE;
  g_cond_signal (&self->queued);
  g_mutex_unlock (&self->lock);
  g_thread_join (g_steal_pointer (&self->writer));
  if (!g_queue_is_empty (&self->queue))
    g_warning ("%u writes to the journal are lost: %s", self->queue.length,
               self->error ? self->error->message : "");
  while ((write = g_queue_pop_head (&self->queue)) != NULL)
    streamer_journal_write_free (write);
}

void
streamer_journal_writer_queue (StreamerJournal *self, StreamerJournalWrite *write)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->queue, write);
  g_cond_signal (&self->queued);
  g_mutex_unlock (&self->lock);
}

gboolean
streamer_journal_writer_wait (StreamerJournal *self, StreamerJournalWrite *write, GError **error)
{
  write->waits = TRUE;
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->queue, write);
  g_cond_signal (&self->queued);
  while (!write->is_settled)
    g_cond_wait (&self->settled, &self->lock);
  g_mutex_unlock (&self->lock);
  if (write->error != NULL)
    g_propagate_error (error, g_steal_pointer (&write->error));
  else if (write->refusal != NULL)
    g_propagate_error (error, g_steal_pointer (&write->refusal));
  else
    return TRUE;
  return FALSE;
}

void
streamer_journal_writer_tell_damage (StreamerJournal *self)
{
  g_mutex_lock (&self->lock);
  self->is_damaged = TRUE;
  g_cond_signal (&self->queued);
  g_mutex_unlock (&self->lock);
}
