/* test-file.h: a private folder with one file of known bytes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-part-stream.h"

G_BEGIN_DECLS

/**
 * TestFile:
 * @folder: (owned): fresh, removed at the end, when nothing else is in it
 * @path: (owned): `folder/data.bin`
 * @bytes: (owned): what is in it
 * @source: (owned): the file, opened
 * @plan: the whole file as one part, or as many as test_file_new() was told
 */
typedef struct
{
  char *folder;
  char *path;
  guint8 *bytes;
  gsize size;
  guint32 crc32;
  StreamerSource *source;
  StreamerPlan plan;
} TestFile;

/** @part_size: 0 for one part */
TestFile *test_file_new (gsize size, guint64 part_size);
void test_file_free (TestFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestFile, test_file_free)

/** Returns: (transfer full) */
StreamerPartStream *test_file_get_part (TestFile *self, guint number, gsize *sent);

G_END_DECLS
