/* streamer-background.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "streamer-queue.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_BACKGROUND (streamer_background_get_type ())
G_DECLARE_FINAL_TYPE (StreamerBackground, streamer_background, STREAMER, BACKGROUND, GObject)

/**
 * StreamerBackground:
 *
 * What an upload means for the session, whether a window is open or not: the program goes on until
 * nothing is left to do, the computer does not fall asleep while bytes move, and one notification
 * tells of a batch that is done. It uses the application's actions `copy-links` (ids) and
 * `show-transfer` (id).
 */
StreamerBackground *streamer_background_new (GtkApplication *application, StreamerQueue *queue);

/**
 * Returns: whether something is to be done that ends with the program; what is paused stays so in
 *   the journal, where there is one
 */
gboolean streamer_background_is_wanted (StreamerQueue *queue);

G_END_DECLS
