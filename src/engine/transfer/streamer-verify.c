/* streamer-verify.c: compares a file and what the store has with the receipt of an upload
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: verify() runs on a worker and sees only its task data; all else is the owner's. */

#include "streamer-verify.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "streamer-call.h"
#include "streamer-digest.h"
#include "streamer-error.h"
#include "streamer-s3-etag.h"

typedef struct
{
  StreamerConnection *connection; /* (owned) */
  StreamerJournalEntry *receipt;  /* (owned) */
  char *path;                     /* (owned) (type filename) */

  StreamerVerification *found; /* (owned) (nullable): half of it where the store is asked again */
} Verify;

static void
verify_free (Verify *verify)
{
  g_object_unref (verify->connection);
  streamer_journal_entry_free (verify->receipt);
  g_free (verify->path);
  g_clear_pointer (&verify->found, streamer_verification_free);
  g_free (verify);
}

const char *
streamer_verdict_get_nick (StreamerVerdict verdict)
{
  static const char *const nicks[] = { "same", "differs", "absent", "unknown" };

  g_return_val_if_fail ((guint) verdict < G_N_ELEMENTS (nicks), NULL);
  return nicks[verdict];
}

void
streamer_verification_free (StreamerVerification *verification)
{
  g_free (verification->local_words);
  g_free (verification->stored_words);
  g_free (verification);
}

/* @words: (transfer full) */
static void
say_local (StreamerVerification *found, StreamerVerdict verdict, char *words)
{
  found->local = verdict;
  found->local_words = words;
}

/* @words: (transfer full) */
static void
say_stored (StreamerVerification *found, StreamerVerdict verdict, char *words)
{
  found->stored = verdict;
  found->stored_words = words;
}

/* @sentence: takes two numbers of bytes, as text. Returns: (transfer full) */
static char *
say_sizes (const char *sentence, guint64 is, guint64 was)
{
  g_autofree char *is_text = g_strdup_printf ("%" G_GUINT64_FORMAT, is);
  g_autofree char *was_text = g_strdup_printf ("%" G_GUINT64_FORMAT, was);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (sentence, is_text, was_text);
#pragma GCC diagnostic pop
}

static void
compare_digest (StreamerVerification *found,
                const StreamerJournalEntry *receipt,
                const StreamerDigest *digest)
{
  if (receipt->has_crc32 && receipt->crc32 != digest->crc32)
    say_local (found, STREAMER_VERDICT_DIFFERS,
               /* Translators: both are checksums */
               g_strdup_printf (_ ("The file on this computer is not what was uploaded: its CRC-32 "
                                   "is %08x instead of %08x."),
                                digest->crc32, receipt->crc32));
  else if (receipt->sha256 != NULL && g_strcmp0 (receipt->sha256, digest->sha256) != 0)
    say_local (
        found, STREAMER_VERDICT_DIFFERS,
        /* Translators: both are checksums */
        g_strdup_printf (_ ("The file on this computer is not what was uploaded: its SHA-256 "
                            "is %s instead of %s."),
                         digest->sha256, receipt->sha256));
  else if (!receipt->has_crc32 && receipt->sha256 == NULL)
    say_local (found, STREAMER_VERDICT_UNKNOWN,
               g_strdup (_ ("The file on this computer has the size of what was uploaded. The "
                            "receipt has no checksum to compare its bytes with.")));
  else
    say_local (found, STREAMER_VERDICT_SAME,
               g_strdup (_ ("The file on this computer is what was uploaded, byte for byte.")));
}

/* Returns: FALSE where the file could not be read to its end */
static gboolean
verify_local (Verify *verify,
              StreamerVerification *found,
              GCancellable *cancellable,
              GError **error)
{
  const StreamerJournalEntry *receipt = verify->receipt;
  g_autoptr (StreamerSource) source = NULL;
  g_auto (StreamerDigest) digest = { 0 };
  g_autoptr (GError) unreadable = NULL;
  guint64 size;

  source = streamer_file_source_open (verify->path, &unreadable);
  if (source == NULL)
    {
      gboolean absent = !g_file_test (verify->path, G_FILE_TEST_EXISTS);

      say_local (found, absent ? STREAMER_VERDICT_ABSENT : STREAMER_VERDICT_UNKNOWN,
                 g_strdup (unreadable->message));
      return TRUE;
    }
  size = streamer_source_get_size (source);
  if (size != receipt->plan.size)
    {
      say_local (found, STREAMER_VERDICT_DIFFERS,
                 /* Translators: both are numbers of bytes */
                 say_sizes (_ ("The file on this computer is not what was uploaded: it has %s "
                               "bytes instead of %s."),
                            size, receipt->plan.size));
      return TRUE;
    }
  if (!streamer_digest_read (&digest, source, receipt->sha256 != NULL, cancellable, error))
    return FALSE;
  compare_digest (found, receipt, &digest);
  return TRUE;
}

static void
compare_object (StreamerVerification *found,
                const StreamerJournalEntry *receipt,
                const StreamerStoredObject *object)
{
  gboolean has_etags = receipt->etag != NULL && *receipt->etag != '\0' && object->etag != NULL &&
                       *object->etag != '\0';

  if (object->size != receipt->plan.size)
    say_stored (found, STREAMER_VERDICT_DIFFERS,
                /* Translators: both are numbers of bytes */
                say_sizes (_ ("What the server has is not what was uploaded: it has %s bytes "
                              "instead of %s."),
                           object->size, receipt->plan.size));
  else if (!has_etags)
    say_stored (found, STREAMER_VERDICT_UNKNOWN,
                g_strdup (_ ("The server has a file of the same size, and says nothing about its "
                             "contents.")));
  else if (!streamer_s3_etag_equal (receipt->etag, object->etag))
    say_stored (found, STREAMER_VERDICT_DIFFERS,
                /* Translators: both are ETags, which the server gives to what it stores */
                g_strdup_printf (_ ("What the server has is not what was uploaded: its ETag is %s "
                                    "instead of %s."),
                                 object->etag, receipt->etag));
  else
    say_stored (found, STREAMER_VERDICT_SAME,
                g_strdup (_ ("The server has what was uploaded, unchanged.")));
}

static gboolean
verify_stored (Verify *verify,
               StreamerVerification *found,
               StreamerHttp *http,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (StreamerStore) store = NULL;
  g_autoptr (StreamerStoredObject) object = NULL;
  g_autoptr (GError) local_error = NULL;

  store = streamer_connection_open (verify->connection, cancellable, error);
  if (store == NULL)
    return FALSE;
  object = streamer_store_stat (store, http, verify->receipt->key, cancellable, &local_error);
  if (object != NULL)
    compare_object (found, verify->receipt, object);
  else if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
    say_stored (found, STREAMER_VERDICT_ABSENT,
                g_strdup (_ ("The server does not have the file any more.")));
  else if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    say_stored (found, STREAMER_VERDICT_UNKNOWN, g_strdup (local_error->message));
  else
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  return TRUE;
}

/* Returns: (transfer full): a StreamerVerification */
static gpointer
verify (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  Verify *verify_data = data;

  if (verify_data->found == NULL)
    {
      g_autoptr (StreamerVerification) found = g_new0 (StreamerVerification, 1);

      if (!verify_local (verify_data, found, cancellable, error))
        return NULL;
      verify_data->found = g_steal_pointer (&found);
    }
  if (!verify_stored (verify_data, verify_data->found, http, cancellable, error))
    return NULL;
  return g_steal_pointer (&verify_data->found);
}

static void
on_verified (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  StreamerVerification *found = streamer_call_finish (STREAMER_POOL (pool), result, NULL, &error);

  if (found != NULL)
    g_task_return_pointer (task, found, (GDestroyNotify) streamer_verification_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
streamer_verify_async (StreamerPool *pool,
                       StreamerConnection *connection,
                       const StreamerJournalEntry *receipt,
                       const char *path,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (pool, cancellable, callback, user_data);
  Verify *verify_data = g_new0 (Verify, 1);

  g_return_if_fail (STREAMER_IS_POOL (pool));
  g_return_if_fail (receipt->state == STREAMER_JOURNAL_DONE);

  verify_data->connection = g_object_ref (connection);
  verify_data->receipt = streamer_journal_entry_copy (receipt);
  verify_data->path = g_strdup (path);
  g_task_set_source_tag (task, streamer_verify_async);
  streamer_call_async (pool, streamer_connection_get_id (connection), 0, 0, verify, verify_data,
                       (GDestroyNotify) verify_free, (GDestroyNotify) streamer_verification_free,
                       NULL, cancellable, on_verified, g_steal_pointer (&task));
}

StreamerVerification *
streamer_verify_finish (StreamerPool *pool, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, pool), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_verify_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
