/* streamer-python-literal.c: Python's notation of data, parsed and never evaluated
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-python-literal.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"

typedef struct
{
  const char *p;
  const char *end;
  guint depth;
} Scan;

/* A letter behind a backslash, and what the two mean. */
static const char escapes[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";

static JsonNode *take_value (Scan *scan);

static void
skip_blanks (Scan *scan)
{
  while (scan->p < scan->end && strchr (" \t\r\n", *scan->p) != NULL && *scan->p != '\0')
    scan->p++;
}

static gboolean
take (Scan *scan, char c)
{
  if (scan->p == scan->end || *scan->p != c)
    return FALSE;
  scan->p++;
  return TRUE;
}

static gboolean
take_word (Scan *scan, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (scan->end - scan->p) < length || memcmp (scan->p, word, length) != 0)
    return FALSE;
  scan->p += length;
  return TRUE;
}

static gboolean
take_hex (Scan *scan, guint n_digits, GString *string)
{
  guint32 c = 0;

  if ((gsize) (scan->end - scan->p) < n_digits)
    return FALSE;
  for (guint i = 0; i < n_digits; i++)
    {
      int digit = g_ascii_xdigit_value (*scan->p++);

      if (digit < 0)
        return FALSE;
      c = c * 16 + digit;
    }
  /* JSON holds noncharacters, but neither surrogates nor, in the readers' strings, NUL. */
  if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
    return FALSE;
  g_string_append_unichar (string, c);
  return TRUE;
}

static gboolean
take_escape (Scan *scan, GString *string)
{
  char c;

  if (scan->p == scan->end)
    return FALSE;
  c = *scan->p++;
  switch (c)
    {
    case 'x':
      return take_hex (scan, 2, string);
    case 'u':
      return take_hex (scan, 4, string);
    case 'U':
      return take_hex (scan, 8, string);
    default:
      for (gsize i = 0; i + 1 < sizeof escapes; i += 2)
        if (escapes[i] == c)
          {
            g_string_append_c (string, escapes[i + 1]);
            return TRUE;
          }
      return FALSE;
    }
}

static char *
take_string (Scan *scan)
{
  g_autoptr (GString) string = g_string_new (NULL);
  char quote = scan->p < scan->end ? *scan->p : '\0';

  if (quote != '\'' && quote != '"')
    return NULL;
  scan->p++;
  while (scan->p < scan->end)
    {
      char c = *scan->p++;

      if (c == quote)
        return g_string_free (g_steal_pointer (&string), FALSE);
      if ((guchar) c < 0x20)
        return NULL;
      if (c != '\\')
        g_string_append_c (string, c);
      else if (!take_escape (scan, string))
        return NULL;
    }
  return NULL;
}

static JsonNode *
take_string_value (Scan *scan)
{
  g_autofree char *string = take_string (scan);
  JsonNode *node;

  if (string == NULL)
    return NULL;
  node = json_node_new (JSON_NODE_VALUE);
  json_node_set_string (node, string);
  return node;
}

static JsonNode *
take_integer (Scan *scan)
{
  const char *start = scan->p;
  const char *digits;
  g_autofree char *text = NULL;
  gint64 number;
  JsonNode *node;

  take (scan, '-');
  digits = scan->p;
  while (scan->p < scan->end && g_ascii_isdigit (*scan->p))
    scan->p++;
  if (scan->p == digits || scan->p - digits > 19 || (*digits == '0' && scan->p - digits > 1))
    return NULL;
  text = g_strndup (start, scan->p - start);
  if (!g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return NULL;
  node = json_node_new (JSON_NODE_VALUE);
  json_node_set_int (node, number);
  return node;
}

static JsonNode *
take_boolean (gboolean value)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_boolean (node, value);
  return node;
}

static gboolean
take_member (Scan *scan, JsonObject *object)
{
  g_autofree char *name = take_string (scan);
  JsonNode *value;

  if (name == NULL || json_object_has_member (object, name))
    return FALSE;
  skip_blanks (scan);
  value = take (scan, ':') ? take_value (scan) : NULL;
  if (value != NULL)
    json_object_set_member (object, name, value);
  return value != NULL;
}

static gboolean
take_element (Scan *scan, JsonArray *array)
{
  JsonNode *value = take_value (scan);

  if (value != NULL)
    json_array_add_element (array, value);
  return value != NULL;
}

/* Behind the opening bracket: the members of a dict or the elements of a list, and the closing one.
 * One of @object and @array is NULL. */
static gboolean
take_contents (Scan *scan, JsonObject *object, JsonArray *array)
{
  char close = object != NULL ? '}' : ']';

  if (scan->depth == STREAMER_JSON_MAX_DEPTH)
    return FALSE;
  scan->depth++;
  skip_blanks (scan);
  if (!take (scan, close))
    for (;;)
      {
        skip_blanks (scan);
        if (object != NULL ? !take_member (scan, object) : !take_element (scan, array))
          return FALSE;
        skip_blanks (scan);
        if (take (scan, close))
          break;
        if (!take (scan, ','))
          return FALSE;
      }
  scan->depth--;
  return TRUE;
}

static JsonNode *
take_dict (Scan *scan)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  return take_contents (scan, object, NULL) ? g_steal_pointer (&node) : NULL;
}

static JsonNode *
take_list (Scan *scan)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  json_node_take_array (node, array);
  return take_contents (scan, NULL, array) ? g_steal_pointer (&node) : NULL;
}

static JsonNode *
take_value (Scan *scan)
{
  skip_blanks (scan);
  if (take (scan, '{'))
    return take_dict (scan);
  if (take (scan, '['))
    return take_list (scan);
  if (take_word (scan, "True"))
    return take_boolean (TRUE);
  if (take_word (scan, "False"))
    return take_boolean (FALSE);
  if (take_word (scan, "None"))
    return json_node_new (JSON_NODE_NULL);
  if (scan->p < scan->end && (*scan->p == '-' || g_ascii_isdigit (*scan->p)))
    return take_integer (scan);
  return take_string_value (scan);
}

JsonNode *
streamer_python_literal_parse (const char *text, gsize length, GError **error)
{
  Scan scan = { .p = text, .end = text + length };
  g_autoptr (JsonNode) node = NULL;

  g_return_val_if_fail (text != NULL || length == 0, NULL);

  if (length > 0 && length <= STREAMER_JSON_MAX_BYTES && g_utf8_validate_len (text, length, NULL))
    node = take_value (&scan);
  skip_blanks (&scan);
  if (node == NULL || scan.p != scan.end)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           _ ("The other side sent something that is not valid data in Python’s "
                              "notation."));
      return NULL;
    }
  return g_steal_pointer (&node);
}

static void
write_string (GString *text, const char *string)
{
  char quote = strchr (string, '\'') != NULL && strchr (string, '"') == NULL ? '"' : '\'';

  g_string_append_c (text, quote);
  for (const char *p = string; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '\n')
        g_string_append (text, "\\n");
      else if (c == '\r')
        g_string_append (text, "\\r");
      else if (c == '\t')
        g_string_append (text, "\\t");
      else if (c == '\\' || c == (gunichar) quote)
        g_string_append_printf (text, "\\%c", (char) c);
      else if (c == ' ' || (g_unichar_isprint (c) && !g_unichar_isspace (c)))
        g_string_append_unichar (text, c);
      else if (c < 0x100)
        g_string_append_printf (text, "\\x%02x", c);
      else if (c < 0x10000)
        g_string_append_printf (text, "\\u%04x", c);
      else
        g_string_append_printf (text, "\\U%08x", c);
    }
  g_string_append_c (text, quote);
}

static void
write_value (GString *text, JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (JSON_NODE_HOLDS_NULL (node))
    g_string_append (text, "None");
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (text, json_node_get_boolean (node) ? "True" : "False");
  else if (type == G_TYPE_INT64)
    g_string_append_printf (text, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else
    {
      g_return_if_fail (type == G_TYPE_STRING);
      write_string (text, json_node_get_string (node));
    }
}

static void
write_node (GString *text, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;
      const char *comma = "";

      g_string_append_c (text, '{');
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &value))
        {
          g_string_append (text, comma);
          write_string (text, name);
          g_string_append (text, ": ");
          write_node (text, value);
          comma = ", ";
        }
      g_string_append_c (text, '}');
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      g_string_append_c (text, '[');
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_string_append (text, i == 0 ? "" : ", ");
          write_node (text, json_array_get_element (array, i));
        }
      g_string_append_c (text, ']');
    }
  else
    write_value (text, node);
}

char *
streamer_python_literal_to_string (JsonNode *node)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (node != NULL, NULL);

  write_node (text, node);
  return g_string_free (text, FALSE);
}
