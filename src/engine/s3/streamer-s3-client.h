/* streamer-s3-client.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-http.h"
#include "streamer-s3-credentials.h"
#include "streamer-sigv4.h"
#include "streamer-store.h"

G_BEGIN_DECLS

/* The name of the metadata that an object bears since its upload was begun: a random text that says
 * of which upload it came. */
#define STREAMER_S3_MARK "s3streamer-upload"

/**
 * StreamerS3Location:
 * @endpoint: (owned): "https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:7480", …
 * @region: (owned)
 * @bucket: (owned)
 * @prefix: (owned) (nullable): canonical; put before every key
 * @path_style: whether the bucket stands in the path rather than in the host name
 */
typedef struct
{
  char *endpoint;
  char *region;
  char *bucket;
  char *prefix;
  gboolean path_style;
} StreamerS3Location;

void streamer_s3_location_clear (StreamerS3Location *location);

#define STREAMER_TYPE_S3_CLIENT (streamer_s3_client_get_type ())
G_DECLARE_FINAL_TYPE (StreamerS3Client, streamer_s3_client, STREAMER, S3_CLIENT, GObject)

/**
 * StreamerS3Client:
 *
 * The S3 REST API (Amazon S3 API Reference) as far as uploading needs it: one function an
 * operation, one attempt a call, keys without the location's prefix. Used by the program's own S3
 * store and by the server's S3 storage. Synchronous, worker threads, several at a time.
 *
 * All calls may fail with STREAMER_ERROR_NETWORK, _TLS, _BUSY (SlowDown, 5xx, InternalError even
 * inside a 200), _AUTH (keys refused), _FORBIDDEN, _NOT_FOUND (bucket or key), _NO_UPLOAD,
 * _PROTOCOL, _INVALID. A wrong region named by the answer and a clock that is off (by the answer's
 * Date) are corrected and tried once more inside the call, and remembered.
 */
StreamerS3Client *streamer_s3_client_new (const StreamerS3Location *location,
                                          StreamerS3CredentialsProvider *provider);

/** Returns: seconds that this computer's clock is behind (positive) the store's, once known */
gint64 streamer_s3_client_get_clock_offset (StreamerS3Client *self);

/** Returns: (transfer full): the bucket's region: what was given, or what an answer named since */
char *streamer_s3_client_dup_region (StreamerS3Client *self);

typedef struct
{
  const char *content_type;    /* (nullable) */
  const char *storage_class;   /* (nullable) */
  const char *const *metadata; /* (nullable): name, value, …, NULL; sent as x-amz-meta-NAME */
  gboolean if_none_match;      /* fail with STREAMER_ERROR_EXISTS where the key is taken */
  gboolean crc32;              /* multipart: with the CRC-32 of the whole object; only where
                                  streamer_s3_client_probe_crc32() said that the store can */
  const guint32
      *whole_crc32; /* (nullable): put_object: what the bytes must have; only there, too */
} StreamerS3PutOptions;

/** Returns: (transfer full): the upload id. */
char *streamer_s3_client_create_multipart (StreamerS3Client *self,
                                           StreamerHttp *http,
                                           const char *key,
                                           const StreamerS3PutOptions *options,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean streamer_s3_client_upload_part (StreamerS3Client *self,
                                         StreamerHttp *http,
                                         const char *key,
                                         const char *upload_id,
                                         guint number,
                                         StreamerPartStream *body,
                                         StreamerStoredPart *stored,
                                         GCancellable *cancellable,
                                         GError **error);
/** UploadPartCopy: makes a part of the object @source_key of the same bucket. Ceph decodes that name
 * twice and does not find one with a `%` in it. */
gboolean streamer_s3_client_copy_part (StreamerS3Client *self,
                                       StreamerHttp *http,
                                       const char *key,
                                       const char *upload_id,
                                       guint number,
                                       const char *source_key,
                                       char **etag,
                                       GCancellable *cancellable,
                                       GError **error);
gboolean streamer_s3_client_put_object (StreamerS3Client *self,
                                        StreamerHttp *http,
                                        const char *key,
                                        const StreamerS3PutOptions *options,
                                        StreamerPartStream *body,
                                        StreamerStoredPart *stored,
                                        GCancellable *cancellable,
                                        GError **error);
/** Returns: (transfer full) (element-type StreamerStoredPart): all pages */
GArray *streamer_s3_client_list_parts (StreamerS3Client *self,
                                       StreamerHttp *http,
                                       const char *key,
                                       const char *upload_id,
                                       GCancellable *cancellable,
                                       GError **error);
/**
 * streamer_s3_client_complete_multipart:
 * @parts: (element-type StreamerStoredPart)
 * @crc32: (nullable): that the whole object must have: of an upload that was begun with it
 *
 * Parses the body even of a 200. Errors: STREAMER_ERROR_CHECKSUM
 */
gboolean streamer_s3_client_complete_multipart (StreamerS3Client *self,
                                                StreamerHttp *http,
                                                const char *key,
                                                const char *upload_id,
                                                GArray *parts,
                                                gboolean if_none_match,
                                                const guint32 *crc32,
                                                char **etag,
                                                GCancellable *cancellable,
                                                GError **error);
/**
 * streamer_s3_client_probe_crc32:
 * @key: where nothing is; nothing is left there, but where the keys may not remove it
 * @can: (out): whether the store takes the CRC-32 of a whole object, wants none of parts, and
 *   refuses a wrong one
 *
 * Tries it with an empty object. To be asked once, and remembered: many stores know nothing of it,
 * and some refuse whoever speaks of it.
 *
 * Returns: FALSE where it could not be found out
 */
gboolean streamer_s3_client_probe_crc32 (StreamerS3Client *self,
                                         StreamerHttp *http,
                                         const char *key,
                                         gboolean *can,
                                         GCancellable *cancellable,
                                         GError **error);
/** Returns: (transfer full): @crc32 as S3's headers have it */
char *streamer_s3_crc32_to_string (guint32 crc32);
gboolean streamer_s3_client_abort_multipart (StreamerS3Client *self,
                                             StreamerHttp *http,
                                             const char *key,
                                             const char *upload_id,
                                             GCancellable *cancellable,
                                             GError **error);

/** Returns: (transfer full) (element-type StreamerUnfinished): all pages, below @prefix */
GArray *streamer_s3_client_list_multiparts (StreamerS3Client *self,
                                            StreamerHttp *http,
                                            const char *prefix,
                                            GCancellable *cancellable,
                                            GError **error);

/**
 * StreamerS3Head:
 * @modified: Unix seconds
 * @is_encrypted: with a key of somebody's own: @etag has nothing to do with MD5
 * @metadata: (owned): name in lower case, value, …, NULL: what came as x-amz-meta-NAME
 */
typedef struct
{
  guint64 size;
  char *etag;
  gint64 modified;
  gboolean is_encrypted;
  char **metadata;
} StreamerS3Head;

void streamer_s3_head_clear (StreamerS3Head *head);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerS3Head, streamer_s3_head_clear)

/** Returns: (transfer none) (nullable): the value of @name, in lower case */
const char *streamer_s3_head_get_metadata (const StreamerS3Head *head, const char *name);

/** Errors: STREAMER_ERROR_NOT_FOUND */
gboolean streamer_s3_client_head_object (StreamerS3Client *self,
                                         StreamerHttp *http,
                                         const char *key,
                                         StreamerS3Head *head,
                                         GCancellable *cancellable,
                                         GError **error);
/** Succeeds also where nothing was (S3 does; other stores may say STREAMER_ERROR_NOT_FOUND). */
gboolean streamer_s3_client_delete_object (StreamerS3Client *self,
                                           StreamerHttp *http,
                                           const char *key,
                                           GCancellable *cancellable,
                                           GError **error);
/** HeadBucket: whether the bucket is there and may be used. */
gboolean streamer_s3_client_head_bucket (StreamerS3Client *self,
                                         StreamerHttp *http,
                                         GCancellable *cancellable,
                                         GError **error);

/**
 * streamer_s3_client_presign:
 * @query: (nullable): beside the signature, such as partNumber and uploadId
 * @headers: (nullable): that the request has to carry as given
 *
 * Needs no network unless credentials have to be fetched.
 *
 * Returns: (transfer full): a URL for @method on @key
 */
char *streamer_s3_client_presign (StreamerS3Client *self,
                                  const char *method,
                                  const char *key,
                                  const char *const *query,
                                  const char *const *headers,
                                  guint expires_in,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
