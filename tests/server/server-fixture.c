/* server-fixture.c: a server to test, and a client that can also send what no client should
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "server-fixture.h"

#include <string.h>

#include "streamer-checksum.h"
#include "streamer-json.h"

#define CLIENT_SECONDS 60

static void
start (ServerFixture *fixture)
{
  const char *const bobs[] = { "team-b", NULL };
  const char *const carols[] = { "team-c", NULL };
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GError) error = NULL;
  StreamerPolicy *policy = streamer_policy_new ();

  streamer_policy_add_principal (policy, "alice", ALICE, NULL, STREAMER_RIGHTS_ALL);
  streamer_policy_add_principal (policy, "bob", BOB, bobs,
                                 STREAMER_RIGHT_CREATE | STREAMER_RIGHT_LINK);
  streamer_policy_add_principal (policy, "carol", CAROL, carols, STREAMER_RIGHTS_ALL);
  streamer_policy_add_principal (policy, "dave", DAVE, NULL,
                                 STREAMER_RIGHT_REMOVE | STREAMER_RIGHT_LINK);
  fixture->server = streamer_server_new (&fixture->config, policy, &error);
  g_assert_no_error (error);
  g_assert_true (streamer_server_listen (fixture->server, address, 0, &error));
}

void
server_fixture_set_up (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->root = g_dir_make_tmp ("streamer-server-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->config.kind = g_strdup ("folder");
  fixture->config.root = g_strdup (fixture->root);
  start (fixture);
}

static void
remove_all (GFile *file)
{
  g_autoptr (GFileEnumerator) children = g_file_enumerate_children (
      file, "standard::name", G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
  GFile *child;

  while (children && g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) && child)
    remove_all (child);
  g_file_delete (file, NULL, NULL);
}

void
remove_tree (const char *path)
{
  g_autoptr (GFile) root = g_file_new_for_path (path);

  remove_all (root);
}

void
server_fixture_tear_down (ServerFixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->server, streamer_server_free);
  remove_tree (fixture->root);
  streamer_storage_config_clear (&fixture->config);
  g_clear_pointer (&fixture->root, g_free);
}

void
server_fixture_restart (ServerFixture *fixture)
{
  g_clear_pointer (&fixture->server, streamer_server_free);
  start (fixture);
}

void
reply_clear (Reply *reply)
{
  g_clear_pointer (&reply->head, g_free);
  g_clear_pointer (&reply->body, g_bytes_unref);
}

char *
reply_get_header (const Reply *reply, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (reply->head, "\r\n", -1);
  g_autofree char *prefix = g_strconcat (name, ": ", NULL);

  for (gsize i = 0; lines[i]; i++)
    if (g_ascii_strncasecmp (lines[i], prefix, strlen (prefix)) == 0)
      return g_strdup (lines[i] + strlen (prefix));
  return NULL;
}

GSocketConnection *
client_connect (ServerFixture *fixture)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection;

  g_socket_client_set_timeout (client, CLIENT_SECONDS);
  connection = g_socket_client_connect_to_host (
      client, "127.0.0.1", streamer_server_get_port (fixture->server), NULL, &error);
  g_assert_no_error (error);
  return connection;
}

void
client_send (GSocketConnection *client, const void *data, gsize length)
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (client));

  /* The server may have closed: what it said before is what counts. */
  g_output_stream_write_all (stream, data, length, NULL, NULL, NULL);
}

GBytes *
client_read_all (GSocketConnection *client)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (client));
  GByteArray *bytes = g_byte_array_new ();
  guint8 buffer[65536];
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_byte_array_append (bytes, buffer, n);
  return g_byte_array_free_to_bytes (bytes);
}

gboolean
client_read_reply (GSocketConnection *client, gboolean has_body, Reply *reply)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (client));
  g_autoptr (GString) head = g_string_new (NULL);
  g_autofree char *length_text = NULL, *body = NULL;
  gsize length = 0, got;

  while (!g_str_has_suffix (head->str, "\r\n\r\n"))
    {
      char c;

      if (g_input_stream_read (stream, &c, 1, NULL, NULL) != 1)
        return FALSE;
      g_string_append_c (head, c);
    }
  g_assert_true (g_str_has_prefix (head->str, "HTTP/1.1 "));
  reply_clear (reply);
  reply->status = g_ascii_strtoull (head->str + 9, NULL, 10);
  reply->head = g_strdup (head->str);
  length_text = reply_get_header (reply, "Content-Length");
  if (has_body && length_text)
    length = g_ascii_strtoull (length_text, NULL, 10);
  /* As a text, too. */
  body = g_malloc (length + 1);
  body[length] = '\0';
  if (!g_input_stream_read_all (stream, body, length, &got, NULL, NULL) || got != length)
    return FALSE;
  reply->body = g_bytes_new_take (g_steal_pointer (&body), length);
  return TRUE;
}

void
client_talk (ServerFixture *fixture, const char *text, Reply *reply)
{
  g_autoptr (GSocketConnection) client = client_connect (fixture);

  reply->status = 0;
  client_send (client, text, strlen (text));
  client_read_reply (client, TRUE, reply);
}

void
client_request (ServerFixture *fixture,
                const char *method,
                const char *url,
                const char *headers,
                GBytes *body,
                Reply *reply)
{
  g_autoptr (GSocketConnection) client = client_connect (fixture);
  g_autoptr (GString) head = g_string_new (NULL);
  const char *path = g_str_has_prefix (url, "http://") ? strchr (url + 7, '/') : url;

  g_string_printf (head, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n%s", method,
                   path, streamer_server_get_port (fixture->server), headers ? headers : "");
  if (body)
    g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\n",
                            g_bytes_get_size (body));
  g_string_append (head, "\r\n");
  client_send (client, head->str, head->len);
  if (body)
    client_send (client, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  reply->status = 0;
  client_read_reply (client, strcmp (method, "HEAD") != 0, reply);
}

JsonObject *
api_call (ServerFixture *fixture, const char *token, const char *body, ...)
{
  g_autofree char *headers = g_strdup_printf ("Authorization: Bearer %s\r\n", token);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_auto (Reply) reply = { 0 };
  va_list arguments;
  char *text;

  va_start (arguments, body);
  text = g_strdelimit (g_strdup_vprintf (body, arguments), "'", '"');
  va_end (arguments);
  bytes = g_bytes_new_take (text, strlen (text));
  client_request (fixture, "POST", "/upload/request", headers, bytes, &reply);
  g_assert_nonnull (reply.body);
  root = streamer_json_parse (g_bytes_get_data (reply.body, NULL), g_bytes_get_size (reply.body),
                              &error);
  g_assert_no_error (error);
  g_assert_cmpint (api_code (json_node_get_object (root)), ==, reply.status);
  return json_object_ref (json_node_get_object (root));
}

gint64
api_code (JsonObject *envelope)
{
  g_assert_nonnull (json_object_get_string_member (envelope, "request_id"));
  return json_object_get_int_member (envelope, "status_code");
}

JsonObject *
api_done (JsonObject *envelope)
{
  g_assert_cmpint (api_code (envelope), ==, 200);
  g_assert_false (json_object_has_member (envelope, "error"));
  return json_object_get_object_member (envelope, "status");
}

JsonArray *
api_done_array (JsonObject *envelope)
{
  g_assert_cmpint (api_code (envelope), ==, 200);
  return json_object_get_array_member (envelope, "status");
}

void
api_assert_failed (JsonObject *envelope, guint status, const char *code)
{
  JsonObject *error = json_object_get_object_member (envelope, "error");

  g_assert_cmpint (api_code (envelope), ==, status);
  g_assert_cmpstr (json_object_get_string_member (error, "code"), ==, code);
  g_assert_cmpstr (json_object_get_string_member (error, "message"), ==,
                   json_object_get_string_member (envelope, "status"));
}

GBytes *
make_bytes (gsize length, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint8 *bytes = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    bytes[i] = g_rand_int (random);
  return g_bytes_new_take (bytes, length);
}

guint32
bytes_crc32 (GBytes *bytes)
{
  return streamer_crc32_update (0, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

char *
begin_upload (ServerFixture *fixture,
              const char *key,
              gint64 size,
              guint64 part_size,
              gboolean overwrite)
{
  g_autofree char *resume_id = g_uuid_string_random ();
  g_autoptr (JsonObject) envelope =
      api_call (fixture, ALICE,
                "{'action': 'begin', 'key': '%s', 'size': %" G_GINT64_FORMAT
                ", 'part_size': %" G_GUINT64_FORMAT ", 'overwrite': %s, 'resume_id': '%s'}",
                key, size, part_size, overwrite ? "true" : "false", resume_id);

  return g_strdup (json_object_get_string_member (api_done (envelope), "upload_id"));
}

char *
presign_part (ServerFixture *fixture, const char *upload_id, guint number, guint64 size)
{
  g_autoptr (JsonObject) envelope =
      api_call (fixture, ALICE,
                "{'action': 'presign', 'upload_id': '%s', 'parts': [{'number': %u, 'size': "
                "%" G_GUINT64_FORMAT "}]}",
                upload_id, number, size);
  JsonObject *part = json_array_get_object_element (api_done_array (envelope), 0);

  g_assert_cmpint (json_object_get_int_member (part, "number"), ==, number);
  g_assert_cmpstr (json_object_get_string_member (part, "method"), ==, "PUT");
  return g_strdup (json_object_get_string_member (part, "url"));
}

char *
put_part (ServerFixture *fixture, const char *upload_id, guint number, GBytes *bytes)
{
  g_autofree char *url = presign_part (fixture, upload_id, number, g_bytes_get_size (bytes));
  g_auto (Reply) reply = { 0 };

  client_request (fixture, "PUT", url, NULL, bytes, &reply);
  g_assert_cmpuint (reply.status, ==, 200);
  return reply_get_header (&reply, "ETag");
}

char *
upload (ServerFixture *fixture, const char *key, GBytes *bytes)
{
  gsize size = g_bytes_get_size (bytes);
  g_autofree char *id = begin_upload (fixture, key, size, MAX (size, 1), FALSE);
  g_autofree char *etag = put_part (fixture, id, 1, bytes);
  g_autoptr (JsonObject) envelope = api_call (
      fixture, ALICE, "{'action': 'finish', 'upload_id': '%s', 'checksum': {'crc32': '%08x'}}", id,
      bytes_crc32 (bytes));

  return g_strdup (json_object_get_string_member (api_done (envelope), "url"));
}

void
assert_download (ServerFixture *fixture, const char *url, GBytes *bytes)
{
  g_auto (Reply) reply = { 0 };

  client_request (fixture, "GET", url, NULL, NULL, &reply);
  g_assert_cmpuint (reply.status, ==, 200);
  g_assert_true (g_bytes_equal (reply.body, bytes));
}

guint
count_open_files (ServerFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->root, "uploads", NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder))
    n++;
  return n;
}
