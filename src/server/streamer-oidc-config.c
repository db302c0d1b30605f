/* streamer-oidc-config.c: what the configuration file says of an identity provider
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-oidc-config.h"

#include <sys/stat.h>

#include "streamer-config-values.h"
#include "streamer-error.h"

#define MAX_KEY_FILE 1048576

static GStrv
get_list_or (StreamerConfigFile *file, const char *section, const char *key, const char *otherwise)
{
  GStrv list = streamer_config_file_get_list (file, section, key);

  return list ? list : g_strsplit (otherwise, ";", -1);
}

static StreamerJwtAlgorithm
read_algorithms (StreamerConfigFile *file, const char *section)
{
  g_auto (GStrv) names = get_list_or (file, section, "algorithms", "RS256;ES256");
  StreamerJwtAlgorithm algorithms = 0, algorithm;

  for (gsize i = 0; names[i]; i++)
    if (streamer_jwt_algorithm_parse (names[i], &algorithm))
      algorithms |= algorithm;
    else
      streamer_config_file_report (file, section, "algorithms",
                                   "“%s” is none of RS256 and ES256, and no other is taken.",
                                   names[i]);
  return algorithms;
}

/* Public keys are no secret; but whoever can write them can be anybody. */
static void
check_key_file (StreamerConfigFile *file, const char *section, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerJwkSet) set = NULL;
  g_autofree char *text = NULL;
  struct stat status;
  gsize length;

  if (!g_path_is_absolute (path))
    streamer_config_file_report (file, section, "jwks-file", "The file has to be given from / on.");
  else if (stat (path, &status) == 0 && !S_ISREG (status.st_mode))
    streamer_config_file_report (file, section, "jwks-file", "This is not a file.");
  else if (stat (path, &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)))
    streamer_config_file_report (file, section, "jwks-file",
                                 "Others than its owner can write the file.");
  else if (stat (path, &status) == 0 && status.st_size > MAX_KEY_FILE)
    streamer_config_file_report (file, section, "jwks-file", "The file is too large.");
  else if (!g_file_get_contents (path, &text, &length, &error) ||
           !(set = streamer_jwk_set_parse (text, length, &error)))
    streamer_config_file_report (file, section, "jwks-file", "%s", error->message);
}

static StreamerKeySource *
read_keys (StreamerConfigFile *file, const char *section, gboolean has_gateway)
{
  g_autofree char *path = streamer_config_file_get_text (file, section, "jwks-file");
  g_autofree char *uri = streamer_config_file_get_text (file, section, "jwks-uri");

  if (path && uri)
    streamer_config_file_report (file, section, "jwks-uri", "Say this or jwks-file, not both.");
  else if (path)
    {
      check_key_file (file, section, path);
      return streamer_key_source_new_file (path);
    }
  else if (uri && !streamer_key_source_check_uri (uri))
    streamer_config_file_report (file, section, "jwks-uri",
                                 "The value has to be an https address (http only on this "
                                 "computer).");
  else if (uri)
    return streamer_key_source_new_uri (uri, g_get_monotonic_time);
  else if (!has_gateway)
    streamer_config_file_report (file, section, "jwks-uri", "This or jwks-file is missing.");
  return NULL;
}

static void
read_prefixes (StreamerClaimRules *rules, StreamerConfigFile *file, const char *section)
{
  rules->prefixes_claim = streamer_config_file_get_text (file, section, "prefixes-claim");
  rules->prefixes = streamer_config_get_prefixes (file, section, "prefixes");
  if (rules->prefixes_claim && rules->prefixes)
    streamer_config_file_report (file, section, "prefixes",
                                 "Say this or prefixes-claim, not both.");
  else if (!rules->prefixes)
    streamer_config_file_require (file, section, "prefixes-claim",
                                  "This is missing; or prefixes, the same for everybody.");
}

static void
read_rights (StreamerClaimRules *rules, StreamerConfigFile *file, const char *section)
{
  gboolean has_rights = streamer_config_get_rights (file, section, "rights", &rules->rights);

  rules->rights_claim = streamer_config_file_get_text (file, section, "rights-claim");
  rules->rights_prefix = streamer_config_file_get_text (file, section, "rights-prefix");
  if (rules->rights_claim && has_rights)
    streamer_config_file_report (file, section, "rights", "Say this or rights-claim, not both.");
  else if (!has_rights)
    streamer_config_file_require (file, section, "rights-claim",
                                  "This is missing; or rights, the same for everybody.");
  if (rules->rights_prefix && !rules->rights_claim)
    streamer_config_file_report (file, section, "rights-prefix", "This goes with rights-claim.");
}

StreamerOidc *
streamer_oidc_config_read (StreamerConfigFile *file,
                           const char *section,
                           gboolean has_gateway,
                           StreamerAllowance *allowance)
{
  g_auto (StreamerClaimRules) rules = { 0 };
  g_autoptr (StreamerKeySource) keys = NULL;
  StreamerJwtAlgorithm algorithms;

  streamer_config_file_expect_section (file, section);
  rules.issuer = streamer_config_file_get_text (file, section, "issuer");
  streamer_config_file_require (file, section, "issuer", "It is missing: what iss has to be.");
  rules.audience = streamer_config_file_get_list (file, section, "audience");
  streamer_config_file_require (file, section, "audience",
                                "It is missing: what aud has to be, such as the client's id.");
  rules.audience_claims = get_list_or (file, section, "audience-claims", "aud");
  read_prefixes (&rules, file, section);
  read_rights (&rules, file, section);
  streamer_config_get_allowance (file, section, allowance);
  rules.allowance = *allowance;
  algorithms = read_algorithms (file, section);
  keys = read_keys (file, section, has_gateway);
  if (!rules.issuer || !rules.audience || !(rules.prefixes_claim || rules.prefixes))
    return NULL;
  return streamer_oidc_new (&rules, algorithms, g_steal_pointer (&keys));
}
