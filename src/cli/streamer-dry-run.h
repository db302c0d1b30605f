/* streamer-dry-run.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-console.h"
#include "streamer-reporter.h"
#include "streamer-setup.h"

G_BEGIN_DECLS

/**
 * streamer_dry_run:
 *
 * `--dry-run`: says what would be uploaded or removed. Contacts nothing, and writes nothing but
 * its words. Returns: the exit status
 */
int streamer_dry_run (const StreamerOptions *options,
                      StreamerSetup *setup,
                      StreamerConsole *console,
                      StreamerReporter *reporter);

G_END_DECLS
