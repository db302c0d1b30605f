/* streamer-program.c: where the program's other executables are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-program.h"

#include "streamer-config.h"

static char *
find_beside (const char *name)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;

  if (self == NULL)
    return NULL;
  folder = g_path_get_dirname (self);
  path = g_build_filename (folder, name, NULL);
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR) || !g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return NULL;
  return g_steal_pointer (&path);
}

char *
streamer_program_find (const char *name)
{
  char *path;

  g_return_val_if_fail (name != NULL, NULL);

  path = find_beside (name);
  if (path != NULL)
    return path;
  /* The server is a command for people too; the window is started by the front door only. */
  if (g_str_equal (name, "s3streamer-server"))
    return g_build_filename (STREAMER_BINDIR, name, NULL);
  return g_build_filename (STREAMER_LIBEXECDIR, name, NULL);
}
