/* streamer-configured-server.c: a server as its configuration file wants it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-configured-server.h"

#include <stdio.h>
#include <string.h>

#include "streamer-server-log.h"

/* Returns: (transfer full) (nullable) (element-type utf8): what is wrong, a line each; NULL where
 * nothing is */
static GPtrArray *
load (StreamerServerConfig *config, const StreamerServerOptions *options)
{
  const char *name = options->config ? options->config : STREAMER_SERVER_CONFIG_VARIABLE;
  g_autoptr (GPtrArray) findings = streamer_findings_new ();
  g_autoptr (StreamerConfigFile) file =
      options->config ? streamer_config_file_load (options->config, findings)
                      : streamer_config_file_parse (g_getenv (name), findings);
  GPtrArray *lines;

  config->storage.root = g_strdup (options->root);
  config->allow_remote = options->allow_remote;
  g_set_object (&config->address, options->address);
  config->port = options->port;
  if (streamer_server_config_read (config, file, options->lambda, findings))
    return NULL;
  lines = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < findings->len; i++)
    g_ptr_array_add (lines, streamer_finding_to_string (g_ptr_array_index (findings, i), name));
  return lines;
}

gboolean
streamer_configured_server_load (StreamerServerConfig *config, const StreamerServerOptions *options)
{
  g_autoptr (GPtrArray) lines = load (config, options);

  for (guint i = 0; lines && i < lines->len; i++)
    fprintf (stderr, "%s\n", (const char *) lines->pdata[i]);
  return lines == NULL;
}

static void
set_limits (StreamerServer *server, const StreamerServerConfig *config)
{
  streamer_server_set_failure_rate (server, config->failure_rate);
  streamer_server_set_proxies (server, config->proxies);
}

static gboolean
set_up (StreamerServer *server, const StreamerServerConfig *config, GError **error)
{
  StreamerAudit *audit;

  set_limits (server, config);
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

void
streamer_configured_server_reload (StreamerServer *server,
                                   const StreamerServerConfig *started,
                                   const StreamerServerOptions *options)
{
  g_auto (StreamerServerConfig) config = { 0 };
  g_autoptr (GPtrArray) lines = load (&config, options);

  for (guint i = 0; lines && i < lines->len; i++)
    streamer_server_log ("error", "config", "error", lines->pdata[i], NULL);
  if (lines)
    {
      streamer_server_log ("error", "reload", "error",
                           "The configuration is not in order: what was read before goes on.",
                           NULL);
      return;
    }
  if (!streamer_server_config_is_same_place (started, &config))
    streamer_server_log ("warning", "reload", "message",
                         "Where to listen, the audit log and the storage change at the next start.",
                         NULL);
  set_limits (server, &config);
  streamer_server_replace_policy (server, g_steal_pointer (&config.policy));
  streamer_server_log ("info", "reload", NULL);
}
