/* streamer-configured-server.c: a server as its configuration file wants it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-configured-server.h"

#include <stdio.h>
#include <string.h>

gboolean
streamer_configured_server_load (StreamerServerConfig *config, const StreamerServerOptions *options)
{
  const char *name = options->config ? options->config : STREAMER_SERVER_CONFIG_VARIABLE;
  g_autoptr (GPtrArray) findings = streamer_findings_new ();
  g_autoptr (StreamerConfigFile) file =
      options->config ? streamer_config_file_load (options->config, findings)
                      : streamer_config_file_parse (g_getenv (name), findings);
  gboolean good;

  config->storage.root = g_strdup (options->root);
  config->allow_remote = options->allow_remote;
  g_set_object (&config->address, options->address);
  config->port = options->port;
  good = streamer_server_config_read (config, file, options->lambda, findings);
  for (guint i = 0; i < findings->len; i++)
    {
      g_autofree char *text = streamer_finding_to_string (g_ptr_array_index (findings, i), name);

      fprintf (stderr, "%s\n", text);
    }
  return good;
}

static gboolean
set_up (StreamerServer *server, const StreamerServerConfig *config, GError **error)
{
  StreamerAudit *audit;

  streamer_server_set_failure_rate (server, config->failure_rate);
  streamer_server_set_proxies (server, config->proxies);
  if (!config->audit_log)
    return TRUE;
  audit = streamer_audit_new (strcmp (config->audit_log, "stderr") == 0 ? NULL : config->audit_log,
                              error);
  if (audit)
    streamer_server_set_audit (server, audit);
  return audit != NULL;
}

StreamerServer *
streamer_configured_server_new (StreamerServerConfig *config, StreamerSeal *seal, GError **error)
{
  StreamerPolicy *policy = g_steal_pointer (&config->policy);
  g_autoptr (StreamerServer) server = NULL;

  if (seal)
    server = streamer_server_new_stateless (&config->storage, policy, seal, error);
  else
    server = streamer_server_new (&config->storage, policy, error);
  if (!server || (!seal && !streamer_server_meter (server, config->storage.root, error)) ||
      !set_up (server, config, error))
    return NULL;
  return g_steal_pointer (&server);
}
