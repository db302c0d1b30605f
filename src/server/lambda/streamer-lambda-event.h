/* streamer-lambda-event.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-request-handler.h"

G_BEGIN_DECLS

/* Lambda hands 6 MB to a function at most; around a body, the gateway says much. */
#define STREAMER_LAMBDA_MAX_EVENT (8 * 1024 * 1024)

/**
 * StreamerLambdaEvent:
 * @root: (owned): the event
 * @method: the HTTP method
 * @authorization: (nullable): the header of this name
 * @api_key: (nullable): the header `x-api-key`
 * @remote: (nullable): the client's address, as the gateway saw it
 * @claims: (nullable): of the token whose signature the gateway's authoriser has checked, see
 *   streamer_gateway_claims_read()
 * @origin: (owned) (nullable): `https://HOST`
 * @filename: (owned) (nullable): the query's parameter of this name, decoded
 * @body: (owned): bytes, a NUL behind them
 * @length: bytes in @body
 *
 * What API Gateway makes of an HTTP request: as a REST API does (and an HTTP API with payload format
 * 1.0), or as an HTTP API does with format 2.0. Initialise to zeros.
 */
typedef struct
{
  JsonNode *root;
  const char *method;
  const char *authorization;
  const char *api_key;
  const char *remote;
  JsonObject *claims;
  char *origin;
  char *filename;
  char *body;
  gsize length;
} StreamerLambdaEvent;

/** Returns: FALSE with STREAMER_ERROR_PROTOCOL where @text is no event of either form */
gboolean streamer_lambda_event_parse (StreamerLambdaEvent *event,
                                      const char *text,
                                      gsize length,
                                      GError **error);

void streamer_lambda_event_clear (StreamerLambdaEvent *event);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerLambdaEvent, streamer_lambda_event_clear)

/**
 * streamer_lambda_format_answer:
 * @headers: name, value, name, value, …, NULL
 * @body: (nullable): text
 *
 * Returns: (transfer full): what both kinds of gateway make an HTTP answer of
 */
char *streamer_lambda_format_answer (guint status, const char *const *headers, const char *body);

G_END_DECLS
