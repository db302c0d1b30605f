/* streamer-request-answer.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-error.h"
#include "streamer-http.h"

G_BEGIN_DECLS

/**
 * StreamerRequestVersion:
 * @STREAMER_REQUEST_VERSION_UNKNOWN: it does not tell
 * @STREAMER_REQUEST_VERSION_1: only a backend of version 1 answers so
 * @STREAMER_REQUEST_VERSION_2: version 2 or newer
 * @STREAMER_REQUEST_VERSION_CRASHED: a gateway says that the backend fell over, as one of version 1
 *   may at a question that it does not know, and any other at any time
 *
 * What the answer to `capabilities` says of the backend.
 */
typedef enum
{
  STREAMER_REQUEST_VERSION_UNKNOWN,
  STREAMER_REQUEST_VERSION_1,
  STREAMER_REQUEST_VERSION_2,
  STREAMER_REQUEST_VERSION_CRASHED,
} StreamerRequestVersion;

StreamerRequestVersion streamer_request_answer_get_version (const StreamerAnswer *answer);

/**
 * StreamerRequestMeaning:
 * @status_code: not 200
 * @words: (nullable): the backend's
 * @code: (inout): what it means; holds what the number alone means
 *
 * Understands refusals of the backend itself, which are different in each version of the API.
 */
typedef void (*StreamerRequestMeaning) (guint status_code, const char *words, StreamerError *code);

/**
 * streamer_request_answer_read:
 * @answer: of a backend that speaks the request API, or of whatever answers in its place
 * @missing: what 404 means: STREAMER_ERROR_NOT_FOUND or _NO_UPLOAD
 * @meaning: (nullable): what other refusals mean
 * @secrets: what must not be shown even if the answer repeats it; NULLs are skipped
 * @n_secrets: how many
 *
 * Opens the envelope `{"status", "request_id", "status_code"}`, whose code counts for more than
 * the HTTP status line's, and understands what gateways say in their own form.
 *
 * Returns: (transfer full): `status` where the code is 200; else NULL with the error
 */
JsonNode *streamer_request_answer_read (const StreamerAnswer *answer,
                                        StreamerError missing,
                                        StreamerRequestMeaning meaning,
                                        const char *const *secrets,
                                        guint n_secrets,
                                        GError **error);

G_END_DECLS
