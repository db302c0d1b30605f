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
 *
 * What libsoup gets to read for one attempt at a part. libsoup closes what it has sent, and a
 * closed stream stays closed; this one leaves the part stream behind it open, so that the next
 * attempt can rewind it.
 */
GInputStream *streamer_body_new (StreamerPartStream *part);

StreamerPartStream *streamer_body_get_part (StreamerBody *self);

G_END_DECLS
