/* streamer-staging-storage.c: what version 1 of the request API needs of a storage
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-staging-storage.h"

G_DEFINE_INTERFACE (StreamerStagingStorage, streamer_staging_storage, STREAMER_TYPE_STORAGE)

static void
streamer_staging_storage_default_init (StreamerStagingStorageInterface *iface)
{
}

void
streamer_signed_post_clear (StreamerSignedPost *post)
{
  g_clear_pointer (&post->url, g_free);
  g_clear_pointer (&post->fields, g_strfreev);
}

gboolean
streamer_staging_storage_sign_post (StreamerStagingStorage *self,
                                    const StreamerPostGrant *grant,
                                    StreamerSignedPost *post,
                                    GError **error)
{
  return STREAMER_STAGING_STORAGE_GET_IFACE (self)->sign_post (self, grant, post, error);
}

gboolean
streamer_staging_storage_add (StreamerStagingStorage *self,
                              const StreamerStorageUpload *upload,
                              guint number,
                              const char *name,
                              GError **error)
{
  return STREAMER_STAGING_STORAGE_GET_IFACE (self)->add (self, upload, number, name, error);
}

gboolean
streamer_staging_storage_discard (StreamerStagingStorage *self, const char *name, GError **error)
{
  return STREAMER_STAGING_STORAGE_GET_IFACE (self)->discard (self, name, error);
}
