/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "server-fixture.h"
#include "streamer-error.h"
#include "streamer-storage-config.h"

/* What is wrong, and where that is said. */
static const struct
{
  const char *name;
  const char *member;
  StreamerStorageConfig config;
} wrong[] = {
  { "no-kind", "kind", { .root = (char *) "/r" } },
  { "unknown-kind", "kind", { .kind = (char *) "tape", .root = (char *) "/r" } },
  { "folder-without-root", "root", { .kind = (char *) "folder" } },
  { "folder-with-empty-root", "root", { .kind = (char *) "folder", .root = (char *) "" } },
  { "domain-without-scheme",
    "domain",
    { .kind = (char *) "folder", .root = (char *) "/r", .domain = (char *) "files.example" } },
  { "s3-without-bucket", "bucket", { .kind = (char *) "s3" } },
  { "s3-with-bucket-that-cannot-be",
    "bucket",
    { .kind = (char *) "s3", .bucket = (char *) "a/b" } },
  { "s3-with-endpoint-without-scheme",
    "endpoint",
    { .kind = (char *) "s3", .bucket = (char *) "b", .endpoint = (char *) "s3.example" } },
  { "s3-with-endpoint-with-keys",
    "endpoint",
    { .kind = (char *) "s3",
      .bucket = (char *) "b",
      .endpoint = (char *) "http://a:b@s3.example" } },
  { "s3-with-region-of-blanks",
    "region",
    { .kind = (char *) "s3", .bucket = (char *) "b", .region = (char *) "eu central" } },
  { "s3-with-empty-region",
    "region",
    { .kind = (char *) "s3", .bucket = (char *) "b", .region = (char *) "" } },
  { "s3-with-slash-behind-prefix",
    "prefix",
    { .kind = (char *) "s3", .bucket = (char *) "b", .prefix = (char *) "a/" } },
  { "s3-with-prefix-upwards",
    "prefix",
    { .kind = (char *) "s3", .bucket = (char *) "b", .prefix = (char *) "a/../b" } },
  { "domain-with-query",
    "domain",
    { .kind = (char *) "folder",
      .root = (char *) "/r",
      .domain = (char *) "https://e.example/?a" } },
};

static void
test_wrong (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  const char *member = NULL;

  g_assert_false (streamer_storage_config_check (&wrong[i].config, &member, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_assert_cmpstr (member, ==, wrong[i].member);
}

static void
test_right (void)
{
  static const StreamerStorageConfig configs[] = {
    { .kind = (char *) "folder", .root = (char *) "/r", .domain = (char *) "https://e.example/x" },
    { .kind = (char *) "s3", .bucket = (char *) "bucket" },
    { .kind = (char *) "s3",
      .bucket = (char *) "Old_Bucket",
      .endpoint = (char *) "http://127.0.0.1:7480",
      .region = (char *) "default",
      .prefix = (char *) "a/b c" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *member;

      streamer_storage_config_check (&configs[i], &member, &error);
      g_assert_no_error (error);
    }
}

static void
test_every_kind_is_known (void)
{
  const char *const *kinds = streamer_storage_get_kinds ();

  g_assert_true (g_strv_contains (kinds, "folder"));
  for (gsize i = 0; kinds[i]; i++)
    {
      StreamerStorageConfig config = { .kind = (char *) kinds[i] };
      const char *member = NULL;

      g_assert_false (streamer_storage_config_check (&config, &member, NULL));
      g_assert_cmpstr (member, !=, "kind");
    }
}

/* With a domain, everybody is told its address, and capabilities say so. */
static void
test_domain_makes_the_links (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autoptr (JsonObject) before = NULL, after = NULL;
  g_autofree char *url = NULL;

  before = api_call (fixture, ALICE, "{'action': 'capabilities'}");
  g_assert_true (json_object_get_null_member (api_done (before), "domain"));

  fixture->config.domain = g_strdup ("https://files.example/all");
  server_fixture_restart (fixture);
  after = api_call (fixture, ALICE, "{'action': 'capabilities'}");
  g_assert_cmpstr (json_object_get_string_member (api_done (after), "domain"), ==,
                   "https://files.example/all");
  url = upload (fixture, "a/b c", bytes);
  g_assert_cmpstr (url, ==, "https://files.example/all/a/b%20c");
}

static void
test_public_downloads_have_plain_links (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *url = NULL;

  fixture->config.downloads_public = TRUE;
  server_fixture_restart (fixture);
  url = upload (fixture, "a/b", bytes);
  g_assert_true (g_str_has_suffix (url, "/downloads/a/b"));
  assert_download (fixture, url, bytes);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *path = g_strconcat ("/storage-config/wrong/", wrong[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_wrong);
    }
  g_test_add_func ("/storage-config/right", test_right);
  g_test_add_func ("/storage-config/every-kind-is-known", test_every_kind_is_known);
  g_test_add ("/storage-config/domain-makes-the-links", ServerFixture, NULL, server_fixture_set_up,
              test_domain_makes_the_links, server_fixture_tear_down);
  g_test_add ("/storage-config/public-downloads-have-plain-links", ServerFixture, NULL,
              server_fixture_set_up, test_public_downloads_have_plain_links,
              server_fixture_tear_down);
  return g_test_run ();
}
