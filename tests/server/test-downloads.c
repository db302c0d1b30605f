/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <string.h>

#include "server-fixture.h"

static void
assert_header (const Reply *reply, const char *name, const char *value)
{
  g_autofree char *found = reply_get_header (reply, name);

  g_assert_cmpstr (found, ==, value);
}

/* Uploads an object of some type. (transfer full): its link */
static char *
upload_as (ServerFixture *fixture, const char *key, const char *content_type, GBytes *bytes)
{
  g_autofree char *resume_id = g_uuid_string_random ();
  g_autoptr (JsonObject) begun =
      api_call (fixture, ALICE,
                "{'action': 'begin', 'key': '%s', 'size': %zu, 'content_type': '%s',"
                " 'resume_id': '%s'}",
                key, g_bytes_get_size (bytes), content_type, resume_id);
  const char *id = json_object_get_string_member (api_done (begun), "upload_id");
  g_autofree char *etag = put_part (fixture, id, 1, bytes);
  g_autoptr (JsonObject) finished =
      api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);

  return g_strdup (json_object_get_string_member (api_done (finished), "url"));
}

static const char *const odd_keys[] = {
  "with blanks.bin", "%2e%2e/%2F/50%", "q?uestion#frag&a=b", "plus+and;semi,colon",
  "üñí/😀.txt",       "עברית/ملف",      "a/.hidden/...",      "quote's",
  "back\\\\slash",   "<b>&amp;</b>",
};

static void
test_every_key_has_a_link (ServerFixture *fixture, gconstpointer data)
{
  g_autofree char *one_segment = g_strnfill (1024, 'k');
  g_autofree char *long_segments = NULL;
  g_autofree char *first = g_strnfill (400, 'x');
  g_autofree char *second = g_strnfill (623, 'y');
  GPtrArray *keys = g_ptr_array_new ();

  long_segments = g_strconcat (first, "/", second, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (odd_keys); i++)
    g_ptr_array_add (keys, (gpointer) odd_keys[i]);
  g_ptr_array_add (keys, one_segment);
  g_ptr_array_add (keys, long_segments);
  for (guint i = 0; i < keys->len; i++)
    {
      g_autoptr (GBytes) bytes = make_bytes (100 + i, i);
      g_autofree char *key = g_strdup (g_ptr_array_index (keys, i));
      g_autofree char *url = NULL;

      /* The request is written with ' for ". */
      g_strdelimit (key, "'", '_');
      url = upload (fixture, key, bytes);
      assert_download (fixture, url, bytes);
    }
  g_ptr_array_unref (keys);
}

static void
test_only_links_that_were_given_work (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *url = upload (fixture, "a/b", bytes);
  g_autofree char *other = upload (fixture, "a/c", bytes);
  g_autofree char *other_key = g_strdup (url);
  g_autofree char *dots = g_strconcat ("/downloads/a/../a/b", strchr (url, '?'), NULL);
  const char *paths[] = { "/downloads/a/b",
                          "/downloads/a/b?signature=",
                          "/downloads/",
                          "/downloads",
                          "/downloads/../state.db",
                          "/downloads/%2e%2e/state.db",
                          "/downloads/a%2fb",
                          "/downloads/%00?signature=x",
                          "/downloads/%ff",
                          "/",
                          "/objects/a/b" };
  g_auto (Reply) reply = { 0 };

  strstr (other_key, "a/b")[2] = 'c';
  client_request (fixture, "GET", other_key, NULL, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 403);
  client_request (fixture, "GET", dots, NULL, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 403);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      client_request (fixture, "GET", paths[i], NULL, NULL, &reply);
      g_assert_true (reply.status == 403 || reply.status == 404);
    }
  client_request (fixture, "PUT", url, NULL, bytes, &reply);
  g_assert_cmpuint (reply.status, ==, 405);
  client_request (fixture, "DELETE", url, NULL, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 405);
}

static void
test_links_go_on_after_a_restart (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *url = upload (fixture, "k", bytes);

  server_fixture_restart (fixture);
  assert_download (fixture, url, bytes);
}

static void
test_ranges (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (1000, 1);
  g_autofree char *url = upload (fixture, "k", bytes);
  const struct
  {
    const char *range;
    guint status;
    gsize offset, length;
    const char *content_range;
  } cases[] = {
    { "bytes=0-0", 206, 0, 1, "bytes 0-0/1000" },
    { "bytes=10-19", 206, 10, 10, "bytes 10-19/1000" },
    { "bytes=990-", 206, 990, 10, "bytes 990-999/1000" },
    { "bytes=-10", 206, 990, 10, "bytes 990-999/1000" },
    { "bytes=-2000", 206, 0, 1000, "bytes 0-999/1000" },
    { "bytes=990-5000", 206, 990, 10, "bytes 990-999/1000" },
    { "bytes=0-9,20-29", 200, 0, 1000, NULL },
    { "lines=1-2", 200, 0, 1000, NULL },
    { "bytes=x", 200, 0, 1000, NULL },
    { "bytes=1000-", 416, 0, 0, "bytes */1000" },
    { "bytes=5000-6000", 416, 0, 0, "bytes */1000" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *header = g_strdup_printf ("Range: %s\r\n", cases[i].range);
      g_auto (Reply) reply = { 0 };

      client_request (fixture, "GET", url, header, NULL, &reply);
      g_assert_cmpuint (reply.status, ==, cases[i].status);
      assert_header (&reply, "Content-Range", cases[i].content_range);
      if (cases[i].status != 416)
        {
          g_autoptr (GBytes) piece =
              g_bytes_new_from_bytes (bytes, cases[i].offset, cases[i].length);

          g_assert_true (g_bytes_equal (reply.body, piece));
        }
    }
}

static void
test_range_of_another_version (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (1000, 1);
  g_autofree char *url = upload (fixture, "k", bytes);
  g_auto (Reply) reply = { 0 };
  g_autofree char *etag = NULL, *same = NULL;

  client_request (fixture, "GET", url, "Range: bytes=0-9\r\nIf-Range: \"other\"\r\n", NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 200);
  etag = reply_get_header (&reply, "ETag");
  same = g_strdup_printf ("Range: bytes=0-9\r\nIf-Range: %s\r\n", etag);
  client_request (fixture, "GET", url, same, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 206);
}

static void
test_what_is_known_is_not_sent (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (1000, 1);
  g_autofree char *url = upload (fixture, "k", bytes);
  g_auto (Reply) reply = { 0 };
  g_autofree char *etag = NULL, *known = NULL;

  client_request (fixture, "HEAD", url, NULL, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 200);
  assert_header (&reply, "Content-Length", "1000");
  etag = reply_get_header (&reply, "ETag");
  known = g_strdup_printf ("If-None-Match: \"a\", W/%s\r\n", etag);
  client_request (fixture, "GET", url, known, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 304);
  g_assert_cmpuint (g_bytes_get_size (reply.body), ==, 0);
  assert_header (&reply, "ETag", etag);
  client_request (fixture, "GET", url, "If-None-Match: \"a\"\r\n", NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 200);
}

static void
test_what_could_run_is_saved (ServerFixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *key, *type;
    gboolean shown;
  } cases[] = {
    { "a.html", "text/html", FALSE },
    { "b.html", "TEXT/HTML; charset=utf-8", FALSE },
    { "c.svg", "image/svg+xml", FALSE },
    { "d.xhtml", "application/xhtml+xml", FALSE },
    { "e.js", "text/javascript", FALSE },
    { "f.xml", "text/xml", FALSE },
    { "g.bin", "application/octet-stream", FALSE },
    { "h.png", "image/png", TRUE },
    { "i.mp4", "video/mp4", TRUE },
    { "j.txt", "text/plain", TRUE },
  };
  g_autoptr (GBytes) bytes = make_bytes (10, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *url = upload_as (fixture, cases[i].key, cases[i].type, bytes);
      g_autofree char *disposition = NULL, *policy = NULL;
      g_auto (Reply) reply = { 0 };

      client_request (fixture, "GET", url, NULL, NULL, &reply);
      disposition = reply_get_header (&reply, "Content-Disposition");
      policy = reply_get_header (&reply, "Content-Security-Policy");
      g_assert_true (g_str_has_prefix (disposition, cases[i].shown ? "inline; " : "attachment; "));
      g_assert_nonnull (strstr (disposition, cases[i].key));
      g_assert_true (g_str_has_prefix (policy, "sandbox;"));
      assert_header (&reply, "Content-Type", cases[i].type);
      assert_header (&reply, "X-Content-Type-Options", "nosniff");
    }
}

static void
test_saved_under_its_name (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *url = upload (fixture, "folder/\u00e4 50%; x.bin", bytes);
  g_auto (Reply) reply = { 0 };

  client_request (fixture, "GET", url, NULL, NULL, &reply);
  assert_header (&reply, "Content-Disposition",
                 "attachment; filename=\"a 50_; x.bin\"; "
                 "filename*=UTF-8''%C3%A4%2050%25%3B%20x.bin");
}

/* What somebody put into the folder by hand is served as well. */
static void
test_file_from_elsewhere (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *url = upload_as (fixture, "k.txt", "application/x-mine", bytes);
  g_autofree char *path = g_build_filename (fixture->root, "objects", "k.txt", NULL);
  g_auto (Reply) before = { 0 };
  g_auto (Reply) after = { 0 };
  g_autofree char *first = NULL, *second = NULL;

  client_request (fixture, "GET", url, NULL, NULL, &before);
  assert_header (&before, "Content-Type", "application/x-mine");
  g_assert_true (g_file_set_contents (path, "other", -1, NULL));
  client_request (fixture, "GET", url, NULL, NULL, &after);
  g_assert_cmpuint (g_bytes_get_size (after.body), ==, 5);
  first = reply_get_header (&before, "ETag");
  second = reply_get_header (&after, "ETag");
  g_assert_cmpstr (first, !=, second);
}

typedef struct
{
  ServerFixture *fixture;
  const char *url;
  GBytes *versions[2];
  gint stop;
} Visitor;

static gpointer
visit_again_and_again (gpointer data)
{
  Visitor *visitor = data;
  guint n = 0;

  do
    {
      g_auto (Reply) reply = { 0 };

      client_request (visitor->fixture, "GET", visitor->url, NULL, NULL, &reply);
      g_assert_cmpuint (reply.status, ==, 200);
      g_assert_true (g_bytes_equal (reply.body, visitor->versions[0]) ||
                     g_bytes_equal (reply.body, visitor->versions[1]));
      n++;
    }
  while (!g_atomic_int_get (&visitor->stop));
  return GUINT_TO_POINTER (n);
}

/* While it is replaced again and again, a visitor gets one version or the other, whole. */
static void
test_visitor_sees_a_whole_object (ServerFixture *fixture, gconstpointer data)
{
  Visitor visitor = { .fixture = fixture };
  g_autofree char *url = NULL;
  GThread *thread;

  visitor.versions[0] = make_bytes (300000, 1);
  visitor.versions[1] = make_bytes (400000, 2);
  visitor.url = url = upload (fixture, "k", visitor.versions[0]);
  thread = g_thread_new ("visitor", visit_again_and_again, &visitor);
  for (guint i = 1; i <= 20; i++)
    {
      GBytes *bytes = visitor.versions[i % 2];
      g_autofree char *id = begin_upload (fixture, "k", g_bytes_get_size (bytes), 1000000, TRUE);
      g_autofree char *etag = put_part (fixture, id, 1, bytes);
      g_autoptr (JsonObject) finished =
          api_call (fixture, ALICE, "{'action': 'finish', 'upload_id': '%s'}", id);

      api_done (finished);
    }
  g_atomic_int_set (&visitor.stop, 1);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (thread)), >, 0);
  g_bytes_unref (visitor.versions[0]);
  g_bytes_unref (visitor.versions[1]);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/downloads/" name, ServerFixture, NULL, server_fixture_set_up, function,            \
              server_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("every-key-has-a-link", test_every_key_has_a_link);
  ADD ("only-links-that-were-given-work", test_only_links_that_were_given_work);
  ADD ("links-go-on-after-a-restart", test_links_go_on_after_a_restart);
  ADD ("ranges", test_ranges);
  ADD ("range-of-another-version", test_range_of_another_version);
  ADD ("what-is-known-is-not-sent", test_what_is_known_is_not_sent);
  ADD ("what-could-run-is-saved", test_what_could_run_is_saved);
  ADD ("saved-under-its-name", test_saved_under_its_name);
  ADD ("file-from-elsewhere", test_file_from_elsewhere);
  ADD ("visitor-sees-a-whole-object", test_visitor_sees_a_whole_object);
  return g_test_run ();
}
