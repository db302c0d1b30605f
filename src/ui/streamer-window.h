/* streamer-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-application.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_WINDOW (streamer_window_get_type ())
G_DECLARE_FINAL_TYPE (StreamerWindow, streamer_window, STREAMER, WINDOW, AdwApplicationWindow)

GtkWindow *streamer_window_new (StreamerApplication *application);

G_END_DECLS
