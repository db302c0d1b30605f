/* streamer-s3-client.c: the S3 client: where it goes, who signs, and URLs for others
 *
 * Any thread. What answers teach (the bucket's region, the store's clock) is kept under the lock;
 * each attempt takes a copy of it first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-client-private.h"

G_DEFINE_FINAL_TYPE (StreamerS3Client, streamer_s3_client, G_TYPE_OBJECT)

void
streamer_s3_context_clear (StreamerS3Context *context)
{
  streamer_s3_location_clear (&context->location);
  streamer_s3_address_clear (&context->address);
  g_clear_pointer (&context->credentials, streamer_s3_credentials_unref);
}

gboolean
streamer_s3_context_init (StreamerS3Context *context,
                          StreamerS3Client *client,
                          const char *key,
                          GCancellable *cancellable,
                          GError **error)
{
  gint64 offset;

  g_mutex_lock (&client->lock);
  streamer_s3_location_copy (&client->location, &context->location);
  offset = client->clock_offset;
  g_mutex_unlock (&client->lock);

  if (!streamer_s3_address_init (&context->address, &context->location, key, error))
    return FALSE;
  context->credentials =
      streamer_s3_credentials_provider_get (client->provider, FALSE, cancellable, error);
  if (context->credentials == NULL)
    return FALSE;

  context->signer.credentials = context->credentials;
  context->signer.region = context->location.region;
  context->signer.service = "s3";
  context->signer.time = g_get_real_time () / G_USEC_PER_SEC + offset;
  return TRUE;
}

static void
streamer_s3_client_finalize (GObject *object)
{
  StreamerS3Client *self = STREAMER_S3_CLIENT (object);

  g_object_unref (self->provider);
  streamer_s3_location_clear (&self->location);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (streamer_s3_client_parent_class)->finalize (object);
}

static void
streamer_s3_client_class_init (StreamerS3ClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_s3_client_finalize;
}

static void
streamer_s3_client_init (StreamerS3Client *self)
{
  g_mutex_init (&self->lock);
}

StreamerS3Client *
streamer_s3_client_new (const StreamerS3Location *location, StreamerS3CredentialsProvider *provider)
{
  StreamerS3Client *self;

  g_return_val_if_fail (location != NULL && location->region != NULL, NULL);
  g_return_val_if_fail (STREAMER_IS_S3_CREDENTIALS_PROVIDER (provider), NULL);

  self = g_object_new (STREAMER_TYPE_S3_CLIENT, NULL);
  self->provider = g_object_ref (provider);
  streamer_s3_location_copy (location, &self->location);
  return self;
}

gint64
streamer_s3_client_get_clock_offset (StreamerS3Client *self)
{
  gint64 offset;

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self), 0);

  g_mutex_lock (&self->lock);
  offset = self->clock_offset;
  g_mutex_unlock (&self->lock);
  return offset;
}

char *
streamer_s3_client_dup_region (StreamerS3Client *self)
{
  char *region;

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self), NULL);

  g_mutex_lock (&self->lock);
  region = g_strdup (self->location.region);
  g_mutex_unlock (&self->lock);
  return region;
}

char *
streamer_s3_client_presign (StreamerS3Client *self,
                            const char *method,
                            const char *key,
                            const char *const *query,
                            const char *const *headers,
                            guint expires_in,
                            GCancellable *cancellable,
                            GError **error)
{
  g_auto (StreamerS3Context) context = { 0 };

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL && key != NULL, NULL);

  if (!streamer_s3_context_init (&context, self, key, cancellable, error))
    return NULL;
  return streamer_sigv4_presign (&context.signer, method, context.address.base,
                                 context.address.path, query, headers, expires_in);
}
