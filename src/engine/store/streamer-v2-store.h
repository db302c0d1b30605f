/* streamer-v2-store.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-request-api.h"
#include "streamer-store.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_V2_STORE (streamer_v2_store_get_type ())
G_DECLARE_FINAL_TYPE (StreamerV2Store, streamer_v2_store, STREAMER, V2_STORE, GObject)

/** A StreamerStore that speaks version 2 of the request API. */
StreamerStore *streamer_v2_store_new (StreamerRequestApi *api);

/**
 * streamer_v2_store_ask:
 * @version: (out): what the answer says of the backend
 *
 * Asks the backend what it can do, where that is not known yet.
 *
 * Returns: whether it speaks version 2; FALSE with the error also where @version is 1
 */
gboolean streamer_v2_store_ask (StreamerV2Store *self,
                                StreamerHttp *http,
                                StreamerRequestVersion *version,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
