/* streamer-scan.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define STREAMER_SCAN_MAX_DEPTH 64

/**
 * StreamerScanned:
 * @path: (owned) (type filename)
 * @name: (owned) (type filename): path below the folder that was asked for, beginning with that
 *   folder's own name; the base name for a single file
 * @size: bytes
 * @error: (owned) (nullable): why it cannot be uploaded
 */
typedef struct
{
  char *path;
  char *name;
  guint64 size;
  GError *error;
} StreamerScanned;

void streamer_scanned_free (StreamerScanned *scanned);

/** @found: (transfer full). Called on the worker. */
typedef void (*StreamerScanFunc) (StreamerScanned *found, gpointer user_data);

/**
 * streamer_scan:
 * @path: (type filename): a file or folder
 *
 * Walks a folder in byte order of paths. Links are followed; a folder is never entered a second
 * time on one way down (device and inode), and no deeper than STREAMER_SCAN_MAX_DEPTH. What is not
 * a regular file is found with an error. Worker thread.
 *
 * Returns: FALSE with G_IO_ERROR_CANCELLED only
 */
gboolean streamer_scan (const char *path,
                        StreamerScanFunc func,
                        gpointer user_data,
                        GCancellable *cancellable,
                        GError **error);

G_END_DECLS
