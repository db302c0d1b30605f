/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-s3-place.h"

#include "streamer-error.h"

static void
assert_uri (const char *uri, const char *bucket, const char *prefix)
{
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (streamer_s3_place_set_uri (place, uri, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (place->bucket, ==, bucket);
  g_assert_cmpstr (place->prefix, ==, prefix);
}

static void
test_uri_names_bucket_and_prefix (void)
{
  assert_uri ("s3://bucket", "bucket", NULL);
  assert_uri ("s3://bucket/", "bucket", NULL);
  assert_uri ("s3://a.b-c_d/e", "a.b-c_d", "e");
  assert_uri ("s3://bucket/a b/%2e%2e/", "bucket", "a b/%2e%2e");
}

static void
test_uri_that_names_no_bucket_is_refused (void)
{
  static const char *const uris[] = {
    "",
    "bucket",
    "http://bucket",
    "s3:/bucket",
    "s3://",
    "s3:///key",
    "s3://ab",
    "s3://.bucket",
    "s3://a..b",
    "s3://buc ket",
    "s3://bucket@host",
    "s3://bucket:80",
    "s3://bucket?x",
    "s3://bucket/../x",
    "s3://bucket/a//b",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (streamer_s3_place_set_uri (place, uris[i], &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
      g_assert_null (place->bucket);
    }
}

static char *
presign (StreamerS3Place *place, GError **error)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerS3Client) client = NULL;

  g_assert_true (
      streamer_secrets_store (secrets, "id", STREAMER_SECRET_S3_KEY, "hidden", NULL, NULL, NULL));
  client = streamer_s3_place_open (place, "id", secrets, error);
  if (client == NULL)
    return NULL;
  return streamer_s3_client_presign (client, "GET", "k", NULL, NULL, 60, NULL, error);
}

static void
assert_begins (StreamerS3Place *place, const char *begin)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = presign (place, &error);

  g_assert_no_error (error);
  if (!g_str_has_prefix (url, begin))
    g_error ("the address is %s, not %s", url, begin);
  g_assert_null (strstr (url, "hidden"));
}

static void
test_bucket_stands_where_the_store_wants_it (void)
{
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();

  g_assert_true (streamer_s3_place_set_uri (place, "s3://bucket/p", NULL));
  place->access_key = g_strdup ("AK");
  place->region = g_strdup ("eu-central-1");
  assert_begins (place, "https://bucket.s3.eu-central-1.amazonaws.com/p/k?");

  place->endpoint = g_strdup ("http://127.0.0.1:7480");
  assert_begins (place, "http://127.0.0.1:7480/bucket/p/k?");

  g_free (place->endpoint);
  place->endpoint = g_strdup ("https://s3.example.org");
  place->virtual_host = TRUE;
  assert_begins (place, "https://bucket.s3.example.org/p/k?");
}

static void
test_unusable_values_are_refused (void)
{
  static const char *const endpoints[] = { "s3.example.org", "ftp://h", "https://" };
  static const char *const regions[] = { "eu central", "eu/../x", "eu\nx" };

  for (gsize i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();
      g_autoptr (GError) error = NULL;

      g_assert_true (streamer_s3_place_set_uri (place, "s3://bucket", NULL));
      place->access_key = g_strdup ("AK");
      place->region = g_strdup ("r");
      place->endpoint = g_strdup (endpoints[i]);
      g_assert_null (presign (place, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);

      g_clear_error (&error);
      g_clear_pointer (&place->endpoint, g_free);
      g_free (place->region);
      place->region = g_strdup (regions[i]);
      g_assert_null (presign (place, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
    }
}

static void
test_missing_secret_key_asks_for_one (void)
{
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerS3Client) client = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (streamer_s3_place_set_uri (place, "s3://bucket", NULL));
  place->access_key = g_strdup ("AK");
  place->region = g_strdup ("r");
  client = streamer_s3_place_open (place, "id", secrets, &error);
  g_assert_no_error (error);
  g_assert_null (streamer_s3_client_presign (client, "GET", "k", NULL, NULL, 60, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/s3-place/uri-names-bucket-and-prefix", test_uri_names_bucket_and_prefix);
  g_test_add_func ("/s3-place/uri-that-names-no-bucket-is-refused",
                   test_uri_that_names_no_bucket_is_refused);
  g_test_add_func ("/s3-place/bucket-stands-where-the-store-wants-it",
                   test_bucket_stands_where_the_store_wants_it);
  g_test_add_func ("/s3-place/unusable-values-are-refused", test_unusable_values_are_refused);
  g_test_add_func ("/s3-place/missing-secret-key-asks-for-one",
                   test_missing_secret_key_asks_for_one);
  return g_test_run ();
}
