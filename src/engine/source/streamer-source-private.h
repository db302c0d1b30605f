/* streamer-source-private.h: for the kinds of StreamerSource
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-source.h"

G_BEGIN_DECLS

/* Bytes at the start of a source that are looked at for its content type. */
#define STREAMER_SOURCE_HEAD_BYTES 4096

/* Both from any thread. */
void streamer_source_set_size (StreamerSource *self, guint64 size);
void streamer_source_guess_content_type (StreamerSource *self,
                                         const char *name,
                                         const void *head,
                                         gsize head_length);

G_END_DECLS
