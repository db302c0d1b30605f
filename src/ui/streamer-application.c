/* streamer-application.c: one instance per user, whatever door a file comes through
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-application-private.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

#include "streamer-background.h"
#include "streamer-key.h"
#include "streamer-settings.h"

struct _StreamerApplication
{
  AdwApplication parent_instance;

  StreamerQueue *queue;           /* (owned) */
  GSettings *settings;            /* (owned) (nullable) */
  StreamerSecrets *secrets;       /* (owned) */
  StreamerConnection *connection; /* (owned) (nullable): the default one, opened when needed */
  GSettings *place_settings;      /* (owned) (nullable): of connection */
  StreamerBackground *background; /* (owned) */
  StreamerHistory *history;       /* (owned) */
  GPtrArray *early;               /* (owned) (element-type GFile): wait for the history */
  StreamerTarget *newest;    /* (owned) (nullable): of what was added last, until it is shown */
  GCancellable *cancellable; /* (owned): ends with the program */
  gboolean keep_uploading;
  gboolean is_stopping;
  gboolean is_stopped;
  guint signal_ids[3];
};

G_DEFINE_FINAL_TYPE (StreamerApplication, streamer_application, ADW_TYPE_APPLICATION)

/* Returns: (transfer none) (nullable) */
static StreamerWindow *
find_window (StreamerApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    {
      if (STREAMER_IS_WINDOW (l->data))
        return l->data;
    }

  return NULL;
}

StreamerWindow *
_streamer_application_get_window (StreamerApplication *self)
{
  StreamerWindow *window = find_window (self);

  return window != NULL ? window : STREAMER_WINDOW (streamer_window_new (self));
}

/* Not where the program is about to end: that would open a window again. */
static void
show_message (StreamerApplication *self, const char *text)
{
  if (!g_cancellable_is_cancelled (self->cancellable))
    streamer_window_show_message (_streamer_application_get_window (self), text);
}

static void
connection_changed_cb (StreamerApplication *self)
{
  g_clear_object (&self->connection);
  g_clear_object (&self->place_settings);
}

/* A connection follows its other settings by itself. */
static void
place_changed_cb (StreamerApplication *self, const char *key)
{
  static const char *const keys[] = { STREAMER_SETTING_KIND,         STREAMER_SETTING_BUCKET,
                                      STREAMER_SETTING_ENDPOINT,     STREAMER_SETTING_REGION,
                                      STREAMER_SETTING_VIRTUAL_HOST, STREAMER_SETTING_STORAGE_CLASS,
                                      STREAMER_SETTING_LINK_EXPIRES, NULL };

  if (g_strv_contains (keys, key))
    connection_changed_cb (self);
}

/* Transfers that are there go on to where they went; the next one goes to the changed place. */
static void
watch_place (StreamerApplication *self)
{
  const char *id = streamer_connection_get_id (self->connection);

  if (g_str_equal (id, STREAMER_CONNECTION_ID_THIS_COMPUTER))
    return;

  self->place_settings = streamer_settings_new_for_connection (id, NULL);
  if (self->place_settings != NULL)
    g_signal_connect_object (self->place_settings, "changed", G_CALLBACK (place_changed_cb), self,
                             G_CONNECT_SWAPPED);
}

static StreamerTarget *
make_target (StreamerApplication *self, GError **error)
{
  if (self->connection == NULL)
    {
      self->connection =
          streamer_settings_open_connection (self->settings, NULL, self->secrets, error);
      if (self->connection == NULL)
        return NULL;
      watch_place (self);
    }

  if (self->settings == NULL)
    return streamer_target_new (self->connection);

  return streamer_target_new_from_settings (self->connection, self->settings);
}

typedef struct
{
  StreamerApplication *application; /* (owned) */
  char *name;                       /* (owned): for display */
} Addition;

static void
added_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Addition *addition = user_data;
  g_autoptr (GError) error = NULL;
  guint n_added = streamer_queue_add_finish (STREAMER_QUEUE (object), result, &error);

  if (error == NULL && n_added == 0)
    {
      g_autofree char *text = NULL;

      /* Translators: %s is a folder's name */
      text = g_strdup_printf (_ ("There are no files in the folder “%s”."), addition->name);
      show_message (addition->application, text);
    }

  g_object_unref (addition->application);
  g_free (addition->name);
  g_free (addition);
}

/* Runs after the views have heard of it. What somebody has just added is what they look for; what
 * comes back from the history has another target. */
static void
queue_items_changed_cb (StreamerApplication *self, guint position, guint removed, guint added)
{
  StreamerWindow *window = find_window (self);
  g_autoptr (StreamerTransfer) transfer = NULL;

  if (self->newest == NULL || added == 0)
    return;

  transfer = g_list_model_get_item (G_LIST_MODEL (self->queue), position);
  if (streamer_transfer_get_target (transfer) != self->newest)
    return;

  g_clear_pointer (&self->newest, streamer_target_unref);
  if (window != NULL)
    streamer_window_select_transfer (window, transfer);
}

static void
add_file (StreamerApplication *self, GFile *file, StreamerTarget *target)
{
  Addition *addition = g_new0 (Addition, 1);
  g_autofree char *name = g_file_get_basename (file);

  addition->application = g_object_ref (self);
  addition->name = streamer_key_display_name (name);
  if (self->newest != target)
    {
      g_clear_pointer (&self->newest, streamer_target_unref);
      self->newest = streamer_target_ref (target);
    }
  streamer_queue_add_async (self->queue, file, target, self->cancellable, added_cb, addition);
}

static void
add_files (StreamerApplication *self, GFile **files, guint n_files)
{
  g_autoptr (StreamerTarget) target = NULL;
  g_autoptr (GError) error = NULL;
  GFile *foreign = NULL;

  target = make_target (self, &error);
  if (target == NULL)
    {
      show_message (self, error->message);
      return;
    }

  for (guint i = 0; i < n_files; i++)
    {
      if (g_file_peek_path (files[i]) != NULL)
        add_file (self, files[i], target);
      else
        foreign = files[i];
    }

  if (foreign != NULL)
    {
      g_autofree char *name = g_file_get_parse_name (foreign);
      g_autofree char *text = NULL;

      /* Translators: %s is an address like sftp://… */
      text = g_strdup_printf (_ ("“%s” is not on this computer. Copy it to a folder first."), name);
      show_message (self, text);
    }
}

void
streamer_application_add_files (StreamerApplication *self, GFile **files, guint n_files)
{
  g_return_if_fail (STREAMER_IS_APPLICATION (self));

  if (streamer_history_is_ready (self->history))
    {
      add_files (self, files, n_files);
      return;
    }

  for (guint i = 0; i < n_files; i++)
    g_ptr_array_add (self->early, g_object_ref (files[i]));
}

static void
history_ready_cb (StreamerApplication *self)
{
  if (self->early->len > 0)
    add_files (self, (GFile **) self->early->pdata, self->early->len);
  g_ptr_array_set_size (self->early, 0);
}

/* Returns: (transfer full): as @transfer has it, for its own file alone */
static StreamerTarget *
copy_target (StreamerTransfer *transfer)
{
  StreamerTarget *old = streamer_transfer_get_target (transfer);
  StreamerTarget *target = streamer_target_new (old->connection);

  /* A name that has a key is the file's own, unescaped. */
  target->prefix = g_strdup (old->prefix);
  target->name = g_strdup (streamer_transfer_get_name (transfer));
  target->part_size = old->part_size;
  target->overwrite = old->overwrite;
  target->content_type = g_strdup (old->content_type);
  target->storage_class = g_strdup (old->storage_class);
  target->metadata = g_strdupv (old->metadata);
  target->wants_sha256 = old->wants_sha256;
  g_free (target->tmp);
  target->tmp = g_strdup (old->tmp);

  return target;
}

void
streamer_application_upload_again (StreamerApplication *self, StreamerTransfer *transfer)
{
  g_autoptr (StreamerTarget) target = NULL;
  GFile *file;

  g_return_if_fail (STREAMER_IS_APPLICATION (self));
  g_return_if_fail (STREAMER_IS_TRANSFER (transfer));

  file = streamer_transfer_get_file (transfer);
  if (file == NULL)
    return;

  target = copy_target (transfer);
  add_file (self, file, target);
}

void
streamer_application_replace (StreamerApplication *self, StreamerTransfer *transfer)
{
  GFile *file;
  g_autoptr (StreamerTarget) target = NULL;

  g_return_if_fail (STREAMER_IS_APPLICATION (self));
  g_return_if_fail (STREAMER_IS_TRANSFER (transfer));

  file = streamer_transfer_get_file (transfer);
  if (file == NULL || !streamer_transfer_is_over (transfer))
    return;

  target = copy_target (transfer);
  target->overwrite = TRUE;
  add_file (self, file, target);
  streamer_queue_remove (self->queue, transfer);
}

static void
streamer_application_activate (GApplication *application)
{
  StreamerApplication *self = STREAMER_APPLICATION (application);

  gtk_window_present (GTK_WINDOW (_streamer_application_get_window (self)));
}

static void
streamer_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  streamer_application_activate (application);
  streamer_application_add_files (STREAMER_APPLICATION (application), files, (guint) n_files);
}

static void
open_settings (StreamerApplication *self)
{
  g_autoptr (GError) error = NULL;

  self->settings = streamer_settings_new (&error);
  if (self->settings == NULL)
    {
      g_warning ("No settings: %s", error->message);
      return;
    }

  g_settings_bind (self->settings, STREAMER_SETTING_PARTS, self->queue, "parts",
                   G_SETTINGS_BIND_GET);
  g_signal_connect_object (self->settings, "changed::" STREAMER_SETTING_CONNECTION,
                           G_CALLBACK (connection_changed_cb), self, G_CONNECT_SWAPPED);
}

typedef struct
{
  GSettings *settings;      /* (owned) (nullable) */
  StreamerSecrets *secrets; /* (owned) */
} Connect;

static void
connect_free (Connect *data)
{
  g_clear_object (&data->settings);
  g_object_unref (data->secrets);
  g_free (data);
}

static StreamerConnection *
connect_to (const char *record, gpointer user_data, GError **error)
{
  Connect *data = user_data;

  return streamer_settings_restore_connection (data->settings, record, data->secrets, error);
}

static void
open_history (StreamerApplication *self)
{
  Connect *data = g_new0 (Connect, 1);

  g_set_object (&data->settings, self->settings);
  data->secrets = g_object_ref (self->secrets);
  self->early = g_ptr_array_new_with_free_func (g_object_unref);
  self->history =
      streamer_history_new (self->queue, NULL, connect_to, data, (GDestroyNotify) connect_free);
  g_signal_connect_object (self->history, "notify::ready", G_CALLBACK (history_ready_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "items-changed", G_CALLBACK (queue_items_changed_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

/* Somebody looks at the window, who sees to what keeps uploads from going on. */
static void
watch_network (StreamerApplication *self)
{
  StreamerRetry *retry = streamer_pool_get_retry (streamer_queue_get_pool (self->queue));

  streamer_retry_set_network (retry, g_network_monitor_get_default ());
  streamer_retry_set_holds (retry, TRUE);
}

static gboolean
signal_cb (gpointer user_data)
{
  streamer_application_stop_and_quit (user_data);

  return G_SOURCE_CONTINUE;
}

static void
watch_signals (StreamerApplication *self)
{
  static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    self->signal_ids[i] = g_unix_signal_add (signals[i], signal_cb, self);
}

static void
streamer_application_startup (GApplication *application)
{
  StreamerApplication *self = STREAMER_APPLICATION (application);

  G_APPLICATION_CLASS (streamer_application_parent_class)->startup (application);

  gtk_window_set_default_icon_name (STREAMER_APP_ID);
  self->cancellable = g_cancellable_new ();
  self->secrets = streamer_keyring_secrets_new ();
  self->queue = streamer_queue_new ();
  open_settings (self);
  watch_network (self);
  watch_signals (self);
  open_history (self);
  self->background = streamer_background_new (GTK_APPLICATION (self), self->queue);
  _streamer_application_actions_init (self);
}

static void
stopped_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerApplication) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!streamer_queue_stop_finish (STREAMER_QUEUE (object), result, &error))
    g_message ("Not everything could be stopped: %s", error->message);

  self->is_stopped = TRUE;
  g_application_release (G_APPLICATION (self));
  g_application_quit (G_APPLICATION (self));
}

static void
stop (StreamerApplication *self)
{
  if (self->is_stopping)
    return;

  self->is_stopping = TRUE;
  g_application_hold (G_APPLICATION (self));
  g_cancellable_cancel (self->cancellable);
  streamer_history_stop (self->history);
  streamer_queue_stop_async (self->queue, stopped_cb, g_object_ref (self));
}

/* Whatever ends the program, also the session: nothing is lost. */
static void
streamer_application_shutdown (GApplication *application)
{
  StreamerApplication *self = STREAMER_APPLICATION (application);

  stop (self);
  while (!self->is_stopped)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (self->signal_ids); i++)
    g_clear_handle_id (&self->signal_ids[i], g_source_remove);
  g_clear_object (&self->background);

  G_APPLICATION_CLASS (streamer_application_parent_class)->shutdown (application);
}

static void
streamer_application_dispose (GObject *object)
{
  StreamerApplication *self = STREAMER_APPLICATION (object);

  g_clear_object (&self->background);
  g_clear_object (&self->history);
  g_clear_pointer (&self->early, g_ptr_array_unref);
  g_clear_pointer (&self->newest, streamer_target_unref);
  g_clear_object (&self->connection);
  g_clear_object (&self->place_settings);
  g_clear_object (&self->queue);
  g_clear_object (&self->settings);
  g_clear_object (&self->secrets);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (streamer_application_parent_class)->dispose (object);
}

static void
streamer_application_class_init (StreamerApplicationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  object_class->dispose = streamer_application_dispose;
  application_class->activate = streamer_application_activate;
  application_class->open = streamer_application_open;
  application_class->startup = streamer_application_startup;
  application_class->shutdown = streamer_application_shutdown;
}

static void
streamer_application_init (StreamerApplication *self)
{
}

StreamerApplication *
streamer_application_new (void)
{
  return g_object_new (STREAMER_TYPE_APPLICATION, "application-id", STREAMER_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/org/s3streamer/S3Streamer", NULL);
}

StreamerQueue *
streamer_application_get_queue (StreamerApplication *self)
{
  g_return_val_if_fail (STREAMER_IS_APPLICATION (self), NULL);

  return self->queue;
}

GSettings *
streamer_application_get_settings (StreamerApplication *self)
{
  g_return_val_if_fail (STREAMER_IS_APPLICATION (self), NULL);

  return self->settings;
}

StreamerSecrets *
streamer_application_get_secrets (StreamerApplication *self)
{
  g_return_val_if_fail (STREAMER_IS_APPLICATION (self), NULL);

  return self->secrets;
}

StreamerTransfer *
streamer_application_find_transfer (StreamerApplication *self, const char *id)
{
  GListModel *model;

  g_return_val_if_fail (STREAMER_IS_APPLICATION (self), NULL);

  model = G_LIST_MODEL (self->queue);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);

      /* The queue goes on holding it. */
      if (g_str_equal (streamer_transfer_get_id (transfer), id))
        return transfer;
    }

  return NULL;
}

gboolean
streamer_application_get_keep_uploading (StreamerApplication *self)
{
  g_return_val_if_fail (STREAMER_IS_APPLICATION (self), FALSE);

  return self->keep_uploading;
}

void
streamer_application_set_keep_uploading (StreamerApplication *self, gboolean keep)
{
  g_return_if_fail (STREAMER_IS_APPLICATION (self));

  self->keep_uploading = keep;
}

StreamerHistory *
streamer_application_get_history (StreamerApplication *self)
{
  g_return_val_if_fail (STREAMER_IS_APPLICATION (self), NULL);

  return self->history;
}

void
streamer_application_stop_and_quit (StreamerApplication *self)
{
  g_autoptr (GList) windows = NULL;

  g_return_if_fail (STREAMER_IS_APPLICATION (self));

  stop (self);

  windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (self)));
  for (GList *l = windows; l != NULL; l = l->next)
    gtk_widget_set_visible (GTK_WIDGET (l->data), FALSE);
}
