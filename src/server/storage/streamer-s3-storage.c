/* streamer-s3-storage.c: keeps objects in a bucket of an S3-compatible store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread; no lock is held while the store is asked. The server carries no bytes of files:
 * clients send them to the store, by the URLs that they get here.
 */

#include <string.h>

#include "streamer-error.h"
#include "streamer-hex.h"
#include "streamer-key.h"
#include "streamer-part-check.h"
#include "streamer-s3-address.h"
#include "streamer-s3-staging.h"
#include "streamer-server-database.h"
#include "streamer-server-log.h"

/* The bucket's rule for unfinished uploads has to wait longer. */
#define UPLOAD_SECONDS (7 * 24 * 60 * 60)

#define MARK_BYTES     16
#define DEFAULT_REGION "us-east-1"

static const StreamerLimits limits = {
  .min_part_size = 5 * STREAMER_MIB,
  .max_part_size = 5 * 1024 * STREAMER_MIB,
  .max_parts = 10000,
  .max_object_size = 10000 * 5 * 1024 * STREAMER_MIB,
};

static void storage_iface_init (StreamerStorageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerS3Storage,
                               streamer_s3_storage,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORAGE, storage_iface_init)
                                   G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STAGING_STORAGE,
                                                          streamer_s3_staging_iface_init))

char *
streamer_s3_storage_get_mark (const StreamerStorageUpload *upload)
{
  return g_strndup (upload->id, strcspn (upload->id, ".~"));
}

const char *
streamer_s3_storage_get_store_id (const StreamerStorageUpload *upload)
{
  const char *separator = strpbrk (upload->id, ".~");

  return separator ? separator + 1 : NULL;
}

gboolean
streamer_s3_storage_has_crc32 (const StreamerStorageUpload *upload)
{
  const char *separator = strpbrk (upload->id, ".~");

  return separator && *separator == '~';
}

/* What the server's client can do about an error of the store's. */
static StreamerError
get_code (const GError *store_error)
{
  if (store_error->domain != STREAMER_ERROR)
    return STREAMER_ERROR_BUSY;
  switch ((StreamerError) store_error->code)
    {
    case STREAMER_ERROR_NETWORK:
    case STREAMER_ERROR_BUSY:
      return STREAMER_ERROR_BUSY;
    case STREAMER_ERROR_NO_UPLOAD:
    case STREAMER_ERROR_CHECKSUM:
    case STREAMER_ERROR_TOO_LARGE:
    case STREAMER_ERROR_NO_SPACE:
      return store_error->code;
    default:
      return STREAMER_ERROR_FAILED;
    }
}

static const char *
get_sentence (StreamerError code)
{
  switch (code)
    {
    case STREAMER_ERROR_BUSY:
      return "The store is away or busy at the moment.";
    case STREAMER_ERROR_NO_UPLOAD:
      return "There is no such upload, or it was given up or has expired.";
    case STREAMER_ERROR_CHECKSUM:
      return "What the store has is not what was sent.";
    case STREAMER_ERROR_TOO_LARGE:
      return "The document is larger than the store takes.";
    case STREAMER_ERROR_NO_SPACE:
      return "The store is full.";
    default:
      return "The server cannot use its store.";
    }
}

gboolean
streamer_s3_storage_fail (GError *store_error, GError **error)
{
  StreamerError code = get_code (store_error);
  GError *own = g_error_new_literal (STREAMER_ERROR, code, get_sentence (code));

  if (store_error->domain == STREAMER_ERROR)
    streamer_error_set_answer (own, 0, streamer_error_get_retry_after (store_error), NULL);
  if (code == STREAMER_ERROR_FAILED || code == STREAMER_ERROR_BUSY)
    streamer_server_log (code == STREAMER_ERROR_FAILED ? "error" : "warning", "store", "message",
                         store_error->message, "store_request_id",
                         streamer_error_get_request_id (store_error), NULL);
  g_error_free (store_error);
  g_propagate_error (error, own);
  return FALSE;
}

gboolean
streamer_s3_storage_look (StreamerS3Storage *self,
                          StreamerHttp *http,
                          const StreamerStorageUpload *upload,
                          StreamerS3Head *head,
                          gboolean *is_there,
                          gboolean *is_ours,
                          GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *mark = NULL;

  *is_there = streamer_s3_client_head_object (self->client, http, upload->key, head,
                                              g_cancellable_get_current (), &local_error);
  *is_ours = FALSE;
  if (!*is_there)
    return g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND) ||
           streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
  if (upload->id)
    {
      mark = streamer_s3_storage_get_mark (upload);
      *is_ours = g_strcmp0 (streamer_s3_head_get_metadata (head, STREAMER_S3_MARK), mark) == 0;
    }
  return TRUE;
}

GArray *
streamer_s3_storage_convert_parts (GArray *stored)
{
  GArray *parts = streamer_storage_parts_new ();

  for (guint i = 0; i < stored->len; i++)
    {
      const StreamerStoredPart *from = &g_array_index (stored, StreamerStoredPart, i);
      StreamerStoragePart part = {
        .number = from->number,
        .size = from->size,
        .etag = g_strdup (from->etag ? from->etag : ""),
      };

      g_array_append_val (parts, part);
    }
  return parts;
}

static const StreamerLimits *
s3_get_limits (StreamerStorage *storage)
{
  return &limits;
}

static const char *
s3_get_domain (StreamerStorage *storage)
{
  return STREAMER_S3_STORAGE (storage)->domain;
}

static const char *const *
s3_get_checksums (StreamerStorage *storage)
{
  static const char *const names[] = { "crc32", NULL };

  return streamer_s3_probe_is_yes (&STREAMER_S3_STORAGE (storage)->probe) ? names : names + 1;
}

/* Nothing that is not this upload's own stands at its key. */
static gboolean
check_target (StreamerS3Storage *self,
              StreamerHttp *http,
              const StreamerStorageUpload *upload,
              GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  gboolean is_there, is_ours;

  if (upload->overwrite)
    return TRUE;
  if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
    return FALSE;
  if (!is_there || is_ours)
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS,
                       "Document already exists and overwrite is not set.");
  return FALSE;
}

/* @row: (out) (nullable): what the client began before under the same name and can go on with */
static gboolean
find_resumed (StreamerS3Storage *self,
              const StreamerStorageUpload *upload,
              const char *resume_id,
              StreamerUploadRow **row,
              GError **error)
{
  g_autoptr (StreamerUploadRow) found = NULL;

  *row = NULL;
  if (!self->database)
    return TRUE;
  if (!streamer_upload_state_find_resumed (self->database, upload, resume_id, &found, error))
    return FALSE;
  if (found &&
      (found->phase == STREAMER_UPLOAD_CANCELLED || streamer_upload_row_has_expired (found)))
    return streamer_upload_state_forget (self->database, found->upload->id, error);
  *row = g_steal_pointer (&found);
  return TRUE;
}

static gboolean
is_sent_in_parts (const StreamerStorageUpload *upload)
{
  if (upload->part_size == 0)
    return upload->size > 0;
  return upload->size == STREAMER_SIZE_UNKNOWN || streamer_storage_upload_count_parts (upload) > 1;
}

static char *
make_mark (void)
{
  guint8 random[MARK_BYTES];

  streamer_seal_random (random, sizeof random);
  return streamer_hex_encode (random, sizeof random);
}

static gboolean
create_upload (StreamerS3Storage *self,
               StreamerHttp *http,
               StreamerStorageUpload *upload,
               GError **error)
{
  g_autofree char *mark = make_mark ();
  const char *const metadata[] = { STREAMER_S3_MARK, mark, NULL };
  StreamerS3PutOptions options = { .content_type = upload->content_type, .metadata = metadata };
  g_autoptr (GError) local_error = NULL;
  g_autofree char *store_id = NULL;

  upload->expires = g_get_real_time () / G_USEC_PER_SEC + UPLOAD_SECONDS;
  if (!is_sent_in_parts (upload))
    {
      upload->id = g_steal_pointer (&mark);
      return TRUE;
    }
  /* What is copied into an upload brings no checksum along. */
  options.crc32 = upload->part_size != 0 && streamer_s3_checksums_find_out (self, http);
  store_id = streamer_s3_client_create_multipart (self->client, http, upload->key, &options,
                                                  g_cancellable_get_current (), &local_error);
  if (!store_id)
    return streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
  upload->id = g_strconcat (mark, options.crc32 ? "~" : ".", store_id, NULL);
  return TRUE;
}

/* Nobody will hear of it: what the store has is given up as well as can be. */
static void
drop_upload (StreamerS3Storage *self, StreamerHttp *http, const StreamerStorageUpload *upload)
{
  const char *store_id = streamer_s3_storage_get_store_id (upload);

  if (store_id)
    streamer_s3_client_abort_multipart (self->client, http, upload->key, store_id, NULL, NULL);
}

/* The same request may be answered by another thread at the same time: the first one counts. */
static gboolean
remember_upload (StreamerS3Storage *self,
                 StreamerHttp *http,
                 StreamerStorageUpload *upload,
                 const char *resume_id,
                 GError **error)
{
  g_autoptr (StreamerUploadRow) row = NULL;
  gboolean added;

  if (!self->database)
    return TRUE;
  if (!streamer_upload_state_add (self->database, upload, resume_id, &added, error))
    {
      drop_upload (self, http, upload);
      return FALSE;
    }
  if (added)
    return TRUE;
  drop_upload (self, http, upload);
  if (!find_resumed (self, upload, resume_id, &row, error))
    return FALSE;
  if (row)
    streamer_upload_row_resume (row, upload);
  else
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_BUSY,
                         "This upload is begun and given up at the same time.");
  return row != NULL;
}

static gboolean
s3_begin (StreamerStorage *storage,
          StreamerStorageUpload *upload,
          const char *resume_id,
          GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_auto (StreamerHttpLoan) loan = streamer_http_pool_take (self->pool);
  g_autoptr (StreamerUploadRow) row = NULL;

  if (!streamer_s3_storage_check_key (self, upload->key, error) ||
      !find_resumed (self, upload, resume_id, &row, error))
    return FALSE;
  if (row)
    {
      streamer_upload_row_resume (row, upload);
      return row->phase == STREAMER_UPLOAD_FINISHED ||
             check_target (self, loan.http, upload, error);
    }
  return check_target (self, loan.http, upload, error) &&
         create_upload (self, loan.http, upload, error) &&
         remember_upload (self, loan.http, upload, resume_id, error);
}

/* The one part of an object that is put whole. */
static GArray *
list_whole (StreamerS3Storage *self,
            StreamerHttp *http,
            const StreamerStorageUpload *upload,
            GError **error)
{
  g_auto (StreamerS3Head) head = { 0 };
  GArray *parts;
  gboolean is_there, is_ours;

  if (!streamer_s3_storage_look (self, http, upload, &head, &is_there, &is_ours, error))
    return NULL;
  parts = streamer_storage_parts_new ();
  if (is_ours)
    {
      StreamerStoragePart part = { .number = 1,
                                   .size = head.size,
                                   .etag = g_steal_pointer (&head.etag) };

      g_array_append_val (parts, part);
    }
  return parts;
}

static GArray *
s3_list_parts (StreamerStorage *storage, const StreamerStorageUpload *upload, GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_auto (StreamerHttpLoan) loan = streamer_http_pool_take (self->pool);
  const char *store_id = streamer_s3_storage_get_store_id (upload);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GArray) stored = NULL;

  if (!store_id)
    return list_whole (self, loan.http, upload, error);
  stored = streamer_s3_client_list_parts (self->client, loan.http, upload->key, store_id,
                                          g_cancellable_get_current (), &local_error);
  if (!stored)
    {
      streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
      return NULL;
    }
  return streamer_s3_storage_convert_parts (stored);
}

/* FALSE with STREAMER_ERROR_NOT_FOUND. */
static gboolean
head_object (StreamerS3Storage *self,
             StreamerHttp *http,
             const char *key,
             StreamerS3Head *head,
             GError **error)
{
  const StreamerStorageUpload any = { .key = (char *) key };
  gboolean is_there, is_ours;

  if (!streamer_s3_storage_look (self, http, &any, head, &is_there, &is_ours, error))
    return FALSE;
  if (!is_there)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                         "Document does not exist and therefore cannot be purged.");
  return is_there;
}

static StreamerStorageObject *
s3_stat (StreamerStorage *storage, const char *key, GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_auto (StreamerHttpLoan) loan = streamer_http_pool_take (self->pool);
  g_auto (StreamerS3Head) head = { 0 };
  StreamerStorageObject *object;

  if (!head_object (self, loan.http, key, &head, error))
    return NULL;
  object = g_new0 (StreamerStorageObject, 1);
  object->size = head.size;
  object->etag = g_steal_pointer (&head.etag);
  object->modified = head.modified;
  return object;
}

/* The store says "done" also where nothing was. */
static gboolean
s3_remove (StreamerStorage *storage, const char *key, GError **error)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_auto (StreamerHttpLoan) loan = streamer_http_pool_take (self->pool);
  g_auto (StreamerS3Head) head = { 0 };
  g_autoptr (GError) local_error = NULL;

  if (!head_object (self, loan.http, key, &head, error))
    return FALSE;
  return streamer_s3_client_delete_object (self->client, loan.http, key,
                                           g_cancellable_get_current (), &local_error) ||
         streamer_s3_storage_fail (g_steal_pointer (&local_error), error);
}

/* What the store has of them is removed by the bucket's rule. */
static void
s3_sweep (StreamerStorage *storage)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (storage);
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  if (!self->database)
    return;
  ids = streamer_upload_state_list (self->database, g_get_real_time () / G_USEC_PER_SEC, &error);
  for (guint i = 0; ids && i < ids->len && !error; i++)
    streamer_upload_state_forget (self->database, g_ptr_array_index (ids, i), &error);
  if (error)
    streamer_server_log ("warning", "sweep", "error", error->message, NULL);
  streamer_s3_staging_sweep (self);
}

static void
storage_iface_init (StreamerStorageInterface *iface)
{
  iface->get_limits = s3_get_limits;
  iface->get_domain = s3_get_domain;
  iface->is_public = streamer_s3_storage_is_public;
  iface->get_checksums = s3_get_checksums;
  iface->sweep = s3_sweep;
  iface->begin = s3_begin;
  iface->presign = streamer_s3_storage_presign;
  iface->list_parts = s3_list_parts;
  iface->finish = streamer_s3_storage_finish;
  iface->cancel = streamer_s3_storage_cancel;
  iface->stat = s3_stat;
  iface->remove = s3_remove;
  iface->link = streamer_s3_storage_link;
}

static void
streamer_s3_storage_finalize (GObject *object)
{
  StreamerS3Storage *self = STREAMER_S3_STORAGE (object);

  g_clear_object (&self->client);
  g_clear_object (&self->provider);
  g_clear_pointer (&self->pool, streamer_http_pool_free);
  g_clear_pointer (&self->database, streamer_database_close);
  g_free (self->domain);
  g_free (self->address);
  streamer_s3_probe_clear (&self->probe);
  G_OBJECT_CLASS (streamer_s3_storage_parent_class)->finalize (object);
}

static void
streamer_s3_storage_class_init (StreamerS3StorageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = streamer_s3_storage_finalize;
}

static void
streamer_s3_storage_init (StreamerS3Storage *self)
{
  self->pool = streamer_http_pool_new ();
  streamer_s3_probe_init (&self->probe);
}

/* (transfer full): where the configuration says, with what it leaves out filled in */
static StreamerS3Location
make_location (const StreamerStorageConfig *config)
{
  StreamerS3Location location = {
    .region =
        config->region ? g_strdup (config->region) : streamer_s3_default_region (config->profile),
    .bucket = g_strdup (config->bucket),
    .prefix = g_strdup (config->prefix),
    .path_style = config->path_style,
  };

  if (!location.region)
    location.region = g_strdup (DEFAULT_REGION);
  location.endpoint = config->endpoint
                          ? g_strdup (config->endpoint)
                          : g_strdup_printf ("https://s3.%s.amazonaws.com", location.region);
  return location;
}

static gboolean
is_region (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '-' && text[i] != '_')
      return FALSE;
  return length > 0 && length <= 64;
}

static gboolean
is_address (const char *endpoint, const char *bucket)
{
  const StreamerS3Location location = { .endpoint = (char *) endpoint, .bucket = (char *) bucket };
  g_auto (StreamerS3Address) address = { 0 };

  return streamer_s3_address_init (&address, &location, NULL, NULL);
}

static gboolean
check (const StreamerStorageConfig *config, const char **member, GError **error)
{
  g_autofree char *prefix = NULL;

  if (config->endpoint && !is_address (config->endpoint, "bucket"))
    return streamer_storage_config_fail (
        member, error, "endpoint",
        "The endpoint has to be an address such as https://s3.example or http://127.0.0.1:7480.");
  if (config->region && !is_region (config->region))
    return streamer_storage_config_fail (member, error, "region",
                                         "The region has to be a name such as eu-central-1.");
  if (!config->bucket || !*config->bucket)
    return streamer_storage_config_fail (member, error, "bucket", "The bucket is missing.");
  if (!is_address ("https://s3.example", config->bucket))
    return streamer_storage_config_fail (member, error, "bucket",
                                         "The name of the bucket cannot be one.");
  if (config->prefix)
    prefix = streamer_key_canonicalize (config->prefix, -1, NULL);
  if (g_strcmp0 (prefix, config->prefix) != 0)
    return streamer_storage_config_fail (
        member, error, "prefix",
        "The prefix has to be a path such as team/files, without a slash at its ends.");
  return TRUE;
}

static StreamerStorage *
open_storage (const StreamerStorageConfig *config, StreamerSeal *seal, GError **error)
{
  g_autoptr (StreamerS3Storage) self = g_object_new (STREAMER_TYPE_S3_STORAGE, NULL);
  StreamerS3Location location = make_location (config);

  self->domain = g_strdup (config->domain);
  self->downloads_public = config->downloads_public;
  self->provider = streamer_s3_default_provider_new (config->profile);
  self->client = streamer_s3_client_new (&location, self->provider);
  if (location.prefix)
    self->prefix_bytes = strlen (location.prefix) + strlen ("/");
  self->address = g_strjoin ("/", location.endpoint, location.bucket, location.prefix, NULL);
  streamer_s3_location_clear (&location);
  if (config->root)
    {
      g_autofree char *path = g_build_filename (config->root, "state.db", NULL);

      self->database = streamer_server_database_open (path, "", error);
      if (!self->database || !streamer_upload_state_prepare (self->database, error) ||
          !streamer_s3_staging_prepare (self->database, error) ||
          !streamer_s3_checksums_prepare (self, error))
        return NULL;
    }
  return STREAMER_STORAGE (g_steal_pointer (&self));
}

const StreamerStorageKind streamer_s3_storage_kind = {
  .name = "s3",
  .check = check,
  .open = open_storage,
};
