/* streamer-server-config.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-config-file.h"
#include "streamer-policy.h"
#include "streamer-storage-config.h"

G_BEGIN_DECLS

/**
 * StreamerServerConfig:
 * @address: (owned), @port: where to listen
 * @allow_remote: whether that may be where other computers get to
 * @audit_log: (owned) (nullable): a file, or `stderr`
 * @failure_rate: how often a minute one address may fail to say who it is
 * @proxies: (owned) (element-type GInetAddressMask): whose word on the client's address is taken
 * @storage: where objects are
 * @policy: (owned) (nullable): who may do what; to be stolen
 *
 * What the configuration file says. Initialise to zeros.
 */
typedef struct
{
  GInetAddress *address;
  guint16 port;
  gboolean allow_remote;
  char *audit_log;
  guint failure_rate;
  GPtrArray *proxies;
  StreamerStorageConfig storage;
  StreamerPolicy *policy;
} StreamerServerConfig;

/**
 * streamer_server_config_read:
 * @config: (inout): an address and a storage's root that are there already go before what the file
 *   says
 * @file: (nullable): NULL where it could not be loaded
 * @is_stateless: for a server that listens nowhere and remembers nothing
 * @findings: (element-type StreamerFinding): gets everything that is wrong, by line
 *
 * Nothing but the file itself is looked at, and the file with the keys that it names.
 *
 * Returns: whether nothing is wrong
 */
gboolean streamer_server_config_read (StreamerServerConfig *config,
                                      StreamerConfigFile *file,
                                      gboolean is_stateless,
                                      GPtrArray *findings);

/** Returns: whether both listen at the same place, and write to the same ones */
gboolean streamer_server_config_is_same_place (const StreamerServerConfig *a,
                                               const StreamerServerConfig *b);

void streamer_server_config_clear (StreamerServerConfig *config);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerServerConfig, streamer_server_config_clear)

/** Returns: whether @name can be that of a [principal NAME]: letters, digits, `.`, `_`, `@`, `-` */
gboolean streamer_server_config_is_principal_name (const char *name);

/**
 * streamer_server_config_parse_address:
 * @text: `ADDRESS:PORT`, the address being numeric
 *
 * Returns: FALSE where it is anything else
 */
gboolean
streamer_server_config_parse_address (const char *text, GInetAddress **address, guint16 *port);

G_END_DECLS
