/* streamer-headless.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * streamer_headless:
 * @argv: of the program
 *
 * The command line: needs no display and no session bus. Returns: the exit status
 */
int streamer_headless (const char *const *argv);

G_END_DECLS
