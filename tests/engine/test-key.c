/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-error.h"
#include "streamer-key.h"

static void
assert_canonical (const char *given, gssize length, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = streamer_key_canonicalize (given, length, &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (key, ==, expected);
  again = streamer_key_canonicalize (key, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, key);
}

static void
assert_refused (const char *given, gssize length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = streamer_key_canonicalize (given, length, &error);

  g_assert_null (key);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
}

static void
test_keys_stay_as_they_are (void)
{
  static const char *const keys[] = {
    "a",
    "team-a/holiday 2026/film.mp4",
    "%2e%2e/%2F%00",
    "a%20b+c&d=e?f#g",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d/\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85.txt", /* RTL */
    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80.png", /* emoji with a joiner */
    "...",
    "..a/b..",
    ".hidden/.also",
    "a/ b /c",
    "back\\slash",
    "'quotes'\"and\"<tags>*|",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    assert_canonical (keys[i], -1, keys[i]);
}

static void
test_decomposed_becomes_composed (void)
{
  assert_canonical ("Mu\xcc\x88ller/cafe\xcc\x81", -1, "M\xc3\xbcller/caf\xc3\xa9");
  /* Hangul, and a character that has another one's form in NFC. */
  assert_canonical ("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", -1, "\xed\x95\x9c");
  assert_canonical ("\xe2\x84\xab", -1, "\xc3\x85");
}

static void
test_ends_are_trimmed (void)
{
  assert_canonical ("/a/b/", -1, "a/b");
  assert_canonical ("//a b//", -1, "a b");
  assert_canonical (" a ", -1, " a ");
  assert_canonical ("abc", 2, "ab");
  assert_canonical ("a\0b", 1, "a");
}

static void
test_refused (void)
{
  static const char *const keys[] = {
    "",
    "/",
    "//",
    "a//b",
    "./a",
    "a/.",
    "a/./b",
    "../a",
    "a/..",
    "a/../b",
    "..",
    ".",
    "a\nb",
    "a\tb",
    "\ta",
    "a\x01",
    "a\x1f",
    "a\x7f"
    "b",
    "a\xc2\x80" /* C1 */,
    "\xc2\x9f"
    "b",
    "\xff",
    "a\xc3",
    "\xc0\xaf",
    "\xed\xa0\x80" /* a surrogate */,
    "a/\xe2\x28\xa1",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    assert_refused (keys[i], -1);
  assert_refused ("a\0b", 3);
  assert_refused ("a\0", 2);
  assert_refused ("\0", 1);
}

static void
test_length (void)
{
  g_autofree char *most = g_strnfill (STREAMER_KEY_MAX_BYTES, 'k');
  g_autofree char *over = g_strnfill (STREAMER_KEY_MAX_BYTES + 1, 'k');
  g_autofree char *far_over = g_strnfill (1 << 20, 'k');
  g_autofree char *trimmed = g_strconcat ("//", most, "//", NULL);
  g_autoptr (GString) composed = g_string_new (NULL);
  g_autoptr (GString) decomposed = g_string_new (NULL);

  assert_canonical (most, -1, most);
  assert_canonical (trimmed, -1, most);
  assert_refused (over, -1);
  assert_refused (far_over, -1);

  /* What counts is the length in NFC. */
  for (guint i = 0; i < STREAMER_KEY_MAX_BYTES / 2; i++)
    {
      g_string_append (composed, "\xc3\xa9");
      g_string_append (decomposed, "e\xcc\x81");
    }
  assert_canonical (decomposed->str, -1, composed->str);
  g_string_append (decomposed, "x");
  assert_refused (decomposed->str, -1);
}

static void
assert_joined (const char *prefix, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = streamer_key_join (prefix, name, &error);

  g_assert_cmpstr (key, ==, expected);
  if (expected == NULL)
    g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  else
    g_assert_no_error (error);
}

static void
test_join (void)
{
  assert_joined (NULL, "f", "f");
  assert_joined ("", "f", "f");
  assert_joined (" / ", "d/f", "d/f");
  assert_joined ("/team-a/ ", "f", "team-a/f");
  assert_joined ("team-a", "/d/f/", "team-a/d/f");
  assert_joined ("a/b", "%2e%2e", "a/b/%2e%2e");
  assert_joined ("a", "..", NULL);
  assert_joined ("a/..", "f", NULL);
  assert_joined ("a//b", "f", NULL);
  assert_joined ("a", "", NULL);
  assert_joined ("a", "/", NULL);
  assert_joined ("a", "new\nline", NULL);
  assert_joined ("a", "latin-\xe9", NULL);
}

/* "f " and "f" are two files; trimming would make them one object. */
static void
test_join_does_not_rename (void)
{
  assert_joined ("a", "f ", "a/f ");
  assert_joined ("a", " f", "a/ f");
  assert_joined (" a ", " ", "a/ ");
  assert_joined (NULL, "d/f ", "d/f ");
  assert_joined ("a", "d / f", "a/d / f");
}

static void
test_join_has_the_same_limit (void)
{
  g_autofree char *name = g_strnfill (STREAMER_KEY_MAX_BYTES - 2, 'k');
  g_autofree char *expected = g_strconcat ("p/", name, NULL);

  assert_joined ("p", name, expected);
  assert_joined ("pp", name, NULL);
}

static void
test_prefixes_are_whole_segments (void)
{
  g_assert_true (streamer_key_is_below ("team-a/x", "team-a"));
  g_assert_true (streamer_key_is_below ("team-a/x/y", "team-a/x"));
  g_assert_true (streamer_key_is_below ("team-a", "team-a"));
  g_assert_true (streamer_key_is_below ("anything", ""));
  g_assert_false (streamer_key_is_below ("team-ab/x", "team-a"));
  g_assert_false (streamer_key_is_below ("team-ab", "team-a"));
  g_assert_false (streamer_key_is_below ("team", "team-a"));
  g_assert_false (streamer_key_is_below ("x/team-a/y", "team-a"));
  g_assert_false (streamer_key_is_below ("Team-a/x", "team-a"));
}

static void
test_url_is_encoded_once (void)
{
  static const struct
  {
    const char *base;
    const char *key;
    const char *url;
  } cases[] = {
    { "https://h/d", "a/b", "https://h/d/a/b" },
    { "https://h/d/", "a/b", "https://h/d/a/b" },
    { "https://h", "a b+c", "https://h/a%20b%2Bc" },
    { "https://h", "%2e%2e", "https://h/%252e%252e" },
    { "https://h", "q?x#y&z=1", "https://h/q%3Fx%23y%26z%3D1" },
    { "https://h", "\xc3\xa9-._~", "https://h/%C3%A9-._~" },
    { "https://h", "\xf0\x9f\x9a\x80", "https://h/%F0%9F%9A%80" },
    { "https://h", "a:b@c;d,e'f(g)!*", "https://h/a%3Ab%40c%3Bd%2Ce%27f%28g%29%21%2A" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *url = streamer_key_to_url (cases[i].base, cases[i].key);

      g_assert_cmpstr (url, ==, cases[i].url);
    }
}

static void
test_display_name (void)
{
  static const struct
  {
    const char *bytes;
    const char *shown;
  } cases[] = {
    { "caf\xc3\xa9.txt", "caf\xc3\xa9.txt" },
    { "latin-\xe9.txt", "latin-\\xE9.txt" },
    { "cut\xe2\x82", "cut\\xE2\\x82" },
    { "new\nline\x7f", "new\\x0Aline\\x7F" },
    { "c1\xc2\x9b"
      "m",
      "c1\\xC2\\x9Bm" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = streamer_key_display_name (cases[i].bytes);

      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

/* Any bytes give a canonical key, or an error; never both, never neither. */
static void
test_random_bytes (void)
{
  static const char alphabet[] = "ab/. %\xc3\xa9\xcc\x81\n\xe2";

  for (guint round = 0; round < 20000; round++)
    {
      char bytes[12];
      gsize n = g_test_rand_int_range (0, sizeof bytes);
      g_autoptr (GError) error = NULL;
      g_autofree char *key = NULL;

      for (gsize i = 0; i < n; i++)
        bytes[i] = alphabet[g_test_rand_int_range (0, sizeof alphabet)];
      key = streamer_key_canonicalize (bytes, n, &error);
      if (key == NULL)
        {
          g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
          continue;
        }
      g_assert_no_error (error);
      assert_canonical (key, -1, key);
      g_assert_null (strstr (key, "//"));
      g_assert_true (key[0] != '/' && !g_str_has_suffix (key, "/"));
      g_assert_true (g_utf8_validate (key, -1, NULL));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key/stay-as-they-are", test_keys_stay_as_they_are);
  g_test_add_func ("/key/decomposed-becomes-composed", test_decomposed_becomes_composed);
  g_test_add_func ("/key/ends-are-trimmed", test_ends_are_trimmed);
  g_test_add_func ("/key/refused", test_refused);
  g_test_add_func ("/key/length", test_length);
  g_test_add_func ("/key/join", test_join);
  g_test_add_func ("/key/join-does-not-rename", test_join_does_not_rename);
  g_test_add_func ("/key/join-has-the-same-limit", test_join_has_the_same_limit);
  g_test_add_func ("/key/prefixes-are-whole-segments", test_prefixes_are_whole_segments);
  g_test_add_func ("/key/url-is-encoded-once", test_url_is_encoded_once);
  g_test_add_func ("/key/display-name", test_display_name);
  g_test_add_func ("/key/random-bytes", test_random_bytes);
  return g_test_run ();
}
