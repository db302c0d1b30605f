/* streamer-queue-remove.c: takes what is over out of the list, and puts it back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: everything here is the owner's. */

#include "streamer-queue-private.h"

#include "streamer-transfer-private.h"

/* Nobody sees it any more. */
static void
let_go (StreamerTransfer *transfer)
{
  /* One that failed may have kept its upload for another try. */
  if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_FAILED)
    streamer_transfer_forget (transfer);
  streamer_transfer_remove (transfer);
  streamer_transfer_settle (transfer);
}

void
streamer_queue_remove_all (StreamerQueue *self, GPtrArray *transfers)
{
  g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func (g_object_unref);
  guint first = G_MAXUINT;
  guint last = 0;

  g_assert (self->owner == g_thread_self ());
  for (guint i = 0; i < transfers->len; i++)
    {
      StreamerQueueEntry *entry = g_hash_table_lookup (self->by_transfer, transfers->pdata[i]);
      guint position;

      g_return_if_fail (entry != NULL && streamer_transfer_is_over (entry->transfer));

      position = (guint) g_sequence_iter_get_position (entry->position);
      first = MIN (first, position);
      last = MAX (last, position);
    }
  if (transfers->len == 0)
    return;

  for (guint i = 0; i < transfers->len; i++)
    {
      StreamerQueueEntry *entry = g_hash_table_lookup (self->by_transfer, transfers->pdata[i]);

      g_ptr_array_add (removed, g_object_ref (entry->transfer));
      g_hash_table_remove (self->by_transfer, entry->transfer);
      g_sequence_remove (entry->position);
    }
  g_list_model_items_changed (G_LIST_MODEL (self), first, last - first + 1,
                              last - first + 1 - removed->len);
  streamer_queue_changed (self);
  for (guint i = 0; i < removed->len; i++)
    let_go (removed->pdata[i]);
}

void
streamer_queue_remove (StreamerQueue *self, StreamerTransfer *transfer)
{
  g_autoptr (GPtrArray) transfers = g_ptr_array_new ();

  g_ptr_array_add (transfers, transfer);
  streamer_queue_remove_all (self, transfers);
}

void
streamer_queue_put_back (StreamerQueue *self, GPtrArray *transfers)
{
  g_assert (self->owner == g_thread_self ());
  for (guint i = 0; i < transfers->len; i++)
    {
      g_return_if_fail (streamer_transfer_is_over (transfers->pdata[i]));
      g_return_if_fail (!g_hash_table_contains (self->by_transfer, transfers->pdata[i]));
    }

  for (guint i = 0; i < transfers->len; i++)
    streamer_transfer_put (transfers->pdata[i]);
  streamer_queue_append (self, transfers);
}
