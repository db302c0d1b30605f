/* streamer-application-private.h: what the application's files share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-application.h"
#include "streamer-window.h"

G_BEGIN_DECLS

/** Returns: (transfer none): the main window; a new one where there is none */
StreamerWindow *_streamer_application_get_window (StreamerApplication *self);
void _streamer_application_actions_init (StreamerApplication *self);

G_END_DECLS
