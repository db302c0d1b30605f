/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-error.h"
#include "streamer-source.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PART 100000

/* Both stand in front of the C library's. -1: there is room for any number of writes. */
static gint writes_before_full = -1;
static gint no_tmpfile;

ssize_t
pwrite64 (int fd, const void *buffer, size_t n, off64_t offset)
{
  if (g_atomic_int_get (&writes_before_full) >= 0 &&
      g_atomic_int_add (&writes_before_full, -1) == 0)
    {
      errno = ENOSPC;
      return -1;
    }
  return syscall (SYS_pwrite64, fd, buffer, n, offset);
}

int
open64 (const char *path, int flags, ...)
{
  va_list arguments;
  mode_t mode;

  va_start (arguments, flags);
  mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg (arguments, mode_t) : 0;
  va_end (arguments);
  if ((flags & __O_TMPFILE) != 0 && g_atomic_int_get (&no_tmpfile))
    {
      errno = EOPNOTSUPP;
      return -1;
    }
  return openat (AT_FDCWD, path, flags, mode);
}

typedef struct
{
  char *tmp;
  int write_fd;
  StreamerSource *source;
  StreamerPlan plan;
  guint8 *bytes;
  gsize size;
  GThread *writer;
} Fixture;

/* A pipe into which size bytes go and which then ends, if ended. */
static void
start (Fixture *self, guint max_kept)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  self->tmp = g_dir_make_tmp ("streamer-test-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, &error));
  self->write_fd = fds[1];
  self->source = streamer_pipe_source_new (fds[0], "pipe.txt", self->tmp, PART, max_kept);
  self->plan = (StreamerPlan){ STREAMER_SIZE_UNKNOWN, PART, 10000 };
}

static gpointer
writer_main (gpointer user_data)
{
  Fixture *self = user_data;
  gsize done = 0;

  while (done < self->size)
    {
      gssize n = write (self->write_fd, self->bytes + done, MIN (self->size - done, 30011));

      g_assert_cmpint (n, >, 0);
      done += n;
    }
  close (self->write_fd);
  return NULL;
}

static void
start_writing (Fixture *self, gsize size)
{
  self->size = size;
  self->bytes = g_malloc (MAX (size, 1));
  for (gsize i = 0; i < size; i++)
    self->bytes[i] = (i * 2654435761u) >> 16;
  self->writer = g_thread_new ("writer", writer_main, self);
}

/* Nothing but the folder itself may be left. */
static void
stop (Fixture *self)
{
  g_clear_pointer (&self->writer, g_thread_join);
  g_clear_object (&self->source);
  g_assert_cmpint (g_rmdir (self->tmp), ==, 0);
  g_free (self->tmp);
  g_free (self->bytes);
}

static void
assert_part (Fixture *self, guint number, gsize length, gboolean last)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *buffer = g_malloc (PART + 1);
  StreamerSlice slice;

  g_assert_true (streamer_source_acquire (self->source, &self->plan, number, &slice, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (slice.length, ==, length);
  g_assert_cmpint (slice.last, ==, last);
  g_assert_cmpint (pread (slice.fd, buffer, PART + 1, slice.offset), ==, length);
  g_assert_cmpmem (buffer, length, self->bytes + (number - 1) * PART, length);
}

static void
assert_fails (Fixture *self, guint number, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;
  StreamerSlice slice;

  g_assert_false (
      streamer_source_acquire (self->source, &self->plan, number, &slice, NULL, &error));
  g_assert_error (error, domain, code);
}

static void
test_parts_in_order (void)
{
  Fixture self = { 0 };

  start (&self, 1);
  start_writing (&self, 3 * PART + 17);
  g_assert_cmpuint (streamer_source_get_size (self.source), ==, STREAMER_SIZE_UNKNOWN);
  for (guint number = 1; number <= 4; number++)
    {
      assert_part (&self, number, number < 4 ? PART : 17, number == 4);
      g_assert_true (streamer_source_check (self.source, NULL));
      streamer_source_release (self.source, number);
    }
  g_assert_cmpuint (streamer_source_get_size (self.source), ==, 3 * PART + 17);
  assert_fails (&self, 5, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  assert_fails (&self, 2, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE);
  stop (&self);
}

static void
test_length (gconstpointer data)
{
  gsize size = GPOINTER_TO_SIZE (data);
  guint n_parts = MAX ((size + PART - 1) / PART, 1);
  Fixture self = { 0 };

  start (&self, 2);
  start_writing (&self, size);
  for (guint number = 1; number <= n_parts; number++)
    {
      gboolean last = number == n_parts;

      assert_part (&self, number, last ? size - (number - 1) * PART : PART, last);
      streamer_source_release (self.source, number);
    }
  g_assert_cmpuint (streamer_source_get_size (self.source), ==, size);
  assert_fails (&self, n_parts + 1, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  stop (&self);
}

static void
test_part_can_be_read_again (void)
{
  Fixture self = { 0 };

  start (&self, 2);
  start_writing (&self, PART + 1);
  assert_part (&self, 1, PART, FALSE);
  assert_part (&self, 1, PART, FALSE);
  streamer_source_release (self.source, 1);
  assert_part (&self, 1, PART, FALSE);
  streamer_source_release (self.source, 1);
  streamer_source_release (self.source, 1);
  assert_fails (&self, 1, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE);
  stop (&self);
}

/* Whoever asks for a later part reads those before it on the way. */
static void
test_asked_out_of_order (void)
{
  Fixture self = { 0 };

  start (&self, 3);
  start_writing (&self, 2 * PART + 5);
  assert_part (&self, 3, 5, TRUE);
  assert_part (&self, 1, PART, FALSE);
  assert_part (&self, 2, PART, FALSE);
  stop (&self);
}

typedef struct
{
  Fixture *fixture;
  guint number;
  GCancellable *cancellable;
  gint begun; /* atomic */
  gboolean acquired;
  GError *error;
} Asker;

static gpointer
asker_main (gpointer user_data)
{
  Asker *asker = user_data;
  StreamerSlice slice;

  g_atomic_int_set (&asker->begun, 1);
  asker->acquired =
      streamer_source_acquire (asker->fixture->source, &asker->fixture->plan, asker->number, &slice,
                               asker->cancellable, &asker->error);
  return NULL;
}

/* Part 2 is not read while part 1 is kept: it arrives only after the release. */
static void
test_no_more_than_allowed_are_kept (void)
{
  Fixture self = { 0 };
  Asker asker = { .fixture = &self, .number = 2 };
  GThread *thread;

  start (&self, 1);
  start_writing (&self, 4 * PART);
  assert_part (&self, 1, PART, FALSE);
  thread = g_thread_new ("asker", asker_main, &asker);
  while (!g_atomic_int_get (&asker.begun))
    g_thread_yield ();
  g_assert_cmpuint (streamer_source_get_size (self.source), ==, STREAMER_SIZE_UNKNOWN);
  streamer_source_release (self.source, 1);
  g_thread_join (thread);
  g_assert_true (asker.acquired);
  streamer_source_release (self.source, 2);
  assert_part (&self, 3, PART, FALSE);
  streamer_source_release (self.source, 3);
  assert_part (&self, 4, PART, TRUE);
  stop (&self);
}

static void
run_cancelled (Fixture *self, guint number)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Asker asker = { .fixture = self, .number = number, .cancellable = cancellable };
  GThread *thread = g_thread_new ("asker", asker_main, &asker);

  while (!g_atomic_int_get (&asker.begun))
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  g_thread_join (thread);
  g_assert_error (asker.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_error_free (asker.error);
}

/* Cancelled while the pipe gives nothing; what had come is not lost. */
static void
test_cancelled_reader_loses_nothing (void)
{
  Fixture self = { 0 };
  gsize size = PART / 2;

  start (&self, 1);
  self.bytes = g_malloc (size);
  memset (self.bytes, 'x', size);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpint (write (self.write_fd, self.bytes + i * (size / 5), size / 5), ==, size / 5);
      run_cancelled (&self, 1);
    }
  close (self.write_fd);
  assert_part (&self, 1, size, TRUE);
  g_assert_cmpuint (streamer_source_get_size (self.source), ==, size);
  stop (&self);
}

static void
test_cancelled_while_all_are_kept (void)
{
  Fixture self = { 0 };

  start (&self, 1);
  start_writing (&self, PART + 1);
  assert_part (&self, 1, PART, FALSE);
  run_cancelled (&self, 2);
  streamer_source_release (self.source, 1);
  assert_part (&self, 2, 1, TRUE);
  stop (&self);
}

static gpointer
worker_main (gpointer user_data)
{
  Asker *asker = user_data;
  Fixture *self = asker->fixture;

  for (guint number = asker->number; number <= 40; number += 4)
    {
      assert_part (self, number, PART, number == 40);
      streamer_source_release (self->source, number);
    }
  return NULL;
}

static void
test_many_workers (void)
{
  Fixture self = { 0 };
  Asker askers[4];
  GThread *threads[4];

  start (&self, 5);
  start_writing (&self, 40 * PART);
  for (guint i = 0; i < 4; i++)
    {
      askers[i] = (Asker){ .fixture = &self, .number = i + 1 };
      threads[i] = g_thread_new ("worker", worker_main, &askers[i]);
    }
  for (guint i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (streamer_source_get_size (self.source), ==, 40 * PART);
  stop (&self);
}

static void
test_folder_that_is_not_there (void)
{
  Fixture self = { 0 };
  g_autofree char *tmp = NULL;

  start (&self, 1);
  tmp = g_strdup (self.tmp);
  start_writing (&self, 10);
  g_assert_cmpint (g_rmdir (tmp), ==, 0);
  assert_fails (&self, 1, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE);
  /* It can be mended: the next one who asks goes on. */
  g_assert_cmpint (g_mkdir (tmp, 0700), ==, 0);
  assert_part (&self, 1, 10, TRUE);
  stop (&self);
}

/* The disk is full at each write in turn, and later no more: the upload goes on, whole. */
static void
test_full_disk (void)
{
  Fixture self = { 0 };
  guint n_failures = 0;

  start (&self, 1);
  start_writing (&self, 2 * PART + 1);
  for (guint number = 1; number <= 3;)
    {
      g_autoptr (GError) error = NULL;
      StreamerSlice slice;

      g_atomic_int_set (&writes_before_full, 1);
      if (streamer_source_acquire (self.source, &self.plan, number, &slice, NULL, &error))
        {
          assert_part (&self, number, number < 3 ? PART : 1, number == 3);
          streamer_source_release (self.source, number);
          streamer_source_release (self.source, number);
          number++;
          continue;
        }
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE);
      g_assert_nonnull (strstr (error->message, self.tmp));
      n_failures++;
    }
  g_atomic_int_set (&writes_before_full, -1);
  g_assert_cmpuint (n_failures, >, 0);
  g_assert_cmpuint (streamer_source_get_size (self.source), ==, 2 * PART + 1);
  stop (&self);
}

static void
test_file_system_without_nameless_files (void)
{
  Fixture self = { 0 };

  start (&self, 1);
  start_writing (&self, PART + 1);
  g_atomic_int_set (&no_tmpfile, 1);
  assert_part (&self, 1, PART, FALSE);
  g_atomic_int_set (&no_tmpfile, 0);
  /* stop() would see a file that was left. */
  stop (&self);
}

static void
test_content_type (void)
{
  Fixture self = { 0 };

  start (&self, 1);
  g_assert_cmpstr (streamer_source_get_content_type (self.source), ==, "text/plain");
  start_writing (&self, 0);
  assert_part (&self, 1, 0, TRUE);
  g_assert_cmpstr (streamer_source_get_content_type (self.source), ==, "text/plain");
  stop (&self);
}

static void
test_input_may_be_a_file (void)
{
  g_autofree char *tmp = g_dir_make_tmp ("streamer-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (tmp, "input", NULL);
  StreamerPlan plan = { STREAMER_SIZE_UNKNOWN, 4, 10 };
  StreamerSource *source;
  StreamerSourceIdentity identity;
  StreamerSlice slice;

  g_assert_true (g_file_set_contents (path, "abcdef", 6, NULL));
  source = streamer_pipe_source_new (g_open (path, O_RDONLY | O_CLOEXEC), "x", tmp, 4, 2);
  g_assert_false (streamer_source_get_identity (source, &identity));
  g_assert_true (streamer_source_acquire (source, &plan, 2, &slice, NULL, NULL));
  g_assert_cmpuint (slice.length, ==, 2);
  g_assert_true (slice.last);
  g_object_unref (source);
  g_unlink (path);
  g_rmdir (tmp);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pipe-source/parts-in-order", test_parts_in_order);
  g_test_add_data_func ("/pipe-source/length/none", GSIZE_TO_POINTER (0), test_length);
  g_test_add_data_func ("/pipe-source/length/one", GSIZE_TO_POINTER (1), test_length);
  g_test_add_data_func ("/pipe-source/length/under-a-part", GSIZE_TO_POINTER (PART - 1),
                        test_length);
  g_test_add_data_func ("/pipe-source/length/one-part", GSIZE_TO_POINTER (PART), test_length);
  g_test_add_data_func ("/pipe-source/length/over-a-part", GSIZE_TO_POINTER (PART + 1),
                        test_length);
  g_test_add_data_func ("/pipe-source/length/two-parts", GSIZE_TO_POINTER (2 * PART), test_length);
  g_test_add_func ("/pipe-source/part-can-be-read-again", test_part_can_be_read_again);
  g_test_add_func ("/pipe-source/asked-out-of-order", test_asked_out_of_order);
  g_test_add_func ("/pipe-source/no-more-than-allowed-are-kept",
                   test_no_more_than_allowed_are_kept);
  g_test_add_func ("/pipe-source/cancelled-reader-loses-nothing",
                   test_cancelled_reader_loses_nothing);
  g_test_add_func ("/pipe-source/cancelled-while-all-are-kept", test_cancelled_while_all_are_kept);
  g_test_add_func ("/pipe-source/many-workers", test_many_workers);
  g_test_add_func ("/pipe-source/folder-that-is-not-there", test_folder_that_is_not_there);
  g_test_add_func ("/pipe-source/full-disk", test_full_disk);
  g_test_add_func ("/pipe-source/file-system-without-nameless-files",
                   test_file_system_without_nameless_files);
  g_test_add_func ("/pipe-source/content-type", test_content_type);
  g_test_add_func ("/pipe-source/input-may-be-a-file", test_input_may_be_a_file);
  return g_test_run ();
}
