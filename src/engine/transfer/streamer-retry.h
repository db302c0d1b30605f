/* streamer-retry.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-clock.h"

G_BEGIN_DECLS

/**
 * StreamerFault:
 * @STREAMER_FAULT_TRANSIENT: wait and try again
 * @STREAMER_FAULT_REFRESH: get a fresh presigned URL and try again; costs no attempt, once
 * @STREAMER_FAULT_RECONCILE: ask the store what it has before going on
 * @STREAMER_FAULT_PAUSE: hold the queue until the user has given a token or keys
 * @STREAMER_FAULT_HOLD: hold the queue until somebody has seen to what is in the way (a sign-in to
 *   the network, a certificate, a full disk)
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
  STREAMER_FAULT_HOLD,
  STREAMER_FAULT_FATAL,
  STREAMER_FAULT_CANCELLED,
} StreamerFault;

StreamerFault streamer_fault_classify (const GError *error);

#define STREAMER_RETRY_MAX_CHECKSUMS 3
#define STREAMER_RETRY_MAX_REFRESHES 4

/* A patience that never ends. */
#define STREAMER_PATIENCE_FOREVER G_MAXINT64

#define STREAMER_TYPE_RETRY (streamer_retry_get_type ())
G_DECLARE_FINAL_TYPE (StreamerRetry, streamer_retry, STREAMER, RETRY, GObject)

/**
 * StreamerRetry:
 *
 * The one retry policy, shared by all calls of a queue: whether an attempt is repeated, and how
 * long it waits.
 *
 * A wait is a random part of min (20 s, base × 2^attempt), base 50 ms, or 1 s where the server is
 * busy; at least what the server asked for, which counts up to 5 min. Repeating costs tokens out of
 * one bucket (as the AWS SDKs' standard mode has it: 500 in all, 5 for a repetition, 10 after a
 * timeout, given back by success); an empty bucket fails nothing, it makes each wait 20 s.
 *
 * A journal that cannot be written is tried again after 1 s, 2 s … up to 30 s, whether somebody is
 * there to see to it or not: nobody can tell a moment from a broken disk. It costs no tokens.
 *
 * It goes on as long as its patience lasts, counted from when the server, not the single call, was
 * last well. While the computer is offline, attempts are rare and cost nothing, and the first
 * change of the network ends all waits: so does `wake`, the signal. After a sleep of the computer,
 * and when it is online again, attempts that were made before have no way to their end: the signal
 * `interrupt` has them made again, at once and at no cost.
 *
 * Property `workers` (uint, read-only): how many requests are made at the same time just now, see
 * StreamerPace. Owner's thread.
 */
StreamerRetry *streamer_retry_new (StreamerClock *clock);

/** Returns: (transfer none) */
StreamerClock *streamer_retry_get_clock (StreamerRetry *self);

/** @patience: µs; STREAMER_PATIENCE_FOREVER, which it is at first; 0 for never again */
void streamer_retry_set_patience (StreamerRetry *self, gint64 patience);

/** @holds: whether somebody is there who can see to what STREAMER_FAULT_HOLD needs; not at first */
void streamer_retry_set_holds (StreamerRetry *self, gboolean holds);

/**
 * @monitor: (nullable): tells of the network; none at first. A computer that never was online since
 *   then is not taken for offline: its servers are near.
 */
void streamer_retry_set_network (StreamerRetry *self, GNetworkMonitor *monitor);

/** Returns: from 0 to below 1 */
typedef double (*StreamerRandomFunc) (gpointer user_data);

/** Where the draws come from, which are g_random_double()'s at first. */
void streamer_retry_set_random (StreamerRetry *self, StreamerRandomFunc func, gpointer user_data);

/** @n_workers: what the user allows; 1 at first */
void streamer_retry_set_max_workers (StreamerRetry *self, guint n_workers);
guint streamer_retry_get_workers (StreamerRetry *self);

/** An attempt is under way until streamer_retry_end_attempt(). */
void streamer_retry_begin_attempt (StreamerRetry *self);
void streamer_retry_end_attempt (StreamerRetry *self);

/** Ends all waits that do not follow from what a server said. */
void streamer_retry_wake (StreamerRetry *self);

/**
 * StreamerRetryState:
 *
 * @patience: µs that the call itself may be repeated, however long the policy's patience is; 0 for
 *   no limit of its own
 *
 * What the policy remembers of one call. Initialise to zeros.
 */
typedef struct
{
  gint64 patience;

  gint64 since;    /* monotonic µs of the first failure, or 0 */
  guint attempts;  /* that failed and count */
  guint refreshes; /* since the last success */
  guint checksums; /* that were wrong */
  guint journals;  /* writes that failed */
  gint64 journal_since;
  guint spent; /* tokens, for the last repetition */
} StreamerRetryState;

/**
 * streamer_retry_next:
 * @peer: names the server, for patience
 * @error: why the attempt failed
 * @delay_ms: (out): how long to wait; 0 for a refresh
 *
 * A refresh after the first one is an attempt like others; a wrong checksum is sent again
 * STREAMER_RETRY_MAX_CHECKSUMS times. What is not HTTP at all is trouble on the way where the
 * server was understood before, and the wrong address otherwise.
 *
 * Returns: FALSE where the attempt must not be repeated
 */
gboolean streamer_retry_next (StreamerRetry *self,
                              StreamerRetryState *state,
                              const char *peer,
                              const GError *error,
                              guint *delay_ms);

/** The call came to its end. */
void
streamer_retry_succeeded (StreamerRetry *self, const StreamerRetryState *state, const char *peer);

G_END_DECLS
