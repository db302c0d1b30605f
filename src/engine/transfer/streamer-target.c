/* streamer-target.c: where files go and how, as the user asked for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-target.h"

#include "streamer-settings.h"

#define DEFAULT_TMP "/tmp"

G_DEFINE_BOXED_TYPE (StreamerTarget, streamer_target, streamer_target_ref, streamer_target_unref)

StreamerTarget *
streamer_target_new (StreamerConnection *connection)
{
  StreamerTarget *target = g_atomic_rc_box_new0 (StreamerTarget);

  target->connection = g_object_ref (connection);
  target->tmp = g_strdup (DEFAULT_TMP);
  return target;
}

StreamerTarget *
streamer_target_new_from_settings (StreamerConnection *connection, GSettings *settings)
{
  StreamerTarget *target = streamer_target_new (connection);
  g_autofree char *tmp = g_settings_get_string (settings, STREAMER_SETTING_TMP);

  target->prefix = g_settings_get_string (settings, STREAMER_SETTING_TARGET_FOLDER);
  target->part_size =
      (guint64) g_settings_get_int (settings, STREAMER_SETTING_PART_SIZE) * STREAMER_MIB;
  target->overwrite = g_settings_get_boolean (settings, STREAMER_SETTING_OVERWRITE);
  if (*tmp != '\0')
    {
      g_free (target->tmp);
      target->tmp = g_steal_pointer (&tmp);
    }
  return target;
}

StreamerTarget *
streamer_target_ref (StreamerTarget *target)
{
  return g_atomic_rc_box_acquire (target);
}

static void
target_clear (gpointer data)
{
  StreamerTarget *target = data;

  g_object_unref (target->connection);
  g_free (target->prefix);
  g_free (target->name);
  g_free (target->tmp);
}

void
streamer_target_unref (StreamerTarget *target)
{
  g_atomic_rc_box_release_full (target, target_clear);
}
