/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "request-fixture.h"

#include "streamer-error.h"

/* What a store says to the bytes of a part. */
static const struct
{
  guint status;
  const char *body;
  StreamerError code;
  const char *words;
} store_answers[] = {
  { 200, "<!DOCTYPE html><p>Sign in", STREAMER_ERROR_PORTAL, "sign in first" },
  { 511, "", STREAMER_ERROR_PORTAL, "sign in first" },
  { 407, "", STREAMER_ERROR_PORTAL, "proxy" },
  { 202, "", STREAMER_ERROR_PROTOCOL, NULL },
  { 206, "", STREAMER_ERROR_PROTOCOL, NULL },
  { 400, "<?xml version=\"1.0\"?><Error><Code>RequestTimeout</Code><Message>idle</Message></Error>",
    STREAMER_ERROR_NETWORK, "idle" },
  { 400, "<Error><Code>BadDigest</Code></Error>", STREAMER_ERROR_CHECKSUM, "BadDigest" },
  { 400, "<Error><Code>ExpiredToken</Code></Error>", STREAMER_ERROR_EXPIRED, NULL },
  { 400, "<Error><Code>InvalidArgument</Code><Message>odd</Message></Error>", STREAMER_ERROR_FAILED,
    "odd" },
  { 403, "<html>x</html>", STREAMER_ERROR_EXPIRED, NULL },
  { 404, "<Error><Code>NoSuchUpload</Code></Error>", STREAMER_ERROR_NO_UPLOAD, NULL },
  { 404, "", STREAMER_ERROR_NO_UPLOAD, NULL },
  { 409, "<Error><Code>OperationAborted</Code></Error>", STREAMER_ERROR_BUSY, NULL },
  { 412, "<Error><Code>PreconditionFailed</Code></Error>", STREAMER_ERROR_EXISTS, NULL },
  { 413, "", STREAMER_ERROR_TOO_LARGE, NULL },
  { 429, "", STREAMER_ERROR_BUSY, NULL },
  { 500, "{\"status\": \"oops\", \"status_code\": 500}", STREAMER_ERROR_BUSY, "oops" },
  { 501, "<Error><Code>NotImplemented</Code></Error>", STREAMER_ERROR_FAILED, NULL },
  { 503, "<Error><Code>SlowDown</Code><Message>Reduce</Message></Error>", STREAMER_ERROR_BUSY,
    "Reduce" },
  { 503, "<Error><Code>SlowDown</Code><Mess", STREAMER_ERROR_BUSY, "SlowDown" },
  { 503, "<a:Error><a:Code>SlowDown</a:Code><a:Mess", STREAMER_ERROR_BUSY, "SlowDown" },
  { 503, "<Other><Code>NoSuchBucket</Code></Other>", STREAMER_ERROR_BUSY, NULL },
  { 507,
    "{\"status\": \"x\", \"status_code\": 507, \"error\": {\"code\": \"no_space\", \"message\":"
    " \"disk full\"}}",
    STREAMER_ERROR_NO_SPACE, "disk full" },
};

static void
test_what_the_store_says_is_understood (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (store_answers); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      g_autoptr (GError) error = NULL;
      StreamerStoredPart stored = { 0 };

      g_test_message ("%u %s", store_answers[i].status, store_answers[i].body);
      request_fixture_begin (fixture);
      request_fixture_answer_presign (fixture, 1, 3, NULL);
      script_server_add_answer (fixture->bucket, store_answers[i].status, store_answers[i].body);
      g_assert_false (request_fixture_put (fixture, 1, &stored, &error));
      g_assert_error (error, STREAMER_ERROR, (int) store_answers[i].code);
      if (store_answers[i].words != NULL)
        g_assert_nonnull (strstr (error->message, store_answers[i].words));
      g_assert_null (strstr (error->message, "SIGNATURE"));
    }
}

static void
test_a_missing_or_odd_etag_is_no_error (void)
{
  static const char *const answers[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 201 Created\r\nContent-Length: 0\r\nETag: \x01\x02\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (RequestFixture) fixture = request_fixture_new (250, 100);
      ScriptStep step = { .read_body = SCRIPT_WHOLE_BODY, .answer = answers[i] };
      g_autoptr (GError) error = NULL;
      StreamerStoredPart stored = { 0 };

      request_fixture_begin (fixture);
      request_fixture_answer_presign (fixture, 1, 3, NULL);
      script_server_add (fixture->bucket, &step);
      g_assert_true (request_fixture_put (fixture, 1, &stored, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (stored.etag, ==, "");
      streamer_stored_part_clear (&stored);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store-answers/what-the-store-says-is-understood",
                   test_what_the_store_says_is_understood);
  g_test_add_func ("/store-answers/a-missing-or-odd-etag-is-no-error",
                   test_a_missing_or_odd_etag_is_no_error);
  return g_test_run ();
}
