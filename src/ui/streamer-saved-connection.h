/* streamer-saved-connection.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The saved connections that the preferences edit. */
#define STREAMER_SERVER_ID "server"
#define STREAMER_BUCKET_ID "bucket"

/** @settings: the program's. Returns: whether @id is one of the saved connections */
gboolean streamer_saved_connection_exists (GSettings *settings, const char *id);
/** Saves @id, which becomes the default connection. */
void streamer_saved_connection_add (GSettings *settings, const char *id);
/** Takes @id away; where it was the default connection, this computer is. */
void streamer_saved_connection_remove (GSettings *settings, const char *id);
/** Sets @key to @value unless that is what it says. */
void streamer_saved_connection_set (GSettings *settings, const char *key, const char *value);

G_END_DECLS
