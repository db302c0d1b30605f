/* streamer-s3-place.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-client.h"
#include "streamer-secrets.h"

G_BEGIN_DECLS

/* Amazon S3 User Guide, "Sharing objects with presigned URLs": seven days at most. */
#define STREAMER_S3_LINK_MAX_SECONDS 604800

/**
 * StreamerS3Place:
 * @endpoint: (owned) (nullable): NULL or "" for Amazon S3 in @region
 * @region: (owned) (nullable): NULL or "" for what the environment and the shared files say
 * @bucket: (owned)
 * @prefix: (owned) (nullable): canonical; put before every key
 * @virtual_host: whether the bucket stands in the host name also where @endpoint is set
 * @access_key: (owned) (nullable): whose secret key is in the StreamerSecrets; NULL or "" for keys
 *   from the environment, the shared files or a role
 * @profile: (owned) (nullable): of the shared files
 * @storage_class: (owned) (nullable): of new objects; NULL or "" for the store's default
 * @link_expires: seconds that links to a private bucket work
 *
 * A bucket as a user describes it. Atomically reference counted; not changed once it is used.
 */
typedef struct
{
  char *endpoint;
  char *region;
  char *bucket;
  char *prefix;
  gboolean virtual_host;
  char *access_key;
  char *profile;
  char *storage_class;
  guint link_expires;
} StreamerS3Place;

/** Links work for as long as they can; all else is empty. */
StreamerS3Place *streamer_s3_place_new (void);

/**
 * streamer_s3_place_set_uri:
 * @uri: `s3://BUCKET` or `s3://BUCKET/PREFIX`, not encoded
 *
 * Errors: STREAMER_ERROR_INVALID (also a bucket's name that no store would take)
 */
gboolean streamer_s3_place_set_uri (StreamerS3Place *self, const char *uri, GError **error);

/** Returns: (transfer full): the same bucket, with another access key */
StreamerS3Place *streamer_s3_place_copy_for_key (const StreamerS3Place *self,
                                                 const char *access_key);

/**
 * streamer_s3_place_open:
 * @connection_id: under which @secrets knows the secret key
 *
 * Errors: STREAMER_ERROR_INVALID where a value cannot be used. Any thread; reads files at most.
 *
 * Returns: (transfer full): the client of the bucket
 */
StreamerS3Client *streamer_s3_place_open (const StreamerS3Place *self,
                                          const char *connection_id,
                                          StreamerSecrets *secrets,
                                          GError **error);

StreamerS3Place *streamer_s3_place_ref (StreamerS3Place *self);
void streamer_s3_place_unref (StreamerS3Place *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerS3Place, streamer_s3_place_unref)

G_END_DECLS
