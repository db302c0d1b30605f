/* s3-storage-fixture.c: S3 storage before a bucket in memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "s3-storage-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "streamer-error.h"

static const guint8 key_bytes[STREAMER_SEAL_KEY_BYTES] = "an example of a key, 32 bytes in";

static void
open_storage (S3StorageFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  const char *member;

  g_assert_true (streamer_storage_config_check (&fixture->config, &member, &error));
  fixture->storage = streamer_storage_open (&fixture->config, fixture->seal, &error);
  g_assert_no_error (error);
}

void
s3_storage_fixture_set_up (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_unsetenv ("AWS_SESSION_TOKEN");
  g_unsetenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  g_setenv ("AWS_ACCESS_KEY_ID", FAKE_S3_ACCESS_KEY, TRUE);
  g_setenv ("AWS_SECRET_ACCESS_KEY", FAKE_S3_SECRET_KEY, TRUE);
  fixture->root = g_dir_make_tmp ("streamer-s3-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->s3 = fake_s3_new ();
  fixture->seal = streamer_seal_new (key_bytes);
  fixture->http = streamer_http_new ();
  fixture->config.kind = g_strdup ("s3");
  fixture->config.root = GPOINTER_TO_INT (data) ? g_strdup (fixture->root) : NULL;
  fixture->config.endpoint = g_strdup (fake_s3_get_url (fixture->s3));
  fixture->config.region = g_strdup (FAKE_S3_REGION);
  fixture->config.bucket = g_strdup (FAKE_S3_BUCKET);
  fixture->config.prefix = g_strdup (PREFIX);
  fixture->config.path_style = TRUE;
  open_storage (fixture);
}

void
s3_storage_fixture_restart (S3StorageFixture *fixture)
{
  g_clear_object (&fixture->storage);
  open_storage (fixture);
}

void
s3_storage_fixture_tear_down (S3StorageFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "state.db", "state.db-wal", "state.db-shm" };

  g_clear_object (&fixture->storage);
  g_clear_object (&fixture->http);
  g_clear_pointer (&fixture->seal, streamer_seal_free);
  g_clear_pointer (&fixture->s3, fake_s3_free);
  streamer_storage_config_clear (&fixture->config);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->root, names[i], NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (fixture->root), ==, 0);
  g_clear_pointer (&fixture->root, g_free);
}

void
s3_storage_add (const char *name, S3StorageTest test)
{
  static const char *const kinds[] = { "without-memory", "with-memory" };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/s3-storage/%s/%s", kinds[i], name);

      g_test_add (path, S3StorageFixture, GSIZE_TO_POINTER (i), s3_storage_fixture_set_up, test,
                  s3_storage_fixture_tear_down);
    }
}

StreamerStorageUpload *
make_upload (const char *key, guint64 size, gboolean overwrite)
{
  StreamerStorageUpload *upload = streamer_storage_upload_new ();

  upload->principal = g_strdup ("alice");
  upload->key = g_strdup (key);
  upload->size = size;
  upload->part_size = PART_SIZE;
  upload->content_type = g_strdup ("text/plain");
  upload->overwrite = overwrite;
  return upload;
}

StreamerStorageUpload *
begin (S3StorageFixture *fixture, const char *key, guint64 size, gboolean overwrite)
{
  StreamerStorageUpload *upload = make_upload (key, size, overwrite);
  g_autofree char *resume_id = g_uuid_string_random ();
  g_autoptr (GError) error = NULL;

  streamer_storage_begin (fixture->storage, upload, resume_id, &error);
  g_assert_no_error (error);
  g_assert_nonnull (upload->id);
  return upload;
}

guint
send_other (S3StorageFixture *fixture,
            const StreamerStorageUpload *upload,
            guint number,
            guint64 signed_size,
            guint64 size,
            char **etag)
{
  g_auto (StreamerSignedRequest) request = { 0 };
  g_autofree char *body = g_strnfill (size, 'a' + number % 26);
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  const char *read;

  streamer_storage_presign (fixture->storage, upload, number, signed_size, NULL, &request, &error);
  g_assert_no_error (error);
  streamer_http_send_text (fixture->http, "PUT", request.url, (const char *const *) request.headers,
                           body, STREAMER_HTTP_DEFAULT, &answer, NULL, &error);
  g_assert_no_error (error);
  read = soup_message_headers_get_one (answer.headers, "ETag");
  if (etag)
    *etag = g_strdup (read ? read : "");
  return answer.status;
}

char *
send_part (S3StorageFixture *fixture,
           const StreamerStorageUpload *upload,
           guint number,
           guint64 size)
{
  char *etag;

  g_assert_cmpuint (send_other (fixture, upload, number, size, size, &etag), ==, 200);
  return etag;
}

GArray *
send_all (S3StorageFixture *fixture, const StreamerStorageUpload *upload)
{
  guint n_parts = streamer_storage_upload_count_parts (upload);
  GArray *parts = streamer_storage_parts_new ();

  for (guint i = 1; i <= n_parts; i++)
    {
      guint64 size =
          i < n_parts ? upload->part_size : upload->size - (n_parts - 1) * upload->part_size;
      StreamerStoragePart part = { .number = i, .etag = send_part (fixture, upload, i, size) };

      g_array_append_val (parts, part);
    }
  return parts;
}

StreamerStorageObject *
finish (S3StorageFixture *fixture, const StreamerStorageUpload *upload, GArray *parts)
{
  g_autoptr (GError) error = NULL;
  StreamerStorageObject *object =
      streamer_storage_finish (fixture->storage, upload, parts, NULL, &error);

  g_assert_no_error (error);
  return object;
}

void
assert_not_finished (S3StorageFixture *fixture,
                     const StreamerStorageUpload *upload,
                     GArray *parts,
                     int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_storage_finish (fixture->storage, upload, parts, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, code);
}

void
assert_object (S3StorageFixture *fixture, const char *key, guint64 size)
{
  g_autofree char *whole = g_strconcat (PREFIX "/", key, NULL);
  guint64 found = 0;

  g_assert_true (fake_s3_find (fixture->s3, whole, &found));
  g_assert_cmpuint (found, ==, size);
}
