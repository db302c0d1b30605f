/* streamer-object-path.c: where an object's file lies below the folder of objects
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys stay readable on disk: each segment is a folder, the last one a file. So an object `a` and
 * an object `a/b` cannot both exist, other than in S3; the second one is refused.
 */

#include "streamer-object-path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-error.h"

#define MAX_NAME        255
#define REPLACED_PREFIX ".~"

char *
streamer_object_path_segment (const char *segment)
{
  g_autofree char *digest = NULL;

  if (strlen (segment) <= MAX_NAME && !g_str_has_prefix (segment, REPLACED_PREFIX))
    return g_strdup (segment);
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, segment, -1);
  return g_strconcat (REPLACED_PREFIX, digest, NULL);
}

gboolean
streamer_object_path_set_error (GError **error, int number, const char *doing)
{
  if (number == ENOSPC || number == EDQUOT)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE,
                         "The disk of the server is full.");
  else if (number == EFBIG)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE,
                         "The server's disk does not take files of this size.");
  else
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, "%s: %s", doing,
                 g_strerror (number));
  return FALSE;
}

static int
fail (GError **error, int number)
{
  if (number == ENOENT)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                         "There is no such document.");
  else if (number == ENOTDIR || number == ELOOP)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS,
                         "A document has the name that this document needs for its folder.");
  else
    streamer_object_path_set_error (error, number, "A folder cannot be opened");
  return -1;
}

int
streamer_object_path_open_parent (int root,
                                  const char *key,
                                  gboolean create,
                                  char **leaf,
                                  GError **error)
{
  g_auto (GStrv) segments = g_strsplit (key, "/", -1);
  int folder = fcntl (root, F_DUPFD_CLOEXEC, 0);

  if (folder < 0)
    return fail (error, errno);
  for (gsize i = 0; segments[i + 1]; i++)
    {
      g_autofree char *name = streamer_object_path_segment (segments[i]);
      int inner, number = 0;

      if (create && mkdirat (folder, name, 0700) == 0 && fsync (folder) != 0)
        number = errno;
      inner = openat (folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (inner < 0)
        number = errno;
      else if (number != 0)
        {
          close (inner);
          inner = -1;
        }
      close (folder);
      if (inner < 0)
        return fail (error, number);
      folder = inner;
    }
  *leaf = streamer_object_path_segment (segments[g_strv_length (segments) - 1]);
  return folder;
}

int
streamer_object_path_open (int root, const char *key, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *leaf = NULL;
  struct stat status;
  int folder, file;

  folder = streamer_object_path_open_parent (root, key, FALSE, &leaf, &local_error);
  if (folder < 0)
    {
      /* A file where the key has a folder: then there is no such object. */
      if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_EXISTS))
        return fail (error, ENOENT);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return -1;
    }
  file = openat (folder, leaf, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0)
    fail (error, errno == ELOOP ? ENOENT : errno);
  else if (fstat (file, &status) != 0 || !S_ISREG (status.st_mode))
    {
      close (file);
      file = fail (error, ENOENT);
    }
  close (folder);
  return file;
}

void
streamer_object_path_prune (int root, const char *key)
{
  g_autofree char *above = g_strdup (key);
  char *slash;

  while ((slash = strrchr (above, '/')))
    {
      g_autofree char *leaf = NULL;
      int folder, result;

      *slash = '\0';
      folder = streamer_object_path_open_parent (root, above, FALSE, &leaf, NULL);
      if (folder < 0)
        return;
      result = unlinkat (folder, leaf, AT_REMOVEDIR);
      close (folder);
      if (result != 0)
        return;
    }
}
