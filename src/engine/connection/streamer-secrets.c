/* streamer-secrets.c: what tokens and API keys are asked from
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The blocking calls may come from any thread. The asynchronous ones run them on GTask's threads
 * and call back in the caller's context.
 */

#include "streamer-secrets.h"

typedef struct
{
  char *connection_id; /* (owned) */
  StreamerSecretKind kind;
  char *secret;  /* (owned) (nullable): to be stored */
  gboolean kept; /* what storing it came to */
} Request;

G_DEFINE_INTERFACE (StreamerSecrets, streamer_secrets, G_TYPE_OBJECT)

static void
request_free (Request *request)
{
  g_free (request->connection_id);
  g_free (request->secret);
  g_free (request);
}

static GTask *
request_task_new (StreamerSecrets *self,
                  const char *connection_id,
                  StreamerSecretKind kind,
                  const char *secret,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->connection_id = g_strdup (connection_id);
  request->kind = kind;
  request->secret = g_strdup (secret);
  g_task_set_task_data (task, request, (GDestroyNotify) request_free);

  return task;
}

static void
lookup_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;
  GError *error = NULL;
  char *secret;

  secret =
      streamer_secrets_lookup (source, request->connection_id, request->kind, cancellable, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, secret, g_free);
}

static void
store_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;
  GError *error = NULL;

  if (streamer_secrets_store (source, request->connection_id, request->kind, request->secret,
                              &request->kept, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
streamer_secrets_default_init (StreamerSecretsInterface *iface)
{
}

char *
streamer_secrets_lookup (StreamerSecrets *self,
                         const char *connection_id,
                         StreamerSecretKind kind,
                         GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (STREAMER_IS_SECRETS (self), NULL);
  g_return_val_if_fail (connection_id != NULL, NULL);

  return STREAMER_SECRETS_GET_IFACE (self)->lookup (self, connection_id, kind, cancellable, error);
}

gboolean
streamer_secrets_store (StreamerSecrets *self,
                        const char *connection_id,
                        StreamerSecretKind kind,
                        const char *secret,
                        gboolean *kept,
                        GCancellable *cancellable,
                        GError **error)
{
  gboolean unused;

  g_return_val_if_fail (STREAMER_IS_SECRETS (self), FALSE);
  g_return_val_if_fail (connection_id != NULL, FALSE);

  return STREAMER_SECRETS_GET_IFACE (self)->store (
      self, connection_id, kind, secret, kept != NULL ? kept : &unused, cancellable, error);
}

void
streamer_secrets_lookup_async (StreamerSecrets *self,
                               const char *connection_id,
                               StreamerSecretKind kind,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (STREAMER_IS_SECRETS (self));
  g_return_if_fail (connection_id != NULL);

  task = request_task_new (self, connection_id, kind, NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, streamer_secrets_lookup_async);
  g_task_run_in_thread (task, lookup_in_thread);
}

char *
streamer_secrets_lookup_finish (StreamerSecrets *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_secrets_lookup_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
streamer_secrets_store_async (StreamerSecrets *self,
                              const char *connection_id,
                              StreamerSecretKind kind,
                              const char *secret,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (STREAMER_IS_SECRETS (self));
  g_return_if_fail (connection_id != NULL);

  task = request_task_new (self, connection_id, kind, secret, cancellable, callback, user_data);
  g_task_set_source_tag (task, streamer_secrets_store_async);
  g_task_run_in_thread (task, store_in_thread);
}

gboolean
streamer_secrets_store_finish (StreamerSecrets *self,
                               GAsyncResult *result,
                               gboolean *kept,
                               GError **error)
{
  Request *request;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, streamer_secrets_store_async), FALSE);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  request = g_task_get_task_data (G_TASK (result));
  if (kept != NULL)
    *kept = request->kept;
  return TRUE;
}
