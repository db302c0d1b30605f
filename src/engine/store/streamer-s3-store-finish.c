/* streamer-s3-store-finish.c: makes an object of the parts in a bucket, or finds out that it is made
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any worker.
 */

#include "streamer-s3-store-private.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-s3-etag.h"

static guint64
add_sizes (GArray *parts)
{
  guint64 size = 0;

  for (guint i = 0; i < parts->len; i++)
    size += g_array_index (parts, StreamerStoredPart, i).size;
  return size;
}

static gboolean
set_differs (GError **error)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM,
                       _ ("What the bucket holds is not what was sent."));
  return FALSE;
}

/* An ETag is compared where it is made of MD5s, which it is not under a key of somebody's own. */
static gboolean
check_object (StreamerUpload *upload, GArray *parts, const StreamerS3Head *head, GError **error)
{
  g_autofree char *expected = streamer_s3_store_is_whole (upload)
                                  ? g_strdup (g_array_index (parts, StreamerStoredPart, 0).etag)
                                  : streamer_s3_etag_of_parts (parts);

  if (head->size != add_sizes (parts))
    return set_differs (error);
  if (expected != NULL && (streamer_s3_store_is_whole (upload) || !head->is_encrypted) &&
      streamer_s3_etag_is_md5 (head->etag) && streamer_s3_etag_is_md5 (expected) &&
      !streamer_s3_etag_equal (expected, head->etag))
    return set_differs (error);
  return TRUE;
}

/* @etag: (out): what the store says that it has made */
static gboolean
complete (StreamerS3Store *self,
          StreamerHttp *http,
          StreamerUpload *upload,
          GArray *parts,
          guint32 crc32,
          char **etag,
          GCancellable *cancellable,
          GError **error)
{
  const char *id = streamer_s3_store_get_id (upload);
  g_autoptr (GError) unlisted = NULL;
  g_autoptr (GArray) held =
      streamer_s3_client_list_parts (self->client, http, upload->key, id, cancellable, &unlisted);

  /* Keys may put parts together and not list them: the store refuses ETags that are not theirs. */
  if (g_error_matches (unlisted, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN))
    held = g_array_ref (parts);
  else if (held == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&unlisted));
      return FALSE;
    }
  return streamer_stored_parts_check (parts, held, error) &&
         streamer_s3_client_complete_multipart (
             self->client, http, upload->key, id, held, !upload->overwrite,
             streamer_s3_store_has_crc32 (upload) ? &crc32 : NULL, etag, cancellable, error);
}

/* Where the object cannot be looked at (keys may write and not read, say): the store has said
 * before that it is made of these parts. */
static gboolean
take_word (GArray *parts, char **etag, StreamerS3Head *head)
{
  g_autofree char *expected = streamer_s3_etag_of_parts (parts);

  if (*etag == NULL || expected == NULL || !streamer_s3_etag_equal (*etag, expected))
    return FALSE;
  head->size = add_sizes (parts);
  head->etag = g_steal_pointer (etag);
  return TRUE;
}

StreamerStoredObject *
streamer_s3_store_finish (StreamerStore *store,
                          StreamerHttp *http,
                          StreamerUpload *upload,
                          GArray *parts,
                          guint32 crc32,
                          GCancellable *cancellable,
                          GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);
  g_autoptr (GError) forgotten = NULL;
  g_autoptr (GError) unseen = NULL;
  g_auto (StreamerS3Head) head = { 0 };
  g_autofree char *etag = NULL;
  g_autofree char *url = NULL;
  gboolean found;

  /* An upload that the store does not know any more may have been completed by a request whose
   * answer was lost: the object tells, by the upload's mark. That another one has its size means
   * nothing. */
  if (!streamer_s3_store_is_whole (upload) &&
      !complete (self, http, upload, parts, crc32, &etag, cancellable, &forgotten) &&
      !g_error_matches (forgotten, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    {
      g_propagate_error (error, g_steal_pointer (&forgotten));
      return NULL;
    }
  if (!streamer_s3_store_look (self, http, upload->key, &head, &found, cancellable, &unseen))
    {
      found = take_word (parts, &etag, &head);
      if (!found)
        {
          g_propagate_error (error, g_steal_pointer (&unseen));
          return NULL;
        }
    }
  if (!found || (forgotten != NULL && (!streamer_s3_store_is_marked (&head, upload) ||
                                       !check_object (upload, parts, &head, NULL))))
    {
      if (forgotten != NULL)
        g_propagate_error (error, g_steal_pointer (&forgotten));
      else
        set_differs (error);
      return NULL;
    }
  if (!check_object (upload, parts, &head, error))
    return NULL;

  url = streamer_s3_store_link (store, http, upload->key, self->link_expires, cancellable, error);
  return url != NULL ? streamer_stored_object_new (head.size, head.etag, url) : NULL;
}
