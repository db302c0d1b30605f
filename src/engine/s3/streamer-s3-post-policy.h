/* streamer-s3-post-policy.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-client.h"

G_BEGIN_DECLS

/**
 * streamer_s3_post_policy_sign:
 * @signer: for the service "s3"
 * @policy: the policy's JSON
 *
 * Browser-based uploads (Amazon S3 API Reference, "Authenticating Requests in Browser-Based Uploads
 * Using POST").
 *
 * Returns: (transfer full): the signature over the policy in base64, in hex
 */
char *streamer_s3_post_policy_sign (const StreamerSigV4 *signer, const char *policy);

/**
 * streamer_s3_post_policy_make:
 * @bucket: the bucket's name
 * @key: the object's whole key, which no other may be put in place of
 * @max_size: bytes that the file may have at most
 * @expires_in: seconds
 *
 * Returns: (transfer full): the fields of the form, name, value, …, NULL: all but the file itself
 */
GStrv streamer_s3_post_policy_make (const StreamerSigV4 *signer,
                                    const char *bucket,
                                    const char *key,
                                    guint64 max_size,
                                    guint expires_in);

/**
 * streamer_s3_client_presign_post:
 * @key: without the location's prefix
 * @fields: (out) (transfer full): as streamer_s3_post_policy_make() returns them
 *
 * Needs no network unless credentials have to be fetched.
 *
 * Returns: (transfer full): where a form with @fields and then the field `file` is posted to
 */
char *streamer_s3_client_presign_post (StreamerS3Client *self,
                                       const char *key,
                                       guint64 max_size,
                                       guint expires_in,
                                       GStrv *fields,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
