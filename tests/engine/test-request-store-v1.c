/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "request-fixture.h"

#include "streamer-error.h"
#include "streamer-v1-upload.h"

#define MD5_OF_EMPTY "d41d8cd98f00b204e9800998ecf8427e"

/* The backend's next answer is CODE with the text STATUS. */
static void
answer_text (RequestFixture *fixture, guint code, const char *status)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *body = NULL;

  json_object_set_string_member (object, "status", status);
  json_object_set_string_member (object, "request_id", "request-1");
  json_object_set_int_member (object, "status_code", code);
  json_node_take_object (node, object);
  body = json_to_string (node, FALSE);
  script_server_add_answer (fixture->backend, 200, body);
}

/* Begins in version 1. */
static void
begin (RequestFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  answer_text (fixture, 500, "'capabilities'");
  answer_text (fixture, 200, "2~upload-1");
  streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, &error);
  g_assert_no_error (error);
}

/* The backend's next answer permits to post an object under KEY, in Python's notation. */
static void
answer_url (RequestFixture *fixture, const char *key, const char *more)
{
  g_autofree char *literal = g_strdup_printf (
      "{'url': '%s/bucket', 'fields': {'key': '%s', 'AWSAccessKeyId': 'AKIDAKIDAKIDAKID', "
      "'policy': 'eyJleHBpcmF0aW9uIjogIg==', 'signature': 'SIGNATURE-cf8427e0='%s}}",
      script_server_get_url (fixture->bucket), key, more);

  answer_text (fixture, 200, literal);
}

static void
answer_part_url (RequestFixture *fixture, guint number)
{
  g_autofree char *key = streamer_v1_upload_get_part_key (fixture->upload, number);

  answer_url (fixture, key, "");
}

static void
take_post (RequestFixture *fixture, const char *headers)
{
  g_autofree char *answer =
      g_strdup_printf ("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n%s\r\n", headers);
  ScriptStep step = { .read_body = SCRIPT_WHOLE_BODY, .answer = answer };

  script_server_add (fixture->bucket, &step);
}

static char *
get_md5 (RequestFixture *fixture, guint number)
{
  guint64 offset;
  guint64 length;

  streamer_plan_get_part (&fixture->file->plan, number, &offset, &length);
  return g_compute_checksum_for_data (G_CHECKSUM_MD5, fixture->file->bytes + offset, length);
}

static void
put_ok (RequestFixture *fixture, guint number, const char *headers, GArray *parts)
{
  answer_part_url (fixture, number);
  take_post (fixture, headers);
  answer_text (fixture, 200, "Part added to the main document.");
  request_fixture_put_ok (fixture, number, parts);
}

static GArray *
new_parts (void)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (StreamerStoredPart));

  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  return parts;
}

static char *
get_member (RequestFixture *fixture, guint index, const char *member)
{
  g_autoptr (JsonObject) body = request_fixture_get_body (fixture, index);

  return g_strdup (json_object_get_string_member (body, member));
}

static void
assert_member (RequestFixture *fixture, guint index, const char *member, const char *expected)
{
  g_autofree char *value = get_member (fixture, index, member);

  g_assert_cmpstr (value, ==, expected);
}

static void
assert_actions (RequestFixture *fixture, const char *expected)
{
  g_autoptr (GString) actions = g_string_new (NULL);

  for (guint i = 0; i < script_server_count (fixture->backend); i++)
    {
      g_autofree char *action = request_fixture_get_action (fixture, i);

      g_string_append_printf (actions, "%s%s", i == 0 ? "" : " ", action);
    }
  g_assert_cmpstr (actions->str, ==, expected);
}

static void
assert_query (RequestFixture *fixture, guint index, const char *name)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *escaped = g_uri_escape_string (name, NULL, FALSE);
  g_autofree char *line =
      g_strdup_printf ("POST /upload/request?filename=%s HTTP/1.1\r\n", escaped);

  script_server_get (fixture->backend, index, &request);
  g_assert_true (g_str_has_prefix (request.head, line));
}

static StreamerStoredObject *
finish (RequestFixture *fixture, GArray *parts, GError **error)
{
  return streamer_store_finish (fixture->store, fixture->http, fixture->upload, parts,
                                fixture->file->crc32, NULL, error);
}

static void
finish_ok (RequestFixture *fixture, GArray *parts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerStoredObject) object = finish (fixture, parts, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (object->size, ==, fixture->file->size);
  g_assert_null (object->url);
}

static void
finish_fails (RequestFixture *fixture, GArray *parts, StreamerError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerStoredObject) object = finish (fixture, parts, &error);

  g_assert_null (object);
  g_assert_error (error, STREAMER_ERROR, (int) code);
}

static void
test_parts_are_posted_added_and_completed (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GArray) parts = new_parts ();
  g_autofree char *name = NULL;
  g_autofree char *key = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *objects = NULL;
  g_autofree char *md5[3] = { NULL };

  begin (fixture);
  for (guint number = 1; number <= 3; number++)
    {
      put_ok (fixture, number, "", parts);
      md5[number - 1] = get_md5 (fixture, number);
      g_assert_cmpstr (g_array_index (parts, StreamerStoredPart, number - 1).etag, ==,
                       md5[number - 1]);
    }
  answer_text (fixture, 200, "Document recombined.");
  answer_text (fixture, 200, "Temporary file(s) deleted.");
  finish_ok (fixture, parts);

  assert_actions (fixture, "capabilities create geturl add geturl add geturl add complete delete");
  assert_member (fixture, 1, "filesize", "250");
  assert_member (fixture, 1, "overwrite", "NO");
  assert_query (fixture, 1, fixture->upload->key);

  name = streamer_v1_upload_get_part_name (fixture->upload, 2);
  key = streamer_v1_upload_get_part_key (fixture->upload, 2);
  assert_query (fixture, 4, name);
  assert_query (fixture, 5, fixture->upload->key);
  assert_member (fixture, 5, "uploadid", "2~upload-1");
  assert_member (fixture, 5, "partname", name);
  assert_member (fixture, 5, "partnumber", "2");

  expected = g_strdup_printf ("[{'ETag': '%s', 'PartNumber': 1}, {'ETag': '%s', 'PartNumber': 2}, "
                              "{'ETag': '%s', 'PartNumber': 3}]",
                              md5[0], md5[1], md5[2]);
  assert_member (fixture, 8, "parts", expected);
  assert_member (fixture, 8, "uploadid", "2~upload-1");
  objects = get_member (fixture, 9, "objects");
  g_assert_true (g_str_has_prefix (objects, "[{'Key': 'tmp//tmp/"));
  g_assert_nonnull (strstr (objects, key));
  for (gsize i = 0; i < G_N_ELEMENTS (md5); i++)
    g_clear_pointer (&md5[i], g_free);
}

static void
test_names_are_those_of_old_clients (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autofree char *name = NULL;
  g_autofree char *key = NULL;

  begin (fixture);
  name = streamer_v1_upload_get_part_name (fixture->upload, 12);
  key = streamer_v1_upload_get_part_key (fixture->upload, 12);
  /* The key is `team-a/ä b.bin`. */
  g_assert_true (g_regex_match_simple ("^/tmp/[a-zA-Z0-9-]+-[0-9a-f]{32}_[0-9]{10}_[a-zA-Z0-9]{5}"
                                       "\\.bin\\.12$",
                                       name, 0, 0));
  g_assert_true (g_str_has_prefix (key, "tmp//tmp/"));
  g_assert_nonnull (strstr (name, fixture->upload->resume_id));
}

/* The form as the store sees it: fields in the order given, then the file, and nothing behind. */
static void
test_the_form_has_the_fields_in_order_and_the_file_last (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *type = NULL;
  g_autofree char *key = NULL;
  g_autofree char *head = NULL;
  g_autofree char *tail = NULL;
  const char *boundary;
  gsize length;

  begin (fixture);
  key = streamer_v1_upload_get_part_key (fixture->upload, 3);
  answer_url (fixture, key, ", 'x-amz-security-token': 'it\\'s \"quoted\"'");
  take_post (fixture, "");
  answer_text (fixture, 200, "Part added to the main document.");
  request_fixture_put_ok (fixture, 3, NULL);

  script_server_get (fixture->bucket, 0, &request);
  g_assert_true (g_str_has_prefix (request.head, "POST /bucket HTTP/1.1\r\n"));
  type = script_request_get_header (&request, "Content-Type");
  g_assert_true (g_str_has_prefix (type, "multipart/form-data; boundary="));
  boundary = strchr (type, '=') + 1;
  head = g_strdup_printf (
      "--%s\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n%s\r\n"
      "--%s\r\nContent-Disposition: form-data; name=\"AWSAccessKeyId\"\r\n\r\nAKIDAKIDAKIDAKID\r\n"
      "--%s\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\neyJleHBpcmF0aW9uIjogIg==\r\n"
      "--%s\r\nContent-Disposition: form-data; name=\"signature\"\r\n\r\nSIGNATURE-cf8427e0=\r\n"
      "--%s\r\nContent-Disposition: form-data; name=\"x-amz-security-token\"\r\n\r\n"
      "it's \"quoted\"\r\n"
      "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n",
      boundary, key, boundary, boundary, boundary, boundary, boundary);
  tail = g_strdup_printf ("\r\n--%s--\r\n", boundary);
  length = strlen (head) + 50 + strlen (tail);
  g_assert_true (request.complete);
  g_assert_cmpuint (request.body->len, ==, length);
  g_assert_cmpmem (request.body->str, strlen (head), head, strlen (head));
  g_assert_cmpmem (request.body->str + strlen (head), 50, fixture->file->bytes + 200, 50);
  g_assert_cmpstr (request.body->str + strlen (head) + 50, ==, tail);
}

static void
test_permissions_come_in_every_form (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autofree char *key = NULL;
  g_autofree char *v4 = NULL;
  g_autofree char *as_object = NULL;
  const char *url = script_server_get_url (fixture->bucket);

  begin (fixture);
  key = streamer_v1_upload_get_part_key (fixture->upload, 1);
  v4 = g_strdup_printf (
      "{\"url\": \"%s/b\", \"fields\": {\"key\": \"%s\", \"x-amz-algorithm\": "
      "\"AWS4-HMAC-SHA256\", \"x-amz-credential\": \"AKID/20260101/r/s3/aws4_request\", "
      "\"x-amz-date\": \"20260101T000000Z\", \"policy\": \"e30=\", \"x-amz-signature\": \"00\"}}",
      url, key);
  answer_text (fixture, 200, v4);
  take_post (fixture, "");
  answer_text (fixture, 200, "Part added to the main document.");
  request_fixture_put_ok (fixture, 1, NULL);

  as_object = g_strdup_printf ("{\"url\": \"%s/b\", \"fields\": {\"key\": \"%s\"}}", url, key);
  request_fixture_answer (fixture, as_object);
  take_post (fixture, "");
  answer_text (fixture, 200, "Part added to the main document.");
  request_fixture_put_ok (fixture, 1, NULL);
}

static void
test_evil_permissions_are_refused (void)
{
  static const char *const refused[] = {
    "",
    "OK",
    "[]",
    "{'url': '%s/b'}",
    "{'fields': {'key': '%s'}}",
    "{'url': '%s/b', 'fields': {'key': 'somebody/else.bin'}}",
    "{'url': '%s/b', 'fields': {'key': 'tmp/'}}",
    "{'url': '%s/b', 'fields': {'key': 'tmpfile'}}",
    "{'url': '%s/b', 'fields': {}}",
    "{'url': '%s/b', 'fields': {'key': '%s', 'file': 'x'}}",
    "{'url': '%s/b', 'fields': {'key': '%s', 'a\"b': 'x'}}",
    "{'url': '%s/b', 'fields': {'key': '%s', 'a\\r\\nb': 'x'}}",
    "{'url': '%s/b', 'fields': {'key': '%s', '': 'x'}}",
    "{'url': '%s/b', 'fields': {'key': '%s', 'a': 1}}",
    "{'url': '%s/b', 'fields': ['key', '%s']}",
    "{'url': 'file:///etc/passwd', 'fields': {'key': '%2$s'}}",
    "{'url': __import__('os').environ, 'fields': {'key': '%2$s'}}",
    "{'url': '%s/b', 'fields': {'key': '%s'}} # comment",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      g_autoptr (GString) literal = g_string_new (refused[i]);
      g_autofree char *key = NULL;

      g_test_message ("%s", refused[i]);
      begin (fixture);
      key = streamer_v1_upload_get_part_key (fixture->upload, 1);
      g_string_replace (literal, "'%s/b'", "'URL/b'", 0);
      g_string_replace (literal, "%2$s", key, 0);
      g_string_replace (literal, "%s", key, 0);
      g_string_replace (literal, "URL", script_server_get_url (fixture->bucket), 0);
      answer_text (fixture, 200, literal->str);
      request_fixture_put_fails (fixture, 1, STREAMER_ERROR_PROTOCOL);
      g_assert_cmpuint (script_server_count (fixture->bucket), ==, 0);
    }
}

static void
test_the_etag_of_the_store_is_checked (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GArray) parts = new_parts ();
  g_autofree char *md5 = get_md5 (fixture, 1);
  g_autofree char *right = g_strdup_printf ("ETag: \"%s\"\r\n", md5);
  g_autofree char *wrong = g_strdup_printf ("ETag: \"%s\"\r\n", MD5_OF_EMPTY);
  g_autofree char *encrypted =
      g_strdup_printf ("ETag: \"%s\"\r\nx-amz-server-side-encryption: aws:kms\r\n", MD5_OF_EMPTY);

  begin (fixture);
  put_ok (fixture, 1, right, parts);
  put_ok (fixture, 1, encrypted, parts);
  put_ok (fixture, 1, "ETag: \"not-an-md5\"\r\n", parts);
  g_assert_cmpstr (g_array_index (parts, StreamerStoredPart, 0).etag, ==, md5);
  g_assert_cmpstr (g_array_index (parts, StreamerStoredPart, 1).etag, ==, MD5_OF_EMPTY);
  g_assert_cmpstr (g_array_index (parts, StreamerStoredPart, 2).etag, ==, "not-an-md5");

  answer_part_url (fixture, 1);
  take_post (fixture, wrong);
  request_fixture_put_fails (fixture, 1, STREAMER_ERROR_CHECKSUM);
}

static void
test_a_part_is_not_sent_again_because_adding_failed (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GArray) parts = new_parts ();
  g_autofree char *md5 = get_md5 (fixture, 1);

  begin (fixture);
  answer_part_url (fixture, 1);
  take_post (fixture, "");
  script_server_add_answer (fixture->backend, 504, "{\"message\": \"Endpoint request timed out\"}");
  request_fixture_put_fails (fixture, 1, STREAMER_ERROR_BUSY);
  answer_text (fixture, 200, "Part added to the main document.");
  request_fixture_put_ok (fixture, 1, parts);
  g_assert_cmpuint (script_server_count (fixture->bucket), ==, 1);
  assert_actions (fixture, "capabilities create geturl add add");
  g_assert_cmpstr (g_array_index (parts, StreamerStoredPart, 0).etag, ==, md5);
  g_assert_cmpuint (g_array_index (parts, StreamerStoredPart, 0).size, ==, 100);

  /* What is not there any more has to be. */
  answer_part_url (fixture, 2);
  take_post (fixture, "");
  answer_text (fixture, 500, "An error occurred (NoSuchKey) when calling the UploadPartCopy");
  request_fixture_put_fails (fixture, 2, STREAMER_ERROR_FAILED);
  put_ok (fixture, 2, "", parts);
  g_assert_cmpuint (script_server_count (fixture->bucket), ==, 3);
}

static void
test_what_the_backend_refuses_is_understood (void)
{
  static const struct
  {
    guint code;
    const char *status;
    StreamerError meaning;
  } answers[] = {
    { 401, "Document already exists and overwrite is not set.", STREAMER_ERROR_EXISTS },
    { 401, "Token expired.", STREAMER_ERROR_AUTH },
    { 403, "No access to the specified path.", STREAMER_ERROR_FORBIDDEN },
    { 500, "'NoneType' object is not subscriptable", STREAMER_ERROR_FAILED },
    { 500, "An error occurred (SlowDown) when calling the CreateMultipartUpload operation",
      STREAMER_ERROR_BUSY },
    { 500, "An error occurred (AccessDenied) when calling the CreateMultipartUpload operation",
      STREAMER_ERROR_FAILED },
    { 429, "Slowly", STREAMER_ERROR_BUSY },
    { 200, "", STREAMER_ERROR_PROTOCOL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      g_autoptr (GError) error = NULL;

      answer_text (fixture, 500, "'capabilities'");
      answer_text (fixture, answers[i].code, answers[i].status);
      g_assert_false (
          streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, (int) answers[i].meaning);
      g_assert_null (fixture->upload->upload_id);
      if (answers[i].code != 200)
        {
          g_assert_nonnull (strstr (error->message, answers[i].status));
          g_assert_cmpuint (streamer_error_get_status_code (error), ==, answers[i].code);
        }
    }
}

static void
test_gateways_speak_for_themselves (void)
{
  static const struct
  {
    guint status;
    const char *body;
    StreamerError meaning;
  } answers[] = {
    { 403, "{\"message\": \"Forbidden\"}", STREAMER_ERROR_AUTH },
    { 401, "{\"message\": \"Unauthorized\"}", STREAMER_ERROR_AUTH },
    { 504, "{\"message\": \"Endpoint request timed out\"}", STREAMER_ERROR_BUSY },
    { 429, "{\"message\": \"Too Many Requests\"}", STREAMER_ERROR_BUSY },
    { 502, "{\"message\": \"Internal server error\"}", STREAMER_ERROR_BUSY },
    { 200, "<html>sign in</html>", STREAMER_ERROR_PORTAL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);

      begin (fixture);
      script_server_add_answer (fixture->backend, answers[i].status, answers[i].body);
      request_fixture_put_fails (fixture, 1, answers[i].meaning);
    }
}

static void
test_the_version_is_found_out (void)
{
  static const struct
  {
    guint status;
    const char *body;
    gboolean old;
  } answers[] = {
    { 200, "{\"status\": \"2~abc\", \"status_code\": 200}", TRUE },
    { 200, "{\"status\": {\"version\": 1}, \"status_code\": 200}", TRUE },
    { 200, "{\"status\": {\"version\": \"2\"}, \"status_code\": 200}", TRUE },
    { 200, "{\"status\": [2], \"status_code\": 200}", TRUE },
    { 200, "{\"status\": \"Unknown action.\", \"status_code\": 400}", TRUE },
    { 200, "{\"status\": \"No access to the specified path.\", \"status_code\": 403}", TRUE },
    { 500, "{\"status\": \"'filename'\", \"status_code\": 500}", TRUE },
    { 400, "{\"message\": \"Missing required request parameters: [filename]\"}", TRUE },
    { 200, "{\"status\": \"x\", \"status_code\": 403, \"error\": {\"code\": \"forbidden\"}}",
      FALSE },
    { 200, "{\"status\": \"x\", \"status_code\": 401}", FALSE },
    { 200, "{\"status\": \"x\", \"status_code\": 503}", FALSE },
    { 401, "{\"message\": \"Unauthorized\"}", FALSE },
    { 502, "{\"message\": \"Internal server error\"}", FALSE },
    { 504, "{\"message\": \"Endpoint request timed out\"}", FALSE },
    { 200, "<html>", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      StreamerLimits limits = { 0 };

      g_test_message ("%u %s", answers[i].status, answers[i].body);
      script_server_add_answer (fixture->backend, answers[i].status, answers[i].body);
      g_assert_cmpint (
          streamer_store_get_limits (fixture->store, fixture->http, &limits, NULL, NULL), ==,
          answers[i].old);
      if (answers[i].old)
        {
          g_assert_cmpuint (limits.min_part_size, ==, 5 * STREAMER_MIB);
          /* And it is not asked again. */
          answer_text (fixture, 200, "2~upload-1");
          g_assert_true (
              streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, NULL));
          assert_actions (fixture, "capabilities create");
        }
    }
}

static void
test_a_backend_that_falls_over_twice_is_old (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GError) error = NULL;
  StreamerLimits limits;

  for (guint i = 0; i < 2; i++)
    script_server_add_answer (fixture->backend, 502, "{\"message\": \"Internal server error\"}");
  g_assert_false (streamer_store_get_limits (fixture->store, fixture->http, &limits, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
  g_assert_true (streamer_store_get_limits (fixture->store, fixture->http, &limits, NULL, NULL));
  g_assert_cmpuint (script_server_count (fixture->backend), ==, 2);
}

static void
test_a_backend_that_was_renewed_is_asked_again (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  StreamerLimits limits;

  answer_text (fixture, 500, "'capabilities'");
  g_assert_true (streamer_store_get_limits (fixture->store, fixture->http, &limits, NULL, NULL));
  script_server_add_answer (
      fixture->backend, 400,
      "{\"status\": \"x\", \"status_code\": 400, \"error\": {\"code\": \"invalid\"}}");
  g_assert_false (
      streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, NULL));
  request_fixture_begin (fixture);
  g_assert_cmpstr (fixture->upload->upload_id, ==, "upload-1");
  assert_actions (fixture, "capabilities create capabilities begin");
}

static void
test_an_upload_stays_with_its_version (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (StreamerUpload) second =
      streamer_upload_new ("second", &fixture->file->plan, "text/plain", FALSE);
  g_autoptr (GError) error = NULL;

  begin (fixture);
  script_server_add_answer (fixture->backend, 200, "{\"status\": \"odd\", \"status_code\": 200}");
  request_fixture_put_fails (fixture, 1, STREAMER_ERROR_PROTOCOL);

  /* Asked again, it speaks version 2 by now. */
  request_fixture_answer_begin (fixture);
  g_assert_true (streamer_store_begin (fixture->store, fixture->http, second, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (streamer_v1_upload_has_begun (second));
  put_ok (fixture, 1, "", NULL);
  answer_text (fixture, 200, "Aborted.");
  answer_text (fixture, 200, "Temporary file(s) deleted.");
  g_assert_true (
      streamer_store_cancel (fixture->store, fixture->http, fixture->upload, NULL, &error));
  request_fixture_answer (fixture, "{}");
  g_assert_true (streamer_store_cancel (fixture->store, fixture->http, second, NULL, &error));
  assert_actions (fixture,
                  "capabilities create geturl capabilities begin geturl add abort delete cancel");
}

static void
test_a_stale_permission_is_renewed_once (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  static const char denied[] =
      "<Error><Code>AccessDenied</Code><Message>no SIGNATURE-cf8427e0= here</Message></Error>";
  StreamerStoredPart stored = { 0 };
  g_autoptr (GError) error = NULL;

  begin (fixture);
  answer_part_url (fixture, 1);
  script_server_add_answer (fixture->bucket, 403, denied);
  request_fixture_put_fails (fixture, 1, STREAMER_ERROR_EXPIRED);
  answer_part_url (fixture, 1);
  script_server_add_answer (fixture->bucket, 403, denied);
  g_assert_false (request_fixture_put (fixture, 1, &stored, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
  g_assert_null (strstr (error->message, "SIGNATURE"));
}

static void
test_an_empty_file_is_put_under_its_key (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (0, 0);
  g_autoptr (GArray) parts = new_parts ();
  g_auto (ScriptRequest) request = { 0 };

  begin (fixture);
  request_fixture_put_ok (fixture, 1, parts);
  g_assert_cmpuint (script_server_count (fixture->bucket), ==, 0);
  answer_url (fixture, fixture->upload->key, "");
  take_post (fixture, "");
  answer_text (fixture, 200, "Aborted.");
  finish_ok (fixture, parts);

  assert_actions (fixture, "capabilities create geturls abort");
  g_assert_cmpuint (script_server_count (fixture->bucket), ==, 1);
  assert_query (fixture, 2, fixture->upload->key);
  assert_member (fixture, 3, "uploadid", "2~upload-1");
  script_server_get (fixture->bucket, 0, &request);
  g_assert_nonnull (strstr (request.body->str, "octet-stream\r\n\r\n\r\n--"));
}

static void
test_an_empty_file_is_put_nowhere_else (void)
{
  static const char *const keys[] = { "team-a/other", "tmp/team-a", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (0, 0);
      g_autoptr (GArray) parts = new_parts ();

      begin (fixture);
      request_fixture_put_ok (fixture, 1, parts);
      answer_url (fixture, keys[i], "");
      finish_fails (fixture, parts, STREAMER_ERROR_PROTOCOL);
      g_assert_cmpuint (script_server_count (fixture->bucket), ==, 0);
    }
}

static void
test_a_pipe_is_refused (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  StreamerPlan plan = { .size = STREAMER_SIZE_UNKNOWN, .part_size = 100, .n_parts = 10000 };
  g_autoptr (StreamerUpload) pipe = streamer_upload_new ("pipe", &plan, "text/plain", TRUE);
  g_autoptr (GError) error = NULL;

  answer_text (fixture, 500, "'capabilities'");
  g_assert_false (streamer_store_begin (fixture->store, fixture->http, pipe, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  assert_actions (fixture, "capabilities");
}

/* The guess may be lost in silence, as it always was there. */
static void
test_a_chosen_content_type_is_refused (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GError) error = NULL;

  answer_text (fixture, 500, "'capabilities'");
  fixture->upload->content_type_wanted = TRUE;
  g_assert_false (
      streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  assert_actions (fixture, "capabilities");
}

static void
test_parts_cannot_be_listed (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) error = NULL;

  begin (fixture);
  parts = streamer_store_list_parts (fixture->store, fixture->http, fixture->upload, NULL, &error);
  g_assert_null (parts);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_links_are_not_made (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GError) error = NULL;

  begin (fixture);
  g_assert_null (streamer_store_link (fixture->store, fixture->http, "a/b", 60, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_cancelling_deletes_what_was_tried_and_no_more (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autofree char *first = NULL;
  g_autofree char *third = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (GError) error = NULL;

  begin (fixture);
  put_ok (fixture, 1, "", NULL);
  answer_part_url (fixture, 3);
  script_server_add_answer (fixture->bucket, 503, "");
  request_fixture_put_fails (fixture, 3, STREAMER_ERROR_BUSY);

  answer_text (fixture, 200, "Aborted.");
  answer_text (fixture, 500, "An error occurred (SlowDown)");
  g_assert_false (
      streamer_store_cancel (fixture->store, fixture->http, fixture->upload, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
  g_clear_error (&error);
  answer_text (fixture, 500, "An error occurred (NoSuchUpload) when calling AbortMultipartUpload");
  answer_text (fixture, 200, "Temporary file(s) deleted.");
  g_assert_true (
      streamer_store_cancel (fixture->store, fixture->http, fixture->upload, NULL, &error));
  g_assert_no_error (error);

  first = streamer_v1_upload_get_part_key (fixture->upload, 1);
  third = streamer_v1_upload_get_part_key (fixture->upload, 3);
  expected = g_strdup_printf ("[{'Key': '%s'}, {'Key': '%s'}]", first, third);
  assert_actions (fixture, "capabilities create geturl add geturl abort delete abort delete");
  assert_member (fixture, 8, "objects", expected);
}

static void
test_cancelling_deletes_although_aborting_fails (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GError) error = NULL;

  begin (fixture);
  put_ok (fixture, 1, "", NULL);
  answer_text (fixture, 500, "Something.");
  answer_text (fixture, 200, "Temporary file(s) deleted.");
  g_assert_false (
      streamer_store_cancel (fixture->store, fixture->http, fixture->upload, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
  assert_actions (fixture, "capabilities create geturl add abort delete");
}

static void
test_after_a_restart_all_names_are_deleted (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (StreamerUpload) again =
      streamer_upload_new (fixture->upload->key, &fixture->file->plan, "text/plain", FALSE);
  g_autofree char *objects = NULL;

  begin (fixture);
  again->upload_id = g_strdup (fixture->upload->upload_id);
  answer_text (fixture, 200, "Aborted.");
  answer_text (fixture, 200, "Temporary file(s) deleted.");
  g_assert_true (streamer_store_cancel (fixture->store, fixture->http, again, NULL, NULL));
  objects = get_member (fixture, 3, "objects");
  for (guint number = 1; number <= 3; number++)
    {
      g_autofree char *key = streamer_v1_upload_get_part_key (fixture->upload, number);

      g_assert_nonnull (strstr (objects, key));
    }
}

static void
test_many_parts_are_deleted_a_thousand_at_a_time (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (2500, 1);
  g_autofree char *objects = NULL;

  begin (fixture);
  for (guint number = 1; number <= 2500; number++)
    streamer_v1_upload_set_tried (fixture->upload, number);
  answer_text (fixture, 200, "Aborted.");
  for (guint i = 0; i < 3; i++)
    answer_text (fixture, 200, "Temporary file(s) deleted.");
  g_assert_true (
      streamer_store_cancel (fixture->store, fixture->http, fixture->upload, NULL, NULL));
  g_assert_cmpuint (script_server_count (fixture->backend), ==, 6);
}

static void
test_a_finished_upload_is_tidied_up_without_finishing_again (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autoptr (GArray) parts = new_parts ();

  begin (fixture);
  put_ok (fixture, 1, "", parts);
  answer_text (fixture, 200, "Document recombined.");
  script_server_add_answer (fixture->backend, 503, "{\"message\": null}");
  finish_fails (fixture, parts, STREAMER_ERROR_BUSY);
  answer_text (fixture, 200, "Temporary file(s) deleted.");
  finish_ok (fixture, parts);
  assert_actions (fixture, "capabilities create geturl add complete delete delete");
}

static void
test_a_finished_upload_is_finished_although_it_cannot_be_tidied_up (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autoptr (RequestFixture) busy = request_fixture_new (70, 0);
  g_autoptr (GArray) parts = new_parts ();
  g_autoptr (GArray) busy_parts = new_parts ();

  begin (fixture);
  put_ok (fixture, 1, "", parts);
  answer_text (fixture, 200, "Document recombined.");
  answer_text (fixture, 403, "No access to the specified path.");
  finish_ok (fixture, parts);

  begin (busy);
  put_ok (busy, 1, "", busy_parts);
  answer_text (busy, 200, "Document recombined.");
  for (guint i = 0; i < 4; i++)
    answer_text (busy, 503, "Later.");
  for (guint i = 0; i < 3; i++)
    finish_fails (busy, busy_parts, STREAMER_ERROR_BUSY);
  finish_ok (busy, busy_parts);
}

/* Completes, but the answer is lost; then the backend does not know the upload any more. */
static void
lose_answer (RequestFixture *fixture, GArray *parts)
{
  ScriptStep lost = { .read_body = SCRIPT_WHOLE_BODY, .then = SCRIPT_CLOSE };

  begin (fixture);
  put_ok (fixture, 1, "", parts);
  script_server_add (fixture->backend, &lost);
  finish_fails (fixture, parts, STREAMER_ERROR_NETWORK);
  answer_text (fixture, 500,
               "An error occurred (NoSuchUpload) when calling the CompleteMultipartUpload");
}

static void
test_a_lost_answer_is_found_out (void)
{
  g_autoptr (RequestFixture) there = request_fixture_new (70, 0);
  g_autoptr (RequestFixture) gone = request_fixture_new (70, 0);
  g_autoptr (RequestFixture) unclear = request_fixture_new (70, 0);
  g_autoptr (GArray) parts = new_parts ();

  lose_answer (there, parts);
  answer_text (there, 401, "Document already exists and overwrite is not set.");
  answer_text (there, 200, "Temporary file(s) deleted.");
  finish_ok (there, parts);
  assert_actions (there, "capabilities create geturl add complete complete create delete");

  g_array_set_size (parts, 0);
  lose_answer (gone, parts);
  answer_text (gone, 200, "2~upload-2");
  answer_text (gone, 200, "Aborted.");
  finish_fails (gone, parts, STREAMER_ERROR_NO_UPLOAD);
  assert_member (gone, 7, "uploadid", "2~upload-2");

  g_array_set_size (parts, 0);
  unclear->upload->overwrite = TRUE;
  lose_answer (unclear, parts);
  finish_fails (unclear, parts, STREAMER_ERROR_FAILED);
  assert_actions (unclear, "capabilities create geturl add complete complete");
}

/* As a run of the program finds it that follows one that was killed then. */
static void
test_an_answer_that_an_earlier_run_lost_is_found_out (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autoptr (GArray) parts = new_parts ();

  begin (fixture);
  put_ok (fixture, 1, "", parts);
  fixture->upload->finish_asked = TRUE;
  answer_text (fixture, 500,
               "An error occurred (NoSuchUpload) when calling the CompleteMultipartUpload");
  answer_text (fixture, 401, "Document already exists and overwrite is not set.");
  answer_text (fixture, 200, "Temporary file(s) deleted.");
  finish_ok (fixture, parts);
  assert_actions (fixture, "capabilities create geturl add complete create delete");
}

static void
test_removing_purges (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autoptr (GError) error = NULL;

  answer_text (fixture, 500, "'capabilities'");
  answer_text (fixture, 200, "Document purged.");
  g_assert_true (streamer_store_remove (fixture->store, fixture->http, "a/it's", NULL, &error));
  g_assert_no_error (error);
  assert_actions (fixture, "capabilities purge");
  assert_query (fixture, 1, "a/it's");
  assert_member (fixture, 1, "objects", "[{'Key': \"a/it's\"}]");

  answer_text (fixture, 404, "Document does not exist and therefore cannot be purged.");
  g_assert_false (streamer_store_remove (fixture->store, fixture->http, "a/b", NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "cannot be purged"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func ("/request-store-v1/" name, func)
  ADD ("parts-are-posted-added-and-completed", test_parts_are_posted_added_and_completed);
  ADD ("names-are-those-of-old-clients", test_names_are_those_of_old_clients);
  ADD ("the-form-has-the-fields-in-order", test_the_form_has_the_fields_in_order_and_the_file_last);
  ADD ("permissions-come-in-every-form", test_permissions_come_in_every_form);
  ADD ("evil-permissions-are-refused", test_evil_permissions_are_refused);
  ADD ("the-etag-of-the-store-is-checked", test_the_etag_of_the_store_is_checked);
  ADD ("not-sent-again-because-adding-failed", test_a_part_is_not_sent_again_because_adding_failed);
  ADD ("what-the-backend-refuses-is-understood", test_what_the_backend_refuses_is_understood);
  ADD ("gateways-speak-for-themselves", test_gateways_speak_for_themselves);
  ADD ("the-version-is-found-out", test_the_version_is_found_out);
  ADD ("a-backend-that-falls-over-twice-is-old", test_a_backend_that_falls_over_twice_is_old);
  ADD ("a-renewed-backend-is-asked-again", test_a_backend_that_was_renewed_is_asked_again);
  ADD ("an-upload-stays-with-its-version", test_an_upload_stays_with_its_version);
  ADD ("a-stale-permission-is-renewed-once", test_a_stale_permission_is_renewed_once);
  ADD ("an-empty-file-is-put-under-its-key", test_an_empty_file_is_put_under_its_key);
  ADD ("an-empty-file-is-put-nowhere-else", test_an_empty_file_is_put_nowhere_else);
  ADD ("a-pipe-is-refused", test_a_pipe_is_refused);
  ADD ("a-chosen-content-type-is-refused", test_a_chosen_content_type_is_refused);
  ADD ("parts-cannot-be-listed", test_parts_cannot_be_listed);
  ADD ("links-are-not-made", test_links_are_not_made);
  ADD ("cancelling-deletes-what-was-tried", test_cancelling_deletes_what_was_tried_and_no_more);
  ADD ("cancelling-deletes-anyway", test_cancelling_deletes_although_aborting_fails);
  ADD ("after-a-restart-all-names-are-deleted", test_after_a_restart_all_names_are_deleted);
  ADD ("a-thousand-are-deleted-at-a-time", test_many_parts_are_deleted_a_thousand_at_a_time);
  ADD ("tidied-up-without-finishing-again",
       test_a_finished_upload_is_tidied_up_without_finishing_again);
  ADD ("finished-although-not-tidied-up",
       test_a_finished_upload_is_finished_although_it_cannot_be_tidied_up);
  ADD ("a-lost-answer-is-found-out", test_a_lost_answer_is_found_out);
  ADD ("an-answer-that-an-earlier-run-lost-is-found-out",
       test_an_answer_that_an_earlier_run_lost_is_found_out);
  ADD ("removing-purges", test_removing_purges);
#undef ADD
  return g_test_run ();
}
