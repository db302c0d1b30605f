/* streamer-s3-store.c: uploads straight to a bucket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any worker; but for what the store is found to be able to, nothing here changes.
 *
 * That what arrives is what was sent is verified by the store itself where it takes the CRC-32 of a
 * whole object. Elsewhere (Ceph knows no such thing) the ETag of a part is compared with its MD5,
 * which costs seven times as much as CRC-32, and is taken for that only.
 */

#include "streamer-s3-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-s3-etag.h"

static void store_iface_init (StreamerStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerS3Store,
                               streamer_s3_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORE, store_iface_init))

gboolean
streamer_s3_store_is_whole (const StreamerUpload *upload)
{
  return g_strcmp0 (upload->upload_id, STREAMER_S3_STORE_WHOLE) == 0;
}

gboolean
streamer_s3_store_has_crc32 (const StreamerUpload *upload)
{
  return g_str_has_prefix (upload->upload_id, STREAMER_S3_STORE_WITH_CRC32);
}

const char *
streamer_s3_store_get_id (const StreamerUpload *upload)
{
  return upload->upload_id +
         (streamer_s3_store_has_crc32 (upload) ? strlen (STREAMER_S3_STORE_WITH_CRC32) : 0);
}

gboolean
streamer_s3_store_is_marked (const StreamerS3Head *head, const StreamerUpload *upload)
{
  return g_strcmp0 (streamer_s3_head_get_metadata (head, STREAMER_S3_MARK), upload->resume_id) == 0;
}

gboolean
streamer_s3_store_look (StreamerS3Store *self,
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
get_limits (StreamerStore *store,
            StreamerHttp *http,
            StreamerLimits *limits,
            GCancellable *cancellable,
            GError **error)
{
  *limits = STREAMER_S3_STORE (store)->limits;
  return TRUE;
}

/* With the mark by which the object is known again, wherever its ETag tells nothing.
 * Returns: (transfer full) */
static GStrv
make_metadata (const StreamerUpload *upload)
{
  g_autoptr (GStrvBuilder) metadata = g_strv_builder_new ();

  if (upload->metadata != NULL)
    g_strv_builder_addv (metadata, (const char **) upload->metadata);
  g_strv_builder_add_many (metadata, STREAMER_S3_MARK, upload->resume_id, NULL);
  return g_strv_builder_end (metadata);
}

static void
fill_options (StreamerS3Store *self,
              const StreamerUpload *upload,
              GStrv metadata,
              StreamerS3PutOptions *options)
{
  *options = (StreamerS3PutOptions){
    .content_type = upload->content_type,
    .storage_class = upload->storage_class != NULL ? upload->storage_class : self->storage_class,
    .metadata = (const char *const *) metadata,
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

/* Returns: (transfer full): the upload id. A store that cannot be asked is treated as one that cannot
 * do it. */
static char *
create (StreamerS3Store *self,
        StreamerHttp *http,
        const StreamerUpload *upload,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr (GError) not_asked = NULL;
  g_auto (GStrv) metadata = make_metadata (upload);
  g_autofree char *store_id = NULL;
  StreamerS3PutOptions options;

  if (!streamer_s3_probe_find_out (&self->probe, self->client, http, cancellable, &not_asked))
    g_debug ("whether whole objects are verified is not known: %s", not_asked->message);
  fill_options (self, upload, metadata, &options);
  options.crc32 = streamer_s3_probe_is_yes (&self->probe);
  store_id = streamer_s3_client_create_multipart (self->client, http, upload->key, &options,
                                                  cancellable, error);
  return store_id == NULL
             ? NULL
             : g_strconcat (options.crc32 ? STREAMER_S3_STORE_WITH_CRC32 : "", store_id, NULL);
}

static gboolean
begin (StreamerStore *store,
       StreamerHttp *http,
       StreamerUpload *upload,
       GCancellable *cancellable,
       GError **error)
{
  StreamerS3Store *self = STREAMER_S3_STORE (store);
  char *upload_id;

  if (!upload->overwrite)
    {
      g_auto (StreamerS3Head) head = { 0 };
      gboolean found;

      if (!streamer_s3_store_look (self, http, upload->key, &head, &found, cancellable, error))
        return FALSE;
      if (found)
        return set_exists (error);
    }

  upload_id = upload->n_parts == 1 && upload->size != STREAMER_SIZE_UNKNOWN
                  ? g_strdup (STREAMER_S3_STORE_WHOLE)
                  : create (self, http, upload, cancellable, error);
  if (upload_id == NULL)
    return FALSE;
  g_free (upload->upload_id);
  upload->upload_id = upload_id;
  return TRUE;
}

/* The key is taken: by ourselves, where the answer to an earlier attempt was lost. The same bytes
 * need not be told apart from ours. @error: (inout): that it is taken, or why that could not be
 * looked into for the time being */
static gboolean
is_there_already (StreamerS3Store *self,
                  StreamerHttp *http,
                  const StreamerUpload *upload,
                  StreamerPartStream *body,
                  StreamerStoredPart *stored,
                  GCancellable *cancellable,
                  GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  g_autofree char *md5 = NULL;
  g_autoptr (GError) unseen = NULL;
  gboolean is_ours;

  if (!streamer_s3_client_head_object (self->client, http, upload->key, &head, cancellable,
                                       &unseen))
    {
      if (g_error_matches (unseen, STREAMER_ERROR, STREAMER_ERROR_NETWORK) ||
          g_error_matches (unseen, STREAMER_ERROR, STREAMER_ERROR_BUSY))
        {
          g_clear_error (error);
          g_propagate_error (error, g_steal_pointer (&unseen));
        }
      return FALSE;
    }
  if (head.size != upload->size ||
      !streamer_part_stream_read_ahead (body, &stored->crc32, &md5, cancellable, NULL))
    return FALSE;
  is_ours = head.is_encrypted || !streamer_s3_etag_is_md5 (head.etag)
                ? streamer_s3_store_is_marked (&head, upload)
                : streamer_s3_etag_equal (head.etag, md5);
  if (!is_ours)
    return FALSE;
  stored->number = 1;
  stored->size = head.size;
  stored->etag = g_steal_pointer (&head.etag);
  return TRUE;
}

static gboolean
put_whole (StreamerS3Store *self,
           StreamerHttp *http,
           const StreamerUpload *upload,
           gboolean is_verified,
           StreamerPartStream *body,
           StreamerStoredPart *stored,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_auto (GStrv) metadata = make_metadata (upload);
  StreamerS3PutOptions options;
  guint32 crc32;

  fill_options (self, upload, metadata, &options);
  if (is_verified)
    {
      if (!streamer_part_stream_read_ahead (body, &crc32, NULL, cancellable, error))
        return FALSE;
      options.whole_crc32 = &crc32;
    }
  if (streamer_s3_client_put_object (self->client, http, upload->key, &options, body, stored,
                                     cancellable, &local_error) ||
      (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_EXISTS) &&
       is_there_already (self, http, upload, body, stored, cancellable, &local_error)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
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
  gboolean is_verified = streamer_s3_store_is_whole (upload)
                             ? streamer_s3_probe_is_yes (&self->probe)
                             : streamer_s3_store_has_crc32 (upload);

  if (!is_verified)
    streamer_part_stream_want_md5 (body);
  if (streamer_s3_store_is_whole (upload))
    return put_whole (self, http, upload, is_verified, body, stored, cancellable, error);
  return streamer_s3_client_upload_part (self->client, http, upload->key,
                                         streamer_s3_store_get_id (upload), number, body, stored,
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

  if (!streamer_s3_store_is_whole (upload))
    return streamer_s3_client_list_parts (self->client, http, upload->key,
                                          streamer_s3_store_get_id (upload), cancellable, error);
  if (!streamer_s3_store_look (self, http, upload->key, &head, &found, cancellable, error))
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

char *
streamer_s3_store_link (StreamerStore *store,
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
  if (streamer_s3_store_is_whole (upload) ||
      streamer_s3_client_abort_multipart (self->client, http, upload->key,
                                          streamer_s3_store_get_id (upload), cancellable,
                                          &local_error) ||
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

  if (self->memory_destroy != NULL)
    self->memory_destroy (self->probe.user_data);
  streamer_s3_probe_clear (&self->probe);
  g_object_unref (self->client);
  g_free (self->storage_class);

  G_OBJECT_CLASS (streamer_s3_store_parent_class)->finalize (object);
}

static gint64
get_clock_offset (StreamerStore *store)
{
  return streamer_s3_client_get_clock_offset (STREAMER_S3_STORE (store)->client);
}

static void
store_iface_init (StreamerStoreInterface *iface)
{
  iface->get_limits = get_limits;
  iface->begin = begin;
  iface->put_part = put_part;
  iface->list_parts = list_parts;
  iface->finish = streamer_s3_store_finish;
  iface->cancel = cancel;
  iface->remove = remove_object;
  iface->stat = stat_object;
  iface->list_unfinished = list_unfinished;
  iface->link = streamer_s3_store_link;
  iface->get_clock_offset = get_clock_offset;
}

static void
streamer_s3_store_class_init (StreamerS3StoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_s3_store_finalize;
}

static void
streamer_s3_store_init (StreamerS3Store *self)
{
  streamer_s3_probe_init (&self->probe);
}

StreamerStore *
streamer_s3_store_new_with_limits (StreamerS3Client *client,
                                   const char *storage_class,
                                   guint link_expires,
                                   const StreamerLimits *limits)
{
  StreamerS3Store *self;

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (client), NULL);

  self = g_object_new (STREAMER_TYPE_S3_STORE, NULL);
  self->client = g_object_ref (client);
  self->storage_class =
      storage_class != NULL && *storage_class != '\0' ? g_strdup (storage_class) : NULL;
  self->link_expires = link_expires;
  self->limits = *limits;
  return STREAMER_STORE (self);
}

StreamerStore *
streamer_s3_store_new (StreamerS3Client *client, const char *storage_class, guint link_expires)
{
  return streamer_s3_store_new_with_limits (client, storage_class, link_expires,
                                            &streamer_limits_s3);
}

void
streamer_s3_store_set_memory (StreamerS3Store *self,
                              StreamerS3Fact fact,
                              StreamerS3RememberFunc remember,
                              gpointer user_data,
                              GDestroyNotify destroy)
{
  g_return_if_fail (STREAMER_IS_S3_STORE (self));
  g_return_if_fail (self->memory_destroy == NULL);

  streamer_s3_probe_set_memory (&self->probe, fact, remember, user_data);
  self->memory_destroy = destroy;
}
