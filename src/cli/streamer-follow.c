/* streamer-follow.c: sees the transfers of a queue through, from their start to their links
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owner's thread.
 */

#include <glib/gi18n-lib.h>

#include "streamer-follow.h"

#include "streamer-error.h"
#include "streamer-keep.h"
#include "streamer-key.h"
#include "streamer-link.h"
#include "streamer-progress.h"

#define TICK_MS 250

struct _StreamerFollow
{
  StreamerRun *run;
  gboolean resumes;
  GPtrArray *followed; /* (owned) (element-type Followed): as in the queue */
  GPtrArray *active;   /* (owned) (element-type Followed): in the order of their start */
  guint n_holds;
  guint n_settled;
  guint n_stored;      /* parts, when a token was asked for last */
  guint64 bytes_done;  /* of files that are done */
  GHashTable *refused; /* (owned): id of a connection that was given no token → GError */
  gboolean told_no_link;
  gulong handler_id;
  guint timeout_id;
};

typedef struct
{
  StreamerFollow *follow;
  StreamerTransfer *transfer; /* (owned) */
  gulong handler_id;
  guint index;
  char *file; /* (owned): for the eye */
  char *link; /* (owned) (nullable): made anew for what was done before */
  gboolean settled;
  gboolean told_stall;
} Followed;

static void
followed_free (Followed *followed)
{
  g_signal_handler_disconnect (followed->transfer, followed->handler_id);
  g_object_unref (followed->transfer);
  g_free (followed->file);
  g_free (followed->link);
  g_free (followed);
}

static char *
name_file (StreamerTransfer *transfer)
{
  GFile *file = streamer_transfer_get_file (transfer);
  g_autofree char *name = NULL;

  if (file == NULL)
    return g_strdup ("-");
  name = g_file_get_path (file);
  if (name == NULL)
    name = g_file_get_uri (file);
  return streamer_key_display_name (name);
}

static const char *
name_state (StreamerTransferState state)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (STREAMER_TYPE_TRANSFER_STATE);

  return g_enum_get_value (states, state)->value_nick;
}

static void
settle_failed (Followed *followed, StreamerReceipt *receipt, const GError *error)
{
  StreamerRun *run = followed->follow->run;

  receipt->status_code = streamer_error_get_status_code (error);
  g_free (receipt->status);
  receipt->status = g_strdup (error->message);
  streamer_tally_add_failed (&run->tally, error);
}

static void
settle_done (Followed *followed, const StreamerReceipt *receipt)
{
  StreamerFollow *follow = followed->follow;
  StreamerRun *run = follow->run;

  follow->bytes_done += receipt->size;
  streamer_tally_add_done (&run->tally);
  if (receipt->url != NULL || follow->told_no_link || run->options->output != STREAMER_OUTPUT_LINKS)
    return;
  follow->told_no_link = TRUE;
  streamer_console_note (run->console,
                         _ ("The server does not say where visitors download, so keys are printed "
                            "instead of links. Give the address with --domain."));
}

/* @error: (nullable): why it failed */
static void
settle (Followed *followed, const GError *error)
{
  StreamerFollow *follow = followed->follow;
  g_autoptr (StreamerReceipt) receipt = streamer_transfer_get_receipt (followed->transfer);

  if (followed->link != NULL)
    {
      g_free (receipt->url);
      receipt->url = g_steal_pointer (&followed->link);
    }
  followed->settled = TRUE;
  follow->n_settled++;
  if (error == NULL)
    settle_done (followed, receipt);
  else
    settle_failed (followed, receipt, error);
  streamer_console_hide (follow->run->console);
  streamer_reporter_settle (follow->run->reporter, followed->index, receipt);
}

/* What ended the whole run is told once, not for each file that it took along. */
static void
settle_over (Followed *followed)
{
  StreamerRun *run = followed->follow->run;
  const GError *error = streamer_transfer_get_error (followed->transfer);

  if (streamer_transfer_get_state (followed->transfer) == STREAMER_TRANSFER_CANCELLED)
    error = run->given_up;
  else if (error != NULL)
    streamer_console_error (run->console, followed->file, error);
  settle (followed, error);
  streamer_keep_or_let_go (run, followed->transfer);
}

static void
check_end (StreamerFollow *follow)
{
  if (follow->n_holds == 0 && follow->n_settled == follow->followed->len)
    streamer_run_end (follow->run);
}

static StreamerConnection *
get_connection (Followed *followed)
{
  return streamer_transfer_get_target (followed->transfer)->connection;
}

static const GError *
get_refusal (Followed *followed)
{
  return g_hash_table_lookup (followed->follow->refused,
                              streamer_connection_get_id (get_connection (followed)));
}

/* Without a token, neither what asks for it goes on nor what has not begun. */
static gboolean
is_held_back (Followed *followed)
{
  StreamerTransferState state = streamer_transfer_get_state (followed->transfer);

  return !followed->settled && get_refusal (followed) != NULL &&
         (state == STREAMER_TRANSFER_NEEDS_TOKEN || state == STREAMER_TRANSFER_WAITING);
}

static void sign_in (StreamerFollow *follow);

static void
on_signed_in (StreamerRun *run, const GError *error, gpointer user_data)
{
  StreamerFollow *follow = user_data;

  if (error == NULL)
    streamer_queue_token_given (run->queue, run->asks_for);
  else
    {
      streamer_console_error (run->console, NULL, error);
      g_hash_table_insert (follow->refused, g_strdup (streamer_connection_get_id (run->asks_for)),
                           g_error_copy (error));
      for (guint i = 0; i < follow->followed->len; i++)
        if (is_held_back (g_ptr_array_index (follow->followed, i)))
          {
            Followed *followed = g_ptr_array_index (follow->followed, i);

            settle (followed, get_refusal (followed));
          }
      check_end (follow);
    }
  sign_in (follow);
}

static guint
count_stored (StreamerFollow *follow)
{
  guint n_stored = 0;

  for (guint i = 0; i < follow->followed->len; i++)
    {
      Followed *followed = g_ptr_array_index (follow->followed, i);
      StreamerPartList *parts = streamer_transfer_get_parts (followed->transfer);

      if (parts != NULL)
        n_stored += streamer_part_list_count (parts, STREAMER_PART_DONE);
    }
  return n_stored;
}

/* A token with which something was stored has expired; nobody mistyped it. */
static void
forget_good_tokens (StreamerFollow *follow)
{
  guint n_stored = count_stored (follow);

  if (n_stored > follow->n_stored)
    streamer_run_forget_questions (follow->run);
  follow->n_stored = n_stored;
}

/* One server after the other. */
static void
sign_in (StreamerFollow *follow)
{
  for (guint i = 0; i < follow->followed->len; i++)
    {
      Followed *followed = g_ptr_array_index (follow->followed, i);

      if (follow->run->given_up != NULL || streamer_run_is_signing_in (follow->run))
        return;
      if (!followed->settled &&
          streamer_transfer_get_state (followed->transfer) == STREAMER_TRANSFER_NEEDS_TOKEN)
        {
          forget_good_tokens (follow);
          streamer_run_sign_in (follow->run, get_connection (followed),
                                streamer_transfer_get_error (followed->transfer), on_signed_in,
                                follow);
          return;
        }
    }
}

static void
tell_state (Followed *followed, StreamerTransferState state)
{
  StreamerRun *run = followed->follow->run;
  const GError *error = streamer_transfer_get_error (followed->transfer);
  const char *name = name_state (state);

  streamer_console_detail (run->console, followed->file, name);
  streamer_console_hide (run->console);
  streamer_reporter_state (run->reporter, streamer_transfer_get_id (followed->transfer),
                           followed->file, name, error);
  if (state != STREAMER_TRANSFER_STALLED || followed->told_stall || error == NULL)
    return;
  g_autofree char *text =
      /* Translators: a file and a sentence that says what went wrong */
      g_strdup_printf (_ ("%s: %s It is being tried again."), followed->file, error->message);
  followed->told_stall = TRUE;
  streamer_console_note (run->console, text);
}

static void
on_state (Followed *followed)
{
  StreamerFollow *follow = followed->follow;
  StreamerTransferState state = streamer_transfer_get_state (followed->transfer);

  if (followed->settled)
    return;
  tell_state (followed, state);
  if (!streamer_transfer_is_active (followed->transfer))
    g_ptr_array_remove (follow->active, followed);
  else if (!g_ptr_array_find (follow->active, followed, NULL))
    g_ptr_array_add (follow->active, followed);
  if (is_held_back (followed))
    {
      settle (followed, get_refusal (followed));
      check_end (follow);
    }
  else if (state == STREAMER_TRANSFER_NEEDS_TOKEN)
    sign_in (follow);
  else if (streamer_transfer_is_over (followed->transfer))
    {
      settle_over (followed);
      check_end (follow);
    }
}

static void
on_link (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  Followed *followed = user_data;
  StreamerRun *run = followed->follow->run;
  g_autoptr (GError) error = NULL;

  followed->link = streamer_link_finish (STREAMER_POOL (pool), result, &error);
  /* The run is interrupted, and sees to what is left. */
  if (run->given_up != NULL)
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    g_clear_error (&error);
  if (error != NULL)
    streamer_console_error (run->console, followed->file, error);
  settle (followed, error);
  check_end (followed->follow);
}

/* It was done in an earlier run: a link that carries a signature was not kept. */
static void
find_link (Followed *followed)
{
  StreamerTransfer *transfer = followed->transfer;

  streamer_link_async (streamer_queue_get_pool (followed->follow->run->queue),
                       get_connection (followed), streamer_transfer_get_key (transfer),
                       streamer_transfer_get_url (transfer), followed->follow->run->cancellable,
                       on_link, followed);
}

static void
on_items_changed (GListModel *queue, guint position, guint removed, guint added, gpointer user_data)
{
  StreamerFollow *follow = user_data;

  for (guint i = position; i < position + added; i++)
    {
      Followed *followed = g_new0 (Followed, 1);

      followed->follow = follow;
      followed->transfer = g_list_model_get_item (queue, i);
      followed->index = i;
      followed->file = name_file (followed->transfer);
      if (follow->resumes)
        streamer_transfer_resume (followed->transfer);
      followed->handler_id = g_signal_connect_swapped (followed->transfer, "notify::state",
                                                       G_CALLBACK (on_state), followed);
      g_ptr_array_add (follow->followed, followed);
      if (streamer_transfer_get_state (followed->transfer) == STREAMER_TRANSFER_DONE)
        find_link (followed);
      else
        on_state (followed);
    }
}

static void
draw (StreamerFollow *follow)
{
  StreamerQueue *queue = follow->run->queue;
  g_autoptr (GPtrArray) active = g_ptr_array_sized_new (follow->active->len);
  StreamerProgressTotal total = { 0 };
  gboolean size_known = TRUE;

  for (guint i = 0; i < follow->active->len; i++)
    {
      Followed *followed = g_ptr_array_index (follow->active, i);

      if (streamer_transfer_get_size (followed->transfer) == STREAMER_SIZE_UNKNOWN)
        size_known = FALSE;
      g_ptr_array_add (active, followed->transfer);
    }
  total.sent = follow->bytes_done + streamer_queue_get_sent (queue);
  total.size = size_known ? follow->bytes_done + streamer_queue_get_size (queue) : 0;
  total.speed = streamer_queue_get_speed (queue);
  total.time_left = streamer_queue_get_time_left (queue);
  total.files = follow->followed->len;
  total.files_over = follow->n_settled;
  streamer_progress_draw (follow->run->console, &total, active);
}

static gboolean
on_tick (gpointer user_data)
{
  StreamerFollow *follow = user_data;
  StreamerReporter *reporter = follow->run->reporter;

  if (follow->run->options->output == STREAMER_OUTPUT_JSON_STREAM && follow->active->len > 0)
    streamer_console_hide (follow->run->console);
  for (guint i = 0; i < follow->active->len; i++)
    {
      Followed *followed = g_ptr_array_index (follow->active, i);
      StreamerTransfer *transfer = followed->transfer;

      if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_UPLOADING)
        streamer_reporter_progress (
            reporter, streamer_transfer_get_id (transfer), followed->file,
            streamer_transfer_get_sent (transfer), streamer_transfer_get_size (transfer),
            streamer_transfer_get_speed (transfer), streamer_transfer_get_time_left (transfer));
    }
  if (!streamer_run_is_signing_in (follow->run))
    draw (follow);
  return G_SOURCE_CONTINUE;
}

StreamerFollow *
streamer_follow_new (StreamerRun *run, gboolean resumes)
{
  StreamerFollow *self = g_new0 (StreamerFollow, 1);

  self->run = run;
  self->resumes = resumes;
  self->followed = g_ptr_array_new_with_free_func ((GDestroyNotify) followed_free);
  self->active = g_ptr_array_new ();
  self->refused =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_error_free);
  self->handler_id =
      g_signal_connect (run->queue, "items-changed", G_CALLBACK (on_items_changed), self);
  self->timeout_id = g_timeout_add (TICK_MS, on_tick, self);
  return self;
}

void
streamer_follow_free (StreamerFollow *self)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_signal_handler_disconnect (self->run->queue, self->handler_id);
  g_hash_table_unref (self->refused);
  g_ptr_array_unref (self->active);
  g_ptr_array_unref (self->followed);
  g_free (self);
}

void
streamer_follow_hold (StreamerFollow *self)
{
  self->n_holds++;
}

void
streamer_follow_release (StreamerFollow *self)
{
  self->n_holds--;
  check_end (self);
}

gboolean
streamer_follow_is_held (StreamerFollow *self)
{
  return self->n_holds > 0;
}

guint
streamer_follow_get_n_files (StreamerFollow *self)
{
  return self->followed->len;
}

void
streamer_follow_wait (StreamerFollow *self)
{
  streamer_run_wait (self->run);
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  for (guint i = 0; i < self->followed->len; i++)
    {
      Followed *followed = g_ptr_array_index (self->followed, i);

      if (!followed->settled)
        settle (followed, self->run->given_up);
    }
}

GPtrArray *
streamer_follow_dup_transfers (StreamerFollow *self)
{
  GPtrArray *transfers = g_ptr_array_sized_new (self->followed->len);

  for (guint i = 0; i < self->followed->len; i++)
    g_ptr_array_add (transfers, ((Followed *) g_ptr_array_index (self->followed, i))->transfer);
  return transfers;
}
