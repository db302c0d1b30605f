/* streamer-body.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-part-stream.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_BODY (streamer_body_get_type ())
G_DECLARE_FINAL_TYPE (StreamerBody, streamer_body, STREAMER, BODY, GFilterInputStream)

/**
 * StreamerBody:
 * @head: (nullable): bytes before the part
 * @tail: (nullable): bytes behind it
 *
 * What libsoup gets to read for one attempt at a part. libsoup closes what it has sent, and a
 * closed stream stays closed; this one leaves the part stream behind it open, so that the next
 * attempt can rewind it.
 */
GInputStream *streamer_body_new (StreamerPartStream *part, GBytes *head, GBytes *tail);

/** Returns: bytes in all, those before and behind the part included */
guint64 streamer_body_get_length (StreamerBody *self);

G_END_DECLS
