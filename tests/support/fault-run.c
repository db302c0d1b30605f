/* fault-run.c: runs of the program over one journal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program that is killed leaves what its journal has on the disk at that moment, and nothing that
 * its workers still write: the next run gets a copy that was made when they were told to stop.
 */

#include "fault-world-private.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "streamer-retry.h"
#include "streamer-s3-client.h"
#include "streamer-s3-secrets-provider.h"
#include "streamer-s3-store.h"

/* How long a server may be unwell, by the clock that is turned. */
#define PATIENCE (10 * G_TIME_SPAN_MINUTE)

static const StreamerLimits tiny = { .min_part_size = 1,
                                     .max_part_size = 1 << 20,
                                     .max_parts = 10000,
                                     .max_object_size = 1 << 30 };

static double
on_random (gpointer user_data)
{
  return fault_dice_roll_double (user_data);
}

static StreamerConnection *
new_connection (FaultWorld *world)
{
  const char *url = fault_server_get_url (world->server);
  g_autofree char *request_url = g_strconcat (url, "/request", NULL);
  const StreamerS3Location location = { .endpoint = (char *) url,
                                        .region = (char *) FAULT_REGION,
                                        .bucket = (char *) FAULT_BUCKET,
                                        .path_style = TRUE };
  g_autoptr (StreamerS3CredentialsProvider) provider = NULL;
  g_autoptr (StreamerS3Client) client = NULL;
  g_autoptr (StreamerStore) store = NULL;

  if (!world->s3)
    return streamer_connection_new_request_api (FAULT_CONNECTION, "Faults", request_url, NULL,
                                                world->secrets);
  provider = streamer_s3_secrets_provider_new (FAULT_ACCESS_KEY, FAULT_CONNECTION, world->secrets);
  client = streamer_s3_client_new (&location, provider);
  store = streamer_s3_store_new_with_limits (client, NULL, 3600, &tiny);
  return streamer_connection_new_for_store (FAULT_CONNECTION, store, world->secrets);
}

static StreamerConnection *
connect_to (const char *record, gpointer user_data, GError **error)
{
  return g_object_ref (((FaultWorld *) user_data)->connection);
}

static void
on_added (GObject *queue, GAsyncResult *result, gpointer user_data)
{
  FaultWorld *world = user_data;
  g_autoptr (GError) error = NULL;

  streamer_queue_add_finish (STREAMER_QUEUE (queue), result, &error);
  if (world->n_stopping == 0)
    g_assert_no_error (error);
  world->n_adding--;
}

static void
add_files (FaultWorld *world)
{
  for (guint i = 0; i < world->keys->len; i++)
    {
      g_autofree char *path = g_build_filename (world->folder, world->keys->pdata[i], NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);

      if (fault_world_find (world, world->keys->pdata[i]) != NULL)
        continue;
      world->n_adding++;
      streamer_queue_add_async (world->queue, file, world->target, NULL, on_added, world);
    }
}

/* Who was killed before a file was written down is given it again. */
static void
on_restored (GObject *queue, GAsyncResult *result, gpointer user_data)
{
  FaultWorld *world = user_data;
  g_autoptr (GError) error = NULL;

  streamer_queue_restore_finish (STREAMER_QUEUE (queue), result, &error);
  g_assert_no_error (error);
  world->n_restoring--;
  if (world->n_stopping > 0)
    return;
  for (guint i = 0; i < fault_world_count (world); i++)
    {
      StreamerTransfer *transfer = fault_world_get (world, i);

      if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_PAUSED ||
          (world->healed && streamer_transfer_can_resume (transfer)))
        streamer_transfer_resume (transfer);
    }
  add_files (world);
}

void
fault_world_begin (FaultWorld *world)
{
  g_autoptr (StreamerRetry) retry = streamer_retry_new (STREAMER_CLOCK (world->clock));
  g_autoptr (GError) error = NULL;

  streamer_retry_set_random (retry, on_random, &world->dice);
  streamer_retry_set_patience (retry, PATIENCE);
  streamer_retry_set_holds (retry, world->holds);
  world->connection = new_connection (world);
  world->target = streamer_target_new (world->connection);
  world->target->part_size = world->part_size;
  world->target->overwrite = world->overwrite;
  world->journal = streamer_journal_open (world->state, &error);
  g_assert_no_error (error);
  fault_world_check_begun (world);
  world->n_goes++;
  world->queue = streamer_queue_new_with_retry (retry);
  streamer_queue_set_parts (world->queue, world->n_workers);
  streamer_queue_set_journal (world->queue, world->journal, connect_to, world, NULL);
  world->n_restoring++;
  streamer_queue_restore_async (world->queue, NULL,
                                STREAMER_RESTORE_UNFINISHED | STREAMER_RESTORE_HISTORY, NULL,
                                on_restored, world);
}

static void
on_cleaned (GObject *janitor, GAsyncResult *result, gpointer user_data)
{
  FaultWorld *world = user_data;
  g_autoptr (GError) error = NULL;

  streamer_janitor_clean_finish (STREAMER_JANITOR (janitor), result, &error);
  g_assert_no_error (error);
  world->n_cleaning--;
}

void
fault_world_clean (FaultWorld *world)
{
  world->n_cleaning++;
  streamer_janitor_clean_async (streamer_queue_get_janitor (world->queue), NULL, on_cleaned, world);
}

void
fault_world_let_hours_pass (FaultWorld *world)
{
  g_autofree char *path = g_build_filename (world->state, "journal.db", NULL);
  g_autoptr (GError) error = NULL;
  sqlite3 *database;

  /* What was tried a moment ago is not written down yet, perhaps. */
  streamer_journal_flush_sync (world->journal, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  sqlite3_busy_timeout (database, 10000);
  if (sqlite3_exec (database,
                    "UPDATE uploads SET abort_tried_at = abort_tried_at - 86400000000"
                    " WHERE n_aborts > 0",
                    NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s", sqlite3_errmsg (database));
  sqlite3_close (database);
}

/* -- the end */

static void
on_stopped (GObject *queue, GAsyncResult *result, gpointer user_data)
{
  FaultWorld *world = user_data;
  g_autoptr (GError) error = NULL;

  if (!streamer_queue_stop_finish (STREAMER_QUEUE (queue), result, &error))
    fault_world_fail (world, "The program does not stop: %s", error->message);
  world->n_stopping--;
}

static void
copy_file (const char *name, const char *from, const char *to)
{
  g_autofree char *source = g_build_filename (from, name, NULL);
  g_autofree char *copy = g_build_filename (to, name, NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (!g_file_get_contents (source, &bytes, &length, NULL))
    return;
  g_file_set_contents_full (copy, bytes, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

/* Whole transactions are in the log or not; what is in the middle of being added to it is none.
 * Returns: (transfer full) (type filename) */
static char *
copy_journal (FaultWorld *world)
{
  char *copy = g_strdup_printf ("%s-%u", world->folder, ++world->n_copies);
  g_autofree char *path = g_build_filename (world->state, "journal.db", NULL);
  sqlite3 *reader;

  g_assert_cmpint (g_mkdir (copy, 0700), ==, 0);
  /* The writer still lives. While somebody reads, what it moves from the one file into the other
   * stays in both, so that the two copies fit. */
  g_assert_cmpint (sqlite3_open (path, &reader), ==, SQLITE_OK);
  sqlite3_busy_timeout (reader, 10000);
  if (sqlite3_exec (reader, "BEGIN; SELECT count (*) FROM transfers", NULL, NULL, NULL) !=
      SQLITE_OK)
    g_error ("%s", sqlite3_errmsg (reader));
  copy_file ("journal.db", world->state, copy);
  copy_file ("journal.db-wal", world->state, copy);
  sqlite3_exec (reader, "COMMIT", NULL, NULL, NULL);
  sqlite3_close (reader);
  return copy;
}

/* Threads that come to their end hold it a little longer, and wake nobody. */
static void
close_journal (FaultWorld *world)
{
  while (g_atomic_int_get (&G_OBJECT (world->journal)->ref_count) > 1)
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
  g_assert_finalize_object (g_steal_pointer (&world->journal));
}

void
fault_world_end (FaultWorld *world, gboolean orderly)
{
  StreamerPool *pool = streamer_queue_get_pool (world->queue);
  g_autofree char *copy = NULL;

  g_object_add_weak_pointer (G_OBJECT (pool), (gpointer *) &pool);
  if (orderly)
    {
      world->n_stopping++;
      streamer_queue_stop_async (world->queue, on_stopped, world);
    }
  /* Who adds, or restores, keeps the queue. */
  while (world->n_adding > 0 || world->n_restoring > 0 || world->n_stopping > 0)
    fault_world_step (world);
  /* Who was killed says nothing more, though the workers do not know yet. */
  fault_server_set_deaf (world->server, !orderly);
  g_assert_finalize_object (g_steal_pointer (&world->queue));
  if (!orderly)
    copy = copy_journal (world);
  /* It goes with its last job. */
  while (pool != NULL)
    test_clock_step (world->clock, pool);
  streamer_target_unref (g_steal_pointer (&world->target));
  g_clear_object (&world->connection);
  close_journal (world);
  /* Else the next run could be there before what this one has asked for is done. */
  fault_server_wait_idle (world->server);
  fault_server_set_deaf (world->server, FALSE);
  if (copy == NULL)
    return;
  fault_world_check_folder (world);
  fault_world_remove_folder (world->state);
  g_free (world->state);
  world->state = g_steal_pointer (&copy);
}
