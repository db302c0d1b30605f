/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-oidc.h"

#include <glib/gstdio.h>
#include <gnutls/crypto.h>
#include <string.h>

#include "jwt-maker.h"
#include "streamer-base64url.h"
#include "streamer-error.h"
#include "streamer-jwt.h"
#include "streamer-policy.h"

#define ISSUER "https://issuer.example"
#define RS     "{'alg':'RS256','kid':'rsa'}"
#define ES     "{'alg':'ES256','kid':'ec'}"

static JwtKey *rsa, *ec, *other_rsa, *other_ec;

typedef struct
{
  char *folder;
  char *path;
  StreamerOidc *oidc;
} Fixture;

static char *
describe_set (JwtKey *first, JwtKey *second)
{
  g_autofree char *a = jwt_key_describe (first, ",\"use\":\"sig\",\"alg\":\"RS256\"");
  g_autofree char *b = jwt_key_describe (second, "");

  return g_strdup_printf ("{\"keys\":[%s,{\"kty\":\"oct\",\"kid\":\"rsa\",\"k\":\"AAAA\"},%s]}", a,
                          b);
}

static StreamerOidc *
make_oidc (const char *path, StreamerJwtAlgorithm algorithms)
{
  g_auto (StreamerClaimRules) rules = { 0 };

  rules.issuer = g_strdup (ISSUER);
  rules.audience = g_strsplit ("s3streamer;other", ";", -1);
  rules.audience_claims = g_strsplit ("aud;client_id", ";", -1);
  rules.prefixes_claim = g_strdup ("cognito:groups");
  rules.rights_claim = g_strdup ("scope");
  rules.rights_prefix = g_strdup ("s3streamer/");
  rules.allowance = (StreamerAllowance){ .quota = 1000, .open_uploads = 7 };
  return streamer_oidc_new (&rules, algorithms, streamer_key_source_new_file (path));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *set = describe_set (rsa, ec);

  fixture->folder = g_dir_make_tmp ("streamer-oidc-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "jwks.json", NULL);
  g_assert_true (g_file_set_contents (fixture->path, set, -1, NULL));
  fixture->oidc = make_oidc (fixture->path, STREAMER_JWT_RS256 | STREAMER_JWT_ES256);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  streamer_oidc_free (fixture->oidc);
  g_remove (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

/* Claims that are good, but for what stands in @more: a later member counts. */
static char *
make_claims (const char *more)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  return g_strdup_printf ("{'iss':'" ISSUER
                          "','aud':'s3streamer','sub':'1234','exp':%" G_GINT64_FORMAT
                          ",'cognito:groups':['team-a','public/in/'],"
                          "'scope':'openid s3streamer/create s3streamer/link'%s}",
                          now + 300, more);
}

static void
assert_refused (Fixture *fixture, const char *token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerPrincipal) principal =
      streamer_oidc_authenticate (fixture->oidc, token, &error);

  g_assert_null (principal);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH);
  if (strlen (token) > 20)
    g_assert_null (strstr (error->message, token));
}

static StreamerPrincipal *
authenticate (Fixture *fixture, const char *token)
{
  g_autoptr (GError) error = NULL;
  StreamerPrincipal *principal = streamer_oidc_authenticate (fixture->oidc, token, &error);

  g_assert_no_error (error);
  return principal;
}

static void
test_good_tokens (Fixture *fixture, gconstpointer data)
{
  g_autofree char *claims = make_claims ("");

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *token = jwt_key_sign (i % 2 ? ec : rsa, i % 2 ? ES : RS, claims);
      g_autoptr (StreamerPrincipal) principal = authenticate (fixture, token);

      g_assert_cmpstr (principal->name, ==, ISSUER "|1234");
      g_assert_cmpuint (g_strv_length (principal->prefixes), ==, 2);
      g_assert_cmpstr (principal->prefixes[0], ==, "team-a");
      g_assert_cmpstr (principal->prefixes[1], ==, "public/in");
      g_assert_cmpint (principal->rights, ==, STREAMER_RIGHT_CREATE | STREAMER_RIGHT_LINK);
      g_assert_cmpuint (principal->allowance.quota, ==, 1000);
    }
}

static void
test_audience_may_be_told_in_several_ways (Fixture *fixture, gconstpointer data)
{
  const char *good[] = { ",'aud':['x','other']", ",'aud':'other'" };
  const char *bad[] = { ",'aud':'x'",
                        ",'aud':[]",
                        ",'aud':['x',1,{}]",
                        ",'aud':null",
                        ",'aud':{'a':'s3streamer'}",
                        ",'aud':'s3streamer other'",
                        ",'aud':'x','client_id':'s3streamer'" };
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *access_claims =
      g_strdup_printf ("{'iss':'" ISSUER "','client_id':'s3streamer','sub':'1',"
                       "'exp':%" G_GINT64_FORMAT ",'cognito:groups':['team-a']}",
                       now + 300);
  g_autofree char *access_token = jwt_key_sign (rsa, RS, access_claims);
  g_autoptr (StreamerPrincipal) principal = authenticate (fixture, access_token);

  g_assert_cmpint (principal->rights, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *claims = make_claims (good[i]);
      g_autofree char *token = jwt_key_sign (ec, ES, claims);
      g_autoptr (StreamerPrincipal) other = authenticate (fixture, token);

      g_assert_nonnull (other);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *claims = make_claims (bad[i]);
      g_autofree char *token = jwt_key_sign (ec, ES, claims);

      assert_refused (fixture, token);
    }
}

static void
test_bad_claims (Fixture *fixture, gconstpointer data)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const struct
  {
    const char *format;
    gint64 time;
    gboolean is_good;
  } cases[] = {
    { ",'exp':%" G_GINT64_FORMAT, now - 30, TRUE },
    { ",'exp':%" G_GINT64_FORMAT, now - 90, FALSE },
    { ",'exp':%" G_GINT64_FORMAT ".5", now + 90, TRUE },
    { ",'exp':'%" G_GINT64_FORMAT "'", now + 90, FALSE },
    { ",'exp':-%" G_GINT64_FORMAT, now, FALSE },
    { ",'exp':null,'x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'exp':true,'x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'nbf':%" G_GINT64_FORMAT, now + 30, TRUE },
    { ",'nbf':%" G_GINT64_FORMAT, now + 90, FALSE },
    { ",'nbf':'%" G_GINT64_FORMAT "'", now, FALSE },
    { ",'iss':'https://issuer.exampl','x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'iss':'" ISSUER "/','x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'iss':['" ISSUER "'],'x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'iss':null,'x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'sub':'','x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'sub':7,'x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'sub':'a\\n','x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'sub':'a\\u0085','x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'sub':'a\\u007f','x':%" G_GINT64_FORMAT, now, FALSE },
    { ",'sub':null,'x':%" G_GINT64_FORMAT, now, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, cases[i].time);
      g_auto (GStrv) pieces = g_strsplit (cases[i].format, "%" G_GINT64_FORMAT, 2);
      g_autofree char *more = g_strjoinv (number, pieces);
      g_autofree char *claims = make_claims (more);
      g_autofree char *token = jwt_key_sign (ec, ES, claims);

      if (cases[i].is_good)
        {
          g_autoptr (StreamerPrincipal) principal = authenticate (fixture, token);

          g_assert_nonnull (principal);
        }
      else
        assert_refused (fixture, token);
    }
}

static void
test_lists_of_claims (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *claims;
    const char *prefixes;
    StreamerRights rights;
  } cases[] = {
    { ",'cognito:groups':'a b'", "a;b", 0 },
    { ",'cognito:groups':'[a b]','scope':'s3streamer/remove'", "[a;b]", STREAMER_RIGHT_REMOVE },
    { ",'cognito:groups':'a,b'", "a,b", 0 },
    { ",'cognito:groups':['a b/','/c','../d','e//f','','/','g/.','h']", "a b;h", 0 },
    { ",'cognito:groups':['a'],'scope':['s3streamer/create','create','s3streamer/x',7,{},[]]", "a",
      STREAMER_RIGHT_CREATE },
    { ",'cognito:groups':['a'],'scope':'create overwrite admin/remove'", "a", 0 },
    { ",'cognito:groups':['a'],'scope':{'s3streamer/create':1}", "a", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *claims = make_claims (cases[i].claims);
      g_autofree char *token = jwt_key_sign (ec, ES, claims);
      g_autoptr (StreamerPrincipal) principal = authenticate (fixture, token);
      g_autofree char *prefixes = g_strjoinv (";", principal->prefixes);

      g_assert_cmpstr (prefixes, ==, cases[i].prefixes);
      if (strstr (cases[i].claims, "scope"))
        g_assert_cmpint (principal->rights, ==, cases[i].rights);
    }
}

static void
test_without_a_folder_there_is_no_access (Fixture *fixture, gconstpointer data)
{
  const char *none[] = { ",'cognito:groups':[]", ",'cognito:groups':null", ",'cognito:groups':'/'",
                         ",'cognito:groups':7" };

  for (gsize i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_autofree char *claims = make_claims (none[i]);
      g_autofree char *token = jwt_key_sign (ec, ES, claims);
      g_autoptr (GError) error = NULL;

      g_assert_null (streamer_oidc_authenticate (fixture->oidc, token, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
    }
}

static void
test_only_what_the_key_signed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *claims = make_claims ("");
  g_autofree char *good = jwt_key_sign (rsa, RS, claims);
  g_autofree char *foreign_rsa = jwt_key_sign (other_rsa, RS, claims);
  g_autofree char *foreign_ec = jwt_key_sign (other_ec, ES, claims);
  g_autofree char *wrong_kid = jwt_key_sign (rsa, "{'alg':'RS256','kid':'ec'}", claims);
  g_autofree char *no_kid = jwt_key_sign (rsa, "{'alg':'RS256'}", claims);
  g_autofree char *unknown_kid = jwt_key_sign (rsa, "{'alg':'RS256','kid':'x'}", claims);
  g_autofree char *odd_kid = jwt_key_sign (rsa, "{'alg':'RS256','kid':7}", claims);
  g_autofree char *critical =
      jwt_key_sign (rsa, "{'alg':'RS256','kid':'rsa','crit':['b64']}", claims);
  g_autofree char *swapped = jwt_key_sign (ec, "{'alg':'RS256','kid':'rsa'}", claims);
  g_autoptr (StreamerPrincipal) principal = authenticate (fixture, good);
  g_autoptr (StreamerPrincipal) only = authenticate (fixture, no_kid);
  g_auto (GStrv) parts = g_strsplit (good, ".", 3);
  g_autofree char *other_claims = make_claims (",'sub':'root'");
  g_autofree char *other_part = NULL, *changed = NULL;

  assert_refused (fixture, foreign_rsa);
  assert_refused (fixture, foreign_ec);
  assert_refused (fixture, wrong_kid);
  assert_refused (fixture, unknown_kid);
  assert_refused (fixture, odd_kid);
  assert_refused (fixture, critical);
  assert_refused (fixture, swapped);
  g_strdelimit (other_claims, "'", '"');
  other_part = streamer_base64url_encode (other_claims, strlen (other_claims));
  changed = g_strjoin (".", parts[0], other_part, parts[2], NULL);
  assert_refused (fixture, changed);
}

/* Signed with nothing, or with the public key as if it were a secret. */
static void
test_no_other_algorithm (Fixture *fixture, gconstpointer data)
{
  const char *names[] = { "none",  "None",  "NONE",  "HS256", "HS512", "RS512",
                          "PS256", "ES384", "EdDSA", "rs256", "" };
  g_autofree char *claims = make_claims ("");
  g_autofree char *pem = jwt_key_to_pem (rsa);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *header = g_strdup_printf ("{'alg':'%s','kid':'rsa'}", names[i]);
      g_autofree char *unsigned_token = jwt_join (header, claims, "", 0);
      char *dot = strrchr (unsigned_token, '.');
      guint8 mac[32];
      g_autofree char *confused = NULL, *rsa_signed = jwt_key_sign (rsa, header, claims);

      g_assert_cmpint (gnutls_hmac_fast (GNUTLS_MAC_SHA256, pem, strlen (pem), unsigned_token,
                                         dot - unsigned_token, mac),
                       >=, 0);
      confused = jwt_join (header, claims, mac, sizeof mac);
      assert_refused (fixture, unsigned_token);
      assert_refused (fixture, confused);
      assert_refused (fixture, rsa_signed);
    }
}

static void
test_algorithms_are_pinned (Fixture *fixture, gconstpointer data)
{
  g_autofree char *claims = make_claims ("");
  g_autofree char *rsa_token = jwt_key_sign (rsa, RS, claims);
  g_autofree char *ec_token = jwt_key_sign (ec, ES, claims);
  g_autoptr (StreamerPrincipal) principal = NULL;

  streamer_oidc_free (fixture->oidc);
  fixture->oidc = make_oidc (fixture->path, STREAMER_JWT_ES256);
  assert_refused (fixture, rsa_token);
  principal = authenticate (fixture, ec_token);
  g_assert_nonnull (principal);
}

static void
test_garbage (Fixture *fixture, gconstpointer data)
{
  g_autofree char *claims = make_claims ("");
  g_autofree char *good = jwt_key_sign (ec, ES, claims);
  g_auto (GStrv) parts = g_strsplit (good, ".", 3);
  const char *texts[] = { "",         ".",          "..",
                          "...",      "a.b.c",      "\377.\377.\377",
                          "e30.e30.", "W10.W10.AA", "bnVsbA.bnVsbA.AA" };
  g_autofree char *many = g_strnfill (100000, 'A');
  g_autofree char *huge = g_strconcat (parts[0], ".", many, ".", parts[2], NULL);
  g_autofree char *deep_json = g_strnfill (3000, '[');
  g_autofree char *deep_part = streamer_base64url_encode (deep_json, 3000);
  g_autofree char *deep = g_strconcat (deep_part, ".", deep_part, ".", parts[2], NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (42);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused (fixture, texts[i]);
  assert_refused (fixture, huge);
  assert_refused (fixture, deep);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *padded = g_strconcat (i == 0 ? parts[0] : "", i == 0 ? "=." : ".", parts[1],
                                             ".", parts[2], i == 2 ? "=" : "", NULL);

      assert_refused (fixture, padded);
    }
  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *broken = g_strdup (good);
      gsize place = g_rand_int_range (random, 0, strlen (good));

      broken[place] = g_rand_int_range (random, 1, 256);
      if (strcmp (broken, good) != 0)
        assert_refused (fixture, broken);
    }
  for (gsize length = 0; length < strlen (good); length += 7)
    {
      g_autofree char *cut = g_strndup (good, length);

      assert_refused (fixture, cut);
    }
}

static void
test_rotated_keys (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JwtKey) fresh = jwt_key_new ("fresh", TRUE, 0);
  g_autofree char *claims = make_claims ("");
  g_autofree char *old_token = jwt_key_sign (ec, ES, claims);
  g_autofree char *new_token = jwt_key_sign (fresh, "{'alg':'ES256','kid':'fresh'}", claims);
  g_autofree char *set = describe_set (rsa, fresh);
  g_autoptr (StreamerPrincipal) before = authenticate (fixture, old_token);
  g_autoptr (StreamerPrincipal) after = NULL, broken = NULL;

  assert_refused (fixture, new_token);
  g_assert_true (g_file_set_contents (fixture->path, set, -1, NULL));
  after = authenticate (fixture, new_token);
  assert_refused (fixture, old_token);
  /* A file that is no key set changes nothing. */
  g_assert_true (g_file_set_contents (fixture->path, "{\"keys\":", -1, NULL));
  broken = authenticate (fixture, new_token);
  g_assert_nonnull (broken);
}

static void
test_keys_that_are_not_for_this (void)
{
  g_autoptr (JwtKey) weak = jwt_key_new ("weak", FALSE, 1024);
  g_autofree char *weak_text = jwt_key_describe (weak, "");
  g_autofree char *for_encryption = jwt_key_describe (rsa, ",\"use\":\"enc\"");
  g_autofree char *for_another = jwt_key_describe (rsa, ",\"alg\":\"RS512\"");
  const char *keys[] = { weak_text,
                         for_encryption,
                         for_another,
                         "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
                         "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AA\",\"y\":\"AA\"}",
                         "{\"kty\":\"RSA\"}",
                         "7",
                         "{}" };
  const char *sets[] = { "", "{}", "[]", "{\"keys\":{}}", "{\"keys\":[]}", "null" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *set = g_strdup_printf ("{\"keys\":[%s]}", keys[i]);

      g_assert_null (streamer_jwk_set_parse (set, strlen (set), NULL));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (sets); i++)
    g_assert_null (streamer_jwk_set_parse (sets[i], strlen (sets[i]), NULL));
}

/* What the gateway tells is checked as the claims of a token are. */
static void
test_claims_of_a_gateway (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text =
      g_strdup_printf ("{\"iss\":\"" ISSUER "\",\"sub\":\"1234\",\"exp\":\"%" G_GINT64_FORMAT "\","
                       "\"aud\":\"s3streamer\",\"cognito:groups\":\"[team-a team-b]\","
                       "\"scope\":\"openid s3streamer/create\"}",
                       g_get_real_time () / G_USEC_PER_SEC + 300);
  const struct
  {
    const char *name, *value;
  } wrong[] = { { "iss", "https://another.example" }, { "exp", "1" }, { "aud", "another" } };
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  JsonObject *claims = json_node_get_object (node);
  g_autoptr (StreamerPolicy) policy = streamer_policy_new ();
  g_autoptr (StreamerPrincipal) principal = NULL;
  g_autoptr (GError) unknown = NULL, no_key = NULL;
  StreamerTokenHash key;

  g_assert_null (streamer_policy_authenticate_claims (policy, claims, NULL, &unknown));
  g_assert_error (unknown, STREAMER_ERROR, STREAMER_ERROR_AUTH);
  streamer_policy_set_oidc (policy, make_oidc (fixture->path, STREAMER_JWT_ES256));
  principal = streamer_policy_authenticate_claims (policy, claims, NULL, NULL);
  g_assert_cmpstr (principal->name, ==, ISSUER "|1234");
  g_assert_cmpstr (principal->prefixes[1], ==, "team-b");
  g_assert_cmpint (principal->rights, ==, STREAMER_RIGHT_CREATE);
  g_assert_cmpuint (streamer_policy_get_allowance (policy, principal->name).quota, ==, 1000);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *good = g_strdup (json_object_get_string_member (claims, wrong[i].name));
      g_autoptr (GError) error = NULL;

      json_object_set_string_member (claims, wrong[i].name, wrong[i].value);
      g_assert_null (streamer_policy_authenticate_claims (policy, claims, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH);
      json_object_set_string_member (claims, wrong[i].name, good);
    }
  streamer_token_hash_compute ("an-api-key", &key);
  streamer_policy_add_api_key (policy, &key);
  g_assert_null (streamer_policy_authenticate_claims (policy, claims, NULL, &no_key));
  g_assert_error (no_key, STREAMER_ERROR, STREAMER_ERROR_AUTH);
  streamer_principal_unref (principal);
  principal = streamer_policy_authenticate_claims (policy, claims, "an-api-key", NULL);
  g_assert_nonnull (principal);
}

static void
test_tokens_of_both_kinds (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerPolicy) policy = streamer_policy_new ();
  g_autofree char *claims = make_claims ("");
  g_autofree char *token = jwt_key_sign (ec, ES, claims);
  g_autofree char *authorization = g_strconcat ("Bearer ", token, NULL);
  g_autoptr (StreamerPrincipal) fixed = NULL, provided = NULL;

  streamer_policy_add_principal (policy, "alice", "a.token.with-dots", NULL, STREAMER_RIGHTS_ALL);
  g_assert_null (streamer_policy_authenticate (policy, authorization, NULL, NULL));
  streamer_policy_set_oidc (policy, make_oidc (fixture->path, STREAMER_JWT_ES256));
  fixed = streamer_policy_authenticate (policy, "Bearer a.token.with-dots", NULL, NULL);
  g_assert_cmpstr (fixed->name, ==, "alice");
  provided = streamer_policy_authenticate (policy, authorization, NULL, NULL);
  g_assert_cmpstr (provided->name, ==, ISSUER "|1234");
}

#define ADD(path, func) g_test_add ("/oidc/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  rsa = jwt_key_new ("rsa", FALSE, 2048);
  other_rsa = jwt_key_new ("rsa", FALSE, 2048);
  ec = jwt_key_new ("ec", TRUE, 0);
  other_ec = jwt_key_new ("ec", TRUE, 0);
  ADD ("good-tokens", test_good_tokens);
  ADD ("audience-may-be-told-in-several-ways", test_audience_may_be_told_in_several_ways);
  ADD ("bad-claims", test_bad_claims);
  ADD ("lists-of-claims", test_lists_of_claims);
  ADD ("without-a-folder-there-is-no-access", test_without_a_folder_there_is_no_access);
  ADD ("only-what-the-key-signed", test_only_what_the_key_signed);
  ADD ("no-other-algorithm", test_no_other_algorithm);
  ADD ("algorithms-are-pinned", test_algorithms_are_pinned);
  ADD ("garbage", test_garbage);
  ADD ("rotated-keys", test_rotated_keys);
  ADD ("claims-of-a-gateway", test_claims_of_a_gateway);
  ADD ("tokens-of-both-kinds", test_tokens_of_both_kinds);
  g_test_add_func ("/oidc/keys-that-are-not-for-this", test_keys_that_are_not_for_this);
  result = g_test_run ();
  jwt_key_free (rsa);
  jwt_key_free (other_rsa);
  jwt_key_free (ec);
  jwt_key_free (other_ec);
  return result;
}
