/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "script-server.h"
#include "streamer-error.h"
#include "streamer-http.h"
#include "streamer-json.h"
#include "test-file.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define MIB (1024 * 1024)
/* Larger than what loopback's buffers take. */
#define BIG     (32 * MIB)
#define OK_KEEP "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
#define QUERY   "?X-Amz-Signature=SECRET"

static char *
url_of (ScriptServer *server)
{
  return g_strconcat (script_server_get_url (server), "/part" QUERY, NULL);
}

static void
assert_no_secret (const GError *error)
{
  g_assert_null (strstr (error->message, "SECRET"));
  g_assert_null (strstr (error->message, "Amz"));
}

static StreamerHttp *
new_impatient (void)
{
  return g_object_new (STREAMER_TYPE_HTTP, "timeout", 1, NULL);
}

/* PUTs the part and expects an answer of status. */
static void
put_part (StreamerHttp *http, const char *url, StreamerPartStream *body, guint status)
{
  g_autoptr (GError) error = NULL;
  g_auto (StreamerAnswer) answer = { 0 };

  streamer_http_send_part (http, "PUT", url, NULL, body, STREAMER_HTTP_DEFAULT, &answer, NULL,
                           &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer.status, ==, status);
}

static void
put_part_fails (StreamerHttp *http, const char *url, StreamerPartStream *body, StreamerError code)
{
  g_autoptr (GError) error = NULL;
  g_auto (StreamerAnswer) answer = { 0 };

  g_assert_false (streamer_http_send_part (http, "PUT", url, NULL, body, STREAMER_HTTP_DEFAULT,
                                           &answer, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, (int) code);
  assert_no_secret (error);
  g_assert_null (answer.body);
}

static GError *
post_fails (StreamerHttp *http, const char *url, StreamerError code)
{
  GError *error = NULL;
  g_auto (StreamerAnswer) answer = { 0 };

  g_assert_false (streamer_http_send_text (http, "POST", url, NULL, "{}", STREAMER_HTTP_DEFAULT,
                                           &answer, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, (int) code);
  assert_no_secret (error);
  return error;
}

static void
test_text_and_answer (void)
{
  static const char *const headers[] = { "Authorization", "Bearer abc", "x-api-key", "k",
                                         "Content-Type",  "text/plain", NULL };
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (GError) error = NULL;
  g_auto (StreamerAnswer) answer = { 0 };
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *url = url_of (server);
  g_autofree char *agent = NULL;
  g_autofree char *token = NULL;
  g_autofree char *type = NULL;
  gsize length;

  script_server_add_answer (server, 418, "{\"status\": 1}");
  streamer_http_send_text (http, "POST", url, headers, "{\"action\": \"begin\"}",
                           STREAMER_HTTP_DEFAULT, &answer, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer.status, ==, 418);
  g_assert_cmpstr (soup_message_headers_get_one (answer.headers, "content-length"), ==, "13");
  g_assert_cmpstr (g_bytes_get_data (answer.body, &length), ==, "{\"status\": 1}");
  g_assert_cmpuint (length, ==, 13);

  script_server_get (server, 0, &request);
  g_assert_true (g_str_has_prefix (request.head, "POST /part" QUERY " HTTP/1.1\r\n"));
  g_assert_cmpuint (request.body_length, ==, 19);
  agent = script_request_get_header (&request, "User-Agent");
  g_assert_true (g_str_has_prefix (agent, "S3Streamer/"));
  token = script_request_get_header (&request, "Authorization");
  g_assert_cmpstr (token, ==, "Bearer abc");
  type = script_request_get_header (&request, "Content-Type");
  g_assert_cmpstr (type, ==, "text/plain");
  g_assert_null (script_request_get_header (&request, "Accept-Encoding"));
}

static void
test_parts_share_a_connection (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (2 * MIB + 5, MIB);
  g_autofree char *url = url_of (server);

  for (guint number = 1; number <= 3; number++)
    {
      gsize sent = 99;
      g_autoptr (StreamerPartStream) body = test_file_get_part (file, number, &sent);
      g_auto (ScriptRequest) request = { 0 };

      put_part (http, url, body, 200);
      script_server_get (server, number - 1, &request);
      g_assert_true (request.complete);
      g_assert_cmpuint (request.connection, ==, 0);
      g_assert_cmpuint (request.body_length, ==, streamer_part_stream_get_length (body));
      g_assert_cmphex (request.body_crc32, ==, streamer_part_stream_get_crc32 (body));
      g_assert_cmpuint (sent, ==, request.body_length);
    }
}

static void
test_empty_part_says_its_length (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (0, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *url = url_of (server);
  g_autofree char *length = NULL;

  put_part (http, url, body, 200);
  script_server_get (server, 0, &request);
  length = script_request_get_header (&request, "Content-Length");
  g_assert_cmpstr (length, ==, "0");
}

/* The connection was kept alive and is closed when the next part comes on it. libsoup repeats the
 * request by itself: with an empty body, if it is let. */
static void
test_stale_connection (gconstpointer data)
{
  gsize size = GPOINTER_TO_SIZE (data);
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (size, 0);
  g_autoptr (StreamerPartStream) first = test_file_get_part (file, 1, NULL);
  g_autofree char *url = url_of (server);
  ScriptStep hang_up = { .read_body = size / 2, .then = SCRIPT_CLOSE };
  gsize sent = 0;
  g_autoptr (StreamerPartStream) second = test_file_get_part (file, 1, &sent);
  g_auto (ScriptRequest) cut = { 0 };
  g_auto (ScriptRequest) again = { 0 };

  script_server_add_answer (server, 200, "{}");
  script_server_add (server, &hang_up);
  put_part (http, url, first, 200);
  put_part (http, url, second, 200);

  g_assert_cmpuint (script_server_count (server), ==, 3);
  script_server_get (server, 1, &cut);
  g_assert_cmpuint (cut.connection, ==, 0);
  script_server_get (server, 2, &again);
  g_assert_cmpuint (again.connection, ==, 1);
  g_assert_true (again.complete);
  g_assert_cmpuint (again.body_length, ==, size);
  g_assert_cmphex (again.body_crc32, ==, file->crc32);
  g_assert_cmpuint (sent, ==, size);
  g_assert_cmphex (streamer_part_stream_get_crc32 (second), ==, file->crc32);
}

static void
test_stale_and_dead (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (100, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autofree char *url = url_of (server);
  ScriptStep hang_up = { .then = SCRIPT_CLOSE };

  script_server_add_answer (server, 200, "{}");
  script_server_add (server, &hang_up);
  script_server_add (server, &hang_up);
  put_part (http, url, body, 200);
  put_part_fails (http, url, body, STREAMER_ERROR_NETWORK);
  g_assert_cmpuint (script_server_count (server), ==, 3);
}

static void
test_stale_text (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autofree char *url = url_of (server);
  ScriptStep hang_up = { .read_body = SCRIPT_WHOLE_BODY, .then = SCRIPT_CLOSE };
  g_auto (ScriptRequest) again = { 0 };

  script_server_add_answer (server, 200, "{}");
  script_server_add (server, &hang_up);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (StreamerAnswer) answer = { 0 };

      streamer_http_send_text (http, "POST", url, NULL, "{\"action\":1}",
                               STREAMER_HTTP_SAFE_TO_REPEAT, &answer, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (answer.status, ==, 200);
    }
  g_assert_cmpuint (script_server_count (server), ==, 3);
  script_server_get (server, 2, &again);
  g_assert_cmpuint (again.body_length, ==, 12);

  /* What must not arrive twice is never repeated. */
  script_server_add (server, &hang_up);
  g_error_free (post_fails (http, url, STREAMER_ERROR_NETWORK));
  g_assert_cmpuint (script_server_count (server), ==, 4);
}

static void
test_redirects_are_not_followed (void)
{
  static const guint statuses[] = { 301, 302, 303, 307, 308 };
  static const char *const headers[] = { "x-api-key", "SECRET", NULL };
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (ScriptServer) other = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (100, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autofree char *url = url_of (server);
  g_autofree char *target = url_of (other);

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "HTTP/1.1 %u Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", statuses[i], target);
      ScriptStep redirect = { SCRIPT_WHOLE_BODY, text, 0, SCRIPT_KEEP };
      g_autoptr (GError) error = NULL;
      g_auto (StreamerAnswer) answer = { 0 };

      script_server_add (server, &redirect);
      put_part_fails (http, url, body, STREAMER_ERROR_PROTOCOL);
      script_server_add (server, &redirect);
      streamer_http_send_text (http, "POST", url, headers, "{}", STREAMER_HTTP_DEFAULT, &answer,
                               NULL, &error);
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
      g_assert_cmpuint (streamer_error_get_status_code (error), ==, statuses[i]);
      g_assert_nonnull (strstr (error->message, "another address"));
      assert_no_secret (error);
    }
  g_assert_cmpuint (script_server_count (other), ==, 0);
}

static void
test_redirects_are_answers_where_asked_for (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (ScriptServer) other = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (100, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autofree char *url = url_of (server);
  g_autofree char *target = url_of (other);
  g_autofree char *text =
      g_strdup_printf ("HTTP/1.1 307 Go\r\nLocation: %s\r\nContent-Length: 4\r\n\r\nthis", target);
  ScriptStep redirect = { SCRIPT_WHOLE_BODY, text, 0, SCRIPT_KEEP };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (StreamerAnswer) answer = { 0 };

      script_server_add (server, &redirect);
      if (i == 0)
        streamer_http_send_part (http, "PUT", url, NULL, body, STREAMER_HTTP_REDIRECTS, &answer,
                                 NULL, &error);
      else
        streamer_http_send_text (http, "HEAD", url, NULL, NULL, STREAMER_HTTP_REDIRECTS, &answer,
                                 NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (answer.status, ==, 307);
    }
  g_assert_cmpuint (script_server_count (other), ==, 0);
}

static void
test_unauthorized_is_an_answer (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (100, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autofree char *url = url_of (server);
  ScriptStep ask = {
    SCRIPT_WHOLE_BODY,
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 2\r\n\r\n{}",
    0,
    SCRIPT_KEEP,
  };

  g_autofree char *with_password = g_strdup_printf (
      "http://user:SECRET@%s/", script_server_get_url (server) + strlen ("http://"));
  g_auto (ScriptRequest) request = { 0 };

  script_server_add (server, &ask);
  put_part (http, url, body, 401);
  g_assert_cmpuint (script_server_count (server), ==, 1);

  /* libsoup by itself would take these for an answer to the server's question. */
  script_server_add (server, &ask);
  put_part (http, with_password, body, 401);
  g_assert_cmpuint (script_server_count (server), ==, 2);
  script_server_get (server, 1, &request);
  g_assert_null (strstr (request.head, "SECRET"));
  g_assert_null (script_request_get_header (&request, "Authorization"));
}

static void
test_long_answers_are_refused (void)
{
  static const char *const heads[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n",
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
  };
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autofree char *url = url_of (server);

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      ScriptStep step = { SCRIPT_WHOLE_BODY, heads[i], 10 * MIB, SCRIPT_CLOSE };
      g_autoptr (GError) error = NULL;

      script_server_add (server, &step);
      error = post_fails (http, url, STREAMER_ERROR_PROTOCOL);
    }
}

static void
test_longest_answer_is_taken (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (GError) error = NULL;
  g_auto (StreamerAnswer) answer = { 0 };
  ScriptStep step = { SCRIPT_WHOLE_BODY, "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n",
                      STREAMER_JSON_MAX_BYTES, SCRIPT_KEEP };

  script_server_add (server, &step);
  streamer_http_send_text (http, "POST", script_server_get_url (server), NULL, NULL,
                           STREAMER_HTTP_DEFAULT, &answer, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (answer.body), ==, STREAMER_JSON_MAX_BYTES);
}

static void
test_broken_answers (void)
{
  static const struct
  {
    const char *answer;
    StreamerError code;
  } cases[] = {
    { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":", STREAMER_ERROR_NETWORK },
    { "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{",
      STREAMER_ERROR_NETWORK },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"", STREAMER_ERROR_NETWORK },
    { NULL, STREAMER_ERROR_NETWORK },
    { "SSH-2.0-OpenSSH_9.2\r\n\r\n", STREAMER_ERROR_PROTOCOL },
  };
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autofree char *url = url_of (server);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ScriptStep step = { SCRIPT_WHOLE_BODY, cases[i].answer, 0, SCRIPT_CLOSE };
      g_autoptr (GError) error = NULL;

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      script_server_add (server, &step);
      error = post_fails (http, url, cases[i].code);
    }
}

static void
test_stalls_end (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = new_impatient ();
  g_autoptr (TestFile) file = test_file_new (BIG, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *url = url_of (server);
  ScriptStep before_answer = { SCRIPT_WHOLE_BODY, NULL, 0, SCRIPT_STALL };
  ScriptStep in_answer = { SCRIPT_WHOLE_BODY, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", 0,
                           SCRIPT_STALL };
  ScriptStep in_body = { MIB, NULL, 0, SCRIPT_STALL };

  script_server_add (server, &before_answer);
  error = post_fails (http, url, STREAMER_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "stood still"));
  script_server_add (server, &in_answer);
  g_error_free (post_fails (http, url, STREAMER_ERROR_NETWORK));
  script_server_add (server, &in_body);
  put_part_fails (http, url, body, STREAMER_ERROR_NETWORK);
}

/* A server that is busy answers before it has read the part, and hangs up. */
static void
test_early_answer_is_heard (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (BIG, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autofree char *url = url_of (server);
  ScriptStep busy = {
    MIB,
    "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
    0,
    SCRIPT_CLOSE,
  };
  g_autoptr (GError) error = NULL;
  g_auto (StreamerAnswer) answer = { 0 };

  script_server_add (server, &busy);
  streamer_http_send_part (http, "PUT", url, NULL, body, STREAMER_HTTP_DEFAULT, &answer, NULL,
                           &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer.status, ==, 503);
  g_assert_cmpstr (soup_message_headers_get_one (answer.headers, "Retry-After"), ==, "7");
  g_assert_cmpuint (script_server_count (server), ==, 1);
}

static void
test_early_success_is_none (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (BIG, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autofree char *url = url_of (server);
  ScriptStep liar = { MIB, OK_KEEP, 0, SCRIPT_CLOSE };

  script_server_add (server, &liar);
  put_part_fails (http, url, body, STREAMER_ERROR_NETWORK);
}

static void
test_refused (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autofree char *url = url_of (server);
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (GError) error = NULL;

  script_server_free (g_steal_pointer (&server));
  error = post_fails (http, url, STREAMER_ERROR_NETWORK);
  g_assert_true (g_str_has_prefix (error->message, "The server refuses the connection"));
}

static void
test_unresolvable (void)
{
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (GError) error =
      post_fails (http, "http://no-such-host.invalid/" QUERY, STREAMER_ERROR_NETWORK);

  g_assert_true (g_str_has_prefix (error->message, "The server cannot be found"));
  g_assert_nonnull (strstr (error->message, "no-such-host.invalid"));
}

static void
test_untrusted_certificate (void)
{
  g_autoptr (ScriptServer) server = script_server_new_tls ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autofree char *url = url_of (server);
  g_autoptr (GError) error = post_fails (http, url, STREAMER_ERROR_TLS);

  g_assert_true (g_str_has_prefix (error->message, "The server’s certificate"));
  g_assert_cmpuint (script_server_count (server), ==, 0);
}

static void
test_unusable_addresses (void)
{
  static const char *const urls[] = {
    "",
    "nonsense",
    "http://",
    "http:///x",
    "ftp://example.org/" QUERY,
    "file:///etc/passwd",
    "http://[::1" QUERY,
    "http://example.org:99999/" QUERY,
  };
  g_autoptr (StreamerHttp) http = streamer_http_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    g_error_free (post_fails (http, urls[i], STREAMER_ERROR_INVALID));
}

static void
test_headers_cannot_smuggle (void)
{
  static const char *const bad[][3] = {
    { "x-a", "b\r\nx-api-key: stolen", NULL },
    { "x-a\n", "b", NULL },
    { "x a", "b", NULL },
    { "", "b", NULL },
    { "Transfer-Encoding", "chunked", NULL },
  };
  static const char *const derived[] = { "Host", "evil.example", "content-length", "7", NULL };
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_auto (StreamerAnswer) answer = { 0 };
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *url = url_of (server);
  g_autofree char *host = NULL;
  g_autofree char *length = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (
          streamer_http_send_text (http, "PUT", url, bad[i], "{}", 0, &answer, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
      g_clear_error (&error);
    }
  g_assert_cmpuint (script_server_count (server), ==, 0);

  streamer_http_send_text (http, "PUT", url, derived, "{}", 0, &answer, NULL, &error);
  g_assert_no_error (error);
  script_server_get (server, 0, &request);
  host = script_request_get_header (&request, "Host");
  g_assert_true (g_str_has_prefix (host, "127.0.0.1:"));
  length = script_request_get_header (&request, "Content-Length");
  g_assert_cmpstr (length, ==, "2");
}

/* What goes wrong with the file comes back as it is, and is not tried again. */
static void
test_file_becomes_shorter (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (2 * MIB, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autofree char *url = url_of (server);

  g_assert_cmpint (truncate (file->path, MIB), ==, 0);
  put_part_fails (http, url, body, STREAMER_ERROR_CHANGED);
  g_assert_cmpuint (script_server_count (server), ==, 1);
}

typedef struct
{
  const char *url;
  StreamerPartStream *body;
  GCancellable *cancellable;
} Upload;

static gpointer
upload_main (gpointer user_data)
{
  Upload *upload = user_data;
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_auto (StreamerAnswer) answer = { 0 };
  GError *error = NULL;

  streamer_http_send_part (http, "PUT", upload->url, NULL, upload->body, STREAMER_HTTP_DEFAULT,
                           &answer, upload->cancellable, &error);
  return error;
}

static void
test_cancelled_in_the_middle (gconstpointer data)
{
  guint64 read_body = GPOINTER_TO_SIZE (data);
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (TestFile) file = test_file_new (BIG, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *url = url_of (server);
  g_autoptr (GError) error = NULL;
  ScriptStep stall = { read_body, NULL, 0, SCRIPT_STALL };
  Upload upload = { url, body, cancellable };
  GThread *thread;

  script_server_add (server, &stall);
  thread = g_thread_new ("upload", upload_main, &upload);
  script_server_wait_for (server, 0, read_body);
  g_cancellable_cancel (cancellable);
  error = g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/text-and-answer", test_text_and_answer);
  g_test_add_func ("/http/parts-share-a-connection", test_parts_share_a_connection);
  g_test_add_func ("/http/empty-part-says-its-length", test_empty_part_says_its_length);
  g_test_add_data_func ("/http/stale-connection/small", GSIZE_TO_POINTER (100),
                        test_stale_connection);
  g_test_add_data_func ("/http/stale-connection/big", GSIZE_TO_POINTER (BIG),
                        test_stale_connection);
  g_test_add_func ("/http/stale-connection/and-dead", test_stale_and_dead);
  g_test_add_func ("/http/stale-connection/text", test_stale_text);
  g_test_add_func ("/http/redirects-are-not-followed", test_redirects_are_not_followed);
  g_test_add_func ("/http/redirects-are-answers-where-asked-for",
                   test_redirects_are_answers_where_asked_for);
  g_test_add_func ("/http/unauthorized-is-an-answer", test_unauthorized_is_an_answer);
  g_test_add_func ("/http/long-answers-are-refused", test_long_answers_are_refused);
  g_test_add_func ("/http/longest-answer-is-taken", test_longest_answer_is_taken);
  g_test_add_func ("/http/broken-answers", test_broken_answers);
  g_test_add_func ("/http/stalls-end", test_stalls_end);
  g_test_add_func ("/http/early-answer-is-heard", test_early_answer_is_heard);
  g_test_add_func ("/http/early-success-is-none", test_early_success_is_none);
  g_test_add_func ("/http/refused", test_refused);
  g_test_add_func ("/http/unresolvable", test_unresolvable);
  g_test_add_func ("/http/untrusted-certificate", test_untrusted_certificate);
  g_test_add_func ("/http/unusable-addresses", test_unusable_addresses);
  g_test_add_func ("/http/headers-cannot-smuggle", test_headers_cannot_smuggle);
  g_test_add_func ("/http/file-becomes-shorter", test_file_becomes_shorter);
  g_test_add_data_func ("/http/cancelled/while-sending", GSIZE_TO_POINTER (MIB),
                        test_cancelled_in_the_middle);
  g_test_add_data_func ("/http/cancelled/while-waiting", GSIZE_TO_POINTER (BIG),
                        test_cancelled_in_the_middle);
  return g_test_run ();
}
