/* streamer-configured-server.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-server-config.h"
#include "streamer-server-options.h"
#include "streamer-server.h"

G_BEGIN_DECLS

/**
 * streamer_configured_server_load:
 * @config: (out caller-allocates): what the file of @options says; what @options say themselves
 *   goes before it
 *
 * Everything that is wrong is printed on standard error, a line each.
 *
 * Returns: whether nothing is
 */
gboolean streamer_configured_server_load (StreamerServerConfig *config,
                                          const StreamerServerOptions *options);

/**
 * streamer_configured_server_new:
 * @config: was loaded; its policy is taken
 * @seal: (transfer full) (nullable): of a server that remembers nothing; NULL for one that does
 *
 * Returns: (transfer full): a server that does as @config says, and does not listen yet
 */
StreamerServer *
streamer_configured_server_new (StreamerServerConfig *config, StreamerSeal *seal, GError **error);

/**
 * streamer_configured_server_reload:
 * @started: what was loaded when @server started
 *
 * Reads the configuration again, while @server goes on: who may do what and how much, API keys, the
 * identity provider, proxies. Where something is wrong, the log says so, and nothing changes.
 */
void streamer_configured_server_reload (StreamerServer *server,
                                        const StreamerServerConfig *started,
                                        const StreamerServerOptions *options);

G_END_DECLS
