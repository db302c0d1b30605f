/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-error.h"
#include "streamer-json.h"

static JsonNode *
parse (const char *text, GError **error)
{
  return streamer_json_parse (text, strlen (text), error);
}

static void
assert_accepted (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = parse (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
}

static void
assert_refused (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = streamer_json_parse (text, length, &error);

  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
  g_assert_null (node);
}

static void
test_accepted (void)
{
  static const char *const texts[] = {
    "{}",
    " [ ] ",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-12",
    "1.5e-3",
    "9223372036854775807",
    "-9223372036854775808",
    "\"\"",
    "[1,2,[],{},[[]]]",
    "{\"a\":{\"b\":[null,true]},\"c\":\"\"}",
    "\r\n\t{ \"a\" : [ 1 , 2 ] }\n",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude80\"",
    "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[{{{{{{\"",
    "\"caf\xc3\xa9\"",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_accepted (texts[i]);
}

/* Among them what json-glib takes although it is not JSON. */
static void
test_refused (void)
{
  static const char *const texts[] = {
    "",
    " ",
    "{",
    "[",
    "}",
    "]",
    "[}",
    "{]",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{,}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{\"a\" 1}",
    "{1:2}",
    "{a:1}",
    "[1]]",
    "[1][2]",
    "{} {}",
    "1 2",
    "'a'",
    "{'a':1}",
    "// comment\n{}",
    "/* \" */ {}",
    "{/*\"*/}",
    "# a\n1",
    "var a = {};",
    "tru",
    "True",
    "nullx",
    "NaN",
    "Infinity",
    "01",
    "0x10",
    "1.",
    "1e999",
    "-1.5e309",
    ".5",
    "1e",
    "+1",
    "--1",
    "-",
    "\"a",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\\",
    "\"\\u",
    "\"\\u0000\"",
    "{\"a\\u0000b\":1}",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud83d\\u0041\"",
    "\"\\ud83dx\"",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "-18446744073709551615",
    "\xef\xbb\xbf{}",
    "\"\xff\"",
    "\"\xc3\"",
    "\"\xed\xa0\x80\"",
    "<html><body>Sign in</body></html>",
    "{'url': None}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused (texts[i], strlen (texts[i]));
  assert_refused ("\"a\0b\"", 5);
  assert_refused ("{}\0", 3);
}

static char *
nested (guint depth, const char *open, const char *close)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append (text, "1");
  for (guint i = 0; i < depth; i++)
    g_string_append (text, close);
  return g_string_free (text, FALSE);
}

static void
test_nesting_is_bounded (void)
{
  static const char *const pairs[][2] = { { "[", "]" }, { "{\"a\":", "}" }, { "[[],", "]" } };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *most = nested (STREAMER_JSON_MAX_DEPTH, pairs[i][0], pairs[i][1]);
      g_autofree char *over = nested (STREAMER_JSON_MAX_DEPTH + 1, pairs[i][0], pairs[i][1]);

      if (i < 2)
        assert_accepted (most);
      assert_refused (over, strlen (over));
    }
}

/* 200,000 brackets crash json-glib 1.6, also behind a string or a comment that hides them. */
static void
test_deep_nesting_never_reaches_the_parser (void)
{
  g_autofree char *brackets = g_strnfill (200000, '[');
  g_autofree char *behind_string = g_strconcat ("{\"\\\\\":", brackets, NULL);
  g_autofree char *behind_comment = g_strconcat ("/*\"*/", brackets, NULL);
  g_autofree char *behind_quote = g_strconcat ("'\"'", brackets, NULL);

  assert_refused (brackets, strlen (brackets));
  assert_refused (behind_string, strlen (behind_string));
  assert_refused (behind_comment, strlen (behind_comment));
  assert_refused (behind_quote, strlen (behind_quote));
}

static void
test_length_is_bounded (void)
{
  g_autofree char *text = g_strnfill (STREAMER_JSON_MAX_BYTES + 1, ' ');
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  text[0] = '1';
  node = streamer_json_parse (text, STREAMER_JSON_MAX_BYTES, &error);
  g_assert_no_error (error);
  assert_refused (text, STREAMER_JSON_MAX_BYTES + 1);
}

static void
test_strings (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node =
      parse ("{\"s\":\"\\ud83d\\ude80\",\"n\":null,\"i\":1,\"o\":{}}", &error);
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpstr (streamer_json_get_string (object, "s", &error), ==, "\xf0\x9f\x9a\x80");
  g_assert_cmpstr (streamer_json_get_optional_string (object, "s", &error), ==, "\xf0\x9f\x9a\x80");
  g_assert_null (streamer_json_get_optional_string (object, "n", &error));
  g_assert_null (streamer_json_get_optional_string (object, "absent", &error));
  g_assert_no_error (error);

  for (const char *const *member = (const char *const[]){ "n", "i", "o", "absent", NULL };
       *member != NULL; member++)
    {
      g_assert_null (streamer_json_get_string (object, *member, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, *member));
      g_clear_error (&error);
    }
  g_assert_null (streamer_json_get_optional_string (object, "i", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
}

static void
test_integers_are_strict (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node =
      parse ("{\"zero\":0,\"above53\":9007199254740993,\"most\":9223372036854775807,"
             "\"float\":1.0,\"exp\":1e3,\"neg\":-1,\"text\":\"1\",\"bool\":true,\"null\":null}",
             &error);
  JsonObject *object = json_node_get_object (node);
  guint64 value = 42;

  g_assert_true (streamer_json_get_uint (object, "zero", 0, 0, &value, &error));
  g_assert_cmpuint (value, ==, 0);
  g_assert_true (streamer_json_get_uint (object, "above53", 0, G_MAXUINT64, &value, &error));
  g_assert_cmpuint (value, ==, G_GUINT64_CONSTANT (9007199254740993));
  g_assert_true (streamer_json_get_uint (object, "most", 0, G_MAXUINT64, &value, &error));
  g_assert_cmpuint (value, ==, G_MAXINT64);
  g_assert_no_error (error);

  value = 42;
  for (const char *const *member =
           (const char *const[]){ "float", "exp", "neg", "text", "bool", "null", "absent", NULL };
       *member != NULL; member++)
    {
      g_assert_false (streamer_json_get_uint (object, *member, 0, G_MAXUINT64, &value, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
      g_clear_error (&error);
    }
  g_assert_false (streamer_json_get_uint (object, "zero", 1, 9, &value, NULL));
  g_assert_false (streamer_json_get_uint (object, "most", 0, G_MAXINT64 - 1, &value, NULL));
  g_assert_cmpuint (value, ==, 42);
}

static void
test_other_types (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node =
      parse ("{\"t\":true,\"o\":{\"x\":1},\"a\":[1,2,3],\"i\":1,\"s\":\"true\"}", &error);
  JsonObject *object = json_node_get_object (node);
  gboolean flag = FALSE;

  g_assert_true (streamer_json_get_boolean (object, "t", &flag, &error));
  g_assert_true (flag);
  g_assert_cmpint (json_object_get_size (streamer_json_get_object (object, "o", &error)), ==, 1);
  g_assert_cmpuint (json_array_get_length (streamer_json_get_array (object, "a", 3, &error)), ==,
                    3);
  g_assert_no_error (error);

  g_assert_false (streamer_json_get_boolean (object, "i", &flag, NULL));
  g_assert_false (streamer_json_get_boolean (object, "s", &flag, NULL));
  g_assert_null (streamer_json_get_object (object, "a", NULL));
  g_assert_null (streamer_json_get_object (object, "absent", NULL));
  g_assert_null (streamer_json_get_array (object, "o", 9, NULL));
  g_assert_null (streamer_json_get_array (object, "a", 2, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
}

static void
test_text_is_one_compact_line (void)
{
  g_autoptr (JsonNode) node = parse ("{ \"a\" : [ 1,\n 2 ],\"b\":\"x\\ny\" }", NULL);
  g_autofree char *text = streamer_json_to_string (node);

  g_assert_cmpstr (text, ==, "{\"a\":[1,2],\"b\":\"x\\ny\"}");
}

/* What json-glib would write is not JSON. */
static void
test_text_is_json (void)
{
  static const char *const texts[] = {
    "[3e22,-1E+22,1e-300,1e22]",
    "{\"true\\u001f1e5.0\":\"\\\\\\\"1e5.0\\u001f\\u001e\\u0020\"}",
  };
  static const char *const wanted[] = {
    "[3e+22,-1e+22,1e-300,1e+22]",
    "{\"true\\u001f1e5.0\":\"\\\\\\\"1e5.0\\u001f\\u001e \"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) node = parse (texts[i], NULL);
      g_autofree char *text = streamer_json_to_string (node);

      g_assert_cmpstr (text, ==, wanted[i]);
      assert_accepted (text);
    }
}

/* One line in a log is one for everybody, and shows as it is. */
static void
test_text_is_one_line_for_terminals (void)
{
  static const char text[] =
      "[\"a\xc2\x80\xc2\x85\xc2\x9b[31m\xc2\xa0\",\"\xe2\x80\xa8\xe2\x80\xae\","
      "\"\xe2\x81\xa6\xe2\x81\xaa\xf0\x9f\x98\x80\"]";
  g_autoptr (JsonNode) node = parse (text, NULL);
  g_autofree char *written = streamer_json_to_string (node);
  g_autoptr (JsonNode) again = NULL;

  g_assert_cmpstr (written, ==,
                   "[\"a\\u0080\\u0085\\u009b[31m\xc2\xa0\",\"\\u2028\\u202e\","
                   "\"\\u2066\xe2\x81\xaa\xf0\x9f\x98\x80\"]");
  again = parse (written, NULL);
  g_assert_true (json_node_equal (node, again));
}

/* Mutated JSON is taken or refused; what is taken is taken again when it is written out. */
static void
test_random_mutations (void)
{
  static const char seed_text[] = "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\\\\\"],\"b\":{\"c\":{}}}";
  static const char alphabet[] = "{}[],:\"\\/u019eE+-.tfn '*";
  guint accepted = 0;

  for (guint round = 0; round < 20000; round++)
    {
      g_autofree char *text = g_strdup (seed_text);
      gsize length = strlen (text);
      g_autoptr (JsonNode) node = NULL;

      for (gint changes = g_test_rand_int_range (0, 4); changes > 0; changes--)
        text[g_test_rand_int_range (0, length)] =
            alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      node = streamer_json_parse (text, length, NULL);
      if (node != NULL)
        {
          g_autofree char *written = streamer_json_to_string (node);

          assert_accepted (written);
          accepted++;
        }
    }
  g_assert_cmpuint (accepted, >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/accepted", test_accepted);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/nesting-is-bounded", test_nesting_is_bounded);
  g_test_add_func ("/json/deep-nesting-never-reaches-the-parser",
                   test_deep_nesting_never_reaches_the_parser);
  g_test_add_func ("/json/length-is-bounded", test_length_is_bounded);
  g_test_add_func ("/json/strings", test_strings);
  g_test_add_func ("/json/integers-are-strict", test_integers_are_strict);
  g_test_add_func ("/json/other-types", test_other_types);
  g_test_add_func ("/json/text-is-one-compact-line", test_text_is_one_compact_line);
  g_test_add_func ("/json/text-is-json", test_text_is_json);
  g_test_add_func ("/json/text-is-one-line-for-terminals", test_text_is_one_line_for_terminals);
  g_test_add_func ("/json/random-mutations", test_random_mutations);
  return g_test_run ();
}
