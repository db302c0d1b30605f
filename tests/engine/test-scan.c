/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-scan.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-error.h"
#include "test-flow.h"

typedef struct
{
  TestFlow flow;
  GPtrArray *found; /* (element-type StreamerScanned) */
  GCancellable *cancellable;
  guint cancel_after; /* 0 for never */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  test_flow_set_up (&fixture->flow);
  fixture->found = g_ptr_array_new_with_free_func ((GDestroyNotify) streamer_scanned_free);
  fixture->cancellable = g_cancellable_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->cancellable);
  g_ptr_array_unref (fixture->found);
  test_flow_tear_down (&fixture->flow);
}

static void
write_file (Fixture *fixture, const char *name)
{
  g_autoptr (GBytes) bytes = g_bytes_new ("abc", 3);
  g_autoptr (GFile) file = test_flow_write (&fixture->flow, name, bytes);
}

static void
on_found (StreamerScanned *found, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_ptr_array_add (fixture->found, found);
  if (fixture->found->len == fixture->cancel_after)
    g_cancellable_cancel (fixture->cancellable);
}

static void
scan (Fixture *fixture, const char *name)
{
  g_autofree char *path = test_flow_path (&fixture->flow, name);
  g_autoptr (GError) error = NULL;

  g_assert_true (streamer_scan (path, on_found, fixture, fixture->cancellable, &error));
  g_assert_no_error (error);
}

/* @names: with "!" before what has to have an error */
static void
assert_found (Fixture *fixture, const char *const *names)
{
  for (guint i = 0; i < fixture->found->len; i++)
    {
      const StreamerScanned *found = fixture->found->pdata[i];
      gboolean refused = names[i] != NULL && names[i][0] == '!';

      g_assert_nonnull (names[i]);
      g_assert_cmpstr (found->name, ==, names[i] + (refused ? 1 : 0));
      if (refused)
        g_assert_error (found->error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE);
      else
        {
          g_assert_no_error (found->error);
          g_assert_cmpuint (found->size, ==, 3);
          g_assert_true (g_str_has_suffix (found->path, found->name));
        }
    }
  g_assert_cmpuint (fixture->found->len, ==, g_strv_length ((char **) names));
}

static void
test_file_is_found_by_its_name (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "folder/file");
  scan (fixture, "folder/file");
  assert_found (fixture, (const char *const[]){ "file", NULL });
}

static void
test_folder_keeps_its_structure_in_byte_order (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "top/b");
  write_file (fixture, "top/a/z");
  write_file (fixture, "top/a/B");
  write_file (fixture, "top/a.txt");
  write_file (fixture, "top/a-");
  write_file (fixture, "top/.hidden");
  write_file (fixture, "top/ä");
  scan (fixture, "top");
  assert_found (fixture, (const char *const[]){ "top/.hidden", "top/a-", "top/a.txt", "top/a/B",
                                                "top/a/z", "top/b", "top/ä", NULL });
}

static void
test_slash_and_dot_at_the_end_do_not_matter (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "top/b");
  scan (fixture, "top/");
  scan (fixture, "top/.");
  scan (fixture, "top/../top//");
  assert_found (fixture, (const char *const[]){ "top/b", "top/b", "top/b", NULL });
}

static void
test_names_may_be_any_bytes (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "top/\xff\xfe\n bad");
  scan (fixture, "top");
  assert_found (fixture, (const char *const[]){ "top/\xff\xfe\n bad", NULL });
}

static void
make_link (Fixture *fixture, const char *target, const char *name)
{
  g_autofree char *path = test_flow_path (&fixture->flow, name);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
test_links_are_followed_but_not_in_circles (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "elsewhere/inside");
  write_file (fixture, "top/a/file");
  make_link (fixture, "..", "top/a/up");
  make_link (fixture, ".", "top/self");
  make_link (fixture, "a/file", "top/link");
  make_link (fixture, "../elsewhere", "top/other");
  make_link (fixture, "nowhere", "top/broken");
  make_link (fixture, "circle", "top/circle");
  scan (fixture, "top");
  /* A folder may be entered by two ways, as long as neither leads through itself. */
  assert_found (fixture,
                (const char *const[]){ "top/a/file", "!top/a/up", "!top/broken", "!top/circle",
                                       "top/link", "top/other/inside", "!top/self", NULL });
}

static void
test_what_is_no_file_is_named (Fixture *fixture, gconstpointer data)
{
  g_autofree char *fifo = test_flow_path (&fixture->flow, "top/fifo");
  g_autofree char *socket_path = test_flow_path (&fixture->flow, "top/socket");
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket_path);
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  write_file (fixture, "top/a");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, &error);
  g_assert_no_error (error);
  g_socket_bind (socket, address, FALSE, &error);
  g_assert_no_error (error);
  make_link (fixture, "/dev/null", "top/device");
  scan (fixture, "top");
  scan (fixture, "top/fifo");
  scan (fixture, "absent");
  assert_found (fixture, (const char *const[]){ "top/a", "!top/device", "!top/fifo", "!top/socket",
                                                "!fifo", "!absent", NULL });
}

static void
test_too_deep_is_named (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) name = g_string_new ("top");
  const StreamerScanned *found;

  for (guint depth = 2; depth <= STREAMER_SCAN_MAX_DEPTH + 3; depth++)
    g_string_append (name, "/d");
  g_string_append (name, "/file");
  write_file (fixture, name->str);
  write_file (fixture, "top/e");
  scan (fixture, "top");
  g_assert_cmpuint (fixture->found->len, ==, 2);
  found = fixture->found->pdata[0];
  g_assert_error (found->error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE);
  /* The first folder that is one too deep. */
  g_assert_cmpuint (strlen (found->name), ==, strlen ("top") + 2 * STREAMER_SCAN_MAX_DEPTH);
  found = fixture->found->pdata[1];
  g_assert_cmpstr (found->name, ==, "top/e");
}

static void
test_unreadable_folder_is_named (Fixture *fixture, gconstpointer data)
{
  g_autofree char *closed = test_flow_path (&fixture->flow, "top/closed");

  if (geteuid () == 0)
    {
      g_test_skip ("root reads everything");
      return;
    }
  write_file (fixture, "top/closed/file");
  write_file (fixture, "top/open");
  g_assert_cmpint (chmod (closed, 0), ==, 0);
  scan (fixture, "top");
  g_assert_cmpint (chmod (closed, 0700), ==, 0);
  assert_found (fixture, (const char *const[]){ "!top/closed", "top/open", NULL });
}

static void
test_stops_when_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = test_flow_path (&fixture->flow, "top");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("top/%u/file", i);

      write_file (fixture, name);
    }
  fixture->cancel_after = 3;
  g_assert_false (streamer_scan (path, on_found, fixture, fixture->cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture->found->len, ==, 3);
}

#define add(name, func) g_test_add ("/scan/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("file-is-found-by-its-name", test_file_is_found_by_its_name);
  add ("folder-keeps-its-structure-in-byte-order", test_folder_keeps_its_structure_in_byte_order);
  add ("slash-and-dot-at-the-end-do-not-matter", test_slash_and_dot_at_the_end_do_not_matter);
  add ("names-may-be-any-bytes", test_names_may_be_any_bytes);
  add ("links-are-followed-but-not-in-circles", test_links_are_followed_but_not_in_circles);
  add ("what-is-no-file-is-named", test_what_is_no_file_is_named);
  add ("too-deep-is-named", test_too_deep_is_named);
  add ("unreadable-folder-is-named", test_unreadable_folder_is_named);
  add ("stops-when-cancelled", test_stops_when_cancelled);
  return g_test_run ();
}
