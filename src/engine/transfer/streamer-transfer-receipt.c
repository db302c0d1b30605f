/* streamer-transfer-receipt.c: how a transfer ended, or how it stands, in the words of a receipt
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-transfer-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-key.h"

static const char *
describe_state (StreamerTransferState state)
{
  switch (state)
    {
    case STREAMER_TRANSFER_WAITING:
      return _ ("Waiting");
    case STREAMER_TRANSFER_PREPARING:
      return _ ("Preparing");
    case STREAMER_TRANSFER_UPLOADING:
      return _ ("Uploading");
    case STREAMER_TRANSFER_STALLED:
      return _ ("Waiting to try again");
    case STREAMER_TRANSFER_PAUSED:
      return _ ("Paused");
    case STREAMER_TRANSFER_NEEDS_TOKEN:
      return _ ("Sign-in needed");
    case STREAMER_TRANSFER_FINISHING:
      return _ ("Finishing");
    case STREAMER_TRANSFER_DONE:
      return _ ("Uploaded");
    case STREAMER_TRANSFER_FAILED:
      return _ ("Failed");
    case STREAMER_TRANSFER_CANCELLED:
      return _ ("Cancelled");
    default:
      g_return_val_if_reached ("");
    }
}

static guint
get_status_code (StreamerTransfer *self)
{
  g_autoptr (GError) cancelled = NULL;

  if (self->error != NULL)
    return streamer_error_get_status_code (self->error);
  if (self->state == STREAMER_TRANSFER_DONE)
    return 200;
  if (self->state != STREAMER_TRANSFER_CANCELLED)
    return 0;
  cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  return streamer_error_get_status_code (cancelled);
}

StreamerReceipt *
streamer_transfer_get_receipt (StreamerTransfer *self)
{
  StreamerReceipt *receipt = g_new0 (StreamerReceipt, 1);
  gint64 end = streamer_transfer_is_over (self) ? self->ended_at : g_get_monotonic_time ();

  receipt->id = g_strdup (self->id);
  if (self->is_pipe)
    receipt->file = g_strdup ("-");
  else if (self->path != NULL)
    receipt->file = streamer_key_display_name (self->path);
  receipt->key = g_strdup (self->key);
  receipt->url = g_strdup (self->url);
  receipt->size = self->size != STREAMER_SIZE_UNKNOWN ? self->size : self->sent;
  receipt->status_code = get_status_code (self);
  receipt->status =
      g_strdup (self->error != NULL ? self->error->message : describe_state (self->state));
  receipt->etag = g_strdup (self->etag);
  receipt->has_crc32 = self->has_crc32;
  receipt->crc32 = self->crc32;
  receipt->sha256 = g_strdup (self->sha256);
  receipt->parts = streamer_transfer_get_n_parts (self);
  receipt->part_size = streamer_transfer_get_part_size (self);
  if (self->started_at > 0)
    receipt->seconds = (double) (end - self->started_at) / G_USEC_PER_SEC;
  receipt->retries = self->n_retries;
  return receipt;
}
