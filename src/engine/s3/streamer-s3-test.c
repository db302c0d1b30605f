/* streamer-s3-test.c: whether uploads to a bucket would get through, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-test.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-skew.h"

typedef struct
{
  const StreamerS3Place *place;
  StreamerS3Client *client; /* (owned) (nullable) */
  StreamerHttp *http;
  char *region; /* (owned) (nullable): what was asked for */
  char *key;    /* (owned) */
  gboolean left_over;
} Test;

static gboolean
is_set (const char *text)
{
  return text != NULL && *text != '\0';
}

/* An answer that got lost may have begun an upload that only the store knows of. */
static void
abort_lost (Test *test)
{
  g_autoptr (GArray) uploads =
      streamer_s3_client_list_multiparts (test->client, test->http, test->key, NULL, NULL);

  for (guint i = 0; uploads != NULL && i < uploads->len; i++)
    streamer_s3_client_abort_multipart (test->client, test->http, test->key,
                                        g_array_index (uploads, StreamerUnfinished, i).upload_id,
                                        NULL, NULL);
}

static gboolean
begin_and_abort (Test *test, GError **error)
{
  const StreamerS3PutOptions options = { .storage_class = is_set (test->place->storage_class)
                                                              ? test->place->storage_class
                                                              : NULL };
  g_autofree char *upload_id = NULL;
  g_autoptr (GError) local_error = NULL;

  upload_id = streamer_s3_client_create_multipart (test->client, test->http, test->key, &options,
                                                   NULL, &local_error);
  if (upload_id == NULL)
    {
      if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NETWORK) ||
          g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL))
        abort_lost (test);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  if (streamer_s3_client_abort_multipart (test->client, test->http, test->key, upload_id, NULL,
                                          &local_error) ||
      g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD))
    return TRUE;
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN))
    {
      test->left_over = TRUE;
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* The answer to HEAD has no words, and keys that may put need not be allowed to look at the bucket:
 * what the store refuses there, it says better to the one who puts. */
static gboolean
run (Test *test, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) head_error = NULL;
  g_autoptr (GError) put_error = NULL;

  if (!streamer_s3_client_head_bucket (test->client, test->http, cancellable, &head_error) &&
      streamer_error_get_status_code (head_error) >= 500)
    {
      g_propagate_error (error, g_steal_pointer (&head_error));
      return FALSE;
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (begin_and_abort (test, &put_error))
    return TRUE;

  /* The key is ours, so it is the bucket that is not there. */
  if (g_error_matches (put_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND) &&
      g_error_matches (head_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&head_error));
  else
    g_propagate_error (error, g_steal_pointer (&put_error));
  return FALSE;
}

/* Returns: (transfer full) (nullable): NULL where the clock is right, as far as is known */
static char *
describe_clock (Test *test)
{
  return streamer_skew_describe (streamer_s3_client_get_clock_offset (test->client));
}

static char *
describe_success (Test *test)
{
  g_autofree char *region = streamer_s3_client_dup_region (test->client);
  g_autofree char *clock = describe_clock (test);
  GString *text = g_string_new (_ ("It works. Files can be put into the bucket."));

  if (!g_str_equal (region, test->region))
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text,
                              /* Translators: both %s are regions, such as "eu-central-1". */
                              _ ("The bucket is in the region “%s”, though, not in “%s”. Enter the "
                                 "right one, and uploads begin sooner."),
                              region, test->region);
    }
  if (clock != NULL)
    g_string_append_printf (text, "\n%s", clock);
  if (test->left_over)
    g_string_append_printf (text, "\n%s",
                            _ ("The keys do not allow giving an upload up, though: what was sent "
                               "of one that is cancelled stays in the bucket, and so does an "
                               "empty one of this test."));
  return g_string_free (text, FALSE);
}

static const char *
get_network_advice (const StreamerS3Place *place)
{
  if (!is_set (place->endpoint))
    return _ ("Check the region, and whether this computer is online.");
  if (place->virtual_host)
    return _ ("Check the endpoint, whether the store really wants the bucket in the host name, and "
              "whether this computer is online.");
  return _ ("Check the endpoint, and whether this computer is online.");
}

static const char *
get_advice (const StreamerS3Place *place, const GError *error)
{
  if (error->domain != STREAMER_ERROR)
    return NULL;

  switch ((StreamerError) error->code)
    {
    case STREAMER_ERROR_NETWORK:
      return get_network_advice (place);
    case STREAMER_ERROR_AUTH:
      return is_set (place->access_key)
                 ? _ ("Enter the access key and its secret key again.")
                 : _ ("Enter an access key and its secret key, or correct those in the environment "
                      "or in the AWS files.");
    case STREAMER_ERROR_FORBIDDEN:
      return _ ("Ask whoever gave you the keys for the right to put files there "
                "(s3:PutObject).");
    case STREAMER_ERROR_NOT_FOUND:
      return is_set (place->endpoint) ? _ ("Check the bucket’s name and the endpoint.")
                                      : _ ("Check the bucket’s name.");
    case STREAMER_ERROR_INVALID:
      return _ ("Correct the value and try again.");
    case STREAMER_ERROR_EXPIRED:
      return _ ("Set this computer’s clock right, and try again.");
    case STREAMER_ERROR_PROTOCOL:
    case STREAMER_ERROR_PORTAL:
      return _ ("Check the endpoint, and whether this network wants you to sign in first.");
    case STREAMER_ERROR_BUSY:
    case STREAMER_ERROR_TLS:
      return streamer_error_get_advice (error);
    default:
      return NULL;
    }
}

static void
explain (Test *test, GError *error)
{
  g_autofree char *clock = test->client != NULL ? describe_clock (test) : NULL;

  if (clock != NULL)
    g_prefix_error (&error, "%s ", clock);
  streamer_error_append_advice (error, get_advice (test->place, error));
}

char *
streamer_s3_test (const StreamerS3Place *place,
                  const char *connection_id,
                  StreamerSecrets *secrets,
                  StreamerHttp *http,
                  GCancellable *cancellable,
                  GError **error)
{
  Test test = { .place = place, .http = http };
  g_autoptr (GError) local_error = NULL;
  char *text = NULL;

  g_return_val_if_fail (place != NULL && connection_id != NULL, NULL);
  g_return_val_if_fail (STREAMER_IS_SECRETS (secrets) && STREAMER_IS_HTTP (http), NULL);

  test.client = streamer_s3_place_open (place, connection_id, secrets, &local_error);
  if (test.client != NULL)
    {
      test.region = streamer_s3_client_dup_region (test.client);
      test.key = g_strdup_printf ("s3streamer-test-%08x%08x", g_random_int (), g_random_int ());
      if (run (&test, cancellable, &local_error))
        text = describe_success (&test);
    }
  if (local_error != NULL)
    {
      explain (&test, local_error);
      g_propagate_error (error, g_steal_pointer (&local_error));
    }

  g_clear_object (&test.client);
  g_free (test.region);
  g_free (test.key);
  return text;
}
