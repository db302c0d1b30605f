/* fuzz-replay.c: runs a target over the files of its corpus, without a fuzzer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_files (const char *path)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare);
  return names;
}

/* In memory of just its size, so that a sanitizer sees what reads on behind it. */
static void
replay (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint8 *data;
  gsize size;

  /* The last one that is named is the one that failed. */
  printf ("# %s\n", path);
  fflush (stdout);
  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  data = malloc (size);
  memcpy (data, text, size);
  LLVMFuzzerTestOneInput (data, size);
  free (data);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) files = list_files (argc > 1 ? argv[1] : ".");

  printf ("1..1\n");
  for (guint i = 0; i < files->len; i++)
    replay (g_ptr_array_index (files, i));
  printf ("%s 1 - nothing in %u files does any harm\n", files->len > 0 ? "ok" : "not ok",
          files->len);
  return files->len > 0 ? 0 : 1;
}
