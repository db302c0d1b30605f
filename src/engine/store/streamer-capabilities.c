/* streamer-capabilities.c: what a backend says of itself
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-config.h"
#include "streamer-capabilities.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-url.h"

#define VERSION       2
#define MAX_CHECKSUMS 64

static gboolean
read_limits (JsonObject *object, StreamerLimits *limits, GError **error)
{
  guint64 max_parts;

  if (!streamer_json_get_uint (object, "min_part_size", 0, streamer_limits_s3.max_part_size,
                               &limits->min_part_size, error) ||
      !streamer_json_get_uint (object, "max_part_size", MAX (limits->min_part_size, 1), G_MAXINT64,
                               &limits->max_part_size, error) ||
      !streamer_json_get_uint (object, "max_parts", 1, G_MAXUINT, &max_parts, error) ||
      !streamer_json_get_uint (object, "max_object_size", 1, G_MAXINT64, &limits->max_object_size,
                               error))
    return FALSE;

  /* More than S3 has would only cost memory here. */
  limits->max_parts = (guint) MIN (max_parts, streamer_limits_s3.max_parts);
  return TRUE;
}

static gboolean
read_checksums (JsonObject *object, gboolean *crc32, GError **error)
{
  JsonArray *names;

  *crc32 = FALSE;
  if (!json_object_has_member (object, "checksums"))
    return TRUE;
  names = streamer_json_get_array (object, "checksums", MAX_CHECKSUMS, error);
  if (names == NULL)
    return FALSE;

  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      JsonNode *name = json_array_get_element (names, i);

      if (JSON_NODE_HOLDS_VALUE (name) && g_strcmp0 (json_node_get_string (name), "crc32") == 0)
        *crc32 = TRUE;
    }
  return TRUE;
}

static gboolean
read_domain (JsonObject *object, char **domain, GError **error)
{
  GError *local_error = NULL;
  const char *text = streamer_json_get_optional_string (object, "domain", &local_error);

  if (local_error == NULL && text != NULL && *text != '\0' && !streamer_url_is_usable (text))
    g_set_error_literal (&local_error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                         _ ("The server's address for downloads cannot be used."));
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }

  *domain = text != NULL && *text != '\0' ? g_strdup (text) : NULL;
  return TRUE;
}

static void
capabilities_clear (gpointer data)
{
  StreamerCapabilities *capabilities = data;

  g_free (capabilities->domain);
}

StreamerCapabilities *
streamer_capabilities_parse (JsonNode *status, GError **error)
{
  g_autoptr (StreamerCapabilities) capabilities = g_atomic_rc_box_new0 (StreamerCapabilities);
  JsonObject *object;
  guint64 version;
  guint64 max_urls;

  if (!JSON_NODE_HOLDS_OBJECT (status) ||
      !streamer_json_get_uint (json_node_get_object (status), "version", VERSION, G_MAXUINT,
                               &version, NULL))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           _ ("The server does not speak version 2 of the request API."));
      return NULL;
    }

  object = json_node_get_object (status);

  if (!read_limits (object, &capabilities->limits, error) ||
      !streamer_json_get_uint (object, "max_urls", 1, G_MAXUINT, &max_urls, error) ||
      !read_checksums (object, &capabilities->crc32, error) ||
      !read_domain (object, &capabilities->domain, error))
    return NULL;
  if (json_object_has_member (object, "unknown_size") &&
      !streamer_json_get_boolean (object, "unknown_size", &capabilities->unknown_size, error))
    return NULL;

  capabilities->max_urls = (guint) max_urls;
  return g_steal_pointer (&capabilities);
}

StreamerCapabilities *
streamer_capabilities_ref (StreamerCapabilities *capabilities)
{
  return g_atomic_rc_box_acquire (capabilities);
}

void
streamer_capabilities_unref (StreamerCapabilities *capabilities)
{
  g_atomic_rc_box_release_full (capabilities, capabilities_clear);
}
