/* streamer-exit.c: from errors to exit statuses, in one place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-exit.h"

#include <gio/gio.h>

#include "streamer-error.h"

int
streamer_exit_from_error (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return STREAMER_EXIT_INTERRUPTED;
  if (error->domain == G_OPTION_ERROR)
    return STREAMER_EXIT_USAGE;
  if (error->domain == G_FILE_ERROR)
    return STREAMER_EXIT_SOURCE;
  if (error->domain != STREAMER_ERROR)
    return STREAMER_EXIT_FAILED;
  switch ((StreamerError) error->code)
    {
    case STREAMER_ERROR_INVALID:
      return STREAMER_EXIT_USAGE;
    case STREAMER_ERROR_AUTH:
    case STREAMER_ERROR_FORBIDDEN:
      return STREAMER_EXIT_AUTH;
    case STREAMER_ERROR_NETWORK:
    case STREAMER_ERROR_TLS:
    case STREAMER_ERROR_BUSY:
    case STREAMER_ERROR_PORTAL:
    case STREAMER_ERROR_INTERRUPTED:
    case STREAMER_ERROR_JOURNAL:
      return STREAMER_EXIT_NETWORK;
    case STREAMER_ERROR_CHANGED:
    case STREAMER_ERROR_UNREADABLE:
      return STREAMER_EXIT_SOURCE;
    case STREAMER_ERROR_FAILED:
    case STREAMER_ERROR_NOT_FOUND:
    case STREAMER_ERROR_EXISTS:
    case STREAMER_ERROR_NO_UPLOAD:
    case STREAMER_ERROR_EXPIRED:
    case STREAMER_ERROR_PROTOCOL:
    case STREAMER_ERROR_CHECKSUM:
    case STREAMER_ERROR_TOO_LARGE:
    case STREAMER_ERROR_NO_SPACE:
    case STREAMER_ERROR_QUOTA:
    case STREAMER_ERROR_SHORT:
    default:
      return STREAMER_EXIT_FAILED;
    }
}

int
streamer_exit_from_signal (int signal_number)
{
  return 128 + signal_number;
}

void
streamer_tally_add_done (StreamerTally *self)
{
  self->done++;
}

void
streamer_tally_add_failed (StreamerTally *self, const GError *error)
{
  int status = streamer_exit_from_error (error);

  if (self->failed++ == 0)
    self->status = status;
  else if (self->status != status)
    self->status = STREAMER_EXIT_FAILED;
}

int
streamer_tally_get_exit (const StreamerTally *self)
{
  if (self->failed == 0)
    return STREAMER_EXIT_DONE;
  return self->done > 0 ? STREAMER_EXIT_SOME_FAILED : self->status;
}
