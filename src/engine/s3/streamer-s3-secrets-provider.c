/* streamer-s3-secrets-provider.c: signs with a key that is kept among the user's secrets
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-secrets-provider.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"

#define STREAMER_TYPE_S3_SECRETS_PROVIDER (streamer_s3_secrets_provider_get_type ())
G_DECLARE_FINAL_TYPE (StreamerS3SecretsProvider,
                      streamer_s3_secrets_provider,
                      STREAMER,
                      S3_SECRETS_PROVIDER,
                      GObject)

struct _StreamerS3SecretsProvider
{
  GObject parent_instance;

  char *access_key;         /* (owned) */
  char *connection_id;      /* (owned) */
  StreamerSecrets *secrets; /* (owned) */
};

static void provider_iface_init (StreamerS3CredentialsProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerS3SecretsProvider,
                               streamer_s3_secrets_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_S3_CREDENTIALS_PROVIDER,
                                                      provider_iface_init))

static StreamerS3Credentials *
get (StreamerS3CredentialsProvider *provider,
     gboolean refresh,
     GCancellable *cancellable,
     GError **error)
{
  StreamerS3SecretsProvider *self = (StreamerS3SecretsProvider *) provider;
  g_autoptr (GError) local_error = NULL;
  StreamerS3Credentials *credentials;
  char *secret_key = streamer_secrets_lookup (self->secrets, self->connection_id,
                                              STREAMER_SECRET_S3_KEY, cancellable, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (secret_key == NULL)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                           _ ("The secret key of this connection is not known."));
      return NULL;
    }
  credentials = streamer_s3_credentials_new (self->access_key, secret_key, NULL, 0);
  streamer_s3_secret_free (secret_key);
  return credentials;
}

static void
streamer_s3_secrets_provider_finalize (GObject *object)
{
  StreamerS3SecretsProvider *self = (StreamerS3SecretsProvider *) object;

  g_free (self->access_key);
  g_free (self->connection_id);
  g_object_unref (self->secrets);

  G_OBJECT_CLASS (streamer_s3_secrets_provider_parent_class)->finalize (object);
}

static void
provider_iface_init (StreamerS3CredentialsProviderInterface *iface)
{
  iface->get = get;
}

static void
streamer_s3_secrets_provider_class_init (StreamerS3SecretsProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_s3_secrets_provider_finalize;
}

static void
streamer_s3_secrets_provider_init (StreamerS3SecretsProvider *self)
{
}

StreamerS3CredentialsProvider *
streamer_s3_secrets_provider_new (const char *access_key,
                                  const char *connection_id,
                                  StreamerSecrets *secrets)
{
  StreamerS3SecretsProvider *self = g_object_new (STREAMER_TYPE_S3_SECRETS_PROVIDER, NULL);

  self->access_key = g_strdup (access_key);
  self->connection_id = g_strdup (connection_id);
  self->secrets = g_object_ref (secrets);
  return STREAMER_S3_CREDENTIALS_PROVIDER (self);
}
