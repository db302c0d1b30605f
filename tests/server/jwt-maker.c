/* jwt-maker.c: signs tokens as an identity provider does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "jwt-maker.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "streamer-base64url.h"

struct _JwtKey
{
  char *kid;
  gboolean is_ec;
  gnutls_privkey_t private_key;
  gnutls_pubkey_t public_key;
};

JwtKey *
jwt_key_new (const char *kid, gboolean is_ec, guint bits)
{
  JwtKey *key = g_new0 (JwtKey, 1);

  key->kid = g_strdup (kid);
  key->is_ec = is_ec;
  g_assert_cmpint (gnutls_privkey_init (&key->private_key), >=, 0);
  g_assert_cmpint (gnutls_pubkey_init (&key->public_key), >=, 0);
  g_assert_cmpint (
      gnutls_privkey_generate (key->private_key, is_ec ? GNUTLS_PK_EC : GNUTLS_PK_RSA,
                               is_ec ? GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1) : bits, 0),
      >=, 0);
  g_assert_cmpint (gnutls_pubkey_import_privkey (key->public_key, key->private_key, 0, 0), >=, 0);
  return key;
}

void
jwt_key_free (JwtKey *key)
{
  gnutls_privkey_deinit (key->private_key);
  gnutls_pubkey_deinit (key->public_key);
  g_free (key->kid);
  g_free (key);
}

/* @size: that a number of a point has to have; 0 for as many bytes as it needs */
static char *
encode_datum (const gnutls_datum_t *datum, gsize size)
{
  guint8 bytes[1024] = { 0 };
  gsize before = size > datum->size ? size - datum->size : 0;

  g_assert_cmpuint (before + datum->size, <=, sizeof bytes);
  memcpy (bytes + before, datum->data, datum->size);
  gnutls_free (datum->data);
  return streamer_base64url_encode (bytes, before + datum->size);
}

char *
jwt_key_describe (JwtKey *key, const char *more)
{
  gnutls_datum_t first, second;
  gnutls_ecc_curve_t curve;
  g_autofree char *first_text = NULL, *second_text = NULL;

  if (key->is_ec)
    g_assert_cmpint (gnutls_pubkey_export_ecc_raw2 (key->public_key, &curve, &first, &second,
                                                    GNUTLS_EXPORT_FLAG_NO_LZ),
                     >=, 0);
  else
    g_assert_cmpint (
        gnutls_pubkey_export_rsa_raw2 (key->public_key, &first, &second, GNUTLS_EXPORT_FLAG_NO_LZ),
        >=, 0);
  first_text = encode_datum (&first, key->is_ec ? 32 : 0);
  second_text = encode_datum (&second, key->is_ec ? 32 : 0);
  return g_strdup_printf (
      key->is_ec ? "{\"kid\":\"%s\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"%s}"
                 : "{\"kid\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}",
      key->kid, first_text, second_text, more);
}

char *
jwt_key_to_pem (JwtKey *key)
{
  gnutls_datum_t pem;
  char *text;

  g_assert_cmpint (gnutls_pubkey_export2 (key->public_key, GNUTLS_X509_FMT_PEM, &pem), >=, 0);
  text = g_strndup ((char *) pem.data, pem.size);
  gnutls_free (pem.data);
  return text;
}

static char *
join_text (const char *header, const char *claims)
{
  g_autofree char *header_json = g_strdelimit (g_strdup (header), "'", '"');
  g_autofree char *claims_json = g_strdelimit (g_strdup (claims), "'", '"');
  g_autofree char *first = streamer_base64url_encode (header_json, strlen (header_json));
  g_autofree char *second = streamer_base64url_encode (claims_json, strlen (claims_json));

  return g_strconcat (first, ".", second, NULL);
}

char *
jwt_join (const char *header, const char *claims, gconstpointer signature, gsize length)
{
  g_autofree char *text = join_text (header, claims);
  g_autofree char *third = streamer_base64url_encode (signature, length);

  return g_strconcat (text, ".", third, NULL);
}

char *
jwt_key_sign (JwtKey *key, const char *header, const char *claims)
{
  g_autofree char *text = join_text (header, claims);
  const gnutls_datum_t data = { .data = (guint8 *) text, .size = strlen (text) };
  gnutls_datum_t signature, r, s;
  guint8 plain[64] = { 0 };
  char *token;

  g_assert_cmpint (
      gnutls_privkey_sign_data2 (key->private_key,
                                 key->is_ec ? GNUTLS_SIGN_ECDSA_SHA256 : GNUTLS_SIGN_RSA_SHA256, 0,
                                 &data, &signature),
      >=, 0);
  if (!key->is_ec)
    token = jwt_join (header, claims, signature.data, signature.size);
  else
    {
      g_assert_cmpint (gnutls_decode_rs_value (&signature, &r, &s), >=, 0);
      /* Numbers of DER may have a zero more in front, or fewer. */
      for (guint i = 0; i < MIN (r.size, 32); i++)
        plain[31 - i] = r.data[r.size - 1 - i];
      for (guint i = 0; i < MIN (s.size, 32); i++)
        plain[63 - i] = s.data[s.size - 1 - i];
      token = jwt_join (header, claims, plain, sizeof plain);
      gnutls_free (r.data);
      gnutls_free (s.data);
    }
  gnutls_free (signature.data);
  return token;
}
