/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-checksum.h"
#include "streamer-error.h"
#include "streamer-part-stream.h"
#include "test-file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static gssize
read_some (StreamerPartStream *stream, void *buffer, gsize n, GError **error)
{
  return g_input_stream_read (G_INPUT_STREAM (stream), buffer, n, NULL, error);
}

/* Reads to the end in pieces of n. */
static void
assert_reads (StreamerPartStream *stream, gsize piece, const guint8 *bytes, gsize length)
{
  g_autofree guint8 *buffer = g_malloc (MAX (piece, 1));
  g_autoptr (GError) error = NULL;
  gsize have = 0;
  gssize n;

  while ((n = read_some (stream, buffer, piece, &error)) > 0)
    {
      g_assert_cmpuint (have + n, <=, length);
      g_assert_cmpmem (buffer, n, bytes + have, n);
      have += n;
      g_assert_cmpuint (streamer_part_stream_get_count (stream), ==, have);
    }
  g_assert_no_error (error);
  g_assert_cmpuint (have, ==, length);
  g_assert_cmphex (streamer_part_stream_get_crc32 (stream), ==,
                   streamer_crc32_update (0, bytes, length));
}

static void
test_each_part_is_its_slice (void)
{
  static const gsize pieces[] = { 1, 7, 4096, STREAMER_IO_SIZE, 3 * STREAMER_IO_SIZE };
  g_autoptr (TestFile) file = test_file_new (10007, 1000);

  g_assert_cmpuint (file->plan.n_parts, ==, 11);
  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    for (guint number = 1; number <= file->plan.n_parts; number++)
      {
        gsize sent = 77;
        g_autoptr (StreamerPartStream) stream = test_file_get_part (file, number, &sent);
        gsize length = number < 11 ? 1000 : 7;

        g_assert_cmpuint (sent, ==, 0);
        g_assert_cmpuint (streamer_part_stream_get_length (stream), ==, length);
        assert_reads (stream, pieces[i], file->bytes + (number - 1) * 1000, length);
        g_assert_cmpuint (sent, ==, length);
      }
}

static void
test_reads_are_bounded_in_size (void)
{
  g_autoptr (TestFile) file = test_file_new (2 * MIB, 0);
  g_autoptr (StreamerPartStream) stream = test_file_get_part (file, 1, NULL);
  g_autofree guint8 *buffer = g_malloc (2 * MIB);

  g_assert_cmpint (read_some (stream, buffer, 2 * MIB, NULL), ==, STREAMER_IO_SIZE);
}

static void
test_rewind_starts_again (void)
{
  g_autoptr (TestFile) file = test_file_new (2 * MIB + 3, 0);
  gsize sent = 0;
  g_autoptr (StreamerPartStream) stream = test_file_get_part (file, 1, &sent);
  guint8 buffer[1000];

  g_assert_cmpint (read_some (stream, buffer, sizeof buffer, NULL), ==, sizeof buffer);
  g_assert_cmpuint (sent, ==, sizeof buffer);
  streamer_part_stream_rewind (stream);
  g_assert_cmpuint (sent, ==, 0);
  g_assert_cmpuint (streamer_part_stream_get_count (stream), ==, 0);
  g_assert_cmphex (streamer_part_stream_get_crc32 (stream), ==, 0);
  assert_reads (stream, STREAMER_IO_SIZE, file->bytes, file->size);
}

static void
test_shorter_file_is_a_change (void)
{
  g_autoptr (TestFile) file = test_file_new (5000, 0);
  g_autoptr (StreamerPartStream) stream = test_file_get_part (file, 1, NULL);
  g_autoptr (GError) error = NULL;
  guint8 buffer[5000];

  g_assert_cmpint (truncate (file->path, 3000), ==, 0);
  g_assert_cmpint (read_some (stream, buffer, sizeof buffer, &error), ==, 3000);
  g_assert_cmpint (read_some (stream, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED);
}

static void
test_grown_file_ends_where_the_slice_ends (void)
{
  g_autoptr (TestFile) file = test_file_new (5000, 0);
  g_autoptr (StreamerPartStream) stream = test_file_get_part (file, 1, NULL);

  g_assert_cmpint (truncate (file->path, 9000), ==, 0);
  assert_reads (stream, 4096, file->bytes, 5000);
}

static void
test_unreadable_descriptor (void)
{
  g_autofree char *folder = g_dir_make_tmp ("streamer-test-XXXXXX", NULL);
  StreamerSlice slice = { open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0, 10, TRUE };
  g_autoptr (StreamerPartStream) stream = streamer_part_stream_new (&slice, NULL, NULL);
  g_autoptr (GError) error = NULL;
  char buffer[10];

  g_assert_cmpint (read_some (stream, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE);
  close (slice.fd);
  g_rmdir (folder);
}

/* Beyond 4 GiB nothing wraps. The file is all hole. */
static void
test_far_offsets (void)
{
  g_autofree char *folder = g_dir_make_tmp ("streamer-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "sparse", NULL);
  StreamerSlice slice = { g_open (path, O_CREAT | O_RDWR | O_CLOEXEC, 0600),
                          (G_GUINT64_CONSTANT (5) << 30) - 3, 6, TRUE };
  g_autoptr (StreamerPartStream) stream = streamer_part_stream_new (&slice, NULL, NULL);

  g_assert_cmpint (pwrite (slice.fd, "abcdef", 6, slice.offset), ==, 6);
  assert_reads (stream, 4, (const guint8 *) "abcdef", 6);
  close (slice.fd);
  g_unlink (path);
  g_rmdir (folder);
}

/* So that a slow limit does not look like a dead connection. */
static void
test_slow_limit_gives_small_pieces (void)
{
  g_autoptr (TestFile) file = test_file_new (MIB, 0);
  g_autoptr (StreamerRateLimit) limit = streamer_rate_limit_new (64 * 1024);
  g_autoptr (StreamerPartStream) stream = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  StreamerSlice slice;
  guint8 buffer[8192];

  g_assert_true (streamer_source_acquire (file->source, &file->plan, 1, &slice, NULL, NULL));
  stream = streamer_part_stream_new (&slice, NULL, limit);
  g_assert_cmpint (read_some (stream, buffer, sizeof buffer, NULL), ==, 4096);

  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (stream), buffer, 1, cancellable, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_md5_where_it_is_wanted (void)
{
  g_autoptr (TestFile) file = test_file_new (MIB + 3, 0);
  g_autoptr (StreamerPartStream) stream = test_file_get_part (file, 1, NULL);
  g_autofree char *expected = g_compute_checksum_for_data (G_CHECKSUM_MD5, file->bytes, file->size);
  guint8 buffer[1000];

  assert_reads (stream, STREAMER_IO_SIZE, file->bytes, file->size);
  g_assert_null (streamer_part_stream_get_md5 (stream));

  streamer_part_stream_want_md5 (stream);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *md5 = NULL;

      /* What an attempt before this one has read does not count. */
      streamer_part_stream_rewind (stream);
      g_assert_cmpint (read_some (stream, buffer, sizeof buffer, NULL), ==, sizeof buffer);
      g_assert_null (streamer_part_stream_get_md5 (stream));
      streamer_part_stream_rewind (stream);
      assert_reads (stream, STREAMER_IO_SIZE, file->bytes, file->size);
      md5 = streamer_part_stream_get_md5 (stream);
      g_assert_cmpstr (md5, ==, expected);
    }
}

static void
test_reading_ahead_counts_nothing (void)
{
  g_autoptr (TestFile) file = test_file_new (3 * STREAMER_IO_SIZE + 5, STREAMER_IO_SIZE + 1);
  gsize sent = 0;

  for (guint number = 1; number <= file->plan.n_parts; number++)
    {
      g_autoptr (StreamerPartStream) stream = test_file_get_part (file, number, &sent);
      gsize length = streamer_part_stream_get_length (stream);
      const guint8 *bytes = file->bytes + (number - 1) * file->plan.part_size;
      g_autofree char *expected = g_compute_checksum_for_data (G_CHECKSUM_MD5, bytes, length);
      g_autofree char *md5 = NULL;
      g_autoptr (GError) error = NULL;
      guint32 crc32 = 1;

      g_assert_true (streamer_part_stream_read_ahead (stream, &crc32, &md5, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmphex (crc32, ==, streamer_crc32_update (0, bytes, length));
      g_assert_cmpstr (md5, ==, expected);
      g_assert_cmpuint (sent, ==, 0);
      assert_reads (stream, STREAMER_IO_SIZE, bytes, length);
      g_assert_cmpuint (sent, ==, length);
    }
}

static void
test_reading_ahead_finds_a_shorter_file (void)
{
  g_autoptr (TestFile) file = test_file_new (5000, 0);
  g_autoptr (StreamerPartStream) stream = test_file_get_part (file, 1, NULL);
  g_autoptr (GError) error = NULL;
  guint32 crc32;

  g_assert_cmpint (truncate (file->path, 4999), ==, 0);
  g_assert_false (streamer_part_stream_read_ahead (stream, &crc32, NULL, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/part-stream/each-part-is-its-slice", test_each_part_is_its_slice);
  g_test_add_func ("/part-stream/reads-are-bounded-in-size", test_reads_are_bounded_in_size);
  g_test_add_func ("/part-stream/rewind-starts-again", test_rewind_starts_again);
  g_test_add_func ("/part-stream/shorter-file-is-a-change", test_shorter_file_is_a_change);
  g_test_add_func ("/part-stream/grown-file-ends-where-the-slice-ends",
                   test_grown_file_ends_where_the_slice_ends);
  g_test_add_func ("/part-stream/unreadable-descriptor", test_unreadable_descriptor);
  g_test_add_func ("/part-stream/far-offsets", test_far_offsets);
  g_test_add_func ("/part-stream/slow-limit-gives-small-pieces",
                   test_slow_limit_gives_small_pieces);
  g_test_add_func ("/part-stream/md5-where-it-is-wanted", test_md5_where_it_is_wanted);
  g_test_add_func ("/part-stream/reading-ahead-counts-nothing", test_reading_ahead_counts_nothing);
  g_test_add_func ("/part-stream/reading-ahead-finds-a-shorter-file",
                   test_reading_ahead_finds_a_shorter_file);
  return g_test_run ();
}
