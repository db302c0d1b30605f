/* streamer-object-path.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * streamer_object_path_segment:
 * @segment: of a canonical key
 *
 * The name of the file or folder that stands for @segment: the segment itself; where that is longer
 * than a file system takes (255 bytes), or could be taken for such a replacement, `.~` and the
 * SHA-256 of the segment in hex. Two segments never share a name.
 *
 * Returns: (transfer full)
 */
char *streamer_object_path_segment (const char *segment);

/**
 * streamer_object_path_open_parent:
 * @root: a folder's descriptor
 * @key: canonical
 * @create: whether folders that are missing are made
 * @leaf: (out) (transfer full): the file's name in its folder
 *
 * Goes down to the folder of the object's file, never through a symbolic link.
 *
 * Errors: STREAMER_ERROR_NOT_FOUND; _EXISTS where an object stands where a folder has to be;
 *   _NO_SPACE
 *
 * Returns: the folder's descriptor, to be closed; or -1
 */
int streamer_object_path_open_parent (int root,
                                      const char *key,
                                      gboolean create,
                                      char **leaf,
                                      GError **error);

/**
 * streamer_object_path_open:
 *
 * Opens the object's file for reading. Errors: STREAMER_ERROR_NOT_FOUND
 *
 * Returns: the file's descriptor, or -1
 */
int streamer_object_path_open (int root, const char *key, GError **error);

/** streamer_object_path_prune: removes the folders above @key that have become empty */
void streamer_object_path_prune (int root, const char *key);

/**
 * streamer_object_path_set_error:
 * @number: an errno
 * @doing: what failed, for the log and the user
 *
 * Returns: FALSE
 */
gboolean streamer_object_path_set_error (GError **error, int number, const char *doing);

G_END_DECLS
