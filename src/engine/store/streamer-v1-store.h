/* streamer-v1-store.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-request-api.h"
#include "streamer-store.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_V1_STORE (streamer_v1_store_get_type ())
G_DECLARE_FINAL_TYPE (StreamerV1Store, streamer_v1_store, STREAMER, V1_STORE, GObject)

/**
 * streamer_v1_store_new:
 *
 * A StreamerStore that speaks version 1 of the request API, as S3Streamer 2021 did: a part is
 * posted as a temporary object, and the backend copies it into the upload.
 *
 * What version 1 cannot do: input of unknown size is STREAMER_ERROR_INVALID, and parts cannot be
 * listed. Size and ETag of a finished object are not told, nor a link.
 */
StreamerStore *streamer_v1_store_new (StreamerRequestApi *api);

G_END_DECLS
