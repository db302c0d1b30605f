/* streamer-link.c: the link to what was uploaded earlier
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: make_link() runs on a worker and sees only its task data; all else is the owner's. */

#include "streamer-link.h"

#include "streamer-call.h"

/* Somebody waits for it. */
#define PATIENCE (30 * G_TIME_SPAN_SECOND)

typedef struct
{
  StreamerConnection *connection; /* (owned) */
  char *key;                      /* (owned) */
  char *known;                    /* (owned) (nullable) */
} Link;

static void
link_free (Link *link)
{
  g_object_unref (link->connection);
  g_free (link->key);
  g_free (link->known);
  g_free (link);
}

static gpointer
make_link (StreamerHttp *http, gpointer data, GCancellable *cancellable, GError **error)
{
  Link *link = data;
  g_autoptr (StreamerS3Place) place = streamer_connection_dup_place (link->connection);
  guint expires_in = place != NULL ? place->link_expires : STREAMER_S3_LINK_MAX_SECONDS;
  g_autoptr (StreamerStore) store = NULL;
  g_autoptr (GError) local_error = NULL;
  char *url;

  store = streamer_connection_open (link->connection, cancellable, error);
  if (store == NULL)
    return NULL;
  url = streamer_store_link (store, http, link->key, expires_in, cancellable, &local_error);
  if (url == NULL && link->known != NULL &&
      g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return g_steal_pointer (&link->known);
  if (url == NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return url;
}

static void
on_made (GObject *pool, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  char *url = streamer_call_finish (STREAMER_POOL (pool), result, NULL, &error);

  if (url != NULL)
    g_task_return_pointer (task, url, g_free);
  else
    g_task_return_error (task, error);
}

/* Returns: (transfer full) (nullable) */
static char *
find_link (StreamerConnection *connection, const char *key, const char *known)
{
  char *own = streamer_connection_link (connection, NULL, key);

  if (own != NULL)
    return own;
  /* Nothing serves it unless the embedded backend runs. */
  if (streamer_connection_get_kind (connection) == STREAMER_CONNECTION_THIS_COMPUTER)
    return NULL;
  return g_strdup (known);
}

void
streamer_link_async (StreamerPool *pool,
                     StreamerConnection *connection,
                     const char *key,
                     const char *known,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (pool, cancellable, callback, user_data);
  char *found = find_link (connection, key, known);
  Link *link;

  g_task_set_source_tag (task, streamer_link_async);
  if (found != NULL)
    {
      g_task_return_pointer (task, found, g_free);
      return;
    }
  link = g_new0 (Link, 1);
  link->connection = g_object_ref (connection);
  link->key = g_strdup (key);
  link->known = g_strdup (known);
  streamer_call_async (pool, streamer_connection_get_id (connection), PATIENCE, 0, make_link, link,
                       (GDestroyNotify) link_free, g_free, NULL, cancellable, on_made,
                       g_steal_pointer (&task));
}

char *
streamer_link_finish (StreamerPool *pool, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, pool), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_link_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
