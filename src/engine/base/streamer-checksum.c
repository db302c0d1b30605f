/* streamer-checksum.c: CRC-32 of parts and of what they add up to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-config.h"
#include "streamer-checksum.h"

#define Z_WANT64 1
#include <zlib.h>
#ifdef STREAMER_HAVE_ISAL
#include <isa-l/crc.h>
#endif

guint32
streamer_crc32_update (guint32 crc, const void *data, gsize length)
{
#ifdef STREAMER_HAVE_ISAL
  /* Several times faster than zlib's, which counts at the speed of a local network. It does not
   * write through the pointer, whatever its declaration says. */
  return crc32_gzip_refl (crc, (unsigned char *) data, length);
#else
  return crc32_z (crc, data, length);
#endif
}

guint32
streamer_crc32_combine (guint32 first, guint32 second, guint64 second_length)
{
  return crc32_combine64 (first, second, (z_off64_t) second_length);
}
