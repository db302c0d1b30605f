/* streamer-s3-staging.h: between the parts of the S3 storage
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-storage-private.h"
#include "streamer-staging-storage.h"

G_BEGIN_DECLS

void streamer_s3_staging_iface_init (StreamerStagingStorageInterface *iface);

/* Makes the table where it is not there. */
gboolean streamer_s3_staging_prepare (StreamerDatabase *database, GError **error);

/* Removes temporary objects that are too old. */
void streamer_s3_staging_sweep (StreamerS3Storage *self);

/* Makes the object of an upload of no bytes. */
gboolean streamer_s3_staging_put_empty (StreamerS3Storage *self,
                                        StreamerHttp *http,
                                        const StreamerStorageUpload *upload,
                                        GError **error);

G_END_DECLS
