/* streamer-post-grant.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-seal.h"

G_BEGIN_DECLS

/**
 * StreamerPostGrant:
 * @key: (owned): where the file goes: a canonical key, or a temporary name
 * @principal: (owned): who may send it
 * @is_staged: whether @key is a temporary name
 * @overwrite: whether an object with this key may be replaced
 * @max_size: bytes that the file may have
 * @max_staged: bytes that all temporary objects of @principal may have together
 * @expires: Unix time until which it may be sent
 *
 * What a form of version 1 of the request API allows: one file, under one name.
 */
typedef struct
{
  char *key;
  char *principal;
  gboolean is_staged;
  gboolean overwrite;
  guint64 max_size;
  guint64 max_staged;
  gint64 expires;
} StreamerPostGrant;

void streamer_post_grant_clear (StreamerPostGrant *grant);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerPostGrant, streamer_post_grant_clear)

/**
 * streamer_post_grant_sign:
 *
 * Returns: (transfer full): the fields of a form that this server itself takes: name, value, …, NULL
 */
GStrv streamer_post_grant_sign (StreamerSeal *seal, const StreamerPostGrant *grant);

/**
 * streamer_post_grant_check:
 * @key: (nullable), @policy: (nullable), @signature: (nullable): the form's fields
 * @grant: (out caller-allocates): what they allow
 *
 * Errors: STREAMER_ERROR_EXPIRED; _FORBIDDEN for fields that we did not sign
 */
gboolean streamer_post_grant_check (StreamerSeal *seal,
                                    const char *key,
                                    const char *policy,
                                    const char *signature,
                                    StreamerPostGrant *grant,
                                    GError **error);

G_END_DECLS
