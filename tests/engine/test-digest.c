/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-digest.h"

#include <glib/gstdio.h>

#include "streamer-error.h"
#include "test-file.h"

static void
test_whole_file_has_its_checksums (void)
{
  static const gsize sizes[] = { 0, 1, 4096, 3 * STREAMER_IO_SIZE + 17 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (TestFile) file = test_file_new (sizes[i], 0);
      g_autofree char *sha256 =
          g_compute_checksum_for_data (G_CHECKSUM_SHA256, file->bytes, file->size);
      g_auto (StreamerDigest) digest = { 0 };
      g_auto (StreamerDigest) quick = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (streamer_digest_read (&digest, file->source, TRUE, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (digest.size, ==, sizes[i]);
      g_assert_cmphex (digest.crc32, ==, file->crc32);
      g_assert_cmpstr (digest.sha256, ==, sha256);

      g_assert_true (streamer_digest_read (&quick, file->source, FALSE, NULL, &error));
      g_assert_cmphex (quick.crc32, ==, file->crc32);
      g_assert_null (quick.sha256);
    }
}

static void
test_file_that_changed_has_none (void)
{
  g_autoptr (TestFile) file = test_file_new (5000, 0);
  g_auto (StreamerDigest) digest = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (file->path, "other", -1, NULL));
  g_assert_false (streamer_digest_read (&digest, file->source, TRUE, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED);
  g_assert_null (digest.sha256);
}

static void
test_reading_can_be_cancelled (void)
{
  g_autoptr (TestFile) file = test_file_new (5000, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (StreamerDigest) digest = { 0 };
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (streamer_digest_read (&digest, file->source, TRUE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/digest/whole-file-has-its-checksums", test_whole_file_has_its_checksums);
  g_test_add_func ("/digest/file-that-changed-has-none", test_file_that_changed_has_none);
  g_test_add_func ("/digest/reading-can-be-cancelled", test_reading_can_be_cancelled);
  return g_test_run ();
}
