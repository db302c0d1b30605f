/* fuzz-jwt.c: signed tokens
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * There is a key, and one token that it has signed: the example of RFC 7515, A.3.
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-jwt.h"
#include "streamer-policy.h"

static const char keys[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
                           "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                           "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

#define SIGNED                                                                                     \
  "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"          \
  "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
#define SIGNATURE                                                                                  \
  "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

static void
check_parsed (StreamerJwt *jwt, const char *token)
{
  g_autoptr (StreamerJwkSet) set = streamer_jwk_set_parse (keys, strlen (keys), NULL);
  const StreamerJwk *key = streamer_jwk_set_find (set, NULL, STREAMER_JWT_ES256);
  const char *kid = streamer_jwt_get_key_id (jwt);
  StreamerJwtAlgorithm algorithm = streamer_jwt_get_algorithm (jwt);

  g_assert_true (streamer_jwt_is_likely (token));
  g_assert_true (algorithm == STREAMER_JWT_ES256 || algorithm == STREAMER_JWT_RS256);
  g_assert_true (kid == NULL || g_utf8_validate (kid, -1, NULL));
  g_assert_nonnull (streamer_jwt_get_claims (jwt));
  if (streamer_jwt_verify (jwt, key))
    g_assert_true (g_str_has_prefix (token, SIGNED));
  else
    g_assert_cmpstr (token, !=, SIGNED SIGNATURE);
}

/* Nobody has a token here. */
static void
check_policy (const char *token)
{
  g_autoptr (StreamerPolicy) policy = streamer_policy_new ();
  g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);
  g_autoptr (GError) error = NULL, other_error = NULL;

  g_assert_null (streamer_policy_authenticate (policy, bearer, token, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH);
  g_assert_null (streamer_policy_authenticate (policy, token, NULL, &other_error));
  g_assert_error (other_error, STREAMER_ERROR, STREAMER_ERROR_AUTH);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autofree char *token = fuzz_take_text (&input);
  g_autoptr (StreamerJwt) jwt = NULL;
  g_autoptr (GError) error = NULL;

  if (token == NULL)
    return -1;
  jwt = streamer_jwt_parse (token, &error);
  fuzz_check_error (jwt != NULL, error);
  if (jwt != NULL)
    check_parsed (jwt, token);
  else
    g_assert_cmpstr (token, !=, SIGNED SIGNATURE);
  check_policy (token);
  return 0;
}
