/* streamer-setup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-console.h"
#include "streamer-options.h"
#include "streamer-settings.h"
#include "streamer-target.h"

G_BEGIN_DECLS

/**
 * StreamerSetup:
 * @settings: (owned) (nullable): NULL where no schema is installed
 * @secrets: (owned): those that were handed in, before those in the keyring
 * @connection: (owned): where to
 *
 * What the command line, the environment and the settings come to.
 */
typedef struct
{
  GSettings *settings;
  StreamerSecrets *secrets;
  StreamerConnection *connection;
} StreamerSetup;

/**
 * streamer_setup_init:
 *
 * Contacts nothing. Takes the secrets out of the environment, so it is called before there are
 * threads; reads them only where they will be used.
 *
 * Returns: FALSE with STREAMER_ERROR_INVALID or another error; @self is to be cleared all the same
 */
gboolean streamer_setup_init (StreamerSetup *self,
                              const StreamerOptions *options,
                              StreamerConsole *console,
                              GError **error);
void streamer_setup_clear (StreamerSetup *self);

/** Returns: (transfer full): what all files of the command line share */
StreamerTarget *streamer_setup_create_target (StreamerSetup *self, const StreamerOptions *options);
/** Returns: parts sent at the same time */
guint streamer_setup_get_parts (StreamerSetup *self, const StreamerOptions *options);

/** Returns: (transfer full): the file that an argument names by its path or its file URI */
GFile *streamer_setup_create_file (const char *argument);

G_END_DECLS
