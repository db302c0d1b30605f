/* streamer-token-hash.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define STREAMER_TOKEN_HASH_BYTES 32

/**
 * StreamerTokenHash:
 *
 * The SHA-256 of a token or an API key: what the server keeps in its place. It is enough, without
 * salt or stretching, because a token of ours is random and has 256 bits.
 */
typedef struct
{
  guint8 bytes[STREAMER_TOKEN_HASH_BYTES];
} StreamerTokenHash;

/** Returns: (transfer full): a new token: 256 random bits as letters, digits, `-` and `_` */
char *streamer_token_new (void);

void streamer_token_hash_compute (const char *token, StreamerTokenHash *hash);

/** @text: 64 hex digits. Returns: FALSE where it is anything else */
gboolean streamer_token_hash_parse (const char *text, StreamerTokenHash *hash);

/** Returns: (transfer full): 64 hex digits */
char *streamer_token_hash_to_string (const StreamerTokenHash *hash);

/** Compares in constant time. */
gboolean streamer_token_hash_equal (const StreamerTokenHash *a, const StreamerTokenHash *b);

G_END_DECLS
