/* streamer-jwt.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-jwk-set.h"

G_BEGIN_DECLS

#define STREAMER_JWT_MAX_BYTES 8192

/**
 * StreamerJwt:
 *
 * A signed token (RFC 7519, in the compact form of RFC 7515). Nothing in it is true before
 * streamer_jwt_verify() has said so.
 */
typedef struct _StreamerJwt StreamerJwt;

/** Returns: whether @token has the three parts of a JWT */
gboolean streamer_jwt_is_likely (const char *token);

/**
 * streamer_jwt_parse:
 * @token: untrusted
 *
 * Errors: STREAMER_ERROR_AUTH for what is not one, or is signed in a way that we do not know, or
 *   has a header that must be understood and is not
 */
StreamerJwt *streamer_jwt_parse (const char *token, GError **error);
void streamer_jwt_free (StreamerJwt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerJwt, streamer_jwt_free)

StreamerJwtAlgorithm streamer_jwt_get_algorithm (StreamerJwt *self);

/** Returns: (transfer none) (nullable): the name of the key */
const char *streamer_jwt_get_key_id (StreamerJwt *self);

/** Returns: whether @key has signed it */
gboolean streamer_jwt_verify (StreamerJwt *self, const StreamerJwk *key);

/** Returns: (transfer none): what it says, once it was verified */
JsonObject *streamer_jwt_get_claims (StreamerJwt *self);

G_END_DECLS
