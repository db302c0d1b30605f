/* streamer-s3-probe.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-client.h"

G_BEGIN_DECLS

/* What is asked about, below the prefix. Nothing is left there. */
#define STREAMER_S3_PROBE_KEY ".s3streamer-probe"

typedef enum
{
  STREAMER_S3_UNKNOWN,
  STREAMER_S3_NO,
  STREAMER_S3_YES,
} StreamerS3Fact;

/**
 * StreamerS3RememberFunc:
 * @fact: STREAMER_S3_NO or STREAMER_S3_YES
 *
 * Keeps what the store was led to say, so that it is not asked again after a restart. Called once,
 * on the worker that has asked.
 */
typedef void (*StreamerS3RememberFunc) (StreamerS3Fact fact, gpointer user_data);

/**
 * StreamerS3Probe:
 * @remember: (nullable): called with @user_data
 * @asking: held by the worker that asks
 * @asked: monotonic time, 0 for never; guarded by @asking
 * @fact: (atomic): StreamerS3Fact: whether the store verifies the CRC-32 of whole objects
 *
 * What streamer_s3_client_probe_crc32() finds out, found out once for all workers: one of them asks,
 * and the others go on without meanwhile. Any thread, but for init and clear.
 */
typedef struct
{
  StreamerS3RememberFunc remember;
  gpointer user_data;
  GMutex asking;
  gint64 asked;
  int fact;
} StreamerS3Probe;

void streamer_s3_probe_init (StreamerS3Probe *self);
void streamer_s3_probe_clear (StreamerS3Probe *self);

/** What is known from earlier. Not while another thread may use @self. */
void streamer_s3_probe_set_memory (StreamerS3Probe *self,
                                   StreamerS3Fact fact,
                                   StreamerS3RememberFunc remember,
                                   gpointer user_data);

/**
 * streamer_s3_probe_find_out:
 *
 * Asks the store, where nothing is known and nobody else is asking. What could not be found out is
 * asked for again an hour later at the earliest.
 *
 * Returns: FALSE where it could not be found out just now: then it counts as no
 */
gboolean streamer_s3_probe_find_out (StreamerS3Probe *self,
                                     StreamerS3Client *client,
                                     StreamerHttp *http,
                                     GCancellable *cancellable,
                                     GError **error);

/** Returns: whether the store is known to verify whole objects */
gboolean streamer_s3_probe_is_yes (StreamerS3Probe *self);

G_END_DECLS
