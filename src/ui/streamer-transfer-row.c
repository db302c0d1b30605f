/* streamer-transfer-row.c: one transfer in the list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-transfer-row.h"

#include <glib/gi18n-lib.h>

#include "streamer-quiet.h"
#include "streamer-transfer-status.h"

struct _StreamerTransferRow
{
  GtkWidget parent_instance;

  GtkLabel *header_label;
  GtkImage *icon;
  GtkLabel *name_label;
  GtkLabel *status_label;
  GtkProgressBar *progress_bar;
  GtkButton *main_button;

  StreamerTransfer *transfer;                 /* (owned) (nullable) */
  GSignalGroup *signals;                      /* (owned) */
  const StreamerTransferVerbInfo *shown_verb; /* (nullable): the button's */
  guint update_id;
  guint countdown_id; /* while stalled: the sentence names seconds */
};

typedef enum
{
  PROP_TRANSFER = 1,
  PROP_HEADER,
} StreamerTransferRowProperty;

static GParamSpec *properties[PROP_HEADER + 1];

static const char *status_classes[] = { "caption", "dim-label", "numeric", NULL };
static const char *failed_classes[] = { "caption", "error", NULL };

G_DEFINE_FINAL_TYPE (StreamerTransferRow, streamer_transfer_row, GTK_TYPE_WIDGET)

static void queue_update (StreamerTransferRow *self);

static void
update_button (StreamerTransferRow *self, const StreamerTransferFacts *facts)
{
  const StreamerTransferVerbInfo *info =
      streamer_transfer_verbs_get_main (streamer_transfer_facts_get_verbs (facts));
  GtkActionable *actionable = GTK_ACTIONABLE (self->main_button);

  if (info == self->shown_verb)
    return;

  self->shown_verb = info;
  gtk_widget_set_visible (GTK_WIDGET (self->main_button), info != NULL);
  if (info == NULL)
    {
      gtk_actionable_set_action_name (actionable, NULL);
      return;
    }

  gtk_button_set_icon_name (self->main_button, info->icon_name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->main_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (info->label), -1);
  gtk_actionable_set_action_target (actionable, "s", streamer_transfer_get_id (self->transfer));
  gtk_actionable_set_action_name (actionable, info->action);
}

/* A tooltip that is set makes GTK ask the display server where the pointer is: too much for rows
 * that change with every file. */
static gboolean
query_label_tooltip_cb (GtkLabel *label, int x, int y, gboolean keyboard_mode, GtkTooltip *tooltip)
{
  if (!pango_layout_is_ellipsized (gtk_label_get_layout (label)))
    return FALSE;

  gtk_tooltip_set_text (tooltip, gtk_label_get_label (label));

  return TRUE;
}

static gboolean
query_button_tooltip_cb (StreamerTransferRow *self,
                         int x,
                         int y,
                         gboolean keyboard_mode,
                         GtkTooltip *tooltip)
{
  if (self->shown_verb == NULL)
    return FALSE;

  gtk_tooltip_set_text (tooltip, _ (self->shown_verb->label));

  return TRUE;
}

static gboolean
has_bar (StreamerTransferState state)
{
  return state != STREAMER_TRANSFER_DONE && state != STREAMER_TRANSFER_FAILED &&
         state != STREAMER_TRANSFER_CANCELLED && state != STREAMER_TRANSFER_WAITING;
}

static gboolean
countdown_cb (gpointer user_data)
{
  queue_update (user_data);

  return G_SOURCE_CONTINUE;
}

static void
update_countdown (StreamerTransferRow *self, StreamerTransferState state)
{
  gboolean wanted = state == STREAMER_TRANSFER_STALLED;

  if (wanted && self->countdown_id == 0)
    self->countdown_id = g_timeout_add_seconds (1, countdown_cb, self);
  else if (!wanted)
    g_clear_handle_id (&self->countdown_id, g_source_remove);
}

/* The list's own widget around the row is what a screen reader stops at. */
static void
update_accessible (StreamerTransferRow *self, const char *status)
{
  GtkWidget *item = gtk_widget_get_parent (GTK_WIDGET (self));
  const char *name = streamer_transfer_get_name (self->transfer);
  g_autofree char *progress_label = NULL;

  /* Translators: for screen readers; %s is a file's name */
  progress_label = g_strdup_printf (_ ("Progress of %s"), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress_bar),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, progress_label, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, status, -1);
}

static void
update (StreamerTransferRow *self)
{
  StreamerTransferFacts facts;
  g_autofree char *status = NULL;
  const char *name = streamer_transfer_get_name (self->transfer);
  gboolean failed;

  streamer_transfer_facts_init (&facts, self->transfer, g_get_monotonic_time ());
  failed = facts.state == STREAMER_TRANSFER_FAILED;
  status = streamer_transfer_facts_get_status (&facts);

  gtk_label_set_label (self->name_label, name);
  /* Words may take two lines; of a link the beginning does. */
  gtk_label_set_lines (self->status_label, facts.state == STREAMER_TRANSFER_DONE ? 1 : 2);
  gtk_label_set_label (self->status_label, status);
  gtk_progress_bar_set_fraction (self->progress_bar, CLAMP (facts.fraction, 0.0, 1.0));
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), has_bar (facts.state));

  if (gtk_widget_has_css_class (GTK_WIDGET (self->status_label), "error") != failed)
    gtk_widget_set_css_classes (GTK_WIDGET (self->status_label),
                                failed ? failed_classes : status_classes);

  update_button (self, &facts);
  update_countdown (self, facts.state);
  update_accessible (self, status);
}

static gboolean
update_cb (gpointer user_data)
{
  StreamerTransferRow *self = user_data;

  self->update_id = 0;
  update (self);

  return G_SOURCE_REMOVE;
}

/* One tick of the transfer notifies several properties. */
static void
queue_update (StreamerTransferRow *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);
}

static void
update_icon (StreamerTransferRow *self)
{
  g_autofree char *type = NULL;
  g_autoptr (GIcon) icon = NULL;

  type = g_content_type_guess (streamer_transfer_get_name (self->transfer), NULL, 0, NULL);
  icon = g_content_type_get_symbolic_icon (type);
  if (G_IS_THEMED_ICON (icon))
    g_themed_icon_append_name (G_THEMED_ICON (icon), "text-x-generic-symbolic");
  gtk_image_set_from_gicon (self->icon, icon);
}

static void
streamer_transfer_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  StreamerTransferRow *self = STREAMER_TRANSFER_ROW (object);

  switch ((StreamerTransferRowProperty) id)
    {
    case PROP_TRANSFER:
      g_value_set_object (value, self->transfer);
      break;
    case PROP_HEADER:
      if (gtk_widget_get_visible (GTK_WIDGET (self->header_label)))
        g_value_set_string (value, gtk_label_get_label (self->header_label));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_transfer_row_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *pspec)
{
  StreamerTransferRow *self = STREAMER_TRANSFER_ROW (object);

  switch ((StreamerTransferRowProperty) id)
    {
    case PROP_TRANSFER:
      streamer_transfer_row_set_transfer (self, g_value_get_object (value));
      break;
    case PROP_HEADER:
      streamer_transfer_row_set_header (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_transfer_row_dispose (GObject *object)
{
  StreamerTransferRow *self = STREAMER_TRANSFER_ROW (object);
  GtkWidget *child;

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_handle_id (&self->countdown_id, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_object (&self->transfer);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (streamer_transfer_row_parent_class)->dispose (object);
}

static void
streamer_transfer_row_class_init (StreamerTransferRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = streamer_transfer_row_get_property;
  object_class->set_property = streamer_transfer_row_set_property;
  object_class->dispose = streamer_transfer_row_dispose;

  properties[PROP_TRANSFER] =
      g_param_spec_object ("transfer", NULL, NULL, STREAMER_TYPE_TRANSFER,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_HEADER] =
      g_param_spec_string ("header", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "transfer-row");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/s3streamer/S3Streamer/streamer-transfer-row.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferRow, header_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferRow, icon);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferRow, status_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferRow, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferRow, main_button);
  gtk_widget_class_bind_template_callback (widget_class, query_label_tooltip_cb);
  gtk_widget_class_bind_template_callback (widget_class, query_button_tooltip_cb);
}

static void
streamer_transfer_row_init (StreamerTransferRow *self)
{
  GtkLayoutManager *layout;

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_css_classes (GTK_WIDGET (self->status_label), status_classes);
  streamer_quiet_containers (GTK_WIDGET (self));
  layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);

  self->signals = g_signal_group_new (STREAMER_TYPE_TRANSFER);
  g_signal_group_connect_swapped (self->signals, "notify", G_CALLBACK (queue_update), self);
}

GtkWidget *
streamer_transfer_row_new (void)
{
  return g_object_new (STREAMER_TYPE_TRANSFER_ROW, NULL);
}

StreamerTransfer *
streamer_transfer_row_get_transfer (StreamerTransferRow *self)
{
  g_return_val_if_fail (STREAMER_IS_TRANSFER_ROW (self), NULL);

  return self->transfer;
}

void
streamer_transfer_row_set_transfer (StreamerTransferRow *self, StreamerTransfer *transfer)
{
  g_return_if_fail (STREAMER_IS_TRANSFER_ROW (self));
  g_return_if_fail (transfer == NULL || STREAMER_IS_TRANSFER (transfer));

  if (!g_set_object (&self->transfer, transfer))
    return;

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_handle_id (&self->countdown_id, g_source_remove);
  g_signal_group_set_target (self->signals, transfer);
  if (transfer != NULL)
    {
      /* What the row of another one has shown is the same most of the time. */
      if (self->shown_verb != NULL)
        gtk_actionable_set_action_target (GTK_ACTIONABLE (self->main_button), "s",
                                          streamer_transfer_get_id (transfer));
      update_icon (self);
      update (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSFER]);
}

void
streamer_transfer_row_set_header (StreamerTransferRow *self, const char *header)
{
  gboolean visible = header != NULL;

  g_return_if_fail (STREAMER_IS_TRANSFER_ROW (self));

  if (gtk_widget_get_visible (GTK_WIDGET (self->header_label)) == visible &&
      (!visible || g_str_equal (header, gtk_label_get_label (self->header_label))))
    return;

  gtk_widget_set_visible (GTK_WIDGET (self->header_label), visible);
  gtk_label_set_label (self->header_label, visible ? header : "");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HEADER]);
}
