/* streamer-answer-headers.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-http.h"

G_BEGIN_DECLS

/** Returns: seconds since 1970 by the other side's clock, or by ours where it does not say */
gint64 streamer_answer_get_time (const StreamerAnswer *answer);

/** Returns: seconds to wait (`Retry-After`, `x-amz-retry-after`; at most a day), or -1 */
int streamer_answer_get_retry_after (const StreamerAnswer *answer);

/** Returns: (transfer full): the `ETag` as it is, or "" where there is no usable one */
char *streamer_answer_get_etag (const StreamerAnswer *answer);

/** Returns: whether a key of somebody's own was used: then no ETag is the MD5 of what was sent */
gboolean streamer_answer_is_encrypted (const StreamerAnswer *answer);

/** Returns: (nullable) (transfer none): what the other side calls the request */
const char *streamer_answer_get_request_id (const StreamerAnswer *answer);

/** Returns: whether it is a web page, whatever it was asked for */
gboolean streamer_answer_is_web_page (const StreamerAnswer *answer);

/** Returns: whether something on the way has answered in place of the server, and wants a sign-in */
gboolean streamer_answer_is_portal (const StreamerAnswer *answer);

/** Returns: whether @id can be shown and logged: short, printable ASCII */
gboolean streamer_request_id_is_usable (const char *id);

G_END_DECLS
