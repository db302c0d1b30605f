/* streamer-connection-test.c: whether uploads by a connection would get through, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-connection-test.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-s3-test.h"

static char *
ask_server (StreamerConnection *connection,
            StreamerHttp *http,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (StreamerStore) store = streamer_connection_open (connection, cancellable, error);
  StreamerLimits limits;
  g_autofree char *most = NULL;

  if (store == NULL || !streamer_store_get_limits (store, http, &limits, cancellable, error))
    return NULL;
  most = g_format_size_full (limits.max_object_size, G_FORMAT_SIZE_IEC_UNITS);
  /* Translators: %s is a size, such as "5.0 TiB". */
  return g_strdup_printf (_ ("It works. The server takes files of up to %s."), most);
}

static gpointer
test (StreamerHttp *http, gpointer task_data, GCancellable *cancellable, GError **error)
{
  StreamerConnection *connection = task_data;
  g_autoptr (StreamerS3Place) place = streamer_connection_dup_place (connection);
  GError *local_error = NULL;
  char *text;

  if (place != NULL)
    return streamer_s3_test (place, streamer_connection_get_id (connection),
                             streamer_connection_get_secrets (connection), http, cancellable,
                             error);

  text = ask_server (connection, http, cancellable, &local_error);
  if (local_error != NULL)
    {
      streamer_error_append_advice (local_error, streamer_error_get_advice (local_error));
      g_propagate_error (error, local_error);
    }
  return text;
}

void
streamer_connection_test_async (StreamerConnection *self,
                                StreamerPool *pool,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (STREAMER_IS_CONNECTION (self));
  g_return_if_fail (STREAMER_IS_POOL (pool));

  streamer_pool_run_async (pool, 0, test, g_object_ref (self), g_object_unref, g_free, cancellable,
                           callback, user_data);
}

char *
streamer_connection_test_finish (StreamerPool *pool, GAsyncResult *result, GError **error)
{
  return streamer_pool_run_finish (pool, result, error);
}
