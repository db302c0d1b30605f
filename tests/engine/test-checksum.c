/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-checksum.h"

#include <zlib.h>

/* The check value that every description of CRC-32/ISO-HDLC gives. */
static void
test_known_value (void)
{
  g_assert_cmphex (streamer_crc32_update (0, "123456789", 9), ==, 0xcbf43926);
  g_assert_cmphex (streamer_crc32_update (0, NULL, 0), ==, 0);
}

static void
test_parts_combine_to_the_whole (void)
{
  const char *text = "It takes over where the last part ended.";
  gsize length = strlen (text);
  guint32 whole = streamer_crc32_update (0, text, length);

  for (gsize cut = 0; cut <= length; cut++)
    {
      guint32 first = streamer_crc32_update (0, text, cut);
      guint32 second = streamer_crc32_update (0, text + cut, length - cut);

      g_assert_cmphex (streamer_crc32_combine (first, second, length - cut), ==, whole);
      g_assert_cmphex (streamer_crc32_update (first, text + cut, length - cut), ==, whole);
    }
}

/* 5 GiB of zeros after 5 GiB of zeros: lengths beyond 32 bits must not be cut. */
static void
test_long_parts_combine (void)
{
  guint64 gib = G_GUINT64_CONSTANT (1) << 30;
  g_autofree char *zeros = g_malloc0 (1 << 20);
  guint32 mib = streamer_crc32_update (0, zeros, 1 << 20);
  guint32 crc = mib;
  guint64 length = 1 << 20;

  for (; length < 4 * gib; length *= 2)
    crc = streamer_crc32_combine (crc, crc, length);
  g_assert_cmphex (streamer_crc32_combine (mib, crc, length), ==,
                   streamer_crc32_combine (crc, mib, 1 << 20));
}

/* Whichever library computes it, by any of the ways that it has for long, short and odd ones. */
static void
test_all_lengths_agree_with_zlib (void)
{
  guint8 bytes[4096];

  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (i * 167 + (i >> 8));
  for (gsize length = 0; length <= sizeof bytes; length += length < 300 ? 1 : 61)
    {
      gsize offset = (sizeof bytes - length) % 17;

      g_assert_cmphex (streamer_crc32_update (0x1234, bytes + offset, length), ==,
                       crc32_z (0x1234, bytes + offset, length));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checksum/known-value", test_known_value);
  g_test_add_func ("/checksum/parts-combine-to-the-whole", test_parts_combine_to_the_whole);
  g_test_add_func ("/checksum/long-parts-combine", test_long_parts_combine);
  g_test_add_func ("/checksum/all-lengths-agree-with-zlib", test_all_lengths_agree_with_zlib);
  return g_test_run ();
}
