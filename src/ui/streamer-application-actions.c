/* streamer-application-actions.c: what can be asked of the program as a whole, and the keys
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-application-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-about.h"
#include "streamer-background.h"
#include "streamer-preferences.h"
#include "streamer-settings.h"
#include "streamer-unfinished-window.h"

static void
preferences_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerApplication *self = user_data;
  StreamerWindow *parent = _streamer_application_get_window (self);
  GtkWindow *window;

  window = streamer_preferences_new (streamer_application_get_settings (self),
                                     streamer_application_get_secrets (self));
  gtk_window_set_transient_for (window, GTK_WINDOW (parent));
  gtk_window_set_modal (window, TRUE);
  gtk_window_present (window);
}

/* Returns: (transfer full) (element-type StreamerConnection): all that are saved, and this computer */
static GPtrArray *
open_connections (StreamerApplication *self)
{
  GPtrArray *connections = g_ptr_array_new_with_free_func (g_object_unref);
  GSettings *settings = streamer_application_get_settings (self);
  StreamerSecrets *secrets = streamer_application_get_secrets (self);
  g_auto (GStrv) ids =
      settings != NULL ? g_settings_get_strv (settings, STREAMER_SETTING_CONNECTIONS) : NULL;

  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      StreamerConnection *connection =
          streamer_settings_open_connection (settings, ids[i], secrets, NULL);

      if (connection != NULL)
        g_ptr_array_add (connections, connection);
    }
  g_ptr_array_add (connections, streamer_connection_new_this_computer (secrets));

  return connections;
}

static void
unfinished_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerApplication *self = user_data;
  StreamerWindow *parent = _streamer_application_get_window (self);
  g_autoptr (GPtrArray) connections = open_connections (self);
  GtkWindow *window = streamer_unfinished_window_new (self, connections);

  gtk_window_set_transient_for (window, GTK_WINDOW (parent));
  gtk_window_present (window);
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  streamer_about_show (GTK_WINDOW (_streamer_application_get_window (user_data)));
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerApplication *self = user_data;
  StreamerWindow *window;

  if (!streamer_background_is_wanted (streamer_application_get_queue (self)))
    {
      g_application_quit (G_APPLICATION (self));
      return;
    }

  window = _streamer_application_get_window (self);
  gtk_window_present (GTK_WINDOW (window));
  streamer_window_ask_close (window);
}

static void
copy_links_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerApplication *self = user_data;
  g_autoptr (GString) links = g_string_new (NULL);
  g_autofree const char **ids = g_variant_get_strv (parameter, NULL);

  for (guint i = 0; ids[i] != NULL; i++)
    {
      StreamerTransfer *transfer = streamer_application_find_transfer (self, ids[i]);
      const char *url = transfer != NULL ? streamer_transfer_get_url (transfer) : NULL;

      if (url == NULL)
        continue;
      if (links->len > 0)
        g_string_append_c (links, '\n');
      g_string_append (links, url);
    }

  if (links->len > 0)
    gdk_clipboard_set_text (gdk_display_get_clipboard (gdk_display_get_default ()), links->str);
}

static void
show_transfer_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerApplication *self = user_data;
  StreamerWindow *window = _streamer_application_get_window (self);
  StreamerTransfer *transfer;

  transfer = streamer_application_find_transfer (self, g_variant_get_string (parameter, NULL));
  gtk_window_present (GTK_WINDOW (window));
  if (transfer != NULL)
    streamer_window_show_transfer (window, transfer);
}

/* The desktop file's, for which the bus passes no files on. */
static void
upload_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  StreamerWindow *window = _streamer_application_get_window (user_data);

  gtk_window_present (GTK_WINDOW (window));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.add", NULL);
}

static const GActionEntry entries[] = {
  { "upload", upload_action },
  { "preferences", preferences_action },
  { "unfinished", unfinished_action },
  { "about", about_action },
  { "quit", quit_action },
  { "copy-links", copy_links_action, "as" },
  { "show-transfer", show_transfer_action, "s" },
};

static const struct
{
  const char *action;
  const char *keys[3];
} accels[] = {
  { "app.preferences", { "<Control>comma" } },
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "win.show-help-overlay", { "<Control>question", "F1" } },
  { "win.add", { "<Control>o" } },
  { "win.paste", { "<Control>v" } },
  { "win.search", { "<Control>f" } },
  { "win.copy-selected-link", { "<Control><Shift>c" } },
  { "win.retry-selected", { "<Control>r" } },
};

/* Without a journal nobody can tell whose they are. */
static void
update_unfinished (StreamerApplication *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "unfinished");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action),
                               streamer_queue_get_janitor (streamer_application_get_queue (self)) !=
                                   NULL);
}

void
_streamer_application_actions_init (StreamerApplication *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accels[i].action,
                                           accels[i].keys);

  g_signal_connect_object (streamer_application_get_history (self), "notify::ready",
                           G_CALLBACK (update_unfinished), self, G_CONNECT_SWAPPED);
  update_unfinished (self);

  if (streamer_application_get_settings (self) == NULL)
    {
      GAction *preferences = g_action_map_lookup_action (G_ACTION_MAP (self), "preferences");

      g_simple_action_set_enabled (G_SIMPLE_ACTION (preferences), FALSE);
    }
}
