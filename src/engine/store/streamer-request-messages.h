/* streamer-request-messages.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-store.h"

G_BEGIN_DECLS

/** Returns: (transfer full): the body of a request about @upload: its id */
JsonObject *streamer_request_make_body (StreamerUpload *upload);

/** Returns: (transfer full): the body of `begin` */
JsonObject *streamer_request_make_begin (StreamerUpload *upload);

/**
 * streamer_request_take_begin:
 * @asked_at: monotonic time of the request
 * @server_time: seconds since 1970 by the server's clock
 *
 * Takes the upload id, and the permission to PUT an object of one part. Parts are cut already: a
 * server that answers with another part size means another upload.
 *
 * Returns: FALSE with STREAMER_ERROR_PROTOCOL
 */
gboolean streamer_request_take_begin (StreamerUpload *upload,
                                      JsonObject *object,
                                      gint64 asked_at,
                                      gint64 server_time,
                                      GError **error);

/**
 * streamer_request_make_batch:
 * @size: bytes of part @number; of a pipe's last part only the caller knows
 * @max_urls: that the server gives at a time
 * @sizes: (inout) (element-type uint guint64): takes what is asked for
 *
 * Returns: (transfer full): `parts` of `presign`: this part, and those behind it that have none yet
 */
JsonArray *streamer_request_make_batch (StreamerUpload *upload,
                                        guint number,
                                        guint64 size,
                                        guint max_urls,
                                        GHashTable *sizes);

/** Keeps the presigned URLs with the upload. FALSE with STREAMER_ERROR_PROTOCOL */
gboolean streamer_request_take_batch (StreamerUpload *upload,
                                      JsonArray *answers,
                                      GHashTable *sizes,
                                      gint64 asked_at,
                                      gint64 server_time,
                                      GError **error);

/** Returns: (transfer full) (nullable) (element-type StreamerStoredPart): NULL where it is not so */
GArray *streamer_request_read_parts (StreamerUpload *upload, JsonNode *status);

/**
 * streamer_request_make_finish_parts:
 * @size: (out): bytes of all parts
 *
 * Returns: (transfer full): `parts` of `finish`, as text: 10,000 nodes would take many megabytes
 */
char *streamer_request_make_finish_parts (GArray *parts, guint64 *size);

/**
 * streamer_request_read_object:
 * @sent: bytes of the object
 * @domain: (nullable): where visitors download, if the answer does not say
 *
 * Returns: (transfer full): the object of `finish`; or NULL with STREAMER_ERROR_PROTOCOL, or
 *   STREAMER_ERROR_CHECKSUM where it has not @sent bytes
 */
StreamerStoredObject *streamer_request_read_object (StreamerUpload *upload,
                                                    JsonObject *object,
                                                    guint64 sent,
                                                    const char *domain,
                                                    GError **error);

/**
 * streamer_request_read_stat:
 *
 * Returns: (transfer full): the object of `stat`; or NULL with STREAMER_ERROR_NOT_FOUND, or
 *   STREAMER_ERROR_PROTOCOL
 */
StreamerStoredObject *streamer_request_read_stat (JsonObject *object, GError **error);

/** Returns: (transfer full): the URL of `link`; or NULL with STREAMER_ERROR_PROTOCOL */
char *streamer_request_read_link (JsonObject *object, GError **error);

G_END_DECLS
