/* test-s3-test.c: whether uploads to a bucket would get through, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "s3-fixture.h"

#include "streamer-connection-test.h"
#include "streamer-error.h"
#include "streamer-s3-test.h"

#define XML "Content-Type: application/xml\r\n"
#define CREATED                                                                                    \
  "<InitiateMultipartUploadResult><UploadId>id-1</UploadId></InitiateMultipartUploadResult>"
#define KEY_IN_PATH "/bucket/pre/s3streamer-test-"

static StreamerS3Place *
new_place (S3Fixture *fixture)
{
  StreamerS3Place *place = streamer_s3_place_new ();

  g_assert_true (streamer_s3_place_set_uri (place, "s3://bucket/pre", NULL));
  place->endpoint = g_strdup (script_server_get_url (fixture->server));
  place->region = g_strdup (S3_FIXTURE_REGION);
  place->access_key = g_strdup (S3_FIXTURE_ACCESS_KEY);
  return place;
}

static StreamerSecrets *
new_secrets (void)
{
  StreamerSecrets *secrets = streamer_memory_secrets_new (NULL);

  g_assert_true (streamer_secrets_store (secrets, "id", STREAMER_SECRET_S3_KEY,
                                         S3_FIXTURE_SECRET_KEY, NULL, NULL, NULL));
  return secrets;
}

static char *
run_place (S3Fixture *fixture, StreamerS3Place *place, GError **error)
{
  g_autoptr (StreamerSecrets) secrets = new_secrets ();

  return streamer_s3_test (place, "id", secrets, fixture->http, NULL, error);
}

static char *
run (S3Fixture *fixture, GError **error)
{
  g_autoptr (StreamerS3Place) place = new_place (fixture);

  return run_place (fixture, place, error);
}

static void
assert_says (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” does not say “%s”", text, part);
}

/* Returns: the request line, without the protocol */
static char *
get_request (S3Fixture *fixture, guint index)
{
  g_auto (ScriptRequest) request = { 0 };
  const char *end;

  script_server_get (fixture->server, index, &request);
  end = strstr (request.head, " HTTP/1.1\r\n");
  g_assert_nonnull (end);
  return g_strndup (request.head, end - request.head);
}

static void
test_works_and_leaves_nothing (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *head = NULL;
  g_autofree char *create = NULL;
  g_autofree char *abort_upload = NULL;
  g_autofree char *expected = NULL;

  s3_fixture_answer (fixture, 200, "", "");
  s3_fixture_answer (fixture, 200, XML, CREATED);
  s3_fixture_answer (fixture, 204, "", "");
  text = run (fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "It works. Files can be put into the bucket.");

  g_assert_cmpuint (script_server_count (fixture->server), ==, 3);
  head = get_request (fixture, 0);
  create = get_request (fixture, 1);
  abort_upload = get_request (fixture, 2);
  g_assert_true (g_str_has_prefix (head, "HEAD /bucket"));
  g_assert_true (g_str_has_prefix (create, "POST " KEY_IN_PATH));
  g_assert_true (g_str_has_suffix (create, "?uploads="));
  /* What is given up is what was begun. */
  *strchr (create, '?') = '\0';
  expected = g_strdup_printf ("DELETE %s?uploadId=id-1", create + strlen ("POST "));
  g_assert_cmpstr (abort_upload, ==, expected);
}

static void
test_may_put_without_looking (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  s3_fixture_answer (fixture, 403, "", "");
  s3_fixture_answer (fixture, 200, XML, CREATED);
  s3_fixture_answer (fixture, 204, "", "");
  text = run (fixture, &error);
  g_assert_no_error (error);
  assert_says (text, "It works");
}

typedef struct
{
  const char *name;
  guint head_status;
  guint put_status;
  const char *put_code;
  StreamerError error;
  const char *says;
  const char *advises;
} Refusal;

static const Refusal refusals[] = {
  { "unknown-access-key", 403, 403, "InvalidAccessKeyId", STREAMER_ERROR_AUTH,
    "does not know this access key", "\nEnter the access key" },
  { "wrong-secret-key", 403, 403, "SignatureDoesNotMatch", STREAMER_ERROR_AUTH,
    "The secret key does not belong to the access key", "\nEnter the access key" },
  { "no-right-to-put", 200, 403, "AccessDenied", STREAMER_ERROR_FORBIDDEN,
    "The keys do not allow this", "right to put files there" },
  { "no-right-at-all", 403, 403, "AccessDenied", STREAMER_ERROR_FORBIDDEN,
    "The keys do not allow this", "right to put files there" },
  { "no-bucket", 404, 404, "NoSuchBucket", STREAMER_ERROR_NOT_FOUND,
    "There is no bucket of this name", "\nCheck the bucket’s name and the endpoint" },
  { "storage-class", 200, 400, "InvalidStorageClass", STREAMER_ERROR_INVALID,
    "does not know the storage class", "\nCorrect the value" },
  { "busy", 200, 503, "SlowDown", STREAMER_ERROR_BUSY, "busy", "\nWait a while" },
  { "clock", 200, 403, "RequestTimeTooSkewed", STREAMER_ERROR_EXPIRED, "clocks", "\nSet this" },
};

static void
test_refusal_is_explained (S3Fixture *fixture, gconstpointer data)
{
  const Refusal *refusal = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  s3_fixture_answer (fixture, refusal->head_status, "", "");
  s3_fixture_refuse (fixture, refusal->put_status, refusal->put_code, "");
  text = run (fixture, &error);
  g_assert_null (text);
  g_assert_error (error, STREAMER_ERROR, (int) refusal->error);
  assert_says (error->message, refusal->says);
  assert_says (error->message, refusal->advises);
  g_assert_null (strstr (error->message, S3_FIXTURE_SECRET_KEY));
  g_assert_cmpuint (script_server_count (fixture->server), ==, 2);
}

static char *
make_date (gint64 ahead)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) date = g_date_time_add_seconds (now, ahead);

  return g_date_time_format (date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n");
}

typedef struct
{
  const char *name;
  gint64 ahead;
  const char *says;
} Clock;

static const Clock clocks[] = {
  { "behind", 3 * 3600 + 60, "clock is 3 hours behind the server’s" },
  { "ahead", -(40 * 60 + 20), "clock is 40 minutes ahead of the server’s" },
  { "days", 5 * 86400 + 60, "clock is 5 days behind" },
  { "tolerable", 10 * 60, NULL },
};

static void
test_clock_is_told (S3Fixture *fixture, gconstpointer data)
{
  const Clock *clock = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *date = make_date (clock->ahead);

  s3_fixture_answer (fixture, 403, date, "");
  s3_fixture_answer (fixture, 200, date, "");
  s3_fixture_answer (fixture, 200, XML, CREATED);
  s3_fixture_answer (fixture, 204, "", "");
  text = run (fixture, &error);
  g_assert_no_error (error);
  assert_says (text, "It works");
  if (clock->says != NULL)
    assert_says (text, clock->says);
  else
    g_assert_null (strstr (text, "clock"));
}

static void
test_region_is_told (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  s3_fixture_answer (fixture, 301, "x-amz-bucket-region: us-west-2\r\n", "");
  s3_fixture_answer (fixture, 200, "", "");
  s3_fixture_answer (fixture, 200, XML, CREATED);
  s3_fixture_answer (fixture, 204, "", "");
  text = run (fixture, &error);
  g_assert_no_error (error);
  assert_says (text, "It works");
  assert_says (text, "in the region “us-west-2”, though, not in “" S3_FIXTURE_REGION "”");
}

static void
test_unnamed_region_is_a_failure (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  s3_fixture_answer (fixture, 301, "", "");
  s3_fixture_refuse (fixture, 301, "PermanentRedirect", "");
  text = run (fixture, &error);
  g_assert_null (text);
  assert_says (error->message, "in another region");
}

static void
test_no_right_to_give_up_is_told (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  s3_fixture_answer (fixture, 200, "", "");
  s3_fixture_answer (fixture, 200, XML, CREATED);
  s3_fixture_refuse (fixture, 403, "AccessDenied", "");
  text = run (fixture, &error);
  g_assert_no_error (error);
  assert_says (text, "do not allow giving an upload up");
}

static void
test_lost_upload_is_given_up (S3Fixture *fixture, gconstpointer data)
{
  static const ScriptStep cut = { .read_body = SCRIPT_WHOLE_BODY,
                                  .answer = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<Init",
                                  .then = SCRIPT_CLOSE };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *abort_upload = NULL;

  s3_fixture_answer (fixture, 200, "", "");
  script_server_add (fixture->server, &cut);
  s3_fixture_answer (fixture, 200, XML,
                     "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload>"
                     "<Key>pre/s3streamer-test-x</Key><UploadId>lost-1</UploadId>"
                     "<Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>"
                     "</ListMultipartUploadsResult>");
  s3_fixture_answer (fixture, 204, "", "");
  text = run (fixture, &error);
  g_assert_null (text);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 4);
  abort_upload = get_request (fixture, 3);
  g_assert_true (g_str_has_prefix (abort_upload, "DELETE " KEY_IN_PATH));
  g_assert_true (g_str_has_suffix (abort_upload, "?uploadId=lost-1"));
}

static void
test_web_page_is_no_store (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  s3_fixture_answer (fixture, 200, "Content-Type: text/html\r\n", "");
  text = run (fixture, &error);
  g_assert_null (text);
  assert_says (error->message, "sign in first");
  assert_says (error->message, "\nCheck the endpoint");
}

static void
test_name_that_is_not_found (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerS3Place) place = new_place (fixture);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_free (place->endpoint);
  place->endpoint = g_strdup ("http://no-such-store.invalid");
  text = run_place (fixture, place, &error);
  g_assert_null (text);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK);
  assert_says (error->message, "cannot be found");
  assert_says (error->message, "\nCheck the endpoint");
}

static void
test_missing_secret_key_asks_nobody (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerS3Place) place = new_place (fixture);
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_s3_test (place, "id", secrets, fixture->http, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH);
  assert_says (error->message, "secret key");
  g_assert_cmpuint (script_server_count (fixture->server), ==, 0);
}

static void
test_storage_class_is_tried (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerS3Place) place = new_place (fixture);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  place->storage_class = g_strdup ("STANDARD_IA");
  s3_fixture_answer (fixture, 200, "", "");
  s3_fixture_answer (fixture, 200, XML, CREATED);
  s3_fixture_answer (fixture, 204, "", "");
  text = run_place (fixture, place, &error);
  g_assert_no_error (error);
  s3_fixture_assert_header (fixture, 1, "x-amz-storage-class", "STANDARD_IA");
}

static void
keep_result (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_connection_asks_its_bucket (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerS3Place) place = new_place (fixture);
  g_autoptr (StreamerSecrets) secrets = new_secrets ();
  g_autoptr (StreamerConnection) connection =
      streamer_connection_new_s3 ("id", "Name", place, NULL, secrets);
  g_autoptr (StreamerPool) pool = streamer_pool_new (1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  s3_fixture_answer (fixture, 200, "", "");
  s3_fixture_answer (fixture, 200, XML, CREATED);
  s3_fixture_answer (fixture, 204, "", "");
  streamer_connection_test_async (connection, pool, NULL, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  text = streamer_connection_test_finish (pool, result, &error);
  g_assert_no_error (error);
  assert_says (text, "It works");
}

static void
add_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path =
          g_strconcat ("/s3-test/refusal-is-explained/", refusals[i].name, NULL);

      s3_fixture_add_data (path, &refusals[i], test_refusal_is_explained);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (clocks); i++)
    {
      g_autofree char *path = g_strconcat ("/s3-test/clock-is-told/", clocks[i].name, NULL);

      s3_fixture_add_data (path, &clocks[i], test_clock_is_told);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  s3_fixture_add ("/s3-test/works-and-leaves-nothing", test_works_and_leaves_nothing);
  s3_fixture_add ("/s3-test/may-put-without-looking", test_may_put_without_looking);
  s3_fixture_add ("/s3-test/region-is-told", test_region_is_told);
  s3_fixture_add ("/s3-test/unnamed-region-is-a-failure", test_unnamed_region_is_a_failure);
  s3_fixture_add ("/s3-test/no-right-to-give-up-is-told", test_no_right_to_give_up_is_told);
  s3_fixture_add ("/s3-test/lost-upload-is-given-up", test_lost_upload_is_given_up);
  s3_fixture_add ("/s3-test/web-page-is-no-store", test_web_page_is_no_store);
  s3_fixture_add ("/s3-test/name-that-is-not-found", test_name_that_is_not_found);
  s3_fixture_add ("/s3-test/missing-secret-key-asks-nobody", test_missing_secret_key_asks_nobody);
  s3_fixture_add ("/s3-test/storage-class-is-tried", test_storage_class_is_tried);
  s3_fixture_add ("/s3-test/connection-asks-its-bucket", test_connection_asks_its_bucket);
  add_cases ();
  return g_test_run ();
}
