/* streamer-connection-record.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-connection.h"

G_BEGIN_DECLS

/**
 * streamer_connection_to_record:
 *
 * What has to be written down of a connection so that an upload to it can go on in another run of
 * the program, also where the connection is not saved or has been removed meanwhile. Owner's thread.
 *
 * Returns: (transfer full): JSON on one line, without secrets
 */
char *streamer_connection_to_record (StreamerConnection *self);

/** Returns: (transfer full): the id of the connection; or NULL with STREAMER_ERROR_INVALID */
char *streamer_connection_record_get_id (const char *record, GError **error);

/**
 * streamer_connection_new_from_record:
 * @record: what streamer_connection_to_record() gave; not trusted
 *
 * Returns: (transfer full): the connection as it was; or NULL with STREAMER_ERROR_INVALID
 */
StreamerConnection *
streamer_connection_new_from_record (const char *record, StreamerSecrets *secrets, GError **error);

G_END_DECLS
