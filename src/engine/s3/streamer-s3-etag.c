/* streamer-s3-etag.c: what an ETag says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-etag.h"

#include <string.h>

#include "streamer-store.h"

#define MD5_BYTES 16
#define MD5_HEX   32

static const char *
skip_quote (const char *etag, gsize *length)
{
  *length = strlen (etag);
  if (*length >= 2 && etag[0] == '"' && etag[*length - 1] == '"')
    {
      *length -= 2;
      return etag + 1;
    }
  return etag;
}

static gsize
count_hex (const char *text, gsize length)
{
  gsize n = 0;

  while (n < length && g_ascii_isxdigit (text[n]))
    n++;
  return n;
}

gboolean
streamer_s3_etag_equal (const char *a, const char *b)
{
  gsize a_length, b_length;

  if (a == NULL || b == NULL)
    return a == b;
  a = skip_quote (a, &a_length);
  b = skip_quote (b, &b_length);
  return a_length == b_length && g_ascii_strncasecmp (a, b, a_length) == 0;
}

gboolean
streamer_s3_etag_is_md5 (const char *etag)
{
  gsize length;

  if (etag == NULL)
    return FALSE;
  etag = skip_quote (etag, &length);
  if (length < MD5_HEX || count_hex (etag, length) != MD5_HEX)
    return FALSE;
  if (length == MD5_HEX)
    return TRUE;
  return etag[MD5_HEX] == '-' && length > MD5_HEX + 1 &&
         strspn (etag + MD5_HEX + 1, "0123456789") == length - MD5_HEX - 1;
}

static gboolean
decode_md5 (const char *etag, guint8 *md5)
{
  gsize length;

  etag = skip_quote (etag, &length);
  if (length != MD5_HEX || count_hex (etag, length) != MD5_HEX)
    return FALSE;
  for (guint i = 0; i < MD5_BYTES; i++)
    md5[i] = g_ascii_xdigit_value (etag[2 * i]) << 4 | g_ascii_xdigit_value (etag[2 * i + 1]);
  return TRUE;
}

char *
streamer_s3_etag_of_parts (GArray *parts)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_MD5);

  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);
      guint8 md5[MD5_BYTES];

      if (!decode_md5 (part->etag, md5))
        return NULL;
      g_checksum_update (checksum, md5, sizeof md5);
    }
  return g_strdup_printf ("\"%s-%u\"", g_checksum_get_string (checksum), parts->len);
}
