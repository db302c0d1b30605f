/* streamer-token-hash.c: tokens, and what the server keeps in their place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-token-hash.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "streamer-base64url.h"
#include "streamer-hex.h"
#include "streamer-seal.h"

#define TOKEN_BYTES 32

char *
streamer_token_new (void)
{
  guint8 random[TOKEN_BYTES];
  char *token;

  streamer_seal_random (random, sizeof random);
  token = streamer_base64url_encode (random, sizeof random);
  gnutls_memset (random, 0, sizeof random);
  return token;
}

void
streamer_token_hash_compute (const char *token, StreamerTokenHash *hash)
{
  if (gnutls_hash_fast (GNUTLS_DIG_SHA256, token, strlen (token), hash->bytes) < 0)
    g_error ("GnuTLS has no SHA-256.");
}

gboolean
streamer_token_hash_parse (const char *text, StreamerTokenHash *hash)
{
  if (strlen (text) != 2 * sizeof hash->bytes)
    return FALSE;
  for (gsize i = 0; i < sizeof hash->bytes; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]);
      int low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      hash->bytes[i] = high << 4 | low;
    }
  return TRUE;
}

char *
streamer_token_hash_to_string (const StreamerTokenHash *hash)
{
  return streamer_hex_encode (hash->bytes, sizeof hash->bytes);
}

gboolean
streamer_token_hash_equal (const StreamerTokenHash *a, const StreamerTokenHash *b)
{
  return gnutls_memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}
