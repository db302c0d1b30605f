/* streamer-policy.c: who may do what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking a token up must not tell by its time how near a guess was. The table's keys are therefore
 * HMACs, made with a key that this process drew and never shows: whoever does not know it cannot
 * choose what is compared with what, so a lookup that takes longer says nothing about any token. It
 * costs the same for one principal and for ten thousand. API keys are few, and compared one by one.
 */

#include "streamer-policy.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-jwt.h"
#include "streamer-seal.h"

struct _StreamerPolicy
{
  guint8 blind[STREAMER_TOKEN_HASH_BYTES];
  GHashTable *principals; /* (owned): blinded StreamerTokenHash to StreamerPrincipal */
  GHashTable *names;      /* (owned): name to StreamerPrincipal */
  GArray *api_keys;       /* (owned) (element-type StreamerTokenHash) */
  StreamerOidc *oidc;     /* (owned) (nullable) */
};

static guint
blinded_hash (gconstpointer key)
{
  guint value;

  memcpy (&value, key, sizeof value);
  return value;
}

static gboolean
blinded_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, STREAMER_TOKEN_HASH_BYTES) == 0;
}

static void
blind (StreamerPolicy *self, const StreamerTokenHash *hash, StreamerTokenHash *blinded)
{
  if (gnutls_hmac_fast (GNUTLS_MAC_SHA256, self->blind, sizeof self->blind, hash->bytes,
                        sizeof hash->bytes, blinded->bytes) < 0)
    g_error ("GnuTLS has no HMAC-SHA-256.");
}

StreamerPolicy *
streamer_policy_new (void)
{
  StreamerPolicy *self = g_new0 (StreamerPolicy, 1);

  streamer_seal_random (self->blind, sizeof self->blind);
  self->principals = g_hash_table_new_full (blinded_hash, blinded_equal, g_free,
                                            (GDestroyNotify) streamer_principal_unref);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) streamer_principal_unref);
  self->api_keys = g_array_new (FALSE, FALSE, sizeof (StreamerTokenHash));
  return self;
}

void
streamer_policy_free (StreamerPolicy *self)
{
  g_hash_table_unref (self->principals);
  g_hash_table_unref (self->names);
  g_array_unref (self->api_keys);
  g_clear_pointer (&self->oidc, streamer_oidc_free);
  g_free (self);
}

void
streamer_policy_add_principal (StreamerPolicy *self,
                               const char *name,
                               const char *token,
                               const char *const *prefixes,
                               StreamerRights rights)
{
  g_autoptr (StreamerPrincipal) principal =
      streamer_principal_new (name, prefixes, rights, &streamer_allowance_unlimited);
  StreamerTokenHash hash;

  streamer_token_hash_compute (token, &hash);
  streamer_policy_add_token (self, principal, &hash);
}

gboolean
streamer_policy_add_token (StreamerPolicy *self,
                           StreamerPrincipal *principal,
                           const StreamerTokenHash *hash)
{
  StreamerTokenHash blinded;

  blind (self, hash, &blinded);
  if (g_hash_table_contains (self->principals, &blinded))
    return FALSE;
  g_hash_table_replace (self->names, principal->name, streamer_principal_ref (principal));
  return g_hash_table_insert (self->principals, g_memdup2 (&blinded, sizeof blinded),
                              streamer_principal_ref (principal));
}

void
streamer_policy_set_oidc (StreamerPolicy *self, StreamerOidc *oidc)
{
  g_clear_pointer (&self->oidc, streamer_oidc_free);
  self->oidc = oidc;
}

const StreamerAllowance *
streamer_policy_get_allowance (StreamerPolicy *self, const char *name)
{
  const StreamerPrincipal *principal = g_hash_table_lookup (self->names, name);

  if (principal)
    return &principal->allowance;
  return self->oidc ? streamer_oidc_get_allowance (self->oidc) : &streamer_allowance_unlimited;
}

void
streamer_policy_add_api_key (StreamerPolicy *self, const StreamerTokenHash *hash)
{
  g_array_append_val (self->api_keys, *hash);
}

static gboolean
check_api_key (StreamerPolicy *self, const char *api_key, GError **error)
{
  StreamerTokenHash hash;
  gboolean is_known = self->api_keys->len == 0;

  streamer_token_hash_compute (api_key ? api_key : "", &hash);
  for (guint i = 0; i < self->api_keys->len; i++)
    is_known |=
        streamer_token_hash_equal (&hash, &g_array_index (self->api_keys, StreamerTokenHash, i));
  if (!is_known)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                         "The API key is missing or wrong.");
  return is_known;
}

/* Returns: (nullable): the token of a Bearer authorization */
static const char *
get_bearer (const char *authorization)
{
  if (!authorization || g_ascii_strncasecmp (authorization, "Bearer ", 7) != 0)
    return NULL;
  return authorization + 7 + strspn (authorization + 7, " ");
}

static StreamerPrincipal *
find_principal (StreamerPolicy *self, const char *token)
{
  StreamerTokenHash hash, blinded;
  StreamerPrincipal *found;

  streamer_token_hash_compute (token, &hash);
  blind (self, &hash, &blinded);
  found = g_hash_table_lookup (self->principals, &blinded);
  return found ? streamer_principal_ref (found) : NULL;
}

StreamerPrincipal *
streamer_policy_authenticate (StreamerPolicy *self,
                              const char *authorization,
                              const char *api_key,
                              GError **error)
{
  const char *token = get_bearer (authorization);
  StreamerPrincipal *found;

  if (!check_api_key (self, api_key, error))
    return NULL;
  found = token ? find_principal (self, token) : NULL;
  if (!found && token && self->oidc && streamer_jwt_is_likely (token))
    return streamer_oidc_authenticate (self->oidc, token, error);
  if (!found)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                         "The token is missing, wrong or no longer valid.");
  return found;
}

StreamerPrincipal *
streamer_policy_authenticate_claims (StreamerPolicy *self,
                                     JsonObject *claims,
                                     const char *api_key,
                                     GError **error)
{
  if (!check_api_key (self, api_key, error))
    return NULL;
  if (self->oidc)
    return streamer_oidc_authenticate_claims (self->oidc, claims, error);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                       "This server takes no tokens of an identity provider.");
  return NULL;
}

gboolean
streamer_policy_check (const StreamerPrincipal *principal,
                       StreamerRights rights,
                       const char *key,
                       GError **error)
{
  if (!streamer_principal_may_touch (principal, key))
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                         "No access to the specified path.");
  else if ((principal->rights & rights) != rights)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                         "This token does not allow that.");
  else
    return TRUE;
  return FALSE;
}
