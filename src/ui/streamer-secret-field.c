/* streamer-secret-field.c: one secret of a connection behind a row for passwords
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keyring may ask the user to unlock it, so it is only ever asked asynchronously.
 */

#include "streamer-secret-field.h"

#include <glib/gi18n-lib.h>

struct _StreamerSecretField
{
  GObject parent_instance;

  GtkWidget *row;           /* (owned) */
  StreamerRowNote *note;    /* (owned) */
  GtkWidget *forget;        /* (owned) */
  StreamerSecrets *secrets; /* (owned) */
  char *connection_id;      /* (owned) */
  StreamerSecretKind kind;
  guint n_pending;
};

typedef enum
{
  PROP_BUSY = 1,
} StreamerSecretFieldProperty;

static GParamSpec *props[PROP_BUSY + 1];

G_DEFINE_FINAL_TYPE (StreamerSecretField, streamer_secret_field, G_TYPE_OBJECT)

static void
add_pending (StreamerSecretField *self, int change)
{
  gboolean was_busy = self->n_pending > 0;

  self->n_pending += change;
  if (was_busy != (self->n_pending > 0))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BUSY]);
}

static void
show_missing (StreamerSecretField *self)
{
  streamer_row_note_set (self->note, STREAMER_NOTE_PLAIN, NULL);
  gtk_widget_set_visible (self->forget, FALSE);
}

static void
show_present (StreamerSecretField *self, StreamerNoteKind kind, const char *text)
{
  streamer_row_note_set (self->note, kind, text);
  gtk_widget_set_visible (self->forget, TRUE);
}

static void
show_error (StreamerSecretField *self, const GError *error)
{
  g_autofree char *text = NULL;

  /* Translators: %s is the keyring's own sentence. */
  text = g_strdup_printf (_ ("The keyring could not be used. %s"), error->message);
  streamer_row_note_set (self->note, STREAMER_NOTE_ERROR, text);
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerSecretField) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *secret = NULL;

  secret = streamer_secrets_lookup_finish (STREAMER_SECRETS (source), result, &error);
  if (error != NULL)
    show_error (self, error);
  else if (secret == NULL)
    show_missing (self);
  else
    show_present (self, STREAMER_NOTE_PLAIN, _ ("One is saved. What you type here replaces it."));
  add_pending (self, -1);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerSecretField) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean kept;

  if (!streamer_secrets_store_finish (STREAMER_SECRETS (source), result, &kept, &error))
    show_error (self, error);
  else if (kept)
    show_present (self, STREAMER_NOTE_PLAIN, _ ("Kept in the keyring."));
  else
    show_present (self, STREAMER_NOTE_WARNING,
                  _ ("Kept for this run only, because there is no keyring."));
  add_pending (self, -1);
}

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerSecretField) self = user_data;
  g_autoptr (GError) error = NULL;

  if (streamer_secrets_store_finish (STREAMER_SECRETS (source), result, NULL, &error))
    show_missing (self);
  else
    show_error (self, error);
  add_pending (self, -1);
}

static void
on_forget_clicked (StreamerSecretField *self)
{
  add_pending (self, 1);
  streamer_secrets_store_async (self->secrets, self->connection_id, self->kind, NULL, NULL,
                                on_forgotten, g_object_ref (self));
}

static void
streamer_secret_field_get_property (GObject *object,
                                    guint prop_id,
                                    GValue *value,
                                    GParamSpec *pspec)
{
  StreamerSecretField *self = STREAMER_SECRET_FIELD (object);

  switch ((StreamerSecretFieldProperty) prop_id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, self->n_pending > 0);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
streamer_secret_field_finalize (GObject *object)
{
  StreamerSecretField *self = STREAMER_SECRET_FIELD (object);

  g_object_unref (self->row);
  g_object_unref (self->note);
  g_object_unref (self->forget);
  g_object_unref (self->secrets);
  g_free (self->connection_id);

  G_OBJECT_CLASS (streamer_secret_field_parent_class)->finalize (object);
}

static void
streamer_secret_field_class_init (StreamerSecretFieldClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_secret_field_finalize;
  object_class->get_property = streamer_secret_field_get_property;

  props[PROP_BUSY] =
      g_param_spec_boolean ("busy", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
streamer_secret_field_init (StreamerSecretField *self)
{
}

StreamerSecretField *
streamer_secret_field_new (GtkWidget *row,
                           StreamerRowNote *note,
                           GtkWidget *forget,
                           StreamerSecrets *secrets,
                           const char *connection_id,
                           StreamerSecretKind kind)
{
  StreamerSecretField *self;
  GtkEventController *focus;

  g_return_val_if_fail (ADW_IS_PASSWORD_ENTRY_ROW (row), NULL);
  g_return_val_if_fail (STREAMER_IS_SECRETS (secrets), NULL);

  self = g_object_new (STREAMER_TYPE_SECRET_FIELD, NULL);
  self->row = g_object_ref (row);
  self->note = g_object_ref (note);
  self->forget = g_object_ref (forget);
  self->secrets = g_object_ref (secrets);
  self->connection_id = g_strdup (connection_id);
  self->kind = kind;

  focus = gtk_event_controller_focus_new ();
  gtk_widget_add_controller (row, focus);
  g_signal_connect_object (focus, "leave", G_CALLBACK (streamer_secret_field_commit), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "entry-activated", G_CALLBACK (streamer_secret_field_commit), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (forget, "clicked", G_CALLBACK (on_forget_clicked), self,
                           G_CONNECT_SWAPPED);

  show_missing (self);
  add_pending (self, 1);
  streamer_secrets_lookup_async (secrets, connection_id, kind, NULL, on_looked_up,
                                 g_object_ref (self));

  return self;
}

void
streamer_secret_field_commit (StreamerSecretField *self)
{
  g_autofree char *secret = NULL;

  g_return_if_fail (STREAMER_IS_SECRET_FIELD (self));

  secret = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->row))));
  if (*secret == '\0')
    return;

  gtk_editable_set_text (GTK_EDITABLE (self->row), "");
  add_pending (self, 1);
  streamer_secrets_store_async (self->secrets, self->connection_id, self->kind, secret, NULL,
                                on_stored, g_object_ref (self));
}

gboolean
streamer_secret_field_get_busy (StreamerSecretField *self)
{
  g_return_val_if_fail (STREAMER_IS_SECRET_FIELD (self), FALSE);

  return self->n_pending > 0;
}
