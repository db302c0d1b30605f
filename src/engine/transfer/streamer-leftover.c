/* streamer-leftover.c: an unfinished upload that a store has
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-janitor.h"

G_DEFINE_BOXED_TYPE (StreamerLeftover,
                     streamer_leftover,
                     streamer_leftover_copy,
                     streamer_leftover_free)

StreamerLeftover *
streamer_leftover_copy (const StreamerLeftover *leftover)
{
  StreamerLeftover *copy = g_memdup2 (leftover, sizeof *leftover);

  g_object_ref (copy->connection);
  copy->key = g_strdup (leftover->key);
  copy->upload_id = g_strdup (leftover->upload_id);
  copy->transfer_id = g_strdup (leftover->transfer_id);
  return copy;
}

void
streamer_leftover_free (StreamerLeftover *leftover)
{
  g_object_unref (leftover->connection);
  g_free (leftover->key);
  g_free (leftover->upload_id);
  g_free (leftover->transfer_id);
  g_free (leftover);
}
