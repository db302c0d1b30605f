/* streamer-part-row.c: one part of a transfer, with a progress bar of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-part-row.h"

#include <glib/gi18n-lib.h>

#include "streamer-quiet.h"
#include "streamer-transfer-status.h"

struct _StreamerPartRow
{
  GtkWidget parent_instance;

  GtkLabel *number_label;
  GtkLabel *status_label;
  GtkProgressBar *progress_bar;

  StreamerPart *part;    /* (owned) (nullable) */
  GSignalGroup *signals; /* (owned) */
  const char *css_class; /* (nullable): the bar's */
  guint update_id;
};

G_DEFINE_FINAL_TYPE (StreamerPartRow, streamer_part_row, GTK_TYPE_WIDGET)

/* A part's state in colour; the words beside it say the same. */
static const char *
get_css_class (StreamerPartState state)
{
  switch (state)
    {
    case STREAMER_PART_DONE:
      return "done";
    case STREAMER_PART_RETRYING:
      return "retrying";
    case STREAMER_PART_FAILED:
      return "failed";
    case STREAMER_PART_WAITING:
    case STREAMER_PART_QUEUED:
    case STREAMER_PART_ACTIVE:
    default:
      return NULL;
    }
}

static void
update (StreamerPartRow *self)
{
  StreamerPartState state = streamer_part_get_state (self->part);
  const char *css_class = get_css_class (state);
  g_autofree char *status = NULL;

  status = streamer_part_status (state, streamer_part_get_sent (self->part),
                                 streamer_part_get_size (self->part),
                                 streamer_part_get_attempts (self->part));
  gtk_label_set_label (self->status_label, status);
  gtk_progress_bar_set_fraction (self->progress_bar,
                                 CLAMP (streamer_part_get_fraction (self->part), 0.0, 1.0));
  if (css_class != self->css_class)
    {
      if (self->css_class != NULL)
        gtk_widget_remove_css_class (GTK_WIDGET (self->progress_bar), self->css_class);
      if (css_class != NULL)
        gtk_widget_add_css_class (GTK_WIDGET (self->progress_bar), css_class);
      self->css_class = css_class;
    }
}

static gboolean
update_cb (gpointer user_data)
{
  StreamerPartRow *self = user_data;

  self->update_id = 0;
  update (self);

  return G_SOURCE_REMOVE;
}

static void
queue_update (StreamerPartRow *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);
}

static void
set_number (StreamerPartRow *self, guint number, guint n_parts)
{
  GtkWidget *item = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *title = NULL;
  g_autofree char *name = NULL;

  /* Translators: %u is a part's number */
  title = g_strdup_printf (_ ("Part %'u"), number);
  gtk_label_set_label (self->number_label, title);

  /* Translators: for screen readers: a part's number, and how many there are */
  name = g_strdup_printf (_ ("Part %'u of %'u"), number, n_parts);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress_bar),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
streamer_part_row_dispose (GObject *object)
{
  StreamerPartRow *self = STREAMER_PART_ROW (object);
  GtkWidget *child;

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_object (&self->part);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (streamer_part_row_parent_class)->dispose (object);
}

static void
streamer_part_row_class_init (StreamerPartRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = streamer_part_row_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "part-row");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/s3streamer/S3Streamer/streamer-part-row.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerPartRow, number_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerPartRow, status_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerPartRow, progress_bar);
}

static void
streamer_part_row_init (StreamerPartRow *self)
{
  GtkLayoutManager *layout;

  gtk_widget_init_template (GTK_WIDGET (self));
  streamer_quiet_containers (GTK_WIDGET (self));
  layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);

  self->signals = g_signal_group_new (STREAMER_TYPE_PART);
  g_signal_group_connect_swapped (self->signals, "notify", G_CALLBACK (queue_update), self);
}

GtkWidget *
streamer_part_row_new (void)
{
  return g_object_new (STREAMER_TYPE_PART_ROW, NULL);
}

void
streamer_part_row_set_part (StreamerPartRow *self, StreamerPart *part, guint n_parts)
{
  g_return_if_fail (STREAMER_IS_PART_ROW (self));
  g_return_if_fail (part == NULL || STREAMER_IS_PART (part));

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_set_object (&self->part, part);
  g_signal_group_set_target (self->signals, part);
  if (part != NULL)
    {
      set_number (self, streamer_part_get_number (part), n_parts);
      update (self);
    }
}
