/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-s3-etag.h"

#include "streamer-store.h"

#define MD5_OF_A "0cc175b9c0f1b6a831c399e269772661"
#define MD5_OF_B "92eb5ffee6ae2fec3ad71c777531578f"

static GArray *
make_parts (const char *const *etags)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));

  for (guint i = 0; etags[i] != NULL; i++)
    {
      StreamerStoredPart part = { .number = i + 1, .size = 1, .etag = (char *) etags[i] };

      g_array_append_val (parts, part);
    }
  return parts;
}

static void
test_quotes_and_case_do_not_count (void)
{
  g_assert_true (streamer_s3_etag_equal ("\"" MD5_OF_A "\"", MD5_OF_A));
  g_assert_true (streamer_s3_etag_equal ("ABC", "\"abc\""));
  g_assert_false (streamer_s3_etag_equal (MD5_OF_A, MD5_OF_B));
  g_assert_false (streamer_s3_etag_equal (MD5_OF_A, MD5_OF_A "-1"));
  g_assert_false (streamer_s3_etag_equal (NULL, "a"));
  g_assert_true (streamer_s3_etag_equal (NULL, NULL));
}

static void
test_md5_is_told_from_the_rest (void)
{
  g_assert_true (streamer_s3_etag_is_md5 (MD5_OF_A));
  g_assert_true (streamer_s3_etag_is_md5 ("\"" MD5_OF_A "-12\""));
  g_assert_false (streamer_s3_etag_is_md5 ("\"crc32-00000000\""));
  g_assert_false (streamer_s3_etag_is_md5 (MD5_OF_A "-"));
  g_assert_false (streamer_s3_etag_is_md5 (MD5_OF_A "-1x"));
  g_assert_false (streamer_s3_etag_is_md5 (MD5_OF_A "0"));
  g_assert_false (streamer_s3_etag_is_md5 (""));
  g_assert_false (streamer_s3_etag_is_md5 (NULL));
}

/* The expected value: Python's hashlib.md5 (md5 (b"a").digest () + md5 (b"b").digest ()). */
static void
test_parts_make_the_etag_of_the_whole (void)
{
  static const char *const etags[] = { "\"" MD5_OF_A "\"", MD5_OF_B, NULL };
  static const char *const none[] = { MD5_OF_A, "", NULL };
  g_autoptr (GArray) parts = make_parts (etags);
  g_autoptr (GArray) without = make_parts (none);
  g_autofree char *whole = streamer_s3_etag_of_parts (parts);

  g_assert_cmpstr (whole, ==, "\"96e024ba2074fe77e8e965ba43a704be-2\"");
  g_assert_null (streamer_s3_etag_of_parts (without));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/s3-etag/quotes-and-case-do-not-count", test_quotes_and_case_do_not_count);
  g_test_add_func ("/s3-etag/md5-is-told-from-the-rest", test_md5_is_told_from_the_rest);
  g_test_add_func ("/s3-etag/parts-make-the-etag-of-the-whole",
                   test_parts_make_the_etag_of_the_whole);
  return g_test_run ();
}
