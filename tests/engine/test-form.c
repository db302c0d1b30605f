/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "script-server.h"
#include "streamer-checksum.h"
#include "streamer-error.h"
#include "streamer-form.h"
#include "streamer-http.h"
#include "test-file.h"

#include <string.h>

#define MIB (1024 * 1024)

static const char *const fields[] = { "key", "tmp//tmp/a b.1", "policy", "e30=", NULL };

static GBytes *
get_head (const char *boundary)
{
  GString *head = g_string_new (NULL);

  for (const char *const *field = fields; *field != NULL; field += 2)
    g_string_append_printf (head,
                            "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                            boundary, field[0], field[1]);
  g_string_append_printf (head,
                          "--%s\r\nContent-Disposition: form-data; name=\"file\"; "
                          "filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n",
                          boundary);
  return g_string_free_to_bytes (head);
}

/* Whether the request is the form around the file, to the last byte. */
static void
assert_form (ScriptServer *server, guint index, TestFile *file)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *type = NULL;
  g_autofree char *length_text = NULL;
  g_autofree char *tail = NULL;
  g_autoptr (GBytes) head = NULL;
  const char *boundary;
  guint64 length;
  guint32 crc32;

  script_server_get (server, index, &request);
  type = script_request_get_header (&request, "Content-Type");
  length_text = script_request_get_header (&request, "Content-Length");
  g_assert_true (g_str_has_prefix (type, "multipart/form-data; boundary="));
  boundary = strchr (type, '=') + 1;
  g_assert_cmpuint (strlen (boundary), >=, 32);
  head = get_head (boundary);
  tail = g_strdup_printf ("\r\n--%s--\r\n", boundary);

  length = g_bytes_get_size (head) + file->size + strlen (tail);
  crc32 = streamer_crc32_update (0, g_bytes_get_data (head, NULL), g_bytes_get_size (head));
  crc32 = streamer_crc32_update (crc32, file->bytes, file->size);
  crc32 = streamer_crc32_update (crc32, tail, strlen (tail));
  g_assert_true (request.complete);
  g_assert_cmpuint (g_ascii_strtoull (length_text, NULL, 10), ==, length);
  g_assert_cmpuint (request.body_length, ==, length);
  g_assert_cmphex (request.body_crc32, ==, crc32);
}

static gboolean
send_form (StreamerHttp *http, ScriptServer *server, StreamerPartStream *file, GError **error)
{
  g_auto (StreamerAnswer) answer = { 0 };

  return streamer_http_send_form (http, script_server_get_url (server), fields, file,
                                  STREAMER_HTTP_SAFE_TO_REPEAT, &answer, NULL, error);
}

static void
send_form_ok (StreamerHttp *http, ScriptServer *server, StreamerPartStream *file)
{
  g_autoptr (GError) error = NULL;

  send_form (http, server, file, &error);
  g_assert_no_error (error);
}

static void
test_every_size_arrives_whole (void)
{
  static const gsize sizes[] = { 0, 1, 63, 256 * 1024, 5 * MIB + 7 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (ScriptServer) server = script_server_new ();
      g_autoptr (StreamerHttp) http = streamer_http_new ();
      g_autoptr (TestFile) file = test_file_new (sizes[i], 0);
      gsize sent = 0;
      g_autoptr (StreamerPartStream) part = test_file_get_part (file, 1, &sent);

      send_form_ok (http, server, part);
      assert_form (server, 0, file);
      /* The frame is nobody's progress. */
      g_assert_cmpuint (sent, ==, sizes[i]);
      g_assert_cmphex (streamer_part_stream_get_crc32 (part), ==, file->crc32);
    }
}

static void
test_a_connection_is_kept (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (1000, 0);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 1, NULL);

  for (guint i = 0; i < 3; i++)
    {
      g_auto (ScriptRequest) request = { 0 };

      send_form_ok (http, server, part);
      assert_form (server, i, file);
      script_server_get (server, i, &request);
      g_assert_cmpuint (request.connection, ==, 0);
    }
}

/* The connection was kept alive, and is closed in the middle of the next form. */
static void
test_a_stale_connection_is_no_failure (gconstpointer data)
{
  gsize size = GPOINTER_TO_SIZE (data);
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (size, 0);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 1, NULL);
  ScriptStep hang_up = { .read_body = size / 2, .then = SCRIPT_CLOSE };

  script_server_add_answer (server, 200, "{}");
  script_server_add (server, &hang_up);
  send_form_ok (http, server, part);
  send_form_ok (http, server, part);
  g_assert_cmpuint (script_server_count (server), ==, 3);
  assert_form (server, 2, file);
}

static void
test_an_early_success_is_none (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_autoptr (TestFile) file = test_file_new (32 * MIB, 0);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 1, NULL);
  ScriptStep early = { .read_body = MIB,
                       .answer = "HTTP/1.1 204 No Content\r\n\r\n",
                       .then = SCRIPT_CLOSE };
  g_autoptr (GError) error = NULL;

  script_server_add (server, &early);
  g_assert_false (send_form (http, server, part, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK);
}

static void
test_no_boundary_comes_twice (void)
{
  g_autoptr (GHashTable) types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      g_auto (StreamerForm) form = { NULL };

      streamer_form_init (&form, fields);
      g_assert_true (g_hash_table_add (types, g_strdup (form.content_type)));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form/every-size-arrives-whole", test_every_size_arrives_whole);
  g_test_add_func ("/form/a-connection-is-kept", test_a_connection_is_kept);
  g_test_add_data_func ("/form/a-stale-connection-is-no-failure/small", GSIZE_TO_POINTER (100),
                        test_a_stale_connection_is_no_failure);
  g_test_add_data_func ("/form/a-stale-connection-is-no-failure/big", GSIZE_TO_POINTER (32 * MIB),
                        test_a_stale_connection_is_no_failure);
  g_test_add_func ("/form/an-early-success-is-none", test_an_early_success_is_none);
  g_test_add_func ("/form/no-boundary-comes-twice", test_no_boundary_comes_twice);
  return g_test_run ();
}
