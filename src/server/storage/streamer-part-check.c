/* streamer-part-check.c: whether the parts that are there make the object
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-part-check.h"

#include <string.h>

#include "streamer-error.h"

static gboolean
fail (GError **error, const char *message, guint number)
{
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM, "%s (part %u)", message, number);
  return FALSE;
}

static void
strip_quotes (const char *etag, const char **begin, gsize *length)
{
  *begin = etag;
  *length = strlen (etag);
  if (*length >= 2 && etag[0] == '"' && etag[*length - 1] == '"')
    {
      *begin += 1;
      *length -= 2;
    }
}

gboolean
streamer_etags_equal (const char *first, const char *second)
{
  const char *a, *b;
  gsize a_length, b_length;

  strip_quotes (first, &a, &a_length);
  strip_quotes (second, &b, &b_length);
  return a_length == b_length && memcmp (a, b, a_length) == 0;
}

/* What the client thinks it has sent is what is there. */
static gboolean
check_expected (GArray *parts, GArray *expected, GError **error)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoragePart *part = &g_array_index (parts, StreamerStoragePart, i);
      const StreamerStoragePart *wanted;

      if (i >= expected->len)
        return fail (error, "A part is there that was not named", part->number);
      wanted = &g_array_index (expected, StreamerStoragePart, i);
      if (wanted->number != part->number ||
          (*wanted->etag && *part->etag && !streamer_etags_equal (wanted->etag, part->etag)))
        return fail (error, "A part is missing, or another one than was named", wanted->number);
    }
  if (expected->len > parts->len)
    return fail (error, "A part is missing",
                 g_array_index (expected, StreamerStoragePart, parts->len).number);
  return TRUE;
}

gboolean
streamer_part_check (const StreamerStorageUpload *upload,
                     GArray *parts,
                     GArray *expected,
                     guint64 *total,
                     GError **error)
{
  gboolean is_known = upload->size != STREAMER_SIZE_UNKNOWN;

  if (expected && !check_expected (parts, expected, error))
    return FALSE;
  *total = 0;
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoragePart *part = &g_array_index (parts, StreamerStoragePart, i);

      if (part->number != i + 1)
        return fail (error, "A part is missing", i + 1);
      if (upload->part_size != 0 && i + 1 < parts->len && part->size != upload->part_size)
        return fail (error, "A part is too short", i + 1);
      *total += part->size;
    }
  /* Of nothing, version 1 of the request API sends no part. */
  if (parts->len == 0 && !(upload->part_size == 0 && upload->size == 0))
    return fail (error, "A part is missing", 1);
  if (is_known && *total != upload->size)
    return fail (error, "A part is missing", parts->len + 1);
  return TRUE;
}
