/* streamer-checksum.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* CRC-32 as zlib, gzip and S3's `x-amz-checksum-crc32` compute it. Start with 0. */
guint32 streamer_crc32_update (guint32 crc, const void *data, gsize length);

/**
 * streamer_crc32_combine:
 * @first: of the bytes before
 * @second: of the @second_length bytes that follow
 *
 * Returns: the CRC-32 of both in a row
 */
guint32 streamer_crc32_combine (guint32 first, guint32 second, guint64 second_length);

G_END_DECLS
