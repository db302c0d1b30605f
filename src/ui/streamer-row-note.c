/* streamer-row-note.c: one sentence below a row, since rows for text have no subtitle
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-row-note.h"

struct _StreamerRowNote
{
  AdwPreferencesRow parent_instance;

  GtkWidget *row; /* (nullable) (unowned): lives in the same template */
  GtkLabel *label;
  StreamerNoteKind kind;
};

typedef enum
{
  PROP_ROW = 1,
} StreamerRowNoteProperty;

static GParamSpec *props[PROP_ROW + 1];

G_DEFINE_FINAL_TYPE (StreamerRowNote, streamer_row_note, ADW_TYPE_PREFERENCES_ROW)

static void
set_class (gpointer widget, const char *name, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
streamer_row_note_set_property (GObject *object,
                                guint prop_id,
                                const GValue *value,
                                GParamSpec *pspec)
{
  StreamerRowNote *self = STREAMER_ROW_NOTE (object);

  switch ((StreamerRowNoteProperty) prop_id)
    {
    case PROP_ROW:
      g_set_weak_pointer (&self->row, g_value_get_object (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
streamer_row_note_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  StreamerRowNote *self = STREAMER_ROW_NOTE (object);

  switch ((StreamerRowNoteProperty) prop_id)
    {
    case PROP_ROW:
      g_value_set_object (value, self->row);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
streamer_row_note_dispose (GObject *object)
{
  g_clear_weak_pointer (&STREAMER_ROW_NOTE (object)->row);

  G_OBJECT_CLASS (streamer_row_note_parent_class)->dispose (object);
}

static void
streamer_row_note_class_init (StreamerRowNoteClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = streamer_row_note_dispose;
  object_class->set_property = streamer_row_note_set_property;
  object_class->get_property = streamer_row_note_get_property;

  props[PROP_ROW] = g_param_spec_object ("row", NULL, NULL, GTK_TYPE_WIDGET,
                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
streamer_row_note_init (StreamerRowNote *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_set_margin_end (label, 12);
  gtk_widget_set_margin_top (label, 8);
  gtk_widget_set_margin_bottom (label, 8);
  gtk_widget_add_css_class (label, "caption");
  self->label = GTK_LABEL (label);

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_RELATION_LABELLED_BY, label,
                                  NULL, -1);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
streamer_row_note_set (StreamerRowNote *self, StreamerNoteKind kind, const char *text)
{
  gboolean shown = text != NULL && *text != '\0';

  g_return_if_fail (STREAMER_IS_ROW_NOTE (self));

  self->kind = shown ? kind : STREAMER_NOTE_PLAIN;
  gtk_label_set_text (self->label, shown ? text : "");
  set_class (self->label, "error", self->kind == STREAMER_NOTE_ERROR);
  set_class (self->label, "warning", self->kind == STREAMER_NOTE_WARNING);
  set_class (self->label, "dim-label", self->kind == STREAMER_NOTE_PLAIN);
  gtk_widget_set_visible (GTK_WIDGET (self), shown);

  if (self->row == NULL)
    return;

  set_class (self->row, "error", self->kind == STREAMER_NOTE_ERROR);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->row), GTK_ACCESSIBLE_STATE_INVALID,
                               self->kind == STREAMER_NOTE_ERROR ? GTK_ACCESSIBLE_INVALID_TRUE
                                                                 : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  if (shown)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    text, -1);
  else
    gtk_accessible_reset_property (GTK_ACCESSIBLE (self->row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
}

const char *
streamer_row_note_get_text (StreamerRowNote *self)
{
  g_return_val_if_fail (STREAMER_IS_ROW_NOTE (self), NULL);

  return gtk_label_get_text (self->label);
}

StreamerNoteKind
streamer_row_note_get_kind (StreamerRowNote *self)
{
  g_return_val_if_fail (STREAMER_IS_ROW_NOTE (self), STREAMER_NOTE_PLAIN);

  return self->kind;
}
