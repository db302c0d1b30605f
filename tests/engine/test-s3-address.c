/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-error.h"
#include "streamer-s3-address.h"

static void
assert_address (const char *endpoint,
                const char *bucket,
                gboolean path_style,
                const char *base,
                const char *path)
{
  const StreamerS3Location location = { (char *) endpoint, (char *) "r", (char *) bucket, NULL,
                                        path_style };
  g_autoptr (GError) error = NULL;
  g_auto (StreamerS3Address) address = { 0 };

  g_test_message ("%s %s", endpoint, bucket);
  streamer_s3_address_init (&address, &location, "k y", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (address.base, ==, base);
  g_assert_cmpstr (address.path, ==, path);
}

static void
test_styles (void)
{
  assert_address ("https://s3.amazonaws.com", "bucket", FALSE, "https://bucket.s3.amazonaws.com",
                  "/k%20y");
  assert_address ("https://s3.amazonaws.com", "bucket", TRUE, "https://s3.amazonaws.com",
                  "/bucket/k%20y");
  /* No wildcard certificate fits a name with dots, and DNS takes no other such letters. */
  assert_address ("https://s3.example.org", "a.bucket", FALSE, "https://s3.example.org",
                  "/a.bucket/k%20y");
  assert_address ("http://s3.example.org", "a.bucket", FALSE, "http://a.bucket.s3.example.org",
                  "/k%20y");
  assert_address ("https://s3.example.org", "Big_Bucket", FALSE, "https://s3.example.org",
                  "/Big_Bucket/k%20y");
  assert_address ("https://s3.example.org", "tenant:bucket", FALSE, "https://s3.example.org",
                  "/tenant%3Abucket/k%20y");
  assert_address ("https://s3.example.org", "-x-", FALSE, "https://s3.example.org", "/-x-/k%20y");
  assert_address ("http://127.0.0.1:7480", "bucket", FALSE, "http://127.0.0.1:7480",
                  "/bucket/k%20y");
  assert_address ("http://[::1]:7480", "bucket", FALSE, "http://[::1]:7480", "/bucket/k%20y");
}

static void
test_endpoints (void)
{
  assert_address ("https://S3.Example.org:443/", "bucket", TRUE, "https://s3.example.org",
                  "/bucket/k%20y");
  assert_address ("http://s3.example.org:80", "bucket", TRUE, "http://s3.example.org",
                  "/bucket/k%20y");
  assert_address ("http://s3.example.org:443", "bucket", TRUE, "http://s3.example.org:443",
                  "/bucket/k%20y");
  assert_address ("https://example.org/storage/v1/s3/", "bucket", TRUE, "https://example.org",
                  "/storage/v1/s3/bucket/k%20y");
  assert_address ("https://bücher.example", "bucket", TRUE, "https://xn--bcher-kva.example",
                  "/bucket/k%20y");
}

static void
test_bucket_itself (void)
{
  StreamerS3Location location = { (char *) "https://s3.example.org", (char *) "r",
                                  (char *) "bucket", (char *) "pre", TRUE };
  g_auto (StreamerS3Address) in_path = { 0 };
  g_auto (StreamerS3Address) in_host = { 0 };
  g_auto (StreamerS3Address) with_prefix = { 0 };

  g_assert_true (streamer_s3_address_init (&in_path, &location, NULL, NULL));
  g_assert_cmpstr (in_path.path, ==, "/bucket");
  g_assert_true (streamer_s3_address_init (&with_prefix, &location, "k", NULL));
  g_assert_cmpstr (with_prefix.path, ==, "/bucket/pre/k");
  location.path_style = FALSE;
  g_assert_true (streamer_s3_address_init (&in_host, &location, NULL, NULL));
  g_assert_cmpstr (in_host.base, ==, "https://bucket.s3.example.org");
  g_assert_cmpstr (in_host.path, ==, "/");
  g_assert_cmpstr (streamer_s3_address_get_host (&in_host), ==, "bucket.s3.example.org");
}

static void
test_unusable (void)
{
  static const char *const endpoints[] = {
    "",
    "s3.example.org",
    "ftp://s3.example.org",
    "https://",
    "https://user:SECRET@s3.example.org",
    "https://s3.example.org/?a=SECRET",
    "https://s3.example.org/#x",
    "https://s3.example.org/a b",
    "https://a%20b/",
    "https://a%0D%0Ab/",
    "http://[fe80::1%25eth0]:7480/",
  };
  static const char *const buckets[] = { "", ".", "..", "a/b", "a b", "ä", "a?b", "a\nb" };
  StreamerS3Location location = { NULL, (char *) "r", (char *) "bucket", NULL, TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      g_auto (StreamerS3Address) address = { 0 };
      g_autoptr (GError) error = NULL;

      location.endpoint = (char *) endpoints[i];
      g_assert_false (streamer_s3_address_init (&address, &location, "k", &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
      g_assert_null (strstr (error->message, "SECRET"));
    }
  location.endpoint = (char *) "https://s3.example.org";
  for (guint i = 0; i < G_N_ELEMENTS (buckets); i++)
    {
      g_auto (StreamerS3Address) address = { 0 };
      g_autoptr (GError) error = NULL;

      location.bucket = (char *) buckets[i];
      g_assert_false (streamer_s3_address_init (&address, &location, "k", &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
    }
}

static void
init_location (StreamerS3Location *location, const char *endpoint, const char *region)
{
  const StreamerS3Location given = { (char *) endpoint, (char *) region, (char *) "bucket", NULL,
                                     FALSE };

  streamer_s3_location_copy (&given, location);
}

/* @expected: (nullable): the endpoint behind it, NULL where it must not move */
static void
assert_move (const char *endpoint, const char *region, const char *expected)
{
  StreamerS3Location location;

  g_test_message ("%s %s", endpoint, region);
  init_location (&location, endpoint, "eu-central-1");
  g_assert_cmpint (streamer_s3_location_move (&location, region), ==, expected != NULL);
  g_assert_cmpstr (location.endpoint, ==, expected != NULL ? expected : endpoint);
  g_assert_cmpstr (location.region, ==, expected != NULL ? region : "eu-central-1");
  streamer_s3_location_clear (&location);
}

static void
test_move (void)
{
  assert_move ("https://s3.eu-central-1.amazonaws.com", "us-west-2",
               "https://s3.us-west-2.amazonaws.com");
  assert_move ("https://s3.amazonaws.com", "us-west-2", "https://s3.us-west-2.amazonaws.com");
  assert_move ("https://s3-eu-central-1.amazonaws.com", "us-west-2",
               "https://s3.us-west-2.amazonaws.com");
  assert_move ("https://s3.dualstack.eu-central-1.amazonaws.com", "us-west-2",
               "https://s3.dualstack.us-west-2.amazonaws.com");
  assert_move ("https://s3.cn-north-1.amazonaws.com.cn", "cn-northwest-1",
               "https://s3.cn-northwest-1.amazonaws.com.cn");
  /* The endpoint was wrong, not what is signed. */
  assert_move ("https://s3.us-west-2.amazonaws.com", "eu-central-1",
               "https://s3.eu-central-1.amazonaws.com");
  assert_move ("https://s3.eu-central-1.amazonaws.com", "eu-central-1", NULL);
  /* Other hosts have names of their own. */
  assert_move ("https://s3.example.org:8443", "us-west-2", "https://s3.example.org:8443");
  assert_move ("https://x.vpce.amazonaws.com", "us-west-2", "https://x.vpce.amazonaws.com");
  assert_move ("https://s3.example.org", "eu-central-1", NULL);
  assert_move ("https://s3.amazonaws.com", "evil.example.org/", NULL);
  assert_move ("https://s3.amazonaws.com", "", NULL);
  assert_move ("https://s3.amazonaws.com", NULL, NULL);
}

static void
assert_region (const char *endpoint, const char *named, const char *expected)
{
  StreamerS3Location location;
  g_autofree char *region = NULL;

  g_test_message ("%s %s", endpoint, named);
  init_location (&location, endpoint, "eu-central-1");
  region = streamer_s3_location_find_region (&location, named);
  g_assert_cmpstr (region, ==, expected);
  streamer_s3_location_clear (&location);
}

static void
test_find_region (void)
{
  assert_region ("https://s3.amazonaws.com", "bucket.s3.us-west-2.amazonaws.com", "us-west-2");
  assert_region ("https://s3.amazonaws.com", "bucket.s3-us-west-2.amazonaws.com", "us-west-2");
  assert_region ("https://s3.amazonaws.com", "s3.us-west-2.amazonaws.com", "us-west-2");
  assert_region ("https://s3.amazonaws.com", "bucket.s3.amazonaws.com", NULL);
  assert_region ("https://s3.amazonaws.com", "s3.us-west-2.amazonaws.com.evil.example", NULL);
  assert_region ("https://s3.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn", NULL);
  assert_region ("https://s3.example.org", "s3.us-west-2.amazonaws.com", NULL);
  assert_region ("https://s3.amazonaws.com", "evil.example", NULL);
  assert_region ("https://s3.amazonaws.com", NULL, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/s3-address/styles", test_styles);
  g_test_add_func ("/s3-address/endpoints", test_endpoints);
  g_test_add_func ("/s3-address/bucket-itself", test_bucket_itself);
  g_test_add_func ("/s3-address/unusable", test_unusable);
  g_test_add_func ("/s3-address/move", test_move);
  g_test_add_func ("/s3-address/find-region", test_find_region);
  return g_test_run ();
}
