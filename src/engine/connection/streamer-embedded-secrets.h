/* streamer-embedded-secrets.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-secrets.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_EMBEDDED_SECRETS (streamer_embedded_secrets_get_type ())
G_DECLARE_FINAL_TYPE (StreamerEmbeddedSecrets,
                      streamer_embedded_secrets,
                      STREAMER,
                      EMBEDDED_SECRETS,
                      GObject)

/**
 * streamer_embedded_secrets_new:
 * @request_url: where the embedded backend listens
 *
 * The token of the user's embedded backend, asked for each time: where the backend has gone in the
 * middle of an upload it is started again, and has another token. Nothing is ever stored. A lookup
 * fails as streamer_embedded_start() does, and with STREAMER_ERROR_NETWORK where the backend
 * listens elsewhere now.
 */
StreamerSecrets *streamer_embedded_secrets_new (const char *request_url);

G_END_DECLS
