/* streamer-metered-storage.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-ledger.h"
#include "streamer-policy.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_METERED_STORAGE (streamer_metered_storage_get_type ())
G_DECLARE_FINAL_TYPE (StreamerMeteredStorage,
                      streamer_metered_storage,
                      STREAMER,
                      METERED_STORAGE,
                      GObject)

/**
 * streamer_metered_storage_new:
 * @storage: where objects are
 * @ledger: (transfer full): who uses how much
 * @policy: (transfer none): how much everybody may use; has to live as long
 *
 * A StreamerStorage that is @storage, and keeps the ledger along: whoever goes through it cannot
 * forget to count. A quota that is used up is STREAMER_ERROR_QUOTA.
 */
StreamerStorage *streamer_metered_storage_new (StreamerStorage *storage,
                                               StreamerLedger *ledger,
                                               StreamerPolicy *policy);

G_END_DECLS
