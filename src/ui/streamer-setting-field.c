/* streamer-setting-field.c: a text of the settings behind a row
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-setting-field.h"

#include "streamer-address.h"
#include "streamer-saved-connection.h"

struct _StreamerSettingField
{
  GObject parent_instance;

  GtkWidget *row;        /* (owned) */
  StreamerRowNote *note; /* (owned) */
  GSettings *settings;   /* (owned) */
  char *key;             /* (owned) */
  StreamerSettingCheck check;
  char *hint; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (StreamerSettingField, streamer_setting_field, G_TYPE_OBJECT)

/* Returns: FALSE where @text cannot be used */
static gboolean
show_check (StreamerSettingField *self, const char *text, gboolean typing)
{
  StreamerNoteKind kind = STREAMER_NOTE_PLAIN;
  g_autofree char *sentence = self->check != NULL ? self->check (text, &kind) : NULL;
  gboolean usable = kind != STREAMER_NOTE_ERROR;

  /* Half an address is no error yet. */
  if (typing && !usable)
    streamer_row_note_set (self->note, STREAMER_NOTE_PLAIN, NULL);
  else if (sentence != NULL)
    streamer_row_note_set (self->note, kind, sentence);
  else
    streamer_row_note_set (self->note, STREAMER_NOTE_PLAIN, *text == '\0' ? self->hint : NULL);
  return usable;
}

static void
on_changed (StreamerSettingField *self)
{
  g_autofree char *text = streamer_setting_field_get_text (self);

  show_check (self, text, TRUE);
}

static void
on_left (StreamerSettingField *self)
{
  streamer_setting_field_commit (self);
}

/* Somebody else may change it, too, such as who is asked for other keys. */
static void
show_setting (StreamerSettingField *self)
{
  g_autofree char *saved = g_settings_get_string (self->settings, self->key);
  g_autofree char *text = streamer_setting_field_get_text (self);

  if (!g_str_equal (saved, text))
    gtk_editable_set_text (GTK_EDITABLE (self->row), saved);
  show_check (self, saved, FALSE);
}

static void
streamer_setting_field_finalize (GObject *object)
{
  StreamerSettingField *self = STREAMER_SETTING_FIELD (object);

  g_object_unref (self->row);
  g_object_unref (self->note);
  g_object_unref (self->settings);
  g_free (self->key);
  g_free (self->hint);

  G_OBJECT_CLASS (streamer_setting_field_parent_class)->finalize (object);
}

static void
streamer_setting_field_class_init (StreamerSettingFieldClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_setting_field_finalize;
}

static void
streamer_setting_field_init (StreamerSettingField *self)
{
}

StreamerSettingField *
streamer_setting_field_new (GtkWidget *row,
                            StreamerRowNote *note,
                            GSettings *settings,
                            const char *key,
                            StreamerSettingCheck check,
                            const char *hint)
{
  StreamerSettingField *self;
  GtkEventController *focus;
  g_autofree char *changed = g_strconcat ("changed::", key, NULL);

  g_return_val_if_fail (ADW_IS_ENTRY_ROW (row), NULL);
  g_return_val_if_fail (G_IS_SETTINGS (settings), NULL);

  self = g_object_new (STREAMER_TYPE_SETTING_FIELD, NULL);
  self->row = g_object_ref (row);
  self->note = g_object_ref (note);
  self->settings = g_object_ref (settings);
  self->key = g_strdup (key);
  self->check = check;
  self->hint = g_strdup (hint);

  focus = gtk_event_controller_focus_new ();
  gtk_widget_add_controller (row, focus);
  g_signal_connect_object (focus, "leave", G_CALLBACK (on_left), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "entry-activated", G_CALLBACK (on_left), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, changed, G_CALLBACK (show_setting), self, G_CONNECT_SWAPPED);
  show_setting (self);

  return self;
}

gboolean
streamer_setting_field_commit (StreamerSettingField *self)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (STREAMER_IS_SETTING_FIELD (self), FALSE);

  text = streamer_setting_field_get_text (self);
  if (!show_check (self, text, FALSE))
    return FALSE;
  streamer_saved_connection_set (self->settings, self->key, text);
  return TRUE;
}

char *
streamer_setting_field_get_text (StreamerSettingField *self)
{
  g_return_val_if_fail (STREAMER_IS_SETTING_FIELD (self), NULL);

  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->row))));
}

void
streamer_setting_field_grab_focus (StreamerSettingField *self)
{
  g_return_if_fail (STREAMER_IS_SETTING_FIELD (self));

  gtk_widget_grab_focus (self->row);
}

char *
streamer_setting_check_domain (const char *text, StreamerNoteKind *kind)
{
  const char *sentence;

  /* Downloads are the visitors' own, so that it is no matter whether they are encrypted. */
  if (streamer_address_check (text, &sentence) != STREAMER_ADDRESS_BAD)
    return NULL;
  *kind = STREAMER_NOTE_ERROR;
  return g_strdup (sentence);
}
