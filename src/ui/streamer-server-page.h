/* streamer-server-page.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "streamer-secrets.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_SERVER_PAGE (streamer_server_page_get_type ())
G_DECLARE_FINAL_TYPE (StreamerServerPage,
                      streamer_server_page,
                      STREAMER,
                      SERVER_PAGE,
                      AdwPreferencesPage)

/**
 * StreamerServerPage:
 *
 * The saved connection STREAMER_SERVER_ID. It exists (is in the setting `connections`) as long as
 * its request URL can be used; a new one becomes the default connection at once, and the default
 * goes back to this computer when the URL is taken away.
 *
 * Signal `connected` (const char *name): a server was saved for the first time.
 */

/** Called once. @settings: the program's; @connection_settings: of STREAMER_SERVER_ID */
void streamer_server_page_set_up (StreamerServerPage *self,
                                  GSettings *settings,
                                  GSettings *connection_settings,
                                  StreamerSecrets *secrets);
/** Saves what was typed and can be used. Leaving a row and Enter do the same. */
void streamer_server_page_commit (StreamerServerPage *self);
void streamer_server_page_focus_request_url (StreamerServerPage *self);

G_END_DECLS
