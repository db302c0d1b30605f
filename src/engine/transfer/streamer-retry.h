/* streamer-retry.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerFault:
 * @STREAMER_FAULT_TRANSIENT: wait and try again
 * @STREAMER_FAULT_REFRESH: get a fresh presigned URL and try again; costs no attempt, once
 * @STREAMER_FAULT_RECONCILE: ask the store what it has before going on
 * @STREAMER_FAULT_PAUSE: hold the queue until the user has done something (token, certificate)
 * @STREAMER_FAULT_FATAL: this file fails, others go on
 * @STREAMER_FAULT_CANCELLED: not a failure
 *
 * What an error means for the upload.
 */
typedef enum
{
  STREAMER_FAULT_TRANSIENT,
  STREAMER_FAULT_REFRESH,
  STREAMER_FAULT_RECONCILE,
  STREAMER_FAULT_PAUSE,
  STREAMER_FAULT_FATAL,
  STREAMER_FAULT_CANCELLED,
} StreamerFault;

StreamerFault streamer_fault_classify (const GError *error);

/**
 * StreamerRetry:
 *
 * The one retry policy, as a value: full-jitter exponential back-off. How long the *next* attempt
 * waits, and when to stop. Initialise to zeros.
 */
typedef struct
{
  guint attempts;  /* that failed and count */
  guint refreshes; /* since the last success */
  guint checksums; /* that were wrong */
} StreamerRetry;

#define STREAMER_RETRY_MAX_ATTEMPTS  8
#define STREAMER_RETRY_MAX_CHECKSUMS 3

/**
 * streamer_retry_next:
 * @error: why the attempt failed
 * @random: from 0 to below 1: the jitter's draw (g_random_double(), or a test's)
 * @delay_ms: (out): how long to wait; 0 for a refresh
 *
 * Delay: random × min (20 s, base × 2^attempt), base 50 ms, or 1 s where the server is busy; at
 * least what the server asked for, which counts up to 5 min. A refresh after the first one is an
 * attempt like others; a wrong checksum is sent again STREAMER_RETRY_MAX_CHECKSUMS times.
 *
 * Returns: FALSE where the attempt must not be repeated
 */
gboolean
streamer_retry_next (StreamerRetry *self, const GError *error, double random, guint *delay_ms);

G_END_DECLS
