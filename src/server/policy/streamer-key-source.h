/* streamer-key-source.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-jwk-set.h"
#include "streamer-throttle.h"

G_BEGIN_DECLS

/**
 * StreamerKeySource:
 *
 * Where the keys of an identity provider come from: a file, read again when it has changed; or an
 * address, asked when a key is not known, but not more often than once a minute, whatever is asked
 * for. Keys that are known go on while the address cannot be reached, for a day. Reference counted.
 * Any thread.
 */
typedef struct _StreamerKeySource StreamerKeySource;

/** @path: (type filename) */
StreamerKeySource *streamer_key_source_new_file (const char *path);

/** @uri: has passed streamer_key_source_check_uri() */
StreamerKeySource *streamer_key_source_new_uri (const char *uri, StreamerThrottleClock clock);
StreamerKeySource *streamer_key_source_ref (StreamerKeySource *self);
void streamer_key_source_unref (StreamerKeySource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerKeySource, streamer_key_source_unref)

/** Returns: whether the keys of both come from the same place */
gboolean streamer_key_source_is_same (const StreamerKeySource *a, const StreamerKeySource *b);

/** Returns: whether keys that come from there can be trusted: https, or from this computer */
gboolean streamer_key_source_check_uri (const char *uri);

/**
 * streamer_key_source_get:
 * @kid: (nullable), @algorithm: of the key that is wanted
 *
 * Errors: STREAMER_ERROR_BUSY where keys cannot be had at the moment; _FAILED for a file that is
 *   not in order
 *
 * Returns: (transfer full): the keys as they are known, which may be without the one that is wanted
 */
StreamerJwkSet *streamer_key_source_get (StreamerKeySource *self,
                                         const char *kid,
                                         StreamerJwtAlgorithm algorithm,
                                         GError **error);

G_END_DECLS
