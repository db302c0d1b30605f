/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What version 1 of the request API does with a bucket. */

#include <sqlite3.h>
#include <string.h>

#include "s3-storage-fixture.h"
#include "streamer-error.h"
#include "streamer-staged-name.h"
#include "streamer-staging-storage.h"

static StreamerStorageUpload *
begin_staged (S3StorageFixture *fixture, const char *key, guint64 size, gboolean overwrite)
{
  StreamerStorageUpload *upload = make_upload (key, size, overwrite);
  g_autofree char *resume_id = g_uuid_string_random ();
  g_autoptr (GError) error = NULL;

  upload->part_size = 0;
  streamer_storage_begin (fixture->storage, upload, resume_id, &error);
  g_assert_no_error (error);
  return upload;
}

static char *
make_name (S3StorageFixture *fixture, const char *part_name)
{
  return streamer_staged_name_make (fixture->seal, "alice", part_name, NULL);
}

/* Puts a temporary object there, as a client's form does. */
static char *
post_part (S3StorageFixture *fixture, const char *part_name, guint64 size)
{
  char *name = make_name (fixture, part_name);
  g_autofree char *key = g_strconcat (PREFIX "/", name, NULL);

  fake_s3_add (fixture->s3, key, size);
  return name;
}

static gboolean
add (S3StorageFixture *fixture,
     const StreamerStorageUpload *upload,
     guint number,
     const char *name,
     GError **error)
{
  return streamer_staging_storage_add (STREAMER_STAGING_STORAGE (fixture->storage), upload, number,
                                       name, error);
}

static gboolean
is_there (S3StorageFixture *fixture, const char *name)
{
  g_autofree char *key = g_strconcat (PREFIX "/", name, NULL);

  return fake_s3_find (fixture->s3, key, NULL);
}

static void
test_parts_are_copied (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin_staged (fixture, "k", TWO_PARTS, FALSE);
  g_autofree char *first = post_part (fixture, "/tmp/k.1", PART_SIZE);
  g_autofree char *second = post_part (fixture, "/tmp/k.2", TWO_PARTS - PART_SIZE);
  const char *names[] = { second, first, second };
  const guint numbers[] = { 2, 1, 2 };
  g_autoptr (StreamerStorageObject) object = NULL, again = NULL;
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_true (add (fixture, upload, numbers[i], names[i], &error));
      g_assert_no_error (error);
    }
  parts = streamer_storage_list_parts (fixture->storage, upload, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (parts->len, ==, 2);
  object = finish (fixture, upload, parts);
  g_assert_cmpuint (object->size, ==, TWO_PARTS);
  again = finish (fixture, upload, parts);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_true (streamer_staging_storage_discard (STREAMER_STAGING_STORAGE (fixture->storage),
                                                       names[i], &error));
      g_assert_false (is_there (fixture, names[i]));
    }
  assert_object (fixture, "k", TWO_PARTS);
}

static void
test_only_what_fits_is_added (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin_staged (fixture, "k", TWO_PARTS, FALSE);
  g_autofree char *none = make_name (fixture, "/tmp/none");
  g_autofree char *large = post_part (fixture, "/tmp/large", TWO_PARTS + 1);
  g_autofree char *part = post_part (fixture, "/tmp/part", PART_SIZE);
  g_autoptr (GError) error = NULL;

  g_assert_false (add (fixture, upload, 1, none, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (add (fixture, upload, 1, large, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_clear_error (&error);
  /* Behind a first part there is room for a hundred bytes. */
  g_assert_false (add (fixture, upload, 2, part, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (add (fixture, upload, 10000, part, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_assert_true (add (fixture, upload, 1, part, NULL));
  assert_not_finished (fixture, upload, NULL, STREAMER_ERROR_CHECKSUM);
  g_assert_true (streamer_storage_cancel (fixture->storage, upload, NULL));
  g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
}

/* Nobody sends a part of nothing. */
static void
test_empty_document (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin_staged (fixture, "k", 0, FALSE);
  g_autoptr (StreamerStorageUpload) late = begin_staged (fixture, "l", 0, FALSE);
  g_autoptr (GArray) none = streamer_storage_parts_new ();
  g_autoptr (StreamerStorageObject) object = NULL, again = NULL;

  g_assert_false (fake_s3_find (fixture->s3, PREFIX "/k", NULL));
  object = finish (fixture, upload, none);
  again = finish (fixture, upload, none);
  g_assert_cmpstr (object->etag, ==, again->etag);
  assert_object (fixture, "k", 0);

  fake_s3_add (fixture->s3, PREFIX "/l", 10);
  assert_not_finished (fixture, late, none, STREAMER_ERROR_EXISTS);
  assert_object (fixture, "l", 10);
}

static void
test_form_is_for_one_object (S3StorageFixture *fixture, gconstpointer data)
{
  g_autofree char *name = make_name (fixture, "/tmp/k.1");
  g_autofree char *key = g_strconcat (PREFIX "/", name, NULL);
  const StreamerPostGrant grant = {
    .key = name,
    .principal = (char *) "alice",
    .is_staged = TRUE,
    .max_size = 1234,
    .expires = g_get_real_time () / G_USEC_PER_SEC + 900,
  };
  g_auto (StreamerSignedPost) post = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree guchar *policy = NULL;
  g_autofree char *text = NULL;
  gsize length;

  streamer_staging_storage_sign_post (STREAMER_STAGING_STORAGE (fixture->storage), &grant, &post,
                                      &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (post.url, "/" FAKE_S3_BUCKET));
  g_assert_cmpstr (post.fields[0], ==, "key");
  g_assert_cmpstr (post.fields[1], ==, key);
  for (gsize i = 0; post.fields[i]; i += 2)
    if (strcmp (post.fields[i], "policy") == 0)
      policy = g_base64_decode (post.fields[i + 1], &length);
  text = g_strndup ((const char *) policy, length);
  g_assert_nonnull (strstr (text, "[\"content-length-range\",0,1234]"));
  g_assert_nonnull (strstr (text, key));
}

static void
test_temporary_objects_go_after_a_day (S3StorageFixture *fixture, gconstpointer data)
{
  g_autofree char *name = post_part (fixture, "/tmp/k.1", 10);
  g_autofree char *path = g_build_filename (fixture->root, "state.db", NULL);
  const StreamerPostGrant grant = {
    .key = name,
    .principal = (char *) "alice",
    .is_staged = TRUE,
    .max_size = 10,
    .expires = g_get_real_time () / G_USEC_PER_SEC + 900,
  };
  g_auto (StreamerSignedPost) post = { 0 };
  sqlite3 *database;

  g_assert_true (streamer_staging_storage_sign_post (STREAMER_STAGING_STORAGE (fixture->storage),
                                                     &grant, &post, NULL));
  streamer_storage_sweep (fixture->storage);
  g_assert_true (is_there (fixture, name));
  /* Without a memory it is the bucket's rule that removes it. */
  if (!fixture->config.root)
    return;

  g_clear_object (&fixture->storage);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (database, "UPDATE posted SET created = created - 86401", NULL, NULL, NULL), ==,
      SQLITE_OK);
  sqlite3_close (database);
  s3_storage_fixture_restart (fixture);
  streamer_storage_sweep (fixture->storage);
  g_assert_false (is_there (fixture, name));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  s3_storage_add ("staging/parts-are-copied", test_parts_are_copied);
  s3_storage_add ("staging/only-what-fits-is-added", test_only_what_fits_is_added);
  s3_storage_add ("staging/empty-document", test_empty_document);
  s3_storage_add ("staging/form-is-for-one-object", test_form_is_for_one_object);
  s3_storage_add ("staging/temporary-objects-go-after-a-day",
                  test_temporary_objects_go_after_a_day);
  return g_test_run ();
}
