/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-sigv4.h"

#define SUITE_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define SUITE_TIME   1440938160 /* 2015-08-30T12:36:00Z */
#define SUITE_HOST   "example.amazonaws.com"
#define SUITE_TOKEN                                                                                \
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfI" \
  "eoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0" \
  "wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDry" \
  "pNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

#define S3_KEY    "AKIAIOSFODNN7EXAMPLE"
#define S3_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define S3_TIME   1369353600 /* 2013-05-24T00:00:00Z */
#define S3_HOST   "examplebucket.s3.amazonaws.com"

/* AWS's "Signature Version 4 test suite", with its signatures: region us-east-1, "service". */
static const struct
{
  const char *name;
  const char *method;
  const char *path;
  const char *query[5];
  const char *headers[9];
  const char *body;
  const char *token;
  const char *names;
  const char *signature;
} suite[] = {
  { "get-vanilla",
    "GET",
    "/",
    { NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  { "get-header-key-duplicate",
    "GET",
    "/",
    { NULL },
    { "My-Header1", "value2", "My-Header1", "value2", "My-Header1", "value1", NULL },
    "",
    NULL,
    "host;my-header1;x-amz-date",
    "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea" },
  { "get-header-value-order",
    "GET",
    "/",
    { NULL },
    { "My-Header1", "value4", "My-Header1", "value1", "My-Header1", "value3", "My-Header1",
      "value2", NULL },
    "",
    NULL,
    "host;my-header1;x-amz-date",
    "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01" },
  { "get-header-value-trim",
    "GET",
    "/",
    { NULL },
    { "My-Header1", " value1", "My-Header2", " \"a   b   c\" ", NULL },
    "",
    NULL,
    "host;my-header1;my-header2;x-amz-date",
    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736" },
  { "get-unreserved",
    "GET",
    "/" UNRESERVED,
    { NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f" },
  { "get-utf8",
    "GET",
    "/\341\210\264",
    { NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
  { "get-space",
    "GET",
    "/example space/",
    { NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741" },
  { "get-vanilla-empty-query-key",
    "GET",
    "/",
    { "Param1", "value1", NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb" },
  { "get-vanilla-query-order-key",
    "GET",
    "/",
    { "Param1", "value2", "Param1", "Value1", NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1" },
  { "get-vanilla-query-order-key-case",
    "GET",
    "/",
    { "Param2", "value2", "Param1", "value1", NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
  { "get-vanilla-query-order-value",
    "GET",
    "/",
    { "Param1", "value2", "Param1", "value1", NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694" },
  { "get-vanilla-query-unreserved",
    "GET",
    "/",
    { UNRESERVED, UNRESERVED, NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197" },
  { "get-vanilla-utf8-query",
    "GET",
    "/",
    { "\341\210\264", "bar", NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04" },
  { "post-vanilla",
    "POST",
    "/",
    { NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
  { "post-header-key-sort",
    "POST",
    "/",
    { NULL },
    { "My-Header1", "value1", NULL },
    "",
    NULL,
    "host;my-header1;x-amz-date",
    "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c" },
  { "post-header-value-case",
    "POST",
    "/",
    { NULL },
    { "My-Header1", "VALUE1", NULL },
    "",
    NULL,
    "host;my-header1;x-amz-date",
    "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d" },
  { "post-sts-header-before",
    "POST",
    "/",
    { NULL },
    { NULL },
    "",
    SUITE_TOKEN,
    "host;x-amz-date;x-amz-security-token",
    "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead" },
  { "post-vanilla-query",
    "POST",
    "/",
    { "Param1", "value1", NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11" },
  { "post-vanilla-query-nonunreserved",
    "POST",
    "/",
    { "@#$%^", "", "+", "/,?><`\";:\\|][{}", NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e" },
  { "post-vanilla-query-space",
    "POST",
    "/",
    { "p", "", NULL },
    { NULL },
    "",
    NULL,
    "host;x-amz-date",
    "e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b" },
  { "post-x-www-form-urlencoded",
    "POST",
    "/",
    { NULL },
    { "Content-Type", "application/x-www-form-urlencoded", NULL },
    "Param1=value1",
    NULL,
    "content-type;host;x-amz-date",
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a" },
  { "post-x-www-form-urlencoded-parameters",
    "POST",
    "/",
    { NULL },
    { "Content-Type", "application/x-www-form-urlencoded; charset=utf8", NULL },
    "Param1=value1",
    NULL,
    "content-type;host;x-amz-date",
    "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe" },
};

static const char *
find (GStrv headers, const char *name)
{
  for (guint i = 0; headers[i] != NULL; i += 2)
    if (g_ascii_strcasecmp (headers[i], name) == 0)
      return headers[i + 1];
  return NULL;
}

static GStrv
add_host (const char *host, const char *const *headers)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  g_strv_builder_add_many (all, "Host", host, NULL);
  g_strv_builder_addv (all, (const char **) headers);
  return g_strv_builder_end (all);
}

static void
test_suite (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (StreamerS3Credentials) keys =
      streamer_s3_credentials_new ("AKIDEXAMPLE", SUITE_SECRET, suite[i].token, 0);
  const StreamerSigV4 signer = { keys, "us-east-1", "service", SUITE_TIME };
  g_auto (GStrv) headers = add_host (SUITE_HOST, suite[i].headers);
  g_autofree char *path = streamer_sigv4_encode (suite[i].path, TRUE);
  g_autofree char *hash = streamer_sigv4_hash (suite[i].body, strlen (suite[i].body));
  g_auto (GStrv) sent = streamer_sigv4_sign_headers (&signer, suite[i].method, path, suite[i].query,
                                                     (const char *const *) headers, hash);
  g_autofree char *expected = g_strdup_printf (
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
      "SignedHeaders=%s, Signature=%s",
      suite[i].names, suite[i].signature);

  g_assert_cmpstr (find (sent, "Authorization"), ==, expected);
  g_assert_cmpstr (find (sent, "Host"), ==, SUITE_HOST);
  g_assert_cmpstr (find (sent, "x-amz-date"), ==, "20150830T123600Z");
  g_assert_cmpstr (find (sent, "x-amz-security-token"), ==, suite[i].token);
  g_assert_null (find (sent, "x-amz-content-sha256"));
}

/* The examples in the Amazon S3 API Reference, and one with all that parts need, which Python's hmac
 * gave. */
static const struct
{
  const char *name;
  const char *method;
  const char *path;
  const char *query[5];
  const char *headers[5];
  const char *body; /* NULL for an unsigned one */
  const char *token;
  const char *signature;
} s3_examples[] = {
  { "get-object",
    "GET",
    "/test.txt",
    { NULL },
    { "Range", "bytes=0-9", NULL },
    "",
    NULL,
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
  { "put-object",
    "PUT",
    "/test$file.text",
    { NULL },
    { "Date", "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class", "REDUCED_REDUNDANCY", NULL },
    "Welcome to Amazon S3.",
    NULL,
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd" },
  { "get-lifecycle",
    "GET",
    "/",
    { "lifecycle", "", NULL },
    { NULL },
    "",
    NULL,
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
  { "list-objects",
    "GET",
    "/",
    { "max-keys", "2", "prefix", "J", NULL },
    { NULL },
    "",
    NULL,
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
  { "part",
    "PUT",
    "/a%2e%2e/€+ ",
    { "partNumber", "1", "uploadId", "a/b+c=", NULL },
    { NULL },
    NULL,
    "T/+==",
    "18e88a205441a45ae7026e2ad1dd5046761f502a657040a5ca8afb93cdc594ba" },
};

static void
test_s3_example (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (StreamerS3Credentials) keys =
      streamer_s3_credentials_new (S3_KEY, S3_SECRET, s3_examples[i].token, 0);
  const StreamerSigV4 signer = { keys, "us-east-1", "s3", S3_TIME };
  g_auto (GStrv) headers = add_host (S3_HOST, s3_examples[i].headers);
  g_autofree char *path = streamer_sigv4_encode (s3_examples[i].path, TRUE);
  g_autofree char *hash =
      s3_examples[i].body == NULL
          ? g_strdup (STREAMER_SIGV4_UNSIGNED_PAYLOAD)
          : streamer_sigv4_hash (s3_examples[i].body, strlen (s3_examples[i].body));
  g_auto (GStrv) sent =
      streamer_sigv4_sign_headers (&signer, s3_examples[i].method, path, s3_examples[i].query,
                                   (const char *const *) headers, hash);

  g_assert_true (g_str_has_suffix (find (sent, "Authorization"), s3_examples[i].signature));
  g_assert_cmpstr (find (sent, "x-amz-content-sha256"), ==, hash);
}

static void
test_presigned_example (void)
{
  g_autoptr (StreamerS3Credentials) keys = streamer_s3_credentials_new (S3_KEY, S3_SECRET, NULL, 0);
  const StreamerSigV4 signer = { keys, "us-east-1", "s3", S3_TIME };
  g_autofree char *url =
      streamer_sigv4_presign (&signer, "GET", "https://" S3_HOST, "/test.txt", NULL, NULL, 86400);

  g_assert_cmpstr (
      url, ==,
      "https://" S3_HOST "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=" S3_KEY "%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

/* As Python's hmac gave it. */
static void
test_presigned_part (void)
{
  static const char *const query[] = { "uploadId", "2~a/b+c=", "partNumber", "7", NULL };
  static const char *const headers[] = { "Content-Length", "5242880", NULL };
  g_autoptr (StreamerS3Credentials) keys =
      streamer_s3_credentials_new (S3_KEY, S3_SECRET, "T/+==", 0);
  const StreamerSigV4 signer = { keys, "us-east-1", "s3", S3_TIME };
  g_autofree char *url = streamer_sigv4_presign (&signer, "PUT", "https://" S3_HOST, "/pre/a%20b",
                                                 query, headers, STREAMER_SIGV4_MAX_EXPIRES);

  g_assert_cmpstr (
      url, ==,
      "https://" S3_HOST "/pre/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=" S3_KEY "%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=604800&X-Amz-Security-Token=T%2F%2B%3D%3D"
      "&X-Amz-SignedHeaders=content-length%3Bhost&partNumber=7&uploadId=2~a%2Fb%2Bc%3D"
      "&X-Amz-Signature=43705122753155f45f6626ea51fb421e6a9b86d6999c658910fd6ff0b9d7fd76");
}

static void
test_encode (void)
{
  g_autofree char *unreserved = streamer_sigv4_encode (UNRESERVED, FALSE);
  g_autofree char *path = streamer_sigv4_encode ("a b+%2F/é\x7f*", TRUE);
  g_autofree char *value = streamer_sigv4_encode ("a/b=c&d\xff", FALSE);

  g_assert_cmpstr (unreserved, ==, UNRESERVED);
  g_assert_cmpstr (path, ==, "a%20b%2B%252F/%C3%A9%7F%2A");
  g_assert_cmpstr (value, ==, "a%2Fb%3Dc%26d%FF");
}

/* Sorted as whole pairs "a-b=1" would stand before "a=2". */
static void
test_names_are_sorted_before_values (void)
{
  static const char *const query[] = { "a-b", "1", "a", "2", NULL };
  g_autoptr (StreamerS3Credentials) keys = streamer_s3_credentials_new (S3_KEY, S3_SECRET, NULL, 0);
  const StreamerSigV4 signer = { keys, "us-east-1", "s3", S3_TIME };
  g_autofree char *url = streamer_sigv4_presign (&signer, "GET", "http://h:1", "/", query, NULL, 1);

  g_assert_nonnull (strstr (url, "&a=2&a-b=1&X-Amz-Signature="));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (suite); i++)
    {
      g_autofree char *path = g_strconcat ("/sigv4/suite/", suite[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_suite);
    }
  for (guint i = 0; i < G_N_ELEMENTS (s3_examples); i++)
    {
      g_autofree char *path = g_strconcat ("/sigv4/s3/", s3_examples[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_s3_example);
    }
  g_test_add_func ("/sigv4/presigned-example", test_presigned_example);
  g_test_add_func ("/sigv4/presigned-part", test_presigned_part);
  g_test_add_func ("/sigv4/encode", test_encode);
  g_test_add_func ("/sigv4/names-are-sorted-before-values", test_names_are_sorted_before_values);
  return g_test_run ();
}
