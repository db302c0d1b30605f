/* streamer-meter.c: speed and time left from a byte count
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-meter.h"

#include <math.h>

#define WINDOW_SECONDS 5.0

void
streamer_meter_sample (StreamerMeter *self, gint64 now, guint64 bytes)
{
  double interval;
  double age;
  double weight;

  if (!self->primed)
    {
      *self = (StreamerMeter){
        .first_time = now, .last_time = now, .last_bytes = bytes, .primed = TRUE
      };
      return;
    }
  if (now <= self->last_time)
    return;

  interval = (double) (now - self->last_time) / G_USEC_PER_SEC;
  age = (double) (now - self->first_time) / G_USEC_PER_SEC;
  /* While young it is the plain average, so that a first burst into the socket's buffer does not
   * count for more than its time. */
  weight = MAX (1 - exp (-interval / WINDOW_SECONDS), interval / age);

  if (bytes > self->last_bytes)
    self->speed += weight * ((double) (bytes - self->last_bytes) / interval - self->speed);
  else
    self->speed -= weight * self->speed;

  self->last_time = now;
  self->last_bytes = bytes;
}

void
streamer_meter_reset (StreamerMeter *self)
{
  *self = (StreamerMeter){ 0 };
}

guint64
streamer_meter_get_speed (const StreamerMeter *self)
{
  return (guint64) self->speed;
}

gint64
streamer_meter_get_time_left (const StreamerMeter *self, guint64 bytes_left)
{
  double seconds;

  if (bytes_left == 0)
    return 0;
  if (self->speed < 1)
    return -1;
  seconds = ceil ((double) bytes_left / self->speed);
  return seconds < (double) G_MAXINT64 ? (gint64) seconds : -1;
}
