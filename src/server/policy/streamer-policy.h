/* streamer-policy.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-oidc.h"
#include "streamer-principal.h"
#include "streamer-token-hash.h"

G_BEGIN_DECLS

/**
 * StreamerPolicy:
 *
 * Who may do what. Filled before the server starts, read by any thread then, and replaced by another
 * one as a whole.
 */
typedef struct _StreamerPolicy StreamerPolicy;

StreamerPolicy *streamer_policy_new (void);
void streamer_policy_free (StreamerPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerPolicy, streamer_policy_free)

/**
 * streamer_policy_replace:
 * @other: (transfer full): who may do what from now on; used nowhere else
 *
 * From one thread at a time. Keys of an identity provider that are known already go on.
 */
void streamer_policy_replace (StreamerPolicy *self, StreamerPolicy *other);

/**
 * streamer_policy_add_principal:
 * @token: only its SHA-256 is kept
 * @prefixes: (nullable): NULL allows every key
 *
 * Adds somebody who may use any amount.
 */
void streamer_policy_add_principal (StreamerPolicy *self,
                                    const char *name,
                                    const char *token,
                                    const char *const *prefixes,
                                    StreamerRights rights);

/**
 * streamer_policy_add_token:
 * @hash: of a token that stands for @principal
 *
 * Returns: FALSE where this token stands for somebody already
 */
gboolean streamer_policy_add_token (StreamerPolicy *self,
                                    StreamerPrincipal *principal,
                                    const StreamerTokenHash *hash);

/** streamer_policy_set_oidc: @oidc: (transfer full): whose tokens are taken, too */
void streamer_policy_set_oidc (StreamerPolicy *self, StreamerOidc *oidc);

/**
 * streamer_policy_get_allowance:
 * @name: of a principal
 *
 * Returns: how much it may use
 */
StreamerAllowance streamer_policy_get_allowance (StreamerPolicy *self, const char *name);

/** Every request has to have an API key then: one of those that were added. */
void streamer_policy_add_api_key (StreamerPolicy *self, const StreamerTokenHash *hash);

/**
 * streamer_policy_authenticate:
 * @authorization: (nullable): the value of the request's Authorization header
 * @api_key: (nullable): the value of the request's `x-api-key` header
 *
 * Errors: STREAMER_ERROR_AUTH; _FORBIDDEN for a token that allows nothing; _BUSY where it cannot be
 * checked at the moment
 *
 * Returns: (transfer full): who asks
 */
StreamerPrincipal *streamer_policy_authenticate (StreamerPolicy *self,
                                                 const char *authorization,
                                                 const char *api_key,
                                                 GError **error);

/**
 * streamer_policy_authenticate_claims:
 * @claims: of a token whose signature a gateway in front of us has checked, as it tells them
 * @api_key: (nullable): the value of the request's `x-api-key` header
 *
 * Errors: as streamer_policy_authenticate(); also _AUTH where nothing says what claims mean
 *
 * Returns: (transfer full): who asks
 */
StreamerPrincipal *streamer_policy_authenticate_claims (StreamerPolicy *self,
                                                        JsonObject *claims,
                                                        const char *api_key,
                                                        GError **error);

/**
 * streamer_policy_check:
 * @rights: what is needed; 0 for looking
 * @key: canonical
 *
 * Returns: FALSE with STREAMER_ERROR_FORBIDDEN where @principal may not
 */
gboolean streamer_policy_check (const StreamerPrincipal *principal,
                                StreamerRights rights,
                                const char *key,
                                GError **error);

G_END_DECLS
