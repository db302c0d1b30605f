/* streamer-follow.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-run.h"

G_BEGIN_DECLS

typedef struct _StreamerFollow StreamerFollow;

/**
 * streamer_follow_new:
 * @resumes: whether what is paused or has failed when it joins the queue goes on
 *
 * Follows the transfers in the queue of @run: their states become messages and events, their ends
 * become links in the order of the queue. Before anything is added to it. Owner's thread.
 */
StreamerFollow *streamer_follow_new (StreamerRun *run, gboolean resumes);
void streamer_follow_free (StreamerFollow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerFollow, streamer_follow_free)

/** The run does not end before streamer_follow_release(): more may join the queue. Nests. */
void streamer_follow_hold (StreamerFollow *self);
void streamer_follow_release (StreamerFollow *self);
/** Returns: whether somebody holds */
gboolean streamer_follow_is_held (StreamerFollow *self);

/** Returns: how many have joined the queue */
guint streamer_follow_get_n_files (StreamerFollow *self);

/** Waits until everything is over or the run is given up, and settles what is not over. */
void streamer_follow_wait (StreamerFollow *self);

/** Returns: (transfer container) (element-type StreamerTransfer): all, as in the queue */
GPtrArray *streamer_follow_dup_transfers (StreamerFollow *self);

G_END_DECLS
