/* fuzz-jwk-set.c: public keys of an identity provider
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include "streamer-jwk-set.h"

static void
check_key (const StreamerJwk *key)
{
  static const guint8 signature[256] = { 1 };

  if (key == NULL)
    return;
  g_assert_false (streamer_jwk_verify (key, "text", 4, signature, sizeof signature));
  g_assert_false (streamer_jwk_verify (key, "text", 4, signature, 64));
  g_assert_false (streamer_jwk_verify (key, "text", 4, signature, 0));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerJwkSet) set = streamer_jwk_set_parse ((const char *) data, size, &error);

  fuzz_check_error (set != NULL, error);
  if (set == NULL)
    return 0;
  check_key (streamer_jwk_set_find (set, NULL, STREAMER_JWT_RS256));
  check_key (streamer_jwk_set_find (set, NULL, STREAMER_JWT_ES256));
  check_key (streamer_jwk_set_find (set, "ec", STREAMER_JWT_ES256));
  g_assert_null (streamer_jwk_set_find (set, "ec", 0));
  return 0;
}
