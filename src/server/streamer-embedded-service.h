/* streamer-embedded-service.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-server.h"

G_BEGIN_DECLS

/**
 * StreamerEmbeddedService:
 *
 * The backend behind *this computer*: one per user, found through the state file (see
 * streamer_embedded_get_state_path()), on the loopback address, on the same port each time where
 * that is free.
 */
typedef struct _StreamerEmbeddedService StreamerEmbeddedService;

/**
 * streamer_embedded_service_start:
 * @url: (out) (transfer full): `http://127.0.0.1:PORT` of the one that runs now
 *
 * Returns: (transfer full) (nullable): the service; NULL without an error where another process is
 *   it already
 */
StreamerEmbeddedService *streamer_embedded_service_start (char **url, GError **error);

/** Returns: (transfer none) */
StreamerServer *streamer_embedded_service_get_server (StreamerEmbeddedService *self);

/** Takes the state file away, stops the server, and frees it. */
void streamer_embedded_service_free (StreamerEmbeddedService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerEmbeddedService, streamer_embedded_service_free)

/** streamer_embedded_service_end: ends a running one, and waits until it is gone */
gboolean streamer_embedded_service_end (GError **error);

G_END_DECLS
