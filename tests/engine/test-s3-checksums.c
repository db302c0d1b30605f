/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "fake-s3.h"
#include "streamer-error.h"
#include "streamer-s3-store.h"
#include "test-file.h"

#define PART_SIZE 3000

typedef struct
{
  FakeS3 *s3;
  StreamerHttp *http;
  StreamerStore *store;
  StreamerS3Fact remembered;
  guint n_remembered;
} Fixture;

static void
remember (StreamerS3Fact fact, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->remembered = fact;
  fixture->n_remembered++;
}

/* As after a restart of the program. */
static void
open_store (Fixture *fixture, StreamerS3Fact known)
{
  g_autoptr (StreamerS3Credentials) credentials =
      streamer_s3_credentials_new (FAKE_S3_ACCESS_KEY, FAKE_S3_SECRET_KEY, NULL, 0);
  g_autoptr (StreamerS3CredentialsProvider) provider =
      streamer_s3_static_provider_new (credentials);
  const StreamerS3Location location = { (char *) fake_s3_get_url (fixture->s3),
                                        (char *) FAKE_S3_REGION, (char *) FAKE_S3_BUCKET,
                                        (char *) "pre", TRUE };
  g_autoptr (StreamerS3Client) client = streamer_s3_client_new (&location, provider);

  g_clear_object (&fixture->store);
  fixture->store = streamer_s3_store_new (client, NULL, 60);
  streamer_s3_store_set_memory (STREAMER_S3_STORE (fixture->store), known, remember, fixture, NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->s3 = fake_s3_new ();
  fixture->http = streamer_http_new ();
  open_store (fixture, STREAMER_S3_UNKNOWN);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->store);
  g_object_unref (fixture->http);
  fake_s3_free (fixture->s3);
}

static StreamerUpload *
begin (Fixture *fixture, TestFile *file)
{
  StreamerUpload *upload = streamer_upload_new ("key", &file->plan, "text/plain", TRUE);
  g_autoptr (GError) error = NULL;

  streamer_store_begin (fixture->store, fixture->http, upload, NULL, &error);
  g_assert_no_error (error);
  return upload;
}

static gboolean
put (Fixture *fixture,
     TestFile *file,
     StreamerUpload *upload,
     guint number,
     GArray *parts,
     GError **error)
{
  g_autoptr (StreamerPartStream) body = test_file_get_part (file, number, NULL);
  StreamerStoredPart stored;

  if (!streamer_store_put_part (fixture->store, fixture->http, upload, number, body, &stored, NULL,
                                error))
    return FALSE;
  g_array_append_val (parts, stored);
  return TRUE;
}

static GArray *
put_all (Fixture *fixture, TestFile *file, StreamerUpload *upload)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));
  g_autoptr (GError) error = NULL;

  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  for (guint number = 1; number <= file->plan.n_parts; number++)
    {
      put (fixture, file, upload, number, parts, &error);
      g_assert_no_error (error);
    }
  return parts;
}

static void
assert_finish (Fixture *fixture, StreamerUpload *upload, GArray *parts, guint32 crc32, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerStoredObject) object =
      streamer_store_finish (fixture->store, fixture->http, upload, parts, crc32, NULL, &error);

  if (code == 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, STREAMER_ERROR, code);
}

static void
assert_uploads (Fixture *fixture, TestFile *file)
{
  g_autoptr (StreamerUpload) upload = begin (fixture, file);
  g_autoptr (GArray) parts = put_all (fixture, file, upload);

  assert_finish (fixture, upload, parts, file->crc32, 0);
  g_assert_true (fake_s3_find (fixture->s3, "pre/key", NULL));
}

static void
test_whole_object_is_verified_where_the_store_can (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (7000, PART_SIZE);

  fake_s3_set_flags (fixture->s3, FAKE_S3_CRC32);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (StreamerUpload) upload = begin (fixture, file);
      g_autoptr (GArray) parts = put_all (fixture, file, upload);

      assert_finish (fixture, upload, parts, ~file->crc32, STREAMER_ERROR_CHECKSUM);
      assert_finish (fixture, upload, parts, file->crc32, 0);
    }
  g_assert_cmpuint (fixture->n_remembered, ==, 1);
  g_assert_cmpint (fixture->remembered, ==, STREAMER_S3_YES);
  g_assert_cmpuint (fake_s3_count (fixture->s3, FAKE_S3_CREATE), ==, 3);
  g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
  g_assert_false (fake_s3_find (fixture->s3, "pre/.s3streamer-probe", NULL));
}

static void
test_changed_byte_is_found_by_the_store (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (7000, PART_SIZE);
  g_autoptr (StreamerUpload) upload = NULL;
  g_autoptr (GArray) parts = NULL;

  fake_s3_set_flags (fixture->s3, FAKE_S3_CRC32);
  upload = begin (fixture, file);
  fake_s3_spoil (fixture->s3);
  parts = put_all (fixture, file, upload);
  assert_finish (fixture, upload, parts, file->crc32, STREAMER_ERROR_CHECKSUM);
  g_assert_false (fake_s3_find (fixture->s3, "pre/key", NULL));
}

static void
test_changed_byte_is_found_by_the_md5 (Fixture *fixture, gconstpointer data)
{
  const gsize sizes[] = { 7000, 2000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (TestFile) file = test_file_new (sizes[i], PART_SIZE);
      g_autoptr (StreamerUpload) upload = begin (fixture, file);
      g_autoptr (GArray) parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));
      g_autoptr (GError) error = NULL;

      fake_s3_spoil (fixture->s3);
      g_assert_false (put (fixture, file, upload, 1, parts, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM);
      g_array_unref (g_steal_pointer (&parts));
      parts = put_all (fixture, file, upload);
      assert_finish (fixture, upload, parts, file->crc32, 0);
    }
}

static void
test_whole_put_says_its_checksum (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (2000, PART_SIZE);
  g_autoptr (StreamerUpload) upload = NULL;
  g_autoptr (GArray) parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));
  g_autoptr (GError) error = NULL;

  /* Its ETags say nothing, so that only the store can find it. */
  fake_s3_set_flags (fixture->s3, FAKE_S3_CRC32 | FAKE_S3_KMS);
  open_store (fixture, STREAMER_S3_YES);
  upload = begin (fixture, file);
  fake_s3_spoil (fixture->s3);
  g_assert_false (put (fixture, file, upload, 1, parts, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM);
  g_assert_false (fake_s3_find (fixture->s3, "pre/key", NULL));
  assert_uploads (fixture, file);
  g_assert_cmpuint (fake_s3_count (fixture->s3, FAKE_S3_CREATE), ==, 0);
}

static void
test_etags_under_a_key_of_ones_own_are_no_md5s (Fixture *fixture, gconstpointer data)
{
  const gsize sizes[] = { 7000, 2000 };

  fake_s3_set_flags (fixture->s3, FAKE_S3_KMS);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (TestFile) file = test_file_new (sizes[i], PART_SIZE);

      assert_uploads (fixture, file);
    }
}

/* Some of them loudly: nothing more is said to them of it. */
static void
test_stores_that_cannot_are_left_alone (Fixture *fixture, gconstpointer data)
{
  static const FakeS3Flags stores[] = { 0, FAKE_S3_CRC32_OF_PARTS, FAKE_S3_REFUSES_CRC32,
                                        FAKE_S3_NO_ETAGS };
  g_autoptr (TestFile) file = test_file_new (7000, PART_SIZE);
  g_autoptr (TestFile) small = test_file_new (10, PART_SIZE);

  for (guint i = 0; i < G_N_ELEMENTS (stores); i++)
    {
      fake_s3_set_flags (fixture->s3, stores[i]);
      open_store (fixture, STREAMER_S3_UNKNOWN);
      assert_uploads (fixture, file);
      assert_uploads (fixture, small);
      g_assert_cmpuint (fixture->n_remembered, ==, i + 1);
      g_assert_cmpint (fixture->remembered, ==, STREAMER_S3_NO);
      g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
    }
}

static void
test_what_is_remembered_is_not_asked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (7000, PART_SIZE);

  fake_s3_set_flags (fixture->s3, FAKE_S3_CRC32);
  for (guint known = STREAMER_S3_NO; known <= STREAMER_S3_YES; known++)
    {
      open_store (fixture, known);
      assert_uploads (fixture, file);
      g_assert_cmpuint (fake_s3_count (fixture->s3, FAKE_S3_CREATE), ==, known);
    }
  g_assert_cmpuint (fixture->n_remembered, ==, 0);
}

static void
test_keys_that_may_not_remove_are_asked_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (7000, PART_SIZE);

  fake_s3_set_flags (fixture->s3, FAKE_S3_CRC32);
  fake_s3_refuse (fixture->s3, FAKE_S3_DELETE, 1, 403, "AccessDenied");
  assert_uploads (fixture, file);
  g_assert_cmpuint (fixture->n_remembered, ==, 1);
  g_assert_cmpint (fixture->remembered, ==, STREAMER_S3_YES);
}

static void
test_store_that_could_not_be_asked_gets_the_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (7000, PART_SIZE);

  fake_s3_set_flags (fixture->s3, FAKE_S3_CRC32);
  fake_s3_refuse (fixture->s3, FAKE_S3_CREATE, 1, 503, "SlowDown");
  assert_uploads (fixture, file);
  g_assert_cmpuint (fixture->n_remembered, ==, 0);
}

static void
test_checksum_survives_a_restart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (7000, PART_SIZE);
  g_autoptr (StreamerUpload) begun = NULL;
  g_autoptr (StreamerUpload) upload = streamer_upload_new ("key", &file->plan, "text/plain", TRUE);
  g_autoptr (GArray) parts = NULL;
  StreamerUnfinished unfinished = { .upload_id = (char *) "2~upload.1/+=" };

  fake_s3_set_flags (fixture->s3, FAKE_S3_CRC32);
  begun = begin (fixture, file);
  g_assert_true (streamer_unfinished_is (&unfinished, begun->upload_id));
  open_store (fixture, STREAMER_S3_UNKNOWN);
  upload->upload_id = g_strdup (begun->upload_id);
  parts = put_all (fixture, file, upload);
  assert_finish (fixture, upload, parts, ~file->crc32, STREAMER_ERROR_CHECKSUM);
  assert_finish (fixture, upload, parts, file->crc32, 0);
}

/* The store keeps what it got although nobody heard of it, and then takes nothing in its place. */
static void
test_whole_put_finds_itself_behind_a_lost_answer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (2000, PART_SIZE);

  for (guint known = STREAMER_S3_NO; known <= STREAMER_S3_YES; known++)
    {
      g_autoptr (StreamerUpload) upload =
          streamer_upload_new ("key", &file->plan, "text/plain", FALSE);
      g_autoptr (GArray) parts = NULL;
      g_autoptr (GError) error = NULL;

      fake_s3_set_flags (fixture->s3, known == STREAMER_S3_YES ? FAKE_S3_CRC32 : 0);
      fake_s3_remove (fixture->s3, "pre/key");
      open_store (fixture, known);
      streamer_store_begin (fixture->store, fixture->http, upload, NULL, &error);
      g_assert_no_error (error);
      fake_s3_lose_answer (fixture->s3, FAKE_S3_PUT);
      /* libsoup sends it again by itself, since the connection was an old one. */
      parts = put_all (fixture, file, upload);
      g_assert_cmpuint (fake_s3_count (fixture->s3, FAKE_S3_PUT), ==, 2 * known);
      assert_finish (fixture, upload, parts, file->crc32, 0);
    }
}

static void
test_whole_put_replaces_nobody_elses (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestFile) file = test_file_new (2000, PART_SIZE);
  g_autoptr (StreamerUpload) upload = streamer_upload_new ("key", &file->plan, "text/plain", FALSE);
  g_autoptr (GArray) parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));
  g_autoptr (GError) error = NULL;

  g_assert_true (streamer_store_begin (fixture->store, fixture->http, upload, NULL, NULL));
  fake_s3_add (fixture->s3, "pre/key", 2000);
  g_assert_false (put (fixture, file, upload, 1, parts, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/s3-checksums/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("whole-object-is-verified-where-the-store-can",
       test_whole_object_is_verified_where_the_store_can);
  ADD ("changed-byte-is-found-by-the-store", test_changed_byte_is_found_by_the_store);
  ADD ("changed-byte-is-found-by-the-md5", test_changed_byte_is_found_by_the_md5);
  ADD ("whole-put-says-its-checksum", test_whole_put_says_its_checksum);
  ADD ("etags-under-a-key-of-ones-own-are-no-md5s", test_etags_under_a_key_of_ones_own_are_no_md5s);
  ADD ("stores-that-cannot-are-left-alone", test_stores_that_cannot_are_left_alone);
  ADD ("what-is-remembered-is-not-asked", test_what_is_remembered_is_not_asked);
  ADD ("keys-that-may-not-remove-are-asked-once", test_keys_that_may_not_remove_are_asked_once);
  ADD ("store-that-could-not-be-asked-gets-the-file",
       test_store_that_could_not_be_asked_gets_the_file);
  ADD ("checksum-survives-a-restart", test_checksum_survives_a_restart);
  ADD ("whole-put-finds-itself-behind-a-lost-answer",
       test_whole_put_finds_itself_behind_a_lost_answer);
  ADD ("whole-put-replaces-nobody-elses", test_whole_put_replaces_nobody_elses);
#undef ADD
  return g_test_run ();
}
