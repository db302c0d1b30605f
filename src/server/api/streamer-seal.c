/* streamer-seal.c: seals and signs what clients carry for the server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AES-256-GCM, and HMAC-SHA-256; for each purpose a key of its own is derived from the server's
 * one. The nonce is taken from the HMAC of what is sealed: so equal data give equal text (a client
 * that begins the same upload twice gets the same id), and no nonce is used for two different data.
 */

#include "streamer-seal.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "streamer-base64url.h"

#define MAC_BYTES   32
#define NONCE_BYTES 12
#define TAG_BYTES   16
#define MAX_TEXT    8192

struct _StreamerSeal
{
  guint8 key[STREAMER_SEAL_KEY_BYTES];
};

StreamerSeal *
streamer_seal_new (const guint8 *key)
{
  StreamerSeal *self = g_new0 (StreamerSeal, 1);

  memcpy (self->key, key, sizeof self->key);
  return self;
}

void
streamer_seal_free (StreamerSeal *self)
{
  gnutls_memset (self, 0, sizeof *self);
  g_free (self);
}

void
streamer_seal_random (guint8 *bytes, gsize length)
{
  if (gnutls_rnd (GNUTLS_RND_KEY, bytes, length) < 0)
    g_error ("The system gives no random numbers.");
}

static void
compute_mac (const guint8 *key, gconstpointer data, gsize length, guint8 *mac)
{
  if (gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, STREAMER_SEAL_KEY_BYTES, data, length, mac) < 0)
    g_error ("GnuTLS has no HMAC-SHA-256.");
}

static void
derive_key (StreamerSeal *self, const char *kind, const char *purpose, guint8 *key)
{
  g_autofree char *label = g_strconcat ("s3streamer ", kind, " ", purpose, NULL);

  compute_mac (self->key, label, strlen (label), key);
}

char *
streamer_seal_sign (StreamerSeal *self, const char *purpose, const char *const *fields)
{
  guint8 key[MAC_BYTES], mac[MAC_BYTES];
  g_autoptr (GByteArray) data = g_byte_array_new ();

  /* With its NUL each field ends where it ends: ("ab", "c") is not ("a", "bc"). */
  for (gsize i = 0; fields[i]; i++)
    g_byte_array_append (data, (const guint8 *) fields[i], strlen (fields[i]) + 1);
  derive_key (self, "signature", purpose, key);
  compute_mac (key, data->data, data->len, mac);
  return streamer_base64url_encode (mac, sizeof mac);
}

gboolean
streamer_seal_verify (StreamerSeal *self,
                      const char *purpose,
                      const char *const *fields,
                      const char *signature)
{
  g_autofree char *right = streamer_seal_sign (self, purpose, fields);

  return signature && strlen (signature) == strlen (right) &&
         gnutls_memcmp (signature, right, strlen (right)) == 0;
}

static gnutls_aead_cipher_hd_t
open_cipher (StreamerSeal *self, const char *purpose)
{
  guint8 key[MAC_BYTES];
  gnutls_datum_t key_datum = { key, sizeof key };
  gnutls_aead_cipher_hd_t cipher;

  derive_key (self, "encryption", purpose, key);
  if (gnutls_aead_cipher_init (&cipher, GNUTLS_CIPHER_AES_256_GCM, &key_datum) < 0)
    g_error ("GnuTLS has no AES-256-GCM.");
  gnutls_memset (key, 0, sizeof key);
  return cipher;
}

char *
streamer_seal_close (StreamerSeal *self, const char *purpose, GBytes *data)
{
  gsize length, sealed_length;
  gconstpointer bytes = g_bytes_get_data (data, &length);
  guint8 key[MAC_BYTES], mac[MAC_BYTES];
  g_autofree guint8 *sealed = g_malloc (NONCE_BYTES + length + TAG_BYTES);
  gnutls_aead_cipher_hd_t cipher = open_cipher (self, purpose);
  int result;

  derive_key (self, "nonce", purpose, key);
  compute_mac (key, bytes, length, mac);
  memcpy (sealed, mac, NONCE_BYTES);
  sealed_length = length + TAG_BYTES;
  result = gnutls_aead_cipher_encrypt (cipher, sealed, NONCE_BYTES, NULL, 0, TAG_BYTES, bytes,
                                       length, sealed + NONCE_BYTES, &sealed_length);
  gnutls_aead_cipher_deinit (cipher);
  if (result < 0)
    g_error ("AES-256-GCM does not work: %s", gnutls_strerror (result));
  return streamer_base64url_encode (sealed, NONCE_BYTES + sealed_length);
}

GBytes *
streamer_seal_open (StreamerSeal *self, const char *purpose, const char *text)
{
  gsize length, data_length;
  gsize text_length = strlen (text);
  g_autofree guint8 *sealed = NULL;
  g_autofree guint8 *data = NULL;
  gnutls_aead_cipher_hd_t cipher;
  int result;

  if (text_length <= MAX_TEXT)
    sealed = streamer_base64url_decode (text, text_length, &length);
  if (!sealed || length < NONCE_BYTES + TAG_BYTES)
    return NULL;
  data_length = length - NONCE_BYTES - TAG_BYTES;
  data = g_malloc (data_length + 1);
  cipher = open_cipher (self, purpose);
  result =
      gnutls_aead_cipher_decrypt (cipher, sealed, NONCE_BYTES, NULL, 0, TAG_BYTES,
                                  sealed + NONCE_BYTES, length - NONCE_BYTES, data, &data_length);
  gnutls_aead_cipher_deinit (cipher);
  return result < 0 ? NULL : g_bytes_new_take (g_steal_pointer (&data), data_length);
}
