/* streamer-lambda.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-server.h"

G_BEGIN_DECLS

/**
 * StreamerLambda:
 *
 * The side of the function in AWS Lambda's runtime interface: takes one event after the other, and
 * gives the answers back.
 */
typedef struct _StreamerLambda StreamerLambda;

/** @runtime_api: `HOST:PORT`, of the runtime interface */
StreamerLambda *streamer_lambda_new (const char *runtime_api);
void streamer_lambda_free (StreamerLambda *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerLambda, streamer_lambda_free)

/** streamer_lambda_fail: tells Lambda why the function cannot start */
void streamer_lambda_fail (StreamerLambda *self, const char *message);

/**
 * streamer_lambda_run:
 * @server: asked for each answer
 *
 * Goes on as long as the runtime interface is there. An event that is lost with a broken connection
 * cannot be answered any more: Lambda starts a function anew that ends.
 *
 * Returns: FALSE
 */
gboolean streamer_lambda_run (StreamerLambda *self, StreamerServer *server, GError **error);

G_END_DECLS
