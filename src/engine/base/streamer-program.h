/* streamer-program.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * streamer_program_find:
 * @name: `s3streamer-server` or `s3streamer-window`
 *
 * The program's parts find each other: beside the running executable (a build folder), else in
 * the folder where they are installed.
 *
 * Returns: (transfer full) (type filename): an absolute path
 */
char *streamer_program_find (const char *name);

G_END_DECLS
