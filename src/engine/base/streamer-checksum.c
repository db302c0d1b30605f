/* streamer-checksum.c: CRC-32 of parts and of what they add up to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-checksum.h"

#define Z_WANT64 1
#include <zlib.h>

guint32
streamer_crc32_update (guint32 crc, const void *data, gsize length)
{
  return crc32_z (crc, data, length);
}

guint32
streamer_crc32_combine (guint32 first, guint32 second, guint64 second_length)
{
  return crc32_combine64 (first, second, (z_off64_t) second_length);
}
