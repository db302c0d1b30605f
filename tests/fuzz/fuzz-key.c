/* fuzz-key.c: keys of objects, and all that is made of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-config-values.h"
#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-object-path.h"
#include "streamer-sigv4.h"
#include "streamer-url.h"

#define MAX_FILE_NAME 255

static void
check_canonical (const char *key)
{
  g_auto (GStrv) segments = g_strsplit (key, "/", -1);
  g_autofree char *again = streamer_key_canonicalize (key, -1, NULL);
  g_autofree char *normal = g_utf8_normalize (key, -1, G_NORMALIZE_NFC);

  g_assert_cmpstr (again, ==, key);
  g_assert_cmpstr (normal, ==, key);
  g_assert_cmpuint (strlen (key), <=, STREAMER_KEY_MAX_BYTES);
  fuzz_check_shown (key, NULL);
  g_assert_nonnull (segments[0]);
  for (gsize i = 0; segments[i] != NULL; i++)
    {
      g_autofree char *name = streamer_object_path_segment (segments[i]);

      g_assert_cmpstr (segments[i], !=, "");
      g_assert_cmpstr (segments[i], !=, ".");
      g_assert_cmpstr (segments[i], !=, "..");
      g_assert_null (strchr (name, '/'));
      g_assert_true (*name != '\0' && strlen (name) <= MAX_FILE_NAME);
      g_assert_true (!g_str_equal (name, ".") && !g_str_equal (name, ".."));
    }
}

/* Encoded once and decoded once, it is the same key, in both encodings. */
static void
check_url (const char *key)
{
  g_autofree char *url = streamer_key_to_url ("https://example.org/", key);
  g_autofree char *encoded = streamer_sigv4_encode (key, TRUE);
  g_autofree char *decoded = g_uri_unescape_string (encoded, NULL);
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  g_assert_cmpstr (decoded, ==, key);
  g_assert_true (streamer_url_is_usable (url));
  g_assert_nonnull (uri);
  g_assert_cmpstr (g_uri_get_host (uri), ==, "example.org");
  g_assert_cmpstr (g_uri_get_path (uri) + 1, ==, key);
  g_assert_null (g_uri_get_query (uri));
  g_assert_null (g_uri_get_fragment (uri));
}

/* `team-a` never admits `team-ab/x`. */
static void
check_segments (const char *key)
{
  const char *slash = strchr (key, '/');
  g_autofree char *longer = g_strconcat (key, "b", NULL);
  g_autofree char *first = g_strndup (key, strcspn (key, "/"));
  g_autofree char *joined = slash != NULL ? streamer_key_join (first, slash + 1, NULL) : NULL;
  g_autofree char *trimmed = g_strstrip (g_strdup (first));

  g_assert_true (streamer_key_is_below (key, key) && streamer_key_is_below (key, first));
  g_assert_false (streamer_key_is_below (longer, key));
  if (slash != NULL && g_str_equal (trimmed, first))
    g_assert_cmpstr (joined, ==, key);
}

static void
check_rest (const char *text)
{
  g_autofree char *shown = streamer_key_display_name (text);
  g_autofree char *prefix = NULL;

  fuzz_check_shown (shown, NULL);
  if (streamer_config_parse_prefix (text, &prefix) && *prefix != '\0')
    check_canonical (prefix);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autoptr (GError) error = NULL;
  g_autofree char *key = streamer_key_canonicalize ((const char *) data, size, &error);
  g_autofree char *text = fuzz_take_text (&input);

  fuzz_check_error (key != NULL, error);
  if (key != NULL)
    {
      check_canonical (key);
      check_url (key);
      check_segments (key);
    }
  if (text != NULL)
    check_rest (text);
  return 0;
}
