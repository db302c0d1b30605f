/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-s3-store.h"

#include "s3-fixture.h"
#include "streamer-error.h"
#include "test-file.h"

#define MD5_OF_A       "0cc175b9c0f1b6a831c399e269772661"
#define MD5_OF_B       "92eb5ffee6ae2fec3ad71c777531578f"
#define MD5_OF_A_AND_B "96e024ba2074fe77e8e965ba43a704be-2"

#define HEAD(size, etag)                                                                           \
  "HTTP/1.1 200 OK\r\nContent-Length: " size "\r\nETag: \"" etag "\"\r\n"                          \
  "Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\nx-amz-request-id: 1\r\n\r\n"
#define PART(number, size, etag)                                                                   \
  "<Part><PartNumber>" number "</PartNumber><Size>" size "</Size><ETag>\"" etag "\"</ETag></Part>"
#define LISTED(parts) "<ListPartsResult><IsTruncated>false</IsTruncated>" parts "</ListPartsResult>"
#define BOTH          LISTED (PART ("1", "2000", MD5_OF_A) PART ("2", "1000", MD5_OF_B))
#define COMPLETED                                                                                  \
  "<CompleteMultipartUploadResult><ETag>\"" MD5_OF_A_AND_B "\"</ETag>"                             \
  "</CompleteMultipartUploadResult>"

static StreamerUpload *
make_upload (guint64 size, gboolean overwrite)
{
  const StreamerPlan plan = { .size = size, .part_size = 2000, .n_parts = size > 2000 ? 2 : 1 };

  return streamer_upload_new ("key", &plan, "text/plain", overwrite);
}

static GArray *
make_parts (void)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));
  const StreamerStoredPart sent[] = {
    { .number = 1, .size = 2000, .etag = (char *) "\"" MD5_OF_A "\"" },
    { .number = 2, .size = 1000, .etag = (char *) "\"" MD5_OF_B "\"" },
  };

  g_array_append_vals (parts, sent, G_N_ELEMENTS (sent));
  return parts;
}

static void
answer_head (S3Fixture *fixture, const char *answer)
{
  script_server_add (fixture->server, &(ScriptStep){ .answer = answer });
}

/* HEAD's answer, with the mark of @upload. */
static void
answer_marked (S3Fixture *fixture, const StreamerUpload *upload, const char *headers)
{
  g_autofree char *answer =
      g_strdup_printf ("HTTP/1.1 200 OK\r\n%sLast-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n"
                       "x-amz-meta-" STREAMER_S3_MARK ": %s\r\n\r\n",
                       headers, upload->resume_id);

  answer_head (fixture, answer);
}

static StreamerStoredObject *
finish (S3Fixture *fixture, StreamerUpload *upload, GError **error)
{
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, NULL, 60);
  g_autoptr (GArray) parts = make_parts ();

  upload->upload_id = g_strdup ("id");
  return streamer_store_finish (store, fixture->http, upload, parts, 0, NULL, error);
}

static void
test_taken_key_is_refused_before_anything_is_sent (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, NULL, 60);
  g_autoptr (StreamerUpload) upload = make_upload (3000, FALSE);
  g_autoptr (GError) error = NULL;

  answer_head (fixture, HEAD ("5", MD5_OF_A));
  g_assert_false (streamer_store_begin (store, fixture->http, upload, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
  g_assert_cmpuint (streamer_error_get_status_code (error), ==, 409);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 1);
}

static void
test_one_part_is_put_whole (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, "STANDARD_IA", 60);
  g_autoptr (StreamerUpload) upload = make_upload (2000, TRUE);
  g_autoptr (TestFile) file = test_file_new (2000, 2000);
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
  g_autofree char *md5 = g_compute_checksum_for_data (G_CHECKSUM_MD5, file->bytes, file->size);
  g_autofree char *etag = g_strconcat ("ETag: \"", md5, "\"\r\n", NULL);
  g_autoptr (GError) error = NULL;
  StreamerStoredPart stored = { 0 };

  g_assert_true (streamer_store_begin (store, fixture->http, upload, NULL, &error));
  g_assert_cmpuint (script_server_count (fixture->server), ==, 0);
  s3_fixture_answer (fixture, 200, etag, "");
  g_assert_true (
      streamer_store_put_part (store, fixture->http, upload, 1, body, &stored, NULL, &error));
  g_assert_no_error (error);
  s3_fixture_assert_request (fixture, 0, "PUT /bucket/pre/key HTTP/1.1");
  s3_fixture_assert_header (fixture, 0, "x-amz-storage-class", "STANDARD_IA");
  s3_fixture_assert_header (fixture, 0, "If-None-Match", NULL);
  streamer_stored_part_clear (&stored);
}

/* What stands in the way of an attempt may have been put by the one before. */
static void
test_own_object_is_not_in_the_way (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, NULL, 60);
  g_autoptr (TestFile) file = test_file_new (2000, 2000);
  g_autofree char *md5 = g_compute_checksum_for_data (G_CHECKSUM_MD5, file->bytes, 2000);
  g_autofree char *same =
      g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\nETag: \"%s\"\r\n\r\n", md5);
  const struct
  {
    const char *head;
    int code; /* 0 for none */
  } cases[] = {
    { same, 0 },
    { HEAD ("2000", MD5_OF_A), STREAMER_ERROR_EXISTS },
    { HEAD ("2000", "not-an-md5"), STREAMER_ERROR_EXISTS },
    { "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", STREAMER_ERROR_BUSY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StreamerUpload) upload = make_upload (2000, FALSE);
      g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
      g_autoptr (GError) error = NULL;
      StreamerStoredPart stored = { 0 };

      upload->upload_id = g_strdup ("whole");
      s3_fixture_refuse (fixture, 412, "PreconditionFailed", "");
      answer_head (fixture, cases[i].head);
      g_assert_cmpint (
          streamer_store_put_part (store, fixture->http, upload, 1, body, &stored, NULL, &error),
          ==, cases[i].code == 0);
      if (cases[i].code != 0)
        {
          g_assert_error (error, STREAMER_ERROR, cases[i].code);
          continue;
        }
      g_assert_cmpuint (stored.size, ==, 2000);
      g_assert_cmpuint (stored.crc32, ==, file->crc32);
      streamer_stored_part_clear (&stored);
    }
}

static void
test_objects_are_given_what_was_asked_for (S3Fixture *fixture, gconstpointer data)
{
  const char *metadata[] = { "Author", "me", "project", "x y", NULL };
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, "STANDARD_IA", 60);
  g_autoptr (TestFile) file = test_file_new (2000, 2000);

  streamer_s3_store_set_memory (STREAMER_S3_STORE (store), STREAMER_S3_NO, NULL, NULL, NULL);
  for (guint n_parts = 1; n_parts <= 2; n_parts++)
    {
      g_autoptr (StreamerUpload) upload = make_upload (1000 + 1000 * n_parts, TRUE);
      g_autoptr (StreamerPartStream) body = test_file_get_part (file, 1, NULL);
      StreamerStoredPart stored = { 0 };

      upload->storage_class = g_strdup ("GLACIER");
      upload->metadata = g_strdupv ((char **) metadata);
      if (n_parts == 2)
        script_server_add_answer (
            fixture->server, 200,
            "<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>");
      g_assert_true (streamer_store_begin (store, fixture->http, upload, NULL, NULL));
      if (n_parts == 1)
        {
          s3_fixture_answer (fixture, 200, "ETag: \"1\"\r\n", "");
          g_assert_true (
              streamer_store_put_part (store, fixture->http, upload, 1, body, &stored, NULL, NULL));
        }
      g_assert_cmpuint (script_server_count (fixture->server), ==, n_parts);
      s3_fixture_assert_header (fixture, n_parts - 1, "Content-Type", "text/plain");
      s3_fixture_assert_header (fixture, n_parts - 1, "x-amz-storage-class", "GLACIER");
      s3_fixture_assert_header (fixture, n_parts - 1, "x-amz-meta-author", "me");
      s3_fixture_assert_header (fixture, n_parts - 1, "x-amz-meta-project", "x y");
      streamer_stored_part_clear (&stored);
    }
}

static void
test_finish_looks_at_parts_and_object (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerUpload) upload = make_upload (3000, FALSE);
  g_autoptr (StreamerStoredObject) object = NULL;
  g_autoptr (GError) error = NULL;

  script_server_add_answer (fixture->server, 200, BOTH);
  script_server_add_answer (fixture->server, 200, COMPLETED);
  answer_head (fixture, HEAD ("3000", MD5_OF_A_AND_B));
  object = finish (fixture, upload, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (object->size, ==, 3000);
  g_assert_nonnull (strstr (object->url, "/bucket/pre/key?"));
  g_assert_nonnull (strstr (object->url, "X-Amz-Expires=60"));
}

/* Keys that may write and not read, say, are refused when the object is looked at. */
static void
test_own_word_of_the_store_is_enough (S3Fixture *fixture, gconstpointer data)
{
  const char *const completed[] = {
    COMPLETED,
    "<CompleteMultipartUploadResult><ETag>\"" MD5_OF_A "-2\"</ETag>"
    "</CompleteMultipartUploadResult>",
    "<CompleteMultipartUploadResult/>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (completed); i++)
    {
      g_autoptr (StreamerUpload) upload = make_upload (3000, TRUE);
      g_autoptr (StreamerStoredObject) object = NULL;
      g_autoptr (GError) error = NULL;

      script_server_add_answer (fixture->server, 200, BOTH);
      script_server_add_answer (fixture->server, 200, completed[i]);
      answer_head (fixture, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      object = finish (fixture, upload, &error);
      if (i > 0)
        {
          g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpuint (object->size, ==, 3000);
      g_assert_cmpstr (object->etag, ==, "\"" MD5_OF_A_AND_B "\"");
    }
}

static void
test_part_that_differs_is_never_completed (S3Fixture *fixture, gconstpointer data)
{
  static const char *const lists[] = {
    LISTED (PART ("1", "2000", MD5_OF_A)),
    LISTED (PART ("1", "2000", MD5_OF_A) PART ("2", "999", MD5_OF_B)),
    LISTED (PART ("1", "2000", MD5_OF_A) PART ("2", "1000", MD5_OF_A)),
    LISTED (PART ("1", "2000", MD5_OF_A) PART ("3", "1000", MD5_OF_B)),
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (StreamerUpload) upload = make_upload (3000, FALSE);
      g_autoptr (GError) error = NULL;

      script_server_add_answer (fixture->server, 200, lists[i]);
      g_assert_null (finish (fixture, upload, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM);
      g_assert_cmpuint (script_server_count (fixture->server), ==, i + 1);
    }
}

/* Keys may put parts together, and not list them. */
static void
test_complete_needs_no_right_to_list (S3Fixture *fixture, gconstpointer data)
{
  g_auto (ScriptRequest) request = { 0 };
  g_autoptr (StreamerUpload) upload = make_upload (3000, TRUE);
  g_autoptr (StreamerStoredObject) object = NULL;
  g_autoptr (GError) error = NULL;

  s3_fixture_refuse (fixture, 403, "AccessDenied", "");
  s3_fixture_answer (fixture, 200, "", COMPLETED);
  answer_head (fixture, HEAD ("3000", MD5_OF_A_AND_B));
  object = finish (fixture, upload, &error);
  g_assert_no_error (error);
  g_assert_nonnull (object);
  script_server_get (fixture->server, 1, &request);
  g_assert_nonnull (strstr (request.body->str, MD5_OF_B));
}

/* With an ETag that tells, and with one under a key of somebody's own, which tells nothing. */
static void
test_lost_answer_is_found_in_the_object (S3Fixture *fixture, gconstpointer data)
{
  static const char *const objects[] = {
    "Content-Length: 3000\r\nETag: \"" MD5_OF_A_AND_B "\"\r\n",
    "Content-Length: 3000\r\nETag: \"" MD5_OF_A "-2\"\r\n"
    "x-amz-server-side-encryption: aws:kms\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_autoptr (StreamerUpload) upload = make_upload (3000, FALSE);
      g_autoptr (StreamerStoredObject) object = NULL;
      g_autoptr (GError) error = NULL;

      s3_fixture_refuse (fixture, 404, "NoSuchUpload", "");
      answer_marked (fixture, upload, objects[i]);
      object = finish (fixture, upload, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (object->size, ==, 3000);
    }
}

static void
test_somebody_elses_object_is_not_ours (S3Fixture *fixture, gconstpointer data)
{
  static const char *const objects[] = {
    HEAD ("3001", MD5_OF_A_AND_B),
    HEAD ("3000", MD5_OF_A "-2"),
    /* Somebody has uploaded the same bytes, or it is an older object of this size. */
    HEAD ("3000", MD5_OF_A_AND_B),
    "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\nETag: \"" MD5_OF_A "-2\"\r\n"
    "x-amz-server-side-encryption: aws:kms\r\n"
    "Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_autoptr (StreamerUpload) upload = make_upload (3000, FALSE);
      g_autoptr (GError) error = NULL;

      s3_fixture_refuse (fixture, 404, "NoSuchUpload", "");
      answer_head (fixture, objects[i]);
      g_assert_null (finish (fixture, upload, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
    }
}

static void
test_what_is_absent_cannot_be_removed (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, NULL, 60);
  g_autoptr (GError) error = NULL;

  s3_fixture_answer (fixture, 404, "", "");
  g_assert_false (streamer_store_remove (store, fixture->http, "key", NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_assert_cmpuint (script_server_count (fixture->server), ==, 1);
}

static void
test_upload_that_is_gone_counts_as_cancelled (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, NULL, 60);
  g_autoptr (StreamerUpload) upload = make_upload (3000, FALSE);
  g_autoptr (GError) error = NULL;

  upload->upload_id = g_strdup ("id");
  s3_fixture_refuse (fixture, 404, "NoSuchUpload", "");
  g_assert_true (streamer_store_cancel (store, fixture->http, upload, NULL, &error));
  g_assert_no_error (error);
  s3_fixture_assert_request (fixture, 0, "DELETE /bucket/pre/key?uploadId=id HTTP/1.1");
}

static void
test_what_is_stored_is_asked_for (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, NULL, 60);
  g_autoptr (StreamerStoredObject) object = NULL;
  g_autoptr (GError) error = NULL;

  answer_head (fixture, HEAD ("3000", MD5_OF_A_AND_B));
  object = streamer_store_stat (store, fixture->http, "key", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (object->size, ==, 3000);
  g_assert_nonnull (strstr (object->etag, MD5_OF_A_AND_B));
  g_assert_null (object->url);

  s3_fixture_answer (fixture, 404, "", "");
  g_assert_null (streamer_store_stat (store, fixture->http, "key", NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
}

static void
test_unfinished_uploads_of_a_key_are_listed (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, NULL, 60);
  g_autoptr (GArray) unfinished = NULL;
  g_autoptr (GError) error = NULL;

  script_server_add_answer (fixture->server, 200,
                            "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
                            "<Upload><Key>pre/key</Key><UploadId>1</UploadId>"
                            "<Initiated>2010-11-10T20:48:33.000Z</Initiated></Upload>"
                            "</ListMultipartUploadsResult>");
  unfinished = streamer_store_list_unfinished (store, fixture->http, "key", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (unfinished->len, ==, 1);
  g_assert_cmpstr (g_array_index (unfinished, StreamerUnfinished, 0).key, ==, "key");
  g_assert_cmpint (g_array_index (unfinished, StreamerUnfinished, 0).began_at, ==, 1289422113);
}

static void
test_links_are_signed_here (S3Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStore) store = streamer_s3_store_new (fixture->client, NULL, 60);
  g_autofree char *url = NULL;
  g_autofree char *longest = NULL;
  g_autoptr (GError) error = NULL;

  url = streamer_store_link (store, fixture->http, "a b/ä", 90, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (url, "/bucket/pre/a%20b/%C3%A4?"));
  g_assert_nonnull (strstr (url, "X-Amz-Expires=90&"));
  longest = streamer_store_link (store, fixture->http, "key", G_MAXUINT, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (longest, "X-Amz-Expires=604800&"));
  g_assert_cmpuint (script_server_count (fixture->server), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  s3_fixture_add ("/s3-store/taken-key-is-refused-before-anything-is-sent",
                  test_taken_key_is_refused_before_anything_is_sent);
  s3_fixture_add ("/s3-store/one-part-is-put-whole", test_one_part_is_put_whole);
  s3_fixture_add ("/s3-store/own-object-is-not-in-the-way", test_own_object_is_not_in_the_way);
  s3_fixture_add ("/s3-store/objects-are-given-what-was-asked-for",
                  test_objects_are_given_what_was_asked_for);
  s3_fixture_add ("/s3-store/finish-looks-at-parts-and-object",
                  test_finish_looks_at_parts_and_object);
  s3_fixture_add ("/s3-store/own-word-of-the-store-is-enough",
                  test_own_word_of_the_store_is_enough);
  s3_fixture_add ("/s3-store/part-that-differs-is-never-completed",
                  test_part_that_differs_is_never_completed);
  s3_fixture_add ("/s3-store/complete-needs-no-right-to-list",
                  test_complete_needs_no_right_to_list);
  s3_fixture_add ("/s3-store/lost-answer-is-found-in-the-object",
                  test_lost_answer_is_found_in_the_object);
  s3_fixture_add ("/s3-store/somebody-elses-object-is-not-ours",
                  test_somebody_elses_object_is_not_ours);
  s3_fixture_add ("/s3-store/what-is-absent-cannot-be-removed",
                  test_what_is_absent_cannot_be_removed);
  s3_fixture_add ("/s3-store/upload-that-is-gone-counts-as-cancelled",
                  test_upload_that_is_gone_counts_as_cancelled);
  s3_fixture_add ("/s3-store/what-is-stored-is-asked-for", test_what_is_stored_is_asked_for);
  s3_fixture_add ("/s3-store/unfinished-uploads-of-a-key-are-listed",
                  test_unfinished_uploads_of_a_key_are_listed);
  s3_fixture_add ("/s3-store/links-are-signed-here", test_links_are_signed_here);
  return g_test_run ();
}
