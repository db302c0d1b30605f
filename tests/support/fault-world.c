/* fault-world.c: a queue before a faulty server, for one schedule
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fault-world.h"

#include <glib/gstdio.h>

#include "streamer-error.h"
#include "streamer-retry.h"
#include "streamer-s3-client.h"
#include "streamer-s3-secrets-provider.h"
#include "streamer-s3-store.h"
#include "test-flow.h"
#include "virtual-poll.h"

#define CONNECTION "faults"

/* How long a server may be unwell, and how long a schedule may take, by the clock that is turned. */
#define PATIENCE (10 * G_TIME_SPAN_MINUTE)
#define MAX_TIME (12 * G_TIME_SPAN_HOUR)
/* Far more than any schedule needs that comes to its end. */
#define MAX_REQUESTS 3000
#define MAX_TOKENS   6

static const StreamerLimits tiny = { .min_part_size = 1,
                                     .max_part_size = 1 << 20,
                                     .max_parts = 10000,
                                     .max_object_size = 1 << 30 };

static GMutex log_lock;
static GString *log_text; /* guarded by log_lock */

static void
keep (GLogLevelFlags level, const char *text)
{
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING))
    g_printerr ("%s\n", text);
  g_mutex_lock (&log_lock);
  g_string_append_printf (log_text, "%s\n", text);
  g_mutex_unlock (&log_lock);
}

static GLogWriterOutput
on_structured (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  g_autofree char *text = g_log_writer_format_fields (level, fields, n_fields, FALSE);

  keep (level, text);
  return G_LOG_WRITER_HANDLED;
}

static void
on_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  keep (level, message);
}

void
fault_world_capture_log (void)
{
  log_text = g_string_new (NULL);
  g_log_set_writer_func (on_structured, NULL, NULL);
  g_log_set_default_handler (on_log, NULL);
}

static void
add_file (FaultWorld *world, guint index)
{
  guint n_parts = fault_dice_roll (&world->dice, 9);
  gsize size = n_parts == 0 ? 0
                            : (n_parts - 1) * world->part_size + 1 +
                                  fault_dice_roll (&world->dice, (guint) world->part_size);
  g_autoptr (GBytes) bytes = test_flow_make_bytes (size, (guint) world->seed + index);
  char *key = g_strdup_printf ("file ä %u", index);
  g_autofree char *path = g_build_filename (world->folder, key, NULL);
  g_autoptr (GError) error = NULL;
  FaultStore *store;

  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) size, &error);
  g_assert_no_error (error);
  g_ptr_array_add (world->keys, key);

  store = fault_server_lock (world->server);
  fault_store_expect (store, key, bytes);
  if (world->overwrite && fault_dice_roll (&world->dice, 2) == 0)
    {
      g_autoptr (GBytes) other = test_flow_make_bytes (size + 1, ~(guint) world->seed);

      fault_store_put_other (store, key, other);
    }
  fault_server_unlock (world->server);
}

static void
give_token (FaultWorld *world)
{
  g_autofree char *token = fault_server_dup_token (world->server);

  streamer_secrets_store (world->secrets, CONNECTION,
                          world->s3 ? STREAMER_SECRET_S3_KEY : STREAMER_SECRET_TOKEN, token, NULL,
                          NULL, NULL);
}

/* Returns: a number of requests; 0, for never, but in one of @chance worlds */
static guint
roll_moment (FaultDice *dice, guint chance)
{
  guint moment = 3 + fault_dice_roll (dice, 10);

  return fault_dice_roll (dice, chance) == 0 ? moment : 0;
}

FaultWorld *
fault_world_new (guint64 seed, GArray *script)
{
  FaultWorld *world = g_new0 (FaultWorld, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) own_script = NULL;
  guint n_files;

  world->seed = seed;
  world->dice.state = seed;
  world->failures = g_string_new (NULL);
  world->s3 = fault_dice_roll (&world->dice, 2) == 0;
  own_script = fault_script_new (&world->dice, world->s3);
  world->script = g_array_ref (script != NULL ? script : own_script);
  world->overwrite = fault_dice_roll (&world->dice, 2) == 0;
  world->n_workers = 1 + fault_dice_roll (&world->dice, 3);
  world->part_size = 1 + fault_dice_roll (&world->dice, 300);
  world->pause_at = roll_moment (&world->dice, 3);
  world->cancel_at = roll_moment (&world->dice, 8);
  world->crash_at = roll_moment (&world->dice, 8);
  /* What was done before the crash is in the way else: nothing remembers that. */
  world->overwrite = world->overwrite || world->crash_at > 0;
  world->folder = g_dir_make_tmp ("streamer-test-XXXXXX", &error);
  g_assert_no_error (error);
  world->keys = g_ptr_array_new_with_free_func (g_free);
  world->server = fault_server_new (world->script, 1 + fault_dice_roll (&world->dice, 4),
                                    virtual_poll_set_stalled);
  world->secrets = streamer_memory_secrets_new (NULL);
  streamer_secrets_store (world->secrets, CONNECTION, STREAMER_SECRET_API_KEY, FAULT_API_KEY, NULL,
                          NULL, NULL);
  give_token (world);
  world->clock = test_clock_new ();
  n_files = 1 + fault_dice_roll (&world->dice, 3);
  for (guint i = 0; i < n_files; i++)
    add_file (world, i);
  world->holds = fault_dice_roll (&world->dice, 2) == 0;

  virtual_poll_take_time ();
  g_mutex_lock (&log_lock);
  g_string_truncate (log_text, 0);
  g_mutex_unlock (&log_lock);
  return world;
}

static void fail (FaultWorld *world, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
fail (FaultWorld *world, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append (world->failures, "  ");
  g_string_append_vprintf (world->failures, format, args);
  g_string_append_c (world->failures, '\n');
  va_end (args);
}

void
fault_world_free (FaultWorld *world)
{
  if (world->queue != NULL)
    fault_world_crash (world);
  for (guint i = 0; i < world->keys->len; i++)
    {
      g_autofree char *path = g_build_filename (world->folder, world->keys->pdata[i], NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (world->folder), ==, 0);
  fault_server_free (world->server);
  g_object_unref (world->secrets);
  g_object_unref (world->clock);
  g_array_unref (world->script);
  g_ptr_array_unref (world->keys);
  g_string_free (world->failures, TRUE);
  g_free (world->folder);
  g_free (world);
}

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
    return streamer_connection_new_request_api (CONNECTION, "Faults", request_url, NULL,
                                                world->secrets);
  provider = streamer_s3_secrets_provider_new (FAULT_ACCESS_KEY, CONNECTION, world->secrets);
  client = streamer_s3_client_new (&location, provider);
  store = streamer_s3_store_new_with_limits (client, NULL, 3600, &tiny);
  return streamer_connection_new_for_store (CONNECTION, store, world->secrets);
}

static void
on_added (GObject *queue, GAsyncResult *result, gpointer user_data)
{
  FaultWorld *world = user_data;
  g_autoptr (GError) error = NULL;

  streamer_queue_add_finish (STREAMER_QUEUE (queue), result, &error);
  g_assert_no_error (error);
  world->n_adding--;
}

void
fault_world_begin (FaultWorld *world, gboolean add)
{
  g_autoptr (StreamerRetry) retry = streamer_retry_new (STREAMER_CLOCK (world->clock));

  streamer_retry_set_random (retry, on_random, &world->dice);
  streamer_retry_set_patience (retry, PATIENCE);
  streamer_retry_set_holds (retry, world->holds);
  world->connection = new_connection (world);
  world->target = streamer_target_new (world->connection);
  world->target->part_size = world->part_size;
  world->target->overwrite = world->overwrite;
  world->queue = streamer_queue_new_with_retry (retry);
  streamer_queue_set_parts (world->queue, world->n_workers);
  for (guint i = 0; add && i < world->keys->len; i++)
    {
      g_autofree char *path = g_build_filename (world->folder, world->keys->pdata[i], NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);

      world->n_adding++;
      streamer_queue_add_async (world->queue, file, world->target, NULL, on_added, world);
    }
}

/* One thing that happens; where nothing does, time goes by up to the next one. */
static void
step (FaultWorld *world)
{
  gint64 now = streamer_clock_get_time (STREAMER_CLOCK (world->clock));
  gint64 gone;

  if (g_main_context_iteration (NULL, FALSE))
    return;
  gone = virtual_poll_take_time () * G_TIME_SPAN_MILLISECOND +
         fault_server_take_seconds (world->server) * G_TIME_SPAN_SECOND;
  if (gone > 0)
    {
      test_clock_skip (world->clock, gone);
      return;
    }
  if (!fault_server_is_refusing (world->server))
    world->listens_at = 0;
  else if (world->listens_at == 0)
    world->listens_at = now + (1 + fault_dice_roll (&world->dice, 120)) * G_TIME_SPAN_SECOND;
  else if (now >= world->listens_at)
    fault_server_listen (world->server);
  test_clock_step (world->clock, streamer_queue_get_pool (world->queue));
}

void
fault_world_crash (FaultWorld *world)
{
  StreamerPool *pool = streamer_queue_get_pool (world->queue);

  g_object_add_weak_pointer (G_OBJECT (pool), (gpointer *) &pool);
  while (world->n_adding > 0)
    step (world);
  g_clear_object (&world->queue);
  /* It goes with its last job. */
  while (pool != NULL)
    test_clock_step (world->clock, pool);
  streamer_target_unref (g_steal_pointer (&world->target));
  g_clear_object (&world->connection);
}

static StreamerTransfer *
get_transfer (FaultWorld *world, guint index)
{
  g_autoptr (StreamerTransfer) transfer =
      g_list_model_get_item (G_LIST_MODEL (world->queue), index);

  /* The queue has it. */
  return transfer;
}

static guint
count_transfers (FaultWorld *world)
{
  return g_list_model_get_n_items (G_LIST_MODEL (world->queue));
}

static gboolean
is_settled (FaultWorld *world)
{
  if (world->n_adding > 0)
    return FALSE;
  for (guint i = 0; i < count_transfers (world); i++)
    {
      StreamerTransfer *transfer = get_transfer (world, i);
      StreamerTransferState state = streamer_transfer_get_state (transfer);

      if (streamer_transfer_is_busy (transfer))
        return FALSE;
      if (!streamer_transfer_is_over (transfer) &&
          (streamer_queue_get_needs_token (world->queue) == NULL ||
           (state != STREAMER_TRANSFER_NEEDS_TOKEN && state != STREAMER_TRANSFER_WAITING)))
        return FALSE;
    }
  return TRUE;
}

static void
pause_for_a_moment (FaultWorld *world)
{
  for (guint i = 0; i < count_transfers (world); i++)
    streamer_transfer_pause (get_transfer (world, i));
  for (guint i = 0; i < count_transfers (world); i++)
    if (streamer_transfer_get_state (get_transfer (world, i)) == STREAMER_TRANSFER_PAUSED)
      streamer_transfer_resume (get_transfer (world, i));
}

static gboolean
take_moment (guint *moment, guint n_requests)
{
  if (*moment == 0 || n_requests < *moment)
    return FALSE;
  *moment = 0;
  return TRUE;
}

static void
start_again (FaultWorld *world)
{
  FaultStore *store;

  fault_world_crash (world);
  store = fault_server_lock (world->server);
  for (guint i = 0; i < store->uploads->len; i++)
    ((FaultUpload *) store->uploads->pdata[i])->forgotten = TRUE;
  store->healed = TRUE;
  fault_server_unlock (world->server);
  fault_world_begin (world, TRUE);
}

/* Returns: whether there was somebody to give it to */
static gboolean
give_missing_token (FaultWorld *world)
{
  if (streamer_queue_get_needs_token (world->queue) == NULL || world->n_tokens >= MAX_TOKENS)
    return FALSE;
  world->n_tokens++;
  give_token (world);
  streamer_queue_token_given (world->queue, world->connection);
  return TRUE;
}

void
fault_world_run (FaultWorld *world)
{
  gint64 end = streamer_clock_get_time (STREAMER_CLOCK (world->clock)) + MAX_TIME;

  world->n_tokens = 0;
  do
    {
      while (!is_settled (world))
        {
          guint n_requests = fault_server_get_n_requests (world->server);

          if (streamer_clock_get_time (STREAMER_CLOCK (world->clock)) > end ||
              n_requests > MAX_REQUESTS)
            {
              fail (world, "It does not come to an end.");
              return;
            }
          step (world);
          if (take_moment (&world->pause_at, n_requests))
            pause_for_a_moment (world);
          if (take_moment (&world->cancel_at, n_requests) && count_transfers (world) > 0)
            streamer_transfer_cancel_async (get_transfer (world, 0), NULL, NULL);
          if (take_moment (&world->crash_at, n_requests))
            start_again (world);
        }
    }
  while (give_missing_token (world));
}

void
fault_world_heal (FaultWorld *world)
{
  fault_server_heal (world->server);
  give_token (world);
  for (guint i = 0; i < count_transfers (world); i++)
    if (streamer_transfer_can_resume (get_transfer (world, i)))
      streamer_transfer_resume (get_transfer (world, i));
  fault_world_run (world);
}

static void
check_object (FaultWorld *world, FaultStore *store, StreamerTransfer *transfer, gboolean healed)
{
  const char *key = streamer_transfer_get_key (transfer);
  const FaultBytes *file = g_hash_table_lookup (store->files, key);
  const FaultBytes *object = g_hash_table_lookup (store->objects, key);
  StreamerTransferState state = streamer_transfer_get_state (transfer);
  const GError *error = streamer_transfer_get_error (transfer);
  gboolean same = object != NULL && g_bytes_equal (object->bytes, file->bytes);

  if (state == STREAMER_TRANSFER_DONE && !same)
    fail (world, "%s is done, and what is stored is not the file.", key);
  /* Whether the store has it then is a matter of moments. */
  if (state == STREAMER_TRANSFER_CANCELLED)
    return;
  if (state != STREAMER_TRANSFER_DONE && state != STREAMER_TRANSFER_WAITING && error == NULL)
    fail (world, "%s is not done (state %u), and no error says why.", key, state);
  /* Who has put an object whole and never heard of it is told that the name is taken, and by what
   * is said in so many words. */
  if (same && streamer_transfer_get_n_parts (transfer) == 1 &&
      g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS))
    return;
  if (healed && state != STREAMER_TRANSFER_DONE)
    fail (world, "%s is not done (state %u) although the server is well%s: %s", key, state,
          same ? " and has the file" : "", error != NULL ? error->message : "no error");
}

static StreamerTransfer *
find_transfer (FaultWorld *world, const char *key)
{
  for (guint i = 0; i < count_transfers (world); i++)
    if (g_strcmp0 (streamer_transfer_get_key (get_transfer (world, i)), key) == 0)
      return get_transfer (world, i);
  return NULL;
}

/* An upload that nobody was told of, or that could not be given up, is nobody's fault: where the
 * server does not listen it is not even asked to. */
static void
check_uploads (FaultWorld *world, FaultStore *store, gboolean has_refused)
{
  for (guint i = 0; i < store->uploads->len; i++)
    {
      const FaultUpload *upload = store->uploads->pdata[i];
      StreamerTransfer *transfer = find_transfer (world, upload->key);
      gboolean last = TRUE;

      if (!upload->open || !upload->told || !upload->used || upload->forgotten ||
          upload->cancel_asked || has_refused)
        continue;
      for (guint j = i + 1; j < store->uploads->len; j++)
        {
          const FaultUpload *later = store->uploads->pdata[j];

          last = last && (!later->open || !g_str_equal (later->key, upload->key));
        }
      if (transfer == NULL || !last ||
          streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_DONE ||
          streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_CANCELLED)
        fail (world, "Upload %u of %s is left in the store, and nobody has it.", upload->number,
              upload->key);
    }
}

static void
check_secrets (FaultWorld *world)
{
  g_autofree char *secret = NULL;

  g_mutex_lock (&log_lock);
  secret = fault_server_find_secret (world->server, log_text->str);
  g_mutex_unlock (&log_lock);
  if (secret != NULL)
    fail (world, "A secret was logged: %s", secret);
  for (guint i = 0; i < count_transfers (world); i++)
    {
      const GError *error = streamer_transfer_get_error (get_transfer (world, i));
      g_autofree char *shown =
          error != NULL ? fault_server_find_secret (world->server, error->message) : NULL;

      if (shown != NULL)
        fail (world, "An error shows a secret: %s", error->message);
    }
}

void
fault_world_check (FaultWorld *world, gboolean healed)
{
  gboolean has_refused;
  FaultStore *store;

  if (count_transfers (world) != world->keys->len)
    fail (world, "There are %u transfers for %u files.", count_transfers (world), world->keys->len);
  has_refused = fault_server_has_refused (world->server);
  store = fault_server_lock (world->server);
  if (store->violations->len > 0)
    fail (world, "%s", store->violations->str);
  g_string_truncate (store->violations, 0);
  for (guint i = 0; i < count_transfers (world); i++)
    check_object (world, store, get_transfer (world, i), healed);
  check_uploads (world, store, has_refused);
  fault_server_unlock (world->server);
  check_secrets (world);
}

char *
fault_world_to_string (FaultWorld *world)
{
  g_autofree char *script = fault_script_to_string (world->script);
  GString *text = g_string_new (NULL);

  g_string_append_printf (
      text, "seed %" G_GUINT64_FORMAT ": %s, parts of %" G_GUINT64_FORMAT " bytes, %u workers, %s",
      world->seed, world->s3 ? "S3" : "request API", world->part_size, world->n_workers,
      world->overwrite ? "replacing" : "not replacing");
  for (guint i = 0; i < world->keys->len; i++)
    {
      g_autofree char *path = g_build_filename (world->folder, world->keys->pdata[i], NULL);
      GStatBuf info;

      g_assert_cmpint (g_stat (path, &info), ==, 0);
      g_string_append_printf (text, ", %s of %" G_GINT64_FORMAT " bytes",
                              (char *) world->keys->pdata[i], (gint64) info.st_size);
    }
  g_string_append_printf (text, "\n%s", script);
  return g_string_free (text, FALSE);
}
