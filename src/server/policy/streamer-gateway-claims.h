/* streamer-gateway-claims.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-claims.h"

G_BEGIN_DECLS

/**
 * streamer_gateway_claims_read:
 * @claims: as API Gateway tells them of a token that its authoriser has checked
 *
 * What @rules ask for, as it was in the token. A gateway makes a text of everything: of a list
 * `[a b]` (HTTP API) or `a,b` (REST API), of a time its seconds or `Sun Dec 17 07:28:12 UTC 2017`. A
 * text that could be read in two ways is left out, so that it gives nobody anything.
 *
 * Returns: (transfer full): still to be checked by streamer_claims_check()
 */
JsonObject *streamer_gateway_claims_read (const StreamerClaimRules *rules, JsonObject *claims);

G_END_DECLS
