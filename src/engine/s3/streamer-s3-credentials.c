/* streamer-s3-credentials.c: the keys to sign with, and who gives them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-credentials.h"

#include <gnutls/gnutls.h>
#include <string.h>

/* What nobody else sees of credentials. */
typedef struct
{
  StreamerS3Credentials credentials;

  GMutex lock; /* guards what follows */
  char *scope; /* (owned) (nullable): what the key was derived for */
  guint8 key[STREAMER_SIGV4_KEY_BYTES];
} Credentials;

struct _StreamerS3StaticProvider
{
  GObject parent_instance;

  StreamerS3Credentials *credentials; /* (owned) */
};

#define STREAMER_TYPE_S3_STATIC_PROVIDER (streamer_s3_static_provider_get_type ())
G_DECLARE_FINAL_TYPE (StreamerS3StaticProvider,
                      streamer_s3_static_provider,
                      STREAMER,
                      S3_STATIC_PROVIDER,
                      GObject)

G_DEFINE_INTERFACE (StreamerS3CredentialsProvider, streamer_s3_credentials_provider, G_TYPE_OBJECT)

void
streamer_s3_secret_free (char *secret)
{
  if (secret != NULL)
    gnutls_memset (secret, 0, strlen (secret));
  g_free (secret);
}

StreamerS3Credentials *
streamer_s3_credentials_new (const char *access_key,
                             const char *secret_key,
                             const char *session_token,
                             gint64 expires)
{
  StreamerS3Credentials *credentials;
  Credentials *own;

  g_return_val_if_fail (access_key != NULL && secret_key != NULL, NULL);

  own = g_atomic_rc_box_new0 (Credentials);
  g_mutex_init (&own->lock);
  credentials = &own->credentials;
  credentials->access_key = g_strdup (access_key);
  credentials->secret_key = g_strdup (secret_key);
  credentials->session_token =
      session_token != NULL && *session_token != '\0' ? g_strdup (session_token) : NULL;
  credentials->expires = expires;
  return credentials;
}

StreamerS3Credentials *
streamer_s3_credentials_ref (StreamerS3Credentials *credentials)
{
  return g_atomic_rc_box_acquire (credentials);
}

static void
credentials_clear (gpointer data)
{
  Credentials *own = data;

  g_free (own->credentials.access_key);
  streamer_s3_secret_free (own->credentials.secret_key);
  streamer_s3_secret_free (own->credentials.session_token);
  gnutls_memset (own->key, 0, sizeof own->key);
  g_free (own->scope);
  g_mutex_clear (&own->lock);
}

void
streamer_s3_credentials_unref (StreamerS3Credentials *credentials)
{
  g_atomic_rc_box_release_full (credentials, credentials_clear);
}

gboolean
streamer_s3_credentials_find_key (StreamerS3Credentials *credentials,
                                  const char *scope,
                                  guint8 *key)
{
  Credentials *own = (Credentials *) credentials;
  gboolean found;

  g_mutex_lock (&own->lock);
  found = g_strcmp0 (own->scope, scope) == 0;
  if (found)
    memcpy (key, own->key, sizeof own->key);
  g_mutex_unlock (&own->lock);
  return found;
}

void
streamer_s3_credentials_keep_key (StreamerS3Credentials *credentials,
                                  const char *scope,
                                  const guint8 *key)
{
  Credentials *own = (Credentials *) credentials;

  g_mutex_lock (&own->lock);
  if (g_strcmp0 (own->scope, scope) != 0)
    {
      g_free (own->scope);
      own->scope = g_strdup (scope);
    }
  memcpy (own->key, key, sizeof own->key);
  g_mutex_unlock (&own->lock);
}

static void
streamer_s3_credentials_provider_default_init (StreamerS3CredentialsProviderInterface *iface)
{
}

StreamerS3Credentials *
streamer_s3_credentials_provider_get (StreamerS3CredentialsProvider *self,
                                      gboolean refresh,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_return_val_if_fail (STREAMER_IS_S3_CREDENTIALS_PROVIDER (self), NULL);

  return STREAMER_S3_CREDENTIALS_PROVIDER_GET_IFACE (self)->get (self, refresh, cancellable, error);
}

static StreamerS3Credentials *
static_provider_get (StreamerS3CredentialsProvider *provider,
                     gboolean refresh,
                     GCancellable *cancellable,
                     GError **error)
{
  return streamer_s3_credentials_ref (STREAMER_S3_STATIC_PROVIDER (provider)->credentials);
}

static void
provider_iface_init (StreamerS3CredentialsProviderInterface *iface)
{
  iface->get = static_provider_get;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerS3StaticProvider,
                               streamer_s3_static_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_S3_CREDENTIALS_PROVIDER,
                                                      provider_iface_init))

static void
streamer_s3_static_provider_finalize (GObject *object)
{
  StreamerS3StaticProvider *self = STREAMER_S3_STATIC_PROVIDER (object);

  streamer_s3_credentials_unref (self->credentials);

  G_OBJECT_CLASS (streamer_s3_static_provider_parent_class)->finalize (object);
}

static void
streamer_s3_static_provider_class_init (StreamerS3StaticProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_s3_static_provider_finalize;
}

static void
streamer_s3_static_provider_init (StreamerS3StaticProvider *self)
{
}

StreamerS3CredentialsProvider *
streamer_s3_static_provider_new (StreamerS3Credentials *credentials)
{
  StreamerS3StaticProvider *self;

  g_return_val_if_fail (credentials != NULL, NULL);

  self = g_object_new (STREAMER_TYPE_S3_STATIC_PROVIDER, NULL);
  self->credentials = streamer_s3_credentials_ref (credentials);
  return STREAMER_S3_CREDENTIALS_PROVIDER (self);
}
