/* streamer-server-config.c: what the configuration file says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-server-config.h"

#include <string.h>

#include "streamer-config-values.h"
#include "streamer-oidc-config.h"

#define SERVER        "server"
#define STORAGE       "storage"
#define OIDC          "oidc"
#define PRINCIPAL     "principal "
#define MAX_NAME      64
#define FAILURES      30
#define MAX_FAILURES  100000
#define LISTEN        "127.0.0.1:8333"
#define MAX_EXCHANGES 16
#define MAX_BITS      128

void
streamer_server_config_clear (StreamerServerConfig *config)
{
  g_clear_object (&config->address);
  g_clear_pointer (&config->audit_log, g_free);
  g_clear_pointer (&config->proxies, g_ptr_array_unref);
  streamer_storage_config_clear (&config->storage);
  g_clear_pointer (&config->policy, streamer_policy_free);
}

/* How the members of StreamerStorageConfig are called in the file, and what is right for one where
 * the file's value is wrong: so that the next mistake comes to light, too. */
static const struct
{
  const char *member;
  const char *section;
  const char *key;
  gsize offset;
  const char *stand_in;
} storage_members[] = {
  { "kind", STORAGE, "kind", G_STRUCT_OFFSET (StreamerStorageConfig, kind), "folder" },
  { "root", STORAGE, "root", G_STRUCT_OFFSET (StreamerStorageConfig, root), "/" },
  { "domain", SERVER, "domain", G_STRUCT_OFFSET (StreamerStorageConfig, domain), NULL },
  { "endpoint", STORAGE, "endpoint", G_STRUCT_OFFSET (StreamerStorageConfig, endpoint), NULL },
  { "region", STORAGE, "region", G_STRUCT_OFFSET (StreamerStorageConfig, region), NULL },
  { "bucket", STORAGE, "bucket", G_STRUCT_OFFSET (StreamerStorageConfig, bucket), "bucket" },
  { "prefix", STORAGE, "prefix", G_STRUCT_OFFSET (StreamerStorageConfig, prefix), NULL },
  { "profile", STORAGE, "profile", G_STRUCT_OFFSET (StreamerStorageConfig, profile), NULL },
};

gboolean
streamer_server_config_is_same_place (const StreamerServerConfig *a, const StreamerServerConfig *b)
{
  for (gsize i = 0; i < G_N_ELEMENTS (storage_members); i++)
    if (g_strcmp0 (G_STRUCT_MEMBER (char *, &a->storage, storage_members[i].offset),
                   G_STRUCT_MEMBER (char *, &b->storage, storage_members[i].offset)) != 0)
      return FALSE;
  return a->storage.path_style == b->storage.path_style &&
         a->storage.downloads_public == b->storage.downloads_public &&
         g_inet_address_equal (a->address, b->address) && a->port == b->port &&
         g_strcmp0 (a->audit_log, b->audit_log) == 0;
}

gboolean
streamer_server_config_is_principal_name (const char *name)
{
  for (const char *c = name; *c; c++)
    if (!g_ascii_isalnum (*c) && !strchr (".-_@", *c))
      return FALSE;
  return *name != '\0' && strlen (name) <= MAX_NAME;
}

gboolean
streamer_server_config_parse_address (const char *text, GInetAddress **address, guint16 *port)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = NULL;
  guint64 number;

  if (!colon || !g_ascii_isdigit (colon[1]) ||
      !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &number, NULL))
    return FALSE;
  host = g_strndup (text, colon - text);
  if (*host == '[' && g_str_has_suffix (host, "]"))
    {
      memmove (host, host + 1, strlen (host));
      host[strlen (host) - 1] = '\0';
    }
  *address = g_inet_address_new_from_string (host);
  *port = number;
  return *address != NULL;
}

static void
read_listen (StreamerServerConfig *config, StreamerConfigFile *file)
{
  g_autofree char *listen = streamer_config_file_get_text (file, SERVER, "listen");
  g_autoptr (GInetAddress) address = NULL;
  guint16 port = 0;

  streamer_config_get_boolean (file, SERVER, "allow-remote", &config->allow_remote);
  if (!streamer_server_config_parse_address (listen ? listen : LISTEN, &address, &port))
    streamer_config_file_report (
        file, SERVER, "listen",
        "The value has to be ADDRESS:PORT with a numeric address, such as %s.", LISTEN);
  else if (!config->allow_remote && !g_inet_address_get_is_loopback (address))
    streamer_config_file_report (file, SERVER, "listen",
                                 "Other computers get there, and this server has no TLS: put a "
                                 "proxy in front of it, or say allow-remote = yes.");
  if (config->address)
    return;
  config->address = g_steal_pointer (&address);
  config->port = port;
}

/* Returns: (transfer full) (nullable) */
static GInetAddressMask *
parse_network (const char *text)
{
  const char *slash = strchr (text, '/');

  /* GLib complains aloud of more than there can be. */
  if (slash && !g_ascii_string_to_unsigned (slash + 1, 10, 0, MAX_BITS, NULL, NULL))
    return NULL;
  return g_inet_address_mask_new_from_string (text, NULL);
}

static void
read_proxies (StreamerServerConfig *config, StreamerConfigFile *file)
{
  g_auto (GStrv) texts = streamer_config_file_get_list (file, SERVER, "trusted-proxy");

  config->proxies = g_ptr_array_new_with_free_func (g_object_unref);
  for (gsize i = 0; texts && texts[i]; i++)
    {
      GInetAddressMask *mask = parse_network (texts[i]);

      if (mask)
        g_ptr_array_add (config->proxies, mask);
      else
        streamer_config_file_report (file, SERVER, "trusted-proxy",
                                     "“%s” is no address or network such as 127.0.0.1 or "
                                     "10.0.0.0/8.",
                                     texts[i]);
    }
}

static void
read_server (StreamerServerConfig *config, StreamerConfigFile *file)
{
  g_autoptr (GArray) api_keys = NULL;

  streamer_config_file_expect_section (file, SERVER);
  read_listen (config, file);
  read_proxies (config, file);
  config->audit_log = streamer_config_file_get_text (file, SERVER, "audit-log");
  if (config->audit_log && strcmp (config->audit_log, "stderr") != 0 &&
      !g_path_is_absolute (config->audit_log))
    streamer_config_file_report (file, SERVER, "audit-log",
                                 "The value has to be a file, from / on, or stderr.");
  config->failure_rate = FAILURES;
  streamer_config_get_count (file, SERVER, "failures-per-minute", 0, MAX_FAILURES,
                             &config->failure_rate);
  api_keys = streamer_config_get_hashes (file, SERVER, "api-key-sha256");
  for (guint i = 0; i < api_keys->len; i++)
    streamer_policy_add_api_key (config->policy, &g_array_index (api_keys, StreamerTokenHash, i));
}

static void
check_storage (StreamerServerConfig *config, StreamerConfigFile *file)
{
  for (guint round = 0; round < MAX_EXCHANGES; round++)
    {
      g_autoptr (GError) error = NULL;
      const char *member;

      if (streamer_storage_config_check (&config->storage, &member, &error))
        return;
      for (gsize i = 0; i < G_N_ELEMENTS (storage_members); i++)
        if (strcmp (member, storage_members[i].member) == 0)
          {
            char **value = G_STRUCT_MEMBER_P (&config->storage, storage_members[i].offset);

            streamer_config_file_report (file, storage_members[i].section, storage_members[i].key,
                                         "%s", error->message);
            g_free (*value);
            *value = g_strdup (storage_members[i].stand_in);
          }
    }
}

static void
read_storage (StreamerServerConfig *config, StreamerConfigFile *file, gboolean is_stateless)
{
  static const char *const downloads[] = { "signed", "public", NULL };
  static const char *const addressing[] = { "virtual", "path", NULL };
  g_autofree char *root = g_steal_pointer (&config->storage.root);
  guint choice;

  streamer_config_file_expect_section (file, STORAGE);
  for (gsize i = 0; i < G_N_ELEMENTS (storage_members); i++)
    {
      char **value = G_STRUCT_MEMBER_P (&config->storage, storage_members[i].offset);

      *value =
          streamer_config_file_get_text (file, storage_members[i].section, storage_members[i].key);
    }
  if (root)
    {
      g_free (config->storage.root);
      config->storage.root = g_canonicalize_filename (root, NULL);
    }
  if (streamer_config_get_choice (file, STORAGE, "downloads", downloads, &choice))
    config->storage.downloads_public = choice == 1;
  if (streamer_config_get_choice (file, STORAGE, "addressing", addressing, &choice))
    config->storage.path_style = choice == 1;
  if (!streamer_config_file_has_section (file, STORAGE))
    {
      streamer_config_file_report (file, STORAGE, NULL, "The section is missing.");
      return;
    }
  if (!config->storage.root && !is_stateless && g_strcmp0 (config->storage.kind, "s3") == 0)
    streamer_config_file_report (file, STORAGE, "root",
                                 "A folder for what the server has to remember is missing.");
  else if (config->storage.root && !g_path_is_absolute (config->storage.root))
    streamer_config_file_report (file, STORAGE, "root", "The folder has to be given from / on.");
  check_storage (config, file);
}

/* A quota that nobody counts against is none. */
static void
check_countable (StreamerConfigFile *file,
                 const char *section,
                 const StreamerAllowance *allowance,
                 gboolean is_stateless)
{
  if (is_stateless && (allowance->quota != G_MAXUINT64 || allowance->open_uploads != G_MAXUINT))
    streamer_config_file_report (file, section, NULL,
                                 "A server that remembers nothing can keep neither quota nor "
                                 "open-uploads.");
}

static void
read_principal (StreamerServerConfig *config,
                StreamerConfigFile *file,
                const char *section,
                gboolean is_stateless)
{
  const char *name = section + strlen (PRINCIPAL);
  StreamerAllowance allowance = streamer_allowance_unlimited;
  g_autoptr (StreamerPrincipal) principal = NULL;
  g_auto (GStrv) prefixes = NULL;
  g_autoptr (GArray) hashes = NULL;
  StreamerRights rights;

  streamer_config_file_expect_section (file, section);
  if (!streamer_server_config_is_principal_name (name))
    streamer_config_file_report (file, section, NULL,
                                 "The name may have %d letters, digits, “.”, “_”, “@” and “-”.",
                                 MAX_NAME);
  hashes = streamer_config_get_hashes (file, section, "token-sha256");
  prefixes = streamer_config_get_prefixes (file, section, "prefixes");
  streamer_config_get_rights (file, section, "rights", &rights);
  streamer_config_get_allowance (file, section, &allowance);
  streamer_config_file_require (file, section, "token-sha256",
                                "It is missing: --add-principal makes a token.");
  streamer_config_file_require (file, section, "prefixes",
                                "It is missing, and has to be said: / is everything.");
  streamer_config_file_require (file, section, "rights",
                                "It is missing: there are create, overwrite, remove and link.");
  check_countable (file, section, &allowance, is_stateless);
  if (!prefixes)
    return;
  principal = streamer_principal_new (name, (const char *const *) prefixes, rights, &allowance);
  for (guint i = 0; i < hashes->len; i++)
    if (!streamer_policy_add_token (config->policy, principal,
                                    &g_array_index (hashes, StreamerTokenHash, i)))
      streamer_config_file_report (file, section, "token-sha256",
                                   "The same token stands for somebody else already.");
}

static void
read_principals (StreamerServerConfig *config, StreamerConfigFile *file, gboolean is_stateless)
{
  const char *const *sections = streamer_config_file_get_sections (file);
  gboolean has_any = FALSE;

  for (gsize i = 0; sections[i]; i++)
    if (g_str_has_prefix (sections[i], PRINCIPAL))
      {
        read_principal (config, file, sections[i], is_stateless);
        has_any = TRUE;
      }
  if (streamer_config_file_has_section (file, OIDC))
    {
      StreamerAllowance allowance = streamer_allowance_unlimited;
      StreamerOidc *oidc = streamer_oidc_config_read (file, OIDC, is_stateless, &allowance);

      check_countable (file, OIDC, &allowance, is_stateless);
      if (oidc)
        streamer_policy_set_oidc (config->policy, oidc);
    }
  else if (!has_any)
    streamer_config_file_report (
        file, PRINCIPAL "NAME", NULL,
        "Nobody may do anything: there is no such section, and no [oidc].");
}

gboolean
streamer_server_config_read (StreamerServerConfig *config,
                             StreamerConfigFile *file,
                             gboolean is_stateless,
                             GPtrArray *findings)
{
  if (!file)
    return FALSE;
  config->policy = streamer_policy_new ();
  read_server (config, file);
  read_storage (config, file, is_stateless);
  read_principals (config, file, is_stateless);
  streamer_config_file_report_unknown (file);
  streamer_findings_sort (findings);
  return findings->len == 0;
}
