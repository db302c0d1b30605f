/* streamer-upload.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-run.h"

G_BEGIN_DECLS

/** `--upload`: puts what the options name into the run's queue and sees it through. */
void streamer_upload (StreamerRun *run);

G_END_DECLS
