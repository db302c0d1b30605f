/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "s3-fixture.h"
#include "streamer-error.h"
#include "test-file.h"

#define TOKEN "SESSIONTOKENSESSIONTOKEN"

/* Gives the next keys each time that it is asked for fresh ones, up to the last. */
struct _TestProvider
{
  GObject parent_instance;

  guint n_keys;
  guint now;
  guint n_refreshed;
};

#define TEST_TYPE_PROVIDER (test_provider_get_type ())
G_DECLARE_FINAL_TYPE (TestProvider, test_provider, TEST, PROVIDER, GObject)

static StreamerS3Credentials *
new_keys (guint n)
{
  g_autofree char *access_key = g_strdup_printf ("AK%u", n);

  return streamer_s3_credentials_new (access_key, S3_FIXTURE_SECRET_KEY, TOKEN, 0);
}

static StreamerS3Credentials *
test_provider_get (StreamerS3CredentialsProvider *provider,
                   gboolean refresh,
                   GCancellable *cancellable,
                   GError **error)
{
  TestProvider *self = TEST_PROVIDER (provider);

  self->n_refreshed += refresh ? 1 : 0;
  if (refresh && self->now + 1 < self->n_keys)
    self->now++;
  return new_keys (self->now);
}

static void
provider_iface_init (StreamerS3CredentialsProviderInterface *iface)
{
  iface->get = test_provider_get;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestProvider,
                               test_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_S3_CREDENTIALS_PROVIDER,
                                                      provider_iface_init))

static void
test_provider_class_init (TestProviderClass *klass)
{
}

static void
test_provider_init (TestProvider *self)
{
}

static TestProvider *
use_keys (S3Fixture *fixture, guint n_keys)
{
  TestProvider *provider = g_object_new (TEST_TYPE_PROVIDER, NULL);

  provider->n_keys = n_keys;
  s3_fixture_use_provider (fixture, STREAMER_S3_CREDENTIALS_PROVIDER (provider));
  return provider;
}

/* DELETE, which has no answer to read. */
static gboolean
try (S3Fixture *fixture, GError **error)
{
  return streamer_s3_client_delete_object (fixture->client, fixture->http, "key", NULL, error);
}

static void
assert_works (S3Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  s3_fixture_answer (fixture, 204, "", "");
  g_assert_true (try (fixture, &error));
  g_assert_no_error (error);
}

static void
assert_fails (S3Fixture *fixture, StreamerError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (try (fixture, &error));
  g_assert_error (error, STREAMER_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_null (strstr (error->message, S3_FIXTURE_SECRET_KEY));
  g_assert_null (strstr (error->message, TOKEN));
}

static const struct
{
  guint status;
  const char *code;
  StreamerError expected;
} codes[] = {
  { 404, "NoSuchUpload", STREAMER_ERROR_NO_UPLOAD },
  { 404, "NoSuchKey", STREAMER_ERROR_NOT_FOUND },
  { 404, "NoSuchBucket", STREAMER_ERROR_NOT_FOUND },
  { 403, "AccessDenied", STREAMER_ERROR_FORBIDDEN },
  { 403, "AllAccessDisabled", STREAMER_ERROR_FORBIDDEN },
  { 403, "InvalidAccessKeyId", STREAMER_ERROR_AUTH },
  { 403, "SignatureDoesNotMatch", STREAMER_ERROR_AUTH },
  { 400, "InvalidToken", STREAMER_ERROR_AUTH },
  { 400, "ExpiredToken", STREAMER_ERROR_AUTH },
  { 403, "RequestTimeTooSkewed", STREAMER_ERROR_EXPIRED },
  { 301, "PermanentRedirect", STREAMER_ERROR_INVALID },
  { 307, "TemporaryRedirect", STREAMER_ERROR_INVALID },
  { 400, "AuthorizationHeaderMalformed", STREAMER_ERROR_INVALID },
  { 503, "SlowDown", STREAMER_ERROR_BUSY },
  { 500, "InternalError", STREAMER_ERROR_BUSY },
  { 409, "OperationAborted", STREAMER_ERROR_BUSY },
  { 400, "RequestTimeout", STREAMER_ERROR_NETWORK },
  { 400, "IncompleteBody", STREAMER_ERROR_NETWORK },
  { 400, "EntityTooLarge", STREAMER_ERROR_TOO_LARGE },
  { 412, "PreconditionFailed", STREAMER_ERROR_EXISTS },
  { 409, "ConditionalRequestConflict", STREAMER_ERROR_BUSY },
  { 400, "BadDigest", STREAMER_ERROR_CHECKSUM },
  { 400, "InvalidPart", STREAMER_ERROR_CHECKSUM },
  { 400, "InvalidPartOrder", STREAMER_ERROR_CHECKSUM },
  { 403, "QuotaExceeded", STREAMER_ERROR_NO_SPACE },
  { 400, "InvalidStorageClass", STREAMER_ERROR_INVALID },
  { 400, "EntityTooSmall", STREAMER_ERROR_FAILED },
  { 501, "NotImplemented", STREAMER_ERROR_FAILED },
  { 503, "Unheard", STREAMER_ERROR_BUSY },
  { 403, "Unheard", STREAMER_ERROR_FORBIDDEN },
};

static void
test_codes (S3Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_test_message ("%s", codes[i].code);
      s3_fixture_refuse (fixture, codes[i].status, codes[i].code, "<Message>Words</Message>");
      assert_fails (fixture, codes[i].expected);
    }
  /* Nothing of it can be corrected here, so nothing was sent twice. */
  g_assert_cmpuint (script_server_count (fixture->server), ==, G_N_ELEMENTS (codes));
}

static void
test_statuses_alone (S3Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint status;
    StreamerError expected;
  } cases[] = {
    { 202, STREAMER_ERROR_PROTOCOL },  { 301, STREAMER_ERROR_INVALID },
    { 304, STREAMER_ERROR_PROTOCOL },  { 400, STREAMER_ERROR_FAILED },
    { 401, STREAMER_ERROR_AUTH },      { 403, STREAMER_ERROR_FORBIDDEN },
    { 404, STREAMER_ERROR_NOT_FOUND }, { 408, STREAMER_ERROR_NETWORK },
    { 409, STREAMER_ERROR_EXISTS },    { 412, STREAMER_ERROR_EXISTS },
    { 413, STREAMER_ERROR_TOO_LARGE }, { 429, STREAMER_ERROR_BUSY },
    { 500, STREAMER_ERROR_BUSY },      { 501, STREAMER_ERROR_FAILED },
    { 502, STREAMER_ERROR_BUSY },      { 504, STREAMER_ERROR_BUSY },
    { 507, STREAMER_ERROR_NO_SPACE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%u", cases[i].status);
      s3_fixture_answer (fixture, cases[i].status, "", "");
      assert_fails (fixture, cases[i].expected);
    }
}

static void
test_web_pages (S3Fixture *fixture, gconstpointer data)
{
  static const char *const page = "<!DOCTYPE html><html><body>Sign in</body></html>";

  s3_fixture_answer (fixture, 200, "", page);
  assert_fails (fixture, STREAMER_ERROR_PORTAL);
  s3_fixture_answer (fixture, 511, "", page);
  assert_fails (fixture, STREAMER_ERROR_PORTAL);
  s3_fixture_answer (fixture, 511, "", "");
  assert_fails (fixture, STREAMER_ERROR_PORTAL);
  s3_fixture_answer (fixture, 403, "Content-Type: text/html\r\n", page);
  assert_fails (fixture, STREAMER_ERROR_PROTOCOL);
  s3_fixture_answer (fixture, 302, "Location: http://portal.example/\r\n", page);
  assert_fails (fixture, STREAMER_ERROR_PROTOCOL);
  s3_fixture_answer (fixture, 502, "", page);
  assert_fails (fixture, STREAMER_ERROR_BUSY);
}

/* Something else has answered in the store's place: an upload that is thought to be aborted would
 * stay, and cost money. */
static void
test_nothing_is_gone_where_more_is_said (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  s3_fixture_answer (fixture, 200, "Content-Type: application/json\r\n", "{\"status\":\"ok\"}");
  assert_fails (fixture, STREAMER_ERROR_NETWORK);
  s3_fixture_answer (fixture, 200, "", "");
  g_assert_true (try (fixture, &error));
  g_assert_no_error (error);
}

static void
test_words_of_the_store (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  s3_fixture_answer (
      fixture, 503, "Retry-After: 7\r\nx-amz-request-id: HEADER\r\n",
      "<Error><Code>SlowDown</Code><Message>Please &lt;reduce&gt; " S3_FIXTURE_SECRET_KEY
      " \n</Message><RequestId>BODY</RequestId></Error>");
  g_assert_false (try (fixture, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "Please <reduce> …"));
  g_assert_cmpint (streamer_error_get_retry_after (error), ==, 7);
  g_assert_cmpuint (streamer_error_get_status_code (error), ==, 503);
  g_assert_cmpstr (streamer_error_get_request_id (error), ==, "BODY");
}

static void
assert_region (S3Fixture *fixture, guint index, const char *region)
{
  g_autoptr (StreamerS3Credentials) keys =
      streamer_s3_credentials_new (S3_FIXTURE_ACCESS_KEY, S3_FIXTURE_SECRET_KEY, NULL, 0);

  s3_fixture_assert_signed (fixture, index, keys, region);
}

static void
test_region_is_learned (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (ScriptServer) other = script_server_new ();
  g_autofree char *headers = g_strdup_printf ("Location: %s/\r\nx-amz-bucket-region: us-west-2\r\n",
                                              script_server_get_url (other));
  g_autofree char *words =
      g_strdup_printf ("<Error><Code>PermanentRedirect</Code><Endpoint>%s</Endpoint></Error>",
                       script_server_get_url (other) + strlen ("http://"));

  s3_fixture_answer (fixture, 301, headers, words);
  assert_works (fixture);
  assert_region (fixture, 0, S3_FIXTURE_REGION);
  assert_region (fixture, 1, "us-west-2");

  /* And remembered. */
  assert_works (fixture);
  assert_region (fixture, 2, "us-west-2");
  g_assert_cmpuint (script_server_count (fixture->server), ==, 3);
  g_assert_cmpuint (script_server_count (other), ==, 0);
}

static void
test_region_in_all_its_forms (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  s3_fixture_refuse (fixture, 400, "AuthorizationHeaderMalformed", "<Region>r-1</Region>");
  assert_works (fixture);
  assert_region (fixture, 1, "r-1");
  s3_fixture_refuse (fixture, 403, "AuthorizationHeaderMalformed", "<Region>r-2</Region>");
  assert_works (fixture);
  assert_region (fixture, 3, "r-2");
  /* An answer to HEAD has nothing but headers. */
  s3_fixture_answer (fixture, 400, "x-amz-bucket-region: r-3\r\n", "");
  s3_fixture_answer (fixture, 200, "", "");
  g_assert_true (streamer_s3_client_head_bucket (fixture->client, fixture->http, NULL, &error));
  assert_region (fixture, 5, "r-3");
}

static void
test_region_is_corrected_once (S3Fixture *fixture, gconstpointer data)
{
  s3_fixture_refuse (fixture, 301, "PermanentRedirect", "<Region>r-1</Region>");
  s3_fixture_refuse (fixture, 301, "PermanentRedirect", "<Region>r-2</Region>");
  assert_fails (fixture, STREAMER_ERROR_INVALID);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 2);

  /* The same again, or what is no region, helps nobody. */
  s3_fixture_refuse (fixture, 301, "PermanentRedirect", "<Region>r-1</Region>");
  assert_fails (fixture, STREAMER_ERROR_INVALID);
  s3_fixture_refuse (fixture, 301, "PermanentRedirect", "<Region>x.example/</Region>");
  assert_fails (fixture, STREAMER_ERROR_INVALID);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 4);
}

/* A part is sent again whole. */
static void
test_region_of_a_part (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (300000, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_auto (ScriptRequest) request = { 0 };
  g_autoptr (GError) error = NULL;
  StreamerStoredPart stored = { 0 };

  s3_fixture_answer (fixture, 307, "x-amz-bucket-region: us-west-2\r\n", "");
  s3_fixture_answer (fixture, 200, "ETag: \"e\"\r\n", "");
  g_assert_true (streamer_s3_client_upload_part (fixture->client, fixture->http, "key", "id", 1,
                                                 body, &stored, NULL, &error));
  g_assert_no_error (error);
  script_server_get (fixture->server, 1, &request);
  g_assert_cmpuint (request.body_length, ==, 300000);
  g_assert_cmphex (request.body_crc32, ==, file->crc32);
  g_assert_cmphex (stored.crc32, ==, file->crc32);
  assert_region (fixture, 1, "us-west-2");
  streamer_stored_part_clear (&stored);
}

static char *
make_date (gint64 offset)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_seconds (now, (double) offset);
  g_autofree char *text = soup_date_time_to_string (then, SOUP_DATE_HTTP);

  return g_strdup_printf ("Date: %s\r\n", text);
}

/* Seconds that the request was signed ahead of this computer's clock. */
static gint64
get_signed_offset (S3Fixture *fixture, guint index)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *date = NULL;
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;

  script_server_get (fixture->server, index, &request);
  date = script_request_get_header (&request, "x-amz-date");
  time = g_date_time_new_from_iso8601 (date, utc);
  g_assert_nonnull (time);
  return g_date_time_to_unix (time) - g_get_real_time () / G_USEC_PER_SEC;
}

static void
assert_about (gint64 value, gint64 expected)
{
  g_assert_cmpint (ABS (value - expected), <, 60);
}

static void
test_clock_is_learned (S3Fixture *fixture, gconstpointer data)
{
  g_autofree char *ahead = make_date (7200);
  g_autofree char *behind = make_date (-86400);
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;
  StreamerS3Head head = { 0 };

  g_assert_cmpint (streamer_s3_client_get_clock_offset (fixture->client), ==, 0);
  s3_fixture_answer (fixture, 403, ahead, "<Error><Code>RequestTimeTooSkewed</Code></Error>");
  assert_works (fixture);
  assert_about (get_signed_offset (fixture, 0), 0);
  assert_about (get_signed_offset (fixture, 1), 7200);
  assert_about (streamer_s3_client_get_clock_offset (fixture->client), 7200);
  assert_works (fixture);
  assert_about (get_signed_offset (fixture, 2), 7200);

  /* An answer to HEAD does not say why. */
  s3_fixture_answer (fixture, 403, behind, "");
  s3_fixture_answer (fixture, 404, "", "");
  g_assert_false (
      streamer_s3_client_head_object (fixture->client, fixture->http, "key", &head, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  assert_about (get_signed_offset (fixture, 4), -86400);
  assert_about (streamer_s3_client_get_clock_offset (fixture->client), -86400);
}

static void
test_clock_is_corrected_once (S3Fixture *fixture, gconstpointer data)
{
  static const char *const skewed = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
  g_autofree char *hour = make_date (3600);
  g_autofree char *day = make_date (86400);
  g_autofree char *now = make_date (86400);

  s3_fixture_answer (fixture, 403, hour, skewed);
  s3_fixture_answer (fixture, 403, day, skewed);
  assert_fails (fixture, STREAMER_ERROR_EXPIRED);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 2);
  /* No Date, or one that is right already. */
  s3_fixture_answer (fixture, 403, "", skewed);
  assert_fails (fixture, STREAMER_ERROR_EXPIRED);
  s3_fixture_answer (fixture, 403, hour, skewed);
  assert_fails (fixture, STREAMER_ERROR_EXPIRED);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 4);
  /* A refusal that is about something else. */
  s3_fixture_answer (fixture, 403, now, "<Error><Code>AccessDenied</Code></Error>");
  assert_fails (fixture, STREAMER_ERROR_FORBIDDEN);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 5);
}

static void
test_credentials_are_refreshed_once (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestProvider) provider = use_keys (fixture, 3);
  g_autoptr (StreamerS3Credentials) first = new_keys (0);
  g_autoptr (StreamerS3Credentials) second = new_keys (1);
  g_autoptr (GError) error = NULL;

  s3_fixture_refuse (fixture, 400, "ExpiredToken", "");
  assert_works (fixture);
  s3_fixture_assert_signed (fixture, 0, first, S3_FIXTURE_REGION);
  s3_fixture_assert_signed (fixture, 1, second, S3_FIXTURE_REGION);
  s3_fixture_assert_header (fixture, 1, "x-amz-security-token", TOKEN);
  g_assert_cmpuint (provider->n_refreshed, ==, 1);

  s3_fixture_refuse (fixture, 400, "ExpiredToken", "<Message>" TOKEN "</Message>");
  s3_fixture_refuse (fixture, 400, "ExpiredToken", "<Message>" TOKEN "</Message>");
  assert_fails (fixture, STREAMER_ERROR_AUTH);
  g_assert_cmpuint (provider->n_refreshed, ==, 2);

  /* There are no others. */
  s3_fixture_refuse (fixture, 403, "ExpiredToken", "");
  assert_fails (fixture, STREAMER_ERROR_AUTH);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 5);
}

/* An answer to HEAD does not say that the token has expired, only that the request is bad. */
static void
test_credentials_of_head (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestProvider) provider = use_keys (fixture, 2);
  g_autoptr (GError) error = NULL;

  s3_fixture_answer (fixture, 400, "", "");
  s3_fixture_answer (fixture, 200, "", "");
  g_assert_true (streamer_s3_client_head_bucket (fixture->client, fixture->http, NULL, &error));
  g_assert_cmpuint (provider->n_refreshed, ==, 1);
}

/* Everything that can be wrong at once is put right one after the other. */
static void
test_all_corrections (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestProvider) provider = use_keys (fixture, 2);
  g_autoptr (StreamerS3Credentials) second = new_keys (1);
  g_autofree char *date = make_date (7200);

  s3_fixture_refuse (fixture, 301, "PermanentRedirect", "<Region>r-1</Region>");
  s3_fixture_answer (fixture, 403, date, "<Error><Code>RequestTimeTooSkewed</Code></Error>");
  s3_fixture_refuse (fixture, 400, "ExpiredToken", "");
  assert_works (fixture);
  s3_fixture_assert_signed (fixture, 3, second, "r-1");
  assert_about (get_signed_offset (fixture, 3), 7200);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  s3_fixture_add ("/s3-faults/codes", test_codes);
  s3_fixture_add ("/s3-faults/statuses-alone", test_statuses_alone);
  s3_fixture_add ("/s3-faults/web-pages", test_web_pages);
  s3_fixture_add ("/s3-faults/nothing-is-gone-where-more-is-said",
                  test_nothing_is_gone_where_more_is_said);
  s3_fixture_add ("/s3-faults/words-of-the-store", test_words_of_the_store);
  s3_fixture_add ("/s3-faults/region-is-learned", test_region_is_learned);
  s3_fixture_add ("/s3-faults/region-in-all-its-forms", test_region_in_all_its_forms);
  s3_fixture_add ("/s3-faults/region-is-corrected-once", test_region_is_corrected_once);
  s3_fixture_add ("/s3-faults/region-of-a-part", test_region_of_a_part);
  s3_fixture_add ("/s3-faults/clock-is-learned", test_clock_is_learned);
  s3_fixture_add ("/s3-faults/clock-is-corrected-once", test_clock_is_corrected_once);
  s3_fixture_add ("/s3-faults/credentials-are-refreshed-once", test_credentials_are_refreshed_once);
  s3_fixture_add ("/s3-faults/credentials-of-head", test_credentials_of_head);
  s3_fixture_add ("/s3-faults/all-corrections", test_all_corrections);
  return g_test_run ();
}
