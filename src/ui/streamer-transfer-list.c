/* streamer-transfer-list.c: all transfers, grouped, and the menu of each
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-transfer-list.h"

#include <glib/gi18n-lib.h>

#include "streamer-transfer-groups.h"
#include "streamer-transfer-row.h"
#include "streamer-transfer-status.h"

struct _StreamerTransferList
{
  GtkWidget parent_instance;

  GtkListView *list_view;
  GtkWidget *no_match_label;
  GtkWidget *menu; /* (nullable): made when it is first asked for */

  GtkStringFilter *filter;        /* (owned) */
  StreamerTransferGroups *groups; /* (owned) (nullable) */
  GtkSingleSelection *selection;  /* (owned) (nullable) */
  GHashTable *bound;              /* (owned): the GtkListItems on the screen */
  StreamerTransfer *selected;     /* (owned) (nullable) */
  gboolean compact;
  gboolean had_finished;
};

typedef enum
{
  PROP_SELECTED = 1,
  PROP_COMPACT,
  PROP_SEARCH,
  PROP_HAS_FINISHED,
} StreamerTransferListProperty;

static GParamSpec *properties[PROP_HAS_FINISHED + 1];

enum
{
  SHOW_DETAIL,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (StreamerTransferList, streamer_transfer_list, GTK_TYPE_WIDGET)

static void
update_header (StreamerTransferList *self, GtkListItem *item)
{
  guint position = gtk_list_item_get_position (item);
  GtkWidget *row = gtk_list_item_get_child (item);
  const char *header = NULL;

  if (position == GTK_INVALID_LIST_POSITION)
    return;

  if (streamer_transfer_groups_is_first (self->groups, position))
    header = streamer_transfer_group_get_title (
        streamer_transfer_groups_get_group (self->groups, position));
  streamer_transfer_row_set_header (STREAMER_TRANSFER_ROW (row), header);
}

static void
setup_cb (StreamerTransferList *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, streamer_transfer_row_new ());
}

static void
bind_cb (StreamerTransferList *self, GtkListItem *item)
{
  GtkWidget *row = gtk_list_item_get_child (item);

  streamer_transfer_row_set_transfer (STREAMER_TRANSFER_ROW (row), gtk_list_item_get_item (item));
  g_hash_table_add (self->bound, item);
  update_header (self, item);
}

static void
unbind_cb (StreamerTransferList *self, GtkListItem *item)
{
  GtkWidget *row = gtk_list_item_get_child (item);

  g_hash_table_remove (self->bound, item);
  streamer_transfer_row_set_transfer (STREAMER_TRANSFER_ROW (row), NULL);
}

static gboolean
is_searched_in_vain (StreamerTransferList *self)
{
  const char *search = gtk_string_filter_get_search (self->filter);

  return search != NULL && *search != '\0' &&
         g_list_model_get_n_items (G_LIST_MODEL (self->groups)) == 0;
}

static gboolean
has_finished (StreamerTransferList *self)
{
  return self->groups != NULL && streamer_transfer_groups_get_n_in_group (
                                     self->groups, STREAMER_TRANSFER_GROUP_FINISHED) > 0;
}

static void
update_finished (StreamerTransferList *self)
{
  if (self->had_finished == has_finished (self))
    return;

  self->had_finished = !self->had_finished;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_FINISHED]);
}

/* Runs after the view has heard of it, so that the positions are the new ones. */
static void
items_changed_cb (StreamerTransferList *self)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->bound);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    update_header (self, item);
  gtk_widget_set_visible (self->no_match_label, is_searched_in_vain (self));
  update_finished (self);
}

static void
notify_selected_item_cb (StreamerTransferList *self)
{
  if (g_set_object (&self->selected, gtk_single_selection_get_selected_item (self->selection)))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

static void
activate_cb (StreamerTransferList *self, guint position)
{
  gtk_single_selection_set_selected (self->selection, position);
  g_signal_emit (self, signals[SHOW_DETAIL], 0);
}

static GMenuModel *
build_menu (StreamerTransfer *transfer)
{
  guint verbs = streamer_transfer_get_verbs (transfer);
  g_autoptr (GMenu) menu = g_menu_new ();

  for (guint i = 0; i < STREAMER_TRANSFER_N_VERBS; i++)
    {
      const StreamerTransferVerbInfo *info = &streamer_transfer_verbs[i];
      g_autoptr (GMenuItem) item = NULL;

      if (!(verbs & info->verb))
        continue;

      item = g_menu_item_new (_ (info->label), NULL);
      g_menu_item_set_action_and_target (item, info->action, "s",
                                         streamer_transfer_get_id (transfer));
      g_menu_append_item (menu, item);
    }

  if (g_menu_model_get_n_items (G_MENU_MODEL (menu)) == 0)
    return NULL;

  return G_MENU_MODEL (g_steal_pointer (&menu));
}

static void
pop_up_menu (StreamerTransferList *self, StreamerTransferRow *row, GdkRectangle *at)
{
  g_autoptr (GMenuModel) model = NULL;
  StreamerTransfer *transfer = streamer_transfer_row_get_transfer (row);

  if (transfer == NULL)
    return;

  model = build_menu (transfer);
  if (model == NULL)
    return;

  if (self->menu == NULL)
    {
      self->menu = gtk_popover_menu_new_from_model (NULL);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ ("Transfer Menu"), -1);
    }
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->menu), model);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), at);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static StreamerTransferRow *
find_row_at (StreamerTransferList *self, double x, double y)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);

  if (widget == NULL)
    return NULL;
  if (!STREAMER_IS_TRANSFER_ROW (widget))
    {
      GtkWidget *above = gtk_widget_get_ancestor (widget, STREAMER_TYPE_TRANSFER_ROW);

      /* The margin around a row belongs to the list's own widget. */
      widget = above != NULL ? above : gtk_widget_get_first_child (widget);
    }

  return STREAMER_IS_TRANSFER_ROW (widget) ? STREAMER_TRANSFER_ROW (widget) : NULL;
}

static void
secondary_click_cb (StreamerTransferList *self, int n_press, double x, double y)
{
  StreamerTransferRow *row = find_row_at (self, x, y);

  if (row != NULL)
    pop_up_menu (self, row, &(GdkRectangle){ (int) x, (int) y, 1, 1 });
}

static void
long_press_cb (StreamerTransferList *self, double x, double y)
{
  secondary_click_cb (self, 1, x, y);
}

static gboolean
menu_key_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  StreamerTransferList *self = STREAMER_TRANSFER_LIST (widget);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkWidget *row;
  graphene_rect_t bounds;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, widget))
    return FALSE;

  row = gtk_widget_get_ancestor (focus, STREAMER_TYPE_TRANSFER_ROW);
  if (row == NULL)
    row = gtk_widget_get_first_child (focus);
  if (!STREAMER_IS_TRANSFER_ROW (row) || !gtk_widget_compute_bounds (row, widget, &bounds))
    return FALSE;

  pop_up_menu (self, STREAMER_TRANSFER_ROW (row),
               &(GdkRectangle){ (int) bounds.origin.x + 24,
                                (int) (bounds.origin.y + bounds.size.height / 2), 1, 1 });

  return TRUE;
}

static void
set_compact (StreamerTransferList *self, gboolean compact)
{
  if (self->compact == compact)
    return;

  self->compact = compact;
  gtk_list_view_set_single_click_activate (self->list_view, compact);
  if (compact)
    gtk_widget_add_css_class (GTK_WIDGET (self->list_view), "compact");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->list_view), "compact");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPACT]);
}

static gboolean
streamer_transfer_list_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (STREAMER_TRANSFER_LIST (widget)->list_view));
}

static void
streamer_transfer_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  StreamerTransferList *self = STREAMER_TRANSFER_LIST (object);

  switch ((StreamerTransferListProperty) id)
    {
    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;
    case PROP_COMPACT:
      g_value_set_boolean (value, self->compact);
      break;
    case PROP_SEARCH:
      g_value_set_string (value, gtk_string_filter_get_search (self->filter));
      break;
    case PROP_HAS_FINISHED:
      g_value_set_boolean (value, has_finished (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_transfer_list_set_property (GObject *object,
                                     guint id,
                                     const GValue *value,
                                     GParamSpec *pspec)
{
  StreamerTransferList *self = STREAMER_TRANSFER_LIST (object);

  switch ((StreamerTransferListProperty) id)
    {
    case PROP_COMPACT:
      set_compact (self, g_value_get_boolean (value));
      break;
    case PROP_SEARCH:
      gtk_string_filter_set_search (self->filter, g_value_get_string (value));
      gtk_widget_set_visible (self->no_match_label,
                              self->groups != NULL && is_searched_in_vain (self));
      break;
    case PROP_SELECTED:
    case PROP_HAS_FINISHED:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_transfer_list_dispose (GObject *object)
{
  StreamerTransferList *self = STREAMER_TRANSFER_LIST (object);
  GtkWidget *child;

  if (self->groups != NULL)
    g_signal_handlers_disconnect_by_data (self->groups, self);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->groups);
  g_clear_object (&self->filter);
  g_clear_object (&self->selected);

  G_OBJECT_CLASS (streamer_transfer_list_parent_class)->dispose (object);
}

static void
streamer_transfer_list_finalize (GObject *object)
{
  StreamerTransferList *self = STREAMER_TRANSFER_LIST (object);

  g_hash_table_unref (self->bound);

  G_OBJECT_CLASS (streamer_transfer_list_parent_class)->finalize (object);
}

static void
streamer_transfer_list_class_init (StreamerTransferListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = streamer_transfer_list_get_property;
  object_class->set_property = streamer_transfer_list_set_property;
  object_class->dispose = streamer_transfer_list_dispose;
  object_class->finalize = streamer_transfer_list_finalize;
  widget_class->grab_focus = streamer_transfer_list_grab_focus;

  properties[PROP_SELECTED] =
      g_param_spec_object ("selected", NULL, NULL, STREAMER_TYPE_TRANSFER,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_COMPACT] =
      g_param_spec_boolean ("compact", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SEARCH] =
      g_param_spec_string ("search", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_HAS_FINISHED] =
      g_param_spec_boolean ("has-finished", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SHOW_DETAIL] = g_signal_new ("show-detail", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                       0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, menu_key_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, menu_key_cb, NULL);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/s3streamer/S3Streamer/streamer-transfer-list.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferList, list_view);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferList, no_match_label);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, secondary_click_cb);
  gtk_widget_class_bind_template_callback (widget_class, long_press_cb);
}

static void
streamer_transfer_list_init (StreamerTransferList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  self->bound = g_hash_table_new (NULL, NULL);
  self->filter =
      gtk_string_filter_new (gtk_property_expression_new (STREAMER_TYPE_TRANSFER, NULL, "name"));
  gtk_widget_init_template (GTK_WIDGET (self));

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list_view, factory);
}

void
streamer_transfer_list_set_queue (StreamerTransferList *self, GListModel *queue)
{
  g_autoptr (GtkFilterListModel) matches = NULL;

  g_return_if_fail (STREAMER_IS_TRANSFER_LIST (self));
  g_return_if_fail (self->groups == NULL);

  matches =
      gtk_filter_list_model_new (g_object_ref (queue), GTK_FILTER (g_object_ref (self->filter)));
  self->groups = streamer_transfer_groups_new (G_LIST_MODEL (matches));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->groups)));
  g_signal_connect_object (self->selection, "notify::selected-item",
                           G_CALLBACK (notify_selected_item_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_model (self->list_view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->groups, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  notify_selected_item_cb (self);
  update_finished (self);
}

StreamerTransfer *
streamer_transfer_list_get_selected (StreamerTransferList *self)
{
  g_return_val_if_fail (STREAMER_IS_TRANSFER_LIST (self), NULL);

  return self->selected;
}

void
streamer_transfer_list_select (StreamerTransferList *self, StreamerTransfer *transfer)
{
  GListModel *model = G_LIST_MODEL (self->groups);

  g_return_if_fail (STREAMER_IS_TRANSFER_LIST (self));
  g_return_if_fail (STREAMER_IS_TRANSFER (transfer));

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) item = g_list_model_get_item (model, i);

      if (item == transfer)
        {
          gtk_widget_activate_action (GTK_WIDGET (self->list_view), "list.scroll-to-item", "u", i);
          gtk_single_selection_set_selected (self->selection, i);
          return;
        }
    }
}
