/* streamer-fat-splice.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * streamer_fat_splice_install:
 *
 * Lets a StreamerBody be spliced into filter output streams in pieces of STREAMER_IO_SIZE. Before
 * the process sends its first request. Any thread, any number of times.
 */
void streamer_fat_splice_install (void);

G_END_DECLS
