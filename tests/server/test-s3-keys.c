/* test-s3-keys.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "s3-storage-fixture.h"
#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-staging-storage.h"

static void
assert_begun (S3StorageFixture *fixture, const char *key)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, key, TWO_PARTS, FALSE);

  g_assert_true (streamer_storage_cancel (fixture->storage, upload, NULL));
}

/* In either version of the request API, and without that the store is asked. */
static void
assert_refused (S3StorageFixture *fixture, const char *key)
{
  g_autoptr (StreamerStorageUpload) upload = make_upload (key, TWO_PARTS, TRUE);
  StreamerPostGrant grant = { .key = (char *) key,
                              .principal = (char *) "p",
                              .overwrite = TRUE,
                              .max_size = 10,
                              .expires = G_MAXINT32 };
  g_auto (StreamerSignedPost) post = { 0 };
  g_autoptr (GError) error = NULL, post_error = NULL;

  g_assert_false (streamer_storage_begin (fixture->storage, upload,
                                          "0123456789abcdef0123456789abcdef", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_assert_false (streamer_staging_storage_sign_post (STREAMER_STAGING_STORAGE (fixture->storage),
                                                      &grant, &post, &post_error));
  g_assert_error (post_error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
}

static void
test_key_with_the_prefix_is_too_long (S3StorageFixture *fixture, gconstpointer data)
{
  gsize left = STREAMER_KEY_MAX_BYTES - strlen (PREFIX "/");
  g_autofree char *key = g_strnfill (left + 1, 'k');

  assert_refused (fixture, key);
  key[left] = '\0';
  assert_begun (fixture, key);
}

/* Whatever is there goes after a day, by the server or by the bucket's rule. */
static void
test_documents_are_not_where_temporary_objects_are (S3StorageFixture *fixture, gconstpointer data)
{
  assert_refused (fixture, "tmp/report.pdf");
  assert_refused (fixture, ".s3streamer-probe");
  assert_begun (fixture, "tmp");
  assert_begun (fixture, "tmpfs/report.pdf");
  assert_begun (fixture, "team-a/tmp/report.pdf");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  s3_storage_add ("key-with-the-prefix-is-too-long", test_key_with_the_prefix_is_too_long);
  s3_storage_add ("documents-are-not-where-temporary-objects-are",
                  test_documents_are_not_where_temporary_objects_are);
  return g_test_run ();
}
