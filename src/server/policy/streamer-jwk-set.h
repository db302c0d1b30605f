/* streamer-jwk-set.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerJwtAlgorithm:
 * @STREAMER_JWT_RS256: RSA with SHA-256
 * @STREAMER_JWT_ES256: ECDSA on P-256 with SHA-256
 *
 * The ones there are: none that signs nothing, and none whose key could also verify as another's.
 */
typedef enum
{
  STREAMER_JWT_RS256 = 1 << 0,
  STREAMER_JWT_ES256 = 1 << 1,
} StreamerJwtAlgorithm;

/** Returns: FALSE where @name is not one of `RS256`, `ES256` */
gboolean streamer_jwt_algorithm_parse (const char *name, StreamerJwtAlgorithm *algorithm);

/** StreamerJwk: one public key; of its set */
typedef struct _StreamerJwk StreamerJwk;

/**
 * StreamerJwkSet:
 *
 * The public keys of an identity provider (RFC 7517). Reference counted, immutable; any thread.
 */
typedef struct _StreamerJwkSet StreamerJwkSet;

/**
 * streamer_jwk_set_parse:
 * @text: untrusted bytes
 *
 * Keys that are not for signatures of a StreamerJwtAlgorithm are skipped, and those that are too
 * weak.
 *
 * Errors: STREAMER_ERROR_PROTOCOL where it is no key set, or there is no key in it
 */
StreamerJwkSet *streamer_jwk_set_parse (const char *text, gsize length, GError **error);
StreamerJwkSet *streamer_jwk_set_ref (StreamerJwkSet *self);
void streamer_jwk_set_unref (StreamerJwkSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerJwkSet, streamer_jwk_set_unref)

/**
 * streamer_jwk_set_find:
 * @kid: (nullable): the key's name; without one, the only key for @algorithm
 *
 * Returns: (transfer none) (nullable)
 */
const StreamerJwk *
streamer_jwk_set_find (StreamerJwkSet *self, const char *kid, StreamerJwtAlgorithm algorithm);

/** Returns: whether @signature, as a JWS has it, is this key's for @data */
gboolean streamer_jwk_verify (const StreamerJwk *self,
                              const char *data,
                              gsize length,
                              const guint8 *signature,
                              gsize signature_length);

G_END_DECLS
