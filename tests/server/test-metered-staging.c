/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How much a principal may send by the forms of version 1 of the request API. */

#include "server-fixture.h"
#include "streamer-error.h"
#include "streamer-metered-storage.h"
#include "streamer-staging-storage.h"
#include "streamer-storage-config.h"

#define QUOTA 1000

typedef struct
{
  ServerFixture folder; /* for its folder alone */
  StreamerSeal *seal;
  StreamerPolicy *policy;
  StreamerStorage *storage;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const guint8 key[STREAMER_SEAL_KEY_BYTES] = { 1 };
  const StreamerAllowance allowance = { .quota = QUOTA, .open_uploads = 3 };
  g_autoptr (StreamerPrincipal) alice =
      streamer_principal_new ("alice", NULL, STREAMER_RIGHTS_ALL, &allowance);
  g_autoptr (StreamerStorage) inner = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  StreamerStorageConfig config = { .kind = (char *) "folder" };
  StreamerTokenHash hash;

  server_fixture_set_up (&fixture->folder, NULL);
  g_clear_pointer (&fixture->folder.server, streamer_server_free);
  config.root = fixture->folder.root;
  path = g_build_filename (config.root, "ledger.db", NULL);
  fixture->seal = streamer_seal_new (key);
  fixture->policy = streamer_policy_new ();
  streamer_token_hash_compute (ALICE, &hash);
  g_assert_true (streamer_policy_add_token (fixture->policy, alice, &hash));
  inner = streamer_storage_open (&config, fixture->seal, &error);
  g_assert_no_error (error);
  fixture->storage =
      streamer_metered_storage_new (inner, streamer_ledger_open (path, NULL), fixture->policy);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->storage);
  g_clear_pointer (&fixture->policy, streamer_policy_free);
  g_clear_pointer (&fixture->seal, streamer_seal_free);
  server_fixture_tear_down (&fixture->folder, NULL);
}

/* Bytes that a form allows, and @max_staged: (out): those of all temporary objects. */
static gint64
sign (Fixture *fixture, const char *key, gboolean is_staged, gint64 *max_staged, GError **error)
{
  const StreamerPostGrant grant = {
    .key = (char *) key,
    .principal = (char *) "alice",
    .is_staged = is_staged,
    .max_size = 5 * 1024 * STREAMER_MIB,
    .max_staged = G_MAXINT64,
    .expires = g_get_real_time () / G_USEC_PER_SEC + 60,
  };
  g_auto (StreamerSignedPost) post = { 0 };
  g_auto (StreamerPostGrant) signed_grant = { 0 };

  if (!streamer_staging_storage_sign_post (STREAMER_STAGING_STORAGE (fixture->storage), &grant,
                                           &post, error))
    return -1;
  g_assert_true (streamer_post_grant_check (fixture->seal, post.fields[1], post.fields[3],
                                            post.fields[5], &signed_grant, NULL));
  *max_staged = signed_grant.max_staged;
  return signed_grant.max_size;
}

static StreamerStorageUpload *
begin_staged (Fixture *fixture, const char *key, guint64 size, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = streamer_storage_upload_new ();
  g_autofree char *resume_id = g_uuid_string_random ();

  upload->principal = g_strdup ("alice");
  upload->key = g_strdup (key);
  upload->size = size;
  upload->content_type = g_strdup ("text/plain");
  return streamer_storage_begin (fixture->storage, upload, resume_id, error)
             ? g_steal_pointer (&upload)
             : NULL;
}

static void
test_temporary_objects_fit_the_quota (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerStorageUpload) upload = NULL;
  gint64 max_staged;

  upload = begin_staged (fixture, "k", QUOTA, &error);
  g_assert_no_error (error);
  /* What is reserved for the document is for its parts. */
  g_assert_cmpint (sign (fixture, "tmp/a", TRUE, &max_staged, &error), ==, QUOTA);
  g_assert_cmpint (max_staged, ==, QUOTA);
  g_assert_null (begin_staged (fixture, "l", 1, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA);
}

static void
test_whole_documents_are_reserved (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerStorageUpload) upload = begin_staged (fixture, "k", QUOTA - 100, &error);
  gint64 max_staged;

  g_assert_no_error (error);
  g_assert_cmpint (sign (fixture, "l", FALSE, &max_staged, &error), ==, 100);
  g_assert_null (begin_staged (fixture, "m", 1, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA);
  g_clear_error (&error);
  g_assert_cmpint (sign (fixture, "n", FALSE, &max_staged, &error), ==, -1);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/metered-staging/temporary-objects-fit-the-quota", Fixture, NULL, set_up,
              test_temporary_objects_fit_the_quota, tear_down);
  g_test_add ("/metered-staging/whole-documents-are-reserved", Fixture, NULL, set_up,
              test_whole_documents_are_reserved, tear_down);
  return g_test_run ();
}
