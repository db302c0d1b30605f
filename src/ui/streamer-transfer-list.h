/* streamer-transfer-list.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "streamer-transfer.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_TRANSFER_LIST (streamer_transfer_list_get_type ())
G_DECLARE_FINAL_TYPE (StreamerTransferList,
                      streamer_transfer_list,
                      STREAMER,
                      TRANSFER_LIST,
                      GtkWidget)

/**
 * StreamerTransferList:
 *
 * All transfers, grouped; virtual, so that ten thousand stay calm. Properties: `selected`
 * (StreamerTransfer, read-only; NULL only while there are none), `compact` (bool: the list stands
 * alone, one click shows the detail, and nothing looks selected), `search` (string: only names that
 * hold it are shown), `has-finished` (bool, read-only: some that are done or cancelled are shown).
 * Signal: `show-detail`.
 */
void streamer_transfer_list_set_queue (StreamerTransferList *self, GListModel *queue);
/** Returns: (transfer none) (nullable) */
StreamerTransfer *streamer_transfer_list_get_selected (StreamerTransferList *self);
/** Selects @transfer and makes it visible. */
void streamer_transfer_list_select (StreamerTransferList *self, StreamerTransfer *transfer);

G_END_DECLS
