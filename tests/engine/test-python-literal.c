/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <gio/gio.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-python-literal.h"

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = streamer_python_literal_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

static void
assert_same (const char *literal, const char *json)
{
  g_autoptr (JsonNode) node = parse (literal);
  g_autoptr (JsonNode) expected = json_from_string (json, NULL);

  g_assert_nonnull (expected);
  if (!json_node_equal (node, expected))
    {
      g_autofree char *got = streamer_json_to_string (node);

      g_test_message ("%s gives %s instead of %s", literal, got, json);
      g_test_fail ();
    }
}

static void
assert_refused_bytes (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = streamer_python_literal_parse (text, length, &error);

  if (node != NULL)
    g_test_message ("accepted: %s", text);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
  g_assert_null (node);
}

static void
assert_refused (const char *text)
{
  assert_refused_bytes (text, strlen (text));
}

static void
test_accepted (void)
{
  static const struct
  {
    const char *literal;
    const char *json;
  } values[] = {
    { "{}", "{}" },
    { " [ ] \n", "[]" },
    { "'it'", "\"it\"" },
    { "\"it's\"", "\"it's\"" },
    { "'\"'", "\"\\\"\"" },
    { "[True, False, None]", "[true, false, null]" },
    { "[0, -0, -12, 9223372036854775807, -9223372036854775808]",
      "[0, 0, -12, 9223372036854775807, -9223372036854775808]" },
    { "{ 'a' : [ 1 ,\t2 ],\r\n'b':{'c':''}}", "{\"a\": [1, 2], \"b\": {\"c\": \"\"}}" },
    { "'\\\\ \\' \\\" \\n \\r \\t'", "\"\\\\ ' \\\" \\n \\r \\t\"" },
    { "'\\a\\b\\f\\v'", "\"\\u0007\\b\\f\\u000b\"" },
    { "'\\x41\\xe9\\u2028\\U0001f600'", "\"A\\u00e9\\u2028\\ud83d\\ude00\"" },
    { "'caf\xc3\xa9 \xf0\x9f\x98\x80'", "\"caf\\u00e9 \\ud83d\\ude00\"" },
    { "[{'ETag': '0a1b', 'PartNumber': 1}, {'ETag': '2c3d', 'PartNumber': 2}]",
      "[{\"ETag\": \"0a1b\", \"PartNumber\": 1}, {\"ETag\": \"2c3d\", \"PartNumber\": 2}]" },
    { "'[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[['",
      "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    assert_same (values[i].literal, values[i].json);
}

static void
test_order (void)
{
  g_autoptr (JsonNode) node = parse ("{'url': 'u', 'fields': {'key': 1, 'policy': 2, 'a': 3}}");
  JsonObject *fields = json_object_get_object_member (json_node_get_object (node), "fields");
  g_autoptr (GString) names = g_string_new (NULL);
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init_ordered (&iter, fields);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    g_string_append_printf (names, "%s ", name);
  g_assert_cmpstr (names->str, ==, "key policy a ");
}

/* Python would take many of these, and evaluate some. */
static const char *const evil[] = {
  "",
  " ",
  "'",
  "\"",
  "'a\"",
  "'''a'''",
  "'a' 'b'",
  "'a'\\\n'b'",
  "u'a'",
  "b'a'",
  "r'a'",
  "f'a'",
  "'\\N{BULLET}'",
  "'\\0'",
  "'\\101'",
  "'\\x0'",
  "'\\x00'",
  "'\\u0000'",
  "'\\U00000000'",
  "'\\ud83d'",
  "'\\ud83d\\ude00'",
  "'\\U00110000'",
  "'\\U0000d800'",
  "'\\uzzzz'",
  "'\\z'",
  "'\\",
  "'a\nb'",
  "'a\tb'",
  "'a\\\nb'",
  "(1, 2)",
  "(1)",
  "{1, 2}",
  "{1: 2}",
  "{'a'}",
  "{'a':}",
  "{'a': 1,}",
  "{'a': 1 'b': 2}",
  "{'a': 1, 'a': 2}",
  "[1,]",
  "[,]",
  "[1 2]",
  "[1",
  "{'a': 1",
  "[1}",
  "{]",
  "1 2",
  "[] []",
  "[] x",
  "01",
  "-01",
  "-",
  "+1",
  "1_000",
  "0x10",
  "1.0",
  "1e3",
  "1L",
  "1j",
  "9223372036854775808",
  "-9223372036854775809",
  "99999999999999999999999999",
  "true",
  "null",
  "Truex",
  "[Nonesuch]",
  "nan",
  "...",
  "__import__('os')",
  "dict()",
  "[x for x in []]",
  "1+1",
  "'a'*9",
  "lambda: 0",
  "# c",
  "[1] # c",
  "{**{}}",
};

static void
test_refused (void)
{
  static const char nul[] = "'a\0b'";

  for (gsize i = 0; i < G_N_ELEMENTS (evil); i++)
    assert_refused (evil[i]);
  assert_refused_bytes (nul, sizeof nul - 1);
  assert_refused_bytes ("'a'\0", 4);
  assert_refused ("'\xff'");
  assert_refused ("'\xc3'");
  assert_refused ("'\xed\xa0\x80'");
}

/* Whatever is cut off a literal, nothing is left that is one. */
static void
test_cut (void)
{
  static const char whole[] = "[{'a': [-1, 'x\\x41\\U0001f600', True]}, \"b\", {'c': None}]";

  for (gsize length = 0; length < sizeof whole - 1; length++)
    assert_refused_bytes (whole, length);
}

static char *
nest (guint depth, const char *open, const char *close)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append (text, "0");
  for (guint i = 0; i < depth; i++)
    g_string_append (text, close);
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *deep = nest (STREAMER_JSON_MAX_DEPTH, "[", "]");
  g_autofree char *deep_dict = nest (STREAMER_JSON_MAX_DEPTH, "{'a':", "}");
  g_autofree char *too_deep = nest (STREAMER_JSON_MAX_DEPTH + 1, "[", "]");
  g_autofree char *too_deep_dict = nest (STREAMER_JSON_MAX_DEPTH + 1, "{'a':", "}");
  g_autofree char *bottomless = nest (200000, "[", "");

  json_node_unref (parse (deep));
  json_node_unref (parse (deep_dict));
  assert_refused (too_deep);
  assert_refused (too_deep_dict);
  assert_refused (bottomless);
}

static void
test_length (void)
{
  g_autofree char *text = g_strnfill (STREAMER_JSON_MAX_BYTES + 1, 'a');

  text[0] = '\'';
  text[STREAMER_JSON_MAX_BYTES - 1] = '\'';
  text[STREAMER_JSON_MAX_BYTES] = ' ';
  assert_refused_bytes (text, STREAMER_JSON_MAX_BYTES + 1);
  {
    g_autoptr (JsonNode) node = NULL;

    text[STREAMER_JSON_MAX_BYTES] = '\0';
    node = parse (text);
    g_assert_cmpuint (strlen (json_node_get_string (node)), ==, STREAMER_JSON_MAX_BYTES - 2);
  }
}

static void
test_written (void)
{
  static const struct
  {
    const char *json;
    const char *literal;
  } values[] = {
    { "[{\"ETag\": \"0a1b\", \"PartNumber\": 1}]", "[{'ETag': '0a1b', 'PartNumber': 1}]" },
    { "{\"b\": [], \"a\": {}}", "{'b': [], 'a': {}}" },
    { "[true, false, null, -5]", "[True, False, None, -5]" },
    { "\"it's\"", "\"it's\"" },
    { "\"\\\"\"", "'\"'" },
    { "\"'\\\"\"", "'\\'\"'" },
    { "\"a\\\\b\\n\\u0001\\u007f\\u00a0\\u2028\\u00e9\"",
      "'a\\\\b\\n\\x01\\x7f\\xa0\\u2028\xc3\xa9'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (values[i].json, NULL);
      g_autofree char *literal = streamer_python_literal_to_string (node);

      g_assert_cmpstr (literal, ==, values[i].literal);
    }
}

static char *
ask_python (const char *argument, const char *input)
{
  g_autofree char *script =
      g_test_build_filename (G_TEST_DIST, "engine", "python_literals.py", NULL);
  g_autoptr (GSubprocess) python = NULL;
  g_autoptr (GBytes) in = g_bytes_new (input, strlen (input));
  g_autoptr (GBytes) out = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text;

  python = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                             "/usr/bin/python3", script, argument, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate (python, in, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (python));
  text = g_bytes_get_data (out, &length);
  return g_strndup (text, length);
}

static void
test_agrees_with_python (void)
{
  g_autofree char *corpus = ask_python (NULL, "");
  g_auto (GStrv) lines = g_strsplit (corpus, "\n", -1);
  g_autoptr (GString) ours = g_string_new (NULL);
  guint n = 0;

  for (; lines[n] != NULL && *lines[n] != '\0'; n++)
    {
      char *tab = strchr (lines[n], '\t');
      g_autoptr (JsonNode) node = NULL;
      g_autofree char *literal = NULL;

      g_assert_nonnull (tab);
      *tab = '\0';
      assert_same (lines[n], tab + 1);
      node = parse (lines[n]);
      literal = streamer_python_literal_to_string (node);
      g_string_append_printf (ours, "%s\t%s\n", literal, tab + 1);
    }
  g_assert_cmpuint (n, >=, 1000);
  g_free (ask_python ("check", ours->str));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/python-literal/accepted", test_accepted);
  g_test_add_func ("/python-literal/order", test_order);
  g_test_add_func ("/python-literal/refused", test_refused);
  g_test_add_func ("/python-literal/cut", test_cut);
  g_test_add_func ("/python-literal/depth", test_depth);
  g_test_add_func ("/python-literal/length", test_length);
  g_test_add_func ("/python-literal/written", test_written);
  g_test_add_func ("/python-literal/agrees-with-python", test_agrees_with_python);
  return g_test_run ();
}
