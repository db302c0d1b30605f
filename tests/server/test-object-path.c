/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-object-path.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-error.h"

typedef struct
{
  char *path;
  int root;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->path = g_dir_make_tmp ("streamer-path-XXXXXX", NULL);
  fixture->root = open (fixture->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", fixture->path);

  close (fixture->root);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_free (fixture->path);
}

static void
make_object (Fixture *fixture, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *leaf = NULL;
  int folder = streamer_object_path_open_parent (fixture->root, key, TRUE, &leaf, &error);
  int file;

  g_assert_no_error (error);
  file = openat (folder, leaf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  g_assert_cmpint (file, >=, 0);
  g_assert_cmpint (write (file, key, strlen (key)), ==, (gssize) strlen (key));
  close (file);
  close (folder);
}

static void
assert_object (Fixture *fixture, const char *key)
{
  g_autofree char *contents = g_malloc0 (2048);
  int file = streamer_object_path_open (fixture->root, key, NULL);

  g_assert_cmpint (file, >=, 0);
  g_assert_cmpint (read (file, contents, 2047), ==, (gssize) strlen (key));
  g_assert_cmpstr (contents, ==, key);
  close (file);
}

static void
assert_no_object (Fixture *fixture, const char *key)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (streamer_object_path_open (fixture->root, key, &error), ==, -1);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
}

static void
test_segment_keeps_its_name (void)
{
  g_autofree char *longest = g_strnfill (255, 'a');
  const char *names[] = { "a", ".hidden", "a~", "...", "%2e%2e", "ü", "~.", longest };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *segment = streamer_object_path_segment (names[i]);

      g_assert_cmpstr (segment, ==, names[i]);
    }
}

static void
test_no_two_segments_share_a_name (void)
{
  g_autofree char *first = g_strnfill (256, 'a');
  g_autofree char *second = g_strnfill (257, 'a');
  g_autofree char *first_name = streamer_object_path_segment (first);
  g_autofree char *second_name = streamer_object_path_segment (second);
  g_autofree char *imitation_name = streamer_object_path_segment (first_name);
  g_autofree char *twice_name = streamer_object_path_segment (imitation_name);

  g_assert_cmpuint (strlen (first_name), <=, 255);
  g_assert_cmpstr (first_name, !=, second_name);
  g_assert_cmpstr (first_name, !=, imitation_name);
  g_assert_cmpstr (imitation_name, !=, twice_name);
}

static void
test_every_key_has_its_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *one_segment = g_strnfill (1024, 'a');
  g_autofree char *other_segment = g_strnfill (1023, 'a');
  g_autoptr (GString) deep = g_string_new ("d");
  const char *keys[] = { "plain",  "b/c",     "b/c2",      ".~x",         "%2e%2e/x", "a%2Fb",
                         "q?#+ &", "😀/עברית", one_segment, other_segment, NULL };

  while (deep->len < 1022)
    g_string_append (deep, "/d");
  keys[G_N_ELEMENTS (keys) - 1] = deep->str;
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    make_object (fixture, keys[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    assert_object (fixture, keys[i]);
  assert_no_object (fixture, "b");
  assert_no_object (fixture, "plain/x");
  assert_no_object (fixture, "other/x");
}

static void
test_object_in_the_way_of_a_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *leaf = NULL;

  make_object (fixture, "a");
  g_assert_cmpint (streamer_object_path_open_parent (fixture->root, "a/b/c", TRUE, &leaf, &error),
                   ==, -1);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
}

static void
test_symbolic_links_lead_nowhere (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->path, "etc", NULL);
  g_autofree char *file = g_build_filename (fixture->path, "passwd", NULL);
  g_autofree char *fifo = g_build_filename (fixture->path, "fifo", NULL);

  g_assert_cmpint (symlink ("/etc", folder), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", file), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_no_object (fixture, "etc/passwd");
  assert_no_object (fixture, "passwd");
  assert_no_object (fixture, "fifo");
}

static void
test_empty_folders_go (Fixture *fixture, gconstpointer data)
{
  g_autofree char *kept = g_build_filename (fixture->path, "a", NULL);
  g_autofree char *gone = g_build_filename (fixture->path, "a", "b", NULL);
  g_autofree char *file = g_build_filename (fixture->path, "a", "b", "c", "d", NULL);

  make_object (fixture, "a/b/c/d");
  make_object (fixture, "a/e");
  g_assert_cmpint (g_unlink (file), ==, 0);
  streamer_object_path_prune (fixture->root, "a/b/c/d");
  g_assert_false (g_file_test (gone, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (kept, G_FILE_TEST_IS_DIR));
  assert_object (fixture, "a/e");
}

static void
test_full_disk_is_told_apart (void)
{
  const struct
  {
    int number;
    StreamerError code;
  } cases[] = { { ENOSPC, STREAMER_ERROR_NO_SPACE },
                { EDQUOT, STREAMER_ERROR_NO_SPACE },
                { EFBIG, STREAMER_ERROR_TOO_LARGE },
                { EIO, STREAMER_ERROR_FAILED } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (streamer_object_path_set_error (&error, cases[i].number, "It failed"));
      g_assert_error (error, STREAMER_ERROR, (int) cases[i].code);
    }
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/object-path/segment-keeps-its-name", test_segment_keeps_its_name);
  g_test_add_func ("/object-path/no-two-segments-share-a-name", test_no_two_segments_share_a_name);
  g_test_add_func ("/object-path/full-disk-is-told-apart", test_full_disk_is_told_apart);
  ADD ("/object-path/every-key-has-its-file", test_every_key_has_its_file);
  ADD ("/object-path/object-in-the-way-of-a-folder", test_object_in_the_way_of_a_folder);
  ADD ("/object-path/symbolic-links-lead-nowhere", test_symbolic_links_lead_nowhere);
  ADD ("/object-path/empty-folders-go", test_empty_folders_go);
  return g_test_run ();
}
