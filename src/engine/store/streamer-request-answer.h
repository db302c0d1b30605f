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
 * streamer_request_answer_read:
 * @answer: of a backend that speaks the request API, or of whatever answers in its place
 * @missing: what 404 means: STREAMER_ERROR_NOT_FOUND or _NO_UPLOAD
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
                                        const char *const *secrets,
                                        guint n_secrets,
                                        GError **error);

G_END_DECLS
