/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-server-config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "jwt-maker.h"
#include "streamer-config-values.h"

#define HASH   "0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789abcdef"
#define OTHER  "1123456789abcdef0123456789abcdef0123456789ABCDEF0123456789abcdef"
#define FOLDER "[storage]\nkind = folder\nroot = /srv/files\n"
#define ALICE  "[principal alice]\ntoken-sha256 = " HASH "\nprefixes = a/;b\nrights = create;link\n"

/* The findings, a line each, without the name of the file. */
static char *
find (StreamerServerConfig *config, const char *text, gboolean is_stateless)
{
  g_autoptr (GPtrArray) findings = streamer_findings_new ();
  g_autoptr (StreamerConfigFile) file = streamer_config_file_parse (text, findings);
  gboolean good = streamer_server_config_read (config, file, is_stateless, findings);
  GString *found = g_string_new (NULL);

  g_assert_cmpint (good, ==, findings->len == 0);
  for (guint i = 0; i < findings->len; i++)
    {
      g_autofree char *line = streamer_finding_to_string (g_ptr_array_index (findings, i), "f");

      g_string_append_printf (found, "%s\n", line);
    }
  return g_string_free (found, FALSE);
}

static void
assert_good (StreamerServerConfig *config, const char *text)
{
  g_autofree char *found = find (config, text, FALSE);

  g_assert_cmpstr (found, ==, "");
}

/* That these, and no others, are the places; with a piece of what is said behind an equals sign. */
static void
assert_found (const char *text, const char *places)
{
  g_auto (StreamerServerConfig) config = { 0 };
  g_autofree char *found = find (&config, text, FALSE);
  g_auto (GStrv) lines = g_strsplit (found, "\n", -1);
  g_auto (GStrv) wanted = g_strsplit (places, "\n", -1);

  g_test_message ("%s", found);
  for (gsize i = 0; wanted[i]; i++)
    {
      g_auto (GStrv) pair = g_strsplit (wanted[i], " = ", 2);

      g_assert_nonnull (lines[i]);
      g_assert_true (g_str_has_prefix (lines[i], pair[0]));
      if (pair[1])
        g_assert_nonnull (strstr (lines[i], pair[1]));
    }
  g_assert_cmpuint (g_strv_length (lines), ==, g_strv_length (wanted) + 1);
}

static void
test_everything_is_read (void)
{
  g_auto (StreamerServerConfig) config = { 0 };
  g_autoptr (StreamerPrincipal) alice = NULL;
  StreamerAllowance allowance;

  assert_good (&config,
               "# a comment\n"
               "[server]\n"
               "listen = [::1]:8334\n"
               "api-key-sha256 = " OTHER "; " HASH "\n"
               "domain = https://files.example.org/downloads\n"
               "trusted-proxy = 127.0.0.1; ::1 ; 10.0.0.0/8\n"
               "audit-log = /var/log/audit\n"
               "failures-per-minute = 0\n"
               "\n"
               "[storage]\n"
               "kind=s3\nroot=/var/lib/x\nendpoint=https://s3.example\nregion=eu-central-1\n"
               "bucket=files\nprefix=a/b\naddressing=path\ndownloads=public\nprofile=p\n"
               "[principal alice]\n"
               "token-sha256 = " HASH "\n"
               "prefixes = team-a/; public;\n"
               "rights = create; overwrite;remove;link\n"
               "quota = 100G\nopen-uploads = 7\nrate = 20\nburst = 30\n"
               "[principal bob.b_b@b-1]\n"
               "token-sha256 = " OTHER "\nprefixes = /\nrights = link\nrate = 3\n");
  g_assert_cmpuint (config.port, ==, 8334);
  g_assert_cmpuint (config.proxies->len, ==, 3);
  g_assert_cmpuint (config.failure_rate, ==, 0);
  g_assert_cmpstr (config.audit_log, ==, "/var/log/audit");
  g_assert_cmpstr (config.storage.kind, ==, "s3");
  g_assert_cmpstr (config.storage.root, ==, "/var/lib/x");
  g_assert_cmpstr (config.storage.domain, ==, "https://files.example.org/downloads");
  g_assert_cmpstr (config.storage.profile, ==, "p");
  g_assert_true (config.storage.path_style);
  g_assert_true (config.storage.downloads_public);
  allowance = streamer_policy_get_allowance (config.policy, "alice");
  g_assert_cmpuint (allowance.quota, ==, G_GUINT64_CONSTANT (100) << 30);
  g_assert_cmpuint (allowance.open_uploads, ==, 7);
  g_assert_cmpuint (allowance.rate, ==, 20);
  g_assert_cmpuint (allowance.burst, ==, 30);
  allowance = streamer_policy_get_allowance (config.policy, "bob.b_b@b-1");
  g_assert_cmpuint (allowance.quota, ==, G_MAXUINT64);
  g_assert_cmpuint (allowance.burst, ==, 30);
}

static void
test_little_is_needed (void)
{
  g_auto (StreamerServerConfig) config = { 0 };

  assert_good (&config, FOLDER ALICE);
  g_assert_true (g_inet_address_get_is_loopback (config.address));
  g_assert_cmpuint (config.port, ==, 8333);
  g_assert_null (config.audit_log);
  g_assert_false (config.storage.downloads_public);
}

static void
test_options_go_before_the_file (void)
{
  g_auto (StreamerServerConfig) config = { 0 };

  config.storage.root = g_strdup ("/elsewhere");
  config.address = g_inet_address_new_from_string ("127.0.0.9");
  config.port = 5;
  assert_good (&config, "[server]\nlisten=127.0.0.1:1\n" FOLDER ALICE);
  g_assert_cmpstr (config.storage.root, ==, "/elsewhere");
  g_assert_cmpuint (config.port, ==, 5);
}

static void
test_prefixes_are_written_in_two_ways (void)
{
  const char *texts[] = { "team-a", "team-a/" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *prefix = NULL;

      g_assert_true (streamer_config_parse_prefix (texts[i], &prefix));
      g_assert_cmpstr (prefix, ==, "team-a");
    }
}

static void
test_sizes (void)
{
  const struct
  {
    const char *text;
    guint64 size;
  } cases[] = {
    { "1", 1 },
    { "1K", 1024 },
    { "500M", 500 << 20 },
    { "100G", G_GUINT64_CONSTANT (100) << 30 },
    { "2T", G_GUINT64_CONSTANT (2) << 40 },
    { "9223372036854775807", G_MAXINT64 },
    { "", 0 },
    { "0", 0 },
    { "K", 0 },
    { "-1", 0 },
    { "+1", 0 },
    { " 1", 0 },
    { "1 G", 0 },
    { "1.5G", 0 },
    { "1g", 0 },
    { "1GB", 0 },
    { "1P", 0 },
    { "9223372036854775808", 0 },
    { "8388608T", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 size = 0;

      g_assert_cmpint (streamer_config_parse_size (cases[i].text, &size), ==, cases[i].size > 0);
      if (cases[i].size > 0)
        g_assert_cmpuint (size, ==, cases[i].size);
    }
}

static void
test_each_mistake_has_its_line (void)
{
  assert_found ("[server]\n"
                "listen = localhost:80\n"
                "colour = blue\n"
                "api-key-sha256 = secret-that-is-not-hashed\n"
                "trusted-proxy = 10.0.0.0/33;::1/129;x\n"
                "audit-log = audit.log\n"
                "failures-per-minute = many\n"
                "allow-remote = perhaps\n"
                "domain = ftp://x\n"
                "[storage]\n"
                "kind = s3\n"
                "root = data\n"
                "endpoint = nowhere\n"
                "region = \n"
                "bucket = B/\n"
                "prefix = /x\n"
                "addressing = pat\n"
                "downloads = secret\n"
                "[principal alice]\n"
                "token-sha256 = abc;" HASH "\n"
                "prefixes = ../x;a//b;ok\n"
                "rights = create;fly\n"
                "quota = lots\n"
                "open-uploads = 0\n"
                "rate = -1\n"
                "burst = 1.5\n"
                "[principal a b]\n"
                "[elsewhere]\n"
                "x = 1\n",
                "f:2: [server] listen: \n"
                "f:3: [server] colour: There is no such key\n"
                "f:4: [server] api-key-sha256: \n"
                "f:5: [server] trusted-proxy:  = 10.0.0.0/33\n"
                "f:5: [server] trusted-proxy:  = ::1/129\n"
                "f:5: [server] trusted-proxy:  = x\n"
                "f:6: [server] audit-log: \n"
                "f:7: [server] failures-per-minute: \n"
                "f:8: [server] allow-remote: \n"
                "f:9: [server] domain: \n"
                "f:12: [storage] root: \n"
                "f:13: [storage] endpoint: \n"
                "f:14: [storage] region: The value is missing.\n"
                "f:15: [storage] bucket: \n"
                "f:16: [storage] prefix: \n"
                "f:17: [storage] addressing: \n"
                "f:18: [storage] downloads: \n"
                "f:20: [principal alice] token-sha256: \n"
                "f:21: [principal alice] prefixes:  = ../x\n"
                "f:21: [principal alice] prefixes:  = a//b\n"
                "f:22: [principal alice] rights:  = fly\n"
                "f:23: [principal alice] quota: \n"
                "f:24: [principal alice] open-uploads: \n"
                "f:25: [principal alice] rate: \n"
                "f:26: [principal alice] burst: \n"
                "f:27: [principal a b] The name\n"
                "f:27: [principal a b] token-sha256: \n"
                "f:27: [principal a b] prefixes: \n"
                "f:27: [principal a b] rights: \n"
                "f:28: [elsewhere] There is no such section.");
}

static void
test_what_is_missing_is_found (void)
{
  assert_found ("", "f:1: [storage] The section is missing.\nf:1: [principal NAME] Nobody");
  assert_found ("[server]\n\n" ALICE, "f:6: [storage] The section is missing.");
  assert_found (FOLDER, "f:3: [principal NAME] Nobody");
  assert_found ("[storage]\n" ALICE, "f:1: [storage] kind: \nf:1: [storage] root: ");
  assert_found ("[storage]\nkind = tape\nroot = /x\n" ALICE, "f:2: [storage] kind: ");
  assert_found ("[storage]\nkind = folder\n" ALICE, "f:1: [storage] root: ");
  assert_found ("[storage]\nkind = s3\n" ALICE, "f:1: [storage] root: \nf:1: [storage] bucket: ");
  assert_found (FOLDER "[principal alice]\nrights=\n",
                "f:4: [principal alice] token-sha256: \nf:4: [principal alice] prefixes: \n"
                "f:5: [principal alice] rights: The value is missing.");
}

static void
test_lines_that_are_none (void)
{
  assert_found ("x = 1\n" FOLDER ALICE, "f:1: This stands in front");
  assert_found (FOLDER ALICE "nonsense\n", "f:8: [principal alice] This is neither");
  assert_found (FOLDER ALICE "[\n[]\n[a[b]]\nquota = 1G\n",
                "f:8: This is no name\nf:9: This is no name\nf:10: This is no name");
  assert_found (FOLDER ALICE "q q = 1\nx[de] = 1\n= 1\n",
                "f:8: [principal alice] This is neither\nf:9: [principal alice] This is neither\n"
                "f:10: [principal alice] This is neither");
  assert_found (FOLDER "\377\n" ALICE, "f:4: [storage] This is not UTF-8.");
  assert_found (FOLDER ALICE "quota = 1\\q\n",
                "f:8: [principal alice] quota: The value has a \\ that means nothing.");
  assert_found (FOLDER ALICE "quota = 1\\q\\\\\\\n",
                "f:8: [principal alice] quota: The value has a \\ that means nothing.");
}

static void
test_a_finding_is_one_line (void)
{
  assert_found (
      FOLDER "[principal alice]\ntoken-sha256 = " HASH "\nprefixes = /\n"
             "rights = create;a\\nf:1: b;c\033[2J\n",
      "f:7: [principal alice] rights:  = a\\x0Af:1: b\nf:7: [principal alice] rights:  = c\\x1B[2J");
}

static void
test_said_twice (void)
{
  assert_found (FOLDER ALICE "rights = remove\n", "f:8: [principal alice] rights:  = line 7");
  assert_found (FOLDER ALICE FOLDER, "f:8: [storage] This stands on line 1 already\n"
                                     "f:9: [storage] kind: \nf:10: [storage] root: ");
  assert_found (FOLDER ALICE "[principal bob]\ntoken-sha256=" HASH "\nprefixes=b\nrights=link\n",
                "f:9: [principal bob] token-sha256: The same token");
}

static void
test_not_beyond_this_computer (void)
{
  g_auto (StreamerServerConfig) config = { 0 };

  assert_found ("[server]\nlisten = 0.0.0.0:80\n" FOLDER ALICE, "f:2: [server] listen:  = TLS");
  assert_good (&config, "[server]\nlisten = 0.0.0.0:80\nallow-remote = yes\n" FOLDER ALICE);
}

static void
test_no_value_that_could_be_a_secret_is_repeated (void)
{
  g_auto (StreamerServerConfig) config = { 0 };
  g_autofree char *found =
      find (&config,
            "[server]\napi-key-sha256 = SECRET\n" FOLDER
            "[principal a]\ntoken-sha256 = SECRET\nprefixes = a\nrights = link\nSECRET\n",
            FALSE);

  g_assert_cmpstr (found, !=, "");
  g_assert_null (strstr (found, "SECRET"));
}

static void
test_without_memory_there_is_no_quota (void)
{
  g_auto (StreamerServerConfig) good = { 0 }, bad = { 0 };
  g_autofree char *nothing =
      find (&good, "[storage]\nkind = s3\nbucket = files\n" ALICE "rate = 7\n", TRUE);
  g_autofree char *found =
      find (&bad, "[storage]\nkind = s3\nbucket = files\n" ALICE "quota = 7G\n", TRUE);

  g_assert_cmpstr (nothing, ==, "");
  g_assert_true (g_str_has_prefix (found, "f:4: [principal alice] A server that remembers"));
}

static char *
write_keys (const char *folder)
{
  char *path = g_build_filename (folder, "jwks.json", NULL);
  g_autoptr (JwtKey) key = jwt_key_new ("k", TRUE, 0);
  g_autofree char *text = jwt_key_describe (key, "");
  g_autofree char *set = g_strdup_printf ("{\"keys\":[%s]}", text);

  g_assert_true (g_file_set_contents (path, set, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  return path;
}

static void
test_identity_provider (void)
{
  g_autofree char *folder = g_dir_make_tmp ("streamer-config-XXXXXX", NULL);
  g_autofree char *keys = write_keys (folder);
  g_autofree char *text = g_strdup_printf (
      FOLDER
      "[oidc]\nissuer = https://issuer.example\naudience = a;b\naudience-claims = "
      "aud;client_id\njwks-file = %s\nprefixes-claim = cognito:groups\nrights-claim = scope\n"
      "rights-prefix = s3streamer/\nalgorithms = ES256\nquota = 1G\n",
      keys);
  g_autofree char *broken =
      g_strdup_printf (FOLDER "[oidc]\nissuer = x\naudience = a\njwks-file = %s\nprefixes = a\n"
                              "rights = create\n",
                       keys);
  g_auto (StreamerServerConfig) config = { 0 }, fixed = { 0 };

  assert_good (&config, text);
  g_assert_cmpuint (streamer_policy_get_allowance (config.policy, "x|y").quota, ==, 1 << 30);
  assert_good (&fixed, broken);
  g_assert_cmpint (g_chmod (keys, 0666), ==, 0);
  assert_found (broken, "f:7: [oidc] jwks-file: Others than its owner");
  g_assert_cmpint (g_chmod (keys, 0600), ==, 0);
  g_assert_true (g_file_set_contents (keys, "{}", -1, NULL));
  assert_found (broken, "f:7: [oidc] jwks-file: ");
  g_assert_cmpint (g_unlink (keys), ==, 0);
  assert_found (broken, "f:7: [oidc] jwks-file: ");
  g_assert_cmpint (mkfifo (keys, 0600), ==, 0);
  assert_found (broken, "f:7: [oidc] jwks-file: This is not a file");
  g_assert_cmpint (g_unlink (keys), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);

  assert_found (FOLDER "[oidc]\njwks-uri = http://issuer.example/\nalgorithms = HS256;none\n"
                       "prefixes = a\nprefixes-claim = b\nrights-prefix = x\n",
                "f:4: [oidc] issuer: \nf:4: [oidc] audience: \nf:4: [oidc] rights-claim: \n"
                "f:5: [oidc] jwks-uri: \nf:6: [oidc] algorithms:  = HS256\n"
                "f:6: [oidc] algorithms:  = none\nf:7: [oidc] prefixes: \n"
                "f:9: [oidc] rights-prefix: ");
}

static void
test_file_is_not_for_everybody (void)
{
  g_autofree char *folder = g_dir_make_tmp ("streamer-config-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "config", NULL);
  const struct
  {
    guint mode;
    gboolean is_good;
  } cases[] = { { 0600, TRUE },  { 0400, TRUE },  { 0640, TRUE },  { 0440, TRUE },
                { 0644, FALSE }, { 0604, FALSE }, { 0602, FALSE }, { 0620, FALSE },
                { 0660, FALSE }, { 0777, FALSE }, { 0601, FALSE } };

  g_assert_true (g_file_set_contents (path, FOLDER ALICE, -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) findings = streamer_findings_new ();
      g_autoptr (StreamerConfigFile) file = NULL;

      g_assert_cmpint (g_chmod (path, cases[i].mode), ==, 0);
      file = streamer_config_file_load (path, findings);
      g_assert_nonnull (file);
      g_assert_cmpuint (findings->len, ==, cases[i].is_good ? 0 : 1);
    }
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server-config/everything-is-read", test_everything_is_read);
  g_test_add_func ("/server-config/little-is-needed", test_little_is_needed);
  g_test_add_func ("/server-config/options-go-before-the-file", test_options_go_before_the_file);
  g_test_add_func ("/server-config/prefixes-are-written-in-two-ways",
                   test_prefixes_are_written_in_two_ways);
  g_test_add_func ("/server-config/sizes", test_sizes);
  g_test_add_func ("/server-config/each-mistake-has-its-line", test_each_mistake_has_its_line);
  g_test_add_func ("/server-config/what-is-missing-is-found", test_what_is_missing_is_found);
  g_test_add_func ("/server-config/lines-that-are-none", test_lines_that_are_none);
  g_test_add_func ("/server-config/a-finding-is-one-line", test_a_finding_is_one_line);
  g_test_add_func ("/server-config/said-twice", test_said_twice);
  g_test_add_func ("/server-config/not-beyond-this-computer", test_not_beyond_this_computer);
  g_test_add_func ("/server-config/no-value-that-could-be-a-secret-is-repeated",
                   test_no_value_that_could_be_a_secret_is_repeated);
  g_test_add_func ("/server-config/without-memory-there-is-no-quota",
                   test_without_memory_there_is_no_quota);
  g_test_add_func ("/server-config/identity-provider", test_identity_provider);
  g_test_add_func ("/server-config/file-is-not-for-everybody", test_file_is_not_for_everybody);
  return g_test_run ();
}
