/* streamer-settings.c: the program's settings, where they are installed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owner's thread.
 */

#include "streamer-config.h"
#include "streamer-settings.h"

#include <glib/gi18n-lib.h>

#define G_SETTINGS_ENABLE_BACKEND
#include <gio/gsettingsbackend.h>

#include "streamer-connection-record.h"
#include "streamer-error.h"
#include "streamer-key.h"

#define SCHEMA_ID            STREAMER_APP_ID
#define CONNECTION_SCHEMA_ID STREAMER_APP_ID ".Connection"
#define CONNECTIONS_PATH     "/org/s3streamer/S3Streamer/connections/"

static const char *const schema_keys[] = {
  STREAMER_SETTING_CONNECTION,    STREAMER_SETTING_CONNECTIONS, STREAMER_SETTING_PARTS,
  STREAMER_SETTING_PART_SIZE,     STREAMER_SETTING_TMP,         STREAMER_SETTING_OVERWRITE,
  STREAMER_SETTING_TARGET_FOLDER, STREAMER_SETTING_SHA256,      NULL,
};

static const char *const connection_schema_keys[] = {
  STREAMER_SETTING_NAME,          STREAMER_SETTING_REQUEST_URL,  STREAMER_SETTING_DOMAIN,
  STREAMER_SETTING_KIND,          STREAMER_SETTING_BUCKET,       STREAMER_SETTING_ENDPOINT,
  STREAMER_SETTING_REGION,        STREAMER_SETTING_VIRTUAL_HOST, STREAMER_SETTING_ACCESS_KEY,
  STREAMER_SETTING_STORAGE_CLASS, STREAMER_SETTING_LINK_EXPIRES, NULL,
};

static GSettingsSchema *
look_up_schema (const char *id)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) own = NULL;
  GSettingsSchema *schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, id, TRUE);
  if (schema != NULL)
    return schema;

  /* Installed under a prefix that XDG_DATA_DIRS does not name. */
  own = g_settings_schema_source_new_from_directory (STREAMER_SCHEMADIR, source, TRUE, NULL);
  return own != NULL ? g_settings_schema_source_lookup (own, id, FALSE) : NULL;
}

/* GSettings aborts on a schema or a key that it does not know, so an older or a missing one has to
 * be found out first. */
static GSettingsSchema *
get_schema (const char *id, const char *const *keys, GError **error)
{
  g_autoptr (GSettingsSchema) schema = look_up_schema (id);

  if (schema == NULL)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                           _ ("The settings of S3Streamer are not installed."));
      return NULL;
    }

  for (guint i = 0; keys[i] != NULL; i++)
    if (!g_settings_schema_has_key (schema, keys[i]))
      {
        g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                             _ ("The installed settings belong to another version of S3Streamer."));
        return NULL;
      }

  return g_steal_pointer (&schema);
}

/* Without dconf GLib would keep the settings in memory, and say so on stderr; a key file is what
 * it has beside that. One for the process: two would overwrite each other's changes, which is
 * also why GLib shares its own. */
static GSettingsBackend *
get_key_file_backend (void)
{
  static gsize once = 0;
  static GSettingsBackend *backend = NULL;

  if (g_once_init_enter (&once))
    {
      GIOExtensionPoint *point;

      /* Makes GIO load its modules. */
      g_vfs_get_default ();
      point = g_io_extension_point_lookup (G_SETTINGS_BACKEND_EXTENSION_POINT_NAME);
      if (g_getenv ("GSETTINGS_BACKEND") == NULL &&
          (point == NULL || g_io_extension_point_get_extension_by_name (point, "dconf") == NULL))
        {
          g_autofree char *path =
              g_build_filename (g_get_user_config_dir (), "glib-2.0", "settings", "keyfile", NULL);

          backend = g_keyfile_settings_backend_new (path, "/", NULL);
        }
      g_once_init_leave (&once, 1);
    }

  return backend;
}

static gboolean
id_is_usable (const char *id)
{
  return *id != '\0' && strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen (id) &&
         strlen (id) <= 64 && !g_str_equal (id, STREAMER_CONNECTION_ID_THIS_COMPUTER);
}

static GSettings *
new_for_connection (const char *id, GSettingsBackend *backend, GError **error)
{
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autofree char *path = NULL;

  if (!id_is_usable (id))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("The id of a connection is made of lower-case letters, digits and "
                              "hyphens."));
      return NULL;
    }

  schema = get_schema (CONNECTION_SCHEMA_ID, connection_schema_keys, error);
  if (schema == NULL)
    return NULL;

  path = g_strconcat (CONNECTIONS_PATH, id, "/", NULL);
  return g_settings_new_full (schema, backend, path);
}

/* Returns: (transfer full) (nullable): the settings of the saved connection that @wanted names, by
 * its id or, where there is none, by the name that the user gave it */
static GSettings *
find_connection (GSettings *settings, const char *wanted, char **id)
{
  g_autoptr (GSettingsBackend) backend = NULL;
  g_auto (GStrv) ids = g_settings_get_strv (settings, STREAMER_SETTING_CONNECTIONS);

  g_object_get (settings, "backend", &backend, NULL);
  if (g_strv_contains ((const char *const *) ids, wanted))
    {
      *id = g_strdup (wanted);
      return new_for_connection (wanted, backend, NULL);
    }

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (GSettings) saved = new_for_connection (ids[i], backend, NULL);
      g_autofree char *name = NULL;

      if (saved == NULL)
        continue;
      name = g_settings_get_string (saved, STREAMER_SETTING_NAME);
      if (g_str_equal (name, wanted))
        {
          *id = g_strdup (ids[i]);
          return g_steal_pointer (&saved);
        }
    }

  return NULL;
}

static StreamerS3Place *
read_place (GSettings *saved, GError **error)
{
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();
  g_autofree char *bucket = g_settings_get_string (saved, STREAMER_SETTING_BUCKET);
  g_autofree char *uri = g_strconcat ("s3://", bucket, NULL);

  if (!streamer_s3_place_set_uri (place, uri, error))
    return NULL;
  place->endpoint = g_settings_get_string (saved, STREAMER_SETTING_ENDPOINT);
  place->region = g_settings_get_string (saved, STREAMER_SETTING_REGION);
  place->virtual_host = g_settings_get_boolean (saved, STREAMER_SETTING_VIRTUAL_HOST);
  place->access_key = g_settings_get_string (saved, STREAMER_SETTING_ACCESS_KEY);
  place->storage_class = g_settings_get_string (saved, STREAMER_SETTING_STORAGE_CLASS);
  place->link_expires = g_settings_get_int (saved, STREAMER_SETTING_LINK_EXPIRES);
  return g_steal_pointer (&place);
}

static StreamerConnection *
open_saved (GSettings *saved, const char *id, StreamerSecrets *secrets, GError **error)
{
  g_autofree char *kind = g_settings_get_string (saved, STREAMER_SETTING_KIND);
  g_autoptr (StreamerS3Place) place = NULL;

  if (!g_str_equal (kind, STREAMER_KIND_S3))
    return streamer_connection_new_request_api (id, NULL, NULL, NULL, secrets);
  place = read_place (saved, error);
  return place != NULL ? streamer_connection_new_s3 (id, NULL, place, NULL, secrets) : NULL;
}

GSettings *
streamer_settings_new (GError **error)
{
  g_autoptr (GSettingsSchema) schema = get_schema (SCHEMA_ID, schema_keys, error);

  if (schema == NULL)
    return NULL;
  return g_settings_new_full (schema, get_key_file_backend (), NULL);
}

GSettings *
streamer_settings_new_for_connection (const char *id, GError **error)
{
  g_return_val_if_fail (id != NULL, NULL);

  return new_for_connection (id, get_key_file_backend (), error);
}

StreamerConnection *
streamer_settings_open_connection (GSettings *settings,
                                   const char *id,
                                   StreamerSecrets *secrets,
                                   GError **error)
{
  g_autoptr (GSettings) saved = NULL;
  g_autofree char *wanted = g_strdup (id);
  g_autofree char *found = NULL;
  StreamerConnection *connection;

  g_return_val_if_fail (settings == NULL || G_IS_SETTINGS (settings), NULL);
  g_return_val_if_fail (STREAMER_IS_SECRETS (secrets), NULL);

  if (wanted == NULL && settings != NULL)
    wanted = g_settings_get_string (settings, STREAMER_SETTING_CONNECTION);
  if (wanted == NULL || g_str_equal (wanted, STREAMER_CONNECTION_ID_THIS_COMPUTER))
    return streamer_connection_new_this_computer (secrets);

  if (settings != NULL)
    saved = find_connection (settings, wanted, &found);
  if (saved == NULL)
    {
      g_autofree char *shown = streamer_key_display_name (wanted);

      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                   /* Translators: %s is what the user called a place to upload to. */
                   _ ("No connection is saved as “%s”."), shown);
      return NULL;
    }

  connection = open_saved (saved, found, secrets, error);
  if (connection == NULL)
    return NULL;
  g_settings_bind (saved, STREAMER_SETTING_NAME, connection, "name", G_SETTINGS_BIND_GET);
  g_settings_bind (saved, STREAMER_SETTING_REQUEST_URL, connection, "request-url",
                   G_SETTINGS_BIND_GET);
  g_settings_bind (saved, STREAMER_SETTING_DOMAIN, connection, "domain", G_SETTINGS_BIND_GET);
  /* Both ways: where keys are refused, the user is asked for others. */
  if (streamer_connection_get_kind (connection) == STREAMER_CONNECTION_S3)
    g_settings_bind (saved, STREAMER_SETTING_ACCESS_KEY, connection, "access-key",
                     G_SETTINGS_BIND_DEFAULT);
  return connection;
}

StreamerConnection *
streamer_settings_restore_connection (GSettings *settings,
                                      const char *record,
                                      StreamerSecrets *secrets,
                                      GError **error)
{
  g_autofree char *id = streamer_connection_record_get_id (record, error);
  g_autoptr (StreamerConnection) connection = NULL;
  g_autoptr (StreamerConnection) recorded = NULL;
  g_auto (GStrv) saved = NULL;

  if (id == NULL)
    return NULL;
  if (settings != NULL)
    saved = g_settings_get_strv (settings, STREAMER_SETTING_CONNECTIONS);
  recorded = streamer_connection_new_from_record (record, secrets, error);
  if (recorded == NULL)
    return NULL;
  /* By its id: a name may be another connection's now. */
  if (saved == NULL || !g_strv_contains ((const char *const *) saved, id))
    return g_steal_pointer (&recorded);
  connection = streamer_settings_open_connection (settings, id, secrets, error);
  if (connection == NULL || streamer_connection_is_same_place (connection, recorded))
    return g_steal_pointer (&connection);
  streamer_connection_set_former (recorded);
  return g_steal_pointer (&recorded);
}
