/* streamer-s3-place.c: a bucket as a user describes it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-place.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-s3-secrets-provider.h"
#include "streamer-url.h"

#define FALLBACK_REGION "us-east-1"

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, sentence);
  return FALSE;
}

static gboolean
is_set (const char *text)
{
  return text != NULL && *text != '\0';
}

/* Amazon S3 User Guide, "Bucket naming rules", as far as all stores agree; it also keeps the name
 * from meaning anything in a host or a path. */
static gboolean
is_bucket_name (const char *name)
{
  gsize length = strlen (name);

  if (length < 3 || length > 63 || name[0] == '.' || name[length - 1] == '.' ||
      strstr (name, "..") != NULL)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && strchr ("-._", name[i]) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_region_name (const char *name)
{
  return strlen (name) <= 64 &&
         name[strspn (name, "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] == '\0';
}

static char *
get_region (const StreamerS3Place *self)
{
  char *region =
      is_set (self->region) ? g_strdup (self->region) : streamer_s3_default_region (self->profile);

  return region != NULL ? region : g_strdup (FALLBACK_REGION);
}

static gboolean
fill_location (const StreamerS3Place *self, StreamerS3Location *location, GError **error)
{
  if (!is_set (self->bucket) || !is_bucket_name (self->bucket))
    return refuse (error, _ ("The bucket has no usable name."));
  location->region = get_region (self);
  if (!is_region_name (location->region))
    return refuse (error, _ ("The region has no usable name."));
  if (is_set (self->endpoint) && !streamer_url_is_usable (self->endpoint))
    return refuse (error, _ ("The endpoint cannot be used. It has to look like "
                             "https://s3.example.com."));

  location->endpoint = is_set (self->endpoint)
                           ? g_strdup (self->endpoint)
                           : g_strdup_printf ("https://s3.%s.amazonaws.com", location->region);
  location->bucket = g_strdup (self->bucket);
  location->prefix = is_set (self->prefix) ? g_strdup (self->prefix) : NULL;
  location->path_style = is_set (self->endpoint) && !self->virtual_host;
  return TRUE;
}

StreamerS3Place *
streamer_s3_place_new (void)
{
  StreamerS3Place *self = g_atomic_rc_box_new0 (StreamerS3Place);

  self->link_expires = STREAMER_S3_LINK_MAX_SECONDS;
  return self;
}

gboolean
streamer_s3_place_set_uri (StreamerS3Place *self, const char *uri, GError **error)
{
  g_autofree char *bucket = NULL;
  g_autofree char *prefix = NULL;
  const char *slash;

  g_return_val_if_fail (self != NULL && uri != NULL, FALSE);

  if (!g_str_has_prefix (uri, "s3://"))
    return refuse (error, _ ("A bucket is named as s3://BUCKET or s3://BUCKET/PREFIX."));
  uri += strlen ("s3://");
  slash = strchrnul (uri, '/');
  bucket = g_strndup (uri, slash - uri);
  if (!is_bucket_name (bucket))
    return refuse (error, _ ("The bucket has no usable name."));
  if (slash[strspn (slash, "/")] != '\0' &&
      (prefix = streamer_key_canonicalize (slash, -1, error)) == NULL)
    return FALSE;

  g_free (self->bucket);
  g_free (self->prefix);
  self->bucket = g_steal_pointer (&bucket);
  self->prefix = g_steal_pointer (&prefix);
  return TRUE;
}

StreamerS3Place *
streamer_s3_place_copy_for_key (const StreamerS3Place *self, const char *access_key)
{
  StreamerS3Place *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = streamer_s3_place_new ();
  copy->endpoint = g_strdup (self->endpoint);
  copy->region = g_strdup (self->region);
  copy->bucket = g_strdup (self->bucket);
  copy->prefix = g_strdup (self->prefix);
  copy->virtual_host = self->virtual_host;
  copy->access_key = g_strdup (access_key);
  copy->profile = g_strdup (self->profile);
  copy->storage_class = g_strdup (self->storage_class);
  copy->link_expires = self->link_expires;
  return copy;
}

StreamerS3Client *
streamer_s3_place_open (const StreamerS3Place *self,
                        const char *connection_id,
                        StreamerSecrets *secrets,
                        GError **error)
{
  StreamerS3Location location = { 0 };
  g_autoptr (StreamerS3CredentialsProvider) provider = NULL;
  StreamerS3Client *client = NULL;

  g_return_val_if_fail (self != NULL && connection_id != NULL, NULL);
  g_return_val_if_fail (STREAMER_IS_SECRETS (secrets), NULL);

  if (fill_location (self, &location, error))
    {
      provider = is_set (self->access_key)
                     ? streamer_s3_secrets_provider_new (self->access_key, connection_id, secrets)
                     : streamer_s3_default_provider_new (self->profile);
      client = streamer_s3_client_new (&location, provider);
    }
  streamer_s3_location_clear (&location);
  return client;
}

StreamerS3Place *
streamer_s3_place_ref (StreamerS3Place *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
streamer_s3_place_clear (StreamerS3Place *self)
{
  g_free (self->endpoint);
  g_free (self->region);
  g_free (self->bucket);
  g_free (self->prefix);
  g_free (self->access_key);
  g_free (self->profile);
  g_free (self->storage_class);
}

void
streamer_s3_place_unref (StreamerS3Place *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) streamer_s3_place_clear);
}
