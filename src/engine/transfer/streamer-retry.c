/* streamer-retry.c: what an error means for an upload, and how long the next attempt waits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-retry.h"

#include <gio/gio.h>

#include "streamer-error.h"

#define BASE_MS            50
#define BASE_BUSY_MS       1000
#define MAX_DELAY_MS       20000
#define MAX_RETRY_AFTER_MS (5 * 60 * 1000)

StreamerFault
streamer_fault_classify (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return STREAMER_FAULT_CANCELLED;
  if (error->domain != STREAMER_ERROR)
    return STREAMER_FAULT_FATAL;

  switch ((StreamerError) error->code)
    {
    case STREAMER_ERROR_NETWORK:
    case STREAMER_ERROR_BUSY:
    case STREAMER_ERROR_CHECKSUM:
      return STREAMER_FAULT_TRANSIENT;
    case STREAMER_ERROR_EXPIRED:
      return STREAMER_FAULT_REFRESH;
    case STREAMER_ERROR_NO_UPLOAD:
      return STREAMER_FAULT_RECONCILE;
    case STREAMER_ERROR_AUTH:
      return STREAMER_FAULT_PAUSE;
    case STREAMER_ERROR_FAILED:
    case STREAMER_ERROR_INVALID:
    case STREAMER_ERROR_FORBIDDEN:
    case STREAMER_ERROR_NOT_FOUND:
    case STREAMER_ERROR_EXISTS:
    case STREAMER_ERROR_TLS:
    case STREAMER_ERROR_PROTOCOL:
    case STREAMER_ERROR_CHANGED:
    case STREAMER_ERROR_UNREADABLE:
    case STREAMER_ERROR_TOO_LARGE:
    case STREAMER_ERROR_NO_SPACE:
    case STREAMER_ERROR_QUOTA:
    default:
      return STREAMER_FAULT_FATAL;
    }
}

gboolean
streamer_retry_next (StreamerRetry *self, const GError *error, double random, guint *delay_ms)
{
  StreamerFault fault = streamer_fault_classify (error);
  guint64 longest;
  int retry_after;

  g_assert (random >= 0 && random < 1);

  *delay_ms = 0;
  if (fault != STREAMER_FAULT_TRANSIENT && fault != STREAMER_FAULT_REFRESH)
    return FALSE;
  if (fault == STREAMER_FAULT_REFRESH && self->refreshes++ == 0)
    return TRUE;
  if (error->code == STREAMER_ERROR_CHECKSUM && self->checksums++ >= STREAMER_RETRY_MAX_CHECKSUMS)
    return FALSE;
  if (++self->attempts >= STREAMER_RETRY_MAX_ATTEMPTS)
    return FALSE;

  longest = error->code == STREAMER_ERROR_BUSY ? BASE_BUSY_MS : BASE_MS;
  longest = MIN (longest << (self->attempts - 1), MAX_DELAY_MS);
  *delay_ms = (guint) (random * (double) longest);

  retry_after = streamer_error_get_retry_after (error);
  if (retry_after > 0)
    *delay_ms = MAX (*delay_ms, (guint) MIN ((gint64) retry_after * 1000, MAX_RETRY_AFTER_MS));
  return TRUE;
}
