/* streamer-s3-client-private.h: between the parts of the S3 client
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-address.h"
#include "streamer-s3-client.h"

G_BEGIN_DECLS

struct _StreamerS3Client
{
  GObject parent_instance;

  StreamerS3CredentialsProvider *provider; /* (owned) */

  GMutex lock;                 /* guards what follows */
  StreamerS3Location location; /* (owned): where answers have led to */
  gint64 clock_offset;         /* seconds: the store's clock is ahead */
};

/**
 * StreamerS3Context:
 *
 * What one attempt goes by, however others change the client meanwhile.
 */
typedef struct
{
  StreamerS3Location location;        /* (owned) */
  StreamerS3Credentials *credentials; /* (owned) */
  StreamerS3Address address;          /* (owned) */
  StreamerSigV4 signer;               /* borrows from the above */
} StreamerS3Context;

void streamer_s3_context_clear (StreamerS3Context *context);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerS3Context, streamer_s3_context_clear)

/** @key: (nullable): NULL for the bucket itself */
gboolean streamer_s3_context_init (StreamerS3Context *context,
                                   StreamerS3Client *client,
                                   const char *key,
                                   GCancellable *cancellable,
                                   GError **error);

G_END_DECLS
