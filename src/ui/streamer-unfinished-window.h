/* streamer-unfinished-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-application.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_UNFINISHED_WINDOW (streamer_unfinished_window_get_type ())
G_DECLARE_FINAL_TYPE (StreamerUnfinishedWindow,
                      streamer_unfinished_window,
                      STREAMER,
                      UNFINISHED_WINDOW,
                      AdwWindow)

/**
 * streamer_unfinished_window_new:
 * @connections: (element-type StreamerConnection): whose stores are asked
 *
 * Uploads that stores have and nobody goes on with: they can be resumed, where the journal knows of
 * them, or aborted. The application has a journal.
 */
GtkWindow *streamer_unfinished_window_new (StreamerApplication *application,
                                           GPtrArray *connections);

G_END_DECLS
