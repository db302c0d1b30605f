/* fake-s3.c: a bucket in memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server has a thread of its own; what both it and the test look at is under the lock.
 */

#include "fake-s3.h"

#include <libsoup/soup.h>
#include <string.h>

#include "streamer-checksum.h"
#include "streamer-s3-client.h"
#include "streamer-sigv4.h"

#define META "x-amz-meta-"

typedef struct
{
  guint64 size;
  guint32 crc32;
  char *etag;         /* (owned): without quotes */
  char *content_type; /* (owned) (nullable) */
  GHashTable *meta;   /* (owned): lower name → value */
} Object;

typedef struct
{
  char *key;      /* (owned) */
  Object *object; /* (owned): what it will be */
  gboolean has_crc32;
  GTree *parts; /* (owned): number → Object */
} Upload;

typedef struct
{
  guint n;
  guint status;
  char *code; /* (owned) */
} Refusal;

struct _FakeS3
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  SoupServer *server;
  char *url;

  GMutex lock; /* guards what follows */
  FakeS3Flags flags;
  guint page;
  gint64 growth;
  gboolean spoils;
  guint next_id;
  char *expired_token; /* (owned) (nullable) */
  GHashTable *objects; /* (owned): key → Object */
  GHashTable *uploads; /* (owned): id → Upload */
  guint counts[FAKE_S3_N_OPERATIONS];
  Refusal refusals[FAKE_S3_N_OPERATIONS];
  gboolean losses[FAKE_S3_N_OPERATIONS];
};

/* One request. */
typedef struct
{
  FakeS3 *self;
  SoupServerMessage *message;
  GHashTable *query; /* (nullable) */
  const char *method;
  char *key; /* (owned) */
} Request;

static void
object_free (gpointer data)
{
  Object *object = data;

  g_free (object->etag);
  g_free (object->content_type);
  g_hash_table_unref (object->meta);
  g_free (object);
}

static Object *
object_new (guint64 size, const char *md5)
{
  Object *object = g_new0 (Object, 1);

  object->size = size;
  object->etag = g_strdup (md5);
  object->meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return object;
}

static void
upload_free (gpointer data)
{
  Upload *upload = data;

  g_free (upload->key);
  object_free (upload->object);
  g_tree_unref (upload->parts);
  g_free (upload);
}

static int
compare_numbers (gconstpointer a, gconstpointer b, gpointer data)
{
  return GPOINTER_TO_INT (a) - GPOINTER_TO_INT (b);
}

static SoupMessageHeaders *
get_headers (Request *request)
{
  return soup_server_message_get_request_headers (request->message);
}

static const char *
get_parameter (Request *request, const char *name)
{
  return request->query ? g_hash_table_lookup (request->query, name) : NULL;
}

static void
answer_xml (Request *request, guint status, const char *text)
{
  soup_server_message_set_status (request->message, status, NULL);
  soup_server_message_set_response (request->message, "application/xml", SOUP_MEMORY_COPY, text,
                                    strlen (text));
}

static void
refuse (Request *request, guint status, const char *code)
{
  g_autofree char *text =
      g_strdup_printf ("<?xml version=\"1.0\"?><Error><Code>%s</Code></Error>", code);

  answer_xml (request, status, text);
}

static void
set_etag (Request *request, const Object *object)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);
  g_autofree char *etag = g_strconcat ("\"", object->etag, "\"", NULL);

  soup_message_headers_replace (headers, "ETag", etag);
  if (request->self->flags & FAKE_S3_KMS)
    soup_message_headers_replace (headers, "x-amz-server-side-encryption", "aws:kms");
}

/* What arrives of what was sent. */
static GBytes *
receive (Request *request)
{
  SoupMessageBody *body = soup_server_message_get_request_body (request->message);
  g_autoptr (GBytes) sent = soup_message_body_flatten (body);
  gsize length;
  guint8 *bytes = g_bytes_unref_to_data (g_steal_pointer (&sent), &length);

  if (request->self->spoils && length > 0 && g_str_equal (request->method, "PUT"))
    {
      bytes[length / 2] ^= 1;
      request->self->spoils = FALSE;
    }
  return g_bytes_new_take (bytes, length);
}

/* Reads what came, and what it is to be put with. */
static Object *
read_object (Request *request)
{
  g_autoptr (GBytes) bytes = receive (request);
  g_autofree char *md5 = g_compute_checksum_for_bytes (
      (request->self->flags & FAKE_S3_KMS) ? G_CHECKSUM_SHA256 : G_CHECKSUM_MD5, bytes);
  Object *object = NULL;
  SoupMessageHeadersIter iter;
  const char *name, *value;

  md5[32] = '\0';
  object = object_new (g_bytes_get_size (bytes), md5);
  object->crc32 =
      streamer_crc32_update (0, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  object->content_type =
      g_strdup (soup_message_headers_get_one (get_headers (request), "Content-Type"));
  soup_message_headers_iter_init (&iter, get_headers (request));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (g_ascii_strncasecmp (name, META, strlen (META)) == 0)
      g_hash_table_insert (object->meta, g_ascii_strdown (name + strlen (META), -1),
                           g_strdup (value));
  return object;
}

/* FALSE: the condition is not met, and was answered. */
static gboolean
check_condition (Request *request)
{
  if ((request->self->flags & FAKE_S3_NO_CONDITIONS) ||
      !soup_message_headers_get_one (get_headers (request), "If-None-Match") ||
      !g_hash_table_contains (request->self->objects, request->key))
    return TRUE;
  refuse (request, 412, "PreconditionFailed");
  return FALSE;
}

static void
create (Request *request)
{
  Upload *upload = g_new0 (Upload, 1);
  g_autofree char *id = g_strdup_printf ("2~upload.%u/+=", request->self->next_id++);
  g_autofree char *text = NULL;

  upload->has_crc32 =
      (request->self->flags & (FAKE_S3_CRC32 | FAKE_S3_CRC32_OF_PARTS)) &&
      soup_message_headers_get_one (get_headers (request), "x-amz-checksum-algorithm");
  if (upload->has_crc32)
    soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                  "x-amz-checksum-algorithm", "CRC32");
  upload->key = g_strdup (request->key);
  upload->object = read_object (request);
  upload->parts = g_tree_new_full (compare_numbers, NULL, NULL, object_free);
  text = g_strdup_printf ("<InitiateMultipartUploadResult><UploadId>%s</UploadId>"
                          "</InitiateMultipartUploadResult>",
                          id);
  g_hash_table_insert (request->self->uploads, g_steal_pointer (&id), upload);
  answer_xml (request, 200, text);
}

/* The upload that is asked for; NULL: there is none, and that was answered. */
static Upload *
get_upload (Request *request)
{
  Upload *upload =
      g_hash_table_lookup (request->self->uploads, get_parameter (request, "uploadId"));

  if (upload && g_str_equal (upload->key, request->key))
    return upload;
  refuse (request, 404, "NoSuchUpload");
  return NULL;
}

/* UploadPartCopy. */
static void
copy_part (Request *request, Upload *upload, const char *source)
{
  g_autofree char *path = g_uri_unescape_string (source, NULL);
  const char *key = path + strlen ("/" FAKE_S3_BUCKET "/");
  const Object *object = g_hash_table_lookup (request->self->objects, key);
  g_autofree char *text = NULL;

  if (!object)
    {
      refuse (request, 404, "NoSuchKey");
      return;
    }
  g_tree_replace (upload->parts, GINT_TO_POINTER (atoi (get_parameter (request, "partNumber"))),
                  object_new (object->size, object->etag));
  text = g_strdup_printf ("<CopyPartResult><ETag>&quot;%s&quot;</ETag></CopyPartResult>",
                          object->etag);
  answer_xml (request, 200, text);
}

/* FALSE: it is not what was announced, or nothing was, and that was answered. */
static gboolean
check_crc32 (Request *request, gboolean is_verified, guint32 crc32, gboolean is_needed)
{
  const char *announced =
      soup_message_headers_get_one (get_headers (request), "x-amz-checksum-crc32");
  g_autofree char *right = streamer_s3_crc32_to_string (crc32);

  if (!is_verified || (!announced && !is_needed) || g_strcmp0 (announced, right) == 0)
    return TRUE;
  refuse (request, 400, announced ? "BadDigest" : "InvalidArgument");
  return FALSE;
}

static void
put_part (Request *request)
{
  const char *source = soup_message_headers_get_one (get_headers (request), "x-amz-copy-source");
  Upload *upload = get_upload (request);
  Object *part;

  if (!upload)
    return;
  if (source)
    {
      copy_part (request, upload, source);
      return;
    }
  part = read_object (request);
  if (!check_crc32 (request, upload->has_crc32, part->crc32,
                    (request->self->flags & FAKE_S3_CRC32_OF_PARTS) != 0))
    {
      object_free (part);
      return;
    }
  if (!(request->self->flags & FAKE_S3_NO_ETAGS))
    set_etag (request, part);
  g_tree_replace (upload->parts, GINT_TO_POINTER (atoi (get_parameter (request, "partNumber"))),
                  part);
  soup_server_message_set_status (request->message, 200, NULL);
}

static void
list_parts (Request *request)
{
  Upload *upload = get_upload (request);
  const char *marker = get_parameter (request, "part-number-marker");
  g_autoptr (GString) text = g_string_new ("<ListPartsResult>");
  guint n = 0;
  int last = 0;
  GTreeNode *node;

  if (!upload)
    return;
  for (node = g_tree_upper_bound (upload->parts, GINT_TO_POINTER (marker ? atoi (marker) : 0));
       node && n < request->self->page; node = g_tree_node_next (node), n++)
    {
      const Object *part = g_tree_node_value (node);

      last = GPOINTER_TO_INT (g_tree_node_key (node));
      g_string_append_printf (text,
                              "<Part><PartNumber>%d</PartNumber><Size>%" G_GUINT64_FORMAT "</Size>",
                              last, part->size + request->self->growth);
      if (!(request->self->flags & FAKE_S3_NO_ETAGS))
        g_string_append_printf (text, "<ETag>&quot;%s&quot;</ETag>", part->etag);
      g_string_append (text, "</Part>");
    }
  g_string_append_printf (text,
                          "<IsTruncated>%s</IsTruncated><NextPartNumberMarker>%d"
                          "</NextPartNumberMarker></ListPartsResult>",
                          node ? "true" : "false", last);
  answer_xml (request, 200, text->str);
}

/* Joins the parts that the body names; NULL where it names other ones. */
static Object *
join (Request *request, Upload *upload)
{
  SoupMessageBody *body = soup_server_message_get_request_body (request->message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (GChecksum) md5 = g_checksum_new (G_CHECKSUM_MD5);
  guint64 size = 0;
  guint32 crc32 = 0;
  guint n = 0;
  Object *object;

  for (const char *at = text; (at = strstr (at, "<PartNumber>")); n++)
    {
      const Object *part;
      gsize length;

      at += strlen ("<PartNumber>");
      part = g_tree_lookup (upload->parts, GINT_TO_POINTER (atoi (at)));
      if (!part || (!(request->self->flags & FAKE_S3_NO_ETAGS) && !strstr (text, part->etag)))
        return NULL;
      size += part->size;
      crc32 = streamer_crc32_combine (crc32, part->crc32, part->size);
      for (gsize i = 0; i < 32; i += 2)
        {
          guchar byte =
              g_ascii_xdigit_value (part->etag[i]) * 16 + g_ascii_xdigit_value (part->etag[i + 1]);

          length = 1;
          g_checksum_update (md5, &byte, length);
        }
    }
  if (n == 0)
    return NULL;
  object = object_new (size, NULL);
  object->crc32 = crc32;
  if (request->self->flags & FAKE_S3_KMS)
    g_checksum_update (md5, (const guchar *) "key", 3);
  object->etag = g_strdup_printf ("%s-%u", g_checksum_get_string (md5), n);
  return object;
}

static void
complete (Request *request)
{
  Upload *upload = get_upload (request);
  Object *object;
  g_autofree char *text = NULL;

  if (!upload || !check_condition (request))
    return;
  object = join (request, upload);
  if (!object)
    {
      refuse (request, 400, "InvalidPart");
      return;
    }
  if (!check_crc32 (request, upload->has_crc32, object->crc32, FALSE))
    {
      object_free (object);
      return;
    }
  object->content_type = g_strdup (upload->object->content_type);
  g_hash_table_unref (object->meta);
  object->meta = g_hash_table_ref (upload->object->meta);
  text = g_strdup_printf ("<CompleteMultipartUploadResult><ETag>&quot;%s&quot;</ETag>"
                          "</CompleteMultipartUploadResult>",
                          object->etag);
  g_hash_table_insert (request->self->objects, g_strdup (request->key), object);
  g_hash_table_remove (request->self->uploads, get_parameter (request, "uploadId"));
  answer_xml (request, 200, text);
}

static void
abort_upload (Request *request)
{
  if (!get_upload (request))
    return;
  g_hash_table_remove (request->self->uploads, get_parameter (request, "uploadId"));
  soup_server_message_set_status (request->message, 204, NULL);
}

static void
put (Request *request)
{
  Object *object;

  if (!check_condition (request))
    return;
  object = read_object (request);
  if (!check_crc32 (request, (request->self->flags & FAKE_S3_CRC32) != 0, object->crc32, FALSE))
    {
      object_free (object);
      return;
    }
  if (!(request->self->flags & FAKE_S3_NO_ETAGS))
    set_etag (request, object);
  g_hash_table_insert (request->self->objects, g_strdup (request->key), object);
  soup_server_message_set_status (request->message, 200, NULL);
}

static void
head (Request *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);
  const Object *object = g_hash_table_lookup (request->self->objects, request->key);
  GHashTableIter iter;
  gpointer name, value;

  if (!object)
    {
      soup_server_message_set_status (request->message, 404, NULL);
      return;
    }
  set_etag (request, object);
  soup_message_headers_set_content_length (headers, object->size);
  soup_message_headers_replace (headers, "Last-Modified", "Sun, 22 Nov 2026 09:00:00 GMT");
  g_hash_table_iter_init (&iter, object->meta);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      g_autofree char *header = g_strconcat (META, name, NULL);

      soup_message_headers_replace (headers, header, value);
    }
  soup_server_message_set_status (request->message, 200, NULL);
}

static void
get (Request *request)
{
  if (g_hash_table_contains (request->self->objects, request->key))
    soup_server_message_set_status (request->message, 200, NULL);
  else
    refuse (request, 404, "NoSuchKey");
}

static void delete (Request *request)
{
  g_hash_table_remove (request->self->objects, request->key);
  soup_server_message_set_status (request->message, 204, NULL);
}

static void (*const operations[FAKE_S3_N_OPERATIONS]) (Request *request) = {
  create, put_part, list_parts, complete, abort_upload, put, head, get, delete,
};

static FakeS3Operation
get_operation (Request *request)
{
  gboolean has_upload = get_parameter (request, "uploadId") != NULL;

  if (g_str_equal (request->method, "POST"))
    return has_upload ? FAKE_S3_COMPLETE : FAKE_S3_CREATE;
  if (g_str_equal (request->method, "PUT"))
    return has_upload ? FAKE_S3_PUT_PART : FAKE_S3_PUT;
  if (g_str_equal (request->method, "DELETE"))
    return has_upload ? FAKE_S3_ABORT : FAKE_S3_DELETE;
  if (g_str_equal (request->method, "HEAD"))
    return FAKE_S3_HEAD;
  return has_upload ? FAKE_S3_LIST_PARTS : FAKE_S3_GET;
}

/* The headers that were signed, with what came in their place. */
static GStrv
get_signed_headers (Request *request)
{
  g_auto (GStrv) names = g_strsplit (get_parameter (request, "X-Amz-SignedHeaders"), ";", -1);
  g_autoptr (GStrvBuilder) headers = g_strv_builder_new ();

  for (gsize i = 0; names[i]; i++)
    if (!g_str_equal (names[i], "host"))
      {
        const char *value = soup_message_headers_get_list (get_headers (request), names[i]);

        g_strv_builder_add_many (headers, names[i], value ? value : "", NULL);
      }
  return g_strv_builder_end (headers);
}

static GStrv
get_own_query (Request *request)
{
  g_autoptr (GStrvBuilder) query = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, request->query);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!g_str_has_prefix (name, "X-Amz-"))
      g_strv_builder_add_many (query, name, value, NULL);
  return g_strv_builder_end (query);
}

static gboolean
is_well_signed (Request *request)
{
  const char *token = get_parameter (request, "X-Amz-Security-Token");
  const char *time = get_parameter (request, "X-Amz-Date");
  g_autofree char *iso = g_strdup_printf ("%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", time, time + 4,
                                          time + 6, time + 9, time + 11, time + 13);
  g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (iso, NULL);
  g_autoptr (StreamerS3Credentials) credentials =
      streamer_s3_credentials_new (FAKE_S3_ACCESS_KEY, FAKE_S3_SECRET_KEY, token, 0);
  const StreamerSigV4 signer = { .credentials = credentials,
                                 .region = FAKE_S3_REGION,
                                 .service = "s3",
                                 .time = g_date_time_to_unix (date) };
  guint expires = atoi (get_parameter (request, "X-Amz-Expires"));
  g_auto (GStrv) headers = get_signed_headers (request);
  g_auto (GStrv) query = get_own_query (request);
  GUri *uri = soup_server_message_get_uri (request->message);
  g_autofree char *path = g_uri_escape_string (g_uri_get_path (uri), "/%", FALSE);
  g_autofree char *url =
      streamer_sigv4_presign (&signer, request->method, request->self->url, path,
                              (const char *const *) query, (const char *const *) headers, expires);

  return g_str_has_suffix (url, get_parameter (request, "X-Amz-Signature")) &&
         signer.time + expires > g_get_real_time () / G_USEC_PER_SEC;
}

/* FALSE: refused, and answered. */
static gboolean
check_access (Request *request)
{
  const char *authorization = soup_message_headers_get_one (get_headers (request), "Authorization");
  const char *token = soup_message_headers_get_one (get_headers (request), "x-amz-security-token");

  if (!authorization && (!get_parameter (request, "X-Amz-Signature") || !is_well_signed (request)))
    {
      refuse (request, 403, "SignatureDoesNotMatch");
      return FALSE;
    }
  if (!token)
    token = get_parameter (request, "X-Amz-Security-Token");
  if (request->self->expired_token && g_strcmp0 (token, request->self->expired_token) == 0)
    {
      refuse (request, 400, "ExpiredToken");
      return FALSE;
    }
  return TRUE;
}

static void
run (Request *request)
{
  FakeS3 *self = request->self;
  FakeS3Operation operation = get_operation (request);
  Refusal *refusal = &self->refusals[operation];

  self->counts[operation]++;
  if (refusal->n > 0)
    {
      refusal->n--;
      refuse (request, refusal->status, refusal->code);
      return;
    }
  if (!check_access (request))
    return;
  if ((self->flags & FAKE_S3_REFUSES_CRC32) &&
      (soup_message_headers_get_one (get_headers (request), "x-amz-checksum-algorithm") ||
       soup_message_headers_get_one (get_headers (request), "x-amz-checksum-crc32")))
    {
      refuse (request, 400, "InvalidRequest");
      return;
    }
  operations[operation](request);
  if (self->losses[operation])
    {
      g_autoptr (GIOStream) stream = soup_server_message_steal_connection (request->message);

      self->losses[operation] = FALSE;
      g_io_stream_close (stream, NULL, NULL);
    }
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  FakeS3 *self = user_data;
  Request request = {
    .self = self,
    .message = message,
    .query = query,
    .method = soup_server_message_get_method (message),
  };
  g_autofree char *key = NULL;

  if (!g_str_has_prefix (path, "/" FAKE_S3_BUCKET "/"))
    {
      refuse (&request, 404, "NoSuchBucket");
      return;
    }
  request.key = key = g_strdup (path + strlen ("/" FAKE_S3_BUCKET "/"));
  g_mutex_lock (&self->lock);
  run (&request);
  g_mutex_unlock (&self->lock);
}

static gpointer
serve (gpointer data)
{
  FakeS3 *self = data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

FakeS3 *
fake_s3_new (void)
{
  FakeS3 *self = g_new0 (FakeS3, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;
  GSList *uris;

  g_mutex_init (&self->lock);
  self->page = 1000;
  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, object_free);
  self->uploads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, upload_free);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);

  g_main_context_push_thread_default (self->context);
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  url = g_uri_to_string (uris->data);
  self->url = g_strndup (url, strlen (url) - 1);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_main_context_pop_thread_default (self->context);

  self->thread = g_thread_new ("fake-s3", serve, self);
  return self;
}

static gboolean
on_quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
fake_s3_free (FakeS3 *self)
{
  g_main_context_invoke (self->context, on_quit, self->loop);
  g_thread_join (self->thread);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  while (g_main_context_iteration (self->context, FALSE))
    continue;
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->objects);
  g_hash_table_unref (self->uploads);
  for (gsize i = 0; i < FAKE_S3_N_OPERATIONS; i++)
    g_free (self->refusals[i].code);
  g_mutex_clear (&self->lock);
  g_free (self->expired_token);
  g_free (self->url);
  g_free (self);
}

const char *
fake_s3_get_url (FakeS3 *self)
{
  return self->url;
}

void
fake_s3_set_flags (FakeS3 *self, FakeS3Flags flags)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->flags = flags;
}

void
fake_s3_set_page (FakeS3 *self, guint n_parts)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->page = n_parts;
}

void
fake_s3_refuse (FakeS3 *self, FakeS3Operation operation, guint n, guint status, const char *code)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Refusal *refusal = &self->refusals[operation];

  g_free (refusal->code);
  *refusal = (Refusal){ n, status, g_strdup (code) };
}

void
fake_s3_lose_answer (FakeS3 *self, FakeS3Operation operation)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->losses[operation] = TRUE;
}

void
fake_s3_expire_token (FakeS3 *self, const char *token)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_free (self->expired_token);
  self->expired_token = g_strdup (token);
}

guint
fake_s3_count (FakeS3 *self, FakeS3Operation operation)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->counts[operation];
}

guint
fake_s3_count_uploads (FakeS3 *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_hash_table_size (self->uploads);
}

gboolean
fake_s3_find (FakeS3 *self, const char *key, guint64 *size)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const Object *object = g_hash_table_lookup (self->objects, key);

  if (object && size)
    *size = object->size;
  return object != NULL;
}

char *
fake_s3_get_content_type (FakeS3 *self, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const Object *object = g_hash_table_lookup (self->objects, key);

  return object ? g_strdup (object->content_type) : NULL;
}

void
fake_s3_add (FakeS3 *self, const char *key, guint64 size)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_hash_table_insert (self->objects, g_strdup (key),
                       object_new (size, "0123456789abcdef0123456789abcdef"));
}

void
fake_s3_remove (FakeS3 *self, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_hash_table_remove (self->objects, key);
}

void
fake_s3_grow_parts (FakeS3 *self, gint64 bytes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->growth = bytes;
}

void
fake_s3_spoil (FakeS3 *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->spoils = TRUE;
}

void
fake_s3_forget_uploads (FakeS3 *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_hash_table_remove_all (self->uploads);
}
