/* streamer-request-handler.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-audit.h"
#include "streamer-policy.h"
#include "streamer-seal.h"
#include "streamer-storage.h"
#include "streamer-throttle.h"

G_BEGIN_DECLS

/**
 * StreamerRequestHandler:
 *
 * The request API, versions 1 and 2: from the text of a request to the text of its answer. It knows
 * nothing of sockets, and nothing of how objects are stored. Any thread.
 */
typedef struct _StreamerRequestHandler StreamerRequestHandler;

/** @policy, @storage, @seal: (transfer none): have to live as long */
StreamerRequestHandler *
streamer_request_handler_new (StreamerPolicy *policy, StreamerStorage *storage, StreamerSeal *seal);
void streamer_request_handler_free (StreamerRequestHandler *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerRequestHandler, streamer_request_handler_free)

/** @storage: (transfer none): in place of the one before; has to live as long */
void streamer_request_handler_set_storage (StreamerRequestHandler *self, StreamerStorage *storage);

/**
 * streamer_request_handler_set_audit:
 * @audit: (transfer none) (nullable): where decisions are written; has to live as long. Without one
 *   they are told to the server's log
 *
 * To be called before the first request, as the others that set something.
 */
void streamer_request_handler_set_audit (StreamerRequestHandler *self, StreamerAudit *audit);

/**
 * streamer_request_handler_set_clock:
 * @clock: by which rates are limited
 */
void streamer_request_handler_set_clock (StreamerRequestHandler *self, StreamerThrottleClock clock);

/**
 * streamer_request_handler_set_failure_rate:
 * @per_minute: how often one address may fail to say who it is, before it is told to wait; 0 for
 *   any number
 *
 * A token that is right is taken all the same: behind one address there may be many, and a guess is
 * hopeless anyway. What is limited is the work and the log. At any time.
 */
void streamer_request_handler_set_failure_rate (StreamerRequestHandler *self, guint per_minute);

/**
 * StreamerApiCall:
 * @authorization: (nullable): the header of this name
 * @api_key: (nullable): the header `x-api-key`
 * @claims: (nullable): of the token, as a gateway tells them that has checked its signature; then
 *   they count in place of @authorization
 * @remote: (nullable): the client's address, as far as it can be believed
 * @origin: `http://HOST` under which the client reaches the server: goes before the URLs that the
 *   server itself answers
 * @filename: (nullable): untrusted: the query's parameter of this name, decoded once
 * @body: untrusted bytes
 * @length: bytes in @body
 *
 * A request as a front end (HTTP, Lambda) took it; nothing of it is owned.
 */
typedef struct
{
  const char *authorization;
  const char *api_key;
  JsonObject *claims;
  const char *remote;
  const char *origin;
  const char *filename;
  const char *body;
  gsize length;
} StreamerApiCall;

/**
 * StreamerApiAnswer:
 * @status: the HTTP status
 * @retry_after: seconds, for the header of this name, or -1
 * @body: (owned): JSON
 */
typedef struct
{
  guint status;
  int retry_after;
  char *body;
} StreamerApiAnswer;

void streamer_api_answer_clear (StreamerApiAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerApiAnswer, streamer_api_answer_clear)

/** @answer: (out caller-allocates) */
void streamer_request_handler_handle (StreamerRequestHandler *self,
                                      const StreamerApiCall *call,
                                      StreamerApiAnswer *answer);

G_END_DECLS
