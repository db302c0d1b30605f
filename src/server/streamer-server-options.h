/* streamer-server-options.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-seal.h"

G_BEGIN_DECLS

/**
 * StreamerServerOptions:
 * @embedded: the backend behind "this computer"
 * @stop: end a running one
 * @lambda: a function of AWS Lambda
 * @config: (owned) (nullable) (type filename): the configuration file
 * @check: only look whether @config is in order
 * @add_principal: (owned) (nullable): whom to add to @config
 * @prefixes: (owned) (nullable), @rights: (owned) (nullable), @quota: (owned) (nullable): of
 *   @add_principal
 * @allow_remote: listen also where other computers get to
 * @version: print the version
 * @log_json: log lines are JSON
 * @root: (owned) (nullable) (type filename): where objects are kept
 * @address: (owned) (nullable): where to listen
 * @port: where to listen, or 0
 * @token: (owned) (nullable): what clients have to show
 * @seal: (owned) (nullable): with @lambda: what upload ids are sealed with
 *
 * What the command line and the environment ask for.
 */
typedef struct
{
  gboolean embedded;
  gboolean stop;
  gboolean lambda;
  char *config;
  gboolean check;
  char *add_principal;
  char **prefixes;
  char **rights;
  char *quota;
  gboolean allow_remote;
  gboolean version;
  gboolean log_json;
  char *root;
  GInetAddress *address;
  guint16 port;
  char *token;
  StreamerSeal *seal;
} StreamerServerOptions;

/**
 * streamer_server_options_parse:
 * @arguments: (inout): as g_option_context_parse_strv() takes it
 *
 * `--help` prints and exits. Errors: STREAMER_ERROR_INVALID, with a sentence that says what to
 * change; also where the options do not go together.
 */
gboolean
streamer_server_options_parse (StreamerServerOptions *options, char ***arguments, GError **error);

/* With --lambda, the configuration itself, in place of a file: a template can fill it. */
#define STREAMER_SERVER_CONFIG_VARIABLE "S3STREAMER_CONFIG"

/** Returns: whether there is a configuration, rather than a token of the one who may do everything */
gboolean streamer_server_options_is_configured (const StreamerServerOptions *options);

void streamer_server_options_clear (StreamerServerOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerServerOptions, streamer_server_options_clear)

G_END_DECLS
