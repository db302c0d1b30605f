/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "s3-fixture.h"
#include "streamer-error.h"
#include "test-file.h"

#define XML   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define XMLNS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""
#define CREATED                                                                                    \
  XML "<InitiateMultipartUploadResult" XMLNS "><Bucket>bucket</Bucket><Key>pre/key</Key>"          \
      "<UploadId>2~a/b+c=</UploadId></InitiateMultipartUploadResult>"
#define COMPLETED                                                                                  \
  XML "<CompleteMultipartUploadResult" XMLNS "><ETag>&quot;0123-2&quot;</ETag>"                    \
      "</CompleteMultipartUploadResult>"
#define ID       "2~a/b+c="
#define ID_QUERY "uploadId=2~a%2Fb%2Bc%3D"

static void
test_create (S3Fixture *fixture, gconstpointer data)
{
  static const char *const metadata[] = { "Author", "A  B", "x", "1", NULL };
  const StreamerS3PutOptions options = { "text/plain", "STANDARD_IA", metadata, TRUE };
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  script_server_add_answer (fixture->server, 200, CREATED);
  id = streamer_s3_client_create_multipart (fixture->client, fixture->http, "key", &options, NULL,
                                            &error);
  g_assert_no_error (error);
  g_assert_cmpstr (id, ==, ID);
  s3_fixture_assert_request (fixture, 0, "POST /bucket/pre/key?uploads= HTTP/1.1");
  s3_fixture_assert_header (fixture, 0, "Content-Type", "text/plain");
  s3_fixture_assert_header (fixture, 0, "x-amz-storage-class", "STANDARD_IA");
  s3_fixture_assert_header (fixture, 0, "x-amz-meta-author", "A  B");
  s3_fixture_assert_header (fixture, 0, "x-amz-meta-x", "1");
  s3_fixture_assert_header (fixture, 0, "Content-Length", "0");
  s3_fixture_assert_header (fixture, 0, "If-None-Match", NULL);
}

static void
test_options_that_no_header_holds (S3Fixture *fixture, gconstpointer data)
{
  static const char *const bad_name[] = { "a b", "x", NULL };
  static const char *const bad_value[] = { "a", "x\r\nHost: y", NULL };
  static const char *const not_ascii[] = { "a", "ä", NULL };
  g_autofree char *many = g_strnfill (2048, 'x');
  const char *const too_long[] = { "a", many, NULL };
  const StreamerS3PutOptions cases[] = {
    { .content_type = "text/plain\r\nX: y" },
    { .content_type = "" },
    { .storage_class = "Ä" },
    { .metadata = bad_name },
    { .metadata = bad_value },
    { .metadata = not_ascii },
    { .metadata = too_long },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (streamer_s3_client_create_multipart (fixture->client, fixture->http, "key",
                                                          &cases[i], NULL, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
    }
  g_assert_cmpuint (script_server_count (fixture->server), ==, 0);
}

static gboolean
upload_part (S3Fixture *fixture, TestFile *file, StreamerStoredPart *stored, GError **error)
{
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 2, NULL);

  return streamer_s3_client_upload_part (fixture->client, fixture->http, "key", ID, 2, body, stored,
                                         NULL, error);
}

static void
test_upload_part (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (3000, 2000);
  g_auto (ScriptRequest) request = { 0 };
  g_autoptr (GError) error = NULL;
  StreamerStoredPart stored = { 0 };

  s3_fixture_answer (fixture, 200, "ETag: \"abc\"\r\n", "");
  g_assert_true (upload_part (fixture, file, &stored, &error));
  g_assert_no_error (error);
  s3_fixture_assert_request (fixture, 0, "PUT /bucket/pre/key?partNumber=2&" ID_QUERY " HTTP/1.1");
  s3_fixture_assert_header (fixture, 0, "x-amz-content-sha256", "UNSIGNED-PAYLOAD");
  s3_fixture_assert_header (fixture, 0, "Content-Length", "1000");
  script_server_get (fixture->server, 0, &request);
  g_assert_true (request.complete);
  g_assert_cmpuint (stored.number, ==, 2);
  g_assert_cmpuint (stored.size, ==, 1000);
  g_assert_cmphex (stored.crc32, ==, request.body_crc32);
  g_assert_cmpstr (stored.etag, ==, "\"abc\"");
  streamer_stored_part_clear (&stored);
}

static void
test_put_object (S3Fixture *fixture, gconstpointer data)
{
  const StreamerS3PutOptions options = { .content_type = "a/b", .if_none_match = TRUE };
  g_autoptr (TestFile) file = test_file_new (0, 0);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autoptr (GError) error = NULL;
  StreamerStoredPart stored = { 0 };

  s3_fixture_answer (fixture, 200, "", "");
  g_assert_true (streamer_s3_client_put_object (fixture->client, fixture->http, "key", &options,
                                                body, &stored, NULL, &error));
  g_assert_no_error (error);
  s3_fixture_assert_request (fixture, 0, "PUT /bucket/pre/key HTTP/1.1");
  s3_fixture_assert_header (fixture, 0, "If-None-Match", "*");
  s3_fixture_assert_header (fixture, 0, "Content-Length", "0");
  g_assert_cmpuint (stored.number, ==, 1);
  g_assert_cmpuint (stored.size, ==, 0);
  g_assert_cmpstr (stored.etag, ==, "");
  streamer_stored_part_clear (&stored);
}

static void
test_copy_part (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *etag = NULL;

  script_server_add_answer (fixture->server, 200,
                            XML "<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>");
  g_assert_true (streamer_s3_client_copy_part (fixture->client, fixture->http, "key", ID, 7,
                                               "from/ü +%2e", &etag, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (etag, ==, "\"e\"");
  s3_fixture_assert_request (fixture, 0, "PUT /bucket/pre/key?partNumber=7&" ID_QUERY " HTTP/1.1");
  s3_fixture_assert_header (fixture, 0, "x-amz-copy-source", "/bucket/pre/from/%C3%BC%20%2B%252e");

  script_server_add_answer (fixture->server, 200, XML "<Error><Code>SlowDown</Code></Error>");
  g_assert_false (streamer_s3_client_copy_part (fixture->client, fixture->http, "key", ID, 7, "f",
                                                NULL, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
}

static GArray *
make_parts (void)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));

  for (guint i = 1; i <= 2; i++)
    {
      StreamerStoredPart part = { .number = i, .etag = g_strdup_printf ("\"e%u\"", i) };

      g_array_append_val (parts, part);
    }
  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  return parts;
}

static gboolean
complete (S3Fixture *fixture, gboolean if_none_match, char **etag, GError **error)
{
  g_autoptr (GArray) parts = make_parts ();

  return streamer_s3_client_complete_multipart (fixture->client, fixture->http, "key", ID, parts,
                                                if_none_match, NULL, etag, NULL, error);
}

static void
test_complete (S3Fixture *fixture, gconstpointer data)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *etag = NULL;

  /* White space comes first, for as long as it takes. */
  script_server_add_answer (fixture->server, 200, "    \r\n   " COMPLETED);
  g_assert_true (complete (fixture, TRUE, &etag, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (etag, ==, "\"0123-2\"");
  s3_fixture_assert_request (fixture, 0, "POST /bucket/pre/key?" ID_QUERY " HTTP/1.1");
  s3_fixture_assert_header (fixture, 0, "If-None-Match", "*");
  script_server_get (fixture->server, 0, &request);
  g_assert_cmpstr (request.body->str, ==,
                   "<CompleteMultipartUpload" XMLNS
                   "><Part><PartNumber>1</PartNumber><ETag>&quot;e1&quot;</ETag></Part><Part>"
                   "<PartNumber>2</PartNumber><ETag>&quot;e2&quot;</ETag></Part>"
                   "</CompleteMultipartUpload>");

  script_server_add_answer (fixture->server, 200, COMPLETED);
  g_assert_true (complete (fixture, FALSE, NULL, &error));
  s3_fixture_assert_header (fixture, 1, "If-None-Match", NULL);
}

/* 200 says nothing yet. */
static void
test_complete_that_fails_late (S3Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *body;
    StreamerError code;
  } cases[] = {
    { "  \n" XML "<Error><Code>InternalError</Code></Error>", STREAMER_ERROR_BUSY },
    { "<Error><Code>SlowDown</Code></Error>", STREAMER_ERROR_BUSY },
    { "<Error><Code>NoSuchUpload</Code></Error>", STREAMER_ERROR_NO_UPLOAD },
    { "<Error><Code>InvalidPart</Code></Error>", STREAMER_ERROR_CHECKSUM },
    { "<Error><Code>Unheard</Code></Error>", STREAMER_ERROR_FAILED },
    { "<Error></Error>", STREAMER_ERROR_NETWORK },
    { "<Error><Code>Slo", STREAMER_ERROR_NETWORK },
    { "", STREAMER_ERROR_NETWORK },
    { "     ", STREAMER_ERROR_NETWORK },
    { XML, STREAMER_ERROR_NETWORK },
    { XML "<CompleteMultipartUploadResult><ETag>\"a\"</ETag>", STREAMER_ERROR_NETWORK },
    { XML "<Other/>", STREAMER_ERROR_PROTOCOL },
    { "<html><body>Sign in</body></html>", STREAMER_ERROR_PORTAL },
    { "<!DOCTYPE html><p>Sign in", STREAMER_ERROR_PORTAL },
    { "{\"status\": \"ok\"}", STREAMER_ERROR_PROTOCOL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].body);
      script_server_add_answer (fixture->server, 200, cases[i].body);
      g_assert_false (complete (fixture, FALSE, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, (int) cases[i].code);
    }
  g_assert_cmpuint (script_server_count (fixture->server), ==, G_N_ELEMENTS (cases));
}

static void
test_complete_that_is_cut (S3Fixture *fixture, gconstpointer data)
{
  static const ScriptStep steps[] = {
    { SCRIPT_WHOLE_BODY, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n  <Comp", 0, SCRIPT_CLOSE },
    { SCRIPT_WHOLE_BODY, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n  <Comp", 0, SCRIPT_CLOSE },
    { SCRIPT_WHOLE_BODY, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n    \r\n", 0,
      SCRIPT_CLOSE },
    { SCRIPT_WHOLE_BODY, NULL, 0, SCRIPT_CLOSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GError) error = NULL;

      script_server_add (fixture->server, &steps[i]);
      g_assert_false (complete (fixture, FALSE, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK);
    }
}

static void
test_abort_and_delete (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  s3_fixture_answer (fixture, 204, "", "");
  g_assert_true (
      streamer_s3_client_abort_multipart (fixture->client, fixture->http, "key", ID, NULL, &error));
  g_assert_no_error (error);
  s3_fixture_assert_request (fixture, 0, "DELETE /bucket/pre/key?" ID_QUERY " HTTP/1.1");
  s3_fixture_answer (fixture, 204, "", "");
  g_assert_true (
      streamer_s3_client_delete_object (fixture->client, fixture->http, "key", NULL, &error));
  s3_fixture_assert_request (fixture, 1, "DELETE /bucket/pre/key HTTP/1.1");

  s3_fixture_answer (fixture, 404, "", "");
  g_assert_false (
      streamer_s3_client_abort_multipart (fixture->client, fixture->http, "key", ID, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
}

static void
test_head (S3Fixture *fixture, gconstpointer data)
{
  static const char *const found = "HTTP/1.1 200 OK\r\nContent-Length: 5368709121\r\n"
                                   "Content-Type: text/html\r\nETag: \"x-3\"\r\n"
                                   "Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\r\n";
  static const char *const other = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
  const ScriptStep steps[] = { { .answer = found }, { .answer = other } };
  g_autoptr (GError) error = NULL;
  StreamerS3Head head = { 0 };

  script_server_add (fixture->server, &steps[0]);
  g_assert_true (
      streamer_s3_client_head_object (fixture->client, fixture->http, "key", &head, NULL, &error));
  g_assert_no_error (error);
  s3_fixture_assert_request (fixture, 0, "HEAD /bucket/pre/key HTTP/1.1");
  g_assert_cmpuint (head.size, ==, G_GUINT64_CONSTANT (5368709121));
  g_assert_cmpstr (head.etag, ==, "\"x-3\"");
  g_assert_cmpint (head.modified, ==, 1369353600);
  streamer_s3_head_clear (&head);

  /* Whatever that was, it was no store. */
  script_server_add (fixture->server, &steps[1]);
  g_assert_false (
      streamer_s3_client_head_object (fixture->client, fixture->http, "key", &head, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
  g_clear_error (&error);

  s3_fixture_answer (fixture, 404, "", "");
  g_assert_false (
      streamer_s3_client_head_object (fixture->client, fixture->http, "key", &head, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "object"));
}

static void
test_head_bucket (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  s3_fixture_answer (fixture, 200, "", "");
  g_assert_true (streamer_s3_client_head_bucket (fixture->client, fixture->http, NULL, &error));
  g_assert_no_error (error);
  s3_fixture_assert_request (fixture, 0, "HEAD /bucket HTTP/1.1");
  s3_fixture_answer (fixture, 404, "", "");
  g_assert_false (streamer_s3_client_head_bucket (fixture->client, fixture->http, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "bucket"));
  g_clear_error (&error);
  s3_fixture_answer (fixture, 200, "Content-Type: text/html; charset=utf-8\r\n", "");
  g_assert_false (streamer_s3_client_head_bucket (fixture->client, fixture->http, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PORTAL);
}

static void
test_list_parts (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) error = NULL;

  script_server_add_answer (
      fixture->server, 200,
      XML "<ListPartsResult><IsTruncated>true</IsTruncated>"
          "<NextPartNumberMarker>2</NextPartNumberMarker>"
          "<Part><PartNumber>1</PartNumber><Size>5</Size><ETag>\"a\"</ETag></Part>"
          "<Part><PartNumber>2</PartNumber><Size>6</Size><ETag>\"b\"</ETag></Part>"
          "</ListPartsResult>");
  script_server_add_answer (
      fixture->server, 200,
      XML "<ListPartsResult><IsTruncated>false</IsTruncated>"
          "<Part><PartNumber>5</PartNumber><Size>7</Size><ETag>\"c\"</ETag></Part>"
          "</ListPartsResult>");
  parts = streamer_s3_client_list_parts (fixture->client, fixture->http, "key", ID, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (parts->len, ==, 3);
  g_assert_cmpuint (g_array_index (parts, StreamerStoredPart, 2).number, ==, 5);
  g_assert_cmpuint (g_array_index (parts, StreamerStoredPart, 2).size, ==, 7);
  g_assert_cmpstr (g_array_index (parts, StreamerStoredPart, 2).etag, ==, "\"c\"");
  s3_fixture_assert_request (
      fixture, 0, "GET /bucket/pre/key?max-parts=1000&part-number-marker=0&" ID_QUERY " HTTP/1.1");
  s3_fixture_assert_request (
      fixture, 1, "GET /bucket/pre/key?max-parts=1000&part-number-marker=2&" ID_QUERY " HTTP/1.1");
}

/* Ceph's word for an upload that is gone, and everybody's for a source that is not there. */
static void
test_no_such_key (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *etag = NULL;

  s3_fixture_refuse (fixture, 404, "NoSuchKey", "");
  g_assert_null (
      streamer_s3_client_list_parts (fixture->client, fixture->http, "key", ID, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
  g_clear_error (&error);
  s3_fixture_refuse (fixture, 404, "NoSuchKey", "");
  g_assert_false (streamer_s3_client_copy_part (fixture->client, fixture->http, "key", ID, 1,
                                                "from", &etag, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
}

static void
test_list_without_end (S3Fixture *fixture, gconstpointer data)
{
  static const char *const parts =
      "<ListPartsResult><IsTruncated>true</IsTruncated>"
      "<NextPartNumberMarker>2</NextPartNumberMarker></ListPartsResult>";
  static const char *const uploads =
      "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>"
      "<NextUploadIdMarker>1</NextUploadIdMarker></ListMultipartUploadsResult>";
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    script_server_add_answer (fixture->server, 200, parts);
  g_assert_null (
      streamer_s3_client_list_parts (fixture->client, fixture->http, "key", ID, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
  g_clear_error (&error);

  for (guint i = 0; i < 2; i++)
    script_server_add_answer (fixture->server, 200, uploads);
  g_assert_null (
      streamer_s3_client_list_multiparts (fixture->client, fixture->http, NULL, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 4);
}

static void
test_list_multiparts (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) uploads = NULL;
  g_autoptr (GError) error = NULL;
  const StreamerUnfinished *first;

  script_server_add_answer (
      fixture->server, 200,
      XML "<ListMultipartUploadsResult" XMLNS "><IsTruncated>true</IsTruncated>"
          "<NextKeyMarker>pre/t/ü&amp;</NextKeyMarker><NextUploadIdMarker>i/1</NextUploadIdMarker>"
          "<Upload><Key>pre/t/a b</Key><UploadId>1</UploadId>"
          "<Initiated>2010-11-10T20:48:33.000Z</Initiated></Upload>"
          "<Upload><Key>other/t/x</Key><UploadId>9</UploadId></Upload>"
          "</ListMultipartUploadsResult>");
  script_server_add_answer (fixture->server, 200,
                            XML "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
                                "<Upload><Key>pre/t/c</Key><UploadId>2</UploadId></Upload>"
                                "</ListMultipartUploadsResult>");
  uploads = streamer_s3_client_list_multiparts (fixture->client, fixture->http, "t/", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (uploads->len, ==, 2);
  first = &g_array_index (uploads, StreamerUnfinished, 0);
  g_assert_cmpstr (first->key, ==, "t/a b");
  g_assert_cmpstr (first->upload_id, ==, "1");
  g_assert_cmpint (first->began_at, ==, 1289422113);
  g_assert_cmpstr (first[1].key, ==, "t/c");
  s3_fixture_assert_request (fixture, 0,
                             "GET /bucket?max-uploads=100&prefix=pre%2Ft%2F&uploads= HTTP/1.1");
  s3_fixture_assert_request (fixture, 1,
                             "GET /bucket?max-uploads=100&prefix=pre%2Ft%2F&uploads="
                             "&key-marker=pre%2Ft%2F%C3%BC%26&upload-id-marker=i%2F1 HTTP/1.1");
}

/* An hour and more, and nothing that is signed is the worse for it. */
static void
test_times_are_by_our_own_clock (S3Fixture *fixture, gconstpointer data)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GDateTime) theirs = g_date_time_new_from_unix_utc (now + 4000);
  g_autofree char *date = g_date_time_format (theirs, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n");
  g_autofree char *initiated = g_date_time_format (theirs, "%Y-%m-%dT%H:%M:%S.000Z");
  g_autofree char *body =
      g_strdup_printf (XML "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
                           "<Upload><Key>pre/a</Key><UploadId>1</UploadId>"
                           "<Initiated>%s</Initiated></Upload></ListMultipartUploadsResult>",
                       initiated);
  g_autoptr (GArray) uploads = NULL;
  g_autoptr (GError) error = NULL;

  s3_fixture_answer (fixture, 200, date, body);
  uploads = streamer_s3_client_list_multiparts (fixture->client, fixture->http, "", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (uploads->len, ==, 1);
  g_assert_cmpint (ABS (g_array_index (uploads, StreamerUnfinished, 0).began_at - now), <, 60);
}

/* What goes over the wire is just what was signed, and is encoded once. */
static void
test_odd_keys (S3Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *key;
    const char *path;
  } cases[] = {
    { "a b", "a%20b" },
    { "a+b", "a%2Bb" },
    { "100%", "100%25" },
    { "%2e%2e/%2F", "%252e%252e/%252F" },
    { "..a/b../...", "..a/b../..." },
    { "q?x=1&y#f", "q%3Fx%3D1%26y%23f" },
    { "~-_.", "~-_." },
    { "!*'();:@&=$,[]", "%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%5B%5D" },
    { "back\\slash\"<>^`{|}", "back%5Cslash%22%3C%3E%5E%60%7B%7C%7D" },
    { "\360\237\230\200", "%F0%9F%98%80" },
    { "\327\251\327\234", "%D7%A9%D7%9C" },
    { "u\314\210", "u%CC%88" },
    { "http://x/y", "http%3A//x/y" },
  };
  g_autofree char *long_key = g_strnfill (1020, 'k');
  g_autofree char *long_line = g_strdup_printf ("DELETE /bucket/pre/%s HTTP/1.1", long_key);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = g_strdup_printf ("DELETE /bucket/pre/%s HTTP/1.1", cases[i].path);

      s3_fixture_answer (fixture, 204, "", "");
      g_assert_true (streamer_s3_client_delete_object (fixture->client, fixture->http, cases[i].key,
                                                       NULL, &error));
      g_assert_no_error (error);
      s3_fixture_assert_request (fixture, i, line);
    }
  s3_fixture_answer (fixture, 204, "", "");
  g_assert_true (
      streamer_s3_client_delete_object (fixture->client, fixture->http, long_key, NULL, &error));
  s3_fixture_assert_request (fixture, G_N_ELEMENTS (cases), long_line);

  g_free (long_key);
  long_key = g_strnfill (1021, 'k');
  g_assert_false (
      streamer_s3_client_delete_object (fixture->client, fixture->http, long_key, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
}

/* A presigned URL goes as it is through our own HTTP, too. */
static void
test_presigned_goes_unchanged (S3Fixture *fixture, gconstpointer data)
{
  static const char *const query[] = { "partNumber", "1", "uploadId", ID, NULL };
  static const char *const headers[] = { "content-length", "3", NULL };
  g_autoptr (GError) error = NULL;
  g_auto (StreamerAnswer) answer = { 0 };
  g_auto (ScriptRequest) request = { 0 };
  g_autofree char *expected = NULL;
  g_autofree char *url = streamer_s3_client_presign (fixture->client, "PUT", "%2e%2e/ü (1)+~",
                                                     query, headers, 60, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (url, "/bucket/pre/%252e%252e/%C3%BC%20%281%29%2B~?X-Amz-"));
  g_assert_nonnull (strstr (url, "&X-Amz-SignedHeaders=content-length%3Bhost&partNumber=1&"));
  streamer_http_send_text (fixture->http, "PUT", url, NULL, "abc", STREAMER_HTTP_DEFAULT, &answer,
                           NULL, &error);
  g_assert_no_error (error);
  script_server_get (fixture->server, 0, &request);
  expected = g_strconcat ("PUT ", url + strlen (script_server_get_url (fixture->server)),
                          " HTTP/1.1\r\n", NULL);
  g_assert_true (g_str_has_prefix (request.head, expected));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  s3_fixture_add ("/s3-client/create", test_create);
  s3_fixture_add ("/s3-client/options-that-no-header-holds", test_options_that_no_header_holds);
  s3_fixture_add ("/s3-client/upload-part", test_upload_part);
  s3_fixture_add ("/s3-client/put-object", test_put_object);
  s3_fixture_add ("/s3-client/copy-part", test_copy_part);
  s3_fixture_add ("/s3-client/complete", test_complete);
  s3_fixture_add ("/s3-client/complete-that-fails-late", test_complete_that_fails_late);
  s3_fixture_add ("/s3-client/complete-that-is-cut", test_complete_that_is_cut);
  s3_fixture_add ("/s3-client/abort-and-delete", test_abort_and_delete);
  s3_fixture_add ("/s3-client/head", test_head);
  s3_fixture_add ("/s3-client/head-bucket", test_head_bucket);
  s3_fixture_add ("/s3-client/list-parts", test_list_parts);
  s3_fixture_add ("/s3-client/no-such-key", test_no_such_key);
  s3_fixture_add ("/s3-client/list-without-end", test_list_without_end);
  s3_fixture_add ("/s3-client/list-multiparts", test_list_multiparts);
  s3_fixture_add ("/s3-client/times-are-by-our-own-clock", test_times_are_by_our_own_clock);
  s3_fixture_add ("/s3-client/odd-keys", test_odd_keys);
  s3_fixture_add ("/s3-client/presigned-goes-unchanged", test_presigned_goes_unchanged);
  return g_test_run ();
}
