/* streamer-upload.c: uploads what the command line names, from the first file to the last link
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Follows the transfers in the queue: their states become messages and events, their ends become
 * links in the order in which the files were given. Owner's thread.
 */

#include <glib/gi18n-lib.h>

#include "streamer-upload.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-progress.h"

#define TICK_MS 250

typedef struct
{
  StreamerRun *run;
  GPtrArray *followed; /* (owned) (element-type Followed): as in the queue */
  GPtrArray *active;   /* (owned) (element-type Followed): in the order of their start */
  guint n_scans;       /* arguments that are still being looked at */
  guint n_settled;
  guint64 bytes_done; /* of files that are done */
  GError *refused;    /* (owned) (nullable): no token was given */
  gboolean told_no_link;
} Upload;

typedef struct
{
  Upload *upload;
  StreamerTransfer *transfer; /* (owned) */
  gulong handler_id;
  guint index;
  char *file; /* (owned): for the eye */
  gboolean settled;
  gboolean told_stall;
} Followed;

static void
followed_free (Followed *followed)
{
  g_signal_handler_disconnect (followed->transfer, followed->handler_id);
  g_object_unref (followed->transfer);
  g_free (followed->file);
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

/* What ended the whole run is told once, not for each file that it took along. */
static void
settle_failed (Followed *followed, StreamerReceipt *receipt)
{
  StreamerRun *run = followed->upload->run;
  const GError *error = streamer_transfer_get_error (followed->transfer);

  if (streamer_transfer_get_state (followed->transfer) == STREAMER_TRANSFER_CANCELLED)
    {
      error = run->given_up;
      receipt->status_code = streamer_error_get_status_code (error);
      g_free (receipt->status);
      receipt->status = g_strdup (error->message);
    }
  else
    streamer_console_error (run->console, followed->file, error);
  streamer_tally_add_failed (&run->tally, error);
}

static void
settle_done (Followed *followed, const StreamerReceipt *receipt)
{
  Upload *upload = followed->upload;
  StreamerRun *run = upload->run;

  upload->bytes_done += receipt->size;
  streamer_tally_add_done (&run->tally);
  if (receipt->url != NULL || upload->told_no_link || run->options->output != STREAMER_OUTPUT_LINKS)
    return;
  upload->told_no_link = TRUE;
  streamer_console_note (run->console,
                         _ ("The server does not say where visitors download, so keys are printed "
                            "instead of links. Give the address with --domain."));
}

static void
settle (Followed *followed)
{
  Upload *upload = followed->upload;
  g_autoptr (StreamerReceipt) receipt = streamer_transfer_get_receipt (followed->transfer);

  followed->settled = TRUE;
  upload->n_settled++;
  if (streamer_transfer_get_state (followed->transfer) == STREAMER_TRANSFER_DONE)
    settle_done (followed, receipt);
  else
    settle_failed (followed, receipt);
  streamer_console_hide (upload->run->console);
  streamer_reporter_settle (upload->run->reporter, followed->index, receipt);
}

static void
check_end (Upload *upload)
{
  if (upload->n_scans == 0 && upload->n_settled == upload->followed->len)
    streamer_run_end (upload->run);
}

/* Every file that was named is told to have failed, so all of them are found first. */
static void
check_refused (Upload *upload)
{
  if (upload->refused != NULL && upload->n_scans == 0)
    streamer_run_give_up (upload->run, upload->refused);
}

static void
on_signed_in (StreamerRun *run, const GError *error, gpointer user_data)
{
  Upload *upload = user_data;

  if (error == NULL)
    {
      streamer_queue_token_given (run->queue, run->setup.connection);
      return;
    }
  streamer_console_error (run->console, NULL, error);
  upload->refused = g_error_copy (error);
  check_refused (upload);
}

static void
sign_in (Followed *followed)
{
  Upload *upload = followed->upload;
  StreamerRun *run = upload->run;

  if (upload->refused == NULL && run->given_up == NULL && !streamer_run_is_signing_in (run))
    streamer_run_sign_in (run, streamer_transfer_get_error (followed->transfer), on_signed_in,
                          upload);
}

static void
tell_state (Followed *followed, StreamerTransferState state)
{
  StreamerRun *run = followed->upload->run;
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
  Upload *upload = followed->upload;
  StreamerTransferState state = streamer_transfer_get_state (followed->transfer);

  if (followed->settled)
    return;
  tell_state (followed, state);
  if (!streamer_transfer_is_active (followed->transfer))
    g_ptr_array_remove (upload->active, followed);
  else if (!g_ptr_array_find (upload->active, followed, NULL))
    g_ptr_array_add (upload->active, followed);
  if (state == STREAMER_TRANSFER_NEEDS_TOKEN)
    sign_in (followed);
  else if (streamer_transfer_is_over (followed->transfer))
    {
      settle (followed);
      check_end (upload);
    }
}

static void
on_items_changed (GListModel *queue, guint position, guint removed, guint added, gpointer user_data)
{
  Upload *upload = user_data;

  for (guint i = position; i < position + added; i++)
    {
      Followed *followed = g_new0 (Followed, 1);

      followed->upload = upload;
      followed->transfer = g_list_model_get_item (queue, i);
      followed->index = i;
      followed->file = name_file (followed->transfer);
      followed->handler_id = g_signal_connect_swapped (followed->transfer, "notify::state",
                                                       G_CALLBACK (on_state), followed);
      g_ptr_array_add (upload->followed, followed);
      on_state (followed);
    }
}

static void
on_added (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Upload *upload = user_data;

  streamer_queue_add_finish (STREAMER_QUEUE (source), result, NULL);
  if (--upload->n_scans == 0 && upload->followed->len == 0 && upload->run->given_up == NULL)
    streamer_console_note (upload->run->console, _ ("There is no file to upload."));
  check_refused (upload);
  check_end (upload);
}

static void
draw (Upload *upload)
{
  StreamerQueue *queue = upload->run->queue;
  g_autoptr (GPtrArray) active = g_ptr_array_sized_new (upload->active->len);
  StreamerProgressTotal total = { 0 };
  gboolean size_known = TRUE;

  for (guint i = 0; i < upload->active->len; i++)
    {
      Followed *followed = g_ptr_array_index (upload->active, i);

      if (streamer_transfer_get_size (followed->transfer) == STREAMER_SIZE_UNKNOWN)
        size_known = FALSE;
      g_ptr_array_add (active, followed->transfer);
    }
  total.sent = upload->bytes_done + streamer_queue_get_sent (queue);
  total.size = size_known ? upload->bytes_done + streamer_queue_get_size (queue) : 0;
  total.speed = streamer_queue_get_speed (queue);
  total.time_left = streamer_queue_get_time_left (queue);
  total.files = upload->followed->len;
  total.files_over = upload->n_settled;
  streamer_progress_draw (upload->run->console, &total, active);
}

static gboolean
on_tick (gpointer user_data)
{
  Upload *upload = user_data;
  StreamerReporter *reporter = upload->run->reporter;

  if (upload->run->options->output == STREAMER_OUTPUT_JSON_STREAM && upload->active->len > 0)
    streamer_console_hide (upload->run->console);
  for (guint i = 0; i < upload->active->len; i++)
    {
      Followed *followed = g_ptr_array_index (upload->active, i);
      StreamerTransfer *transfer = followed->transfer;

      if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_UPLOADING)
        streamer_reporter_progress (
            reporter, streamer_transfer_get_id (transfer), followed->file,
            streamer_transfer_get_sent (transfer), streamer_transfer_get_size (transfer),
            streamer_transfer_get_speed (transfer), streamer_transfer_get_time_left (transfer));
    }
  if (!streamer_run_is_signing_in (upload->run))
    draw (upload);
  return G_SOURCE_CONTINUE;
}

static void
add_pipe (Upload *upload, StreamerTarget *target)
{
  StreamerRun *run = upload->run;
  int fd = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  g_autoptr (GError) error = NULL;

  if (fd >= 0)
    {
      streamer_queue_add_pipe (run->queue, fd, target);
      return;
    }
  error = g_error_new (STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                       _ ("Standard input cannot be read: %s."), g_strerror (errno));
  streamer_console_error (run->console, "-", error);
  streamer_tally_add_failed (&run->tally, error);
}

static void
add_items (Upload *upload)
{
  StreamerRun *run = upload->run;
  g_autoptr (StreamerTarget) target = streamer_setup_create_target (&run->setup, run->options);

  upload->n_scans = 1;
  for (char **item = run->options->items; *item != NULL; item++)
    {
      g_autoptr (GFile) file = NULL;

      if (strcmp (*item, "-") == 0)
        {
          add_pipe (upload, target);
          continue;
        }
      file = streamer_setup_create_file (*item);
      upload->n_scans++;
      streamer_queue_add_async (run->queue, file, target, run->cancellable, on_added, upload);
    }
  upload->n_scans--;
}

void
streamer_upload (StreamerRun *run)
{
  Upload upload = { .run = run };
  gulong handler_id;
  guint timeout_id;

  upload.followed = g_ptr_array_new_with_free_func ((GDestroyNotify) followed_free);
  upload.active = g_ptr_array_new ();
  handler_id =
      g_signal_connect (run->queue, "items-changed", G_CALLBACK (on_items_changed), &upload);
  timeout_id = g_timeout_add (TICK_MS, on_tick, &upload);
  add_items (&upload);
  check_end (&upload);
  streamer_run_wait (run);
  g_source_remove (timeout_id);
  g_signal_handler_disconnect (run->queue, handler_id);
  g_clear_error (&upload.refused);
  g_ptr_array_unref (upload.active);
  g_ptr_array_unref (upload.followed);
}
