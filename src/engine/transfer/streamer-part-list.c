/* streamer-part-list.c: the parts of one transfer, as a compact table with the face of a list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: the owner's, but for the counters, which workers add to atomically. */

#include "streamer-part-private.h"

#include "streamer-checksum.h"

typedef struct
{
  gsize counter; /* atomic; bytes of the running attempt */
  char *etag;    /* (owned) (nullable): while done */
  guint32 crc32; /* while done */
  guint attempts;
  StreamerPartState state;
} Record;

struct _StreamerPartList
{
  GObject parent_instance;

  StreamerPlan plan;
  Record *records; /* (owned): as many as the plan says, so that counters stay where they are */
  guint n_parts;
  guint64 last_size; /* bytes of the last part */

  guint counts[STREAMER_PART_FAILED + 1];
  guint64 done_bytes;
  guint first_waiting; /* no part before this number waits */
  GArray *active;      /* (element-type guint): numbers */

  guint prefix; /* parts from the first on that are done and are in @prefix_crc32 */
  guint32 prefix_crc32;

  GHashTable *seen; /* (owned) (nullable): number → StreamerPart that somebody holds */
};

static void streamer_part_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerPartList,
                               streamer_part_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      streamer_part_list_model_init))

static Record *
get_record (StreamerPartList *self, guint number)
{
  g_assert (number >= 1 && number <= self->n_parts);
  return &self->records[number - 1];
}

/* Bytes of the part. */
guint64
streamer_part_list_get_size (StreamerPartList *self, guint number)
{
  return number == self->n_parts ? self->last_size : self->plan.part_size;
}

/* Its counter is a worker's: one that has just taken it is not known to yet. */
static gboolean
is_with_pool (StreamerPartState state)
{
  return state == STREAMER_PART_QUEUED || state == STREAMER_PART_ACTIVE;
}

/* Bytes of the part that the store has, or that are on their way. */
guint64
streamer_part_list_get_part_sent (StreamerPartList *self, guint number)
{
  Record *record = get_record (self, number);

  if (record->state == STREAMER_PART_DONE)
    return streamer_part_list_get_size (self, number);
  if (is_with_pool (record->state))
    return g_atomic_pointer_get (&record->counter);
  return 0;
}

guint
streamer_part_list_get_attempts (StreamerPartList *self, guint number)
{
  return get_record (self, number)->attempts;
}

/* Nobody holds the part's object any more. */
void
streamer_part_list_unsee (StreamerPartList *self, guint number)
{
  g_hash_table_remove (self->seen, GUINT_TO_POINTER (number));
}

static GType
streamer_part_list_get_item_type (GListModel *model)
{
  return STREAMER_TYPE_PART;
}

static guint
streamer_part_list_get_n_items (GListModel *model)
{
  return STREAMER_PART_LIST (model)->n_parts;
}

static gpointer
streamer_part_list_get_item (GListModel *model, guint position)
{
  StreamerPartList *self = STREAMER_PART_LIST (model);
  StreamerPart *part;

  if (position >= self->n_parts)
    return NULL;
  if (self->seen == NULL)
    self->seen = g_hash_table_new (NULL, NULL);
  part = g_hash_table_lookup (self->seen, GUINT_TO_POINTER (position + 1));
  if (part != NULL)
    return g_object_ref (part);
  part = streamer_part_new (self, position + 1);
  g_hash_table_insert (self->seen, GUINT_TO_POINTER (position + 1), part);
  return part;
}

static void
streamer_part_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = streamer_part_list_get_item_type;
  iface->get_n_items = streamer_part_list_get_n_items;
  iface->get_item = streamer_part_list_get_item;
}

static void
streamer_part_list_finalize (GObject *object)
{
  StreamerPartList *self = STREAMER_PART_LIST (object);

  for (guint i = 0; i < self->n_parts; i++)
    g_free (self->records[i].etag);
  g_free (self->records);
  g_array_unref (self->active);
  g_clear_pointer (&self->seen, g_hash_table_unref);
  G_OBJECT_CLASS (streamer_part_list_parent_class)->finalize (object);
}

static void
streamer_part_list_class_init (StreamerPartListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_part_list_finalize;
}

static void
streamer_part_list_init (StreamerPartList *self)
{
  self->active = g_array_new (FALSE, FALSE, sizeof (guint));
  self->first_waiting = 1;
}

StreamerPartList *
streamer_part_list_new (const StreamerPlan *plan)
{
  StreamerPartList *self = g_object_new (STREAMER_TYPE_PART_LIST, NULL);
  guint64 offset;

  self->plan = *plan;
  self->records = g_new0 (Record, plan->n_parts);
  self->last_size = plan->part_size;
  if (plan->size != STREAMER_SIZE_UNKNOWN)
    {
      self->n_parts = plan->n_parts;
      streamer_plan_get_part (plan, plan->n_parts, &offset, &self->last_size);
    }
  self->counts[STREAMER_PART_WAITING] = self->n_parts;
  return self;
}

void
streamer_part_list_grow (StreamerPartList *self)
{
  g_assert (self->n_parts < self->plan.n_parts);

  self->n_parts++;
  self->counts[STREAMER_PART_WAITING]++;
  g_list_model_items_changed (G_LIST_MODEL (self), self->n_parts - 1, 0, 1);
}

void
streamer_part_list_truncate (StreamerPartList *self, guint n_parts, guint64 last_size)
{
  guint removed = self->n_parts - n_parts;

  g_assert (n_parts >= 1 && n_parts <= self->n_parts);
  for (guint number = n_parts + 1; number <= self->n_parts; number++)
    g_assert (get_record (self, number)->state == STREAMER_PART_WAITING);
  if (get_record (self, n_parts)->state == STREAMER_PART_DONE)
    self->done_bytes = self->done_bytes - streamer_part_list_get_size (self, n_parts) + last_size;

  self->counts[STREAMER_PART_WAITING] -= removed;
  self->n_parts = n_parts;
  self->last_size = last_size;
  if (removed > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), n_parts, removed, 0);
}

guint
streamer_part_list_get_n_parts (StreamerPartList *self)
{
  return self->n_parts;
}

StreamerPartState
streamer_part_list_get_state (StreamerPartList *self, guint number)
{
  return get_record (self, number)->state;
}

static void
forget_stored (StreamerPartList *self, guint number)
{
  Record *record = get_record (self, number);

  self->done_bytes -= streamer_part_list_get_size (self, number);
  g_clear_pointer (&record->etag, g_free);
  if (number <= self->prefix)
    {
      self->prefix = 0;
      self->prefix_crc32 = 0;
    }
}

static void
forget_active (StreamerPartList *self, guint number)
{
  for (guint i = 0; i < self->active->len; i++)
    if (g_array_index (self->active, guint, i) == number)
      {
        g_array_remove_index_fast (self->active, i);
        return;
      }
  g_assert_not_reached ();
}

static void
change_state (StreamerPartList *self, guint number, StreamerPartState state)
{
  Record *record = get_record (self, number);
  gboolean was_with_pool = is_with_pool (record->state);

  if (record->state == state)
    return;

  if (record->state == STREAMER_PART_DONE)
    forget_stored (self, number);
  if (was_with_pool && !is_with_pool (state))
    forget_active (self, number);
  self->counts[record->state]--;

  record->state = state;
  self->counts[state]++;
  if (is_with_pool (state) && !was_with_pool)
    {
      g_atomic_pointer_set (&record->counter, 0);
      g_array_append_val (self->active, number);
    }
  if (state == STREAMER_PART_WAITING)
    self->first_waiting = MIN (self->first_waiting, number);
}

void
streamer_part_list_set_state (StreamerPartList *self, guint number, StreamerPartState state)
{
  g_assert (state != STREAMER_PART_DONE);
  change_state (self, number, state);
}

void
streamer_part_list_add_attempt (StreamerPartList *self, guint number)
{
  get_record (self, number)->attempts++;
}

guint
streamer_part_list_count (StreamerPartList *self, StreamerPartState state)
{
  return self->counts[state];
}

guint
streamer_part_list_next_waiting (StreamerPartList *self)
{
  if (self->counts[STREAMER_PART_WAITING] == 0)
    return 0;
  while (get_record (self, self->first_waiting)->state != STREAMER_PART_WAITING)
    self->first_waiting++;
  return self->first_waiting;
}

void
streamer_part_list_set_stored (StreamerPartList *self, const StreamerStoredPart *stored)
{
  Record *record = get_record (self, stored->number);

  g_assert (stored->size == streamer_part_list_get_size (self, stored->number));
  g_assert (record->state != STREAMER_PART_DONE);

  change_state (self, stored->number, STREAMER_PART_DONE);
  self->done_bytes += stored->size;
  record->crc32 = stored->crc32;
  record->etag = g_strdup (stored->etag);

  while (self->prefix < self->n_parts && self->records[self->prefix].state == STREAMER_PART_DONE)
    {
      guint64 size = streamer_part_list_get_size (self, self->prefix + 1);

      self->prefix_crc32 =
          streamer_crc32_combine (self->prefix_crc32, self->records[self->prefix].crc32, size);
      self->prefix++;
    }
}

GArray *
streamer_part_list_get_stored (StreamerPartList *self)
{
  GArray *stored = g_array_sized_new (FALSE, TRUE, sizeof (StreamerStoredPart),
                                      self->counts[STREAMER_PART_DONE]);

  g_array_set_clear_func (stored, (GDestroyNotify) streamer_stored_part_clear);
  for (guint number = 1; number <= self->n_parts; number++)
    {
      const Record *record = get_record (self, number);
      StreamerStoredPart part = { .number = number,
                                  .size = streamer_part_list_get_size (self, number),
                                  .crc32 = record->crc32 };

      if (record->state != STREAMER_PART_DONE)
        continue;
      part.etag = g_strdup (record->etag);
      g_array_append_val (stored, part);
    }
  return stored;
}

guint32
streamer_part_list_get_part_crc32 (StreamerPartList *self, guint number)
{
  Record *record = get_record (self, number);

  g_assert (record->state == STREAMER_PART_DONE);
  return record->crc32;
}

guint32
streamer_part_list_get_crc32 (StreamerPartList *self)
{
  g_assert (self->prefix == self->n_parts);
  return self->prefix_crc32;
}

gsize *
streamer_part_list_get_counter (StreamerPartList *self, guint number)
{
  Record *record = get_record (self, number);

  g_assert (is_with_pool (record->state));
  return &record->counter;
}

guint64
streamer_part_list_get_sent (StreamerPartList *self)
{
  guint64 sent = self->done_bytes;

  for (guint i = 0; i < self->active->len; i++)
    {
      guint number = g_array_index (self->active, guint, i);

      sent += g_atomic_pointer_get (&get_record (self, number)->counter);
    }
  return sent;
}

void
streamer_part_list_notify (StreamerPartList *self)
{
  g_autoptr (GPtrArray) seen = NULL;
  GHashTableIter iter;
  gpointer part;

  if (self->seen == NULL || g_hash_table_size (self->seen) == 0)
    return;
  seen = g_ptr_array_new_with_free_func (g_object_unref);
  /* A handler may let a part go. */
  g_hash_table_iter_init (&iter, self->seen);
  while (g_hash_table_iter_next (&iter, NULL, &part))
    g_ptr_array_add (seen, g_object_ref (part));
  for (guint i = 0; i < seen->len; i++)
    streamer_part_update (seen->pdata[i]);
}
