/* streamer-digest.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-source.h"

G_BEGIN_DECLS

/**
 * StreamerDigest:
 * @size: bytes
 * @crc32: of all of them
 * @sha256: (owned) (nullable): in hex
 */
typedef struct
{
  guint64 size;
  guint32 crc32;
  char *sha256;
} StreamerDigest;

void streamer_digest_clear (StreamerDigest *digest);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerDigest, streamer_digest_clear)

/**
 * streamer_digest_read:
 * @source: whose end is known
 * @wants_sha256: which takes several times as long as CRC-32 alone
 *
 * Reads @source from its first byte to its last. Worker thread.
 *
 * Returns: FALSE with STREAMER_ERROR_UNREADABLE, _CHANGED (also while it was being read) or
 *   G_IO_ERROR_CANCELLED
 */
gboolean streamer_digest_read (StreamerDigest *digest,
                               StreamerSource *source,
                               gboolean wants_sha256,
                               GCancellable *cancellable,
                               GError **error);

/**
 * streamer_digest_read_part:
 * @number: from 1
 *
 * The same for the bytes of one part, without SHA-256.
 */
gboolean streamer_digest_read_part (StreamerDigest *digest,
                                    StreamerSource *source,
                                    const StreamerPlan *plan,
                                    guint number,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
