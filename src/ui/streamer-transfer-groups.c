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
  GPtrArray *dirty;                              /* (owned): what may have to move, or be gone */
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

/* A transfer, and where it is shown. */
typedef struct
{
  StreamerTransfer *transfer;
  StreamerTransferGroup group;
} Place;

/* Returns: (transfer full) (element-type Place) */
static GArray *
list_places (StreamerTransferGroups *self)
{
  GArray *places = g_array_sized_new (FALSE, FALSE, sizeof (Place), self->known->len);

  for (StreamerTransferGroup group = 0; group < STREAMER_TRANSFER_N_GROUPS; group++)
    for (guint i = 0; i < self->groups[group]->len; i++)
      {
        Place place = { g_ptr_array_index (self->groups[group], i), group };

        g_array_append_val (places, place);
      }

  return places;
}

static gboolean
is_same_place (GArray *before, guint old, GArray *after, guint new)
{
  const Place *a = &g_array_index (before, Place, old);
  const Place *b = &g_array_index (after, Place, new);

  return a->transfer == b->transfer && a->group == b->group;
}

/* Tells of what is different from @before, whose transfers are still alive, as one range. */
static void
tell_change (StreamerTransferGroups *self, GArray *before)
{
  g_autoptr (GArray) after = list_places (self);
  guint shorter = MIN (before->len, after->len);
  guint n_first = 0;
  guint n_last = 0;

  while (n_first < shorter && is_same_place (before, n_first, after, n_first))
    n_first++;
  while (n_last < shorter - n_first &&
         is_same_place (before, before->len - n_last - 1, after, after->len - n_last - 1))
    n_last++;
  if (n_first + n_last < MAX (before->len, after->len))
    g_list_model_items_changed (G_LIST_MODEL (self), n_first, before->len - n_first - n_last,
                                after->len - n_first - n_last);
}

/* The last of @transfers that is finished comes first. */
static void
insert (StreamerTransferGroups *self, GPtrArray *transfers)
{
  g_autoptr (GPtrArray) finished = g_ptr_array_new ();
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < transfers->len; i++)
    {
      StreamerTransfer *transfer = g_ptr_array_index (transfers, i);
      StreamerTransferGroup group =
          streamer_transfer_state_get_group (streamer_transfer_get_state (transfer));
      gboolean is_finished = group == STREAMER_TRANSFER_GROUP_FINISHED;

      g_ptr_array_add (is_finished ? finished : self->groups[group], transfer);
      g_hash_table_insert (self->where, transfer, GUINT_TO_POINTER (group));
    }

  for (guint i = finished->len; i > 0; i--)
    g_ptr_array_add (all, g_ptr_array_index (finished, i - 1));
  g_ptr_array_extend_and_steal (all, self->groups[STREAMER_TRANSFER_GROUP_FINISHED]);
  self->groups[STREAMER_TRANSFER_GROUP_FINISHED] = all;
}

/* Drops from the groups what is nowhere any more. */
static void
compact (StreamerTransferGroups *self)
{
  for (StreamerTransferGroup group = 0; group < STREAMER_TRANSFER_N_GROUPS; group++)
    {
      GPtrArray *items = self->groups[group];
      guint n_kept = 0;

      for (guint i = 0; i < items->len; i++)
        if (g_hash_table_contains (self->where, items->pdata[i]))
          items->pdata[n_kept++] = items->pdata[i];
      g_ptr_array_set_size (items, (int) n_kept);
    }
}

/* @transfer may be gone, and is only compared then. */
static gboolean
has_moved (StreamerTransferGroups *self, StreamerTransfer *transfer)
{
  gpointer group;

  return g_hash_table_lookup_extended (self->where, transfer, NULL, &group) &&
         GPOINTER_TO_UINT (group) !=
             streamer_transfer_state_get_group (streamer_transfer_get_state (transfer));
}

static gboolean
regroup_cb (gpointer user_data)
{
  StreamerTransferGroups *self = user_data;
  g_autoptr (GArray) before = list_places (self);
  g_autoptr (GPtrArray) moved = g_ptr_array_new ();

  self->regroup_id = 0;
  for (guint i = 0; i < self->dirty->len; i++)
    if (has_moved (self, g_ptr_array_index (self->dirty, i)))
      {
        g_hash_table_remove (self->where, g_ptr_array_index (self->dirty, i));
        g_ptr_array_add (moved, g_ptr_array_index (self->dirty, i));
      }
  g_ptr_array_set_size (self->dirty, 0);

  compact (self);
  insert (self, moved);
  tell_change (self, before);

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

/* Makes @known what the queue has now. Returns: (transfer full): what it was */
static GPtrArray *
learn (StreamerTransferGroups *self, GListModel *queue, guint position, guint removed, guint added)
{
  GPtrArray *old = g_steal_pointer (&self->known);

  self->known = g_ptr_array_new_full (old->len - removed + added, g_object_unref);
  for (guint i = 0; i < position; i++)
    g_ptr_array_add (self->known, g_object_ref (g_ptr_array_index (old, i)));
  for (guint i = 0; i < added; i++)
    g_ptr_array_add (self->known, g_list_model_get_item (queue, position + i));
  for (guint i = position + removed; i < old->len; i++)
    g_ptr_array_add (self->known, g_object_ref (g_ptr_array_index (old, i)));

  return old;
}

/* Each change that is told costs the view a message per row to the screen reader, and each pass
 * over the groups serves all that come and go: there may be thousands. */
static void
queue_items_changed_cb (StreamerTransferGroups *self,
                        guint position,
                        guint removed,
                        guint added,
                        GListModel *queue)
{
  g_autoptr (GArray) before = list_places (self);
  g_autoptr (GPtrArray) old = learn (self, queue, position, removed, added);
  g_autoptr (GPtrArray) fresh = g_ptr_array_new ();
  g_autoptr (GHashTable) stays = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < added; i++)
    g_hash_table_add (stays, g_ptr_array_index (self->known, position + i));
  for (guint i = position; i < position + removed; i++)
    if (!g_hash_table_contains (stays, g_ptr_array_index (old, i)))
      {
        g_signal_handlers_disconnect_by_func (g_ptr_array_index (old, i), transfer_notify_state_cb,
                                              self);
        g_hash_table_remove (self->where, g_ptr_array_index (old, i));
      }
  compact (self);

  for (guint i = position; i < position + added; i++)
    if (!g_hash_table_contains (self->where, g_ptr_array_index (self->known, i)))
      {
        g_signal_connect_swapped (g_ptr_array_index (self->known, i), "notify::state",
                                  G_CALLBACK (transfer_notify_state_cb), self);
        g_ptr_array_add (fresh, g_ptr_array_index (self->known, i));
      }
  insert (self, fresh);
  tell_change (self, before);
}

static void
streamer_transfer_groups_dispose (GObject *object)
{
  StreamerTransferGroups *self = STREAMER_TRANSFER_GROUPS (object);

  for (guint i = 0; i < self->known->len; i++)
    g_signal_handlers_disconnect_by_func (g_ptr_array_index (self->known, i),
                                          transfer_notify_state_cb, self);
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
