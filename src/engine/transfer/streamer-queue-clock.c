/* streamer-queue-clock.c: tells that this computer's clock is wrong
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: everything here is the owner's. */

#include "streamer-queue-private.h"

#include "streamer-skew.h"

const char *
streamer_queue_get_wrong_clock (StreamerQueue *self)
{
  return self->wrong_clock;
}

void
streamer_queue_check_clock (StreamerQueue *self, StreamerConnection *connection)
{
  const char *id = streamer_connection_get_id (connection);
  g_autofree char *text =
      streamer_skew_describe (streamer_connection_get_clock_offset (connection));

  /* One that is right does not speak for the others. */
  if (text == NULL && g_strcmp0 (self->wrong_clock_by, id) != 0)
    return;
  g_free (self->wrong_clock_by);
  self->wrong_clock_by = text != NULL ? g_strdup (id) : NULL;
  if (g_strcmp0 (text, self->wrong_clock) == 0)
    return;
  g_free (self->wrong_clock);
  self->wrong_clock = g_steal_pointer (&text);
  g_object_notify (G_OBJECT (self), "wrong-clock");
}
