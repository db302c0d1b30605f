/* streamer-v1-store.c: version 1 of the request API, as a store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Worker threads, several at a time. A part takes three steps: the backend permits to post it as a
 * temporary object, it is posted to the store, and the backend copies it into the upload. What was
 * posted is not sent again only because the copying failed. All temporary objects of an upload are
 * deleted when it is complete or cancelled.
 */

#include "streamer-config.h"
#include "streamer-v1-store.h"

#include <glib/gi18n-lib.h>

#include "streamer-answer-headers.h"
#include "streamer-error.h"
#include "streamer-retry.h"
#include "streamer-store-answer.h"
#include "streamer-v1-requests.h"
#include "streamer-v1-upload.h"

/* S3's bound for one request. */
#define MAX_DELETED 1000
/* How often tidying up behind a finished upload is tried before it is let be. */
#define MAX_UNTIDY 4

struct _StreamerV1Store
{
  GObject parent_instance;

  StreamerRequestApi *api; /* (owned) */
};

static void streamer_v1_store_iface_init (StreamerStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerV1Store,
                               streamer_v1_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORE,
                                                      streamer_v1_store_iface_init))

static gboolean
streamer_v1_store_get_limits (StreamerStore *store,
                              StreamerHttp *http,
                              StreamerLimits *limits,
                              GCancellable *cancellable,
                              GError **error)
{
  /* The backend does not say; behind it is S3. */
  *limits = streamer_limits_s3;
  return TRUE;
}

static gboolean
streamer_v1_store_begin (StreamerStore *store,
                         StreamerHttp *http,
                         StreamerUpload *upload,
                         GCancellable *cancellable,
                         GError **error)
{
  StreamerV1Store *self = STREAMER_V1_STORE (store);
  g_autofree char *id = NULL;

  if (upload->size == STREAMER_SIZE_UNKNOWN)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("This server has to know beforehand how long the input is. Upload a "
                              "file, or choose parts that are larger than the input."));
      return FALSE;
    }

  if (upload->content_type_wanted)
    {
      g_set_error_literal (
          error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
          _ ("This server cannot be told a content type: it speaks version 1 of the "
             "request API."));
      return FALSE;
    }

  id = streamer_v1_create (self->api, http, upload, upload->overwrite, cancellable, error);
  if (id == NULL)
    return FALSE;
  streamer_v1_upload_begin (upload, id);
  return TRUE;
}

/* What the part is called when the upload is completed: some stores do not say it of an object that
 * was posted, but all call the copy of a part by its MD5. */
static char *
find_etag (const StreamerAnswer *answer, const char *md5, GError **error)
{
  g_autofree char *quoted = streamer_answer_get_etag (answer);
  gsize length = strlen (quoted);
  g_autofree char *given = NULL;

  if (length >= 2 && quoted[0] == '"' && quoted[length - 1] == '"')
    given = g_strndup (quoted + 1, length - 2);
  else
    given = g_strdup (quoted);

  if (*given == '\0' && md5 != NULL)
    return g_strdup (md5);
  if (*given != '\0' && (md5 == NULL || streamer_store_answer_fits_md5 (answer, md5)))
    return g_steal_pointer (&given);

  if (md5 == NULL)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                         _ ("The store does not name the part, and this computer cannot compute "
                            "its MD5."));
  else
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM,
                         _ ("What arrived at the store is not what was sent."));
  return NULL;
}

/* A permission is used at once, so that the store does not refuse it for its age twice. */
static gboolean
check_post_answer (StreamerUpload *upload,
                   guint number,
                   const StreamerPresignedPost *post,
                   const StreamerAnswer *answer,
                   GError **error)
{
  GError *local_error = NULL;

  if (streamer_store_answer_check (answer, post->url, (const char *const *) post->fields,
                                   &local_error))
    return TRUE;
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_EXPIRED) &&
      streamer_v1_upload_set_refused (upload, number))
    streamer_store_answer_refuse (&local_error);
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
post_part (StreamerV1Store *self,
           StreamerHttp *http,
           StreamerUpload *upload,
           guint number,
           StreamerPartStream *body,
           StreamerStoredPart *stored,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *name = streamer_v1_upload_get_part_name (upload, number);
  g_autofree char *md5 = NULL;
  g_auto (StreamerPresignedPost) post = { NULL };
  g_auto (StreamerAnswer) answer = { 0 };

  if (!streamer_v1_get_url (self->api, http, "geturl", name, STREAMER_V1_TEMPORARY_PREFIX, &post,
                            cancellable, error))
    return FALSE;

  streamer_v1_upload_set_tried (upload, number);
  streamer_part_stream_want_md5 (body);
  if (!streamer_http_send_form (http, post.url, (const char *const *) post.fields, body,
                                STREAMER_HTTP_SAFE_TO_REPEAT, &answer, cancellable, error))
    return FALSE;
  g_debug ("part %u: HTTP status %u", number, answer.status);
  if (!check_post_answer (upload, number, &post, &answer, error))
    return FALSE;

  md5 = streamer_part_stream_get_md5 (body);
  stored->etag = find_etag (&answer, md5, error);
  if (stored->etag == NULL)
    return FALSE;
  stored->number = number;
  stored->size = streamer_part_stream_get_count (body);
  stored->crc32 = streamer_part_stream_get_crc32 (body);
  return TRUE;
}

/* It does no harm to add a part again. */
static gboolean
add_part (StreamerV1Store *self,
          StreamerHttp *http,
          StreamerUpload *upload,
          guint number,
          GCancellable *cancellable,
          GError **error)
{
  GError *local_error = NULL;

  if (streamer_v1_add (self->api, http, upload, number, cancellable, &local_error))
    {
      streamer_v1_upload_forget_posted (upload, number);
      return TRUE;
    }

  /* Perhaps it is not there any more: then only sending it again helps. */
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_FAILED))
    streamer_v1_upload_forget_posted (upload, number);
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
streamer_v1_store_put_part (StreamerStore *store,
                            StreamerHttp *http,
                            StreamerUpload *upload,
                            guint number,
                            StreamerPartStream *body,
                            StreamerStoredPart *stored,
                            GCancellable *cancellable,
                            GError **error)
{
  StreamerV1Store *self = STREAMER_V1_STORE (store);
  StreamerStoredPart posted = { 0 };

  /* There is no upload of no bytes: an empty object is put under its key when it is finished. */
  if (upload->size == 0)
    {
      *stored = (StreamerStoredPart){ .number = number, .etag = g_strdup ("") };
      return TRUE;
    }

  if (!streamer_v1_upload_find_posted (upload, number, streamer_part_stream_get_length (body),
                                       &posted))
    {
      if (!post_part (self, http, upload, number, body, &posted, cancellable, error))
        return FALSE;
      streamer_v1_upload_set_posted (upload, &posted);
    }
  if (!add_part (self, http, upload, number, cancellable, error))
    {
      streamer_stored_part_clear (&posted);
      return FALSE;
    }
  *stored = posted;
  return TRUE;
}

static GArray *
streamer_v1_store_list_parts (StreamerStore *store,
                              StreamerHttp *http,
                              StreamerUpload *upload,
                              GCancellable *cancellable,
                              GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       _ ("This server cannot say which parts it has."));
  return NULL;
}

/* Deletes the upload's temporary objects, and no others. */
static gboolean
delete_parts (StreamerV1Store *self,
              StreamerHttp *http,
              StreamerUpload *upload,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GArray) numbers = streamer_v1_upload_get_tried (upload);

  for (guint first = 0; first < numbers->len; first += MAX_DELETED)
    {
      guint n = MIN (MAX_DELETED, numbers->len - first);

      if (!streamer_v1_delete (self->api, http, upload, &g_array_index (numbers, guint, first), n,
                               cancellable, error))
        return FALSE;
      streamer_v1_upload_set_deleted (upload, &g_array_index (numbers, guint, first), n);
    }
  return TRUE;
}

/* Behind a finished upload. The object is there, which nothing here changes: so it cannot be
 * cancelled, is repeated only a few times, and then let be. */
static gboolean
tidy_up (StreamerV1Store *self, StreamerHttp *http, StreamerUpload *upload, GError **error)
{
  const char *id = streamer_v1_upload_get_id (upload);
  GError *local_error = NULL;
  StreamerFault fault;

  if (upload->size == 0 ? streamer_v1_abort (self->api, http, upload, id, NULL, &local_error)
                        : delete_parts (self, http, upload, NULL, &local_error))
    return TRUE;

  fault = streamer_fault_classify (local_error);
  if (fault == STREAMER_FAULT_PAUSE ||
      (fault == STREAMER_FAULT_TRANSIENT && streamer_v1_upload_count_untidy (upload) < MAX_UNTIDY))
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  g_debug ("the temporary objects stay in the store: %s", local_error->message);
  g_error_free (local_error);
  return TRUE;
}

/* The backend was told to complete the upload, its answer was lost, and now it does not know the
 * upload. There was no object when it began, unless it was to be replaced: so one that is there now
 * is ours. */
static gboolean
is_there_now (StreamerV1Store *self,
              StreamerHttp *http,
              StreamerUpload *upload,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *id = NULL;

  if (upload->overwrite)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                           _ ("The connection broke while the server put the file together, and it "
                              "cannot say whether it is the new file that is there now. Look at "
                              "it, or upload it again."));
      return FALSE;
    }

  id = streamer_v1_create (self->api, http, upload, FALSE, cancellable, &local_error);
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_EXISTS))
    return TRUE;
  if (id != NULL && streamer_v1_abort (self->api, http, upload, id, cancellable, &local_error))
    g_set_error_literal (&local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD,
                         _ ("The server does not know this upload any more."));
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
complete (StreamerV1Store *self,
          StreamerHttp *http,
          StreamerUpload *upload,
          GArray *parts,
          GCancellable *cancellable,
          GError **error)
{
  gboolean told_before = streamer_v1_upload_set_completing (upload);
  GError *local_error = NULL;

  if (streamer_v1_complete (self->api, http, upload, parts, cancellable, &local_error))
    return TRUE;
  if (told_before && g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    {
      g_error_free (local_error);
      return is_there_now (self, http, upload, cancellable, error);
    }
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
put_empty (StreamerV1Store *self,
           StreamerHttp *http,
           StreamerUpload *upload,
           GCancellable *cancellable,
           GError **error)
{
  StreamerSlice nothing = { .fd = -1, .last = TRUE };
  g_autoptr (StreamerPartStream) body = streamer_part_stream_new (&nothing, NULL, NULL);
  g_auto (StreamerPresignedPost) post = { NULL };
  g_auto (StreamerAnswer) answer = { 0 };

  return streamer_v1_get_url (self->api, http, "geturls", upload->key, upload->key, &post,
                              cancellable, error) &&
         streamer_http_send_form (http, post.url, (const char *const *) post.fields, body,
                                  STREAMER_HTTP_SAFE_TO_REPEAT, &answer, cancellable, error) &&
         check_post_answer (upload, 1, &post, &answer, error);
}

static StreamerStoredObject *
streamer_v1_store_finish (StreamerStore *store,
                          StreamerHttp *http,
                          StreamerUpload *upload,
                          GArray *parts,
                          guint32 crc32,
                          GCancellable *cancellable,
                          GError **error)
{
  StreamerV1Store *self = STREAMER_V1_STORE (store);
  guint64 size = 0;

  if (!streamer_v1_upload_is_completed (upload))
    {
      if (upload->size == 0 ? !put_empty (self, http, upload, cancellable, error)
                            : !complete (self, http, upload, parts, cancellable, error))
        return NULL;
      streamer_v1_upload_set_completed (upload);
    }
  if (!tidy_up (self, http, upload, error))
    return NULL;

  for (guint i = 0; i < parts->len; i++)
    size += g_array_index (parts, StreamerStoredPart, i).size;
  return streamer_stored_object_new (size, NULL, NULL);
}

static gboolean
streamer_v1_store_cancel (StreamerStore *store,
                          StreamerHttp *http,
                          StreamerUpload *upload,
                          GCancellable *cancellable,
                          GError **error)
{
  StreamerV1Store *self = STREAMER_V1_STORE (store);
  g_autoptr (GError) local_error = NULL;

  if (!streamer_v1_upload_is_completed (upload))
    streamer_v1_abort (self->api, http, upload, streamer_v1_upload_get_id (upload), cancellable,
                       &local_error);
  if (!delete_parts (self, http, upload, cancellable, local_error == NULL ? &local_error : NULL) ||
      local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  return TRUE;
}

static gboolean
streamer_v1_store_remove (StreamerStore *store,
                          StreamerHttp *http,
                          const char *key,
                          GCancellable *cancellable,
                          GError **error)
{
  return streamer_v1_purge (STREAMER_V1_STORE (store)->api, http, key, cancellable, error);
}

static void
streamer_v1_store_iface_init (StreamerStoreInterface *iface)
{
  iface->get_limits = streamer_v1_store_get_limits;
  iface->begin = streamer_v1_store_begin;
  iface->put_part = streamer_v1_store_put_part;
  iface->list_parts = streamer_v1_store_list_parts;
  iface->finish = streamer_v1_store_finish;
  iface->cancel = streamer_v1_store_cancel;
  iface->remove = streamer_v1_store_remove;
}

static void
streamer_v1_store_finalize (GObject *object)
{
  StreamerV1Store *self = STREAMER_V1_STORE (object);

  streamer_request_api_unref (self->api);

  G_OBJECT_CLASS (streamer_v1_store_parent_class)->finalize (object);
}

static void
streamer_v1_store_class_init (StreamerV1StoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_v1_store_finalize;
}

static void
streamer_v1_store_init (StreamerV1Store *self)
{
}

StreamerStore *
streamer_v1_store_new (StreamerRequestApi *api)
{
  StreamerV1Store *self = g_object_new (STREAMER_TYPE_V1_STORE, NULL);

  self->api = streamer_request_api_ref (api);
  return STREAMER_STORE (self);
}
