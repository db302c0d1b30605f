/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the S3 storage does where the store, the network or the keys fail. */

#include <string.h>

#include "s3-storage-fixture.h"
#include "script-server.h"
#include "streamer-error.h"

typedef gboolean (*Call) (S3StorageFixture *fixture,
                          const StreamerStorageUpload *upload,
                          GError **error);

static gboolean
call_begin (S3StorageFixture *fixture, const StreamerStorageUpload *upload, GError **error)
{
  g_autoptr (StreamerStorageUpload) other = make_upload ("other", TWO_PARTS, TRUE);
  g_autofree char *resume_id = g_uuid_string_random ();

  return streamer_storage_begin (fixture->storage, other, resume_id, error);
}

static gboolean
call_begin_new (S3StorageFixture *fixture, const StreamerStorageUpload *upload, GError **error)
{
  g_autoptr (StreamerStorageUpload) other = make_upload ("other", 1, FALSE);
  g_autofree char *resume_id = g_uuid_string_random ();

  return streamer_storage_begin (fixture->storage, other, resume_id, error);
}

static gboolean
call_list_parts (S3StorageFixture *fixture, const StreamerStorageUpload *upload, GError **error)
{
  g_autoptr (GArray) parts = streamer_storage_list_parts (fixture->storage, upload, error);

  return parts != NULL;
}

static gboolean
call_finish (S3StorageFixture *fixture, const StreamerStorageUpload *upload, GError **error)
{
  g_autoptr (StreamerStorageObject) object =
      streamer_storage_finish (fixture->storage, upload, NULL, NULL, error);

  return object != NULL;
}

static gboolean
call_cancel (S3StorageFixture *fixture, const StreamerStorageUpload *upload, GError **error)
{
  return streamer_storage_cancel (fixture->storage, upload, error);
}

static gboolean
call_stat (S3StorageFixture *fixture, const StreamerStorageUpload *upload, GError **error)
{
  g_autoptr (StreamerStorageObject) object = streamer_storage_stat (fixture->storage, "old", error);

  return object != NULL;
}

static gboolean
call_remove (S3StorageFixture *fixture, const StreamerStorageUpload *upload, GError **error)
{
  return streamer_storage_remove (fixture->storage, "old", error);
}

/* Every request that a call makes to the store. */
static const struct
{
  Call call;
  FakeS3Operation operation;
} steps[] = {
  { call_begin, FAKE_S3_CREATE },          { call_begin_new, FAKE_S3_HEAD },
  { call_list_parts, FAKE_S3_LIST_PARTS }, { call_finish, FAKE_S3_LIST_PARTS },
  { call_finish, FAKE_S3_HEAD },           { call_finish, FAKE_S3_COMPLETE },
  { call_cancel, FAKE_S3_ABORT },          { call_stat, FAKE_S3_HEAD },
  { call_remove, FAKE_S3_HEAD },           { call_remove, FAKE_S3_DELETE },
};

/* What a store may say, and what the client hears. */
static const struct
{
  guint status;
  const char *code;
  StreamerError error;
} refusals[] = {
  { 503, "SlowDown", STREAMER_ERROR_BUSY },
  { 500, "InternalError", STREAMER_ERROR_BUSY },
  { 403, "AccessDenied", STREAMER_ERROR_FAILED },
  { 403, "InvalidAccessKeyId", STREAMER_ERROR_FAILED },
};

static void
assert_fails (S3StorageFixture *fixture,
              const StreamerStorageUpload *upload,
              gsize step,
              StreamerError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (steps[step].call (fixture, upload, &error));
  g_assert_error (error, STREAMER_ERROR, (int) code);
  g_assert_null (strstr (error->message, "AccessDenied"));
  g_assert_null (strstr (error->message, FAKE_S3_ACCESS_KEY));
}

/* At whatever request it happens, the same call goes well afterwards. */
static void
test_store_refuses (S3StorageFixture *fixture, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
      g_autoptr (GArray) parts = send_all (fixture, upload);
      g_autoptr (GError) error = NULL;

      fake_s3_add (fixture->s3, PREFIX "/old", 3);
      for (gsize j = 0; j < G_N_ELEMENTS (refusals); j++)
        {
          fake_s3_refuse (fixture->s3, steps[i].operation, 1, refusals[j].status, refusals[j].code);
          assert_fails (fixture, upload, i, refusals[j].error);
        }
      steps[i].call (fixture, upload, &error);
      g_assert_no_error (error);
      fake_s3_remove (fixture->s3, PREFIX "/k");
    }
}

static void
test_store_is_away (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);

  g_clear_pointer (&fixture->s3, fake_s3_free);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    assert_fails (fixture, upload, i, STREAMER_ERROR_BUSY);
  fixture->s3 = fake_s3_new ();
}

/* "200 OK", and then thinks better of it. */
static void
test_refusal_inside_a_success (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
  g_autoptr (GArray) parts = send_all (fixture, upload);

  fake_s3_refuse (fixture->s3, FAKE_S3_COMPLETE, 1, 200, "InternalError");
  assert_not_finished (fixture, upload, parts, STREAMER_ERROR_BUSY);
  g_assert_false (fake_s3_find (fixture->s3, PREFIX "/k", NULL));
  streamer_storage_object_free (finish (fixture, upload, parts));
}

static void
test_answer_to_complete_is_lost (S3StorageFixture *fixture, gconstpointer data)
{
  static const gboolean overwrites[] = { FALSE, TRUE };

  for (gsize i = 0; i < G_N_ELEMENTS (overwrites); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, overwrites[i]);
      g_autoptr (GArray) parts = send_all (fixture, upload);
      g_autoptr (StreamerStorageObject) object = NULL;

      fake_s3_lose_answer (fixture->s3, FAKE_S3_COMPLETE);
      assert_not_finished (fixture, upload, parts, STREAMER_ERROR_BUSY);
      object = finish (fixture, upload, parts);
      g_assert_cmpuint (object->size, ==, TWO_PARTS);
      g_assert_true (g_str_has_suffix (object->etag, "-2\""));
      g_assert_cmpuint (fake_s3_count (fixture->s3, FAKE_S3_COMPLETE), ==, i + 1);
    }
}

/* The store says that the upload is gone, or that something is there, of our own object. */
static void
test_complete_was_done_already (S3StorageFixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *code;
  } answers[] = { { 404, "NoSuchUpload" }, { 412, "PreconditionFailed" } };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", 10, TRUE);
      g_autoptr (StreamerStorageUpload) parted = begin (fixture, "k", TWO_PARTS, TRUE);
      g_autoptr (GArray) parts = send_all (fixture, parted);

      /* Nothing is there, and then somebody else's. */
      fake_s3_remove (fixture->s3, PREFIX "/k");
      fake_s3_refuse (fixture->s3, FAKE_S3_COMPLETE, 1, answers[i].status, answers[i].code);
      assert_not_finished (fixture, parted, parts,
                           i == 0 ? STREAMER_ERROR_NO_UPLOAD : STREAMER_ERROR_BUSY);
      g_free (send_part (fixture, upload, 1, 10));
      fake_s3_refuse (fixture->s3, FAKE_S3_COMPLETE, 1, answers[i].status, answers[i].code);
      assert_not_finished (fixture, parted, parts,
                           i == 0 ? STREAMER_ERROR_NO_UPLOAD : STREAMER_ERROR_EXISTS);
      fake_s3_remove (fixture->s3, PREFIX "/k");
      streamer_storage_object_free (finish (fixture, parted, parts));
    }
}

/* Another object of the same size is not taken for ours. */
static void
test_upload_that_is_gone (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, TRUE);
  g_autoptr (GArray) parts = send_all (fixture, upload);

  fake_s3_forget_uploads (fixture->s3);
  assert_not_finished (fixture, upload, parts, STREAMER_ERROR_NO_UPLOAD);
  fake_s3_add (fixture->s3, PREFIX "/k", TWO_PARTS);
  assert_not_finished (fixture, upload, parts, STREAMER_ERROR_NO_UPLOAD);
}

static void
test_answer_to_begin_is_lost (S3StorageFixture *fixture, gconstpointer data)
{
  /* The first one finds out what the store can. */
  g_autoptr (StreamerStorageUpload) other = begin (fixture, "other", TWO_PARTS, FALSE);
  g_autoptr (StreamerStorageUpload) upload = make_upload ("k", TWO_PARTS, FALSE);
  g_autoptr (GError) error = NULL;

  fake_s3_lose_answer (fixture->s3, FAKE_S3_CREATE);
  g_assert_false (streamer_storage_begin (fixture->storage, upload, "0123456789abcdef", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
  g_assert_true (streamer_storage_begin (fixture->storage, upload, "0123456789abcdef", NULL));
}

static void
test_answer_to_cancel_is_lost (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
  g_autoptr (GError) error = NULL;

  fake_s3_lose_answer (fixture->s3, FAKE_S3_ABORT);
  /* It may have been sent again at once, on a connection that was not kept alive. */
  if (!streamer_storage_cancel (fixture->storage, upload, &error))
    g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
  g_assert_true (streamer_storage_cancel (fixture->storage, upload, NULL));
  g_assert_cmpuint (fake_s3_count_uploads (fixture->s3), ==, 0);
}

/* Ceph's answer to a form has none, and a proxy may take them away. */
static void
test_store_without_etags (S3StorageFixture *fixture, gconstpointer data)
{
  static const guint64 sizes[] = { 10, TWO_PARTS };

  fake_s3_set_flags (fixture->s3, FAKE_S3_NO_ETAGS);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", sizes[i], TRUE);
      g_autoptr (GArray) parts = send_all (fixture, upload);
      g_autoptr (StreamerStorageObject) object = finish (fixture, upload, parts);

      g_assert_cmpuint (object->size, ==, sizes[i]);
    }
}

/* The server is stopped, or its client is gone. */
static void
test_nobody_waits_any_more (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_cancellable_push_current (cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    assert_fails (fixture, upload, i, STREAMER_ERROR_BUSY);
  g_cancellable_pop_current (cancellable);
}

/* Adds an answer of the endpoint that gives containers their keys. */
static void
add_keys (ScriptServer *server, const char *token, gint64 seconds)
{
  g_autoptr (GDateTime) time =
      g_date_time_new_from_unix_utc (g_get_real_time () / G_USEC_PER_SEC + seconds);
  g_autofree char *expires = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");
  g_autofree char *body = g_strdup_printf ("{\"AccessKeyId\": \"" FAKE_S3_ACCESS_KEY
                                           "\", \"SecretAccessKey\": \"" FAKE_S3_SECRET_KEY
                                           "\", \"Token\": \"%s\", \"Expiration\": \"%s\"}",
                                           token, expires);

  script_server_add_answer (server, 200, body);
}

static void
use_keys_of (S3StorageFixture *fixture, ScriptServer *server)
{
  g_autofree char *url = g_strconcat (script_server_get_url (server), "/keys", NULL);

  g_unsetenv ("AWS_ACCESS_KEY_ID");
  g_unsetenv ("AWS_SECRET_ACCESS_KEY");
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", TRUE);
  g_setenv ("AWS_CONFIG_FILE", "/nonexistent", TRUE);
  g_setenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, TRUE);
  s3_storage_fixture_restart (fixture);
}

static gint64
get_seconds (const StreamerSignedRequest *request)
{
  const char *expires = strstr (request->url, "X-Amz-Expires=");

  return atoi (expires + strlen ("X-Amz-Expires="));
}

/* No URL lives longer than the keys that have signed it. */
static void
test_urls_die_with_the_keys (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerStorageUpload) upload = NULL;
  g_auto (StreamerSignedRequest) request = { 0 };
  gint64 link_expires = g_get_real_time () / G_USEC_PER_SEC + 86400;
  g_autofree char *link = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 20; i++)
    add_keys (server, "token", 600);
  use_keys_of (fixture, server);
  upload = begin (fixture, "k", 10, FALSE);
  streamer_storage_presign (fixture->storage, upload, 1, 10, NULL, &request, &error);
  g_assert_no_error (error);
  g_assert_cmpint (get_seconds (&request), <=, 600);
  g_assert_cmpint (get_seconds (&request), >, 300);
  g_assert_cmpint (request.expires, <=, g_get_real_time () / G_USEC_PER_SEC + 600);

  link = streamer_storage_link (fixture->storage, "k", &link_expires, &error);
  g_assert_no_error (error);
  g_assert_cmpint (link_expires, <=, g_get_real_time () / G_USEC_PER_SEC + 600);
}

static void
test_keys_are_renewed (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerStorageUpload) upload = NULL;
  g_autoptr (GArray) parts = NULL;

  add_keys (server, "old", 30);
  for (guint i = 0; i < 20; i++)
    add_keys (server, "new", 3600);
  fake_s3_expire_token (fixture->s3, "old");
  use_keys_of (fixture, server);
  upload = begin (fixture, "k", TWO_PARTS, FALSE);
  parts = send_all (fixture, upload);
  streamer_storage_object_free (finish (fixture, upload, parts));
}

static void
test_keys_cannot_be_had (S3StorageFixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = begin (fixture, "k", TWO_PARTS, FALSE);
  g_autoptr (ScriptServer) server = script_server_new ();
  g_auto (StreamerSignedRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 40; i++)
    script_server_add_answer (server, 404, "{}");
  use_keys_of (fixture, server);
  g_assert_false (
      streamer_storage_presign (fixture->storage, upload, 1, PART_SIZE, NULL, &request, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  s3_storage_add ("store-refuses", test_store_refuses);
  s3_storage_add ("store-is-away", test_store_is_away);
  s3_storage_add ("refusal-inside-a-success", test_refusal_inside_a_success);
  s3_storage_add ("answer-to-complete-is-lost", test_answer_to_complete_is_lost);
  s3_storage_add ("complete-was-done-already", test_complete_was_done_already);
  s3_storage_add ("upload-that-is-gone", test_upload_that_is_gone);
  s3_storage_add ("answer-to-begin-is-lost", test_answer_to_begin_is_lost);
  s3_storage_add ("answer-to-cancel-is-lost", test_answer_to_cancel_is_lost);
  s3_storage_add ("store-without-etags", test_store_without_etags);
  s3_storage_add ("nobody-waits-any-more", test_nobody_waits_any_more);
  s3_storage_add ("urls-die-with-the-keys", test_urls_die_with_the_keys);
  s3_storage_add ("keys-are-renewed", test_keys_are_renewed);
  s3_storage_add ("keys-cannot-be-had", test_keys_cannot_be_had);
  return g_test_run ();
}
