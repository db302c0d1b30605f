/* streamer-jwk-set.c: public keys of an identity provider
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Only the numbers are kept. Each verification makes a key of GnuTLS of its own from them, which
 * costs little beside the verification: so nothing of GnuTLS is shared by threads.
 */

#include "streamer-jwk-set.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <string.h>

#include "streamer-base64url.h"
#include "streamer-error.h"
#include "streamer-json.h"

#define MAX_KEYS      100
#define MIN_RSA_BYTES 256
/* Verifying costs more with larger ones, and anybody can ask for it. */
#define MAX_RSA_BYTES 1024
#define P256_BYTES    32

struct _StreamerJwk
{
  char *kid; /* (owned) (nullable) */
  StreamerJwtAlgorithm algorithm;
  GBytes *first;  /* (owned): modulus or x */
  GBytes *second; /* (owned): exponent or y */
};

struct _StreamerJwkSet
{
  GPtrArray *keys; /* (owned) (element-type StreamerJwk) */
};

static const struct
{
  const char *name;
  StreamerJwtAlgorithm algorithm;
  const char *key_type;
  const char *first;
  const char *second;
} kinds[] = {
  { "RS256", STREAMER_JWT_RS256, "RSA", "n", "e" },
  { "ES256", STREAMER_JWT_ES256, "EC", "x", "y" },
};

gboolean
streamer_jwt_algorithm_parse (const char *name, StreamerJwtAlgorithm *algorithm)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (name, kinds[i].name) == 0)
      {
        *algorithm = kinds[i].algorithm;
        return TRUE;
      }
  return FALSE;
}

static void
jwk_free (gpointer data)
{
  StreamerJwk *self = data;

  g_free (self->kid);
  g_clear_pointer (&self->first, g_bytes_unref);
  g_clear_pointer (&self->second, g_bytes_unref);
  g_free (self);
}

static gnutls_datum_t
get_datum (GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  return (gnutls_datum_t){ .data = (guint8 *) data, .size = size };
}

/* Returns: (transfer full) (nullable) */
static gnutls_pubkey_t
import (const StreamerJwk *self)
{
  gnutls_datum_t first = get_datum (self->first);
  gnutls_datum_t second = get_datum (self->second);
  gnutls_pubkey_t key;
  int result;

  if (gnutls_pubkey_init (&key) < 0)
    return NULL;
  if (self->algorithm == STREAMER_JWT_RS256)
    result = gnutls_pubkey_import_rsa_raw (key, &first, &second);
  else
    result = gnutls_pubkey_import_ecc_raw (key, GNUTLS_ECC_CURVE_SECP256R1, &first, &second);
  if (result >= 0)
    return key;
  gnutls_pubkey_deinit (key);
  return NULL;
}

static gboolean
is_usable (const StreamerJwk *self)
{
  gsize size = g_bytes_get_size (self->first);
  gnutls_pubkey_t key;

  if (self->algorithm == STREAMER_JWT_RS256 ? size < MIN_RSA_BYTES || size > MAX_RSA_BYTES
                                            : size != P256_BYTES)
    return FALSE;
  key = import (self);
  if (!key)
    return FALSE;
  gnutls_pubkey_deinit (key);
  return TRUE;
}

static GBytes *
get_number (JsonObject *object, const char *member)
{
  const char *text = streamer_json_get_string (object, member, NULL);
  gsize length;
  guint8 *bytes = text ? streamer_base64url_decode (text, strlen (text), &length) : NULL;

  return bytes ? g_bytes_new_take (bytes, length) : NULL;
}

/* Whether a member that says more about the key, where it is there, says this. */
static gboolean
is_for (JsonObject *object, const char *member, const char *value)
{
  return !json_object_has_member (object, member) ||
         g_strcmp0 (streamer_json_get_string (object, member, NULL), value) == 0;
}

/* Returns: (transfer full) (nullable): NULL for a key that is not for us */
static StreamerJwk *
parse_key (JsonObject *object)
{
  const char *type = streamer_json_get_string (object, "kty", NULL);

  for (gsize i = 0; type && i < G_N_ELEMENTS (kinds); i++)
    {
      StreamerJwk *key;

      if (strcmp (type, kinds[i].key_type) != 0 || !is_for (object, "use", "sig") ||
          !is_for (object, "alg", kinds[i].name) || !is_for (object, "crv", "P-256"))
        continue;
      key = g_new0 (StreamerJwk, 1);
      key->kid = g_strdup (streamer_json_get_string (object, "kid", NULL));
      key->algorithm = kinds[i].algorithm;
      key->first = get_number (object, kinds[i].first);
      key->second = get_number (object, kinds[i].second);
      if (key->first && key->second && is_usable (key))
        return key;
      jwk_free (key);
    }
  return NULL;
}

static void
set_clear (gpointer data)
{
  g_ptr_array_unref (((StreamerJwkSet *) data)->keys);
}

StreamerJwkSet *
streamer_jwk_set_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) root = streamer_json_parse (text, length, error);
  g_autoptr (StreamerJwkSet) self = NULL;
  JsonArray *keys = NULL;

  if (!root)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (root))
    keys = streamer_json_get_array (json_node_get_object (root), "keys", MAX_KEYS, NULL);
  self = g_atomic_rc_box_new0 (StreamerJwkSet);
  self->keys = g_ptr_array_new_with_free_func (jwk_free);
  for (guint i = 0; keys && i < json_array_get_length (keys); i++)
    {
      JsonNode *node = json_array_get_element (keys, i);
      StreamerJwk *key =
          JSON_NODE_HOLDS_OBJECT (node) ? parse_key (json_node_get_object (node)) : NULL;

      if (key)
        g_ptr_array_add (self->keys, key);
    }
  if (self->keys->len > 0)
    return g_steal_pointer (&self);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                       "There is no key set with a key for RS256 or ES256.");
  return NULL;
}

StreamerJwkSet *
streamer_jwk_set_ref (StreamerJwkSet *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
streamer_jwk_set_unref (StreamerJwkSet *self)
{
  g_atomic_rc_box_release_full (self, set_clear);
}

const StreamerJwk *
streamer_jwk_set_find (StreamerJwkSet *self, const char *kid, StreamerJwtAlgorithm algorithm)
{
  const StreamerJwk *found = NULL;

  for (guint i = 0; i < self->keys->len; i++)
    {
      const StreamerJwk *key = g_ptr_array_index (self->keys, i);

      if (key->algorithm != algorithm || (kid && g_strcmp0 (key->kid, kid) != 0))
        continue;
      if (found)
        return NULL;
      found = key;
    }
  return found;
}

/* A JWS has the two numbers side by side, and GnuTLS wants them in DER. */
static gboolean
encode_ecdsa (const guint8 *signature, gsize length, gnutls_datum_t *der)
{
  const gnutls_datum_t r = { .data = (guint8 *) signature, .size = P256_BYTES };
  const gnutls_datum_t s = { .data = (guint8 *) signature + P256_BYTES, .size = P256_BYTES };

  return length == 2 * P256_BYTES && gnutls_encode_rs_value (der, &r, &s) >= 0;
}

gboolean
streamer_jwk_verify (const StreamerJwk *self,
                     const char *data,
                     gsize length,
                     const guint8 *signature,
                     gsize signature_length)
{
  const gnutls_datum_t text = { .data = (guint8 *) data, .size = length };
  gnutls_datum_t plain = { .data = (guint8 *) signature, .size = signature_length };
  gnutls_datum_t der = { 0 };
  gnutls_pubkey_t key = import (self);
  gboolean good = FALSE;

  if (!key)
    return FALSE;
  if (self->algorithm == STREAMER_JWT_RS256)
    good = gnutls_pubkey_verify_data2 (key, GNUTLS_SIGN_RSA_SHA256, 0, &text, &plain) >= 0;
  else if (encode_ecdsa (signature, signature_length, &der))
    good = gnutls_pubkey_verify_data2 (key, GNUTLS_SIGN_ECDSA_SHA256, 0, &text, &der) >= 0;
  gnutls_free (der.data);
  gnutls_pubkey_deinit (key);
  return good;
}
