/* streamer-s3-store.c: uploads straight to a bucket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any worker; nothing here changes after construction.
 */

#include "streamer-s3-store.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-s3-etag.h"

/* What stands in the upload id of an object that is put whole, which has none in the store. */
#define WHOLE "whole"

struct _StreamerS3Store
{
  GObject parent_instance;

  StreamerS3Client *client; /* (owned) */
  char *storage_class;      /* (owned) (nullable) */
  guint link_expires;       /* seconds */
};

static void store_iface_init (StreamerStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerS3Store,
                               streamer_s3_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORE, store_iface_init))

static gboolean
is_whole (const StreamerUpload *upload)
{
  return g_strcmp0 (upload->upload_id, WHOLE) == 0;
}

static gboolean
get_limits (StreamerStore *store,
            StreamerHttp *http,
            StreamerLimits *limits,
            GCancellable *cancellable,
            GError **error)
{
  *limits = streamer_limits_s3;
  return TRUE;
}

static void
fill_options (StreamerS3Store *self, const StreamerUpload *upload, StreamerS3PutOptions *options)
{
  *options = (StreamerS3PutOptions){
    .content_type = upload->content_type,
    .storage_class = upload->storage_class != NULL ? upload->storage_class : self->storage_class,
    .metadata = (const char *const *) upload->metadata,
    .if_none_match = !upload->overwrite,
  };
}

static gboolean
set_exists (GError **error)
{
  GError *exists = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_EXISTS,
                                        _ ("A file of this name is in the bucket already."));

  streamer_error_set_answer (exists, 409, -1, NULL);
  g_propagate_error (error, exists);
  return FALSE;
}

/* @found: (out): whether there is an object; @head is filled then. */
static gboolean
look (StreamerS3Store *self,
      StreamerHttp *http,
      const char *key,
      StreamerS3Head *head,
      gboolean *found,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (GError) local_error = NULL;

  *found =
      streamer_s3_client_head_object (self->client, http, key, head, cancellable, &local_error);
  if (*found || g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
begin (StreamerStore *store,
       StreamerHttp *http,
       StreamerUpload *upload,
       GCancellable *cancellable,
       GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);
  StreamerS3PutOptions options;
  char *upload_id;

  if (!upload->overwrite)
    {
      g_auto (StreamerS3Head) head = { 0 };
      gboolean found;

      if (!look (self, http, upload->key, &head, &found, cancellable, error))
        return FALSE;
      if (found)
        return set_exists (error);
    }

  fill_options (self, upload, &options);
  upload_id = upload->n_parts == 1 && upload->size != STREAMER_SIZE_UNKNOWN
                  ? g_strdup (WHOLE)
                  : streamer_s3_client_create_multipart (self->client, http, upload->key, &options,
                                                         cancellable, error);
  if (upload_id == NULL)
    return FALSE;
  g_free (upload->upload_id);
  upload->upload_id = upload_id;
  return TRUE;
}

static gboolean
put_part (StreamerStore *store,
          StreamerHttp *http,
          StreamerUpload *upload,
          guint number,
          StreamerPartStream *body,
          StreamerStoredPart *stored,
          GCancellable *cancellable,
          GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);
  StreamerS3PutOptions options;

  if (!is_whole (upload))
    return streamer_s3_client_upload_part (self->client, http, upload->key, upload->upload_id,
                                           number, body, stored, cancellable, error);
  fill_options (self, upload, &options);
  return streamer_s3_client_put_object (self->client, http, upload->key, &options, body, stored,
                                        cancellable, error);
}

static GArray *
list_parts (StreamerStore *store,
            StreamerHttp *http,
            StreamerUpload *upload,
            GCancellable *cancellable,
            GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);
  g_auto (StreamerS3Head) head = { 0 };
  StreamerStoredPart part = { .number = 1 };
  GArray *parts;
  gboolean found;

  if (!is_whole (upload))
    return streamer_s3_client_list_parts (self->client, http, upload->key, upload->upload_id,
                                          cancellable, error);
  if (!look (self, http, upload->key, &head, &found, cancellable, error))
    return NULL;
  parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));
  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  if (found)
    {
      part.size = head.size;
      part.etag = g_strdup (head.etag != NULL ? head.etag : "");
      g_array_append_val (parts, part);
    }
  return parts;
}

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

/* Sizes are the store's own word; an ETag that it gave for a part must still be the part's. */
static gboolean
check_parts (GArray *sent, GArray *held, GError **error)
{
  if (sent->len != held->len)
    return set_differs (error);
  for (guint i = 0; i < sent->len; i++)
    {
      const StreamerStoredPart *mine = &g_array_index (sent, StreamerStoredPart, i);
      const StreamerStoredPart *theirs = &g_array_index (held, StreamerStoredPart, i);

      if (mine->number != theirs->number || mine->size != theirs->size ||
          (*mine->etag != '\0' && !streamer_s3_etag_equal (mine->etag, theirs->etag)))
        return set_differs (error);
    }
  return TRUE;
}

/* The object's ETag says whether it is ours where it is made of MD5s; else the size has to do. */
static gboolean
check_object (StreamerUpload *upload, GArray *parts, const StreamerS3Head *head, GError **error)
{
  g_autofree char *expected = is_whole (upload)
                                  ? g_strdup (g_array_index (parts, StreamerStoredPart, 0).etag)
                                  : streamer_s3_etag_of_parts (parts);

  if (head->size != add_sizes (parts))
    return set_differs (error);
  if (expected != NULL && streamer_s3_etag_is_md5 (head->etag) &&
      streamer_s3_etag_is_md5 (expected) && !streamer_s3_etag_equal (expected, head->etag))
    return set_differs (error);
  return TRUE;
}

static gboolean
complete (StreamerS3Store *self,
          StreamerHttp *http,
          StreamerUpload *upload,
          GArray *parts,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (GArray) held = streamer_s3_client_list_parts (self->client, http, upload->key,
                                                           upload->upload_id, cancellable, error);
  g_autofree char *etag = NULL;

  return held != NULL && check_parts (parts, held, error) &&
         streamer_s3_client_complete_multipart (self->client, http, upload->key, upload->upload_id,
                                                held, !upload->overwrite, NULL, &etag, cancellable,
                                                error);
}

static char *
make_link (StreamerStore *store,
           StreamerHttp *http,
           const char *key,
           guint expires_in,
           GCancellable *cancellable,
           GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);

  return streamer_s3_client_presign (self->client, "GET", key, NULL, NULL,
                                     MIN (expires_in, STREAMER_SIGV4_MAX_EXPIRES), cancellable,
                                     error);
}

static StreamerStoredObject *
finish (StreamerStore *store,
        StreamerHttp *http,
        StreamerUpload *upload,
        GArray *parts,
        guint32 crc32,
        GCancellable *cancellable,
        GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);
  g_autoptr (GError) forgotten = NULL;
  g_auto (StreamerS3Head) head = { 0 };
  g_autofree char *url = NULL;
  gboolean found;

  /* An upload that the store does not know any more may have been completed by a request whose
   * answer was lost: the object tells. */
  if (!is_whole (upload) && !complete (self, http, upload, parts, cancellable, &forgotten) &&
      !g_error_matches (forgotten, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    {
      g_propagate_error (error, g_steal_pointer (&forgotten));
      return NULL;
    }
  if (!look (self, http, upload->key, &head, &found, cancellable, error))
    return NULL;
  if (!found || (forgotten != NULL && !check_object (upload, parts, &head, NULL)))
    {
      if (forgotten != NULL)
        g_propagate_error (error, g_steal_pointer (&forgotten));
      else
        set_differs (error);
      return NULL;
    }
  if (!check_object (upload, parts, &head, error))
    return NULL;

  url = make_link (store, http, upload->key, self->link_expires, cancellable, error);
  return url != NULL ? streamer_stored_object_new (head.size, head.etag, url) : NULL;
}

static gboolean
cancel (StreamerStore *store,
        StreamerHttp *http,
        StreamerUpload *upload,
        GCancellable *cancellable,
        GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);
  g_autoptr (GError) local_error = NULL;

  /* What was put whole may have replaced something, or been read by somebody: it stays. */
  if (is_whole (upload) ||
      streamer_s3_client_abort_multipart (self->client, http, upload->key, upload->upload_id,
                                          cancellable, &local_error) ||
      g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
remove_object (StreamerStore *store,
               StreamerHttp *http,
               const char *key,
               GCancellable *cancellable,
               GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);
  g_auto (StreamerS3Head) head = { 0 };

  /* S3 says yes also where nothing was. */
  return streamer_s3_client_head_object (self->client, http, key, &head, cancellable, error) &&
         streamer_s3_client_delete_object (self->client, http, key, cancellable, error);
}

static StreamerStoredObject *
stat_object (StreamerStore *store,
             StreamerHttp *http,
             const char *key,
             GCancellable *cancellable,
             GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);
  g_auto (StreamerS3Head) head = { 0 };

  if (!streamer_s3_client_head_object (self->client, http, key, &head, cancellable, error))
    return NULL;
  return streamer_stored_object_new (head.size, head.etag, NULL);
}

static GArray *
list_unfinished (StreamerStore *store,
                 StreamerHttp *http,
                 const char *prefix,
                 GCancellable *cancellable,
                 GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);

  return streamer_s3_client_list_multiparts (self->client, http, prefix, cancellable, error);
}

static void
streamer_s3_store_finalize (GObject *object)
{
  StreamerS3Store *self = STREAMER_S3_STORE (object);

  g_object_unref (self->client);
  g_free (self->storage_class);

  G_OBJECT_CLASS (streamer_s3_store_parent_class)->finalize (object);
}

static void
store_iface_init (StreamerStoreInterface *iface)
{
  iface->get_limits = get_limits;
  iface->begin = begin;
  iface->put_part = put_part;
  iface->list_parts = list_parts;
  iface->finish = finish;
  iface->cancel = cancel;
  iface->remove = remove_object;
  iface->stat = stat_object;
  iface->list_unfinished = list_unfinished;
  iface->link = make_link;
}

static void
streamer_s3_store_class_init (StreamerS3StoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_s3_store_finalize;
}

static void
streamer_s3_store_init (StreamerS3Store *self)
{
}

StreamerStore *
streamer_s3_store_new (StreamerS3Client *client, const char *storage_class, guint link_expires)
{
  StreamerS3Store *self;

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (client), NULL);

  self = g_object_new (STREAMER_TYPE_S3_STORE, NULL);
  self->client = g_object_ref (client);
  self->storage_class =
      storage_class != NULL && *storage_class != '\0' ? g_strdup (storage_class) : NULL;
  self->link_expires = link_expires;
  return STREAMER_STORE (self);
}
