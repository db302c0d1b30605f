/* streamer-abort.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-run.h"

G_BEGIN_DECLS

/** `--abort`: gives up the unfinished uploads that the options name, and tells their stores. */
void streamer_abort (StreamerRun *run);

G_END_DECLS
