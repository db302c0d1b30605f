/* streamer-leftovers.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-run.h"

G_BEGIN_DECLS

/** `--list` with a bucket: prints what it has unfinished, and whose that is. */
void streamer_leftovers_list (StreamerRun *run);

/** `--abort` with a bucket: aborts the uploads whose upload ids the options name. */
void streamer_leftovers_abort (StreamerRun *run);

G_END_DECLS
