/* streamer-oidc.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-claims.h"
#include "streamer-key-source.h"

G_BEGIN_DECLS

/**
 * StreamerOidc:
 *
 * Tokens of an OpenID Connect provider: which are ours, and what they allow. Any thread.
 */
typedef struct _StreamerOidc StreamerOidc;

/**
 * streamer_oidc_new:
 * @rules: (transfer full): its content is taken
 * @algorithms: by which tokens may be signed, whatever they themselves say
 * @keys: (transfer full) (nullable): NULL where a gateway checks all tokens
 */
StreamerOidc *streamer_oidc_new (StreamerClaimRules *rules,
                                 StreamerJwtAlgorithm algorithms,
                                 StreamerKeySource *keys);
void streamer_oidc_free (StreamerOidc *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerOidc, streamer_oidc_free)

/** streamer_oidc_keep_keys: @before: whose keys it takes, where both get them from the same place */
void streamer_oidc_keep_keys (StreamerOidc *self, StreamerOidc *before);

/** Returns: (transfer none): how much each principal may use */
const StreamerAllowance *streamer_oidc_get_allowance (StreamerOidc *self);

/**
 * streamer_oidc_authenticate:
 * @token: untrusted
 *
 * Errors: STREAMER_ERROR_AUTH; _FORBIDDEN where it allows nothing; _BUSY where keys cannot be had
 *
 * Returns: (transfer full): whose token it is
 */
StreamerPrincipal *
streamer_oidc_authenticate (StreamerOidc *self, const char *token, GError **error);

/**
 * streamer_oidc_authenticate_claims:
 * @claims: as API Gateway tells them: it has checked the signature, and all the rest is checked again
 *
 * Errors: STREAMER_ERROR_AUTH; _FORBIDDEN where they allow nothing
 *
 * Returns: (transfer full): whose token it is
 */
StreamerPrincipal *
streamer_oidc_authenticate_claims (StreamerOidc *self, JsonObject *claims, GError **error);

G_END_DECLS
