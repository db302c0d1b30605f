/* streamer-active-parts.c: the parts that something happens to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-active-parts.h"

struct _StreamerActiveParts
{
  GObject parent_instance;

  StreamerPartList *list; /* (owned) */
  GArray *numbers;        /* (owned) (element-type guint) */
};

static GType
streamer_active_parts_get_item_type (GListModel *model)
{
  return STREAMER_TYPE_PART;
}

static guint
streamer_active_parts_get_n_items (GListModel *model)
{
  return STREAMER_ACTIVE_PARTS (model)->numbers->len;
}

static gpointer
streamer_active_parts_get_item (GListModel *model, guint position)
{
  StreamerActiveParts *self = STREAMER_ACTIVE_PARTS (model);

  if (position >= self->numbers->len)
    return NULL;

  return g_list_model_get_item (G_LIST_MODEL (self->list),
                                g_array_index (self->numbers, guint, position) - 1);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = streamer_active_parts_get_item_type;
  iface->get_n_items = streamer_active_parts_get_n_items;
  iface->get_item = streamer_active_parts_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerActiveParts,
                               streamer_active_parts,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
streamer_active_parts_finalize (GObject *object)
{
  StreamerActiveParts *self = STREAMER_ACTIVE_PARTS (object);

  g_array_unref (self->numbers);
  g_object_unref (self->list);

  G_OBJECT_CLASS (streamer_active_parts_parent_class)->finalize (object);
}

static void
streamer_active_parts_class_init (StreamerActivePartsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_active_parts_finalize;
}

static void
streamer_active_parts_init (StreamerActiveParts *self)
{
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint));
}

StreamerActiveParts *
streamer_active_parts_new (StreamerPartList *list)
{
  StreamerActiveParts *self;

  g_return_val_if_fail (STREAMER_IS_PART_LIST (list), NULL);

  self = g_object_new (STREAMER_TYPE_ACTIVE_PARTS, NULL);
  self->list = g_object_ref (list);
  streamer_active_parts_update (self);

  return self;
}

static gboolean
is_active (StreamerPartState state)
{
  return state == STREAMER_PART_ACTIVE || state == STREAMER_PART_RETRYING ||
         state == STREAMER_PART_FAILED;
}

void
streamer_active_parts_update (StreamerActiveParts *self)
{
  g_autoptr (GArray) old = NULL;
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  guint same = 0;
  guint n_parts;

  g_return_if_fail (STREAMER_IS_ACTIVE_PARTS (self));

  n_parts = streamer_part_list_get_n_parts (self->list);
  for (guint number = 1; number <= n_parts; number++)
    {
      if (is_active (streamer_part_list_get_state (self->list, number)))
        g_array_append_val (numbers, number);
    }

  old = self->numbers;
  self->numbers = numbers;

  while (same < old->len && same < numbers->len &&
         g_array_index (old, guint, same) == g_array_index (numbers, guint, same))
    same++;
  if (same < old->len || same < numbers->len)
    g_list_model_items_changed (G_LIST_MODEL (self), same, old->len - same, numbers->len - same);
}
