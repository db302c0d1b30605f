/* streamer-window-questions.c: what is asked before something is lost
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-window-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-accessible.h"
#include "streamer-error.h"
#include "streamer-isolate.h"
#include "streamer-quiet.h"
#include "streamer-transfer-status.h"

static void
cancelled_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!streamer_transfer_cancel_finish (STREAMER_TRANSFER (object), result, &error) &&
      !g_cancellable_is_cancelled (self->cancellable))
    streamer_window_show_message (self, error->message);
}

typedef struct
{
  StreamerWindow *window;     /* (owned) */
  StreamerTransfer *transfer; /* (owned) */
} Question;

static void
question_free (Question *question)
{
  g_object_unref (question->window);
  g_object_unref (question->transfer);
  g_free (question);
}

static void
cancel_response_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Question *question = user_data;

  if (g_str_equal (response, "cancel-upload") &&
      streamer_transfer_get_verbs (question->transfer) & STREAMER_TRANSFER_VERB_CANCEL)
    streamer_transfer_cancel_async (question->transfer, cancelled_cb,
                                    g_object_ref (question->window));
}

static void
question_free_closure (gpointer data, GClosure *closure)
{
  question_free (data);
}

/* @callback gets a Question. */
static void
ask (StreamerWindow *self,
     StreamerTransfer *transfer,
     const char *heading,
     const char *body,
     const char *keep_label,
     const char *response,
     const char *response_label,
     GCallback callback)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);
  Question *question = g_new0 (Question, 1);

  question->window = g_object_ref (self);
  question->transfer = g_object_ref (transfer);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "keep", keep_label);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), response, response_label);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), response,
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_signal_connect_data (dialog, "response", callback, question, question_free_closure, 0);
  streamer_accessible_name_buttons (dialog);
  streamer_quiet_containers (dialog);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
_streamer_window_ask_cancel (StreamerWindow *self, StreamerTransfer *transfer)
{
  g_autofree char *body = NULL;

  if (!(streamer_transfer_get_verbs (transfer) & STREAMER_TRANSFER_VERB_CANCEL))
    return;

  if (streamer_transfer_get_sent (transfer) == 0)
    {
      streamer_transfer_cancel_async (transfer, cancelled_cb, g_object_ref (self));
      return;
    }

  /* Translators: %s is a file's name */
  body = g_strdup_printf (
      _ ("What was uploaded of “%s” is removed from the server. The file itself stays."),
      streamer_transfer_get_name (transfer));
  ask (self, transfer, _ ("Cancel the Upload?"), body, _ ("_Keep Uploading"), "cancel-upload",
       _ ("_Cancel Upload"), G_CALLBACK (cancel_response_cb));
}

static void
purged_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  StreamerWindow *self = question->window;
  StreamerQueue *queue = STREAMER_QUEUE (object);
  g_autoptr (GError) error = NULL;
  gboolean gone = streamer_queue_purge_finish (queue, result, &error);
  gboolean was_gone = g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);

  if ((gone || was_gone) && streamer_transfer_is_over (question->transfer))
    streamer_queue_remove (queue, question->transfer);
  if (!g_cancellable_is_cancelled (self->cancellable))
    streamer_window_show_message (self, gone ? _ ("Removed from the server") : error->message);

  question_free (question);
}

static void
remove_response_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Question *question = user_data;
  StreamerWindow *self = question->window;
  Question *copy;

  if (!g_str_equal (response, "remove") || self->queue == NULL)
    return;

  copy = g_new0 (Question, 1);
  copy->window = g_object_ref (self);
  copy->transfer = g_object_ref (question->transfer);
  streamer_queue_purge_async (self->queue,
                              streamer_transfer_get_target (copy->transfer)->connection,
                              streamer_transfer_get_key (copy->transfer), NULL, purged_cb, copy);
}

void
_streamer_window_ask_remove (StreamerWindow *self, StreamerTransfer *transfer)
{
  g_autofree char *body = NULL;

  if (!(streamer_transfer_get_verbs (transfer) & STREAMER_TRANSFER_VERB_REMOVE_FROM_SERVER))
    return;

  /* Translators: %s is a file's name */
  body = g_strdup_printf (
      _ ("The link to “%s” stops working for everybody. The file on this computer stays."),
      streamer_transfer_get_name (transfer));
  ask (self, transfer, _ ("Remove from the Server?"), body, _ ("_Keep on Server"), "remove",
       _ ("_Remove from Server"), G_CALLBACK (remove_response_cb));
}

static void
replace_response_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Question *question = user_data;
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (question->window));

  if (application != NULL && g_str_equal (response, "replace") &&
      streamer_transfer_get_verbs (question->transfer) & STREAMER_TRANSFER_VERB_REPLACE)
    streamer_application_replace (STREAMER_APPLICATION (application), question->transfer);
}

void
_streamer_window_ask_replace (StreamerWindow *self, StreamerTransfer *transfer)
{
  g_autofree char *key = NULL;
  g_autofree char *server = NULL;
  g_autofree char *body = NULL;

  if (!(streamer_transfer_get_verbs (transfer) & STREAMER_TRANSFER_VERB_REPLACE))
    return;

  key = streamer_isolate (streamer_transfer_get_key (transfer));
  server = streamer_isolate (
      streamer_connection_get_name (streamer_transfer_get_target (transfer)->connection));
  /* Translators: the first %s is a name on the server, the second the server's */
  body = g_strdup_printf (_ ("“%s” on %s is lost, and links to it lead to the new file."), key,
                          server);
  ask (self, transfer, _ ("Replace What Is on the Server?"), body, _ ("_Keep It"), "replace",
       _ ("_Replace"), G_CALLBACK (replace_response_cb));
}
