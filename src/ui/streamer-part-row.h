/* streamer-part-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "streamer-part-list.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_PART_ROW (streamer_part_row_get_type ())
G_DECLARE_FINAL_TYPE (StreamerPartRow, streamer_part_row, STREAMER, PART_ROW, GtkWidget)

/**
 * StreamerPartRow:
 *
 * One part of a transfer: its number, how it stands, and its progress bar.
 */
GtkWidget *streamer_part_row_new (void);

/** @part: (nullable). @n_parts: of the transfer */
void streamer_part_row_set_part (StreamerPartRow *self, StreamerPart *part, guint n_parts);

G_END_DECLS
