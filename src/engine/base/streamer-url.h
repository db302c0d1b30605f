/* streamer-url.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define STREAMER_URL_MAX_BYTES 16384

/**
 * streamer_url_is_usable:
 * @url: from a setting or an answer
 *
 * Returns: whether it is an absolute http or https URL with a host that can be one, and without a
 *   user, a password, blanks and control characters
 */
gboolean streamer_url_is_usable (const char *url);

G_END_DECLS
