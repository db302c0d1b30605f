/* streamer-setup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-console.h"
#include "streamer-journal-entry.h"
#include "streamer-options.h"
#include "streamer-settings.h"
#include "streamer-target.h"

G_BEGIN_DECLS

/**
 * StreamerSetup:
 * @settings: (owned) (nullable): NULL where no schema is installed
 * @secrets: (owned): those that were handed in, before those in the keyring
 * @connection: (owned) (nullable): where to; NULL where the journal says so, of each transfer
 * @token: (owned) (nullable): that was handed in, until it is known for whom
 * @api_key: (owned) (nullable): the same
 *
 * What the command line, the environment and the settings come to.
 */
typedef struct
{
  GSettings *settings;
  StreamerSecrets *secrets;
  StreamerConnection *connection;
  char *token;
  char *api_key;
  gboolean token_from_environment;
  gboolean api_key_from_environment;
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

/**
 * streamer_setup_take_entries:
 * @entries: (element-type StreamerJournalEntry): that will be worked on
 *
 * Gives the token and the API key that were handed in to the one connection of @entries.
 *
 * Returns: FALSE with STREAMER_ERROR_INVALID where they go to several, or to one that takes none
 */
gboolean streamer_setup_take_entries (StreamerSetup *self, GPtrArray *entries, GError **error);

/** A StreamerConnect: @setup is the StreamerSetup. */
StreamerConnection *streamer_setup_connect (const char *record, gpointer setup, GError **error);

/** Returns: (transfer full): what all files of the command line share */
StreamerTarget *streamer_setup_create_target (StreamerSetup *self, const StreamerOptions *options);
/** Returns: parts sent at the same time */
guint streamer_setup_get_parts (StreamerSetup *self, const StreamerOptions *options);

/** Returns: (transfer full): the file that an argument names by its path or its file URI */
GFile *streamer_setup_create_file (const char *argument);

G_END_DECLS
