/* streamer-transfer-groups.c: the queue in the order of the list, group by group
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owner's thread. Thousands of transfers may change at once, and a view that hears of each move
 * loses its selection and focus: moves are gathered, and told as one change of a range.
 */

#include "streamer-transfer-groups.h"

#define REGROUP_MS 200

struct _StreamerTransferGroups
{
  GObject parent_instance;

  GListModel *queue;                             /* (owned) */
  GPtrArray *known;                              /* (owned): as the queue has them */
  GPtrArray *groups[STREAMER_TRANSFER_N_GROUPS]; /* (owned) */
  GHashTable *where;                             /* (owned): transfer → group */
  GPtrArray *dirty;                              /* (owned): transfers that may have to move */
  guint regroup_id;
};

static GType
streamer_transfer_groups_get_item_type (GListModel *model)
{
  return STREAMER_TYPE_TRANSFER;
}

static guint
streamer_transfer_groups_get_n_items (GListModel *model)
{
  return STREAMER_TRANSFER_GROUPS (model)->known->len;
}

/* Turns @position into an index within the group that holds it. */
static StreamerTransferGroup
locate (StreamerTransferGroups *self, guint position, guint *index)
{
  StreamerTransferGroup group = 0;

  while (group < STREAMER_TRANSFER_N_GROUPS && position >= self->groups[group]->len)
    position -= self->groups[group++]->len;

  *index = position;
  return group;
}

static gpointer
streamer_transfer_groups_get_item (GListModel *model, guint position)
{
  StreamerTransferGroups *self = STREAMER_TRANSFER_GROUPS (model);
  guint index;
  StreamerTransferGroup group = locate (self, position, &index);

  if (group == STREAMER_TRANSFER_N_GROUPS)
    return NULL;

  return g_object_ref (g_ptr_array_index (self->groups[group], index));
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = streamer_transfer_groups_get_item_type;
  iface->get_n_items = streamer_transfer_groups_get_n_items;
  iface->get_item = streamer_transfer_groups_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerTransferGroups,
                               streamer_transfer_groups,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static guint
get_start (StreamerTransferGroups *self, StreamerTransferGroup group)
{
  guint start = 0;

  for (StreamerTransferGroup i = 0; i < group; i++)
    start += self->groups[i]->len;

  return start;
}

/* Returns: the position */
static guint
insert (StreamerTransferGroups *self, StreamerTransfer *transfer)
{
  StreamerTransferGroup group =
      streamer_transfer_state_get_group (streamer_transfer_get_state (transfer));
  GPtrArray *items = self->groups[group];
  guint index = group == STREAMER_TRANSFER_GROUP_FINISHED ? 0 : items->len;

  g_ptr_array_insert (items, (int) index, transfer);
  g_hash_table_insert (self->where, transfer, GUINT_TO_POINTER (group));

  return get_start (self, group) + index;
}

/* Returns: the position that it had */
static guint
take_out (StreamerTransferGroups *self, StreamerTransfer *transfer)
{
  StreamerTransferGroup group = GPOINTER_TO_UINT (g_hash_table_lookup (self->where, transfer));
  guint index = 0;

  if (!g_ptr_array_find (self->groups[group], transfer, &index))
    g_assert_not_reached ();
  g_ptr_array_remove_index (self->groups[group], index);
  g_hash_table_remove (self->where, transfer);

  return get_start (self, group) + index;
}

static gboolean
regroup_cb (gpointer user_data)
{
  StreamerTransferGroups *self = user_data;
  guint first = G_MAXUINT;
  guint last = 0;

  self->regroup_id = 0;

  for (guint i = 0; i < self->dirty->len; i++)
    {
      StreamerTransfer *transfer = g_ptr_array_index (self->dirty, i);
      StreamerTransferGroup old = GPOINTER_TO_UINT (g_hash_table_lookup (self->where, transfer));
      guint from, to;

      if (old == streamer_transfer_state_get_group (streamer_transfer_get_state (transfer)))
        continue;

      from = take_out (self, transfer);
      to = insert (self, transfer);
      first = MIN (first, MIN (from, to));
      last = MAX (last, MAX (from, to));
    }
  g_ptr_array_set_size (self->dirty, 0);

  if (first <= last)
    g_list_model_items_changed (G_LIST_MODEL (self), first, last - first + 1, last - first + 1);

  return G_SOURCE_REMOVE;
}

static void
transfer_notify_state_cb (StreamerTransferGroups *self,
                          GParamSpec *pspec,
                          StreamerTransfer *transfer)
{
  g_ptr_array_add (self->dirty, transfer);
  if (self->regroup_id == 0)
    self->regroup_id = g_timeout_add (REGROUP_MS, regroup_cb, self);
}

/* Of what is taken out, [first, last) are the positions between which there are gaps. */
static void
take_out_range (StreamerTransferGroups *self, guint position, guint n)
{
  g_autoptr (GPtrArray) taken = g_ptr_array_new_with_free_func (g_object_unref);
  guint first = G_MAXUINT;
  guint last = 0;

  for (guint i = 0; i < n; i++)
    {
      StreamerTransfer *transfer = g_object_ref (g_ptr_array_index (self->known, position));
      guint from;

      g_ptr_array_add (taken, transfer);
      g_signal_handlers_disconnect_by_func (transfer, transfer_notify_state_cb, self);
      while (g_ptr_array_remove (self->dirty, transfer))
        continue;
      g_ptr_array_remove_index (self->known, position);

      from = take_out (self, transfer);
      last = i == 0 || from >= last ? from : last - 1;
      first = MIN (first, from);
    }

  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), first, last - first + n, last - first);
}

/* Of what is inserted, [first, last] are the positions between which something is new. */
static void
insert_range (StreamerTransferGroups *self, GListModel *queue, guint position, guint n)
{
  guint first = G_MAXUINT;
  guint last = 0;

  for (guint i = 0; i < n; i++)
    {
      StreamerTransfer *transfer = g_list_model_get_item (queue, position + i);
      guint to;

      g_ptr_array_insert (self->known, (int) (position + i), transfer);
      g_signal_connect_object (transfer, "notify::state", G_CALLBACK (transfer_notify_state_cb),
                               self, G_CONNECT_SWAPPED);
      to = insert (self, transfer);
      last = i == 0 || to > last ? to : last + 1;
      first = MIN (first, to);
    }

  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), first, last - first + 1 - n, last - first + 1);
}

/* Each change that is told costs the view a message per row to the screen reader. */
static void
queue_items_changed_cb (StreamerTransferGroups *self,
                        guint position,
                        guint removed,
                        guint added,
                        GListModel *queue)
{
  take_out_range (self, position, removed);
  insert_range (self, queue, position, added);
}

static void
streamer_transfer_groups_dispose (GObject *object)
{
  StreamerTransferGroups *self = STREAMER_TRANSFER_GROUPS (object);

  g_clear_handle_id (&self->regroup_id, g_source_remove);
  g_clear_object (&self->queue);

  G_OBJECT_CLASS (streamer_transfer_groups_parent_class)->dispose (object);
}

static void
streamer_transfer_groups_finalize (GObject *object)
{
  StreamerTransferGroups *self = STREAMER_TRANSFER_GROUPS (object);

  g_ptr_array_unref (self->dirty);
  g_hash_table_unref (self->where);
  for (guint i = 0; i < STREAMER_TRANSFER_N_GROUPS; i++)
    g_ptr_array_unref (self->groups[i]);
  g_ptr_array_unref (self->known);

  G_OBJECT_CLASS (streamer_transfer_groups_parent_class)->finalize (object);
}

static void
streamer_transfer_groups_class_init (StreamerTransferGroupsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = streamer_transfer_groups_dispose;
  object_class->finalize = streamer_transfer_groups_finalize;
}

static void
streamer_transfer_groups_init (StreamerTransferGroups *self)
{
  self->known = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < STREAMER_TRANSFER_N_GROUPS; i++)
    self->groups[i] = g_ptr_array_new ();
  self->where = g_hash_table_new (NULL, NULL);
  self->dirty = g_ptr_array_new ();
}

StreamerTransferGroups *
streamer_transfer_groups_new (GListModel *queue)
{
  StreamerTransferGroups *self = g_object_new (STREAMER_TYPE_TRANSFER_GROUPS, NULL);

  g_return_val_if_fail (G_IS_LIST_MODEL (queue), NULL);

  self->queue = g_object_ref (queue);
  g_signal_connect_object (queue, "items-changed", G_CALLBACK (queue_items_changed_cb), self,
                           G_CONNECT_SWAPPED);
  queue_items_changed_cb (self, 0, 0, g_list_model_get_n_items (queue), queue);

  return self;
}

StreamerTransferGroup
streamer_transfer_groups_get_group (StreamerTransferGroups *self, guint position)
{
  guint index;

  g_return_val_if_fail (STREAMER_IS_TRANSFER_GROUPS (self), 0);

  return locate (self, position, &index);
}

gboolean
streamer_transfer_groups_is_first (StreamerTransferGroups *self, guint position)
{
  guint index;

  g_return_val_if_fail (STREAMER_IS_TRANSFER_GROUPS (self), FALSE);

  locate (self, position, &index);

  return index == 0;
}

guint
streamer_transfer_groups_get_n_in_group (StreamerTransferGroups *self, StreamerTransferGroup group)
{
  g_return_val_if_fail (STREAMER_IS_TRANSFER_GROUPS (self), 0);
  g_return_val_if_fail (group < STREAMER_TRANSFER_N_GROUPS, 0);

  return self->groups[group]->len;
}
