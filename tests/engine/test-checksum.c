/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-checksum.h"

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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checksum/known-value", test_known_value);
  g_test_add_func ("/checksum/parts-combine-to-the-whole", test_parts_combine_to_the_whole);
  g_test_add_func ("/checksum/long-parts-combine", test_long_parts_combine);
  return g_test_run ();
}
