/* streamer-resume.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-run.h"

G_BEGIN_DECLS

/** `--resume`: goes on with the unfinished uploads that the options name, or with all. */
void streamer_resume (StreamerRun *run);

G_END_DECLS
