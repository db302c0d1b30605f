/* streamer-request-handler.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-policy.h"
#include "streamer-seal.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

/**
 * StreamerRequestHandler:
 *
 * The request API, version 2: from the text of a request to the text of its answer. It knows
 * nothing of sockets, and nothing of how objects are stored. Any thread.
 */
typedef struct _StreamerRequestHandler StreamerRequestHandler;

/** @policy, @storage, @seal: (transfer none): have to live as long */
StreamerRequestHandler *
streamer_request_handler_new (StreamerPolicy *policy, StreamerStorage *storage, StreamerSeal *seal);
void streamer_request_handler_free (StreamerRequestHandler *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerRequestHandler, streamer_request_handler_free)

/**
 * streamer_request_handler_handle:
 * @authorization: (nullable): the header of this name
 * @origin: `http://HOST` under which the client reaches the server: goes before the URLs that the
 *   server itself answers
 * @body: untrusted bytes
 * @length: bytes in @body
 * @status: (out): the HTTP status
 *
 * Returns: (transfer full): the answer, JSON
 */
char *streamer_request_handler_handle (StreamerRequestHandler *self,
                                       const char *authorization,
                                       const char *origin,
                                       const char *body,
                                       gsize length,
                                       guint *status);

G_END_DECLS
