/* test-file.c: a private folder with one file of known bytes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-file.h"

#include <glib/gstdio.h>

#include "streamer-checksum.h"

TestFile *
test_file_new (gsize size, guint64 part_size)
{
  TestFile *self = g_new0 (TestFile, 1);
  StreamerLimits limits = { 1, G_MAXUINT64 - 1, G_MAXUINT, G_MAXUINT64 - 1 };
  g_autoptr (GError) error = NULL;
  guint32 state = 2463534242u;

  self->folder = g_dir_make_tmp ("streamer-test-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "data.bin", NULL);
  self->size = size;
  self->bytes = g_malloc (MAX (size, 1));
  for (gsize i = 0; i < size; i++)
    {
      state = state * 1664525u + 1013904223u;
      self->bytes[i] = state >> 24;
    }
  self->crc32 = streamer_crc32_update (0, self->bytes, size);
  g_file_set_contents (self->path, (char *) self->bytes, size, &error);
  g_assert_no_error (error);

  self->source = streamer_file_source_open (self->path, &error);
  g_assert_no_error (error);
  if (part_size == 0)
    part_size = MAX (size, 1);
  streamer_plan_init (&self->plan, size, part_size, &limits, &error);
  g_assert_no_error (error);
  return self;
}

void
test_file_free (TestFile *self)
{
  g_clear_object (&self->source);
  g_unlink (self->path);
  g_rmdir (self->folder);
  g_free (self->path);
  g_free (self->folder);
  g_free (self->bytes);
  g_free (self);
}

StreamerPartStream *
test_file_get_part (TestFile *self, guint number, gsize *sent)
{
  g_autoptr (GError) error = NULL;
  StreamerSlice slice;

  streamer_source_acquire (self->source, &self->plan, number, &slice, NULL, &error);
  g_assert_no_error (error);
  return streamer_part_stream_new (&slice, sent, NULL);
}
