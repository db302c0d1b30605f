/* streamer-transfer-detail.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "streamer-transfer.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_TRANSFER_DETAIL (streamer_transfer_detail_get_type ())
G_DECLARE_FINAL_TYPE (StreamerTransferDetail,
                      streamer_transfer_detail,
                      STREAMER,
                      TRANSFER_DETAIL,
                      GtkWidget)

/**
 * StreamerTransferDetail:
 *
 * One transfer in full, with one progress bar for each part. Properties: `transfer` (nullable),
 * `compact` (bool: little room). Its buttons activate the window's actions.
 */
GtkWidget *streamer_transfer_detail_new (void);

StreamerTransfer *streamer_transfer_detail_get_transfer (StreamerTransferDetail *self);
void streamer_transfer_detail_set_transfer (StreamerTransferDetail *self,
                                            StreamerTransfer *transfer);

G_END_DECLS
