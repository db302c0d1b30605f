/* streamer-s3-address.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-client.h"

G_BEGIN_DECLS

/**
 * StreamerS3Address:
 * @base: (owned): scheme and host, such as "https://bucket.s3.amazonaws.com"
 * @path: (owned): percent-encoded once, beginning with a slash
 *
 * Where one request goes, as it is signed and as it is sent.
 */
typedef struct
{
  char *base;
  char *path;
} StreamerS3Address;

void streamer_s3_address_clear (StreamerS3Address *address);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerS3Address, streamer_s3_address_clear)

/**
 * streamer_s3_address_init:
 * @key: (nullable): without the location's prefix; NULL for the bucket itself
 *
 * The bucket stands in the host name where the location wants it and a certificate and DNS allow
 * it; else in the path.
 *
 * Errors: STREAMER_ERROR_INVALID
 */
gboolean streamer_s3_address_init (StreamerS3Address *address,
                                   const StreamerS3Location *location,
                                   const char *key,
                                   GError **error);

/** Returns: (transfer none): what the `Host` header says */
const char *streamer_s3_address_get_host (const StreamerS3Address *address);

/** Returns: (transfer full): @key behind the location's prefix */
char *streamer_s3_location_get_key (const StreamerS3Location *location, const char *key);

void streamer_s3_location_copy (const StreamerS3Location *location, StreamerS3Location *copy);

/**
 * streamer_s3_location_find_region:
 * @endpoint: (nullable): host name that an answer named
 *
 * Returns: (nullable) (transfer full): the region that @endpoint speaks of, where it belongs to
 *   the same Amazon domain as the location's endpoint
 */
char *streamer_s3_location_find_region (const StreamerS3Location *location, const char *endpoint);

/**
 * streamer_s3_location_move:
 * @region: what an answer named
 *
 * Goes on in @region: the signature names it, and Amazon's own endpoints have it in their name.
 * Other hosts stay as they are: no answer can send requests to another domain.
 *
 * Returns: FALSE where @region is no region, or where the location is there already
 */
gboolean streamer_s3_location_move (StreamerS3Location *location, const char *region);

G_END_DECLS
