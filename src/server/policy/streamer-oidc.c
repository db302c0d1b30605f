/* streamer-oidc.c: tokens of an OpenID Connect provider
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The algorithm is looked up in our list before a key is looked for, and a key is for one algorithm
 * only: what a token says of itself can choose among what is allowed, and nothing else.
 */

#include "streamer-oidc.h"

#include "streamer-error.h"
#include "streamer-gateway-claims.h"
#include "streamer-jwt.h"

struct _StreamerOidc
{
  StreamerClaimRules rules; /* (owned) */
  StreamerJwtAlgorithm algorithms;
  StreamerKeySource *keys; /* (owned) (nullable) */
};

StreamerOidc *
streamer_oidc_new (StreamerClaimRules *rules,
                   StreamerJwtAlgorithm algorithms,
                   StreamerKeySource *keys)
{
  StreamerOidc *self = g_new0 (StreamerOidc, 1);

  self->rules = *rules;
  *rules = (StreamerClaimRules){ 0 };
  self->algorithms = algorithms;
  self->keys = keys;
  return self;
}

void
streamer_oidc_free (StreamerOidc *self)
{
  streamer_claim_rules_clear (&self->rules);
  g_clear_pointer (&self->keys, streamer_key_source_unref);
  g_free (self);
}

void
streamer_oidc_keep_keys (StreamerOidc *self, StreamerOidc *before)
{
  if (!self->keys || !before->keys || !streamer_key_source_is_same (self->keys, before->keys))
    return;
  streamer_key_source_unref (self->keys);
  self->keys = streamer_key_source_ref (before->keys);
}

const StreamerAllowance *
streamer_oidc_get_allowance (StreamerOidc *self)
{
  return &self->rules.allowance;
}

static gboolean
verify (StreamerOidc *self, StreamerJwt *jwt, GError **error)
{
  StreamerJwtAlgorithm algorithm = streamer_jwt_get_algorithm (jwt);
  const char *kid = streamer_jwt_get_key_id (jwt);
  g_autoptr (StreamerJwkSet) set = NULL;
  const StreamerJwk *key = NULL;

  if (self->keys && (self->algorithms & algorithm))
    {
      set = streamer_key_source_get (self->keys, kid, algorithm, error);
      if (!set)
        return FALSE;
      key = streamer_jwk_set_find (set, kid, algorithm);
    }
  if (key && streamer_jwt_verify (jwt, key))
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                       "The token is missing, wrong or no longer valid.");
  return FALSE;
}

/* @claims: of a token whose signature is right */
static StreamerPrincipal *
get_principal (StreamerOidc *self, JsonObject *claims, GError **error)
{
  if (!streamer_claims_check (&self->rules, claims, g_get_real_time () / G_USEC_PER_SEC, error))
    return NULL;
  return streamer_claims_get_principal (&self->rules, claims, error);
}

StreamerPrincipal *
streamer_oidc_authenticate (StreamerOidc *self, const char *token, GError **error)
{
  g_autoptr (StreamerJwt) jwt = streamer_jwt_parse (token, error);

  if (!jwt || !verify (self, jwt, error))
    return NULL;
  return get_principal (self, streamer_jwt_get_claims (jwt), error);
}

StreamerPrincipal *
streamer_oidc_authenticate_claims (StreamerOidc *self, JsonObject *claims, GError **error)
{
  g_autoptr (JsonObject) read = streamer_gateway_claims_read (&self->rules, claims);

  return get_principal (self, read, error);
}
