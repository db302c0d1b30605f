/* streamer-saved-connection.c: the list of saved connections
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-saved-connection.h"

#include "streamer-settings.h"

gboolean
streamer_saved_connection_exists (GSettings *settings, const char *id)
{
  g_auto (GStrv) ids = g_settings_get_strv (settings, STREAMER_SETTING_CONNECTIONS);

  return g_strv_contains ((const char *const *) ids, id);
}

static void
set_saved (GSettings *settings, const char *id, gboolean saved)
{
  g_auto (GStrv) ids = g_settings_get_strv (settings, STREAMER_SETTING_CONNECTIONS);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) changed = NULL;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (!g_str_equal (ids[i], id))
        g_strv_builder_add (builder, ids[i]);
    }
  if (saved)
    g_strv_builder_add (builder, id);
  changed = g_strv_builder_end (builder);
  g_settings_set_strv (settings, STREAMER_SETTING_CONNECTIONS, (const char *const *) changed);
}

void
streamer_saved_connection_add (GSettings *settings, const char *id)
{
  set_saved (settings, id, TRUE);
  g_settings_set_string (settings, STREAMER_SETTING_CONNECTION, id);
}

void
streamer_saved_connection_remove (GSettings *settings, const char *id)
{
  g_autofree char *current = g_settings_get_string (settings, STREAMER_SETTING_CONNECTION);

  set_saved (settings, id, FALSE);
  if (g_str_equal (current, id))
    g_settings_reset (settings, STREAMER_SETTING_CONNECTION);
}

void
streamer_saved_connection_set (GSettings *settings, const char *key, const char *value)
{
  g_autofree char *old = g_settings_get_string (settings, key);

  if (!g_str_equal (old, value))
    g_settings_set_string (settings, key, value);
}
