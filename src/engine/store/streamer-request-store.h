/* streamer-request-store.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-secrets.h"
#include "streamer-store.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_REQUEST_STORE (streamer_request_store_get_type ())
G_DECLARE_FINAL_TYPE (StreamerRequestStore,
                      streamer_request_store,
                      STREAMER,
                      REQUEST_STORE,
                      GObject)

/**
 * streamer_request_store_new:
 * @request_url: the endpoint of the S3Streamer request API (`requrl`)
 * @connection_id: under which @secrets knows the token and the API key
 * @secrets: asked on workers, at each request, so that a token given later is used at once
 *
 * A StreamerStore that speaks the S3Streamer request API, version 2, or 1 where the backend knows
 * no better: requests go to the backend, the bytes of the parts straight to the signed URLs that it
 * hands out.
 */
StreamerStore *streamer_request_store_new (const char *request_url,
                                           const char *connection_id,
                                           StreamerSecrets *secrets);

G_END_DECLS
