/* streamer-queue-entry.c: what one transfer adds to its queue's totals
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: everything here is the owner's. */

#include "streamer-queue-private.h"

#include "streamer-plan.h"

void
streamer_queue_held_free (StreamerQueueHeld *held)
{
  g_object_unref (held->connection);
  g_free (held);
}

gboolean
streamer_queue_is_same_connection (StreamerConnection *a, StreamerConnection *b)
{
  return a == b || g_str_equal (streamer_connection_get_id (a), streamer_connection_get_id (b));
}

static StreamerQueueHeld *
find_held (GPtrArray *helds, StreamerConnection *connection)
{
  for (guint i = 0; i < helds->len; i++)
    {
      StreamerQueueHeld *held = helds->pdata[i];

      if (streamer_queue_is_same_connection (held->connection, connection))
        return held;
    }
  return NULL;
}

guint
streamer_queue_count_held (GPtrArray *helds, StreamerConnection *connection)
{
  const StreamerQueueHeld *held = find_held (helds, connection);

  return held != NULL ? held->n_transfers : 0;
}

static void
hold (GPtrArray *helds, StreamerConnection *connection)
{
  StreamerQueueHeld *held = find_held (helds, connection);

  if (held == NULL)
    {
      held = g_new0 (StreamerQueueHeld, 1);
      held->connection = g_object_ref (connection);
      g_ptr_array_add (helds, held);
    }
  held->n_transfers++;
}

static void
release (GPtrArray *helds, StreamerConnection *connection)
{
  StreamerQueueHeld *held = find_held (helds, connection);

  if (--held->n_transfers == 0)
    g_ptr_array_remove (helds, held);
}

static int
compare_serials (gconstpointer a, gconstpointer b, gpointer user_data)
{
  guint serial_a = ((const StreamerQueueEntry *) a)->serial;
  guint serial_b = ((const StreamerQueueEntry *) b)->serial;

  return serial_a < serial_b ? -1 : serial_a > serial_b;
}

static void
set_waiting (StreamerQueueEntry *entry, gboolean waiting)
{
  if (waiting && entry->waiting == NULL)
    entry->waiting = g_sequence_insert_sorted (entry->queue->waiting, entry, compare_serials, NULL);
  else if (!waiting)
    g_clear_pointer (&entry->waiting, g_sequence_remove);
}

static void
set_needs_token (StreamerQueueEntry *entry, gboolean needs_token)
{
  StreamerConnection *connection = streamer_transfer_get_target (entry->transfer)->connection;

  if (needs_token == entry->needs_token)
    return;
  entry->needs_token = needs_token;
  if (needs_token)
    hold (entry->queue->held, connection);
  else
    release (entry->queue->held, connection);
}

static void
set_stalled (StreamerQueueEntry *entry, gboolean stalled)
{
  StreamerQueue *self = entry->queue;
  StreamerConnection *connection = streamer_transfer_get_target (entry->transfer)->connection;

  if (stalled == entry->stalled)
    return;
  entry->stalled = stalled;
  self->n_stalled += stalled ? 1 : -1;
  if (stalled)
    hold (self->away, connection);
  else
    release (self->away, connection);
}

static void
set_totals (StreamerQueueEntry *entry, gboolean active, gboolean open, guint64 size, guint64 sent)
{
  StreamerQueue *self = entry->queue;

  self->n_active = self->n_active - (entry->active ? 1 : 0) + (active ? 1 : 0);
  self->n_open = self->n_open - (entry->open ? 1 : 0) + (open ? 1 : 0);
  if (entry->open)
    {
      self->size -= entry->size;
      self->sent -= entry->sent;
    }
  if (open)
    {
      self->size += size;
      self->sent += sent;
    }
  if (sent > entry->sent)
    self->moved += sent - entry->sent;

  entry->active = active;
  entry->open = open;
  entry->size = size;
  entry->sent = sent;
}

static void
entry_update (StreamerQueueEntry *entry)
{
  StreamerTransfer *transfer = entry->transfer;
  StreamerTransferState state = streamer_transfer_get_state (transfer);
  guint64 sent = streamer_transfer_get_sent (transfer);
  guint64 size = streamer_transfer_get_size (transfer);

  set_waiting (entry, state == STREAMER_TRANSFER_WAITING);
  set_needs_token (entry, state == STREAMER_TRANSFER_NEEDS_TOKEN);
  set_stalled (entry, state == STREAMER_TRANSFER_STALLED);
  set_totals (entry, streamer_transfer_is_active (transfer) || streamer_transfer_is_busy (transfer),
              !streamer_transfer_is_over (transfer), size != STREAMER_SIZE_UNKNOWN ? size : sent,
              sent);
}

static void
on_transfer_notify (StreamerTransfer *transfer, GParamSpec *pspec, StreamerQueueEntry *entry)
{
  entry_update (entry);
  if (g_str_equal (pspec->name, "state"))
    streamer_queue_check_clock (entry->queue, streamer_transfer_get_target (transfer)->connection);
  streamer_queue_changed (entry->queue);
}

StreamerQueueEntry *
streamer_queue_entry_new (StreamerQueue *queue, StreamerTransfer *transfer, guint serial)
{
  StreamerQueueEntry *entry = g_new0 (StreamerQueueEntry, 1);

  entry->queue = queue;
  entry->transfer = g_object_ref (transfer);
  entry->serial = serial;
  entry->handler = g_signal_connect (transfer, "notify", G_CALLBACK (on_transfer_notify), entry);
  entry_update (entry);
  return entry;
}

void
streamer_queue_entry_free (StreamerQueueEntry *entry)
{
  set_waiting (entry, FALSE);
  set_needs_token (entry, FALSE);
  set_stalled (entry, FALSE);
  set_totals (entry, FALSE, FALSE, 0, 0);
  g_signal_handler_disconnect (entry->transfer, entry->handler);
  g_object_unref (entry->transfer);
  g_free (entry);
}
