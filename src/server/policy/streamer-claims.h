/* streamer-claims.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-principal.h"

G_BEGIN_DECLS

/**
 * StreamerClaimRules:
 * @issuer: (owned): what `iss` has to be
 * @audience: (owned): one of which has to be meant
 * @audience_claims: (owned): the first of these that a token has says who is meant: `aud`, and
 *   `client_id` in Cognito's access tokens
 * @prefixes_claim: (owned) (nullable): below which folders; NULL: below @prefixes
 * @prefixes: (owned) (nullable): canonical; for every token, where there is no @prefixes_claim
 * @rights_claim: (owned) (nullable): with which rights; NULL: @rights
 * @rights_prefix: (owned) (nullable): what stands before a right in @rights_claim, as in the scope
 *   `s3streamer/create`
 * @rights: of every token, where there is no @rights_claim
 * @allowance: of every principal
 *
 * What the claims of a token mean. Initialise to zeros.
 */
typedef struct
{
  char *issuer;
  char **audience;
  char **audience_claims;
  char *prefixes_claim;
  char **prefixes;
  char *rights_claim;
  char *rights_prefix;
  StreamerRights rights;
  StreamerAllowance allowance;
} StreamerClaimRules;

void streamer_claim_rules_clear (StreamerClaimRules *rules);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerClaimRules, streamer_claim_rules_clear)

/**
 * streamer_claims_check:
 * @now: Unix time
 *
 * Whether a token of which these are the verified claims is for us, and valid @now.
 *
 * Errors: STREAMER_ERROR_AUTH
 */
gboolean streamer_claims_check (const StreamerClaimRules *rules,
                                JsonObject *claims,
                                gint64 now,
                                GError **error);

/**
 * streamer_claims_get_principal:
 * @claims: checked
 *
 * Its name is the issuer and the subject, so that the same subject of two issuers is two principals,
 * and none is one of the configuration. A list may be an array, or a text with blanks between its
 * elements. What is no canonical key admits nothing.
 *
 * Errors: STREAMER_ERROR_AUTH without a subject; _FORBIDDEN where it may do nothing at all
 *
 * Returns: (transfer full)
 */
StreamerPrincipal *
streamer_claims_get_principal (const StreamerClaimRules *rules, JsonObject *claims, GError **error);

G_END_DECLS
