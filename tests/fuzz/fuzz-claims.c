/* fuzz-claims.c: what the claims of a token mean
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-claims.h"
#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-key.h"

#define ISSUER "https://issuer.example"
#define NOW    1700000000

static void
check_principal (const StreamerPrincipal *principal)
{
  g_assert_true (g_str_has_prefix (principal->name, ISSUER "|"));
  fuzz_check_shown (principal->name, NULL);
  g_assert_true ((principal->rights & ~STREAMER_RIGHTS_ALL) == 0);
  g_assert_nonnull (principal->prefixes[0]);
  for (gsize i = 0; principal->prefixes[i] != NULL; i++)
    {
      g_autofree char *canonical = streamer_key_canonicalize (principal->prefixes[i], -1, NULL);

      /* An empty one would be everything. */
      g_assert_cmpstr (canonical, ==, principal->prefixes[i]);
    }
  g_assert_false (streamer_principal_may_everywhere (principal));
}

static void
check_claims (JsonObject *claims)
{
  g_auto (StreamerClaimRules) rules = { 0 };
  g_autoptr (GError) error = NULL, principal_error = NULL;
  g_autoptr (StreamerPrincipal) principal = NULL;
  gboolean ok;

  rules.issuer = g_strdup (ISSUER);
  rules.audience = g_strsplit ("s3streamer;other", ";", -1);
  rules.audience_claims = g_strsplit ("aud;client_id", ";", -1);
  rules.prefixes_claim = g_strdup ("cognito:groups");
  rules.rights_claim = g_strdup ("scope");
  rules.rights_prefix = g_strdup ("s3streamer/");

  ok = streamer_claims_check (&rules, claims, NOW, &error);
  fuzz_check_error (ok, error);
  if (ok)
    g_assert_true (json_object_has_member (claims, "exp"));
  principal = streamer_claims_get_principal (&rules, claims, &principal_error);
  fuzz_check_error (principal != NULL, principal_error);
  if (principal != NULL)
    check_principal (principal);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (JsonNode) node = streamer_json_parse ((const char *) data, size, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return -1;
  check_claims (json_node_get_object (node));
  return 0;
}
