/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "request-fixture.h"

#include "streamer-error.h"

/* Everything that was logged, at whatever level. */
static GString *logged;
static GMutex logged_lock;

static GLogWriterOutput
keep_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  g_autofree char *line = g_log_writer_format_fields (level, fields, n_fields, FALSE);

  g_mutex_lock (&logged_lock);
  g_string_append (logged, line);
  g_string_append_c (logged, '\n');
  g_mutex_unlock (&logged_lock);
  return g_log_writer_default (level, fields, n_fields, user_data);
}

static void
assert_not_told (const GError *error, const char *secret)
{
  g_assert_null (strstr (error->message, secret));
  g_mutex_lock (&logged_lock);
  g_assert_null (strstr (logged->str, secret));
  g_mutex_unlock (&logged_lock);
}

/* Asks for the capabilities, whatever the backend was told to answer. */
static GError *
get_refusal (RequestFixture *fixture)
{
  GError *error = NULL;
  StreamerLimits limits;

  g_assert_false (streamer_store_get_limits (fixture->store, fixture->http, &limits, NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == STREAMER_ERROR);
  return error;
}

static void
assert_refusal (RequestFixture *fixture, StreamerError code, const char *words)
{
  g_autoptr (GError) error = get_refusal (fixture);

  g_assert_error (error, STREAMER_ERROR, (int) code);
  if (words != NULL && strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
  assert_not_told (error, FIXTURE_TOKEN);
  assert_not_told (error, FIXTURE_API_KEY);
}

#define ERROR(words, code) "{\"status\": \"" words "\", \"status_code\": " code ", \"error\": {}}"

/* `status`, `body`, and what they are understood as */
static const struct
{
  guint status;
  const char *body;
  StreamerError code;
  const char *words;
} backend_answers[] = {
  /* The envelope, whose code rules. */
  { 200, "{\"status\": \"bad token\", \"status_code\": 401}", STREAMER_ERROR_AUTH, "bad token" },
  { 200, ERROR ("no", "403"), STREAMER_ERROR_FORBIDDEN, "no" },
  { 500, ERROR ("no", "403"), STREAMER_ERROR_FORBIDDEN, "no" },
  { 200, "{\"status\": \"x\", \"status_code\": 429}", STREAMER_ERROR_BUSY, NULL },
  { 200, ERROR ("x", "500"), STREAMER_ERROR_BUSY, "x" },
  { 200, "{\"status\": \"x\", \"status_code\": 503}", STREAMER_ERROR_BUSY, NULL },
  { 200, "{\"status\": \"x\", \"status_code\": 507}", STREAMER_ERROR_NO_SPACE, NULL },
  { 200, ERROR ("x", "413"), STREAMER_ERROR_TOO_LARGE, NULL },
  { 409, ERROR ("x", "409"), STREAMER_ERROR_EXISTS, NULL },
  { 200,
    "{\"status\": \"x\", \"status_code\": 422, \"error\": {\"code\": \"checksum\", \"message\":"
    " \"crc differs\"}}",
    STREAMER_ERROR_CHECKSUM, "crc differs" },
  { 200, "{\"status\": \"x\", \"status_code\": 403, \"error\": {\"code\": \"no-space\"}}",
    STREAMER_ERROR_NO_SPACE, NULL },
  { 507, "{\"status\": \"x\", \"status_code\": 507, \"error\": {\"code\": \"quota\"}}",
    STREAMER_ERROR_QUOTA, NULL },
  { 429, "{\"status\": \"x\", \"status_code\": 429, \"error\": {\"code\": \"limited\"}}",
    STREAMER_ERROR_BUSY, NULL },
  { 200, "{\"status\": \"x\", \"status_code\": 403, \"error\": {\"code\": \"new_word\"}}",
    STREAMER_ERROR_FORBIDDEN, NULL },
  /* API Gateway's own form. */
  { 401, "{\"message\": \"Unauthorized\"}", STREAMER_ERROR_AUTH, "token" },
  { 403, "{\"message\": \"Forbidden\"}", STREAMER_ERROR_AUTH, "API key" },
  { 403, "{\"message\": \"Missing Authentication Token\"}", STREAMER_ERROR_PROTOCOL,
    "is the URL right" },
  { 403, "{\"Message\": \"explicit deny\"}", STREAMER_ERROR_FORBIDDEN, "explicit deny" },
  { 404, "{\"message\": \"Not Found\"}", STREAMER_ERROR_PROTOCOL, "is the URL right" },
  { 429, "{\"message\": \"Limit Exceeded\"}", STREAMER_ERROR_BUSY, "Limit Exceeded" },
  { 502, "{\"message\": \"Internal server error\"}", STREAMER_ERROR_BUSY, NULL },
  { 504, "{\"message\": \"Endpoint request timed out\"}", STREAMER_ERROR_BUSY, NULL },
  /* Web pages. */
  { 200, "<!DOCTYPE html><title>Free Wi-Fi</title>", STREAMER_ERROR_PORTAL, "web page" },
  { 200, "\n <HTML><body>x", STREAMER_ERROR_PORTAL, "sign in to this network" },
  { 404, "<html>nginx</html>", STREAMER_ERROR_PROTOCOL, "web page" },
  { 511, "<html>portal</html>", STREAMER_ERROR_PORTAL, "web page" },
  { 502, "<html>nginx</html>", STREAMER_ERROR_BUSY, NULL },
  { 401, "<html>nginx</html>", STREAMER_ERROR_AUTH, NULL },
  /* Not the protocol. */
  { 200, "", STREAMER_ERROR_PROTOCOL, "not an S3Streamer backend" },
  { 200, "null", STREAMER_ERROR_PROTOCOL, NULL },
  { 200, "[]", STREAMER_ERROR_PROTOCOL, NULL },
  { 200, "\"text\"", STREAMER_ERROR_PROTOCOL, NULL },
  { 200, "{}", STREAMER_ERROR_PROTOCOL, "status_code" },
  { 200, "{\"status\": {}", STREAMER_ERROR_PROTOCOL, NULL },
  { 200, "{\"status\": {}, \"status_code\": \"200\"}", STREAMER_ERROR_PROTOCOL, "status_code" },
  { 200, "{\"status\": {}, \"status_code\": -200}", STREAMER_ERROR_PROTOCOL, "status_code" },
  { 200, "{\"status\": {}, \"status_code\": 200.0}", STREAMER_ERROR_PROTOCOL, "status_code" },
  { 200, "{\"status\": {}, \"status_code\": 99999999999999999999}", STREAMER_ERROR_PROTOCOL, NULL },
  { 200, "{\"status_code\": 200}", STREAMER_ERROR_PROTOCOL, "“status”" },
  { 200, "{\"errorMessage\": \"KeyError\", \"errorType\": \"KeyError\"}", STREAMER_ERROR_PROTOCOL,
    NULL },
};

static void
test_what_the_backend_says_is_understood (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (backend_answers); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);

      g_test_message ("%u %s", backend_answers[i].status, backend_answers[i].body);
      script_server_add_answer (fixture->backend, backend_answers[i].status,
                                backend_answers[i].body);
      assert_refusal (fixture, backend_answers[i].code, backend_answers[i].words);
    }
}

static void
test_waiting_times_are_passed_on (void)
{
  static const struct
  {
    const char *answer;
    int retry_after;
  } answers[] = {
    { "HTTP/1.1 503 x\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 7 },
    { "HTTP/1.1 503 x\r\nRetry-After: 99999999999\r\nContent-Length: 0\r\n\r\n", 86400 },
    { "HTTP/1.1 503 x\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", -1 },
    { "HTTP/1.1 503 x\r\nRetry-After: -5\r\nContent-Length: 0\r\n\r\n", -1 },
    { "HTTP/1.1 503 x\r\nDate: Fri, 01 Jan 2021 00:00:00 GMT\r\n"
      "Retry-After: Fri, 01 Jan 2021 00:01:30 GMT\r\nContent-Length: 0\r\n\r\n",
      90 },
    { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
      "{\"status\": \"x\", \"status_code\": 503, \"error\": {\"code\": \"busy\", \"retry_after\": 3}}",
      3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
      ScriptStep step = { .read_body = SCRIPT_WHOLE_BODY,
                          .answer = answers[i].answer,
                          .then = SCRIPT_CLOSE };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", answers[i].answer);
      script_server_add (fixture->backend, &step);
      error = get_refusal (fixture);
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
      g_assert_cmpint (streamer_error_get_retry_after (error), ==, answers[i].retry_after);
      g_assert_cmpuint (streamer_error_get_status_code (error), ==, 503);
    }
}

static void
test_the_request_has_a_name (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autoptr (GError) error = NULL;

  script_server_add_answer (
      fixture->backend, 200,
      "{\"status\": \"x\", \"status_code\": 503, \"request_id\": \"request-77\"}");
  error = get_refusal (fixture);
  g_assert_cmpstr (streamer_error_get_request_id (error), ==, "request-77");
}

static void
test_huge_and_deep_answers_are_refused (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autofree char *brackets = g_strnfill (200000, '[');
  ScriptStep huge = { .read_body = SCRIPT_WHOLE_BODY,
                      .answer = "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n",
                      .fill = 10000000,
                      .then = SCRIPT_CLOSE };

  script_server_add (fixture->backend, &huge);
  assert_refusal (fixture, STREAMER_ERROR_PROTOCOL, NULL);
  script_server_add_answer (fixture->backend, 200, brackets);
  assert_refusal (fixture, STREAMER_ERROR_PROTOCOL, NULL);
}

static void
test_cut_answers_are_the_networks_fault (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  ScriptStep cut = { .read_body = SCRIPT_WHOLE_BODY,
                     .answer = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"status\": {",
                     .then = SCRIPT_CLOSE };

  script_server_add (fixture->backend, &cut);
  assert_refusal (fixture, STREAMER_ERROR_NETWORK, NULL);
}

static void
test_redirects_are_not_followed (void)
{
  static const guint statuses[] = { 301, 302, 303, 307, 308 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
      g_autofree char *answer =
          g_strdup_printf ("HTTP/1.1 %u x\r\nLocation: %s/elsewhere\r\nContent-Length: 0\r\n\r\n",
                           statuses[i], script_server_get_url (fixture->bucket));
      ScriptStep step = { .read_body = SCRIPT_WHOLE_BODY, .answer = answer };

      script_server_add (fixture->backend, &step);
      assert_refusal (fixture, STREAMER_ERROR_PROTOCOL, NULL);
      g_assert_cmpuint (script_server_count (fixture->bucket), ==, 0);
    }
}

#define CAPABILITIES(min, max, parts, object, urls, more)                                          \
  "{\"version\": 2, \"min_part_size\": " min ", \"max_part_size\": " max ", \"max_parts\": " parts \
  ", \"max_object_size\": " object ", \"max_urls\": " urls more "}"

static void
test_capabilities_out_of_range_are_refused (void)
{
  static const char *const refused[] = {
    "{\"version\": 2}",
    CAPABILITIES ("-1", "100", "10", "1000", "5", ""),
    CAPABILITIES ("1", "0", "10", "1000", "5", ""),
    CAPABILITIES ("50", "49", "10", "1000", "5", ""),
    CAPABILITIES ("1", "99999999999999999999", "10", "1000", "5", ""),
    CAPABILITIES ("1", "1e3", "10", "1000", "5", ""),
    CAPABILITIES ("1", "\"100\"", "10", "1000", "5", ""),
    CAPABILITIES ("1", "100", "0", "1000", "5", ""),
    CAPABILITIES ("1", "100", "5000000000", "1000", "5", ""),
    CAPABILITIES ("1", "100", "10", "0", "5", ""),
    CAPABILITIES ("1", "100", "10", "-5", "5", ""),
    CAPABILITIES ("1", "100", "10", "1000", "0", ""),
    CAPABILITIES ("1", "100", "10", "1000", "null", ""),
    CAPABILITIES ("1", "100", "10", "1000", "5", ", \"checksums\": \"crc32\""),
    CAPABILITIES ("1", "100", "10", "1000", "5", ", \"unknown_size\": 1"),
    CAPABILITIES ("1", "100", "10", "1000", "5", ", \"domain\": 1"),
    CAPABILITIES ("1", "100", "10", "1000", "5", ", \"domain\": \"javascript:alert(1)\""),
    CAPABILITIES ("1", "100", "10", "1000", "5", ", \"domain\": \"file:///etc\""),
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);

      g_test_message ("%s", refused[i]);
      request_fixture_answer (fixture, refused[i]);
      assert_refusal (fixture, STREAMER_ERROR_PROTOCOL, NULL);
    }
}

static void
test_more_parts_than_s3_has_are_not_used (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  StreamerLimits limits;

  request_fixture_answer (fixture, CAPABILITIES ("0", "100", "4000000000", "1000", "5", ""));
  g_assert_true (streamer_store_get_limits (fixture->store, fixture->http, &limits, NULL, NULL));
  g_assert_cmpuint (limits.max_parts, ==, 10000);
}

static void
test_evil_beginnings_are_refused (void)
{
  static const char *const refused[] = {
    "{}",
    "[]",
    "{\"upload_id\": 1}",
    "{\"upload_id\": \"\"}",
    "{\"upload_id\": \"1\\t/tmp/x\\t2~abc\"}",
    "{\"upload_id\": \"x\", \"part_size\": 99}",
    "{\"upload_id\": \"x\", \"part_size\": -1}",
    "{\"upload_id\": \"x\", \"put\": []}",
    "{\"upload_id\": \"x\", \"put\": {\"method\": \"PUT\", \"url\": \"file:///etc/passwd\"}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", refused[i]);
      request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
      request_fixture_answer (fixture, refused[i]);
      g_assert_false (
          streamer_store_begin (fixture->store, fixture->http, fixture->upload, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
    }
}

#define URL "\"url\": \"http://127.0.0.1:9/x\""

static void
test_evil_permissions_are_refused (void)
{
  static const char *const refused[] = {
    "{}",
    "[1]",
    "[]",
    "[{\"number\": 0, \"method\": \"PUT\", " URL "}]",
    "[{\"number\": -1, \"method\": \"PUT\", " URL "}]",
    "[{\"number\": 4, \"method\": \"PUT\", " URL "}]",
    "[{\"number\": 2, \"method\": \"PUT\", " URL "}]",
    "[{\"number\": 1, " URL "}]",
    "[{\"number\": 1, \"method\": \"POST\", " URL "}]",
    "[{\"number\": 1, \"method\": \"PUT\"}]",
    "[{\"number\": 1, \"method\": \"PUT\", \"url\": 5}]",
    "[{\"number\": 1, \"method\": \"PUT\", \"url\": \"file:///etc/passwd\"}]",
    "[{\"number\": 1, \"method\": \"PUT\", \"url\": \"ftp://127.0.0.1/x\"}]",
    "[{\"number\": 1, \"method\": \"PUT\", \"url\": \"/x\"}]",
    "[{\"number\": 1, \"method\": \"PUT\", \"url\": \"http://user:pw@127.0.0.1:9/x\"}]",
    "[{\"number\": 1, \"method\": \"PUT\", \"url\": \"http://127.0.0.1:9/x\\r\\nA: b\"}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": []}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": {\"A\": 1}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": {\"A\": \"b\\r\\nC: d\"}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": {\"A\\nB\": \"c\"}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": {\"A B\": \"c\"}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": {\"\": \"c\"}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": {\"Host\": \"evil\"}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": {\"content-length\": \"5\"}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": {\"AUTHORIZATION\": \"x\"}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"headers\": {\"X-Api-Key\": \"x\"}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL
    ", \"headers\": {\"Transfer-Encoding\": \"chunked\"}}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"expires\": \"tomorrow\"}]",
    "[{\"number\": 1, \"method\": \"PUT\", " URL ", \"expires\": 5}]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      g_autoptr (GError) error = NULL;
      StreamerStoredPart stored = { 0 };

      g_test_message ("%s", refused[i]);
      request_fixture_begin (fixture);
      request_fixture_answer (fixture, refused[i]);
      g_assert_false (request_fixture_put (fixture, 1, &stored, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
      g_assert_cmpuint (script_server_count (fixture->bucket), ==, 0);
    }
}

static void
test_headers_that_say_the_obvious_are_taken (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  const char *url = script_server_get_url (fixture->bucket);
  g_autofree char *status = g_strdup_printf (
      "[{\"number\": 1, \"method\": \"PUT\", \"url\": \"%s/x\", \"headers\":"
      " {\"Host\": \"%s\", \"Content-Length\": \"100\", \"x-amz-checksum-crc32\": \"AAAAAA==\"}}]",
      url, url + strlen ("http://"));
  g_autofree char *value = NULL;
  g_auto (ScriptRequest) request = { 0 };
  g_autoptr (GError) error = NULL;
  StreamerStoredPart stored = { 0 };

  request_fixture_begin (fixture);
  request_fixture_answer (fixture, status);
  request_fixture_take_part (fixture, "\"1\"");
  g_assert_true (request_fixture_put (fixture, 1, &stored, &error));
  g_assert_no_error (error);
  streamer_stored_part_clear (&stored);
  script_server_get (fixture->bucket, 0, &request);
  value = script_request_get_header (&request, "x-amz-checksum-crc32");
  g_assert_cmpstr (value, ==, "AAAAAA==");
}

static void
test_evil_lists_of_parts_are_refused (void)
{
  static const char *const refused[] = {
    "{}",
    "[1]",
    "[{\"size\": 100}]",
    "[{\"number\": 0, \"size\": 100}]",
    "[{\"number\": 4, \"size\": 100}]",
    "[{\"number\": 1, \"size\": 101}]",
    "[{\"number\": 1, \"size\": -1}]",
    "[{\"number\": 1, \"size\": 100, \"etag\": 5}]",
    "[{\"number\": 1, \"size\": 100}, {\"number\": 1, \"size\": 100}]",
    "[{\"number\": 2, \"size\": 100}, {\"number\": 1, \"size\": 100}]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", refused[i]);
      request_fixture_begin (fixture);
      request_fixture_answer (fixture, refused[i]);
      g_assert_null (
          streamer_store_list_parts (fixture->store, fixture->http, fixture->upload, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
    }
}

static void
test_evil_objects_are_refused (void)
{
  static const struct
  {
    const char *status;
    StreamerError code;
  } refused[] = {
    { "\"done\"", STREAMER_ERROR_PROTOCOL },
    { "{\"size\": 250}", STREAMER_ERROR_PROTOCOL },
    { "{\"key\": \"team-b/x\", \"size\": 250}", STREAMER_ERROR_PROTOCOL },
    { "{\"key\": \"team-a/ä b.bin\", \"size\": 249}", STREAMER_ERROR_CHECKSUM },
    { "{\"key\": \"team-a/ä b.bin\", \"size\": -1}", STREAMER_ERROR_PROTOCOL },
    { "{\"key\": \"team-a/ä b.bin\", \"size\": 250, \"etag\": 1}", STREAMER_ERROR_PROTOCOL },
    { "{\"key\": \"team-a/ä b.bin\", \"size\": 250, \"url\": \"file:///x\"}",
      STREAMER_ERROR_PROTOCOL },
    { "{\"key\": \"team-a/ä b.bin\", \"size\": 250, \"url\": \"javascript:alert(1)\"}",
      STREAMER_ERROR_PROTOCOL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 0);
      g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (StreamerStoredPart));
      StreamerStoredPart part = { .number = 1, .size = 250, .etag = (char *) "" };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", refused[i].status);
      g_array_append_val (parts, part);
      request_fixture_begin (fixture);
      request_fixture_answer (fixture, refused[i].status);
      g_assert_null (streamer_store_finish (fixture->store, fixture->http, fixture->upload, parts,
                                            0, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, (int) refused[i].code);
    }
}

static void
test_secrets_are_never_told (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) expired = NULL;
  StreamerStoredPart stored = { 0 };

  script_server_add_answer (fixture->backend, 401,
                            "{\"status\": \"bad token " FIXTURE_TOKEN " or key " FIXTURE_API_KEY
                            "\", \"status_code\": 401}");
  refused = get_refusal (fixture);
  g_assert_nonnull (strstr (refused->message, "bad token"));
  assert_not_told (refused, FIXTURE_TOKEN);
  assert_not_told (refused, FIXTURE_API_KEY);

  request_fixture_begin (fixture);
  request_fixture_answer_presign (fixture, 1, 3, NULL);
  script_server_add_answer (fixture->bucket, 403,
                            "<Error><Code>SignatureDoesNotMatch</Code><Message>got"
                            " SIGNATURE-cf8427e01 in partNumber=1&amp;X-Sign=SIGNATURE-cf8427e01"
                            "</Message></Error>");
  g_assert_false (request_fixture_put (fixture, 1, &stored, &expired));
  g_assert_nonnull (strstr (expired->message, "got"));
  assert_not_told (expired, "SIGNATURE-cf8427e01");
}

static void
test_words_are_made_fit_to_show (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autofree char *body = g_strdup_printf (ERROR ("bell \\u0007 here\\n%s", "403"), long_text);
  g_autoptr (GError) error = NULL;

  script_server_add_answer (fixture->backend, 200, body);
  error = get_refusal (fixture);
  g_assert_nonnull (strstr (error->message, "bell \\x07 here"));
  g_assert_cmpuint (g_utf8_strlen (error->message, -1), <, 450);
}

static void
set_token (RequestFixture *fixture, const char *token)
{
  streamer_secrets_store (fixture->secrets, "test", STREAMER_SECRET_TOKEN, token, NULL, NULL, NULL);
}

static void
test_a_missing_or_impossible_token_is_not_sent (void)
{
  static const char *const tokens[] = { NULL, "", " \n", "two words", "line\nbreak", "tökén" };

  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);

      set_token (fixture, tokens[i]);
      assert_refusal (fixture, STREAMER_ERROR_AUTH, "token");
      g_assert_cmpuint (script_server_count (fixture->backend), ==, 0);
    }
}

static void
test_a_token_that_is_given_later_is_used_at_once (void)
{
  g_autoptr (RequestFixture) fixture = request_fixture_new (70, 0);
  g_autofree char *value = NULL;
  g_auto (ScriptRequest) request = { 0 };
  StreamerLimits limits;

  set_token (fixture, NULL);
  assert_refusal (fixture, STREAMER_ERROR_AUTH, "token");
  set_token (fixture, "from-a-file\n");
  request_fixture_answer (fixture, FIXTURE_CAPABILITIES);
  g_assert_true (streamer_store_get_limits (fixture->store, fixture->http, &limits, NULL, NULL));
  script_server_get (fixture->backend, 0, &request);
  value = script_request_get_header (&request, "Authorization");
  g_assert_cmpstr (value, ==, "Bearer from-a-file");
}

int
main (int argc, char *argv[])
{
  logged = g_string_new (NULL);
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (keep_log, NULL, NULL);
#define ADD(name, func) g_test_add_func ("/request-answers/" name, func)
  ADD ("what-the-backend-says-is-understood", test_what_the_backend_says_is_understood);
  ADD ("waiting-times-are-passed-on", test_waiting_times_are_passed_on);
  ADD ("the-request-has-a-name", test_the_request_has_a_name);
  ADD ("huge-and-deep-answers-are-refused", test_huge_and_deep_answers_are_refused);
  ADD ("cut-answers-are-the-networks-fault", test_cut_answers_are_the_networks_fault);
  ADD ("redirects-are-not-followed", test_redirects_are_not_followed);
  ADD ("capabilities-out-of-range-are-refused", test_capabilities_out_of_range_are_refused);
  ADD ("more-parts-than-s3-has-are-not-used", test_more_parts_than_s3_has_are_not_used);
  ADD ("evil-beginnings-are-refused", test_evil_beginnings_are_refused);
  ADD ("evil-permissions-are-refused", test_evil_permissions_are_refused);
  ADD ("headers-that-say-the-obvious-are-taken", test_headers_that_say_the_obvious_are_taken);
  ADD ("evil-lists-of-parts-are-refused", test_evil_lists_of_parts_are_refused);
  ADD ("evil-objects-are-refused", test_evil_objects_are_refused);
  ADD ("secrets-are-never-told", test_secrets_are_never_told);
  ADD ("words-are-made-fit-to-show", test_words_are_made_fit_to_show);
  ADD ("a-missing-or-impossible-token-is-not-sent", test_a_missing_or_impossible_token_is_not_sent);
  ADD ("a-token-that-is-given-later-is-used-at-once",
       test_a_token_that_is_given_later_is_used_at_once);
#undef ADD
  return g_test_run ();
}
