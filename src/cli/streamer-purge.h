/* streamer-purge.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-run.h"

G_BEGIN_DECLS

/** `--purge`: removes the objects whose keys the options name, below `--path`. */
void streamer_purge (StreamerRun *run);

G_END_DECLS
