/* streamer-sigv4.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerS3Credentials:
 * @access_key: (owned)
 * @secret_key: (owned)
 * @session_token: (owned) (nullable): of temporary credentials
 * @expires: Unix seconds, or 0 where they do not expire
 *
 * Atomically reference counted and never changed; the memory of secrets is wiped at the end. Made
 * by streamer_s3_credentials_new() only.
 */
typedef struct
{
  char *access_key;
  char *secret_key;
  char *session_token;
  gint64 expires;
} StreamerS3Credentials;

StreamerS3Credentials *streamer_s3_credentials_new (const char *access_key,
                                                    const char *secret_key,
                                                    const char *session_token,
                                                    gint64 expires);
StreamerS3Credentials *streamer_s3_credentials_ref (StreamerS3Credentials *credentials);
void streamer_s3_credentials_unref (StreamerS3Credentials *credentials);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerS3Credentials, streamer_s3_credentials_unref)

#define STREAMER_SIGV4_KEY_BYTES 32

/** Returns: whether the key derived for @scope is kept; then it is copied to @key */
gboolean streamer_s3_credentials_find_key (StreamerS3Credentials *credentials,
                                           const char *scope,
                                           guint8 *key);
/** Keeps the key derived for @scope, in place of the one that was kept before. Any thread. */
void streamer_s3_credentials_keep_key (StreamerS3Credentials *credentials,
                                       const char *scope,
                                       const guint8 *key);

#define STREAMER_SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
/* Seconds that a presigned URL lives at most. */
#define STREAMER_SIGV4_MAX_EXPIRES 604800

/**
 * StreamerSigV4:
 * @credentials: signs
 * @region: such as "eu-central-1"
 * @service: "s3"
 * @time: Unix seconds
 *
 * Signature Version 4 (AWS General Reference, "Signature Version 4 signing process"; Amazon S3 API
 * Reference, "Authenticating Requests"). Pure functions, any thread; no clock is read here.
 */
typedef struct
{
  StreamerS3Credentials *credentials;
  const char *region;
  const char *service;
  gint64 time;
} StreamerSigV4;

/**
 * streamer_sigv4_encode:
 * @text: UTF-8 or any bytes
 * @keep_slash: for paths
 *
 * The one percent-encoding of Signature Version 4: everything but unreserved characters, once.
 *
 * Returns: (transfer full)
 */
char *streamer_sigv4_encode (const char *text, gboolean keep_slash);

/** Returns: (transfer full): the SHA-256 of @data in hex */
char *streamer_sigv4_hash (const char *data, gsize length);

/**
 * streamer_sigv4_sign_headers:
 * @path: percent-encoded path, beginning with a slash
 * @query: (nullable): name, value, …, NULL, not encoded
 * @headers: (element-type utf8): name, value, …, NULL; `host` must be among them
 * @payload_hash: hex SHA-256 of the body, or STREAMER_SIGV4_UNSIGNED_PAYLOAD
 *
 * Returns: (transfer full): @headers and what has to be sent beside them: x-amz-date,
 *   x-amz-content-sha256 (for s3), x-amz-security-token, Authorization
 */
GStrv streamer_sigv4_sign_headers (const StreamerSigV4 *self,
                                   const char *method,
                                   const char *path,
                                   const char *const *query,
                                   const char *const *headers,
                                   const char *payload_hash);

/**
 * streamer_sigv4_presign:
 * @scheme_and_host: such as "https://bucket.s3.amazonaws.com"
 * @headers: (nullable): name, value, …, NULL: beside `host`, headers that the request must carry
 *   with just these values (content-length, if-none-match, a checksum)
 * @expires_in: seconds, from 1 to STREAMER_SIGV4_MAX_EXPIRES
 *
 * Returns: (transfer full): a URL signed in its query
 */
char *streamer_sigv4_presign (const StreamerSigV4 *self,
                              const char *method,
                              const char *scheme_and_host,
                              const char *path,
                              const char *const *query,
                              const char *const *headers,
                              guint expires_in);

/** Returns: (transfer full): `ACCESS-KEY/DATE/REGION/SERVICE/aws4_request` */
char *streamer_sigv4_get_credential (const StreamerSigV4 *self);

/** Returns: (transfer full): the time as a signature has it, such as 20130524T000000Z */
char *streamer_sigv4_get_time (const StreamerSigV4 *self);

/** Returns: (transfer full): the signature of @text itself, in hex, such as a POST's policy */
char *streamer_sigv4_sign_text (const StreamerSigV4 *self, const char *text);

G_END_DECLS
