/* streamer-target.c: where files go and how, as the user asked for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-target.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-media-type.h"
#include "streamer-s3-options.h"
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
  target->wants_sha256 = g_settings_get_boolean (settings, STREAMER_SETTING_SHA256);
  if (*tmp != '\0')
    {
      g_free (target->tmp);
      target->tmp = g_steal_pointer (&tmp);
    }
  return target;
}

static gboolean
fail (GError **error, const char *sentence)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, sentence);
  return FALSE;
}

gboolean
streamer_target_check (const StreamerTarget *target, GError **error)
{
  const StreamerS3PutOptions options = {
    .content_type = target->content_type,
    .storage_class = target->storage_class,
    .metadata = (const char *const *) target->metadata,
  };
  gboolean is_bucket = streamer_connection_get_kind (target->connection) == STREAMER_CONNECTION_S3;
  g_auto (GStrv) headers = NULL;

  if (!is_bucket && target->storage_class != NULL)
    return fail (error, _ ("Only a connection straight to a bucket can choose a storage class."));
  if (!is_bucket && target->metadata != NULL)
    return fail (error, _ ("Only a connection straight to a bucket can give objects metadata."));
  if (target->content_type != NULL && !streamer_media_type_is_valid (target->content_type))
    return fail (error, _ ("A content type is something like text/html or image/png."));
  headers = streamer_s3_put_options_to_headers (&options, error);
  return headers != NULL;
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
  g_free (target->content_type);
  g_free (target->storage_class);
  g_strfreev (target->metadata);
  g_free (target->tmp);
}

void
streamer_target_unref (StreamerTarget *target)
{
  g_atomic_rc_box_release_full (target, target_clear);
}
