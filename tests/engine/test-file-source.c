/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-error.h"
#include "test-file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A file that turns into a FIFO behind open()'s back. Stands in front of the C library's. */
static const char *becomes_fifo;

int
open64 (const char *path, int flags, ...)
{
  va_list arguments;
  mode_t mode;

  va_start (arguments, flags);
  mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg (arguments, mode_t) : 0;
  va_end (arguments);
  if (g_strcmp0 (path, becomes_fifo) == 0)
    {
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_cmpint (mkfifo (path, 0600), ==, 0);
    }
  return openat (AT_FDCWD, path, flags, mode);
}

static void
assert_refused (const char *path, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerSource) source = streamer_file_source_open (path, &error);

  g_assert_null (source);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
test_slices (void)
{
  g_autoptr (TestFile) file = test_file_new (2500, 1000);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (streamer_source_get_size (file->source), ==, 2500);
  for (guint number = 1; number <= 3; number++)
    {
      StreamerSlice slice;

      g_assert_true (
          streamer_source_acquire (file->source, &file->plan, number, &slice, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (slice.offset, ==, (number - 1) * 1000);
      g_assert_cmpuint (slice.length, ==, number < 3 ? 1000 : 500);
      g_assert_cmpint (slice.last, ==, number == 3);
      streamer_source_release (file->source, number);
    }
}

static void
test_cancelled (void)
{
  g_autoptr (TestFile) file = test_file_new (10, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  StreamerSlice slice;

  g_cancellable_cancel (cancellable);
  g_assert_false (
      streamer_source_acquire (file->source, &file->plan, 1, &slice, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_what_is_not_a_file (void)
{
  g_autoptr (TestFile) file = test_file_new (10, 0);
  g_autofree char *fifo = g_build_filename (file->folder, "fifo", NULL);
  g_autofree char *absent = g_build_filename (file->folder, "absent", NULL);
  g_autofree char *below = g_build_filename (file->path, "below", NULL);
  g_autofree char *loop = g_build_filename (file->folder, "loop", NULL);
  g_autofree char *to_fifo = g_build_filename (file->folder, "to-fifo", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  assert_refused (absent, "does not exist");
  assert_refused (below, "does not exist");
  assert_refused ("", "");
  assert_refused (file->folder, "is a folder");
  assert_refused ("/dev/null", "is a device");

  /* Nobody writes into it: opening it must not wait. */
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (fifo, "is a FIFO");
  g_assert_cmpint (symlink (fifo, to_fifo), ==, 0);
  assert_refused (to_fifo, "is a FIFO");
  g_assert_cmpint (symlink (loop, loop), ==, 0);
  assert_refused (loop, "leads in a circle");

  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/socket", file->folder);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  assert_refused (address.sun_path, "is a socket");

  close (fd);
  g_unlink (address.sun_path);
  g_unlink (fifo);
  g_unlink (to_fifo);
  g_unlink (loop);
}

static void
test_file_that_becomes_a_fifo (void)
{
  g_autoptr (TestFile) file = test_file_new (10, 0);

  becomes_fifo = file->path;
  assert_refused (file->path, "is a FIFO");
  becomes_fifo = NULL;
}

static void
test_not_allowed (void)
{
  g_autoptr (TestFile) file = test_file_new (10, 0);

  g_assert_cmpint (g_chmod (file->path, 0), ==, 0);
  if (access (file->path, R_OK) == 0)
    g_test_skip ("this user may read everything");
  else
    assert_refused (file->path, "not allowed");
}

/* It says that it has no bytes, and has some. */
static void
test_file_without_a_size (void)
{
  assert_refused ("/proc/self/status", "does not say how large");
}

static void
test_odd_names_are_shown (void)
{
  assert_refused ("/nowhere/new\nline-\xff", "new\\x0Aline-\\xFF");
}

static void
test_link_to_a_file (void)
{
  g_autoptr (TestFile) file = test_file_new (10, 0);
  g_autofree char *link = g_build_filename (file->folder, "link", NULL);
  g_autoptr (StreamerSource) source = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink (file->path, link), ==, 0);
  source = streamer_file_source_open (link, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (streamer_source_get_size (source), ==, 10);
  g_assert_true (streamer_source_check (source, &error));
  g_unlink (link);
}

static void
test_content_type (void)
{
  g_autoptr (TestFile) file = test_file_new (10, 0);
  g_autofree char *empty = g_build_filename (file->folder, "nothing", NULL);
  g_autofree char *image = g_build_filename (file->folder, "image", NULL);
  g_autoptr (StreamerSource) source = NULL;
  const char *png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
  g_autofree char *known = g_content_type_guess (NULL, (const guchar *) png, 16, NULL);

  /* Slashed as MIME types are, whatever the system knows. */
  g_assert_nonnull (strchr (streamer_source_get_content_type (file->source), '/'));

  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  source = streamer_file_source_open (empty, NULL);
  g_assert_cmpstr (streamer_source_get_content_type (source), !=, "application/x-zerosize");
  g_clear_object (&source);

  if (g_strcmp0 (known, "image/png") == 0)
    {
      g_assert_true (g_file_set_contents (image, png, 16, NULL));
      source = streamer_file_source_open (image, NULL);
      g_assert_cmpstr (streamer_source_get_content_type (source), ==, "image/png");
      g_unlink (image);
    }
  g_unlink (empty);
}

static void
assert_changed (TestFile *file, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (streamer_source_check (file->source, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
test_unchanged (void)
{
  g_autoptr (TestFile) file = test_file_new (5000, 1000);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 2, NULL);
  g_autoptr (GError) error = NULL;
  char buffer[100];

  g_assert_true (streamer_source_check (file->source, &error));
  g_input_stream_read (G_INPUT_STREAM (part), buffer, sizeof buffer, NULL, &error);
  g_assert_true (streamer_source_check (file->source, &error));
  g_assert_no_error (error);
}

static void
test_changes_are_seen (void)
{
  g_autoptr (TestFile) grown = test_file_new (100, 0);
  g_autoptr (TestFile) shrunk = test_file_new (100, 0);
  g_autoptr (TestFile) touched = test_file_new (100, 0);
  g_autoptr (TestFile) replaced = test_file_new (100, 0);
  g_autoptr (TestFile) remade = test_file_new (100, 0);
  g_autofree char *other = g_build_filename (replaced->folder, "other", NULL);
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1000, .tv_nsec = 1 } };

  g_assert_cmpint (truncate (grown->path, 101), ==, 0);
  assert_changed (grown, "has grown");
  g_assert_cmpint (truncate (shrunk->path, 99), ==, 0);
  assert_changed (shrunk, "has become shorter");
  g_assert_cmpint (utimensat (AT_FDCWD, touched->path, times, 0), ==, 0);
  assert_changed (touched, "was written to");

  g_assert_true (g_file_set_contents (other, (char *) replaced->bytes, 100, NULL));
  g_assert_cmpint (g_rename (other, replaced->path), ==, 0);
  assert_changed (replaced, "was replaced");
  g_assert_cmpint (g_unlink (remade->path), ==, 0);
  g_assert_cmpint (g_mkdir (remade->path, 0700), ==, 0);
  assert_changed (remade, "was replaced");
  g_rmdir (remade->path);
}

/* Written, and the time of the writing put back: only ctime tells. */
static void
test_hidden_change_is_seen (void)
{
  g_autoptr (TestFile) file = test_file_new (100, 0);
  struct stat before, after;
  struct timespec times[2];
  g_autoptr (GError) error = NULL;
  int fd = g_open (file->path, O_WRONLY | O_CLOEXEC, 0);

  g_assert_cmpint (fstat (fd, &before), ==, 0);
  times[0] = before.st_atim;
  times[1] = before.st_mtim;
  /* Until the clock of the file system has moved on. */
  do
    {
      g_assert_cmpint (pwrite (fd, "x", 1, 0), ==, 1);
      g_assert_cmpint (futimens (fd, times), ==, 0);
      g_assert_cmpint (fstat (fd, &after), ==, 0);
    }
  while (before.st_ctim.tv_sec == after.st_ctim.tv_sec &&
         before.st_ctim.tv_nsec == after.st_ctim.tv_nsec);
  close (fd);
  assert_changed (file, "was changed");
}

/* What it is goes through a journal, and tells the same file from a changed one later. */
static void
test_identity (void)
{
  g_autoptr (TestFile) file = test_file_new (100, 0);
  g_autoptr (StreamerSource) again = NULL;
  g_autoptr (GError) error = NULL;
  StreamerSourceIdentity then, now;
  struct stat info;

  g_assert_true (streamer_source_get_identity (file->source, &then));
  g_assert_cmpint (stat (file->path, &info), ==, 0);
  g_assert_cmpuint (then.device, ==, info.st_dev);
  g_assert_cmpuint (then.inode, ==, info.st_ino);
  g_assert_cmpuint (then.size, ==, 100);
  g_assert_cmpint (then.mtime_ns / 1000000000, ==, info.st_mtim.tv_sec);
  g_assert_cmpint (then.mtime_ns % 1000000000, ==, info.st_mtim.tv_nsec);
  g_assert_cmpint (then.ctime_ns % 1000000000, ==, info.st_ctim.tv_nsec);

  again = streamer_file_source_open (file->path, &error);
  g_assert_true (streamer_source_get_identity (again, &now));
  g_assert_true (streamer_source_identity_check (&then, &now, "name", &error));
  g_assert_no_error (error);

  g_clear_object (&again);
  g_assert_cmpint (truncate (file->path, 101), ==, 0);
  again = streamer_file_source_open (file->path, &error);
  g_assert_true (streamer_source_get_identity (again, &now));
  g_assert_false (streamer_source_identity_check (&then, &now, "name", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED);
  g_assert_cmpstr (error->message, ==, "“name” has grown since the upload began.");
}

static void
test_deleted_file_goes_on (void)
{
  g_autoptr (TestFile) file = test_file_new (5000, 1000);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 5, NULL);
  g_autoptr (GError) error = NULL;
  char buffer[1000];

  g_assert_cmpint (g_unlink (file->path), ==, 0);
  g_assert_true (streamer_source_check (file->source, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (part), buffer, sizeof buffer, NULL, &error),
                   ==, 1000);
  g_assert_cmpmem (buffer, 1000, file->bytes + 4000, 1000);
}

static void
test_deleted_and_written_is_a_change (void)
{
  g_autoptr (TestFile) file = test_file_new (5000, 0);
  int fd = g_open (file->path, O_WRONLY | O_CLOEXEC, 0);

  g_assert_cmpint (g_unlink (file->path), ==, 0);
  g_assert_cmpint (ftruncate (fd, 4000), ==, 0);
  close (fd);
  assert_changed (file, "has become shorter");
}

static void
test_working_folder_may_change (void)
{
  g_autoptr (TestFile) file = test_file_new (10, 0);
  g_autofree char *before = g_get_current_dir ();
  g_autoptr (StreamerSource) source = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chdir (file->folder), ==, 0);
  source = streamer_file_source_open ("data.bin", &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chdir (before), ==, 0);
  g_assert_cmpint (truncate (file->path, 11), ==, 0);
  g_assert_false (streamer_source_check (source, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED);
}

static void
test_a_terabyte_opens_at_once (void)
{
  g_autoptr (TestFile) file = test_file_new (1, 0);
  g_autoptr (StreamerSource) source = NULL;
  g_autoptr (GError) error = NULL;

  if (truncate (file->path, G_GINT64_CONSTANT (1) << 40) != 0)
    {
      g_test_skip ("the file system takes no sparse file of this size");
      return;
    }
  source = streamer_file_source_open (file->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (streamer_source_get_size (source), ==, G_GUINT64_CONSTANT (1) << 40);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/file-source/slices", test_slices);
  g_test_add_func ("/file-source/cancelled", test_cancelled);
  g_test_add_func ("/file-source/what-is-not-a-file", test_what_is_not_a_file);
  g_test_add_func ("/file-source/file-that-becomes-a-fifo", test_file_that_becomes_a_fifo);
  g_test_add_func ("/file-source/not-allowed", test_not_allowed);
  g_test_add_func ("/file-source/file-without-a-size", test_file_without_a_size);
  g_test_add_func ("/file-source/odd-names-are-shown", test_odd_names_are_shown);
  g_test_add_func ("/file-source/link-to-a-file", test_link_to_a_file);
  g_test_add_func ("/file-source/content-type", test_content_type);
  g_test_add_func ("/file-source/unchanged", test_unchanged);
  g_test_add_func ("/file-source/changes-are-seen", test_changes_are_seen);
  g_test_add_func ("/file-source/hidden-change-is-seen", test_hidden_change_is_seen);
  g_test_add_func ("/file-source/identity", test_identity);
  g_test_add_func ("/file-source/deleted-file-goes-on", test_deleted_file_goes_on);
  g_test_add_func ("/file-source/deleted-and-written-is-a-change",
                   test_deleted_and_written_is_a_change);
  g_test_add_func ("/file-source/working-folder-may-change", test_working_folder_may_change);
  g_test_add_func ("/file-source/a-terabyte-opens-at-once", test_a_terabyte_opens_at_once);
  return g_test_run ();
}
