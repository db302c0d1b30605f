/* streamer-s3-test.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-place.h"

G_BEGIN_DECLS

/**
 * streamer_s3_test:
 * @place: as the user describes it
 * @connection_id: under which @secrets knows the secret key
 *
 * Finds out whether uploads to a bucket would get through: begins an upload in parts under a random
 * key, and gives it up at once, so that nothing is left. A region or a clock that is wrong is no
 * failure, since uploads find out, too; it is told. One attempt, so that the answer comes soon.
 * Worker thread. What has begun is ended also where @cancellable is cancelled meanwhile.
 *
 * Returns: (transfer full): that it works, and what the user should know although it does, in whole
 *   sentences; or NULL with an error whose message says what is wrong and, in a line of its own,
 *   what to do about it
 */
char *streamer_s3_test (const StreamerS3Place *place,
                        const char *connection_id,
                        StreamerSecrets *secrets,
                        StreamerHttp *http,
                        GCancellable *cancellable,
                        GError **error);

G_END_DECLS
