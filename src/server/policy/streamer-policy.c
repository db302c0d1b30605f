/* streamer-policy.c: who may do what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking a token up must not tell by its time how near a guess was. The table's keys are therefore
 * HMACs, made with a key that this process drew and never shows: whoever does not know it cannot
 * choose what is compared with what, so a lookup that takes longer says nothing about any token. It
 * costs the same for one principal and for ten thousand. API keys are few, and compared one by one.
 *
 * The rules do not change once they are in use: others take their place, and whoever is at it goes
 * on with those that it has begun with. The lock is held to get a reference, and for nothing else.
 */

#include "streamer-policy.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-jwt.h"
#include "streamer-seal.h"

typedef struct
{
  guint8 blind[STREAMER_TOKEN_HASH_BYTES];
  GHashTable *principals; /* (owned): blinded StreamerTokenHash to StreamerPrincipal */
  GHashTable *names;      /* (owned): name to StreamerPrincipal */
  GArray *api_keys;       /* (owned) (element-type StreamerTokenHash) */
  StreamerOidc *oidc;     /* (owned) (nullable) */
} Rules;

struct _StreamerPolicy
{
  GMutex lock;
  Rules *rules; /* (owned): the lock */
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
blind (Rules *self, const StreamerTokenHash *hash, StreamerTokenHash *blinded)
{
  if (gnutls_hmac_fast (GNUTLS_MAC_SHA256, self->blind, sizeof self->blind, hash->bytes,
                        sizeof hash->bytes, blinded->bytes) < 0)
    g_error ("GnuTLS has no HMAC-SHA-256.");
}

static void
rules_clear (gpointer data)
{
  Rules *self = data;

  g_hash_table_unref (self->principals);
  g_hash_table_unref (self->names);
  g_array_unref (self->api_keys);
  g_clear_pointer (&self->oidc, streamer_oidc_free);
}

static void
rules_unref (Rules *self)
{
  g_atomic_rc_box_release_full (self, rules_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rules, rules_unref)

static Rules *
rules_new (void)
{
  Rules *self = g_atomic_rc_box_new0 (Rules);

  streamer_seal_random (self->blind, sizeof self->blind);
  self->principals = g_hash_table_new_full (blinded_hash, blinded_equal, g_free,
                                            (GDestroyNotify) streamer_principal_unref);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) streamer_principal_unref);
  self->api_keys = g_array_new (FALSE, FALSE, sizeof (StreamerTokenHash));
  return self;
}

/* Returns: (transfer full): what holds now */
static Rules *
get_rules (StreamerPolicy *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_atomic_rc_box_acquire (self->rules);
}

StreamerPolicy *
streamer_policy_new (void)
{
  StreamerPolicy *self = g_new0 (StreamerPolicy, 1);

  g_mutex_init (&self->lock);
  self->rules = rules_new ();
  return self;
}

void
streamer_policy_free (StreamerPolicy *self)
{
  rules_unref (self->rules);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
streamer_policy_replace (StreamerPolicy *self, StreamerPolicy *other)
{
  Rules *before;

  if (other->rules->oidc && self->rules->oidc)
    streamer_oidc_keep_keys (other->rules->oidc, self->rules->oidc);
  g_mutex_lock (&self->lock);
  before = self->rules;
  self->rules = g_steal_pointer (&other->rules);
  g_mutex_unlock (&self->lock);
  rules_unref (before);
  g_mutex_clear (&other->lock);
  g_free (other);
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
  Rules *rules = self->rules;
  StreamerTokenHash blinded;

  blind (rules, hash, &blinded);
  if (g_hash_table_contains (rules->principals, &blinded))
    return FALSE;
  g_hash_table_replace (rules->names, principal->name, streamer_principal_ref (principal));
  return g_hash_table_insert (rules->principals, g_memdup2 (&blinded, sizeof blinded),
                              streamer_principal_ref (principal));
}

void
streamer_policy_set_oidc (StreamerPolicy *self, StreamerOidc *oidc)
{
  g_clear_pointer (&self->rules->oidc, streamer_oidc_free);
  self->rules->oidc = oidc;
}

StreamerAllowance
streamer_policy_get_allowance (StreamerPolicy *self, const char *name)
{
  g_autoptr (Rules) rules = get_rules (self);
  const StreamerPrincipal *principal = g_hash_table_lookup (rules->names, name);

  if (principal)
    return principal->allowance;
  return rules->oidc ? *streamer_oidc_get_allowance (rules->oidc) : streamer_allowance_unlimited;
}

void
streamer_policy_add_api_key (StreamerPolicy *self, const StreamerTokenHash *hash)
{
  g_array_append_val (self->rules->api_keys, *hash);
}

static gboolean
check_api_key (Rules *self, const char *api_key, GError **error)
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
find_principal (Rules *self, const char *token)
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
  g_autoptr (Rules) rules = get_rules (self);
  const char *token = get_bearer (authorization);
  StreamerPrincipal *found;

  if (!check_api_key (rules, api_key, error))
    return NULL;
  found = token ? find_principal (rules, token) : NULL;
  if (!found && token && rules->oidc && streamer_jwt_is_likely (token))
    return streamer_oidc_authenticate (rules->oidc, token, error);
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
  g_autoptr (Rules) rules = get_rules (self);

  if (!check_api_key (rules, api_key, error))
    return NULL;
  if (rules->oidc)
    return streamer_oidc_authenticate_claims (rules->oidc, claims, error);
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
