/* streamer-s3-default-provider.c: keys from where all of Amazon's tools look for them
 *
 * Any thread. What was found is kept under the lock; one worker at a time looks anew, the others
 * wait for its turn to end and take what it found, or its error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-s3-credentials.h"
#include "streamer-s3-metadata.h"
#include "streamer-s3-profile.h"
#include "streamer-turn.h"

/* Seconds before they expire that keys are replaced: Amazon gives new ones at least 5 min ahead. */
#define REFRESH_AHEAD 300
/* Seconds between two looks that nothing but the time asks for: a wrong clock must not make each
 * request fetch keys, nor a service that is down. */
#define LOOK_INTERVAL 60

struct _StreamerS3DefaultProvider
{
  GObject parent_instance;

  char *profile;     /* (owned) (nullable) */
  StreamerTurn turn; /* to look anew */

  GMutex lock;                    /* guards what follows */
  StreamerS3Credentials *current; /* (owned) (nullable) */
  GError *failure;                /* (owned) (nullable): of the last look */
  guint n_looks;
  gint64 next_look; /* monotonic time before which the time alone asks for none */
  gboolean from_instance;
};

#define STREAMER_TYPE_S3_DEFAULT_PROVIDER (streamer_s3_default_provider_get_type ())
G_DECLARE_FINAL_TYPE (StreamerS3DefaultProvider,
                      streamer_s3_default_provider,
                      STREAMER,
                      S3_DEFAULT_PROVIDER,
                      GObject)

static const char *
get_variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

/* Returns: (nullable): NULL without an error where the environment has none */
static StreamerS3Credentials *
get_from_environment (GError **error)
{
  const char *access_key = get_variable ("AWS_ACCESS_KEY_ID");
  const char *secret_key = get_variable ("AWS_SECRET_ACCESS_KEY");

  if (access_key == NULL && secret_key == NULL)
    return NULL;
  if (access_key == NULL || secret_key == NULL)
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                   /* Translators: two names of environment variables */
                   _ ("%s is set in the environment, but %s is not."),
                   access_key != NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                   access_key != NULL ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
      return NULL;
    }
  return streamer_s3_credentials_new (access_key, secret_key, get_variable ("AWS_SESSION_TOKEN"),
                                      0);
}

/* @needed: it was named, so that having no keys there is an error.
 *
 * Returns: (nullable): NULL without an error where it has none and need not have any */
static StreamerS3Credentials *
get_from_profile (const char *name, gboolean needed, GError **error)
{
  g_auto (StreamerS3Profile) profile = { 0 };

  if (!streamer_s3_profile_load (&profile, name, error))
    return NULL;
  if (profile.access_key != NULL && profile.secret_key != NULL)
    return streamer_s3_credentials_new (profile.access_key, profile.secret_key,
                                        profile.session_token, 0);
  if (needed && !profile.found)
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                 /* Translators: %s is the name of a section in ~/.aws/credentials */
                 _ ("There is no profile “%s” in the files with the keys."), name);
  else if (needed || profile.access_key != NULL || profile.secret_key != NULL)
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                 /* Translators: %s is the name of a section in ~/.aws/credentials */
                 _ ("The profile “%s” has no access key with a secret key."), name);
  return NULL;
}

static StreamerS3Credentials *
get_from_instance (gboolean was_there, GCancellable *cancellable, GError **error)
{
  const char *disabled = get_variable ("AWS_EC2_METADATA_DISABLED");
  StreamerS3Credentials *credentials;
  GError *local_error = NULL;

  if (disabled == NULL || g_ascii_strcasecmp (disabled, "true") != 0)
    {
      credentials = streamer_s3_instance_get (cancellable, &local_error);
      if (credentials != NULL)
        return credentials;
      if (was_there || g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, local_error);
          return NULL;
        }
      g_debug ("no keys of an instance: %s", local_error->message);
      g_error_free (local_error);
    }
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                       _ ("No keys for S3 were found: neither in the environment, nor in a profile "
                          "of the file with the keys, nor has this machine a role."));
  return NULL;
}

/* @from_instance: (inout) */
static StreamerS3Credentials *
look (const char *profile, gboolean *from_instance, GCancellable *cancellable, GError **error)
{
  const char *named = get_variable ("AWS_PROFILE");
  StreamerS3Credentials *credentials;
  GError *local_error = NULL;
  gboolean found = FALSE;

  if (profile != NULL)
    return get_from_profile (profile, TRUE, error);

  credentials = get_from_environment (&local_error);
  if (credentials == NULL && local_error == NULL)
    credentials = get_from_profile (named != NULL ? named : "default", named != NULL, &local_error);
  if (credentials == NULL && local_error == NULL)
    credentials = streamer_s3_container_get (&found, cancellable, &local_error);
  if (credentials == NULL && local_error == NULL && !found)
    {
      credentials = get_from_instance (*from_instance, cancellable, &local_error);
      *from_instance |= credentials != NULL;
    }
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  return credentials;
}

/* With the lock held. */
static gboolean
is_fresh (StreamerS3DefaultProvider *self)
{
  if (self->current == NULL)
    return FALSE;
  return self->current->expires == 0 || g_get_monotonic_time () < self->next_look ||
         self->current->expires - g_get_real_time () / G_USEC_PER_SEC > REFRESH_AHEAD;
}

/* With the turn taken. */
static void
look_anew (StreamerS3DefaultProvider *self, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  gboolean from_instance;
  StreamerS3Credentials *found;

  g_mutex_lock (&self->lock);
  from_instance = self->from_instance;
  g_mutex_unlock (&self->lock);
  found = look (self->profile, &from_instance, cancellable, &error);

  g_mutex_lock (&self->lock);
  g_clear_error (&self->failure);
  if (found != NULL)
    {
      g_clear_pointer (&self->current, streamer_s3_credentials_unref);
      self->current = found;
    }
  else
    self->failure = g_steal_pointer (&error);
  self->from_instance = from_instance;
  self->n_looks++;
  self->next_look = g_get_monotonic_time () + LOOK_INTERVAL * G_TIME_SPAN_SECOND;
  g_mutex_unlock (&self->lock);
}

/* With the lock held: what the last look gave. @refused: the keys from before it are of no use. */
static StreamerS3Credentials *
take_result (StreamerS3DefaultProvider *self, gboolean refused, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (self->failure == NULL)
    return streamer_s3_credentials_ref (self->current);
  if (!refused && self->current != NULL && self->current->expires > now)
    {
      g_debug ("the keys go on for some time: %s", self->failure->message);
      return streamer_s3_credentials_ref (self->current);
    }
  if (error != NULL)
    *error = g_error_copy (self->failure);
  return NULL;
}

static StreamerS3Credentials *
default_provider_get (StreamerS3CredentialsProvider *provider,
                      gboolean refresh,
                      GCancellable *cancellable,
                      GError **error)
{
  StreamerS3DefaultProvider *self = STREAMER_S3_DEFAULT_PROVIDER (provider);
  StreamerS3Credentials *result = NULL;
  guint n_looks;

  g_mutex_lock (&self->lock);
  if (!refresh && is_fresh (self))
    result = streamer_s3_credentials_ref (self->current);
  n_looks = self->n_looks;
  g_mutex_unlock (&self->lock);
  if (result != NULL)
    return result;

  if (!streamer_turn_take (&self->turn, cancellable, error))
    return NULL;
  g_mutex_lock (&self->lock);
  if (self->n_looks == n_looks || g_error_matches (self->failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_mutex_unlock (&self->lock);
      look_anew (self, cancellable);
      g_mutex_lock (&self->lock);
    }
  result = take_result (self, refresh, error);
  g_mutex_unlock (&self->lock);
  streamer_turn_give (&self->turn);
  return result;
}

static void
provider_iface_init (StreamerS3CredentialsProviderInterface *iface)
{
  iface->get = default_provider_get;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerS3DefaultProvider,
                               streamer_s3_default_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_S3_CREDENTIALS_PROVIDER,
                                                      provider_iface_init))

static void
streamer_s3_default_provider_finalize (GObject *object)
{
  StreamerS3DefaultProvider *self = STREAMER_S3_DEFAULT_PROVIDER (object);

  g_free (self->profile);
  g_clear_pointer (&self->current, streamer_s3_credentials_unref);
  g_clear_error (&self->failure);
  g_mutex_clear (&self->lock);
  streamer_turn_clear (&self->turn);

  G_OBJECT_CLASS (streamer_s3_default_provider_parent_class)->finalize (object);
}

static void
streamer_s3_default_provider_class_init (StreamerS3DefaultProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_s3_default_provider_finalize;
}

static void
streamer_s3_default_provider_init (StreamerS3DefaultProvider *self)
{
  g_mutex_init (&self->lock);
  streamer_turn_init (&self->turn);
}

StreamerS3CredentialsProvider *
streamer_s3_default_provider_new (const char *profile)
{
  StreamerS3DefaultProvider *self = g_object_new (STREAMER_TYPE_S3_DEFAULT_PROVIDER, NULL);

  self->profile = profile != NULL && *profile != '\0' ? g_strdup (profile) : NULL;
  return STREAMER_S3_CREDENTIALS_PROVIDER (self);
}

static char *
get_region_of_profile (const char *name)
{
  g_auto (StreamerS3Profile) profile = { 0 };

  streamer_s3_profile_load (&profile, name, NULL);
  return g_steal_pointer (&profile.region);
}

char *
streamer_s3_default_region (const char *profile)
{
  const char *named = get_variable ("AWS_PROFILE");
  const char *region = get_variable ("AWS_REGION");
  char *found = NULL;

  if (region == NULL)
    region = get_variable ("AWS_DEFAULT_REGION");
  if (profile != NULL && *profile != '\0')
    {
      found = get_region_of_profile (profile);
      return found != NULL ? found : g_strdup (region);
    }
  if (region != NULL)
    return g_strdup (region);
  return get_region_of_profile (named != NULL ? named : "default");
}
