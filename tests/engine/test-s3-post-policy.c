/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <json-glib/json-glib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-s3-post-policy.h"

/* The example's policy of the Amazon S3 API Reference, as the page signs it. */
static const char example[] =
    "{ \"expiration\": \"2015-12-30T12:00:00.000Z\",\r\n"
    "  \"conditions\": [\r\n"
    "    {\"bucket\": \"sigv4examplebucket\"},\r\n"
    "    [\"starts-with\", \"$key\", \"user/user1/\"],\r\n"
    "    {\"acl\": \"public-read\"},\r\n"
    "    {\"success_action_redirect\": "
    "\"http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html\"},\r\n"
    "    [\"starts-with\", \"$Content-Type\", \"image/\"],\r\n"
    "    {\"x-amz-meta-uuid\": \"14365123651274\"},\r\n"
    "    {\"x-amz-server-side-encryption\": \"AES256\"},\r\n"
    "    [\"starts-with\", \"$x-amz-meta-tag\", \"\"],\r\n"
    "\r\n"
    "    {\"x-amz-credential\": \"AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request\"},\r\n"
    "    {\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"},\r\n"
    "    {\"x-amz-date\": \"20151229T000000Z\" }\r\n"
    "  ]\r\n"
    "}";

static StreamerS3Credentials *
make_credentials (const char *session_token)
{
  return streamer_s3_credentials_new ("AKIAIOSFODNN7EXAMPLE",
                                      "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", session_token, 0);
}

static StreamerSigV4
make_signer (StreamerS3Credentials *credentials)
{
  return (StreamerSigV4){ credentials, "us-east-1", "s3", 1451347200 };
}

static const char *
find_field (GStrv fields, const char *name)
{
  for (gsize i = 0; fields[i]; i += 2)
    if (strcmp (fields[i], name) == 0)
      return fields[i + 1];
  return NULL;
}

/* The policy, and its conditions as text. */
static char *
decode_policy (GStrv fields, JsonArray **conditions, char **expiration)
{
  gsize length;
  g_autofree guchar *text = g_base64_decode (find_field (fields, "policy"), &length);
  g_autoptr (JsonNode) root = streamer_json_parse ((const char *) text, length, NULL);
  JsonObject *policy;

  g_assert_nonnull (root);
  policy = json_node_get_object (root);
  *conditions = json_array_ref (json_object_get_array_member (policy, "conditions"));
  *expiration = g_strdup (json_object_get_string_member (policy, "expiration"));
  return g_strndup ((const char *) text, length);
}

static void
test_published_example (void)
{
  g_autoptr (StreamerS3Credentials) credentials = make_credentials (NULL);
  StreamerSigV4 signer = make_signer (credentials);
  g_autofree char *signature = streamer_s3_post_policy_sign (&signer, example);

  g_assert_cmpstr (signature, ==,
                   "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e");
}

/* Every field of the form but the file is bound by a condition: nobody can send another one. */
static void
test_binds_key_size_and_time (void)
{
  g_autoptr (StreamerS3Credentials) credentials = make_credentials ("token");
  StreamerSigV4 signer = make_signer (credentials);
  g_auto (GStrv) fields =
      streamer_s3_post_policy_make (&signer, "bucket", "a \"key\"\n\xe2\x82\xac", 5368709120, 900);
  g_autoptr (JsonArray) conditions = NULL;
  g_autofree char *expiration = NULL, *signature = NULL;
  g_autofree char *policy = decode_policy (fields, &conditions, &expiration);
  JsonArray *range;

  g_assert_cmpstr (expiration, ==, "2015-12-29T00:15:00.000Z");
  for (guint i = 1; i + 1 < json_array_get_length (conditions); i++)
    {
      JsonObject *condition = json_array_get_object_element (conditions, i);
      g_autoptr (GList) names = json_object_get_members (condition);
      const char *value = json_object_get_string_member (condition, names->data);

      g_assert_cmpstr (find_field (fields, names->data), ==, value);
    }
  g_assert_cmpstr (
      json_object_get_string_member (json_array_get_object_element (conditions, 0), "bucket"), ==,
      "bucket");
  range = json_array_get_array_element (conditions, json_array_get_length (conditions) - 1);
  g_assert_cmpstr (json_array_get_string_element (range, 0), ==, "content-length-range");
  g_assert_cmpint (json_array_get_int_element (range, 1), ==, 0);
  g_assert_cmpint (json_array_get_int_element (range, 2), ==, 5368709120);
  g_assert_cmpuint (json_array_get_length (conditions), ==, g_strv_length (fields) / 2);

  g_assert_cmpstr (find_field (fields, "key"), ==, "a \"key\"\n\xe2\x82\xac");
  g_assert_cmpstr (find_field (fields, "x-amz-security-token"), ==, "token");
  signature = streamer_s3_post_policy_sign (&signer, policy);
  g_assert_cmpstr (find_field (fields, "x-amz-signature"), ==, signature);
}

static void
test_goes_to_the_bucket (gconstpointer data)
{
  gboolean path_style = GPOINTER_TO_INT (data);
  g_autoptr (StreamerS3Credentials) credentials = make_credentials (NULL);
  g_autoptr (StreamerS3CredentialsProvider) provider =
      streamer_s3_static_provider_new (credentials);
  StreamerS3Location location = { .endpoint = (char *) "https://s3.example.org",
                                  .region = (char *) "us-east-1",
                                  .bucket = (char *) "bucket",
                                  .prefix = (char *) "below/here",
                                  .path_style = path_style };
  g_autoptr (StreamerS3Client) client = streamer_s3_client_new (&location, provider);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) fields = NULL;
  g_autofree char *url =
      streamer_s3_client_presign_post (client, "a/k", 10, 60, &fields, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (url, ==,
                   path_style ? "https://s3.example.org/bucket" : "https://bucket.s3.example.org/");
  g_assert_cmpstr (find_field (fields, "key"), ==, "below/here/a/k");
  g_assert_null (find_field (fields, "x-amz-security-token"));
}

/* Stores put the name that the client gives to its file in the place of this. */
static void
test_no_variable_in_the_key (void)
{
  g_autoptr (StreamerS3Credentials) credentials = make_credentials (NULL);
  g_autoptr (StreamerS3CredentialsProvider) provider =
      streamer_s3_static_provider_new (credentials);
  StreamerS3Location location = { .endpoint = (char *) "https://s3.example.org",
                                  .region = (char *) "us-east-1",
                                  .bucket = (char *) "bucket" };
  g_autoptr (StreamerS3Client) client = streamer_s3_client_new (&location, provider);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) fields = NULL;

  g_assert_null (streamer_s3_client_presign_post (client, "team-a/${filename}", 10, 60, &fields,
                                                  NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_assert_null (fields);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/s3-post-policy/published-example", test_published_example);
  g_test_add_func ("/s3-post-policy/binds-key-size-and-time", test_binds_key_size_and_time);
  g_test_add_data_func ("/s3-post-policy/goes-to-the-bucket/path", GINT_TO_POINTER (TRUE),
                        test_goes_to_the_bucket);
  g_test_add_data_func ("/s3-post-policy/goes-to-the-bucket/host", GINT_TO_POINTER (FALSE),
                        test_goes_to_the_bucket);
  g_test_add_func ("/s3-post-policy/no-variable-in-the-key", test_no_variable_in_the_key);
  return g_test_run ();
}
