/* streamer-url-signer.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-http-request.h"
#include "streamer-seal.h"

G_BEGIN_DECLS

/* The paths that the server itself answers, beside the request API. */
#define STREAMER_PARTS_PATH     "/parts/"
#define STREAMER_POSTS_PATH     "/posts"
#define STREAMER_DOWNLOADS_PATH "/downloads/"

/**
 * StreamerPartGrant:
 * @id: (owned): the storage's name of the upload
 * @number: of the part
 * @length: bytes that have to come
 * @expires: Unix time
 * @has_crc32: whether the bytes must have @crc32
 * @crc32: see @has_crc32
 *
 * What a part's URL allows.
 */
typedef struct
{
  char *id;
  guint number;
  guint64 length;
  gint64 expires;
  gboolean has_crc32;
  guint32 crc32;
} StreamerPartGrant;

void streamer_part_grant_clear (StreamerPartGrant *grant);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerPartGrant, streamer_part_grant_clear)

/** Returns: (transfer full): path and query of the PUT that @grant allows */
char *streamer_url_signer_part_url (StreamerSeal *seal, const StreamerPartGrant *grant);

/**
 * streamer_url_signer_check_part:
 * @grant: (out caller-allocates): what the request's URL allows
 *
 * Errors: STREAMER_ERROR_EXPIRED; _FORBIDDEN for a URL that we did not sign
 */
gboolean streamer_url_signer_check_part (StreamerSeal *seal,
                                         const StreamerHttpRequest *request,
                                         StreamerPartGrant *grant,
                                         GError **error);

/**
 * streamer_url_signer_download_url:
 * @key: canonical
 * @expires: Unix time, or 0 for a link that always works
 *
 * Returns: (transfer full): path and query
 */
char *streamer_url_signer_download_url (StreamerSeal *seal, const char *key, gint64 expires);

/**
 * streamer_url_signer_check_download:
 * @is_public: whether a URL without a signature is good, too
 *
 * Errors: STREAMER_ERROR_EXPIRED; _FORBIDDEN for a URL that we did not sign
 *
 * Returns: (transfer full): the key that the request's URL allows to read
 */
char *streamer_url_signer_check_download (StreamerSeal *seal,
                                          const StreamerHttpRequest *request,
                                          gboolean is_public,
                                          GError **error);

G_END_DECLS
