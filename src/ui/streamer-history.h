/* streamer-history.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-queue.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_HISTORY (streamer_history_get_type ())
G_DECLARE_FINAL_TYPE (StreamerHistory, streamer_history, STREAMER, HISTORY, GObject)

/**
 * StreamerHistory:
 *
 * What survives the program: opens the journal, without holding up the main loop, gives it to the
 * queue, and brings back what earlier runs have left in it. What is given up is aborted at its
 * stores, at the start and every hour.
 *
 * Properties, read-only: `ready` (boolean: the queue may be given files; also where there is no
 * journal), `problem` (string, nullable: a sentence on why transfers are not kept just now),
 * `set-aside` (string, nullable: a sentence on a damaged journal that was replaced).
 */

/**
 * streamer_history_new:
 * @queue: empty
 * @folder: (nullable) (type filename): where the journal is; NULL for the user's
 * @connect: opens the connections of transfers that come back
 */
StreamerHistory *streamer_history_new (StreamerQueue *queue,
                                       const char *folder,
                                       StreamerConnect connect,
                                       gpointer user_data,
                                       GDestroyNotify destroy);
gboolean streamer_history_is_ready (StreamerHistory *self);
/** Returns: (transfer none) (nullable) */
const char *streamer_history_get_problem (StreamerHistory *self);
/** Returns: (transfer none) (nullable) */
const char *streamer_history_get_set_aside (StreamerHistory *self);
/** Somebody has read it. */
void streamer_history_forget_set_aside (StreamerHistory *self);
/** The program ends: nothing more is brought back. */
void streamer_history_stop (StreamerHistory *self);

G_END_DECLS
