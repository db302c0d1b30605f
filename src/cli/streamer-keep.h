/* streamer-keep.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-follow.h"

G_BEGIN_DECLS

/**
 * streamer_keep_or_let_go:
 * @transfer: that is over
 *
 * Lets the store go of what a transfer that failed has left there, unless it will be kept.
 */
void streamer_keep_or_let_go (StreamerRun *run, StreamerTransfer *transfer);

/**
 * streamer_keep:
 *
 * At the end of a run: takes out of the journal what nobody can go on with, and says by which
 * command the rest goes on.
 */
void streamer_keep (StreamerRun *run, StreamerFollow *follow);

/** Where a run was interrupted that keeps nothing: says by which command the rest is done. */
void streamer_keep_tell_again (StreamerRun *run);

G_END_DECLS
