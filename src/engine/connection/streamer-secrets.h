/* streamer-secrets.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * StreamerSecretKind:
 * @STREAMER_SECRET_TOKEN: the bearer token of a backend
 * @STREAMER_SECRET_API_KEY: the API key of a backend
 * @STREAMER_SECRET_S3_KEY: the secret key that belongs to an access key of S3
 */
typedef enum
{
  STREAMER_SECRET_TOKEN,
  STREAMER_SECRET_API_KEY,
  STREAMER_SECRET_S3_KEY,
} StreamerSecretKind;

#define STREAMER_TYPE_SECRETS (streamer_secrets_get_type ())
G_DECLARE_INTERFACE (StreamerSecrets, streamer_secrets, STREAMER, SECRETS, GObject)

/**
 * StreamerSecrets:
 *
 * Where tokens and API keys are kept. Blocking calls for worker threads, from several at a time.
 */
struct _StreamerSecretsInterface
{
  GTypeInterface parent_iface;

  char *(*lookup) (StreamerSecrets *self,
                   const char *connection_id,
                   StreamerSecretKind kind,
                   GCancellable *cancellable,
                   GError **error);
  gboolean (*store) (StreamerSecrets *self,
                     const char *connection_id,
                     StreamerSecretKind kind,
                     const char *secret,
                     gboolean *kept,
                     GCancellable *cancellable,
                     GError **error);
};

/** Returns: (transfer full) (nullable): NULL without an error where there is none */
char *streamer_secrets_lookup (StreamerSecrets *self,
                               const char *connection_id,
                               StreamerSecretKind kind,
                               GCancellable *cancellable,
                               GError **error);

/**
 * streamer_secrets_store:
 * @secret: (nullable): NULL forgets it
 * @kept: (out) (optional): TRUE where it survives this run, FALSE where it is only in memory
 */
gboolean streamer_secrets_store (StreamerSecrets *self,
                                 const char *connection_id,
                                 StreamerSecretKind kind,
                                 const char *secret,
                                 gboolean *kept,
                                 GCancellable *cancellable,
                                 GError **error);

/* The same from the owner's thread; on GTask's threads, since they are short. */
void streamer_secrets_lookup_async (StreamerSecrets *self,
                                    const char *connection_id,
                                    StreamerSecretKind kind,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
char *streamer_secrets_lookup_finish (StreamerSecrets *self, GAsyncResult *result, GError **error);
void streamer_secrets_store_async (StreamerSecrets *self,
                                   const char *connection_id,
                                   StreamerSecretKind kind,
                                   const char *secret,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean streamer_secrets_store_finish (StreamerSecrets *self,
                                        GAsyncResult *result,
                                        gboolean *kept,
                                        GError **error);

#define STREAMER_TYPE_MEMORY_SECRETS (streamer_memory_secrets_get_type ())
G_DECLARE_FINAL_TYPE (StreamerMemorySecrets,
                      streamer_memory_secrets,
                      STREAMER,
                      MEMORY_SECRETS,
                      GObject)

/**
 * streamer_memory_secrets_new:
 * @fallback: (nullable): asked for what is not here, and never changed
 *
 * Secrets that are handed in (files, standard input, environment) and end with the process.
 */
StreamerSecrets *streamer_memory_secrets_new (StreamerSecrets *fallback);

#define STREAMER_TYPE_KEYRING_SECRETS (streamer_keyring_secrets_get_type ())
G_DECLARE_FINAL_TYPE (StreamerKeyringSecrets,
                      streamer_keyring_secrets,
                      STREAMER,
                      KEYRING_SECRETS,
                      GObject)

/**
 * streamer_keyring_secrets_new:
 *
 * Secrets in the user's keyring (Secret Service). Without a session bus or a service they are
 * kept in memory for this run, and streamer_secrets_store() says so by @kept.
 */
StreamerSecrets *streamer_keyring_secrets_new (void);

G_END_DECLS
