/* streamer-hex.c: bytes as digits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-hex.h"

char *
streamer_hex_encode (const guint8 *bytes, gsize length)
{
  static const char digits[] = "0123456789abcdef";
  char *hex = g_malloc (2 * length + 1);

  for (gsize i = 0; i < length; i++)
    {
      hex[2 * i] = digits[bytes[i] >> 4];
      hex[2 * i + 1] = digits[bytes[i] & 15];
    }
  hex[2 * length] = '\0';
  return hex;
}
