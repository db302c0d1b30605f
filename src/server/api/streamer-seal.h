/* streamer-seal.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define STREAMER_SEAL_KEY_BYTES 32

/**
 * StreamerSeal:
 *
 * What the server gives to clients and wants back unchanged: sealed (nobody can read or make it) or
 * signed (anybody can read it, nobody can make it). All uses of one key are kept apart by their
 * purpose. Immutable, any thread.
 */
typedef struct _StreamerSeal StreamerSeal;

/** @key: (array length=STREAMER_SEAL_KEY_BYTES) */
StreamerSeal *streamer_seal_new (const guint8 *key);
void streamer_seal_free (StreamerSeal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerSeal, streamer_seal_free)

/** streamer_seal_random: fills @bytes from the system's source of randomness */
void streamer_seal_random (guint8 *bytes, gsize length);

/**
 * streamer_seal_sign:
 * @purpose: what the signature is for
 * @fields: NULL-terminated: what is signed, each on its own
 *
 * Returns: (transfer full): letters, digits, `-` and `_`
 */
char *streamer_seal_sign (StreamerSeal *self, const char *purpose, const char *const *fields);

/** Compares in constant time. @signature: (nullable) */
gboolean streamer_seal_verify (StreamerSeal *self,
                               const char *purpose,
                               const char *const *fields,
                               const char *signature);

/**
 * streamer_seal_close:
 *
 * The same data gives the same text.
 *
 * Returns: (transfer full): letters, digits, `-` and `_`
 */
char *streamer_seal_close (StreamerSeal *self, const char *purpose, GBytes *data);

/** Returns: (transfer full) (nullable): what was sealed; NULL for what we did not seal */
GBytes *streamer_seal_open (StreamerSeal *self, const char *purpose, const char *text);

G_END_DECLS
