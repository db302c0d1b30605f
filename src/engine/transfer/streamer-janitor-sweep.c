/* streamer-janitor-sweep.c: uploads that may have been begun without anybody having heard of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: workers. */

#include "streamer-janitor.h"

#include "streamer-error.h"

/* How far the store's clock may be from ours, the time that the request took included. */
#define BEGAN_WITHIN_SECONDS 60

/* @journaled: (nullable) (element-type StreamerJournalUpload) */
static gboolean
is_known (const StreamerUnfinished *found, GPtrArray *journaled)
{
  for (guint i = 0; journaled != NULL && i < journaled->len; i++)
    {
      const StreamerJournalUpload *upload = journaled->pdata[i];

      if (upload->upload_id != NULL && streamer_unfinished_is (found, upload->upload_id))
        return TRUE;
    }
  return FALSE;
}

/* Returns: FALSE where the store fails; what it does not know any more is gone */
static gboolean
abort_if_empty (StreamerStore *store,
                StreamerHttp *http,
                const StreamerUpload *upload,
                const char *upload_id,
                GCancellable *cancellable,
                GError **error)
{
  const StreamerPlan plan = { upload->size, upload->part_size, upload->n_parts };
  g_autoptr (StreamerUpload) found =
      streamer_upload_new (upload->key, &plan, upload->content_type, upload->overwrite);
  g_autoptr (GArray) parts = NULL;
  g_autoptr (GError) local_error = NULL;

  found->upload_id = g_strdup (upload_id);
  parts = streamer_store_list_parts (store, http, found, cancellable, &local_error);
  if (parts != NULL && parts->len > 0)
    return TRUE;
  if (parts != NULL && streamer_store_cancel (store, http, found, cancellable, &local_error))
    {
      g_debug ("aborted an upload whose beginning nobody had heard of");
      return TRUE;
    }
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Keys may begin uploads and not see what is unfinished in the bucket; not every store can say. */
static gboolean
cannot_tell (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_INVALID) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
}

gboolean
streamer_janitor_sweep_beginning (StreamerJournal *journal,
                                  StreamerStore *store,
                                  StreamerHttp *http,
                                  const StreamerUpload *upload,
                                  gint64 began_at,
                                  gboolean *can_tell,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (GArray) unfinished = NULL;
  g_autoptr (GPtrArray) journaled = NULL;
  g_autoptr (GError) local_error = NULL;

  unfinished = streamer_store_list_unfinished (store, http, upload->key, cancellable, &local_error);
  if (can_tell != NULL)
    *can_tell = unfinished != NULL;
  if (cannot_tell (local_error))
    return TRUE;
  if (unfinished == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (journal != NULL && unfinished->len > 0)
    {
      journaled = streamer_journal_list_uploads (journal, NULL, error);
      if (journaled == NULL)
        return FALSE;
    }

  for (guint i = 0; i < unfinished->len; i++)
    {
      const StreamerUnfinished *found = &g_array_index (unfinished, StreamerUnfinished, i);
      gint64 apart = found->began_at - began_at / G_USEC_PER_SEC;

      if (!g_str_equal (found->key, upload->key) || ABS (apart) > BEGAN_WITHIN_SECONDS ||
          is_known (found, journaled))
        continue;
      if (!abort_if_empty (store, http, upload, found->upload_id, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/* What a store would not begin it has not begun. Whom it does not let in it says nothing of that. */
static gboolean
has_not_begun (const GError *error)
{
  return g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_INVALID) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE) ||
         g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA);
}

gboolean
streamer_janitor_end_beginning (StreamerJournal *journal,
                                StreamerStore *store,
                                StreamerHttp *http,
                                StreamerUpload *upload,
                                gint64 began_at,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gboolean can_tell;

  if (!streamer_janitor_sweep_beginning (journal, store, http, upload, began_at, &can_tell,
                                         cancellable, error))
    return FALSE;
  if (can_tell)
    return TRUE;
  /* Asked again, the store names the upload that it has begun, or begins it now. */
  if (streamer_store_begin (store, http, upload, cancellable, &local_error) ||
      has_not_begun (local_error))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
