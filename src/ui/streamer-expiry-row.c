/* streamer-expiry-row.c: for how long links work
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-expiry-row.h"

#include <glib/gi18n-lib.h>

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const int usual[] = { HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY };

struct _StreamerExpiryRow
{
  AdwComboRow parent_instance;

  GArray *offered; /* (owned) (element-type int): seconds, as in the model */
  int seconds;
  gboolean filling; /* nobody chose anything */
};

typedef enum
{
  PROP_SECONDS = 1,
} StreamerExpiryRowProperty;

static GParamSpec *props[PROP_SECONDS + 1];

G_DEFINE_FINAL_TYPE (StreamerExpiryRow, streamer_expiry_row, ADW_TYPE_COMBO_ROW)

static char *
describe (int seconds)
{
  if (seconds % DAY == 0)
    return g_strdup_printf (ngettext ("%d day", "%d days", (gulong) seconds / DAY), seconds / DAY);
  if (seconds % HOUR == 0)
    return g_strdup_printf (ngettext ("%d hour", "%d hours", (gulong) seconds / HOUR),
                            seconds / HOUR);
  if (seconds % MINUTE == 0)
    return g_strdup_printf (ngettext ("%d minute", "%d minutes", (gulong) seconds / MINUTE),
                            seconds / MINUTE);
  return g_strdup_printf (ngettext ("%d second", "%d seconds", (gulong) seconds), seconds);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

static void
fill (StreamerExpiryRow *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  gboolean is_usual = FALSE;
  guint selected = 0;

  g_array_set_size (self->offered, 0);
  g_array_append_vals (self->offered, usual, G_N_ELEMENTS (usual));
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    is_usual = is_usual || usual[i] == self->seconds;
  if (!is_usual)
    g_array_append_val (self->offered, self->seconds);
  g_array_sort (self->offered, compare);

  for (guint i = 0; i < self->offered->len; i++)
    {
      int seconds = g_array_index (self->offered, int, i);

      gtk_string_list_take (names, describe (seconds));
      if (seconds == self->seconds)
        selected = i;
    }

  self->filling = TRUE;
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (names));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), selected);
  self->filling = FALSE;
}

static void
set_seconds (StreamerExpiryRow *self, int seconds)
{
  if (self->seconds == seconds)
    return;

  self->seconds = seconds;
  fill (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SECONDS]);
}

static void
on_selected (StreamerExpiryRow *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));

  if (self->filling || selected >= self->offered->len)
    return;

  /* The list stays as it is while it is open. */
  self->seconds = g_array_index (self->offered, int, selected);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SECONDS]);
}

static void
streamer_expiry_row_finalize (GObject *object)
{
  g_array_unref (STREAMER_EXPIRY_ROW (object)->offered);

  G_OBJECT_CLASS (streamer_expiry_row_parent_class)->finalize (object);
}

static void
streamer_expiry_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch ((StreamerExpiryRowProperty) prop_id)
    {
    case PROP_SECONDS:
      g_value_set_int (value, STREAMER_EXPIRY_ROW (object)->seconds);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
streamer_expiry_row_set_property (GObject *object,
                                  guint prop_id,
                                  const GValue *value,
                                  GParamSpec *pspec)
{
  switch ((StreamerExpiryRowProperty) prop_id)
    {
    case PROP_SECONDS:
      set_seconds (STREAMER_EXPIRY_ROW (object), g_value_get_int (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
streamer_expiry_row_class_init (StreamerExpiryRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_expiry_row_finalize;
  object_class->get_property = streamer_expiry_row_get_property;
  object_class->set_property = streamer_expiry_row_set_property;

  props[PROP_SECONDS] =
      g_param_spec_int ("seconds", NULL, NULL, 0, G_MAXINT, 0,
                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
streamer_expiry_row_init (StreamerExpiryRow *self)
{
  self->offered = g_array_new (FALSE, FALSE, sizeof (int));
  g_signal_connect (self, "notify::selected", G_CALLBACK (on_selected), NULL);
}
