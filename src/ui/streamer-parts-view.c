/* streamer-parts-view.c: the parts of one transfer, a progress bar for each
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-parts-view.h"

#include <glib/gi18n-lib.h>

#include "streamer-active-parts.h"
#include "streamer-part-row.h"

/* Up to here all fit, and there is nothing to leave out. */
#define FEW_PARTS 12
/* So many stand without a scroll bar; of more, so much is seen at least. */
#define FIXED_PARTS        3
#define MIN_CONTENT_HEIGHT 180

struct _StreamerPartsView
{
  GtkWidget parent_instance;

  GtkLabel *parts_label;
  GtkToggleButton *active_button;
  GtkScrolledWindow *scroller;
  GtkListView *list_view;
  double followed; /* where follow() last scrolled to */
  guint follow_id;

  StreamerPartList *parts;           /* (owned) (nullable) */
  StreamerActiveParts *active_parts; /* (owned) (nullable): where only these are shown */
};

G_DEFINE_FINAL_TYPE (StreamerPartsView, streamer_parts_view, GTK_TYPE_WIDGET)

static void
setup_cb (StreamerPartsView *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, streamer_part_row_new ());
  gtk_list_item_set_activatable (item, FALSE);
}

static void
bind_cb (StreamerPartsView *self, GtkListItem *item)
{
  streamer_part_row_set_part (STREAMER_PART_ROW (gtk_list_item_get_child (item)),
                              gtk_list_item_get_item (item),
                              streamer_part_list_get_n_parts (self->parts));
}

static void
unbind_cb (StreamerPartsView *self, GtkListItem *item)
{
  streamer_part_row_set_part (STREAMER_PART_ROW (gtk_list_item_get_child (item)), NULL, 0);
}

static void
update_model (StreamerPartsView *self)
{
  gboolean active_only = gtk_widget_get_visible (GTK_WIDGET (self->active_button)) &&
                         gtk_toggle_button_get_active (self->active_button);
  GListModel *model = G_LIST_MODEL (self->parts);
  g_autoptr (GtkNoSelection) selection = NULL;

  g_clear_object (&self->active_parts);
  if (self->parts != NULL && active_only)
    {
      self->active_parts = streamer_active_parts_new (self->parts);
      model = G_LIST_MODEL (self->active_parts);
    }

  if (model != NULL)
    selection = gtk_no_selection_new (g_object_ref (model));
  gtk_list_view_set_model (self->list_view, (GtkSelectionModel *) selection);
}

static void
update_totals (StreamerPartsView *self)
{
  guint n_parts = streamer_part_list_get_n_parts (self->parts);
  guint n_done = streamer_part_list_count (self->parts, STREAMER_PART_DONE);
  guint n_active = streamer_part_list_count (self->parts, STREAMER_PART_ACTIVE);
  g_autofree char *done = NULL;
  g_autofree char *text = NULL;

  /* Translators: parts of a file: "12 of 41 uploaded" */
  done = g_strdup_printf (ngettext ("%'u of %'u uploaded", "%'u of %'u uploaded", n_parts), n_done,
                          n_parts);
  if (n_active > 0)
    /* Translators: parts of a file; %s is "12 of 41 uploaded" */
    text = g_strdup_printf (ngettext ("%s, %'u on its way", "%s, %'u on their way", n_active), done,
                            n_active);

  gtk_label_set_label (self->parts_label, text != NULL ? text : done);
}

static guint
get_first_unfinished (StreamerPartList *parts)
{
  guint n_parts = streamer_part_list_get_n_parts (parts);

  for (guint number = 1; number <= n_parts; number++)
    {
      if (streamer_part_list_get_state (parts, number) != STREAMER_PART_DONE)
        return number;
    }

  return n_parts;
}

/* Keeps what moves on the screen, unless the user has scrolled or walks through the list. */
static void
follow (StreamerPartsView *self)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list_view));
  double height = gtk_adjustment_get_upper (adjustment);
  guint first;

  if (self->parts == NULL || self->active_parts != NULL ||
      ABS (gtk_adjustment_get_value (adjustment) - self->followed) >= 1.0 ||
      gtk_widget_get_focus_child (GTK_WIDGET (self->list_view)) != NULL)
    return;

  /* One part that is done stays in sight. */
  first = get_first_unfinished (self->parts);
  gtk_adjustment_set_value (adjustment, height * (MAX (first, 2) - 2) /
                                            streamer_part_list_get_n_parts (self->parts));
  self->followed = gtk_adjustment_get_value (adjustment);
}

static gboolean
follow_cb (gpointer user_data)
{
  StreamerPartsView *self = user_data;

  self->follow_id = 0;
  follow (self);

  return G_SOURCE_REMOVE;
}

/* The list sets its own value while it is given its size. */
static void
size_changed_cb (StreamerPartsView *self)
{
  if (self->follow_id == 0)
    self->follow_id = g_idle_add (follow_cb, self);
}

static void
streamer_parts_view_dispose (GObject *object)
{
  StreamerPartsView *self = STREAMER_PARTS_VIEW (object);
  GtkWidget *child;

  g_clear_handle_id (&self->follow_id, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_object (&self->active_parts);
  g_clear_object (&self->parts);

  G_OBJECT_CLASS (streamer_parts_view_parent_class)->dispose (object);
}

static void
streamer_parts_view_class_init (StreamerPartsViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = streamer_parts_view_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/s3streamer/S3Streamer/streamer-parts-view.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerPartsView, parts_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerPartsView, active_button);
  gtk_widget_class_bind_template_child (widget_class, StreamerPartsView, list_view);
  gtk_widget_class_bind_template_child (widget_class, StreamerPartsView, scroller);
  gtk_widget_class_bind_template_callback (widget_class, update_model);
}

static void
streamer_parts_view_init (StreamerPartsView *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  GtkLayoutManager *layout;

  gtk_widget_init_template (GTK_WIDGET (self));
  layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 12);

  g_signal_connect_object (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list_view)),
                           "changed", G_CALLBACK (size_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list_view, factory);
}

static void
update_size (StreamerPartsView *self)
{
  guint n_parts = self->parts != NULL ? streamer_part_list_get_n_parts (self->parts) : 0;
  gboolean scrolls = n_parts > FIXED_PARTS;

  gtk_widget_set_visible (GTK_WIDGET (self->active_button), n_parts > FEW_PARTS);
  gtk_scrolled_window_set_policy (self->scroller, GTK_POLICY_NEVER,
                                  scrolls ? GTK_POLICY_AUTOMATIC : GTK_POLICY_NEVER);
  gtk_scrolled_window_set_min_content_height (self->scroller, scrolls ? MIN_CONTENT_HEIGHT : -1);
}

void
streamer_parts_view_set_parts (StreamerPartsView *self, StreamerPartList *parts)
{
  g_return_if_fail (STREAMER_IS_PARTS_VIEW (self));
  g_return_if_fail (parts == NULL || STREAMER_IS_PART_LIST (parts));

  gtk_widget_set_visible (GTK_WIDGET (self), parts != NULL);
  if (parts != self->parts)
    {
      /* Rows let go of their parts while their list is still known. */
      gtk_list_view_set_model (self->list_view, NULL);
      g_set_object (&self->parts, parts);
      self->followed = 0.0;
      update_size (self);
      update_model (self);
    }

  if (self->active_parts != NULL)
    streamer_active_parts_update (self->active_parts);
  if (parts != NULL)
    {
      update_totals (self);
      follow (self);
    }
}
