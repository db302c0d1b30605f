/* streamer-verify-command.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-run.h"

G_BEGIN_DECLS

/** `--verify`: compares the files that the options name, and their objects, with their receipts. */
void streamer_verify_command (StreamerRun *run);

G_END_DECLS
