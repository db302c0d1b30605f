/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-program.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "streamer-config.h"

/* Asks a copy of this test, which runs in the folder, where it finds the program. */
static char *
ask_copy (const char *copy, const char *name)
{
  g_autoptr (GError) error = NULL;
  char *argv[] = { (char *) copy, (char *) "--find", (char *) name, NULL };
  char *out = NULL;
  int status = -1;

  g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return g_strchomp (out);
}

static void
test_found_beside_the_running_program (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *made = g_dir_make_tmp ("streamer-program-XXXXXX", &error);
  g_autofree char *folder = realpath (made, NULL);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *copy = g_build_filename (folder, "copy", NULL);
  g_autofree char *server = g_build_filename (folder, "s3streamer-server", NULL);
  g_autofree char *installed = g_build_filename (STREAMER_BINDIR, "s3streamer-server", NULL);
  g_autoptr (GFile) from = g_file_new_for_path (self);
  g_autoptr (GFile) to = g_file_new_for_path (copy);
  g_autofree char *absent = NULL;
  g_autofree char *present = NULL;
  g_autofree char *not_executable = NULL;

  g_assert_no_error (error);
  g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);

  absent = ask_copy (copy, "s3streamer-server");
  g_assert_cmpstr (absent, ==, installed);

  g_file_set_contents (server, "#!/bin/sh\n", -1, &error);
  g_assert_no_error (error);
  g_chmod (server, 0644);
  not_executable = ask_copy (copy, "s3streamer-server");
  g_assert_cmpstr (not_executable, ==, installed);

  g_chmod (server, 0755);
  present = ask_copy (copy, "s3streamer-server");
  g_assert_cmpstr (present, ==, server);

  g_unlink (server);
  g_unlink (copy);
  g_rmdir (folder);
}

static void
test_window_is_installed_out_of_the_way (void)
{
  g_autofree char *window = streamer_program_find ("s3streamer-window");
  g_autofree char *installed = g_build_filename (STREAMER_LIBEXECDIR, "s3streamer-window", NULL);

  g_assert_cmpstr (window, ==, installed);
}

int
main (int argc, char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--find"))
    {
      g_autofree char *path = streamer_program_find (argv[2]);

      g_print ("%s\n", path);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/program/found-beside-the-running-program",
                   test_found_beside_the_running_program);
  g_test_add_func ("/program/window-is-installed-out-of-the-way",
                   test_window_is_installed_out_of_the_way);
  return g_test_run ();
}
