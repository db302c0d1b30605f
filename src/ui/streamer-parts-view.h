/* streamer-parts-view.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "streamer-part-list.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_PARTS_VIEW (streamer_parts_view_get_type ())
G_DECLARE_FINAL_TYPE (StreamerPartsView, streamer_parts_view, STREAMER, PARTS_VIEW, GtkWidget)

/**
 * StreamerPartsView:
 *
 * The parts of one transfer, a progress bar for each; of many, only those on the screen exist.
 */

/** @parts: (nullable): NULL hides the view. The same again brings the totals up to date. */
void streamer_parts_view_set_parts (StreamerPartsView *self, StreamerPartList *parts);

G_END_DECLS
