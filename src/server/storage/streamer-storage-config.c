/* streamer-storage-config.c: which kinds of storage there are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-storage-config.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-folder-storage.h"
#include "streamer-s3-storage.h"

static const StreamerStorageKind *const kinds[] = {
  &streamer_folder_storage_kind,
  &streamer_s3_storage_kind,
};

void
streamer_storage_config_clear (StreamerStorageConfig *config)
{
  g_clear_pointer (&config->kind, g_free);
  g_clear_pointer (&config->root, g_free);
  g_clear_pointer (&config->domain, g_free);
  g_clear_pointer (&config->endpoint, g_free);
  g_clear_pointer (&config->region, g_free);
  g_clear_pointer (&config->bucket, g_free);
  g_clear_pointer (&config->prefix, g_free);
  g_clear_pointer (&config->profile, g_free);
}

const char *const *
streamer_storage_get_kinds (void)
{
  static const char *names[G_N_ELEMENTS (kinds) + 1];
  static gsize is_filled;

  if (g_once_init_enter (&is_filled))
    {
      for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
        names[i] = kinds[i]->name;
      g_once_init_leave (&is_filled, 1);
    }
  return names;
}

gboolean
streamer_storage_config_fail (const char **member,
                              GError **error,
                              const char *wrong_member,
                              const char *message)
{
  *member = wrong_member;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, message);
  return FALSE;
}

static const StreamerStorageKind *
find_kind (const StreamerStorageConfig *config, GError **error)
{
  g_autofree char *names = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i]->name, config->kind) == 0)
      return kinds[i];
  names = g_strjoinv (", ", (char **) streamer_storage_get_kinds ());
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, "The kind of storage is one of: %s.",
               names);
  return NULL;
}

/* What visitors' browsers are sent to. */
static gboolean
is_web_address (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);

  return uri &&
         (strcmp (g_uri_get_scheme (uri), "https") == 0 ||
          strcmp (g_uri_get_scheme (uri), "http") == 0) &&
         g_uri_get_host (uri) && *g_uri_get_host (uri) && !g_uri_get_userinfo (uri) &&
         !g_uri_get_query (uri) && !g_uri_get_fragment (uri);
}

gboolean
streamer_storage_config_check (const StreamerStorageConfig *config,
                               const char **member,
                               GError **error)
{
  const StreamerStorageKind *kind = find_kind (config, error);

  *member = "kind";
  if (!kind)
    return FALSE;
  if (config->domain && !is_web_address (config->domain))
    return streamer_storage_config_fail (
        member, error, "domain", "The domain has to be an address such as https://files.example.");
  return kind->check (config, member, error);
}

StreamerStorage *
streamer_storage_open (const StreamerStorageConfig *config, StreamerSeal *seal, GError **error)
{
  const StreamerStorageKind *kind = find_kind (config, error);

  return kind ? kind->open (config, seal, error) : NULL;
}
