/* streamer-preferences.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "streamer-secrets.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_PREFERENCES (streamer_preferences_get_type ())
G_DECLARE_FINAL_TYPE (StreamerPreferences,
                      streamer_preferences,
                      STREAMER,
                      PREFERENCES,
                      AdwPreferencesWindow)

/**
 * StreamerPreferences:
 *
 * The settings of uploads, and the server or bucket to which they go. What can be used is saved at once;
 * what cannot is said below its row, and is not saved.
 */
GtkWindow *streamer_preferences_new (GSettings *settings, StreamerSecrets *secrets);

/** Shows the page on which a server is connected ("Connect to a Server…"). */
void streamer_preferences_show_server (StreamerPreferences *self);
/** Shows the page on which a bucket is connected ("Connect to a Bucket…"). */
void streamer_preferences_show_bucket (StreamerPreferences *self);

G_END_DECLS
