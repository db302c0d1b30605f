/* streamer-base64url.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Returns: (transfer full): RFC 4648, section 5, without padding */
char *streamer_base64url_encode (gconstpointer bytes, gsize length);

/**
 * streamer_base64url_decode:
 * @text: untrusted
 * @text_length: bytes in @text
 * @length: (out): of what is returned
 *
 * Takes only what streamer_base64url_encode() gives: no other text stands for the same bytes.
 *
 * Returns: (transfer full) (nullable): the bytes, a NUL behind them
 */
guint8 *streamer_base64url_decode (const char *text, gsize text_length, gsize *length);

G_END_DECLS
