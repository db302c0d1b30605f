/* streamer-s3-post-policy.c: forms that put one object into a bucket, without keys to it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-post-policy.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-s3-client-private.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

static char *
encode (const char *policy)
{
  return g_base64_encode ((const guchar *) policy, strlen (policy));
}

char *
streamer_s3_post_policy_sign (const StreamerSigV4 *signer, const char *policy)
{
  g_autofree char *base64 = encode (policy);

  return streamer_sigv4_sign_text (signer, base64);
}

/* A field of the form that must have just this value. */
static void
add_condition (JsonArray *conditions, const char *name, const char *value)
{
  JsonObject *condition = json_object_new ();

  json_object_set_string_member (condition, name, value);
  json_array_add_object_element (conditions, condition);
}

static char *
make_policy (gint64 expires, JsonArray *conditions)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (expires);
  g_autofree char *expiration = g_date_time_format (date, "%Y-%m-%dT%H:%M:%S.000Z");
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *policy = json_object_new ();

  json_object_set_string_member (policy, "expiration", expiration);
  json_object_set_array_member (policy, "conditions", conditions);
  json_node_take_object (root, policy);
  return streamer_json_to_string (root);
}

GStrv
streamer_s3_post_policy_make (const StreamerSigV4 *signer,
                              const char *bucket,
                              const char *key,
                              guint64 max_size,
                              guint expires_in)
{
  g_autoptr (GStrvBuilder) fields = g_strv_builder_new ();
  g_autofree char *credential = streamer_sigv4_get_credential (signer);
  g_autofree char *time = streamer_sigv4_get_time (signer);
  g_autofree char *policy = NULL, *base64 = NULL, *signature = NULL;
  const char *token = signer->credentials->session_token;
  const char *const named[] = {
    "key",
    key,
    "x-amz-algorithm",
    ALGORITHM,
    "x-amz-credential",
    credential,
    "x-amz-date",
    time,
    token ? "x-amz-security-token" : NULL,
    token,
    NULL,
  };
  JsonArray *conditions = json_array_new ();
  JsonArray *range = json_array_new ();

  g_return_val_if_fail (max_size <= G_MAXINT64, NULL);

  add_condition (conditions, "bucket", bucket);
  for (gsize i = 0; named[i]; i += 2)
    {
      add_condition (conditions, named[i], named[i + 1]);
      g_strv_builder_add_many (fields, named[i], named[i + 1], NULL);
    }
  json_array_add_string_element (range, "content-length-range");
  json_array_add_int_element (range, 0);
  json_array_add_int_element (range, max_size);
  json_array_add_array_element (conditions, range);

  policy = make_policy (signer->time + expires_in, conditions);
  base64 = encode (policy);
  signature = streamer_s3_post_policy_sign (signer, policy);
  g_strv_builder_add_many (fields, "policy", base64, "x-amz-signature", signature, NULL);
  return g_strv_builder_end (fields);
}

char *
streamer_s3_client_presign_post (StreamerS3Client *self,
                                 const char *key,
                                 guint64 max_size,
                                 guint expires_in,
                                 GStrv *fields,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_auto (StreamerS3Context) context = { 0 };
  g_auto (StreamerS3Address) object = { 0 };
  g_autofree char *whole_key = NULL;

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self), NULL);
  g_return_val_if_fail (key != NULL && fields != NULL, NULL);

  /* Amazon S3 API Reference, "POST Object": stores put the name of the file there. */
  if (strstr (key, "${filename}"))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("A name with “${filename}” in it cannot be sent in a form."));
      return NULL;
    }
  /* The object's address is made for its checks of the key. */
  if (!streamer_s3_context_init (&context, self, NULL, cancellable, error) ||
      !streamer_s3_address_init (&object, &context.location, key, error))
    return NULL;
  whole_key = streamer_s3_location_get_key (&context.location, key);
  *fields = streamer_s3_post_policy_make (&context.signer, context.location.bucket, whole_key,
                                          max_size, expires_in);
  return g_strconcat (context.address.base, context.address.path, NULL);
}
