/* request-fixture.c: a request store between a scripted backend and a scripted bucket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "request-fixture.h"

RequestFixture *
request_fixture_new (gsize size, guint64 part_size)
{
  RequestFixture *self = g_new0 (RequestFixture, 1);
  g_autofree char *request_url = NULL;

  self->backend = script_server_new ();
  self->bucket = script_server_new ();
  self->http = streamer_http_new ();
  self->secrets = streamer_memory_secrets_new (NULL);
  streamer_secrets_store (self->secrets, "test", STREAMER_SECRET_TOKEN, FIXTURE_TOKEN, NULL, NULL,
                          NULL);
  streamer_secrets_store (self->secrets, "test", STREAMER_SECRET_API_KEY, FIXTURE_API_KEY, NULL,
                          NULL, NULL);

  request_url = g_strconcat (script_server_get_url (self->backend), "/upload/request", NULL);
  self->store = streamer_request_store_new (request_url, "test", self->secrets);
  self->file = test_file_new (size, part_size);
  self->upload = streamer_upload_new ("team-a/ä b.bin", &self->file->plan, "text/plain", FALSE);
  return self;
}

void
request_fixture_free (RequestFixture *self)
{
  streamer_upload_unref (self->upload);
  g_object_unref (self->store);
  g_object_unref (self->secrets);
  g_object_unref (self->http);
  script_server_free (self->backend);
  script_server_free (self->bucket);
  test_file_free (self->file);
  g_free (self);
}

void
request_fixture_answer (RequestFixture *self, const char *status)
{
  g_autofree char *body = g_strdup_printf (
      "{\"status\": %s, \"request_id\": \"request-1\", \"status_code\": 200}", status);

  script_server_add_answer (self->backend, 200, body);
}

void
request_fixture_answer_begin (RequestFixture *self)
{
  g_autofree char *status =
      g_strdup_printf ("{\"upload_id\": \"upload-1\", \"part_size\": %" G_GUINT64_FORMAT "}",
                       self->upload->part_size);

  request_fixture_answer (self, FIXTURE_CAPABILITIES);
  request_fixture_answer (self, status);
}

void
request_fixture_answer_presign (RequestFixture *self, guint first, guint last, const char *expires)
{
  g_autoptr (GString) status = g_string_new ("[");

  for (guint number = first; number <= last; number++)
    {
      g_string_append_printf (status,
                              "%s{\"number\": %u, \"method\": \"PUT\","
                              " \"url\": \"%s/bucket/x?partNumber=%u&X-Sign=SIGNATURE-cf8427e0%u\","
                              " \"headers\": {\"x-amz-meta-Part\": \"%u\"}",
                              number == first ? "" : ", ", number,
                              script_server_get_url (self->bucket), number, number, number);
      if (expires != NULL)
        g_string_append_printf (status, ", \"expires\": \"%s\"", expires);
      g_string_append_c (status, '}');
    }
  g_string_append_c (status, ']');
  request_fixture_answer (self, status->str);
}

void
request_fixture_take_part (RequestFixture *self, const char *etag)
{
  g_autofree char *answer =
      g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: %s\r\n\r\n", etag);
  ScriptStep step = { .read_body = SCRIPT_WHOLE_BODY, .answer = answer };

  script_server_add (self->bucket, &step);
}

void
request_fixture_begin (RequestFixture *self)
{
  g_autoptr (GError) error = NULL;

  request_fixture_answer_begin (self);
  g_assert_true (streamer_store_begin (self->store, self->http, self->upload, NULL, &error));
  g_assert_no_error (error);
}

gboolean
request_fixture_put (RequestFixture *self, guint number, StreamerStoredPart *stored, GError **error)
{
  g_autoptr (StreamerPartStream) part = test_file_get_part (self->file, number, NULL);

  return streamer_store_put_part (self->store, self->http, self->upload, number, part, stored, NULL,
                                  error);
}

void
request_fixture_put_ok (RequestFixture *self, guint number, GArray *parts)
{
  g_autoptr (GError) error = NULL;
  StreamerStoredPart stored = { 0 };

  g_assert_true (request_fixture_put (self, number, &stored, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (stored.number, ==, number);
  if (parts != NULL)
    g_array_append_val (parts, stored);
  else
    streamer_stored_part_clear (&stored);
}

void
request_fixture_put_fails (RequestFixture *self, guint number, StreamerError code)
{
  g_autoptr (GError) error = NULL;
  StreamerStoredPart stored = { 0 };

  g_assert_false (request_fixture_put (self, number, &stored, &error));
  g_assert_error (error, STREAMER_ERROR, (int) code);
}

JsonObject *
request_fixture_get_body (RequestFixture *self, guint index)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;

  script_server_get (self->backend, index, &request);
  root = json_from_string (request.body->str, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (root));
}

char *
request_fixture_get_action (RequestFixture *self, guint index)
{
  g_autoptr (JsonObject) body = request_fixture_get_body (self, index);

  return g_strdup (json_object_get_string_member (body, "action"));
}
