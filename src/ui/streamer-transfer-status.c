/* streamer-transfer-status.c: what the window says about a transfer, and what it offers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure functions of StreamerTransferFacts, so that every state is tested without a display.
 */

#include "streamer-transfer-status.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"

const StreamerTransferVerbInfo streamer_transfer_verbs[STREAMER_TRANSFER_N_VERBS] = {
  { STREAMER_TRANSFER_VERB_ENTER_TOKEN, "win.enter-token", N_ ("Enter Token…"),
    "dialog-password-symbolic" },
  { STREAMER_TRANSFER_VERB_ENTER_KEYS, "win.enter-token", N_ ("Enter Keys…"),
    "dialog-password-symbolic" },
  { STREAMER_TRANSFER_VERB_START_OVER, "win.start-over", N_ ("Start Over"),
    "view-refresh-symbolic" },
  { STREAMER_TRANSFER_VERB_REPLACE, "win.replace", N_ ("Replace…"), "view-refresh-symbolic" },
  { STREAMER_TRANSFER_VERB_TRY_AGAIN, "win.resume", N_ ("Try Again"), "view-refresh-symbolic" },
  { STREAMER_TRANSFER_VERB_TRY_NOW, "win.resume", N_ ("Try Now"), "view-refresh-symbolic" },
  { STREAMER_TRANSFER_VERB_RESUME, "win.resume", N_ ("Resume"), "media-playback-start-symbolic" },
  { STREAMER_TRANSFER_VERB_START_NOW, "win.start-now", N_ ("Start Now"),
    "media-playback-start-symbolic" },
  { STREAMER_TRANSFER_VERB_PAUSE, "win.pause", N_ ("Pause"), "media-playback-pause-symbolic" },
  { STREAMER_TRANSFER_VERB_COPY_LINK, "win.copy-link", N_ ("Copy Link"), "edit-copy-symbolic" },
  { STREAMER_TRANSFER_VERB_OPEN_LINK, "win.open-link", N_ ("Open Link"), "web-browser-symbolic" },
  { STREAMER_TRANSFER_VERB_SHOW_IN_FILES, "win.show-in-files", N_ ("Show in Files"),
    "folder-open-symbolic" },
  { STREAMER_TRANSFER_VERB_UPLOAD_AGAIN, "win.upload-again", N_ ("Upload Again"),
    "view-refresh-symbolic" },
  { STREAMER_TRANSFER_VERB_COPY_DETAILS, "win.copy-details", N_ ("Copy Details"),
    "edit-copy-symbolic" },
  { STREAMER_TRANSFER_VERB_CANCEL, "win.cancel", N_ ("Cancel…"), "process-stop-symbolic" },
  { STREAMER_TRANSFER_VERB_REMOVE_FROM_SERVER, "win.remove-from-server", N_ ("Remove from Server…"),
    "user-trash-symbolic" },
  { STREAMER_TRANSFER_VERB_REMOVE_FROM_LIST, "win.remove-from-list", N_ ("Remove from List"),
    "list-remove-symbolic" },
};

void
streamer_transfer_facts_init (StreamerTransferFacts *facts, StreamerTransfer *transfer, gint64 now)
{
  gint64 retry_at = streamer_transfer_get_retry_at (transfer);

  facts->state = streamer_transfer_get_state (transfer);
  facts->size = streamer_transfer_get_size (transfer);
  facts->sent = streamer_transfer_get_sent (transfer);
  facts->fraction = streamer_transfer_get_fraction (transfer);
  facts->speed = streamer_transfer_get_speed (transfer);
  facts->time_left = streamer_transfer_get_time_left (transfer);
  facts->retry_in = retry_at > now ? (retry_at - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC : 0;
  facts->can_resume = streamer_transfer_can_resume (transfer);
  facts->can_start_over = streamer_transfer_can_start_over (transfer);
  facts->has_file = streamer_transfer_get_file (transfer) != NULL;
  facts->is_for_bucket =
      streamer_connection_get_kind (streamer_transfer_get_target (transfer)->connection) ==
      STREAMER_CONNECTION_S3;
  facts->error = streamer_transfer_get_error (transfer);
  facts->url = streamer_transfer_get_url (transfer);
}

static guint
get_percent (const StreamerTransferFacts *facts)
{
  return (guint) (CLAMP (facts->fraction, 0.0, 1.0) * 100.0);
}

/* Both in the unit of the whole, so that the words keep their width while a file is sent. */
static char *
format_amount (guint64 sent_bytes, guint64 size_bytes)
{
  g_autofree char *size = g_format_size (size_bytes);
  g_autofree char *sent = NULL;
  double unit = 1.0;

  while ((double) size_bytes / unit >= 1000.0)
    unit *= 1000.0;
  sent = g_strdup_printf (unit > 1.0 ? "%.1f" : "%.0f", (double) sent_bytes / unit);

  /* Translators: amounts sent and in all, the first without its unit: "1.2 of 4.0 GB" */
  return g_strdup_printf (_ ("%s of %s"), sent, size);
}

char *
streamer_transfer_facts_get_amount (const StreamerTransferFacts *facts)
{
  if (facts->size == STREAMER_SIZE_UNKNOWN)
    return g_format_size (facts->sent);

  return format_amount (facts->sent, facts->size);
}

char *
streamer_part_status (StreamerPartState state, guint64 sent, guint64 size, guint attempts)
{
  switch (state)
    {
    case STREAMER_PART_WAITING:
    case STREAMER_PART_QUEUED:
      return g_strdup (_ ("Waiting"));

    case STREAMER_PART_ACTIVE:
      return format_amount (sent, size);

    case STREAMER_PART_RETRYING:
      /* Translators: %u is how often the part was tried before */
      return g_strdup_printf (
          ngettext ("Trying again after %u failure", "Trying again after %u failures", attempts),
          attempts);

    case STREAMER_PART_DONE:
      {
        g_autofree char *amount = g_format_size (size);

        /* Translators: a part of a file; %s is an amount of bytes */
        return g_strdup_printf (_ ("Uploaded, %s"), amount);
      }

    case STREAMER_PART_FAILED:
      return g_strdup (_ ("Failed"));

    default:
      g_return_val_if_reached (NULL);
    }
}

static char *
append_time_left (const char *before, gint64 seconds)
{
  guint n;

  if (seconds < 0)
    return g_strdup (before);

  if (seconds < 60)
    {
      n = MAX (1, (guint) seconds);
      /* Translators: %s is "1.2 of 4.0 GB" or "38 MB/s" */
      return g_strdup_printf (ngettext ("%s, %u second left", "%s, %u seconds left", n), before, n);
    }

  if (seconds < 90 * 60)
    {
      n = (guint) ((seconds + 30) / 60);
      /* Translators: %s is "1.2 of 4.0 GB" or "38 MB/s" */
      return g_strdup_printf (ngettext ("%s, about %u minute left", "%s, about %u minutes left", n),
                              before, n);
    }

  if (seconds < 36 * 3600)
    {
      n = (guint) ((seconds + 1800) / 3600);
      /* Translators: %s is "1.2 of 4.0 GB" or "38 MB/s" */
      return g_strdup_printf (ngettext ("%s, about %u hour left", "%s, about %u hours left", n),
                              before, n);
    }

  n = (guint) MIN ((seconds + 43200) / 86400, G_MAXUINT);
  /* Translators: %s is "1.2 of 4.0 GB" or "38 MB/s" */
  return g_strdup_printf (ngettext ("%s, about %u day left", "%s, about %u days left", n), before,
                          n);
}

char *
streamer_speed_text (guint64 speed)
{
  g_autofree char *unit = g_format_size_full (speed, G_FORMAT_SIZE_ONLY_UNIT);
  double value = (double) speed;

  while (value >= 1000.0)
    value /= 1000.0;

  /* Translators: bytes per second: a number and its unit: "38 MB/s" */
  if (value >= 10.0)
    return g_strdup_printf (_ ("%.0f %s/s"), value, unit);

  /* Translators: bytes per second: a small number and its unit: "3.8 MB/s" */
  return g_strdup_printf (_ ("%.1f %s/s"), value, unit);
}

char *
streamer_transfer_facts_get_pace (const StreamerTransferFacts *facts)
{
  g_autofree char *speed = NULL;

  if (facts->state != STREAMER_TRANSFER_UPLOADING || facts->speed == 0)
    return g_strdup ("");

  speed = streamer_speed_text (facts->speed);

  return append_time_left (speed, facts->time_left);
}

char *
streamer_transfer_facts_get_kept (const StreamerTransferFacts *facts)
{
  g_autofree char *sent = NULL;

  if (facts->sent == 0 ||
      (facts->state != STREAMER_TRANSFER_FAILED && facts->state != STREAMER_TRANSFER_PAUSED) ||
      g_error_matches (facts->error, STREAMER_ERROR, STREAMER_ERROR_CHANGED) ||
      g_error_matches (facts->error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return NULL;

  sent = g_format_size (facts->sent);
  /* Translators: %s is an amount of bytes */
  return g_strdup_printf (_ ("%s are on the server and need not be sent again."), sent);
}

static char *
get_stalled_status (const StreamerTransferFacts *facts)
{
  gboolean busy = g_error_matches (facts->error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
  guint seconds = (guint) CLAMP (facts->retry_in, 0, G_MAXUINT);

  if (seconds == 0)
    return g_strdup (busy ? _ ("The server is busy, trying again")
                          : _ ("No connection, trying again"));

  if (busy)
    /* Translators: %u is a number of seconds */
    return g_strdup_printf (_ ("The server is busy, trying again in %u s"), seconds);

  /* Translators: %u is a number of seconds */
  return g_strdup_printf (_ ("No connection, trying again in %u s"), seconds);
}

static char *
get_failed_status (const StreamerTransferFacts *facts)
{
  g_autofree char *line = NULL;

  if (g_error_matches (facts->error, STREAMER_ERROR, STREAMER_ERROR_CHANGED))
    return g_strdup (_ ("The file changed since the upload started"));
  if (facts->error == NULL)
    return g_strdup (_ ("The upload failed"));

  /* A server's words may have several lines. */
  line = g_strdup (facts->error->message);
  g_strdelimit (line, "\r\n\t", ' ');

  return g_steal_pointer (&line);
}

char *
streamer_transfer_facts_get_status (const StreamerTransferFacts *facts)
{
  switch (facts->state)
    {
    case STREAMER_TRANSFER_WAITING:
      return g_strdup (_ ("Waiting"));

    case STREAMER_TRANSFER_PREPARING:
      return g_strdup (_ ("Preparing…"));

    case STREAMER_TRANSFER_UPLOADING:
      {
        g_autofree char *amount = streamer_transfer_facts_get_amount (facts);

        return append_time_left (amount, facts->time_left);
      }

    case STREAMER_TRANSFER_STALLED:
      return get_stalled_status (facts);

    case STREAMER_TRANSFER_PAUSED:
      /* Translators: %u is how many hundredths of the file were sent */
      return g_strdup_printf (_ ("Paused at %u %%"), get_percent (facts));

    case STREAMER_TRANSFER_NEEDS_TOKEN:
      return g_strdup (_ ("Sign-in needed"));

    case STREAMER_TRANSFER_FINISHING:
      return g_strdup (_ ("Finishing…"));

    case STREAMER_TRANSFER_DONE:
      if (facts->url == NULL)
        return g_strdup (_ ("Uploaded"));
      /* Translators: %s is the link */
      return g_strdup_printf (_ ("Uploaded: %s"), facts->url);

    case STREAMER_TRANSFER_FAILED:
      return get_failed_status (facts);

    case STREAMER_TRANSFER_CANCELLED:
      return g_strdup (_ ("Cancelled"));

    default:
      g_return_val_if_reached (NULL);
    }
}

StreamerTransferGroup
streamer_transfer_state_get_group (StreamerTransferState state)
{
  switch (state)
    {
    case STREAMER_TRANSFER_WAITING:
    case STREAMER_TRANSFER_NEEDS_TOKEN:
      return STREAMER_TRANSFER_GROUP_WAITING;

    case STREAMER_TRANSFER_FAILED:
      return STREAMER_TRANSFER_GROUP_FAILED;

    case STREAMER_TRANSFER_DONE:
    case STREAMER_TRANSFER_CANCELLED:
      return STREAMER_TRANSFER_GROUP_FINISHED;

    case STREAMER_TRANSFER_PREPARING:
    case STREAMER_TRANSFER_UPLOADING:
    case STREAMER_TRANSFER_STALLED:
    case STREAMER_TRANSFER_PAUSED:
    case STREAMER_TRANSFER_FINISHING:
    default:
      return STREAMER_TRANSFER_GROUP_UPLOADING;
    }
}

const char *
streamer_transfer_group_get_title (StreamerTransferGroup group)
{
  switch (group)
    {
    case STREAMER_TRANSFER_GROUP_UPLOADING:
      return _ ("Uploading");
    case STREAMER_TRANSFER_GROUP_WAITING:
      return _ ("Waiting");
    case STREAMER_TRANSFER_GROUP_FAILED:
      return _ ("Failed");
    case STREAMER_TRANSFER_GROUP_FINISHED:
      return _ ("Finished");
    case STREAMER_TRANSFER_N_GROUPS:
    default:
      g_return_val_if_reached (NULL);
    }
}

static guint
get_failed_verbs (const StreamerTransferFacts *facts)
{
  guint verbs = STREAMER_TRANSFER_VERB_COPY_DETAILS | STREAMER_TRANSFER_VERB_REMOVE_FROM_LIST;

  if (g_error_matches (facts->error, STREAMER_ERROR, STREAMER_ERROR_EXISTS))
    verbs |= STREAMER_TRANSFER_VERB_REPLACE;
  if (g_error_matches (facts->error, STREAMER_ERROR, STREAMER_ERROR_CHANGED) || !facts->can_resume)
    return facts->can_start_over ? verbs | STREAMER_TRANSFER_VERB_START_OVER : verbs;

  return verbs | STREAMER_TRANSFER_VERB_TRY_AGAIN;
}

guint
streamer_transfer_facts_get_verbs (const StreamerTransferFacts *facts)
{
  guint verbs;

  switch (facts->state)
    {
    case STREAMER_TRANSFER_WAITING:
      return STREAMER_TRANSFER_VERB_START_NOW | STREAMER_TRANSFER_VERB_PAUSE |
             STREAMER_TRANSFER_VERB_CANCEL;

    case STREAMER_TRANSFER_PREPARING:
    case STREAMER_TRANSFER_UPLOADING:
      return STREAMER_TRANSFER_VERB_PAUSE | STREAMER_TRANSFER_VERB_CANCEL;

    case STREAMER_TRANSFER_STALLED:
      return STREAMER_TRANSFER_VERB_TRY_NOW | STREAMER_TRANSFER_VERB_PAUSE |
             STREAMER_TRANSFER_VERB_COPY_DETAILS | STREAMER_TRANSFER_VERB_CANCEL;

    case STREAMER_TRANSFER_PAUSED:
      return STREAMER_TRANSFER_VERB_RESUME | STREAMER_TRANSFER_VERB_CANCEL;

    case STREAMER_TRANSFER_NEEDS_TOKEN:
      return (facts->is_for_bucket ? STREAMER_TRANSFER_VERB_ENTER_KEYS
                                   : STREAMER_TRANSFER_VERB_ENTER_TOKEN) |
             STREAMER_TRANSFER_VERB_CANCEL;

    case STREAMER_TRANSFER_DONE:
      /* Where no link was kept, the server is asked for one. */
      verbs = STREAMER_TRANSFER_VERB_COPY_LINK | STREAMER_TRANSFER_VERB_OPEN_LINK |
              STREAMER_TRANSFER_VERB_REMOVE_FROM_SERVER | STREAMER_TRANSFER_VERB_REMOVE_FROM_LIST;
      if (facts->has_file)
        verbs |= STREAMER_TRANSFER_VERB_SHOW_IN_FILES | STREAMER_TRANSFER_VERB_UPLOAD_AGAIN;
      return verbs;

    case STREAMER_TRANSFER_FAILED:
      return get_failed_verbs (facts);

    case STREAMER_TRANSFER_CANCELLED:
      return STREAMER_TRANSFER_VERB_REMOVE_FROM_LIST |
             (facts->can_start_over ? STREAMER_TRANSFER_VERB_START_OVER : 0);

    case STREAMER_TRANSFER_FINISHING:
    default:
      return 0;
    }
}

guint
streamer_transfer_get_verbs (StreamerTransfer *transfer)
{
  StreamerTransferFacts facts;

  streamer_transfer_facts_init (&facts, transfer, g_get_monotonic_time ());

  return streamer_transfer_facts_get_verbs (&facts);
}

const StreamerTransferVerbInfo *
streamer_transfer_verbs_get_main (guint verbs)
{
  const guint never_main =
      STREAMER_TRANSFER_VERB_CANCEL | STREAMER_TRANSFER_VERB_COPY_DETAILS |
      STREAMER_TRANSFER_VERB_SHOW_IN_FILES | STREAMER_TRANSFER_VERB_UPLOAD_AGAIN |
      STREAMER_TRANSFER_VERB_REMOVE_FROM_SERVER | STREAMER_TRANSFER_VERB_REMOVE_FROM_LIST;

  for (guint i = 0; i < STREAMER_TRANSFER_N_VERBS; i++)
    {
      if (streamer_transfer_verbs[i].verb & verbs & ~never_main)
        return &streamer_transfer_verbs[i];
    }

  return NULL;
}
