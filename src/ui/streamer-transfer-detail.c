/* streamer-transfer-detail.c: one transfer in full, part by part
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-transfer-detail.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-parts-view.h"
#include "streamer-receipt-view.h"
#include "streamer-isolate.h"
#include "streamer-transfer-status.h"

struct _StreamerTransferDetail
{
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkLabel *name_label;
  GtkLabel *target_label;
  GtkLabel *plan_label;
  GtkWidget *progress_box;
  GtkProgressBar *progress_bar;
  GtkLabel *amount_label;
  GtkLabel *pace_label;
  GtkWidget *notice_box;
  GtkImage *notice_icon;
  GtkLabel *notice_label;
  GtkLabel *advice_label;
  GtkLabel *kept_label;
  GtkWidget *main_box;
  GtkWidget *more_box;
  GtkWidget *remove_box;
  GtkWidget *buttons[STREAMER_TRANSFER_N_VERBS]; /* as streamer_transfer_verbs */
  StreamerReceiptView *receipt_view;
  StreamerPartsView *parts_view;

  StreamerTransfer *transfer; /* (owned) (nullable) */
  GSignalGroup *signals;      /* (owned) */
  gboolean compact;
  guint update_id;
  guint countdown_id; /* while stalled: the sentence names seconds */
};

typedef enum
{
  PROP_TRANSFER = 1,
  PROP_COMPACT,
} StreamerTransferDetailProperty;

static GParamSpec *properties[PROP_COMPACT + 1];

G_DEFINE_FINAL_TYPE (StreamerTransferDetail, streamer_transfer_detail, GTK_TYPE_WIDGET)

static void queue_update (StreamerTransferDetail *self);

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

static void
update_notice (StreamerTransferDetail *self, const StreamerTransferFacts *facts)
{
  g_autofree char *status = NULL;
  g_autofree char *kept = streamer_transfer_facts_get_kept (facts);
  const char *advice = NULL;
  const char *icon_name = "dialog-information-symbolic";

  if (facts->error != NULL)
    advice = streamer_error_get_advice (facts->error);

  switch (facts->state)
    {
    case STREAMER_TRANSFER_DONE:
      icon_name = "emblem-ok-symbolic";
      status = g_strdup (_ ("Uploaded"));
      advice = facts->url;
      break;

    case STREAMER_TRANSFER_FAILED:
      icon_name = "dialog-error-symbolic";
      status = streamer_transfer_facts_get_status (facts);
      break;

    case STREAMER_TRANSFER_NEEDS_TOKEN:
      icon_name = "dialog-password-symbolic";
      status = streamer_transfer_facts_get_status (facts);
      break;

    case STREAMER_TRANSFER_STALLED:
      icon_name = "network-offline-symbolic";
      status = streamer_transfer_facts_get_status (facts);
      break;

    case STREAMER_TRANSFER_WAITING:
    case STREAMER_TRANSFER_CANCELLED:
      status = streamer_transfer_facts_get_status (facts);
      break;

    case STREAMER_TRANSFER_PREPARING:
    case STREAMER_TRANSFER_UPLOADING:
    case STREAMER_TRANSFER_PAUSED:
    case STREAMER_TRANSFER_FINISHING:
    default:
      break;
    }

  gtk_widget_set_visible (self->notice_box, status != NULL);
  gtk_image_set_from_icon_name (self->notice_icon, icon_name);
  set_text (self->notice_label, status);
  set_text (self->advice_label, advice);
  set_text (self->kept_label, kept);
}

static void
update_progress (StreamerTransferDetail *self, const StreamerTransferFacts *facts)
{
  g_autofree char *amount = NULL;
  g_autofree char *pace = NULL;
  gboolean visible = FALSE;

  switch (facts->state)
    {
    case STREAMER_TRANSFER_PREPARING:
    case STREAMER_TRANSFER_FINISHING:
    case STREAMER_TRANSFER_PAUSED:
      amount = streamer_transfer_facts_get_amount (facts);
      pace = streamer_transfer_facts_get_status (facts);
      visible = TRUE;
      break;

    case STREAMER_TRANSFER_UPLOADING:
    case STREAMER_TRANSFER_STALLED:
      amount = streamer_transfer_facts_get_amount (facts);
      pace = streamer_transfer_facts_get_pace (facts);
      visible = TRUE;
      break;

    case STREAMER_TRANSFER_NEEDS_TOKEN:
    case STREAMER_TRANSFER_FAILED:
      amount = streamer_transfer_facts_get_amount (facts);
      visible = facts->sent > 0;
      break;

    case STREAMER_TRANSFER_WAITING:
    case STREAMER_TRANSFER_DONE:
    case STREAMER_TRANSFER_CANCELLED:
    default:
      break;
    }

  gtk_widget_set_visible (self->progress_box, visible);
  gtk_progress_bar_set_fraction (self->progress_bar, CLAMP (facts->fraction, 0.0, 1.0));
  set_text (self->amount_label, amount);
  set_text (self->pace_label, pace);
}

static void
update_facts (StreamerTransferDetail *self, const StreamerTransferFacts *facts)
{
  StreamerTarget *target = streamer_transfer_get_target (self->transfer);
  const char *name = streamer_transfer_get_name (self->transfer);
  const char *key = streamer_transfer_get_key (self->transfer);
  guint n_parts = streamer_transfer_get_n_parts (self->transfer);
  g_autofree char *size = NULL;
  g_autofree char *where = NULL;
  g_autofree char *plan = NULL;
  g_autofree char *progress_name = NULL;

  if (key != NULL && target != NULL)
    {
      g_autofree char *object = streamer_isolate (key);
      g_autofree char *server =
          streamer_isolate (streamer_connection_get_name (target->connection));

      /* Translators: the object's name on the server, then the server's: "To films/a.mkv on Example" */
      where = g_strdup_printf (_ ("To %s on %s"), object, server);
    }

  if (facts->size != STREAMER_SIZE_UNKNOWN && facts->state != STREAMER_TRANSFER_FAILED)
    size = g_format_size (facts->size);
  if (size != NULL && n_parts > 1)
    {
      g_autofree char *part_size = g_format_size (streamer_transfer_get_part_size (self->transfer));

      /* Translators: a file's size, how many parts it has, and how big each is */
      plan = g_strdup_printf (ngettext ("%s in %'u part of %s", "%s in %'u parts of %s", n_parts),
                              size, n_parts, part_size);
    }

  set_text (self->name_label, name);
  set_text (self->target_label, where);
  set_text (self->plan_label, plan != NULL ? plan : size);

  /* Translators: for screen readers; %s is a file's name */
  progress_name = g_strdup_printf (_ ("Progress of %s"), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress_bar),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, progress_name, -1);
}

static void
update_box (StreamerTransferDetail *self, GtkWidget *box)
{
  guint n_visible = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (box); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n_visible += gtk_widget_get_visible (child) ? 1 : 0;

  gtk_widget_set_visible (box, n_visible > 0);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (box),
                                  self->compact && (n_visible > 2 || box == self->remove_box)
                                      ? GTK_ORIENTATION_VERTICAL
                                      : GTK_ORIENTATION_HORIZONTAL);
}

static void
update_buttons (StreamerTransferDetail *self, const StreamerTransferFacts *facts)
{
  guint verbs = streamer_transfer_facts_get_verbs (facts);
  const StreamerTransferVerbInfo *main_verb = streamer_transfer_verbs_get_main (verbs);

  for (guint i = 0; i < STREAMER_TRANSFER_N_VERBS; i++)
    {
      const StreamerTransferVerbInfo *info = &streamer_transfer_verbs[i];
      GtkWidget *button = self->buttons[i];

      gtk_widget_set_visible (button, (verbs & info->verb) != 0);
      if (info == main_verb && info->verb != STREAMER_TRANSFER_VERB_PAUSE)
        gtk_widget_add_css_class (button, "suggested-action");
      else
        gtk_widget_remove_css_class (button, "suggested-action");
    }

  update_box (self, self->main_box);
  update_box (self, self->more_box);
  update_box (self, self->remove_box);
}

static StreamerPartList *
get_shown_parts (StreamerTransferDetail *self, StreamerTransferState state)
{
  if (state == STREAMER_TRANSFER_DONE || state == STREAMER_TRANSFER_CANCELLED)
    return NULL;

  return streamer_transfer_get_parts (self->transfer);
}

static gboolean
countdown_cb (gpointer user_data)
{
  queue_update (user_data);

  return G_SOURCE_CONTINUE;
}

static void
update (StreamerTransferDetail *self)
{
  StreamerTransferFacts facts;
  gboolean stalled;

  streamer_transfer_facts_init (&facts, self->transfer, g_get_monotonic_time ());
  update_facts (self, &facts);
  update_progress (self, &facts);
  update_notice (self, &facts);
  update_buttons (self, &facts);
  streamer_receipt_view_set_transfer (
      self->receipt_view, facts.state == STREAMER_TRANSFER_DONE ? self->transfer : NULL);
  streamer_parts_view_set_parts (self->parts_view, get_shown_parts (self, facts.state));

  stalled = facts.state == STREAMER_TRANSFER_STALLED;
  if (stalled && self->countdown_id == 0)
    self->countdown_id = g_timeout_add_seconds (1, countdown_cb, self);
  else if (!stalled)
    g_clear_handle_id (&self->countdown_id, g_source_remove);
}

static gboolean
update_cb (gpointer user_data)
{
  StreamerTransferDetail *self = user_data;

  self->update_id = 0;
  update (self);

  return G_SOURCE_REMOVE;
}

static void
queue_update (StreamerTransferDetail *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);
}

static GtkWidget *
choose_box (StreamerTransferDetail *self, StreamerTransferVerb verb)
{
  switch ((guint) verb)
    {
    case STREAMER_TRANSFER_VERB_SHOW_IN_FILES:
    case STREAMER_TRANSFER_VERB_UPLOAD_AGAIN:
      return self->more_box;

    case STREAMER_TRANSFER_VERB_REMOVE_FROM_SERVER:
    case STREAMER_TRANSFER_VERB_REMOVE_FROM_LIST:
      return self->remove_box;

    default:
      return self->main_box;
    }
}

static void
make_buttons (StreamerTransferDetail *self)
{
  for (guint i = 0; i < STREAMER_TRANSFER_N_VERBS; i++)
    {
      const StreamerTransferVerbInfo *info = &streamer_transfer_verbs[i];
      GtkWidget *label = gtk_label_new (_ (info->label));
      GtkWidget *button = gtk_button_new ();

      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_button_set_child (GTK_BUTTON (button), label);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ (info->label), -1);
      gtk_box_append (GTK_BOX (choose_box (self, info->verb)), button);
      self->buttons[i] = button;
    }
}

static void
aim_buttons (StreamerTransferDetail *self)
{
  const char *id = streamer_transfer_get_id (self->transfer);

  for (guint i = 0; i < STREAMER_TRANSFER_N_VERBS; i++)
    {
      GtkActionable *button = GTK_ACTIONABLE (self->buttons[i]);

      gtk_actionable_set_action_target (button, "s", id);
      gtk_actionable_set_action_name (button, streamer_transfer_verbs[i].action);
    }
}

static void
set_compact (StreamerTransferDetail *self, gboolean compact)
{
  if (self->compact == compact)
    return;

  self->compact = compact;
  if (compact)
    gtk_widget_add_css_class (self->content, "compact");
  else
    gtk_widget_remove_css_class (self->content, "compact");
  if (self->transfer != NULL)
    queue_update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPACT]);
}

static void
streamer_transfer_detail_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  StreamerTransferDetail *self = STREAMER_TRANSFER_DETAIL (object);

  switch ((StreamerTransferDetailProperty) id)
    {
    case PROP_TRANSFER:
      g_value_set_object (value, self->transfer);
      break;
    case PROP_COMPACT:
      g_value_set_boolean (value, self->compact);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_transfer_detail_set_property (GObject *object,
                                       guint id,
                                       const GValue *value,
                                       GParamSpec *pspec)
{
  StreamerTransferDetail *self = STREAMER_TRANSFER_DETAIL (object);

  switch ((StreamerTransferDetailProperty) id)
    {
    case PROP_TRANSFER:
      streamer_transfer_detail_set_transfer (self, g_value_get_object (value));
      break;
    case PROP_COMPACT:
      set_compact (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_transfer_detail_dispose (GObject *object)
{
  StreamerTransferDetail *self = STREAMER_TRANSFER_DETAIL (object);
  GtkWidget *child;

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_handle_id (&self->countdown_id, g_source_remove);
  g_clear_object (&self->signals);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_object (&self->transfer);

  G_OBJECT_CLASS (streamer_transfer_detail_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/s3streamer/S3Streamer/streamer-transfer-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, content);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, name_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, target_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, plan_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, progress_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, amount_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, pace_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, notice_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, notice_icon);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, notice_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, advice_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, kept_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, main_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, more_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, remove_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, receipt_view);
  gtk_widget_class_bind_template_child (widget_class, StreamerTransferDetail, parts_view);
}

static void
streamer_transfer_detail_class_init (StreamerTransferDetailClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = streamer_transfer_detail_get_property;
  object_class->set_property = streamer_transfer_detail_set_property;
  object_class->dispose = streamer_transfer_detail_dispose;

  properties[PROP_TRANSFER] =
      g_param_spec_object ("transfer", NULL, NULL, STREAMER_TYPE_TRANSFER,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_COMPACT] =
      g_param_spec_boolean ("compact", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  g_type_ensure (STREAMER_TYPE_PARTS_VIEW);
  g_type_ensure (STREAMER_TYPE_RECEIPT_VIEW);
  bind_template (widget_class);
}

static void
streamer_transfer_detail_init (StreamerTransferDetail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  make_buttons (self);

  self->signals = g_signal_group_new (STREAMER_TYPE_TRANSFER);
  g_signal_group_connect_swapped (self->signals, "notify", G_CALLBACK (queue_update), self);
}

GtkWidget *
streamer_transfer_detail_new (void)
{
  return g_object_new (STREAMER_TYPE_TRANSFER_DETAIL, NULL);
}

StreamerTransfer *
streamer_transfer_detail_get_transfer (StreamerTransferDetail *self)
{
  g_return_val_if_fail (STREAMER_IS_TRANSFER_DETAIL (self), NULL);

  return self->transfer;
}

void
streamer_transfer_detail_set_transfer (StreamerTransferDetail *self, StreamerTransfer *transfer)
{
  g_return_if_fail (STREAMER_IS_TRANSFER_DETAIL (self));
  g_return_if_fail (transfer == NULL || STREAMER_IS_TRANSFER (transfer));

  if (!g_set_object (&self->transfer, transfer))
    return;

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_signal_group_set_target (self->signals, transfer);
  gtk_widget_set_visible (self->content, transfer != NULL);
  if (transfer != NULL)
    {
      aim_buttons (self);
      update (self);
    }
  else
    {
      streamer_receipt_view_set_transfer (self->receipt_view, NULL);
      streamer_parts_view_set_parts (self->parts_view, NULL);
      g_clear_handle_id (&self->countdown_id, g_source_remove);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSFER]);
}
