/* streamer-s3-storage.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-storage-config.h"

G_BEGIN_DECLS

/* Name of the metadata that tells of which upload an object came: `x-amz-meta-…` */

/**
 * streamer_s3_storage_kind:
 *
 * A StreamerStorage in a bucket of an S3-compatible store. Clients send parts straight to the store,
 * by URLs presigned for one part each, with its length; the server carries no bytes of files.
 *
 * With a root it remembers uploads, so that a lost answer to begin costs nothing and what was
 * finished stays so; without one, everything that it needs is in the upload ids and in the store.
 * Uploads that nobody ends are removed by the bucket's own rule.
 */
extern const StreamerStorageKind streamer_s3_storage_kind;

G_END_DECLS
