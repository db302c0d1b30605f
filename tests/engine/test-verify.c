/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-verify.h"

#include <glib/gstdio.h>

#include "streamer-error.h"
#include "test-file.h"
#include "test-flow.h"

/* A store that can say what it has, and nothing else. */
#define TEST_TYPE_STORE (test_store_get_type ())
G_DECLARE_FINAL_TYPE (TestStore, test_store, TEST, STORE, GObject)

struct _TestStore
{
  GObject parent_instance;

  guint64 size;
  const char *etag;
  GError *error; /* (owned) (nullable): what it says instead */
  int n_asked;
};

static void test_store_iface_init (StreamerStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestStore,
                               test_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORE, test_store_iface_init))

static StreamerStoredObject *
test_store_stat (StreamerStore *store,
                 StreamerHttp *http,
                 const char *key,
                 GCancellable *cancellable,
                 GError **error)
{
  TestStore *self = TEST_STORE (store);

  g_assert_cmpstr (key, ==, "folder/data.bin");
  self->n_asked++;
  if (self->error == NULL)
    return streamer_stored_object_new (self->size, self->etag, NULL);
  g_propagate_error (error, g_steal_pointer (&self->error));
  return NULL;
}

static void
test_store_iface_init (StreamerStoreInterface *iface)
{
  iface->stat = test_store_stat;
}

static void
test_store_class_init (TestStoreClass *klass)
{
}

static void
test_store_init (TestStore *self)
{
}

typedef struct
{
  TestFile *file;
  TestStore *store;
  StreamerConnection *connection;
  StreamerPool *pool;
  StreamerJournalEntry receipt;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);

  fixture->file = test_file_new (5000, 0);
  fixture->store = g_object_new (TEST_TYPE_STORE, NULL);
  fixture->store->size = 5000;
  fixture->store->etag = "e";
  fixture->connection =
      streamer_connection_new_for_store ("test", STREAMER_STORE (fixture->store), secrets);
  fixture->pool = streamer_pool_new (1);
  fixture->receipt = (StreamerJournalEntry){
    .id = "id",
    .key = "folder/data.bin",
    .plan = fixture->file->plan,
    .state = STREAMER_JOURNAL_DONE,
    .etag = "\"e\"",
    .has_crc32 = TRUE,
    .crc32 = fixture->file->crc32,
  };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->connection);
  g_assert_finalize_object (fixture->store);
  g_assert_finalize_object (fixture->pool);
  test_file_free (fixture->file);
}

static StreamerVerification *
verify (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  streamer_verify_async (fixture->pool, fixture->connection, &fixture->receipt, fixture->file->path,
                         NULL, test_flow_store_result, &result);
  wait_until (result != NULL);
  return streamer_verify_finish (fixture->pool, result, error);
}

static void
assert_verdicts (Fixture *fixture, StreamerVerdict local, StreamerVerdict stored)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerVerification) found = verify (fixture, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (streamer_verdict_get_nick (found->local), ==, streamer_verdict_get_nick (local));
  g_assert_cmpstr (streamer_verdict_get_nick (found->stored), ==,
                   streamer_verdict_get_nick (stored));
  g_assert_true (g_str_has_suffix (found->local_words, "."));
  g_assert_true (g_str_has_suffix (found->stored_words, "."));
}

static void
test_what_was_uploaded_is_the_same (Fixture *fixture, gconstpointer data)
{
  assert_verdicts (fixture, STREAMER_VERDICT_SAME, STREAMER_VERDICT_SAME);
}

static void
test_one_other_byte_differs (Fixture *fixture, gconstpointer data)
{
  fixture->file->bytes[4999] ^= 1;
  g_assert_true (
      g_file_set_contents (fixture->file->path, (char *) fixture->file->bytes, 5000, NULL));
  assert_verdicts (fixture, STREAMER_VERDICT_DIFFERS, STREAMER_VERDICT_SAME);
}

static void
test_other_sizes_differ (Fixture *fixture, gconstpointer data)
{
  g_assert_true (g_file_set_contents (fixture->file->path, "", 0, NULL));
  fixture->store->size = 4999;
  assert_verdicts (fixture, STREAMER_VERDICT_DIFFERS, STREAMER_VERDICT_DIFFERS);
}

static void
test_sha256_counts_where_the_receipt_has_it (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sha256 =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, fixture->file->bytes, 5000);

  fixture->receipt.sha256 = sha256;
  assert_verdicts (fixture, STREAMER_VERDICT_SAME, STREAMER_VERDICT_SAME);
  sha256[0] = sha256[0] == '0' ? '1' : '0';
  assert_verdicts (fixture, STREAMER_VERDICT_DIFFERS, STREAMER_VERDICT_SAME);
}

static void
test_another_etag_differs (Fixture *fixture, gconstpointer data)
{
  fixture->store->etag = "\"f\"";
  assert_verdicts (fixture, STREAMER_VERDICT_SAME, STREAMER_VERDICT_DIFFERS);
}

static void
test_what_is_gone_is_absent (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_unlink (fixture->file->path), ==, 0);
  fixture->store->error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND, "gone");
  assert_verdicts (fixture, STREAMER_VERDICT_ABSENT, STREAMER_VERDICT_ABSENT);
}

static void
test_what_nobody_says_is_unknown (Fixture *fixture, gconstpointer data)
{
  fixture->receipt.has_crc32 = FALSE;
  fixture->store->etag = NULL;
  assert_verdicts (fixture, STREAMER_VERDICT_UNKNOWN, STREAMER_VERDICT_UNKNOWN);
  fixture->store->error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "It does not say.");
  assert_verdicts (fixture, STREAMER_VERDICT_UNKNOWN, STREAMER_VERDICT_UNKNOWN);
}

static void
test_server_that_is_busy_is_asked_again (Fixture *fixture, gconstpointer data)
{
  fixture->store->error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_NETWORK, "lost");
  assert_verdicts (fixture, STREAMER_VERDICT_SAME, STREAMER_VERDICT_SAME);
  g_assert_cmpint (fixture->store->n_asked, ==, 2);
}

static void
test_server_that_refuses_is_an_error (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->store->error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_AUTH, "no");
  g_assert_null (verify (fixture, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/verify/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("what-was-uploaded-is-the-same", test_what_was_uploaded_is_the_same);
  ADD ("one-other-byte-differs", test_one_other_byte_differs);
  ADD ("other-sizes-differ", test_other_sizes_differ);
  ADD ("sha256-counts-where-the-receipt-has-it", test_sha256_counts_where_the_receipt_has_it);
  ADD ("another-etag-differs", test_another_etag_differs);
  ADD ("what-is-gone-is-absent", test_what_is_gone_is_absent);
  ADD ("what-nobody-says-is-unknown", test_what_nobody_says_is_unknown);
  ADD ("server-that-is-busy-is-asked-again", test_server_that_is_busy_is_asked_again);
  ADD ("server-that-refuses-is-an-error", test_server_that_refuses_is_an_error);
#undef ADD
  return g_test_run ();
}
