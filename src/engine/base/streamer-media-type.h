/* streamer-media-type.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Returns: whether @text is a content type, as `text/html; charset=utf-8` is one (RFC 9110) */
gboolean streamer_media_type_is_valid (const char *text);

G_END_DECLS
