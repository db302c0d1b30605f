/* streamer-s3-store.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-probe.h"
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

/** @limits: the store's own, in place of Amazon's: some are set up to take smaller parts */
StreamerStore *streamer_s3_store_new_with_limits (StreamerS3Client *client,
                                                  const char *storage_class,
                                                  guint link_expires,
                                                  const StreamerLimits *limits);

/**
 * streamer_s3_store_set_memory:
 * @fact: what the store was found to do at another time, or STREAMER_S3_UNKNOWN
 * @remember: (nullable): keeps what it is found to do now; on a worker, with @user_data
 * @destroy: (nullable): of @user_data
 *
 * Whether the store verifies whole objects is found out by trying it, before the first upload in
 * parts. It stays so: an owner who keeps the answer with the connection spares the next one. Once
 * at most, and before the store is used.
 */
void streamer_s3_store_set_memory (StreamerS3Store *self,
                                   StreamerS3Fact fact,
                                   StreamerS3RememberFunc remember,
                                   gpointer user_data,
                                   GDestroyNotify destroy);

G_END_DECLS
