/* streamer-window-banner.c: what is wrong for a while, and what is done about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-window-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-token-dialog.h"

static void
token_asked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean kept = FALSE;

  self->asking_for_token = FALSE;
  if (streamer_token_dialog_ask_finish (result, &kept, &error))
    {
      if (self->queue != NULL && self->asked_for_token != NULL)
        streamer_queue_token_given (self->queue, self->asked_for_token);
      if (!kept)
        streamer_window_show_message (
            self, _ ("It is kept for this run only, because there is no keyring."));
      g_clear_object (&self->asked_for_token);
    }
  else if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      streamer_window_show_message (self, error->message);
    }
}

void
streamer_window_ask_token (StreamerWindow *self, StreamerConnection *connection, const char *reason)
{
  g_return_if_fail (STREAMER_IS_WINDOW (self));
  g_return_if_fail (STREAMER_IS_CONNECTION (connection));

  if (self->asking_for_token)
    return;

  self->asking_for_token = TRUE;
  g_set_object (&self->asked_for_token, connection);
  streamer_token_dialog_ask_async (GTK_WINDOW (self), connection, reason, self->cancellable,
                                   token_asked_cb, g_object_ref (self));
}

static const char *
get_token_reason (StreamerWindow *self, StreamerConnection *connection)
{
  GListModel *model = G_LIST_MODEL (self->queue);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);
      const GError *error = streamer_transfer_get_error (transfer);

      if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_NEEDS_TOKEN &&
          streamer_transfer_get_target (transfer)->connection == connection && error != NULL)
        return error->message;
    }

  return NULL;
}

/* @button_label: "" for none */
static void
show (StreamerWindow *self, const char *title, const char *button_label, const char *action)
{
  g_object_set (self->banner, "title", title, "button-label", button_label, "action-name", action,
                "revealed", TRUE, NULL);
}

/* The dialog comes by itself once for each time that a token is missing; the banner stays. */
static void
show_token (StreamerWindow *self, StreamerConnection *connection)
{
  gboolean is_bucket = streamer_connection_get_kind (connection) == STREAMER_CONNECTION_S3;
  g_autofree char *title = NULL;

  /* Translators: %s is the name of a server or a bucket */
  title = g_strdup_printf (is_bucket ? _ ("%s needs other keys.") : _ ("%s needs a token."),
                           streamer_connection_get_name (connection));
  show (self, title, is_bucket ? _ ("Enter Keys…") : _ ("Enter Token…"), "win.sign-in");
  if (connection != self->asked_for_token && gtk_window_is_active (GTK_WINDOW (self)))
    streamer_window_ask_token (self, connection, get_token_reason (self, connection));
}

static gboolean
is_held_by_network (StreamerWindow *self)
{
  GListModel *model = G_LIST_MODEL (self->queue);

  if (streamer_queue_get_n_active (self->queue) == 0 ||
      g_network_monitor_get_network_available (g_network_monitor_get_default ()))
    return FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);

      if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_STALLED)
        return TRUE;
    }

  return FALSE;
}

void
_streamer_window_update_banner (StreamerWindow *self)
{
  StreamerConnection *connection = streamer_queue_get_needs_token (self->queue);
  const char *problem = streamer_history_get_problem (self->history);
  const char *set_aside = streamer_history_get_set_aside (self->history);
  const char *wrong_clock = streamer_queue_get_wrong_clock (self->queue);

  if (connection != NULL)
    {
      show_token (self, connection);
      return;
    }

  if (!self->asking_for_token)
    g_clear_object (&self->asked_for_token);
  if (problem != NULL)
    show (self, problem, "", NULL);
  else if (set_aside != NULL)
    show (self, set_aside, _ ("Close"), "win.forget-set-aside");
  else if (is_held_by_network (self))
    show (self, _ ("This computer is offline. Uploads go on as soon as there is a network."), "",
          NULL);
  else if (wrong_clock != NULL)
    show (self, wrong_clock, "", NULL);
  else
    g_object_set (self->banner, "revealed", FALSE, NULL);
}
