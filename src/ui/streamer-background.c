/* streamer-background.c: uploads that go on while nobody looks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-background.h"

#include <glib/gi18n-lib.h>

#define BATCH_NOTIFICATION "batch"
#define TOKEN_NOTIFICATION "token"

/* So long can "Copy Link" be chosen in the notification after the last window was closed. */
#define LINGER_MS (10 * 60 * 1000)

struct _StreamerBackground
{
  GObject parent_instance;

  GtkApplication *application; /* (unowned): it owns this object */
  StreamerQueue *queue;        /* (owned) */
  GHashTable *told;            /* (owned): ids of transfers that are over and were told of */
  gboolean holding;
  gboolean batch_open; /* something was sent since the last notification */
  guint inhibit_cookie;
  guint update_id;
};

G_DEFINE_FINAL_TYPE (StreamerBackground, streamer_background, G_TYPE_OBJECT)

gboolean
streamer_background_is_wanted (StreamerQueue *queue)
{
  GListModel *model = G_LIST_MODEL (queue);
  gboolean any_paused = FALSE;

  if (streamer_queue_is_idle (queue))
    return FALSE;
  if (streamer_queue_get_journal (queue) == NULL ||
      streamer_queue_get_n_active (queue) + streamer_queue_get_n_waiting (queue) > 0 ||
      streamer_queue_get_needs_token (queue) != NULL)
    return TRUE;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);

      any_paused |= streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_PAUSED;
    }

  /* Without any it is files that are being looked for. */
  return !any_paused;
}

static gboolean
is_looked_at (StreamerBackground *self)
{
  GtkWindow *window = gtk_application_get_active_window (self->application);

  return window != NULL && gtk_window_is_active (window);
}

static void
add_copy_button (GNotification *notification, GPtrArray *done)
{
  GVariantBuilder ids;

  g_variant_builder_init (&ids, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < done->len; i++)
    g_variant_builder_add (&ids, "s", streamer_transfer_get_id (g_ptr_array_index (done, i)));

  g_notification_add_button_with_target_value (notification,
                                               done->len == 1 ? _ ("Copy Link") : _ ("Copy Links"),
                                               "app.copy-links", g_variant_builder_end (&ids));
}

static char *
get_batch_title (GPtrArray *done, guint n_failed)
{
  g_autofree char *uploaded = NULL;

  if (done->len == 0)
    return g_strdup_printf (
        ngettext ("%u file was not uploaded", "%u files were not uploaded", n_failed), n_failed);

  if (done->len == 1 && n_failed == 0)
    /* Translators: %s is a file's name */
    return g_strdup_printf (_ ("“%s” is uploaded"),
                            streamer_transfer_get_name (g_ptr_array_index (done, 0)));

  uploaded = g_strdup_printf (ngettext ("%u file is uploaded", "%u files are uploaded", done->len),
                              done->len);
  if (n_failed == 0)
    return g_steal_pointer (&uploaded);

  /* Translators: %s is "3 files are uploaded" */
  return g_strdup_printf (ngettext ("%s, %u failed", "%s, %u failed", n_failed), uploaded,
                          n_failed);
}

/* Returns: (transfer full): the transfers that got done since the last time */
static GPtrArray *
collect_batch (StreamerBackground *self, guint *n_failed, StreamerTransfer **last)
{
  GPtrArray *done = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *model = G_LIST_MODEL (self->queue);

  *n_failed = 0;
  *last = NULL;
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);
      StreamerTransferState state = streamer_transfer_get_state (transfer);

      if (!streamer_transfer_is_over (transfer))
        {
          g_hash_table_remove (self->told, streamer_transfer_get_id (transfer));
          continue;
        }
      if (!g_hash_table_add (self->told, g_strdup (streamer_transfer_get_id (transfer))))
        continue;

      if (state == STREAMER_TRANSFER_DONE)
        g_ptr_array_add (done, g_object_ref (transfer));
      else if (state == STREAMER_TRANSFER_FAILED)
        (*n_failed)++;
      if (state != STREAMER_TRANSFER_CANCELLED)
        *last = transfer;
    }

  return done;
}

static void
tell_of_batch (StreamerBackground *self)
{
  guint n_failed;
  StreamerTransfer *last;
  g_autoptr (GPtrArray) done = collect_batch (self, &n_failed, &last);
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *title = NULL;

  if (last == NULL || is_looked_at (self))
    return;

  title = get_batch_title (done, n_failed);
  notification = g_notification_new (title);
  g_notification_set_default_action_and_target (notification, "app.show-transfer", "s",
                                                streamer_transfer_get_id (last));
  if (done->len > 0)
    add_copy_button (notification, done);
  g_notification_add_button_with_target (notification, _ ("Show"), "app.show-transfer", "s",
                                         streamer_transfer_get_id (last));
  g_application_send_notification (G_APPLICATION (self->application), BATCH_NOTIFICATION,
                                   notification);
  g_application_set_inactivity_timeout (G_APPLICATION (self->application), LINGER_MS);
}

static void
update_token_notification (StreamerBackground *self)
{
  StreamerConnection *connection = streamer_queue_get_needs_token (self->queue);
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *body = NULL;

  if (connection == NULL || is_looked_at (self))
    {
      g_application_withdraw_notification (G_APPLICATION (self->application), TOKEN_NOTIFICATION);
      return;
    }

  notification = g_notification_new (_ ("Sign-in needed"));
  if (streamer_connection_get_kind (connection) == STREAMER_CONNECTION_S3)
    /* Translators: %s is the name of a bucket */
    body = g_strdup_printf (_ ("Uploads to %s wait for other keys."),
                            streamer_connection_get_name (connection));
  else
    /* Translators: %s is the name of a server */
    body = g_strdup_printf (_ ("Uploads to %s wait for a token."),
                            streamer_connection_get_name (connection));
  g_notification_set_body (notification, body);
  g_application_send_notification (G_APPLICATION (self->application), TOKEN_NOTIFICATION,
                                   notification);
}

/* What was told of is seen in the window, too: then the program may end with it. */
static void
update_seen (StreamerBackground *self)
{
  if (!is_looked_at (self))
    return;

  g_application_withdraw_notification (G_APPLICATION (self->application), BATCH_NOTIFICATION);
  g_application_set_inactivity_timeout (G_APPLICATION (self->application), 0);
}

static void
update_hold (StreamerBackground *self)
{
  gboolean wanted = streamer_background_is_wanted (self->queue);
  GApplication *application = G_APPLICATION (self->application);

  if (wanted == self->holding)
    return;

  self->holding = wanted;
  if (wanted)
    {
      g_application_hold (application);
      return;
    }

  g_application_release (application);
}

static void
update_inhibit (StreamerBackground *self, gboolean moving)
{
  if (moving && self->inhibit_cookie == 0)
    {
      self->inhibit_cookie = gtk_application_inhibit (
          self->application, gtk_application_get_active_window (self->application),
          GTK_APPLICATION_INHIBIT_SUSPEND, _ ("Files are being uploaded."));
    }
  else if (!moving && self->inhibit_cookie != 0)
    {
      gtk_application_uninhibit (self->application, self->inhibit_cookie);
      self->inhibit_cookie = 0;
    }
}

static gboolean
update_cb (gpointer user_data)
{
  StreamerBackground *self = user_data;
  guint n_active = streamer_queue_get_n_active (self->queue);
  gboolean busy = n_active + streamer_queue_get_n_waiting (self->queue) > 0;

  self->update_id = 0;
  update_inhibit (self, n_active > 0);
  update_token_notification (self);
  if (busy)
    {
      self->batch_open = TRUE;
    }
  else if (self->batch_open)
    {
      self->batch_open = FALSE;
      tell_of_batch (self);
    }
  update_seen (self);
  update_hold (self);

  return G_SOURCE_REMOVE;
}

/* Between two transfers the queue looks idle for a moment. */
static void
queue_update (StreamerBackground *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add (update_cb, self);
}

/* What comes back from an earlier run was told of then. What is refused now never began. */
static void
items_changed_cb (StreamerBackground *self,
                  guint position,
                  guint removed,
                  guint added,
                  GListModel *queue)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (queue, i);

      if (streamer_transfer_is_over (transfer) &&
          (streamer_transfer_get_state (transfer) != STREAMER_TRANSFER_FAILED ||
           streamer_transfer_can_start_over (transfer)))
        g_hash_table_add (self->told, g_strdup (streamer_transfer_get_id (transfer)));
    }

  queue_update (self);
}

static void
window_added_cb (StreamerBackground *self, GtkWindow *window)
{
  g_signal_connect_object (window, "notify::is-active", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
}

static void
streamer_background_dispose (GObject *object)
{
  StreamerBackground *self = STREAMER_BACKGROUND (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  if (self->queue != NULL)
    {
      update_inhibit (self, FALSE);
      if (self->holding)
        g_application_release (G_APPLICATION (self->application));
      self->holding = FALSE;
    }
  g_clear_object (&self->queue);

  G_OBJECT_CLASS (streamer_background_parent_class)->dispose (object);
}

static void
streamer_background_finalize (GObject *object)
{
  StreamerBackground *self = STREAMER_BACKGROUND (object);

  g_hash_table_unref (self->told);

  G_OBJECT_CLASS (streamer_background_parent_class)->finalize (object);
}

static void
streamer_background_class_init (StreamerBackgroundClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = streamer_background_dispose;
  object_class->finalize = streamer_background_finalize;
}

static void
streamer_background_init (StreamerBackground *self)
{
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

StreamerBackground *
streamer_background_new (GtkApplication *application, StreamerQueue *queue)
{
  static const char *const names[] = { "notify::n-active", "notify::n-waiting",
                                       "notify::needs-token" };
  StreamerBackground *self;

  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (STREAMER_IS_QUEUE (queue), NULL);

  self = g_object_new (STREAMER_TYPE_BACKGROUND, NULL);
  self->application = application;
  self->queue = g_object_ref (queue);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_signal_connect_object (queue, names[i], G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (application, "window-removed", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (application, "window-added", G_CALLBACK (window_added_cb), self,
                           G_CONNECT_SWAPPED);

  return self;
}
