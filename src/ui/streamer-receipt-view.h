/* streamer-receipt-view.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "streamer-transfer.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_RECEIPT_VIEW (streamer_receipt_view_get_type ())
G_DECLARE_FINAL_TYPE (StreamerReceiptView, streamer_receipt_view, STREAMER, RECEIPT_VIEW, GtkWidget)

/**
 * StreamerReceiptView:
 *
 * What is known of an upload that is done, as text that can be copied; and on request, whether file
 * and object are still what was uploaded.
 */

/** @transfer: (nullable): done; NULL hides the widget, and ends a comparison */
void streamer_receipt_view_set_transfer (StreamerReceiptView *self, StreamerTransfer *transfer);

G_END_DECLS
