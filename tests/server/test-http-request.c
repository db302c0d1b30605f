/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-http-request.h"

#include <string.h>

#define HEAD "PUT /parts/a/1 HTTP/1.1\r\nHost: localhost\r\n"

static guint
parse (const char *text)
{
  guint refusal = 0;
  g_autoptr (StreamerHttpRequest) request =
      streamer_http_request_parse (text, strlen (text), &refusal);

  g_assert_true ((request == NULL) == (refusal != 0));
  return refusal;
}

static void
test_good_request (void)
{
  const char *text = "PUT /a%2Fb//../c?x=1&y=a%20b&z HTTP/1.1\r\nHost: [::1]:80\r\n"
                     "content-length:  12\t\r\nExpect: 100-continue\r\nX-Empty:\r\n\r\nrest";
  guint refusal;
  g_autoptr (StreamerHttpRequest) request =
      streamer_http_request_parse (text, strlen (text), &refusal);
  g_autofree char *origin = streamer_http_request_get_origin (request);
  g_autofree char *y = streamer_http_request_get_parameter (request, "y");
  g_autofree char *z = streamer_http_request_get_parameter (request, "z");

  g_assert_cmpstr (request->method, ==, "PUT");
  g_assert_cmpstr (request->path, ==, "/a%2Fb//../c");
  g_assert_cmpstr (request->query, ==, "x=1&y=a%20b&z");
  g_assert_cmpstr (y, ==, "a b");
  g_assert_null (z);
  g_assert_cmpstr (origin, ==, "http://[::1]:80");
  g_assert_true (request->has_length);
  g_assert_cmpuint (request->length, ==, 12);
  g_assert_true (request->keep_alive);
  g_assert_true (request->expects_continue);
}

static void
test_connection_ends_when_it_is_said (void)
{
  const char *texts[] = { "GET / HTTP/1.0\r\n\r\n",
                          "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      guint refusal;
      g_autoptr (StreamerHttpRequest) request =
          streamer_http_request_parse (texts[i], strlen (texts[i]), &refusal);

      g_assert_nonnull (request);
      g_assert_false (request->keep_alive);
    }
}

static void
test_parameter_given_twice_counts_as_absent (void)
{
  const char *text = "GET /?a=1&a=2&b=%00&c=%ff HTTP/1.0\r\n\r\n";
  guint refusal;
  g_autoptr (StreamerHttpRequest) request =
      streamer_http_request_parse (text, strlen (text), &refusal);

  g_assert_null (streamer_http_request_get_parameter (request, "a"));
  g_assert_null (streamer_http_request_get_parameter (request, "b"));
  g_assert_null (streamer_http_request_get_parameter (request, "c"));
}

static void
test_origin_behind_a_proxy (void)
{
  const char *text = "GET / HTTP/1.1\r\nHost: files.example\r\nX-Forwarded-Proto: https\r\n\r\n";
  guint refusal;
  g_autoptr (StreamerHttpRequest) request =
      streamer_http_request_parse (text, strlen (text), &refusal);
  g_autofree char *origin = streamer_http_request_get_origin (request);

  g_assert_cmpstr (origin, ==, "https://files.example");
}

static void
test_hostile_request (gconstpointer data)
{
  g_assert_cmpuint (parse (data), ==, 400);
}

static void
test_request_of_another_kind (void)
{
  g_autofree char *path = g_strnfill (9000, 'a');
  g_autofree char *text = g_strconcat ("GET /", path, " HTTP/1.0\r\n\r\n", NULL);
  g_autoptr (GString) headers = g_string_new ("GET / HTTP/1.1\r\nHost: a\r\n");

  g_assert_cmpuint (parse (text), ==, 414);
  g_assert_cmpuint (parse ("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), ==, 505);
  g_assert_cmpuint (parse (HEAD "Transfer-Encoding: chunked\r\n\r\n"), ==, 411);
  g_assert_cmpuint (parse (HEAD "Expect: miracles\r\n\r\n"), ==, 417);
  g_assert_cmpuint (parse (HEAD "Content-Length: 9223372036854775808\r\n\r\n"), ==, 413);
  g_assert_cmpuint (parse (HEAD "Content-Length: 99999999999999999999999999\r\n\r\n"), ==, 413);
  for (guint i = 0; i < 150; i++)
    g_string_append (headers, "X: y\r\n");
  g_string_append (headers, "\r\n");
  g_assert_cmpuint (parse (headers->str), ==, 431);
}

static const struct
{
  const char *name;
  const char *text;
} hostile[] = {
  { "both-lengths", HEAD "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" },
  { "both-lengths-other-order", HEAD "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" },
  { "transfer-encoding-in-1.0", "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" },
  { "two-transfer-encodings",
    HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" },
  { "two-content-lengths", HEAD "Content-Length: 3\r\nContent-Length: 3\r\n\r\n" },
  { "content-length-list", HEAD "Content-Length: 3, 3\r\n\r\n" },
  { "negative-content-length", HEAD "Content-Length: -1\r\n\r\n" },
  { "signed-content-length", HEAD "Content-Length: +1\r\n\r\n" },
  { "hexadecimal-content-length", HEAD "Content-Length: 0x10\r\n\r\n" },
  { "empty-content-length", HEAD "Content-Length:\r\n\r\n" },
  { "blank-in-content-length", HEAD "Content-Length: 1 0\r\n\r\n" },
  { "two-hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
  { "no-host", "GET / HTTP/1.1\r\n\r\n" },
  { "host-with-a-path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" },
  { "host-with-a-user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n" },
  { "two-authorizations", HEAD "Authorization: a\r\nAuthorization: b\r\n\r\n" },
  { "bare-line-feed", "GET / HTTP/1.1\nHost: a\r\n\r\n" },
  { "bare-line-feed-in-a-header", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n" },
  { "bare-carriage-return", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n" },
  { "folded-header", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n" },
  { "blank-before-colon", HEAD "Content-Length : 3\r\n\r\n" },
  { "blank-before-header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n" },
  { "header-without-colon", HEAD "Content-Length\r\n\r\n" },
  { "header-without-name", HEAD ": 3\r\n\r\n" },
  { "control-character-in-a-value", HEAD "X: a\001b\r\n\r\n" },
  { "control-character-in-the-path", "GET /a\001 HTTP/1.1\r\nHost: a\r\n\r\n" },
  { "raw-unicode-in-the-path", "GET /\303\244 HTTP/1.1\r\nHost: a\r\n\r\n" },
  { "absolute-target", "GET http://other/ HTTP/1.1\r\nHost: a\r\n\r\n" },
  { "asterisk-target", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" },
  { "no-target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n" },
  { "two-blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n" },
  { "blank-in-the-path", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" },
  { "no-version", "GET /\r\n\r\n" },
  { "version-with-a-tail", "GET / HTTP/1.1x\r\nHost: a\r\n\r\n" },
  { "strange-method", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n" },
  { "no-end", "GET / HTTP/1.1\r\nHost: a\r\n" },
  { "nothing", "" },
};

static void
test_nul_is_refused (void)
{
  const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n";
  guint refusal;

  g_assert_null (streamer_http_request_parse (text, sizeof text - 1, &refusal));
  g_assert_cmpuint (refusal, ==, 400);
}

/* Written by hand or encoded, the name is decoded just once. */
static void
test_filename_of_version_1 (void)
{
  const char *cases[][2] = {
    { "filename=a/b.txt", "a/b.txt" },
    { "filename=a%2Fb.txt", "a/b.txt" },
    { "filename=a%2fb+c%2Bd.txt&x=y", "a/b c+d.txt" },
    { "filename=a/b+c.txt", "a/b+c.txt" },
    { "filename=a/R&D=1.txt", "a/R&D=1.txt" },
    { "filename=a/100%25%32%35.txt", "a/100%25.txt" },
    { "filename=a%252Fb", "a%2Fb" },
    { "filename=/tmp/a_1_x.b.1", "/tmp/a_1_x.b.1" },
    { "filename=%F0%9F%98%80?", "\360\237\230\200?" },
    { "x=y&filename=a+b", "a+b" },
    { "filename=", "" },
    { "xfilename=a", NULL },
    { "filename", NULL },
    { "", NULL },
    { "filename=a%00b", NULL },
    { "filename=%ff", NULL },
    { "filename=%zz", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text =
          g_strconcat ("POST /?", cases[i][0], " HTTP/1.1\r\nHost: a\r\n\r\n", NULL);
      guint refusal;
      g_autoptr (StreamerHttpRequest) request =
          streamer_http_request_parse (text, strlen (text), &refusal);
      g_autofree char *filename = streamer_http_request_get_filename (request);

      g_assert_cmpstr (filename, ==, cases[i][1]);
    }
}

/* Every cut of a good request, and every byte of it replaced, ends in an answer. */
static void
test_any_bytes (void)
{
  const char *text = HEAD "Content-Length: 3\r\nConnection: close\r\n\r\n";
  gsize length = strlen (text);
  guint refusal;

  for (gsize cut = 0; cut < length; cut++)
    g_assert_null (streamer_http_request_parse (text, cut, &refusal));
  for (gsize i = 0; i < length; i++)
    for (guint c = 0; c < 256; c++)
      {
        g_autofree char *changed = g_strdup (text);
        g_autoptr (StreamerHttpRequest) request = NULL;

        changed[i] = c;
        request = streamer_http_request_parse (changed, length, &refusal);
        g_assert_true ((request == NULL) == (refusal != 0));
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-request/good", test_good_request);
  g_test_add_func ("/http-request/connection-ends-when-it-is-said",
                   test_connection_ends_when_it_is_said);
  g_test_add_func ("/http-request/parameter-given-twice-counts-as-absent",
                   test_parameter_given_twice_counts_as_absent);
  g_test_add_func ("/http-request/origin-behind-a-proxy", test_origin_behind_a_proxy);
  g_test_add_func ("/http-request/of-another-kind", test_request_of_another_kind);
  g_test_add_func ("/http-request/filename-of-version-1", test_filename_of_version_1);
  g_test_add_func ("/http-request/nul-is-refused", test_nul_is_refused);
  g_test_add_func ("/http-request/any-bytes", test_any_bytes);
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *path = g_strconcat ("/http-request/hostile/", hostile[i].name, NULL);

      g_test_add_data_func (path, hostile[i].text, test_hostile_request);
    }
  return g_test_run ();
}
