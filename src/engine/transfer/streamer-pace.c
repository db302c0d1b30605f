/* streamer-pace.c: how much a server is asked to do at once
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-pace.h"

void
streamer_pace_set_wanted (StreamerPace *self, guint wanted)
{
  g_return_if_fail (wanted >= 1);

  if (self->workers == self->wanted || self->workers > wanted)
    self->workers = wanted;
  self->wanted = wanted;
}

static gboolean
is_settled (const StreamerPace *self, gint64 now)
{
  return self->changed_at == 0 || now - self->changed_at >= G_USEC_PER_SEC;
}

void
streamer_pace_slow_down (StreamerPace *self, gint64 now)
{
  if (!is_settled (self, now))
    return;
  self->workers = MAX (self->workers / 2, 1);
  self->changed_at = now;
}

void
streamer_pace_speed_up (StreamerPace *self, gint64 now)
{
  if (self->workers == self->wanted || !is_settled (self, now))
    return;
  self->workers++;
  self->changed_at = now;
}
