/* streamer-reply.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/** Returns: (transfer full): a fresh name for a request */
char *streamer_reply_new_request_id (void);

/** Sets the error for who asks too often: 429. @retry_after: seconds */
void streamer_reply_set_limited (GError **error, guint retry_after, const char *message);

/** Returns: the HTTP status, and `status_code`, for @error */
guint streamer_reply_get_status (const GError *error);

/** Returns: (transfer none): `error.code` for @error, one word */
const char *streamer_reply_get_code (const GError *error);

/** Returns: (transfer full): the member `error` for @error */
JsonNode *streamer_reply_describe (const GError *error);

/**
 * streamer_reply_done:
 * @status: (transfer full): the answer
 *
 * Returns: (transfer full): the envelope, as text
 */
char *streamer_reply_done (JsonNode *status, const char *request_id);

/** Returns: (transfer full): the envelope that says what went wrong, as text */
char *streamer_reply_failed (const GError *error, const char *request_id);

/** Returns: (transfer full): the envelope of version 1, as text */
char *streamer_reply_text (const char *status, guint status_code, const char *request_id);

G_END_DECLS
