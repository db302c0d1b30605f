/* streamer-token-dialog.c: asks for the token that a server wants to see, or for a bucket's keys
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The task ends in the main context, after the keyring has answered; the dialog is gone by then.
 */

#include "streamer-token-dialog.h"

#include <glib/gi18n-lib.h>

#include "streamer-accessible.h"

#define RESPONSE_SIGN_IN "sign-in"

struct _StreamerTokenDialog
{
  AdwMessageDialog parent_instance;

  GtkWidget *access_key_row;
  GtkWidget *token_row;

  StreamerConnection *connection; /* (owned) */
  GTask *task;                    /* (owned) (nullable): until there was a response */
  GSource *cancelled;             /* (owned) (nullable): closes the dialog */
};

G_DEFINE_FINAL_TYPE (StreamerTokenDialog, streamer_token_dialog, ADW_TYPE_MESSAGE_DIALOG)

static gboolean
is_bucket (StreamerTokenDialog *self)
{
  return streamer_connection_get_kind (self->connection) == STREAMER_CONNECTION_S3;
}

static char *
get_text (GtkWidget *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static gboolean
is_complete (StreamerTokenDialog *self)
{
  g_autofree char *access_key = get_text (self->access_key_row);
  g_autofree char *token = get_text (self->token_row);

  return *token != '\0' && (!is_bucket (self) || *access_key != '\0');
}

static void
on_text_changed (StreamerTokenDialog *self)
{
  if (self->connection != NULL)
    adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self), RESPONSE_SIGN_IN,
                                             is_complete (self));
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  gboolean kept = FALSE;

  if (streamer_secrets_store_finish (STREAMER_SECRETS (source), result, &kept, &error))
    g_task_return_int (task, kept);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static GTask *
steal_task (StreamerTokenDialog *self)
{
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);

  return g_steal_pointer (&self->task);
}

static void
return_nothing (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Nothing was entered."));
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  gtk_window_close (user_data);

  return G_SOURCE_REMOVE;
}

static void
on_response (StreamerTokenDialog *self, const char *response)
{
  g_autoptr (GTask) task = steal_task (self);
  g_autofree char *access_key = get_text (self->access_key_row);
  g_autofree char *token = get_text (self->token_row);

  if (task == NULL)
    return;

  if (g_strcmp0 (response, RESPONSE_SIGN_IN) != 0 || !is_complete (self))
    {
      return_nothing (task);
      return;
    }

  if (is_bucket (self))
    g_object_set (self->connection, "access-key", access_key, NULL);
  streamer_secrets_store_async (streamer_connection_get_secrets (self->connection),
                                streamer_connection_get_id (self->connection),
                                is_bucket (self) ? STREAMER_SECRET_S3_KEY : STREAMER_SECRET_TOKEN,
                                token, g_task_get_cancellable (task), on_stored,
                                g_object_ref (task));
}

static void
streamer_token_dialog_dispose (GObject *object)
{
  StreamerTokenDialog *self = STREAMER_TOKEN_DIALOG (object);
  g_autoptr (GTask) task = steal_task (self);

  /* Destroyed together with its parent, without a response. */
  if (task != NULL)
    return_nothing (task);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (streamer_token_dialog_parent_class)->dispose (object);
}

static void
streamer_token_dialog_class_init (StreamerTokenDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = streamer_token_dialog_dispose;

  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/s3streamer/S3Streamer/streamer-token-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerTokenDialog, access_key_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerTokenDialog, token_row);
  gtk_widget_class_bind_template_callback (widget_class, on_text_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_response);
}

static void
streamer_token_dialog_init (StreamerTokenDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  streamer_accessible_name_buttons (GTK_WIDGET (self));
}

static void
set_sentences (StreamerTokenDialog *self, const char *reason)
{
  const char *name = streamer_connection_get_name (self->connection);
  g_autofree char *heading = NULL;
  g_autofree char *wanted = NULL;
  g_autofree char *body = NULL;

  /* Translators: %s is the name of a server or a bucket. */
  heading = g_strdup_printf (_ ("Sign In to %s"), name);
  if (is_bucket (self))
    /* Translators: %s is the name of a bucket. */
    wanted =
        g_strdup_printf (_ ("Uploads to “%s” go on with the access key and the secret key that "
                            "you were given for it."),
                         name);
  else
    /* Translators: %s is the name of a server. */
    wanted = g_strdup_printf (_ ("Uploads to “%s” go on when it gets the token that you were given "
                                 "for it."),
                              name);
  body = reason != NULL ? g_strconcat (reason, "\n", wanted, NULL) : g_strdup (wanted);
  adw_message_dialog_set_heading (ADW_MESSAGE_DIALOG (self), heading);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (self), body);
}

static void
show_keys (StreamerTokenDialog *self)
{
  g_autofree char *access_key = NULL;

  g_object_get (self->connection, "access-key", &access_key, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->access_key_row), access_key != NULL ? access_key : "");
  gtk_widget_set_visible (self->access_key_row, TRUE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->token_row), _ ("Secret Key"));
}

void
streamer_token_dialog_ask_async (GtkWindow *parent,
                                 StreamerConnection *connection,
                                 const char *reason,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  StreamerTokenDialog *self;

  g_return_if_fail (parent == NULL || GTK_IS_WINDOW (parent));
  g_return_if_fail (STREAMER_IS_CONNECTION (connection));

  self = g_object_new (STREAMER_TYPE_TOKEN_DIALOG, "transient-for", parent, NULL);
  self->connection = g_object_ref (connection);
  self->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, streamer_token_dialog_ask_async);
  if (cancellable != NULL)
    {
      self->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_static_name (self->cancelled, "[s3streamer] token dialog cancelled");
      g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), self, NULL);
      g_source_attach (self->cancelled, NULL);
    }

  set_sentences (self, reason);
  if (is_bucket (self))
    show_keys (self);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (self->token_row);
}

gboolean
streamer_token_dialog_ask_finish (GAsyncResult *result, gboolean *kept, GError **error)
{
  GError *local_error = NULL;
  gssize value;

  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  value = g_task_propagate_int (G_TASK (result), &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  if (kept != NULL)
    *kept = value != 0;

  return TRUE;
}
