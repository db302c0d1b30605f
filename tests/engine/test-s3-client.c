/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "s3-fixture.h"
#include "streamer-error.h"
#include "test-file.h"

#define CREATED                                                                                    \
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<InitiateMultipartUploadResult "                    \
  "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>bucket</Bucket><Key>pre/key</Key>"    \
  "<UploadId>2~a/b+c=</UploadId></InitiateMultipartUploadResult>"

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
  g_assert_cmpstr (id, ==, "2~a/b+c=");
  s3_fixture_assert_request (fixture, 0, "POST /bucket/pre/key?uploads= HTTP/1.1");
  s3_fixture_assert_header (fixture, 0, "Content-Type", "text/plain");
  s3_fixture_assert_header (fixture, 0, "x-amz-storage-class", "STANDARD_IA");
  s3_fixture_assert_header (fixture, 0, "x-amz-meta-author", "A  B");
  s3_fixture_assert_header (fixture, 0, "x-amz-meta-x", "1");
  s3_fixture_assert_header (fixture, 0, "Content-Length", "0");
  s3_fixture_assert_header (fixture, 0, "If-None-Match", NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  s3_fixture_add ("/s3-client/create", test_create);
  return g_test_run ();
}
