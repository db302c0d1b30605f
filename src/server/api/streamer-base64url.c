/* streamer-base64url.c: bytes as text that goes into URLs and headers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-base64url.h"

#include <string.h>

char *
streamer_base64url_encode (gconstpointer bytes, gsize length)
{
  char *text = g_base64_encode (bytes, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

static int
value_of (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

guint8 *
streamer_base64url_decode (const char *text, gsize text_length, gsize *length)
{
  g_autofree guint8 *bytes = g_malloc (text_length / 4 * 3 + 3);
  guint32 bits = 0;
  guint n_bits = 0;

  *length = 0;
  if (text_length % 4 == 1)
    return NULL;
  for (gsize i = 0; i < text_length; i++)
    {
      int value = value_of (text[i]);

      if (value < 0)
        return NULL;
      bits = (bits << 6 | value) & 0xffff;
      n_bits += 6;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          bytes[(*length)++] = bits >> n_bits;
        }
    }
  /* Bits that stand for nothing have to be zero. */
  if (bits & ((1u << n_bits) - 1))
    return NULL;
  bytes[*length] = 0;
  return g_steal_pointer (&bytes);
}
