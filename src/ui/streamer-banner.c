/* streamer-banner.c: a condition that lasts, and what to do about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-banner.h"

struct _StreamerBanner
{
  GtkWidget parent_instance;

  GtkRevealer *revealer;
  GtkLabel *title_label;
  GtkButton *button;
};

typedef enum
{
  PROP_TITLE = 1,
  PROP_BUTTON_LABEL,
  PROP_ACTION_NAME,
  PROP_REVEALED,
} StreamerBannerProperty;

static GParamSpec *properties[PROP_REVEALED + 1];

G_DEFINE_FINAL_TYPE (StreamerBanner, streamer_banner, GTK_TYPE_WIDGET)

/* What is not revealed is not there for a screen reader either. */
static void
update_visible (StreamerBanner *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->revealer),
                          gtk_revealer_get_reveal_child (self->revealer) ||
                              gtk_revealer_get_child_revealed (self->revealer));
}

static void
set_revealed (StreamerBanner *self, gboolean revealed)
{
  gtk_revealer_set_reveal_child (self->revealer, revealed);
  update_visible (self);
}

static void
streamer_banner_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  StreamerBanner *self = STREAMER_BANNER (object);

  switch ((StreamerBannerProperty) id)
    {
    case PROP_TITLE:
      g_value_set_string (value, gtk_label_get_label (self->title_label));
      break;
    case PROP_BUTTON_LABEL:
      g_value_set_string (value, gtk_button_get_label (self->button));
      break;
    case PROP_ACTION_NAME:
      g_value_set_string (value, gtk_actionable_get_action_name (GTK_ACTIONABLE (self->button)));
      break;
    case PROP_REVEALED:
      g_value_set_boolean (value, gtk_revealer_get_reveal_child (self->revealer));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_banner_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  StreamerBanner *self = STREAMER_BANNER (object);

  switch ((StreamerBannerProperty) id)
    {
    case PROP_TITLE:
      gtk_label_set_label (self->title_label, g_value_get_string (value));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      g_value_get_string (value), -1);
      break;
    case PROP_BUTTON_LABEL:
      gtk_button_set_label (self->button, g_value_get_string (value));
      gtk_widget_set_visible (GTK_WIDGET (self->button), *g_value_get_string (value) != '\0');
      break;
    case PROP_ACTION_NAME:
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), g_value_get_string (value));
      break;
    case PROP_REVEALED:
      set_revealed (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_banner_dispose (GObject *object)
{
  StreamerBanner *self = STREAMER_BANNER (object);

  g_clear_pointer ((GtkWidget **) &self->revealer, gtk_widget_unparent);

  G_OBJECT_CLASS (streamer_banner_parent_class)->dispose (object);
}

static void
streamer_banner_class_init (StreamerBannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = streamer_banner_get_property;
  object_class->set_property = streamer_banner_set_property;
  object_class->dispose = streamer_banner_dispose;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, "", flags);
  properties[PROP_BUTTON_LABEL] = g_param_spec_string ("button-label", NULL, NULL, "", flags);
  properties[PROP_ACTION_NAME] = g_param_spec_string ("action-name", NULL, NULL, NULL, flags);
  properties[PROP_REVEALED] = g_param_spec_boolean ("revealed", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "streamer-banner");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/s3streamer/S3Streamer/streamer-banner.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerBanner, revealer);
  gtk_widget_class_bind_template_child (widget_class, StreamerBanner, title_label);
  gtk_widget_class_bind_template_child (widget_class, StreamerBanner, button);
  gtk_widget_class_bind_template_callback (widget_class, update_visible);
}

static void
streamer_banner_init (StreamerBanner *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
