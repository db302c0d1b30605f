/* streamer-s3-presign.c: URLs with which clients reach the store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread; nothing waits for the store.
 */

#include <string.h>

#include "streamer-error.h"
#include "streamer-s3-storage-private.h"

#define PART_URL_SECONDS (15 * 60)
#define MAX_LINK_SECONDS (7 * 24 * 60 * 60)

/* Keys that live shorter than this are renewed before they sign for others. */
#define MIN_KEY_SECONDS 120

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

gboolean
streamer_s3_storage_limit_to_keys (StreamerS3Storage *self, gint64 *seconds, GError **error)
{
  GCancellable *cancellable = g_cancellable_get_current ();
  gint64 wanted = MIN (*seconds, MIN_KEY_SECONDS);
  gint64 left = G_MAXINT64;

  for (guint attempt = 0; attempt < 2; attempt++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (StreamerS3Credentials) credentials = streamer_s3_credentials_provider_get (
          self->provider, attempt > 0, cancellable, &local_error);

      if (!credentials)
        return streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
      left = credentials->expires ? credentials->expires - now () : G_MAXINT64;
      if (left >= wanted)
        break;
    }
  if (left < 1)
    return streamer_s3_storage_fail (
        g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_AUTH, "The keys have expired."), error);
  *seconds = MIN (*seconds, left);
  return TRUE;
}

static gboolean
presign_part (StreamerS3Storage *self,
              const StreamerStorageUpload *upload,
              guint number,
              const char *length,
              const guint32 *crc32,
              StreamerSignedRequest *request,
              guint seconds,
              GError **error)
{
  char number_text[16];
  g_autofree char *checksum = crc32 ? streamer_s3_crc32_to_string (*crc32) : NULL;
  const char *const headers[] = { "content-length", length,
                                  checksum ? "x-amz-checksum-crc32" : NULL, checksum, NULL };
  const char *const query[] = { "partNumber", number_text, "uploadId",
                                streamer_s3_storage_get_store_id (upload), NULL };

  g_snprintf (number_text, sizeof number_text, "%u", number);
  request->url = streamer_s3_client_presign (self->client, "PUT", upload->key, query, headers,
                                             seconds, g_cancellable_get_current (), error);
  /* The length goes without saying. */
  request->headers = g_strdupv ((char **) headers + 2);
  return request->url != NULL;
}

/* Whatever the client might change about the object is signed. */
static gboolean
presign_whole (StreamerS3Storage *self,
               const StreamerStorageUpload *upload,
               const char *length,
               StreamerSignedRequest *request,
               guint seconds,
               GError **error)
{
  g_autofree char *mark = streamer_s3_storage_get_mark (upload);
  const char *const headers[] = { "content-length",
                                  length,
                                  "content-type",
                                  upload->content_type,
                                  "x-amz-meta-" STREAMER_S3_MARK,
                                  mark,
                                  upload->overwrite ? NULL : "if-none-match",
                                  "*",
                                  NULL };

  request->url = streamer_s3_client_presign (self->client, "PUT", upload->key, NULL, headers,
                                             seconds, g_cancellable_get_current (), error);
  request->headers = g_strdupv ((char **) headers + 2);
  return request->url != NULL;
}

gboolean
streamer_s3_storage_presign (StreamerStorage *storage,
                             const StreamerStorageUpload *upload,
                             guint number,
                             guint64 size,
                             const guint32 *crc32,
                             StreamerSignedRequest *request,
                             GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_autoptr (GError) local_error = NULL;
  gint64 seconds = MIN (PART_URL_SECONDS, upload->expires - now ());
  char length[24];
  gboolean signed_it;

  if (seconds < 1)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD,
                           "This upload has expired.");
      return FALSE;
    }
  if (!streamer_s3_storage_limit_to_keys (self, &seconds, error))
    return FALSE;
  g_snprintf (length, sizeof length, "%" G_GUINT64_FORMAT, size);
  request->expires = now () + seconds;
  if (streamer_s3_storage_get_store_id (upload))
    signed_it = presign_part (self, upload, number, length,
                              streamer_s3_storage_has_crc32 (upload) ? crc32 : NULL, request,
                              seconds, &local_error);
  else
    signed_it = presign_whole (self, upload, length, request, seconds, &local_error);
  return signed_it || streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
}

gboolean
streamer_s3_storage_is_public (StreamerStorage *storage)
{
  return STREAMER_S3_STORAGE (storage)->downloads_public;
}

char *
streamer_s3_storage_link (StreamerStorage *storage,
                          const char *key,
                          gint64 *expires,
                          GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_autoptr (GError) local_error = NULL;
  gint64 seconds = MAX_LINK_SECONDS;
  gboolean is_plain = self->downloads_public && !expires;
  char *url;

  if (expires)
    seconds = CLAMP (*expires - now (), 1, MAX_LINK_SECONDS);
  if (!is_plain && !streamer_s3_storage_limit_to_keys (self, &seconds, error))
    return NULL;
  url = streamer_s3_client_presign (self->client, "GET", key, NULL, NULL, seconds,
                                    g_cancellable_get_current (), &local_error);
  if (!url)
    {
      streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
      return NULL;
    }
  if (expires)
    *expires = now () + seconds;
  /* What is left is the address itself. */
  if (is_plain)
    *strchr (url, '?') = '\0';
  return url;
}
