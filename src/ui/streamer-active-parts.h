/* streamer-active-parts.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-part-list.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_ACTIVE_PARTS (streamer_active_parts_get_type ())
G_DECLARE_FINAL_TYPE (StreamerActiveParts, streamer_active_parts, STREAMER, ACTIVE_PARTS, GObject)

/**
 * StreamerActiveParts:
 *
 * Those parts of a list that are on their way, are tried again or failed: a GListModel of
 * StreamerPart. It reads the list's table and makes no objects for the other parts, which a
 * GtkFilterListModel would do for all ten thousand.
 */
StreamerActiveParts *streamer_active_parts_new (StreamerPartList *list);

/** Reads the list again. */
void streamer_active_parts_update (StreamerActiveParts *self);

G_END_DECLS
