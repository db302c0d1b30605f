/* streamer-post-grant.c: forms that allow one file, and their check
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The policy is readable, as S3's is; its signature makes it ours.
 */

#include "streamer-post-grant.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"

#define PURPOSE "post"

void
streamer_post_grant_clear (StreamerPostGrant *grant)
{
  g_clear_pointer (&grant->key, g_free);
  g_clear_pointer (&grant->principal, g_free);
}

static char *
sign (StreamerSeal *seal, const char *policy)
{
  const char *fields[] = { policy, NULL };

  return streamer_seal_sign (seal, PURPOSE, fields);
}

GStrv
streamer_post_grant_sign (StreamerSeal *seal, const StreamerPostGrant *grant)
{
  g_autoptr (GStrvBuilder) fields = g_strv_builder_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL, *policy = NULL, *signature = NULL;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "key", grant->key);
  json_object_set_string_member (object, "principal", grant->principal);
  json_object_set_boolean_member (object, "staged", grant->is_staged);
  json_object_set_boolean_member (object, "overwrite", grant->overwrite);
  json_object_set_int_member (object, "max_size", grant->max_size);
  json_object_set_int_member (object, "max_staged", grant->max_staged);
  json_object_set_int_member (object, "expires", grant->expires);
  json_node_take_object (root, object);
  text = streamer_json_to_string (root);
  policy = g_base64_encode ((const guchar *) text, strlen (text));
  signature = sign (seal, policy);
  g_strv_builder_add_many (fields, "key", grant->key, "policy", policy, "signature", signature,
                           NULL);
  return g_strv_builder_end (fields);
}

/* Only of a policy that has our signature. */
static gboolean
read_policy (const char *policy, StreamerPostGrant *grant, GError **error)
{
  gsize length;
  g_autofree guchar *text = g_base64_decode (policy, &length);
  g_autoptr (JsonNode) root = streamer_json_parse ((const char *) text, length, error);
  const char *key, *principal;
  JsonObject *object;
  guint64 expires;

  if (!root)
    return FALSE;
  object = json_node_get_object (root);
  if (!(key = streamer_json_get_string (object, "key", error)) ||
      !(principal = streamer_json_get_string (object, "principal", error)) ||
      !streamer_json_get_boolean (object, "staged", &grant->is_staged, error) ||
      !streamer_json_get_boolean (object, "overwrite", &grant->overwrite, error) ||
      !streamer_json_get_uint (object, "max_size", 0, G_MAXINT64, &grant->max_size, error) ||
      !streamer_json_get_uint (object, "max_staged", 0, G_MAXINT64, &grant->max_staged, error) ||
      !streamer_json_get_uint (object, "expires", 0, G_MAXINT64, &expires, error))
    return FALSE;
  grant->expires = expires;
  grant->key = g_strdup (key);
  grant->principal = g_strdup (principal);
  return TRUE;
}

gboolean
streamer_post_grant_check (StreamerSeal *seal,
                           const char *key,
                           const char *policy,
                           const char *signature,
                           StreamerPostGrant *grant,
                           GError **error)
{
  const char *fields[] = { policy, NULL };

  if (!key || !policy || !signature || !streamer_seal_verify (seal, PURPOSE, fields, signature))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                           "This form was not made by this server.");
      return FALSE;
    }
  if (!read_policy (policy, grant, error))
    return FALSE;
  if (strcmp (grant->key, key) != 0)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                           "This form is for another key.");
      return FALSE;
    }
  if (g_get_real_time () / G_USEC_PER_SEC >= grant->expires)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_EXPIRED,
                           "This form is no longer valid.");
      return FALSE;
    }
  return TRUE;
}
