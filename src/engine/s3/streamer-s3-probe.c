/* streamer-s3-probe.c: whether a store verifies whole objects, found out once
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-probe.h"

/* Where it could not be found out. */
#define ASK_AGAIN_USEC (G_TIME_SPAN_HOUR)

void
streamer_s3_probe_init (StreamerS3Probe *self)
{
  *self = (StreamerS3Probe){ .fact = STREAMER_S3_UNKNOWN };
  g_mutex_init (&self->asking);
}

void
streamer_s3_probe_clear (StreamerS3Probe *self)
{
  g_mutex_clear (&self->asking);
}

void
streamer_s3_probe_set_memory (StreamerS3Probe *self,
                              StreamerS3Fact fact,
                              StreamerS3RememberFunc remember,
                              gpointer user_data)
{
  g_atomic_int_set (&self->fact, (int) fact);
  self->remember = remember;
  self->user_data = user_data;
}

/* Alone. */
static gboolean
ask (StreamerS3Probe *self,
     StreamerS3Client *client,
     StreamerHttp *http,
     GCancellable *cancellable,
     GError **error)
{
  gint64 now = g_get_monotonic_time ();
  StreamerS3Fact fact;
  gboolean can;

  if (g_atomic_int_get (&self->fact) != STREAMER_S3_UNKNOWN ||
      (self->asked != 0 && now - self->asked <= ASK_AGAIN_USEC))
    return TRUE;
  self->asked = now;
  if (!streamer_s3_client_probe_crc32 (client, http, STREAMER_S3_PROBE_KEY, &can, cancellable,
                                       error))
    return FALSE;
  fact = can ? STREAMER_S3_YES : STREAMER_S3_NO;
  g_debug ("the store verifies whole objects: %s", can ? "yes" : "no");
  g_atomic_int_set (&self->fact, (int) fact);
  if (self->remember != NULL)
    self->remember (fact, self->user_data);
  return TRUE;
}

gboolean
streamer_s3_probe_find_out (StreamerS3Probe *self,
                            StreamerS3Client *client,
                            StreamerHttp *http,
                            GCancellable *cancellable,
                            GError **error)
{
  gboolean asked;

  if (g_atomic_int_get (&self->fact) != STREAMER_S3_UNKNOWN || !g_mutex_trylock (&self->asking))
    return TRUE;
  asked = ask (self, client, http, cancellable, error);
  g_mutex_unlock (&self->asking);
  return asked;
}

gboolean
streamer_s3_probe_is_yes (StreamerS3Probe *self)
{
  return g_atomic_int_get (&self->fact) == STREAMER_S3_YES;
}
