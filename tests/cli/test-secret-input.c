/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-secret-input.h"

#include <sys/stat.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

#include "streamer-error.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("s3streamer-test-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "token", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static char *
read_contents (Fixture *fixture, const char *contents, gssize length, GError **error)
{
  gboolean exposed;

  g_assert_true (g_file_set_contents (fixture->path, contents, length, NULL));
  return streamer_secret_input_read_file (fixture->path, &exposed, error);
}

static void
assert_refused (Fixture *fixture, const char *contents, gssize length)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_contents (fixture, contents, length, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, fixture->path));
}

static void
test_newlines_at_the_end_go (Fixture *fixture, gconstpointer data)
{
  g_autofree char *unix_way = read_contents (fixture, "abc-._~+/=\n", -1, NULL);
  g_autofree char *dos_way = read_contents (fixture, "abc\r\n\r\n", -1, NULL);

  g_assert_cmpstr (unix_way, ==, "abc-._~+/=");
  g_assert_cmpstr (dos_way, ==, "abc");
}

static void
test_what_is_no_secret (Fixture *fixture, gconstpointer data)
{
  assert_refused (fixture, "", -1);
  assert_refused (fixture, "\n\n", -1);
  assert_refused (fixture, "abc\nx-header: y", -1);
  assert_refused (fixture, "a b", -1);
  assert_refused (fixture, "a\0b", 3);
  assert_refused (fixture, "gr\xc3\xb6\xc3\x9f", -1);
}

static void
test_the_secret_is_not_in_the_error (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_contents (fixture, "hidden word", -1, &error));
  g_assert_null (strstr (error->message, "hidden"));
}

static void
test_length_is_bounded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (STREAMER_SECRET_INPUT_MAX_BYTES, 'x');
  g_autofree char *longer = g_strnfill (STREAMER_SECRET_INPUT_MAX_BYTES + 1, 'x');
  g_autofree char *secret = read_contents (fixture, longest, -1, NULL);

  g_assert_cmpstr (secret, ==, longest);
  assert_refused (fixture, longer, -1);
}

static void
test_an_endless_file_ends (void)
{
  g_autoptr (GError) error = NULL;
  gboolean exposed;

  g_assert_null (streamer_secret_input_read_file ("/dev/zero", &exposed, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
}

static void
test_files_that_everybody_reads (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    mode_t mode;
    gboolean exposed;
  } cases[] = { { 0600, FALSE }, { 0640, FALSE }, { 0644, TRUE } };

  g_assert_true (g_file_set_contents (fixture->path, "x", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean exposed;
      g_autofree char *secret = NULL;

      g_assert_cmpint (g_chmod (fixture->path, cases[i].mode), ==, 0);
      secret = streamer_secret_input_read_file (fixture->path, &exposed, NULL);
      g_assert_cmpstr (secret, ==, "x");
      g_assert_cmpint (exposed, ==, cases[i].exposed);
    }
}

static void
test_no_such_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean exposed;

  g_assert_null (streamer_secret_input_read_file (fixture->path, &exposed, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
}

static void
test_a_pipe_is_read_to_its_end (void)
{
  int fds[2];
  g_autofree char *secret = NULL;

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  g_assert_cmpint (write (fds[1], "abc\n", 4), ==, 4);
  close (fds[1]);
  secret = streamer_secret_input_read_fd (fds[0], "standard input", NULL);
  g_assert_cmpstr (secret, ==, "abc");
  close (fds[0]);
}

static void
test_the_environment_forgets (void)
{
  g_autofree char *secret = NULL;
  const char *value;

  g_assert_true (g_setenv ("STREAMER_TEST_SECRET", "abc", TRUE));
  value = g_getenv ("STREAMER_TEST_SECRET");
  secret = streamer_secret_input_take_environment ("STREAMER_TEST_SECRET", NULL);
  g_assert_cmpstr (secret, ==, "abc");
  g_assert_null (g_getenv ("STREAMER_TEST_SECRET"));
  g_assert_cmpstr (value, ==, "");
  g_assert_null (streamer_secret_input_take_environment ("STREAMER_TEST_SECRET", NULL));
}

static void
test_an_unusable_variable_is_forgotten_too (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_setenv ("STREAMER_TEST_SECRET", "a\nb", TRUE));
  g_assert_null (streamer_secret_input_take_environment ("STREAMER_TEST_SECRET", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_assert_null (g_getenv ("STREAMER_TEST_SECRET"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/secret-input/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("newlines-at-the-end-go", test_newlines_at_the_end_go);
  ADD ("what-is-no-secret", test_what_is_no_secret);
  ADD ("the-secret-is-not-in-the-error", test_the_secret_is_not_in_the_error);
  ADD ("length-is-bounded", test_length_is_bounded);
  ADD ("files-that-everybody-reads", test_files_that_everybody_reads);
  ADD ("no-such-file", test_no_such_file);
  g_test_add_func ("/secret-input/an-endless-file-ends", test_an_endless_file_ends);
  g_test_add_func ("/secret-input/a-pipe-is-read-to-its-end", test_a_pipe_is_read_to_its_end);
  g_test_add_func ("/secret-input/the-environment-forgets", test_the_environment_forgets);
  g_test_add_func ("/secret-input/an-unusable-variable-is-forgotten-too",
                   test_an_unusable_variable_is_forgotten_too);
  return g_test_run ();
}
