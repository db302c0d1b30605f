/* streamer-transfer-groups.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-transfer-status.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_TRANSFER_GROUPS (streamer_transfer_groups_get_type ())
G_DECLARE_FINAL_TYPE (StreamerTransferGroups,
                      streamer_transfer_groups,
                      STREAMER,
                      TRANSFER_GROUPS,
                      GObject)

/**
 * StreamerTransferGroups:
 *
 * The transfers of a queue in the order in which the window shows them: by
 * StreamerTransferGroup, in each as they came, the last finished one first. A GListModel of
 * StreamerTransfer. What changes its state moves within a quarter of a second, many together, and
 * every move keeps the item (one items-changed around all of them).
 */
StreamerTransferGroups *streamer_transfer_groups_new (GListModel *queue);

/** Returns: the group of the item at @position */
StreamerTransferGroup streamer_transfer_groups_get_group (StreamerTransferGroups *self,
                                                          guint position);
/** Returns: whether the item at @position is the first of its group */
gboolean streamer_transfer_groups_is_first (StreamerTransferGroups *self, guint position);
guint streamer_transfer_groups_get_n_in_group (StreamerTransferGroups *self,
                                               StreamerTransferGroup group);

G_END_DECLS
