/* streamer-known-capabilities.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-capabilities.h"
#include "streamer-request-api.h"
#include "streamer-turn.h"

G_BEGIN_DECLS

/**
 * StreamerKnownCapabilities:
 * @api: who is asked; kept alive by the owner
 * @known: (owned) (nullable): guarded by @lock
 *
 * What a backend says of itself, asked for once, by one worker for all. Any thread, but for init
 * and clear.
 */
typedef struct
{
  const StreamerRequestApi *api;
  StreamerTurn asking;
  GMutex lock;
  StreamerCapabilities *known;
} StreamerKnownCapabilities;

void streamer_known_capabilities_init (StreamerKnownCapabilities *self,
                                       const StreamerRequestApi *api);
void streamer_known_capabilities_clear (StreamerKnownCapabilities *self);

/**
 * streamer_known_capabilities_get:
 * @version: (out) (optional): what the answer says, where there was one
 *
 * Returns: (transfer full): what the backend has said, or says now
 */
StreamerCapabilities *streamer_known_capabilities_get (StreamerKnownCapabilities *self,
                                                       StreamerHttp *http,
                                                       StreamerRequestVersion *version,
                                                       GCancellable *cancellable,
                                                       GError **error);

/** The backend may have changed: the next one asks again. */
void streamer_known_capabilities_forget (StreamerKnownCapabilities *self);

G_END_DECLS
