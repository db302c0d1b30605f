/* streamer-progress.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-console.h"
#include "streamer-transfer.h"

G_BEGIN_DECLS

/**
 * streamer_progress_draw:
 * @total: of the whole run
 * @active: (element-type StreamerTransfer): those that are under way, in their order
 *
 * Draws the progress display, where @console can show one. Owner's thread.
 */
void streamer_progress_draw (StreamerConsole *console,
                             const StreamerProgressTotal *total,
                             GPtrArray *active);

G_END_DECLS
