/* streamer-queue.c: all transfers, and which of them run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: everything here is the owner's. Totals are kept by what the transfers notify, so that
 * ten thousand of them cost no more than those that move. What follows from a change is done, and
 * told, once per turn of the main loop. */

#include "streamer-queue-private.h"

#include "streamer-plan.h"
#include "streamer-transfer-private.h"

#define TICK_MS 250

/* Serials, which begin at 0, are the priorities of what waits its turn. */
#define PRIORITY_NOW (-1)

typedef enum
{
  PROP_PARTS = 1,
  PROP_N_ACTIVE,
  PROP_N_WAITING,
  PROP_SPEED,
  PROP_SENT,
  PROP_SIZE,
  PROP_TIME_LEFT,
  PROP_NEEDS_TOKEN,
  PROP_IDLE,
  PROP_WRONG_CLOCK,
} StreamerQueueProperty;

static GParamSpec *properties[PROP_WRONG_CLOCK + 1];

static void streamer_queue_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerQueue,
                               streamer_queue,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, streamer_queue_model_init))

static void
notify (StreamerQueue *self, StreamerQueueProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* What waits for a server that is away takes no room from another server's. */
static gboolean
has_room (StreamerQueue *self, StreamerConnection *connection)
{
  guint n_stalled = streamer_queue_count_held (self->away, connection);

  return self->n_active - (self->n_stalled - n_stalled) < self->parts;
}

static void
start_transfers (StreamerQueue *self)
{
  GSequenceIter *iter = g_sequence_get_begin_iter (self->waiting);

  if (self->is_stopped)
    return;
  while (self->n_active - self->n_stalled < self->parts && !g_sequence_iter_is_end (iter))
    {
      StreamerQueueEntry *entry = g_sequence_get (iter);
      StreamerConnection *connection = streamer_transfer_get_target (entry->transfer)->connection;

      iter = g_sequence_iter_next (iter);
      if (has_room (self, connection) && streamer_queue_count_held (self->held, connection) == 0)
        streamer_transfer_start (entry->transfer, (int) MIN (entry->serial, G_MAXINT));
    }
}

static void
notify_totals (StreamerQueue *self)
{
  if (self->shown_size != self->size)
    notify (self, PROP_SIZE);
  if (self->shown_sent != self->sent)
    notify (self, PROP_SENT);
  self->shown_size = self->size;
  self->shown_sent = self->sent;
}

static gboolean
on_tick (gpointer user_data)
{
  g_autoptr (StreamerQueue) self = g_object_ref (user_data);
  guint64 speed = streamer_meter_get_speed (&self->meter);
  gint64 time_left = streamer_queue_get_time_left (self);

  streamer_meter_sample (&self->meter, g_get_monotonic_time (), self->moved);
  g_object_freeze_notify (G_OBJECT (self));
  notify_totals (self);
  if (speed != streamer_meter_get_speed (&self->meter))
    notify (self, PROP_SPEED);
  if (time_left != streamer_queue_get_time_left (self))
    notify (self, PROP_TIME_LEFT);
  g_object_thaw_notify (G_OBJECT (self));
  return G_SOURCE_CONTINUE;
}

static void
update_tick (StreamerQueue *self)
{
  if (self->n_active > 0 && self->tick == NULL)
    {
      self->tick = g_timeout_source_new (TICK_MS);
      g_source_set_callback (self->tick, on_tick, self, NULL);
      g_source_attach (self->tick, self->context);
    }
  else if (self->n_active == 0 && self->tick != NULL)
    {
      guint64 speed = streamer_meter_get_speed (&self->meter);

      clear_source (&self->tick);
      streamer_meter_reset (&self->meter);
      notify_totals (self);
      if (speed > 0)
        {
          notify (self, PROP_SPEED);
          notify (self, PROP_TIME_LEFT);
        }
    }
}

static gboolean
on_update (gpointer user_data)
{
  g_autoptr (StreamerQueue) self = g_object_ref (user_data);
  guint n_waiting;
  gboolean idle;

  clear_source (&self->update);
  start_transfers (self);
  n_waiting = streamer_queue_get_n_waiting (self);
  idle = streamer_queue_is_idle (self);

  g_object_freeze_notify (G_OBJECT (self));
  update_tick (self);
  if (self->shown_active != self->n_active)
    notify (self, PROP_N_ACTIVE);
  if (self->shown_waiting != n_waiting)
    notify (self, PROP_N_WAITING);
  if (g_set_object (&self->shown_needs_token, streamer_queue_get_needs_token (self)))
    notify (self, PROP_NEEDS_TOKEN);
  if (self->shown_idle != idle)
    notify (self, PROP_IDLE);
  self->shown_active = self->n_active;
  self->shown_waiting = n_waiting;
  self->shown_idle = idle;
  g_object_thaw_notify (G_OBJECT (self));

  streamer_queue_check_cancelled (self);
  streamer_queue_check_stopped (self);
  return G_SOURCE_REMOVE;
}

void
streamer_queue_changed (StreamerQueue *self)
{
  if (self->update != NULL)
    return;
  self->update = g_idle_source_new ();
  g_source_set_priority (self->update, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->update, on_update, self, NULL);
  g_source_attach (self->update, self->context);
}

/* @transfers: (element-type StreamerTransfer) */
void
streamer_queue_append (StreamerQueue *self, GPtrArray *transfers)
{
  guint position = (guint) g_sequence_get_length (self->entries);

  if (transfers->len == 0)
    return;
  for (guint i = 0; i < transfers->len; i++)
    {
      StreamerQueueEntry *entry =
          streamer_queue_entry_new (self, transfers->pdata[i], self->next_serial++);

      if (self->journal != NULL)
        streamer_transfer_set_journal (entry->transfer, self->journal);
      streamer_queue_give_memory (self, streamer_transfer_get_target (entry->transfer)->connection);
      entry->position = g_sequence_append (self->entries, entry);
      g_hash_table_insert (self->by_transfer, entry->transfer, entry);
    }
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, transfers->len);
  streamer_queue_changed (self);
}

/* Returns: (transfer full) (element-type StreamerTransfer): since handlers may change the list */
GPtrArray *
streamer_queue_dup_transfers (StreamerQueue *self)
{
  GPtrArray *transfers = g_ptr_array_new_with_free_func (g_object_unref);
  GSequenceIter *iter = g_sequence_get_begin_iter (self->entries);

  for (; !g_sequence_iter_is_end (iter); iter = g_sequence_iter_next (iter))
    g_ptr_array_add (transfers,
                     g_object_ref (((StreamerQueueEntry *) g_sequence_get (iter))->transfer));
  return transfers;
}

static GType
streamer_queue_get_item_type (GListModel *model)
{
  return STREAMER_TYPE_TRANSFER;
}

static guint
streamer_queue_get_n_items (GListModel *model)
{
  return (guint) g_sequence_get_length (STREAMER_QUEUE (model)->entries);
}

static gpointer
streamer_queue_get_item (GListModel *model, guint position)
{
  StreamerQueue *self = STREAMER_QUEUE (model);
  GSequenceIter *iter;

  if (position >= streamer_queue_get_n_items (model))
    return NULL;
  iter = g_sequence_get_iter_at_pos (self->entries, (int) position);
  return g_object_ref (((StreamerQueueEntry *) g_sequence_get (iter))->transfer);
}

static void
streamer_queue_model_init (GListModelInterface *iface)
{
  iface->get_item_type = streamer_queue_get_item_type;
  iface->get_n_items = streamer_queue_get_n_items;
  iface->get_item = streamer_queue_get_item;
}

static void
streamer_queue_dispose (GObject *object)
{
  StreamerQueue *self = STREAMER_QUEUE (object);
  g_autoptr (GPtrArray) transfers = streamer_queue_dup_transfers (self);

  clear_source (&self->update);
  clear_source (&self->tick);
  g_hash_table_remove_all (self->by_transfer);
  g_sequence_remove_range (g_sequence_get_begin_iter (self->entries),
                           g_sequence_get_end_iter (self->entries));
  clear_source (&self->update);
  for (guint i = 0; i < transfers->len; i++)
    streamer_transfer_abandon (transfers->pdata[i]);
  G_OBJECT_CLASS (streamer_queue_parent_class)->dispose (object);
}

static void
streamer_queue_finalize (GObject *object)
{
  StreamerQueue *self = STREAMER_QUEUE (object);

  g_sequence_free (self->entries);
  g_sequence_free (self->waiting);
  g_hash_table_unref (self->by_transfer);
  g_ptr_array_unref (self->held);
  g_ptr_array_unref (self->away);
  g_ptr_array_unref (self->cancel_tasks);
  g_clear_object (&self->shown_needs_token);
  g_free (self->wrong_clock);
  g_free (self->wrong_clock_by);
  g_clear_object (&self->janitor);
  g_clear_object (&self->journal);
  g_hash_table_unref (self->connections);
  g_object_unref (self->pool);
  g_object_unref (self->limit);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (streamer_queue_parent_class)->finalize (object);
}

static void
streamer_queue_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  StreamerQueue *self = STREAMER_QUEUE (object);

  switch ((StreamerQueueProperty) id)
    {
    case PROP_PARTS:
      g_value_set_uint (value, self->parts);
      break;
    case PROP_N_ACTIVE:
      g_value_set_uint (value, self->n_active);
      break;
    case PROP_N_WAITING:
      g_value_set_uint (value, streamer_queue_get_n_waiting (self));
      break;
    case PROP_SPEED:
      g_value_set_uint64 (value, streamer_queue_get_speed (self));
      break;
    case PROP_SENT:
      g_value_set_uint64 (value, self->sent);
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, self->size);
      break;
    case PROP_TIME_LEFT:
      g_value_set_int64 (value, streamer_queue_get_time_left (self));
      break;
    case PROP_NEEDS_TOKEN:
      g_value_set_object (value, streamer_queue_get_needs_token (self));
      break;
    case PROP_IDLE:
      g_value_set_boolean (value, streamer_queue_is_idle (self));
      break;
    case PROP_WRONG_CLOCK:
      g_value_set_string (value, self->wrong_clock);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_queue_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  StreamerQueue *self = STREAMER_QUEUE (object);

  switch ((StreamerQueueProperty) id)
    {
    case PROP_PARTS:
      streamer_queue_set_parts (self, g_value_get_uint (value));
      break;
    case PROP_N_ACTIVE:
    case PROP_N_WAITING:
    case PROP_SPEED:
    case PROP_SENT:
    case PROP_SIZE:
    case PROP_TIME_LEFT:
    case PROP_NEEDS_TOKEN:
    case PROP_IDLE:
    case PROP_WRONG_CLOCK:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_queue_class_init (StreamerQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = streamer_queue_dispose;
  object_class->finalize = streamer_queue_finalize;
  object_class->get_property = streamer_queue_get_property;
  object_class->set_property = streamer_queue_set_property;

  properties[PROP_PARTS] =
      g_param_spec_uint ("parts", NULL, NULL, STREAMER_PARTS_MIN, STREAMER_PARTS_MAX,
                         STREAMER_PARTS_DEFAULT, flags | G_PARAM_WRITABLE);
  properties[PROP_N_ACTIVE] = g_param_spec_uint ("n-active", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_WAITING] = g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_SPEED] = g_param_spec_uint64 ("speed", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_SENT] = g_param_spec_uint64 ("sent", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_TIME_LEFT] =
      g_param_spec_int64 ("time-left", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_NEEDS_TOKEN] =
      g_param_spec_object ("needs-token", NULL, NULL, STREAMER_TYPE_CONNECTION, flags);
  properties[PROP_IDLE] = g_param_spec_boolean ("idle", NULL, NULL, TRUE, flags);
  properties[PROP_WRONG_CLOCK] = g_param_spec_string ("wrong-clock", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
streamer_queue_init (StreamerQueue *self)
{
  self->owner = g_thread_self ();
  self->context = g_main_context_ref_thread_default ();
  self->parts = STREAMER_PARTS_DEFAULT;
  self->limit = streamer_rate_limit_new (0);
  self->entries = g_sequence_new ((GDestroyNotify) streamer_queue_entry_free);
  self->by_transfer = g_hash_table_new (NULL, NULL);
  self->waiting = g_sequence_new (NULL);
  self->connections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->held = g_ptr_array_new_with_free_func ((GDestroyNotify) streamer_queue_held_free);
  self->away = g_ptr_array_new_with_free_func ((GDestroyNotify) streamer_queue_held_free);
  self->cancel_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->shown_idle = TRUE;
  g_queue_init (&self->adds);
}

StreamerQueue *
streamer_queue_new_with_retry (StreamerRetry *retry)
{
  StreamerQueue *self = g_object_new (STREAMER_TYPE_QUEUE, NULL);

  self->pool = streamer_pool_new_with_retry (self->parts, retry);
  return self;
}

StreamerQueue *
streamer_queue_new (void)
{
  g_autoptr (StreamerClock) clock = streamer_clock_new ();
  g_autoptr (StreamerRetry) retry = streamer_retry_new (clock);

  streamer_retry_set_network (retry, g_network_monitor_get_default ());
  return streamer_queue_new_with_retry (retry);
}

void
streamer_queue_set_journal (StreamerQueue *self,
                            StreamerJournal *journal,
                            StreamerConnect connect,
                            gpointer user_data,
                            GDestroyNotify destroy)
{
  g_assert (self->owner == g_thread_self ());
  g_return_if_fail (self->journal == NULL && g_sequence_is_empty (self->entries));

  self->journal = g_object_ref (journal);
  self->janitor = streamer_janitor_new (self->pool, journal, connect, user_data, destroy);
  self->connect = connect;
  self->connect_data = user_data;
}

StreamerJournal *
streamer_queue_get_journal (StreamerQueue *self)
{
  return self->journal;
}

StreamerJanitor *
streamer_queue_get_janitor (StreamerQueue *self)
{
  return self->janitor;
}

StreamerPool *
streamer_queue_get_pool (StreamerQueue *self)
{
  return self->pool;
}

void
streamer_queue_set_parts (StreamerQueue *self, guint parts)
{
  g_assert (self->owner == g_thread_self ());
  g_return_if_fail (parts >= STREAMER_PARTS_MIN && parts <= STREAMER_PARTS_MAX);

  if (parts == self->parts)
    return;
  self->parts = parts;
  streamer_pool_set_n_workers (self->pool, parts);
  notify (self, PROP_PARTS);
  streamer_queue_changed (self);
}

guint
streamer_queue_get_parts (StreamerQueue *self)
{
  return self->parts;
}

void
streamer_queue_set_rate (StreamerQueue *self, guint64 bytes_per_second)
{
  streamer_rate_limit_set_rate (self->limit, bytes_per_second);
}

guint
streamer_queue_get_n_active (StreamerQueue *self)
{
  return self->n_active;
}

guint
streamer_queue_get_n_waiting (StreamerQueue *self)
{
  return (guint) g_sequence_get_length (self->waiting);
}

guint64
streamer_queue_get_speed (StreamerQueue *self)
{
  return streamer_meter_get_speed (&self->meter);
}

guint64
streamer_queue_get_sent (StreamerQueue *self)
{
  return self->sent;
}

guint64
streamer_queue_get_size (StreamerQueue *self)
{
  return self->size;
}

gint64
streamer_queue_get_time_left (StreamerQueue *self)
{
  if (self->n_active == 0)
    return -1;
  return streamer_meter_get_time_left (&self->meter, self->size - MIN (self->sent, self->size));
}

StreamerConnection *
streamer_queue_get_needs_token (StreamerQueue *self)
{
  return self->held->len > 0 ? ((StreamerQueueHeld *) self->held->pdata[0])->connection : NULL;
}

void
streamer_queue_start_now (StreamerQueue *self, StreamerTransfer *transfer)
{
  g_assert (self->owner == g_thread_self ());
  g_return_if_fail (g_hash_table_contains (self->by_transfer, transfer));

  if (!self->is_stopped && streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_WAITING)
    streamer_transfer_start (transfer, PRIORITY_NOW);
}

void
streamer_queue_token_given (StreamerQueue *self, StreamerConnection *connection)
{
  g_autoptr (GPtrArray) transfers = streamer_queue_dup_transfers (self);

  g_assert (self->owner == g_thread_self ());
  for (guint i = 0; i < transfers->len; i++)
    {
      StreamerTransfer *transfer = transfers->pdata[i];

      if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_NEEDS_TOKEN &&
          streamer_queue_is_same_connection (streamer_transfer_get_target (transfer)->connection,
                                             connection))
        streamer_transfer_resume (transfer);
    }
}

gboolean
streamer_queue_is_idle (StreamerQueue *self)
{
  return self->n_open == 0 && self->n_active == 0 && self->n_restoring == 0 &&
         g_queue_is_empty (&self->adds);
}
