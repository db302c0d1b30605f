/* streamer-s3-store.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-client.h"
#include "streamer-store.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_S3_STORE (streamer_s3_store_get_type ())
G_DECLARE_FINAL_TYPE (StreamerS3Store, streamer_s3_store, STREAMER, S3_STORE, GObject)

/**
 * streamer_s3_store_new:
 * @storage_class: (nullable): of new objects
 * @link_expires: seconds that a link to an object works
 *
 * A StreamerStore that speaks the S3 REST API with the user's own keys. An object of one part is
 * put whole, and is visible from then on; one of several parts when it is finished. Where nothing
 * must be replaced the key is looked at before, and the store is asked to refuse a taken key, which
 * older stores ignore.
 */
StreamerStore *
streamer_s3_store_new (StreamerS3Client *client, const char *storage_class, guint link_expires);

G_END_DECLS
