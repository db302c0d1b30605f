/* streamer-request-v2.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-request-api.h"
#include "streamer-store.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_REQUEST_V2 (streamer_request_v2_get_type ())
G_DECLARE_FINAL_TYPE (StreamerRequestV2, streamer_request_v2, STREAMER, REQUEST_V2, GObject)

/** A StreamerStore that speaks version 2 of the request API. */
StreamerStore *streamer_request_v2_new (StreamerRequestApi *api);

/**
 * streamer_request_v2_ask:
 * @version: (out): what the answer says of the backend
 *
 * Asks the backend what it can do, where that is not known yet.
 *
 * Returns: whether it speaks version 2; FALSE with the error also where @version is 1
 */
gboolean streamer_request_v2_ask (StreamerRequestV2 *self,
                                  StreamerHttp *http,
                                  StreamerRequestVersion *version,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
