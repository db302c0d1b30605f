/* streamer-transfer-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "streamer-transfer.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_TRANSFER_ROW (streamer_transfer_row_get_type ())
G_DECLARE_FINAL_TYPE (StreamerTransferRow, streamer_transfer_row, STREAMER, TRANSFER_ROW, GtkWidget)

/**
 * StreamerTransferRow:
 *
 * One transfer in the list. Properties: `transfer` (nullable), `header` (string, nullable: the
 * title of the group that begins with this row). Its button activates the window's actions.
 */
GtkWidget *streamer_transfer_row_new (void);

StreamerTransfer *streamer_transfer_row_get_transfer (StreamerTransferRow *self);
void streamer_transfer_row_set_transfer (StreamerTransferRow *self, StreamerTransfer *transfer);
void streamer_transfer_row_set_header (StreamerTransferRow *self, const char *header);

G_END_DECLS
