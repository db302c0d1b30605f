/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the S3 storage does where the store does what it is told. */

#include <string.h>

#include "s3-storage-fixture.h"
#include "streamer-checksum.h"
#include "streamer-error.h"

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* CRC-32 of what send_all() sends of an upload in two parts. */
static guint32
get_crc32 (const StreamerStorageUpload *upload)
{
  g_autofree char *first = g_strnfill (PART_SIZE, 'b');
  g_autofree char *second = g_strnfill (upload->size - PART_SIZE, 'c');

  return streamer_crc32_update (streamer_crc32_update (0, first, PART_SIZE), second,
                                upload->size - PART_SIZE);
}

/* Only with a memory a server asks a store what it can, and only once. */
static void
test_whole_object_is_verified (S3StorageFixture *fixture, gconstpointer data)
{
  gboolean asks = fixture->config.root != NULL;

  fake_s3_set_flags (fixture->s3, FAKE_S3_CRC32);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, TRUE);
      g_autoptr (GArray) parts = send_all (fixture, upload);
      g_autoptr (StreamerStorageObject) object = NULL;
      guint32 right = get_crc32 (upload), wrong = ~right;
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (g_strv_length ((char **) streamer_storage_get_checksums (fixture->storage)),
                        ==, asks ? 1 : 0);
      object = streamer_storage_finish (fixture->storage, upload, parts, &wrong, &error);
      if (asks)
        {
          g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM);
          g_clear_error (&error);
          object = streamer_storage_finish (fixture->storage, upload, parts, &right, &error);
        }
      g_assert_no_error (error);
      assert_object (fixture, "k", TWO_PARTS);
      s3_storage_fixture_restart (fixture);
    }
  g_assert_false (fake_s3_find (fixture->s3, PREFIX "/.s3streamer-probe", NULL));
  g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
  g_assert_cmpuint (fake_s3_count (fixture->s3, FAKE_S3_CREATE), ==, asks ? 3 : 2);
}

/* These cannot do it, some of them loudly: nothing more is said to them of it. */
static void
test_store_without_checksums (S3StorageFixture *fixture, gconstpointer data)
{
  static const FakeS3Flags stores[] = { 0, FAKE_S3_CRC32_OF_PARTS, FAKE_S3_REFUSES_CRC32 };

  for (gsize i = 0; i < G_N_ELEMENTS (stores); i++)
    {
      g_autofree char *prefix = g_strdup_printf ("%zu", i);
      g_autoptr (StreamerStorageUpload) upload = NULL;
      g_autoptr (GArray) parts = NULL;
      guint32 wrong = 0;
      g_autoptr (GError) error = NULL;
      g_autoptr (StreamerStorageObject) object = NULL;

      g_free (fixture->config.prefix);
      fixture->config.prefix = g_steal_pointer (&prefix);
      s3_storage_fixture_restart (fixture);
      fake_s3_set_flags (fixture->s3, stores[i]);
      upload = begin (fixture, "k", TWO_PARTS, FALSE);
      parts = send_all (fixture, upload);
      g_assert_null (streamer_storage_get_checksums (fixture->storage)[0]);
      object = streamer_storage_finish (fixture->storage, upload, parts, &wrong, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
    }
}

static void
test_part_is_verified (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = NULL;
  g_auto (StreamerSignedRequest) request = { 0 };
  g_auto (StreamerAnswer) answer = { 0 };
  guint32 crc32 = streamer_crc32_update (0, "right", 5);
  g_autoptr (GError) error = NULL;

  fake_s3_set_flags (fixture->s3, FAKE_S3_CRC32);
  upload = begin (fixture, "k", PART_SIZE + 5, FALSE);
  g_assert_true (
      streamer_storage_presign (fixture->storage, upload, 2, 5, &crc32, &request, &error));
  streamer_http_send_text (fixture->http, "PUT", request.url, (const char *const *) request.headers,
                           "wrong", STREAMER_HTTP_DEFAULT, &answer, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer.status, ==, fixture->config.root ? 400 : 200);
}

/* Seconds that a presigned URL says it lives. */
static guint
get_lifetime (const char *url)
{
  const char *expires = strstr (url, "X-Amz-Expires=");

  g_assert_nonnull (expires);
  return atoi (expires + strlen ("X-Amz-Expires="));
}

static void
test_object_is_put_whole (S3StorageFixture *fixture, gconstpointer data)
{
  static const guint64 sizes[] = { 0, 1, 1000, PART_SIZE };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *key = g_strdup_printf ("a b/%zu", i);
      g_autofree char *whole = g_strconcat (PREFIX "/", key, NULL);
      g_autoptr (StreamerStorageUpload) upload = begin (fixture, key, sizes[i], FALSE);
      g_autoptr (GArray) parts = send_all (fixture, upload);
      g_autoptr (StreamerStorageObject) object = finish (fixture, upload, parts);
      g_autofree char *type = fake_s3_get_content_type (fixture->s3, whole);

      g_assert_cmpuint (object->size, ==, sizes[i]);
      g_assert_cmpstr (object->etag, ==, g_array_index (parts, StreamerStoragePart, 0).etag);
      g_assert_cmpstr (type, ==, "text/plain");
      assert_object (fixture, key, sizes[i]);
    }
  g_assert_cmpuint (fake_s3_count (fixture->s3, FAKE_S3_CREATE), ==, 0);
}

static void
test_object_is_sent_in_parts (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", 2 * TWO_PARTS, FALSE);
  g_autofree char *type = NULL;
  g_autoptr (GArray) parts = NULL, listed = NULL;
  g_autoptr (StreamerStorageObject) object = NULL;
  g_autoptr (GError) error = NULL;

  fake_s3_set_page (fixture->s3, 2);
  parts = send_all (fixture, upload);
  g_assert_false (fake_s3_find (fixture->s3, PREFIX "/k", NULL));
  listed = streamer_storage_list_parts (fixture->storage, upload, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (listed->len, ==, 3);
  g_assert_cmpuint (g_array_index (listed, StreamerStoragePart, 2).size, ==, 200);
  g_assert_cmpstr (g_array_index (listed, StreamerStoragePart, 2).etag, ==,
                   g_array_index (parts, StreamerStoragePart, 2).etag);

  object = finish (fixture, upload, parts);
  g_assert_cmpuint (object->size, ==, 2 * TWO_PARTS);
  g_assert_true (g_str_has_suffix (object->etag, "-3\""));
  assert_object (fixture, "k", 2 * TWO_PARTS);
  type = fake_s3_get_content_type (fixture->s3, PREFIX "/k");
  g_assert_cmpstr (type, ==, "text/plain");
  g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
}

static void
test_size_may_be_found_out (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", STREAMER_SIZE_UNKNOWN, FALSE);
  g_autofree char *first = send_part (fixture, upload, 1, PART_SIZE);
  g_autofree char *second = send_part (fixture, upload, 2, 7);
  g_autoptr (StreamerStorageObject) object = finish (fixture, upload, NULL);

  g_assert_cmpuint (object->size, ==, PART_SIZE + 7);
}

/* The last one counts. */
static void
test_part_may_be_sent_again (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
  g_autoptr (GArray) parts = send_all (fixture, upload);
  g_autofree char *again = send_part (fixture, upload, 1, PART_SIZE);
  g_autoptr (StreamerStorageObject) object = finish (fixture, upload, parts);

  g_assert_cmpuint (object->size, ==, TWO_PARTS);
}

static void
test_url_is_for_its_length (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) whole = begin (fixture, "a", 10, FALSE);
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "b", TWO_PARTS, FALSE);

  g_assert_cmpuint (send_other (fixture, whole, 1, 10, 11, NULL), ==, 403);
  g_assert_cmpuint (send_other (fixture, whole, 1, 10, 0, NULL), ==, 403);
  g_assert_cmpuint (send_other (fixture, upload, 2, 100, 101, NULL), ==, 403);
  g_assert_false (fake_s3_find (fixture->s3, PREFIX "/a", NULL));
}

/* What an object is put with cannot be left out or changed. */
static void
test_url_is_for_its_headers (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", 1, FALSE);
  g_auto (StreamerSignedRequest) request = { 0 };
  guint n_headers;

  g_assert_true (streamer_storage_presign (fixture->storage, upload, 1, 1, NULL, &request, NULL));
  n_headers = g_strv_length (request.headers);
  g_assert_cmpuint (n_headers, ==, 6);
  for (guint i = 0; i < n_headers; i += 2)
    {
      g_auto (GStrv) headers = g_strdupv (request.headers);
      g_auto (StreamerAnswer) answer = { 0 };

      g_free (headers[i + 1]);
      headers[i + 1] = g_strdup ("text/html");
      g_assert_true (streamer_http_send_text (fixture->http, "PUT", request.url,
                                              (const char *const *) headers, "a",
                                              STREAMER_HTTP_DEFAULT, &answer, NULL, NULL));
      g_assert_cmpuint (answer.status, ==, 403);
    }
}

static void
test_existing_object_is_kept (S3StorageFixture *fixture, gconstpointer data)
{
  static const guint64 sizes[] = { 10, TWO_PARTS, STREAMER_SIZE_UNKNOWN };

  fake_s3_add (fixture->s3, PREFIX "/k", 3);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = make_upload ("k", sizes[i], FALSE);
      g_autofree char *resume_id = g_uuid_string_random ();
      g_autoptr (GError) error = NULL;

      g_assert_false (streamer_storage_begin (fixture->storage, upload, resume_id, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
    }
  assert_object (fixture, "k", 3);
  g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
}

static void
test_existing_object_is_replaced (S3StorageFixture *fixture, gconstpointer data)
{
  static const guint64 sizes[] = { 10, TWO_PARTS };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = NULL;
      g_autoptr (GArray) parts = NULL;
      g_autoptr (StreamerStorageObject) object = NULL;

      fake_s3_add (fixture->s3, PREFIX "/k", 3);
      upload = begin (fixture, "k", sizes[i], TRUE);
      parts = send_all (fixture, upload);
      object = finish (fixture, upload, parts);
      assert_object (fixture, "k", sizes[i]);
    }
}

/* Before it was put, the old object is not taken for the new one, even where it is as long. */
static void
test_old_object_is_not_the_new_one (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", 10, TRUE);

  fake_s3_add (fixture->s3, PREFIX "/k", 10);
  assert_not_finished (fixture, upload, NULL, STREAMER_ERROR_CHECKSUM);
}

/* Somebody else was quicker. */
static void
test_object_that_appears_is_kept (S3StorageFixture *fixture, gconstpointer data)
{
  static const FakeS3Flags flags[] = { 0, FAKE_S3_NO_CONDITIONS };

  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = NULL;
      g_autoptr (GArray) parts = NULL;

      fake_s3_set_flags (fixture->s3, flags[i]);
      fake_s3_remove (fixture->s3, PREFIX "/k");
      upload = begin (fixture, "k", TWO_PARTS, FALSE);
      parts = send_all (fixture, upload);
      fake_s3_add (fixture->s3, PREFIX "/k", 3);
      assert_not_finished (fixture, upload, parts, STREAMER_ERROR_EXISTS);
      assert_object (fixture, "k", 3);
    }
}

static void
test_whole_object_that_appears_is_kept (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", 10, FALSE);

  fake_s3_add (fixture->s3, PREFIX "/k", 3);
  g_assert_cmpuint (send_other (fixture, upload, 1, 10, 10, NULL), ==, 412);
  assert_not_finished (fixture, upload, NULL, STREAMER_ERROR_EXISTS);
}

static void
test_missing_part_is_noticed (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "a", TWO_PARTS, FALSE);
  g_autoptr (StreamerStorageUpload) whole = begin (fixture, "b", 10, FALSE);

  assert_not_finished (fixture, upload, NULL, STREAMER_ERROR_CHECKSUM);
  g_free (send_part (fixture, upload, 2, 100));
  assert_not_finished (fixture, upload, NULL, STREAMER_ERROR_CHECKSUM);
  assert_not_finished (fixture, whole, NULL, STREAMER_ERROR_CHECKSUM);
  g_assert_cmpuint (fake_s3_count (fixture->s3, FAKE_S3_COMPLETE), ==, 0);
}

static void
test_other_etag_is_noticed (S3StorageFixture *fixture, gconstpointer data)
{
  static const guint64 sizes[] = { 10, TWO_PARTS };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", sizes[i], TRUE);
      g_autoptr (GArray) parts = send_all (fixture, upload);
      StreamerStoragePart *part = &g_array_index (parts, StreamerStoragePart, 0);

      g_free (part->etag);
      part->etag = g_strdup ("\"00000000000000000000000000000000\"");
      assert_not_finished (fixture, upload, parts, STREAMER_ERROR_CHECKSUM);
      g_free (part->etag);
      part->etag = g_strdup ("");
      streamer_storage_object_free (finish (fixture, upload, parts));
    }
}

static void
test_wrong_size_is_noticed (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
  g_autoptr (GArray) parts = send_all (fixture, upload);

  fake_s3_grow_parts (fixture->s3, 1);
  assert_not_finished (fixture, upload, parts, STREAMER_ERROR_CHECKSUM);
  fake_s3_grow_parts (fixture->s3, -1);
  assert_not_finished (fixture, upload, parts, STREAMER_ERROR_CHECKSUM);
}

static void
test_finished_twice (S3StorageFixture *fixture, gconstpointer data)
{
  static const guint64 sizes[] = { 10, TWO_PARTS, STREAMER_SIZE_UNKNOWN };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", sizes[i], TRUE);
      g_autofree char *etag = send_part (fixture, upload, 1, MIN (sizes[i], PART_SIZE));
      g_autofree char *last = sizes[i] == TWO_PARTS ? send_part (fixture, upload, 2, 100) : NULL;
      g_autoptr (StreamerStorageObject) first = finish (fixture, upload, NULL);
      g_autoptr (StreamerStorageObject) second = finish (fixture, upload, NULL);

      g_assert_cmpuint (first->size, ==, second->size);
      g_assert_cmpstr (first->etag, ==, second->etag);
    }
}

/* Where the server remembers it, what was finished stays so. */
static void
test_finished_object_that_was_replaced (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
  g_autoptr (GArray) parts = send_all (fixture, upload);
  g_autoptr (StreamerStorageObject) object = finish (fixture, upload, parts);

  fake_s3_add (fixture->s3, PREFIX "/k", TWO_PARTS);
  if (fixture->config.root)
    {
      g_autoptr (StreamerStorageObject) again = NULL;

      s3_storage_fixture_restart (fixture);
      again = finish (fixture, upload, parts);
      g_assert_cmpstr (again->etag, ==, object->etag);
    }
  else
    assert_not_finished (fixture, upload, parts, STREAMER_ERROR_NO_UPLOAD);
}

static void
test_upload_is_given_up (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
  g_autoptr (GArray) parts = send_all (fixture, upload);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    {
      streamer_storage_cancel (fixture->storage, upload, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
    }
  assert_not_finished (fixture, upload, parts, STREAMER_ERROR_NO_UPLOAD);
  g_assert_null (streamer_storage_list_parts (fixture->storage, upload, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
}

static void
test_finished_upload_cannot_be_given_up (S3StorageFixture *fixture, gconstpointer data)
{
  static const guint64 sizes[] = { 10, TWO_PARTS };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", sizes[i], TRUE);
      g_autoptr (GArray) parts = send_all (fixture, upload);
      g_autoptr (StreamerStorageObject) object = finish (fixture, upload, parts);
      g_autoptr (GError) error = NULL;

      g_assert_false (streamer_storage_cancel (fixture->storage, upload, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
      assert_object (fixture, "k", sizes[i]);
    }
}

/* It is there already, but nobody was told so: only a server that knows that removes it. */
static void
test_whole_object_is_given_up (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", 10, FALSE);
  g_autoptr (GArray) parts = send_all (fixture, upload);
  g_autoptr (GError) error = NULL;

  if (fixture->config.root)
    {
      fake_s3_refuse (fixture->s3, FAKE_S3_DELETE, 1, 503, "SlowDown");
      g_assert_false (streamer_storage_cancel (fixture->storage, upload, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
      g_assert_true (streamer_storage_cancel (fixture->storage, upload, NULL));
      g_assert_true (streamer_storage_cancel (fixture->storage, upload, NULL));
      g_assert_false (fake_s3_find (fixture->s3, PREFIX "/k", NULL));
      assert_not_finished (fixture, upload, parts, STREAMER_ERROR_NO_UPLOAD);
    }
  else
    {
      g_assert_false (streamer_storage_cancel (fixture->storage, upload, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
      assert_object (fixture, "k", 10);
    }
}

static void
test_others_object_is_not_given_up (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", 10, TRUE);

  g_free (send_part (fixture, upload, 1, 10));
  fake_s3_add (fixture->s3, PREFIX "/k", 10);
  g_assert_true (streamer_storage_cancel (fixture->storage, upload, NULL));
  assert_object (fixture, "k", 10);
}

static void
test_same_resume_id_gives_the_same_upload (S3StorageFixture *fixture, gconstpointer data)
{
  static const guint64 sizes[] = { 10, TWO_PARTS };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *resume_id = g_uuid_string_random ();
      g_autoptr (StreamerStorageUpload) first = make_upload ("k", sizes[i], TRUE);
      g_autoptr (StreamerStorageUpload) second = make_upload ("k", sizes[i], TRUE);
      g_autoptr (StreamerStorageUpload) third = make_upload ("k", sizes[i], TRUE);
      g_autoptr (StreamerStorageUpload) other = make_upload ("k", sizes[i] + 1, TRUE);
      g_autoptr (StreamerStorageUpload) others = make_upload ("k", sizes[i], TRUE);
      g_autoptr (GError) error = NULL;

      g_free (others->principal);
      others->principal = g_strdup ("bob");
      g_assert_true (streamer_storage_begin (fixture->storage, first, resume_id, NULL));
      g_assert_true (streamer_storage_begin (fixture->storage, second, resume_id, NULL));
      g_assert_true (streamer_storage_begin (fixture->storage, others, resume_id, NULL));
      g_assert_cmpstr (others->id, !=, first->id);
      if (!fixture->config.root)
        {
          g_assert_cmpstr (first->id, !=, second->id);
          continue;
        }
      g_assert_cmpstr (first->id, ==, second->id);
      g_assert_cmpint (first->expires, ==, second->expires);
      g_assert_false (streamer_storage_begin (fixture->storage, other, resume_id, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);

      g_assert_true (streamer_storage_cancel (fixture->storage, first, NULL));
      g_assert_true (streamer_storage_begin (fixture->storage, third, resume_id, NULL));
      g_assert_cmpstr (first->id, !=, third->id);
    }
}

typedef struct
{
  S3StorageFixture *fixture;
  const char *resume_id;
} Beginner;

static gpointer
begin_at_once (gpointer data)
{
  Beginner *beginner = data;
  g_autoptr (StreamerStorageUpload) upload = make_upload ("k", TWO_PARTS, FALSE);

  g_assert_true (
      streamer_storage_begin (beginner->fixture->storage, upload, beginner->resume_id, NULL));
  return g_steal_pointer (&upload->id);
}

/* A client that got no answer may ask again while the first request still runs. */
static void
test_begun_at_the_same_time (S3StorageFixture *fixture, gconstpointer data)
{
  Beginner beginner = { fixture, "0123456789abcdef" };
  GThread *threads[8];
  g_autofree char *first = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("begin", begin_at_once, &beginner);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autofree char *id = g_thread_join (threads[i]);

      if (!first)
        first = g_steal_pointer (&id);
      else if (fixture->config.root)
        g_assert_cmpstr (id, ==, first);
    }
  g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==,
                    fixture->config.root ? 1 : G_N_ELEMENTS (threads));
}

/* What a client began, it may begin again when it is done: its own object is not in the way. */
static void
test_finished_upload_is_begun_again (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = make_upload ("k", TWO_PARTS, FALSE);
  g_autoptr (StreamerStorageUpload) again = make_upload ("k", TWO_PARTS, FALSE);
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (streamer_storage_begin (fixture->storage, upload, "0123456789abcdef", NULL));
  parts = send_all (fixture, upload);
  streamer_storage_object_free (finish (fixture, upload, parts));
  if (streamer_storage_begin (fixture->storage, again, "0123456789abcdef", &error))
    streamer_storage_object_free (finish (fixture, again, parts));
  else
    {
      g_assert_null (fixture->config.root);
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
    }
}

static void
test_expired_uploads_are_forgotten (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", 10, FALSE);
  g_auto (StreamerSignedRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  streamer_storage_sweep (fixture->storage);
  upload->expires = now () + 100;
  g_assert_true (streamer_storage_presign (fixture->storage, upload, 1, 10, NULL, &request, NULL));
  g_assert_cmpuint (get_lifetime (request.url), <=, 100);
  g_assert_cmpint (request.expires, <=, upload->expires);
  streamer_signed_request_clear (&request);

  upload->expires = now ();
  g_assert_false (
      streamer_storage_presign (fixture->storage, upload, 1, 10, NULL, &request, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD);
}

static void
test_urls_live_a_quarter_of_an_hour (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
  g_auto (StreamerSignedRequest) request = { 0 };

  g_assert_true (
      streamer_storage_presign (fixture->storage, upload, 1, PART_SIZE, NULL, &request, NULL));
  g_assert_cmpuint (get_lifetime (request.url), ==, 900);
  g_assert_cmpint (request.expires, <=, now () + 900);
}

static void
test_object_is_looked_at_and_removed (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageObject) object = NULL;
  g_autoptr (GError) error = NULL;

  fake_s3_add (fixture->s3, PREFIX "/a/b", 3);
  object = streamer_storage_stat (fixture->storage, "a/b", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (object->size, ==, 3);
  g_assert_cmpstr (object->etag, ==, "\"0123456789abcdef0123456789abcdef\"");
  g_assert_cmpint (object->modified, ==, 1795338000);

  g_assert_true (streamer_storage_remove (fixture->storage, "a/b", NULL));
  g_assert_false (fake_s3_find (fixture->s3, PREFIX "/a/b", NULL));
  g_assert_false (streamer_storage_remove (fixture->storage, "a/b", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (streamer_storage_stat (fixture->storage, "a/b", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
}

static guint
visit (S3StorageFixture *fixture, const char *url)
{
  g_auto (StreamerAnswer) answer = { 0 };

  g_assert_true (streamer_http_send_text (fixture->http, "GET", url, NULL, NULL,
                                          STREAMER_HTTP_DEFAULT, &answer, NULL, NULL));
  return answer.status;
}

static void
test_links (S3StorageFixture *fixture, gconstpointer data)
{
  gint64 expires = now () + 60, long_expires = now () + 100 * 86400;
  g_autofree char *link = streamer_storage_link (fixture->storage, "a b", &expires, NULL);
  g_autofree char *longest = streamer_storage_link (fixture->storage, "a b", &long_expires, NULL);
  g_autofree char *told = streamer_storage_link (fixture->storage, "a b", NULL, NULL);
  g_autofree char *plain = NULL, *by_domain = NULL, *by_key = NULL;
  g_autofree char *address =
      g_strconcat (fixture->config.endpoint, "/" FAKE_S3_BUCKET "/" PREFIX "/a%20b", NULL);

  fake_s3_add (fixture->s3, PREFIX "/a b", 3);
  g_assert_cmpuint (visit (fixture, link), ==, 200);
  g_assert_cmpuint (get_lifetime (link), <=, 60);
  g_assert_cmpint (long_expires, <=, now () + 7 * 86400);
  g_assert_cmpuint (visit (fixture, told), ==, 200);
  g_assert_cmpuint (get_lifetime (told), ==, 7 * 86400);

  fixture->config.downloads_public = TRUE;
  s3_storage_fixture_restart (fixture);
  plain = streamer_storage_link (fixture->storage, "a b", NULL, NULL);
  g_assert_cmpstr (plain, ==, address);

  fixture->config.domain = g_strdup ("https://files.example/x/");
  s3_storage_fixture_restart (fixture);
  by_domain = streamer_storage_link (fixture->storage, "a b", NULL, NULL);
  g_assert_cmpstr (by_domain, ==, "https://files.example/x/a%20b");
  by_key = streamer_storage_link (fixture->storage, "a b", &expires, NULL);
  g_assert_cmpuint (visit (fixture, by_key), ==, 200);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  s3_storage_add ("object-is-put-whole", test_object_is_put_whole);
  s3_storage_add ("object-is-sent-in-parts", test_object_is_sent_in_parts);
  s3_storage_add ("size-may-be-found-out", test_size_may_be_found_out);
  s3_storage_add ("part-may-be-sent-again", test_part_may_be_sent_again);
  s3_storage_add ("url-is-for-its-length", test_url_is_for_its_length);
  s3_storage_add ("url-is-for-its-headers", test_url_is_for_its_headers);
  s3_storage_add ("existing-object-is-kept", test_existing_object_is_kept);
  s3_storage_add ("existing-object-is-replaced", test_existing_object_is_replaced);
  s3_storage_add ("old-object-is-not-the-new-one", test_old_object_is_not_the_new_one);
  s3_storage_add ("object-that-appears-is-kept", test_object_that_appears_is_kept);
  s3_storage_add ("whole-object-that-appears-is-kept", test_whole_object_that_appears_is_kept);
  s3_storage_add ("missing-part-is-noticed", test_missing_part_is_noticed);
  s3_storage_add ("other-etag-is-noticed", test_other_etag_is_noticed);
  s3_storage_add ("wrong-size-is-noticed", test_wrong_size_is_noticed);
  s3_storage_add ("finished-twice", test_finished_twice);
  s3_storage_add ("finished-object-that-was-replaced", test_finished_object_that_was_replaced);
  s3_storage_add ("upload-is-given-up", test_upload_is_given_up);
  s3_storage_add ("finished-upload-cannot-be-given-up", test_finished_upload_cannot_be_given_up);
  s3_storage_add ("whole-object-is-given-up", test_whole_object_is_given_up);
  s3_storage_add ("others-object-is-not-given-up", test_others_object_is_not_given_up);
  s3_storage_add ("same-resume-id-gives-the-same-upload",
                  test_same_resume_id_gives_the_same_upload);
  s3_storage_add ("begun-at-the-same-time", test_begun_at_the_same_time);
  s3_storage_add ("finished-upload-is-begun-again", test_finished_upload_is_begun_again);
  s3_storage_add ("expired-uploads-are-forgotten", test_expired_uploads_are_forgotten);
  s3_storage_add ("urls-live-a-quarter-of-an-hour", test_urls_live_a_quarter_of_an_hour);
  s3_storage_add ("object-is-looked-at-and-removed", test_object_is_looked_at_and_removed);
  s3_storage_add ("links", test_links);
  s3_storage_add ("whole-object-is-verified", test_whole_object_is_verified);
  s3_storage_add ("store-without-checksums", test_store_without_checksums);
  s3_storage_add ("part-is-verified", test_part_is_verified);
  return g_test_run ();
}
