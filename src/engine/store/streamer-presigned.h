/* streamer-presigned.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * StreamerPresigned:
 * @url: (owned): where the bytes go; secret
 * @headers: (owned): name, value, …, NULL: sent exactly so
 * @size: bytes that it was signed for
 * @asked_at: monotonic time at which it was asked for
 * @good_till: monotonic time
 *
 * Permission to PUT one part. Atomically reference counted, and does not change.
 */
typedef struct
{
  char *url;
  char **headers;
  guint64 size;
  gint64 asked_at;
  gint64 good_till;
} StreamerPresigned;

/**
 * streamer_presigned_parse:
 * @object: `{"method", "url", "headers", "expires"?}` from an answer
 * @size: bytes that were asked for
 * @asked_at: monotonic time of the request
 * @server_time: seconds since 1970 by the server's clock, when it answered
 *
 * Refuses what could send the bytes elsewhere or say more than the part: other methods and
 * schemes, and headers that are not the signer's business.
 *
 * Returns: (transfer full): or NULL with STREAMER_ERROR_PROTOCOL
 */
StreamerPresigned *streamer_presigned_parse (JsonObject *object,
                                             guint64 size,
                                             gint64 asked_at,
                                             gint64 server_time,
                                             GError **error);
StreamerPresigned *streamer_presigned_ref (StreamerPresigned *presigned);
void streamer_presigned_unref (StreamerPresigned *presigned);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerPresigned, streamer_presigned_unref)

/** Returns: whether it may still be used, for a part of @size bytes */
gboolean streamer_presigned_is_good (const StreamerPresigned *presigned, guint64 size);

G_END_DECLS
