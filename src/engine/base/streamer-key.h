/* streamer-key.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Object keys: at most 1,024 bytes of UTF-8 (Amazon S3 User Guide, "Naming Amazon S3 objects"). */
#define STREAMER_KEY_MAX_BYTES 1024

/**
 * streamer_key_canonicalize:
 * @key: a key as a user, a file system or a request gave it; any bytes
 * @length: bytes in @key, or -1 if it ends with NUL
 *
 * The one rule for keys, in the program and in the server. The result is UTF-8 in NFC, has no
 * leading or trailing slash, and no empty, `.` or `..` segment. `%` is an
 * ordinary character: nothing is ever decoded here. Refused, never repaired: bytes that are not
 * UTF-8, NUL and control characters, `.`, `..` and empty segments inside, more than
 * STREAMER_KEY_MAX_BYTES.
 *
 * Returns: (transfer full): the canonical key, or NULL with STREAMER_ERROR_INVALID
 */
char *streamer_key_canonicalize (const char *key, gssize length, GError **error);

/**
 * streamer_key_join:
 * @prefix: (nullable): the target folder, whose blanks and slashes at both ends do not count; NULL
 *   or nothing else for none
 * @name: the rest: one or more segments
 *
 * Returns: (transfer full): the canonical key `prefix/name`, or NULL with STREAMER_ERROR_INVALID
 */
char *streamer_key_join (const char *prefix, const char *name, GError **error);

/**
 * streamer_key_is_below:
 * @key: a canonical key
 * @prefix: a canonical key, or "" for everything
 *
 * Returns: whether @prefix, in whole segments, begins @key: `team-a` never admits `team-ab/x`
 */
gboolean streamer_key_is_below (const char *key, const char *prefix);

/**
 * streamer_key_to_url:
 * @base: a URL that ends before the key, with or without a slash at its end
 * @key: a canonical key
 *
 * Percent-encodes @key once, keeping its slashes.
 *
 * Returns: (transfer full): the URL
 */
char *streamer_key_to_url (const char *base, const char *key);

/**
 * streamer_key_display_name:
 * @bytes: a file name, any bytes
 *
 * Returns: (transfer full): UTF-8 for the eye: what is not UTF-8, and control characters, as `\xNN`
 */
char *streamer_key_display_name (const char *bytes);

G_END_DECLS
