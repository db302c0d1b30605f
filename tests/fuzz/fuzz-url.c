/* fuzz-url.c: addresses, and where the requests of a bucket go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is lines: endpoint or URL, bucket, prefix, key, and what an answer names as region or
 * endpoint; with `v` in the sixth, the bucket stands in the host's name.
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-key-source.h"
#include "streamer-key.h"
#include "streamer-s3-address.h"
#include "streamer-s3-metadata.h"
#include "streamer-s3-place.h"
#include "streamer-url.h"

static void
check_url (const char *url)
{
  g_autoptr (GUri) uri = NULL;
  g_autofree char *container = streamer_s3_container_make_url (NULL, url, NULL);
  g_autofree char *relative = streamer_s3_container_make_url (url, NULL, NULL);

  if (relative != NULL)
    g_assert_true (g_str_has_prefix (relative, "http://169.254.170.2/"));
  if (container != NULL)
    g_assert_true (streamer_url_is_usable (container));
  streamer_key_source_check_uri (url);
  if (!streamer_url_is_usable (url))
    return;
  uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  g_assert_nonnull (uri);
  g_assert_null (g_uri_get_userinfo (uri));
  g_assert_null (strpbrk (g_uri_get_host (uri), " /?#@\\"));
  fuzz_check_shown (g_uri_get_host (uri), NULL);
  fuzz_check_shown (url, NULL);
  g_assert_null (strchr (url, ' '));
}

static void
check_address (const StreamerS3Location *location, const char *key)
{
  g_auto (StreamerS3Address) address = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = NULL, *url = NULL, *path = NULL;
  g_autoptr (GUri) endpoint = NULL, uri = NULL;
  g_autofree char *ascii = NULL;
  gboolean ok = streamer_s3_address_init (&address, location, key, &error);

  fuzz_check_error (ok, error);
  if (!ok)
    return;
  whole = streamer_s3_location_get_key (location, key);
  path = g_uri_unescape_string (address.path, NULL);
  url = g_strconcat (address.base, address.path, NULL);
  g_assert_true (streamer_url_is_usable (url));
  g_assert_true (*address.path == '/');
  g_assert_true (path == NULL || g_str_has_suffix (path, whole));

  /* No bucket and no key leads to another host. */
  endpoint = g_uri_parse (location->endpoint, SOUP_HTTP_URI_FLAGS, NULL);
  uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_assert_nonnull (uri);
  ascii = g_hostname_to_ascii (g_uri_get_host (endpoint));
  if (ascii != NULL && g_ascii_strcasecmp (g_uri_get_host (uri), ascii) != 0)
    {
      g_assert_false (location->path_style);
      g_assert_true (g_str_has_prefix (g_uri_get_host (uri), location->bucket));
      g_assert_cmpint (
          g_ascii_strcasecmp (g_uri_get_host (uri) + strlen (location->bucket) + 1, ascii), ==, 0);
    }
  g_assert_null (g_uri_get_query (uri));
  g_assert_null (g_uri_get_fragment (uri));
}

/* What an answer says leads to no other domain. */
static void
check_move (const StreamerS3Location *location, const char *hint)
{
  StreamerS3Location moved = { 0 };
  g_autofree char *region = streamer_s3_location_find_region (location, hint);

  if (region != NULL)
    {
      g_assert_null (strpbrk (region, "./:@?#%"));
      fuzz_check_shown (region, NULL);
    }
  streamer_s3_location_copy (location, &moved);
  if (streamer_s3_location_move (&moved, hint))
    {
      g_assert_true (streamer_url_is_usable (moved.endpoint));
      g_assert_null (strpbrk (moved.region, "./:@?#%"));
      if (!g_str_equal (moved.endpoint, location->endpoint))
        g_assert_true (g_str_has_suffix (moved.endpoint, ".amazonaws.com") ||
                       g_str_has_suffix (moved.endpoint, ".amazonaws.com.cn"));
    }
  streamer_s3_location_clear (&moved);
}

static void
check_place (const char *uri)
{
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();
  g_autoptr (GError) error = NULL;
  gboolean ok = streamer_s3_place_set_uri (place, uri, &error);

  fuzz_check_error (ok, error);
  if (ok && place->prefix != NULL)
    {
      g_autofree char *canonical = streamer_key_canonicalize (place->prefix, -1, NULL);

      g_assert_cmpstr (canonical, ==, place->prefix);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autofree char *endpoint = fuzz_take_line (&input);
  g_autofree char *bucket = fuzz_take_line (&input);
  g_autofree char *prefix = fuzz_take_line (&input);
  g_autofree char *key = fuzz_take_line (&input);
  g_autofree char *hint = fuzz_take_line (&input);
  g_autofree char *style = fuzz_take_line (&input);
  StreamerS3Location location = {
    .endpoint = endpoint,
    .region = (char *) "us-east-1",
    .bucket = bucket,
    .prefix = streamer_key_canonicalize (prefix, -1, NULL),
    .path_style = *style != 'v',
  };

  check_url (endpoint);
  check_place (endpoint);
  check_address (&location, key);
  check_move (&location, hint);
  g_free (location.prefix);
  return 0;
}
