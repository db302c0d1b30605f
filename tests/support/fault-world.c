/* fault-world.c: a queue before a faulty server, for one schedule
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fault-world-private.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "test-flow.h"
#include "virtual-poll.h"

/* Where each commit of the journal costs no time of a disk's. */
#define MEMORY "/dev/shm"

/* How long a schedule may take, by the clock that is turned. */
#define MAX_TIME (12 * G_TIME_SPAN_HOUR)
/* Far more than any schedule needs that comes to its end. */
#define MAX_REQUESTS 3000
#define MAX_TOKENS   6

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

void
fault_world_give_token (FaultWorld *world)
{
  g_autofree char *token = fault_server_dup_token (world->server);

  streamer_secrets_store (world->secrets, FAULT_CONNECTION,
                          world->s3 ? STREAMER_SECRET_S3_KEY : STREAMER_SECRET_TOKEN, token, NULL,
                          NULL, NULL);
}

/* Of two worlds one in which the program ends, up to three times. */
static GArray *
roll_ends (FaultDice *dice)
{
  GArray *ends = g_array_new (FALSE, FALSE, sizeof (FaultEnd));
  guint n = fault_dice_roll (dice, 2) == 0 ? 0 : 1 + fault_dice_roll (dice, 3);
  guint at = 0;

  for (guint i = 0; i < n; i++)
    {
      FaultEnd end = { .orderly = fault_dice_roll (dice, 3) == 0,
                       .cleans = fault_dice_roll (dice, 2) == 0 };

      end.at = at += 1 + fault_dice_roll (dice, 12);
      g_array_append_val (ends, end);
    }
  return ends;
}

/* Returns: (transfer full) (type filename) */
static char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_strdup (MEMORY "/streamer-test-XXXXXX");

  if (g_access (MEMORY, W_OK) == 0 && g_mkdtemp (folder) != NULL)
    return folder;
  g_free (folder);
  folder = g_dir_make_tmp ("streamer-test-XXXXXX", &error);
  g_assert_no_error (error);
  return folder;
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
  world->ends = roll_ends (&world->dice);
  world->folder = make_folder ();
  world->state = g_strconcat (world->folder, "-0", NULL);
  world->keys = g_ptr_array_new_with_free_func (g_free);
  world->server = fault_server_new (world->script, 1 + fault_dice_roll (&world->dice, 4),
                                    virtual_poll_set_stalled);
  world->secrets = streamer_memory_secrets_new (NULL);
  streamer_secrets_store (world->secrets, FAULT_CONNECTION, STREAMER_SECRET_API_KEY, FAULT_API_KEY,
                          NULL, NULL, NULL);
  fault_world_give_token (world);
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

void
fault_world_fail (FaultWorld *world, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append (world->failures, "  ");
  g_string_append_vprintf (world->failures, format, args);
  g_string_append_c (world->failures, '\n');
  va_end (args);
}

char *
fault_world_dup_log (void)
{
  char *text;

  g_mutex_lock (&log_lock);
  text = g_strdup (log_text->str);
  g_mutex_unlock (&log_lock);
  return text;
}

void
fault_world_free (FaultWorld *world)
{
  if (world->queue != NULL)
    fault_world_end (world, FALSE);
  fault_world_remove_folder (world->state);
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
  g_array_unref (world->ends);
  g_ptr_array_unref (world->keys);
  g_string_free (world->failures, TRUE);
  g_free (world->folder);
  g_free (world->state);
  g_free (world);
}

void
fault_world_step (FaultWorld *world)
{
  gint64 now = streamer_clock_get_time (STREAMER_CLOCK (world->clock));
  gint64 gone;

  if (g_main_context_iteration (NULL, FALSE))
    return;
  /* What threads of GTask's do takes no time. */
  if (world->n_restoring > 0 && !streamer_pool_is_busy (streamer_queue_get_pool (world->queue)))
    {
      g_main_context_iteration (NULL, TRUE);
      return;
    }
  gone = virtual_poll_take_time () * G_TIME_SPAN_MILLISECOND +
         fault_server_take_seconds (world->server) * G_TIME_SPAN_SECOND;
  if (gone > 0)
    {
      /* With all timers on the way: one that is late means that the computer slept. */
      test_clock_advance (world->clock, gone);
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

StreamerTransfer *
fault_world_get (FaultWorld *world, guint index)
{
  g_autoptr (StreamerTransfer) transfer =
      g_list_model_get_item (G_LIST_MODEL (world->queue), index);

  /* The queue has it. */
  return transfer;
}

guint
fault_world_count (FaultWorld *world)
{
  return g_list_model_get_n_items (G_LIST_MODEL (world->queue));
}

StreamerTransfer *
fault_world_find (FaultWorld *world, const char *key)
{
  for (guint i = 0; i < fault_world_count (world); i++)
    if (g_strcmp0 (streamer_transfer_get_key (fault_world_get (world, i)), key) == 0)
      return fault_world_get (world, i);
  return NULL;
}

static gboolean
is_settled (FaultWorld *world)
{
  if (world->n_adding > 0 || world->n_restoring > 0 || world->n_cleaning > 0)
    return FALSE;
  for (guint i = 0; i < fault_world_count (world); i++)
    {
      StreamerTransfer *transfer = fault_world_get (world, i);
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
  world->n_goes++;
  for (guint i = 0; i < fault_world_count (world); i++)
    streamer_transfer_pause (fault_world_get (world, i));
  for (guint i = 0; i < fault_world_count (world); i++)
    if (streamer_transfer_get_state (fault_world_get (world, i)) == STREAMER_TRANSFER_PAUSED)
      streamer_transfer_resume (fault_world_get (world, i));
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
  FaultEnd end = g_array_index (world->ends, FaultEnd, world->n_ends++);

  fault_world_end (world, end.orderly);
  fault_world_begin (world);
  if (end.cleans)
    fault_world_clean (world);
}

/* Returns: whether there was somebody to give it to */
static gboolean
give_missing_token (FaultWorld *world)
{
  if (streamer_queue_get_needs_token (world->queue) == NULL || world->n_tokens >= MAX_TOKENS)
    return FALSE;
  world->n_tokens++;
  world->n_goes++;
  fault_world_give_token (world);
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
              fault_world_fail (world, "It does not come to an end.");
              return;
            }
          fault_world_step (world);
          if (take_moment (&world->pause_at, n_requests))
            pause_for_a_moment (world);
          if (take_moment (&world->cancel_at, n_requests) && fault_world_count (world) > 0)
            streamer_transfer_cancel_async (fault_world_get (world, 0), NULL, NULL);
          if (world->n_ends < world->ends->len &&
              n_requests >= g_array_index (world->ends, FaultEnd, world->n_ends).at)
            start_again (world);
        }
    }
  while (give_missing_token (world));
}

void
fault_world_heal (FaultWorld *world)
{
  guint n_ends;

  fault_server_heal (world->server);
  world->healed = TRUE;
  fault_world_give_token (world);
  for (guint i = 0; i < fault_world_count (world); i++)
    if (streamer_transfer_can_resume (fault_world_get (world, i)))
      streamer_transfer_resume (fault_world_get (world, i));
  fault_world_run (world);
  /* An end of the program may come while it cleans, and the next run need not do so by itself. */
  do
    {
      n_ends = world->n_ends;
      fault_world_let_hours_pass (world);
      fault_world_clean (world);
      fault_world_run (world);
    }
  while (world->n_ends != n_ends);
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
  for (guint i = 0; i < world->ends->len; i++)
    {
      const FaultEnd *end = &g_array_index (world->ends, FaultEnd, i);

      g_string_append_printf (text, "  the program %s behind %u requests%s\n",
                              end->orderly ? "ends" : "is killed", end->at,
                              end->cleans ? ", and the next one cleans" : "");
    }
  return g_string_free (text, FALSE);
}
