/* streamer-json.c: JSON from the other side, checked before the parser sees it
 *
 * json-glib 1.6 recurses without a limit, and takes more than JSON: comments, `var x =`, single
 * quotes, numbers that wrap around, escapes that give NUL or half a surrogate pair. So the text is
 * first walked by a strict scanner of ours that needs no stack; what it lets through means the
 * same to json-glib as to anybody else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-json.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "streamer-error.h"

typedef struct
{
  const char *p;
  const char *end;
  guint depth;
  guint32 objects; /* bit n: what is open at depth n is an object */
} Scan;

G_STATIC_ASSERT (STREAMER_JSON_MAX_DEPTH <= 32);

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
take_hex4 (Scan *scan, guint *unit)
{
  if (scan->end - scan->p < 4)
    return FALSE;
  *unit = 0;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*scan->p++);

      if (digit < 0)
        return FALSE;
      *unit = *unit * 16 + digit;
    }
  return TRUE;
}

/* Behind `\u`: any character but NUL, surrogates in pairs only. */
static gboolean
take_unicode_escape (Scan *scan)
{
  guint unit;

  if (!take_hex4 (scan, &unit) || unit == 0 || (unit >= 0xdc00 && unit <= 0xdfff))
    return FALSE;
  if (unit < 0xd800 || unit > 0xdbff)
    return TRUE;
  return take (scan, '\\') && take (scan, 'u') && take_hex4 (scan, &unit) && unit >= 0xdc00 &&
         unit <= 0xdfff;
}

static gboolean
take_string (Scan *scan)
{
  if (!take (scan, '"'))
    return FALSE;
  while (scan->p < scan->end)
    {
      char c = *scan->p++;

      if (c == '"')
        return TRUE;
      if ((guchar) c < 0x20)
        return FALSE;
      if (c != '\\')
        continue;
      if (scan->p == scan->end)
        return FALSE;
      c = *scan->p++;
      if (c == 'u' ? !take_unicode_escape (scan) : strchr ("\"\\/bfnrt", c) == NULL)
        return FALSE;
    }
  return FALSE;
}

static gboolean
take_digits (Scan *scan)
{
  const char *start = scan->p;

  while (scan->p < scan->end && g_ascii_isdigit (*scan->p))
    scan->p++;
  return scan->p > start;
}

/* json-glib lets integers wrap around: beyond 64 bits is refused, as is what no double holds. */
static gboolean
take_number (Scan *scan)
{
  const char *start = scan->p;
  gboolean whole = TRUE;
  g_autofree char *text = NULL;

  take (scan, '-');
  if (!take (scan, '0') && !take_digits (scan))
    return FALSE;
  if (take (scan, '.'))
    {
      whole = FALSE;
      if (!take_digits (scan))
        return FALSE;
    }
  if (take (scan, 'e') || take (scan, 'E'))
    {
      whole = FALSE;
      if (!take (scan, '+'))
        take (scan, '-');
      if (!take_digits (scan))
        return FALSE;
    }
  if (scan->p - start > 64)
    return FALSE;
  text = g_strndup (start, scan->p - start);
  if (!whole)
    return isfinite (g_ascii_strtod (text, NULL));
  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, NULL, NULL);
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
take_scalar (Scan *scan)
{
  switch (*scan->p)
    {
    case '"':
      return take_string (scan);
    case 't':
      return take_word (scan, "true");
    case 'f':
      return take_word (scan, "false");
    case 'n':
      return take_word (scan, "null");
    default:
      return take_number (scan);
    }
}

static gboolean
in_object (Scan *scan)
{
  return scan->depth > 0 && (scan->objects & (1u << (scan->depth - 1))) != 0;
}

static gboolean
take_member_name (Scan *scan)
{
  skip_blanks (scan);
  if (!take_string (scan))
    return FALSE;
  skip_blanks (scan);
  return take (scan, ':');
}

/* Opens an array or object; *value: whether a value has to follow. */
static gboolean
open_container (Scan *scan, gboolean object, gboolean *value)
{
  if (scan->depth == STREAMER_JSON_MAX_DEPTH)
    return FALSE;
  scan->p++;
  if (object)
    scan->objects |= 1u << scan->depth;
  else
    scan->objects &= ~(1u << scan->depth);
  scan->depth++;
  skip_blanks (scan);
  *value = scan->p < scan->end && *scan->p != (object ? '}' : ']');
  return !*value || !object || take_member_name (scan);
}

/* Behind a value: closes what ends here, and stops before the next value or at the very end. */
static gboolean
after_value (Scan *scan)
{
  for (;;)
    {
      skip_blanks (scan);
      if (scan->depth == 0)
        return TRUE;
      if (take (scan, in_object (scan) ? '}' : ']'))
        scan->depth--;
      else
        return take (scan, ',') && (!in_object (scan) || take_member_name (scan));
    }
}

static gboolean
scan_is_strict (const char *text, gsize length)
{
  Scan scan = { .p = text, .end = text + length };

  do
    {
      gboolean object, value = FALSE;

      skip_blanks (&scan);
      if (scan.p == scan.end)
        return FALSE;
      object = *scan.p == '{';
      if (object || *scan.p == '[')
        {
          if (!open_container (&scan, object, &value))
            return FALSE;
        }
      else if (!take_scalar (&scan))
        return FALSE;
      if (!value && !after_value (&scan))
        return FALSE;
    }
  while (scan.depth > 0);

  return scan.p == scan.end;
}

JsonNode *
streamer_json_parse (const char *text, gsize length, GError **error)
{
  return streamer_json_parse_within (text, length, STREAMER_JSON_MAX_BYTES, error);
}

JsonNode *
streamer_json_parse_within (const char *text, gsize length, gsize max_length, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;

  g_return_val_if_fail (text != NULL || length == 0, NULL);

  if (length > max_length)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           _ ("The other side sent more than the protocol allows."));
      return NULL;
    }
  parser = json_parser_new ();
  if (length == 0 || !g_utf8_validate_len (text, length, NULL) || !scan_is_strict (text, length) ||
      !json_parser_load_from_data (parser, text, length, NULL) ||
      json_parser_get_root (parser) == NULL)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           _ ("The other side sent something that is not valid JSON."));
      return NULL;
    }
  return json_parser_steal_root (parser);
}

static void
set_member_error (GError **error, const char *member)
{
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
               /* Translators: %s is the technical name of a value */
               _ ("The other side sent no usable value for “%s”."), member);
}

/* The member's value if it is one of type, else NULL with an error. */
static JsonNode *
get_value (JsonObject *object, const char *member, GType type, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type)
    return node;
  set_member_error (error, member);
  return NULL;
}

const char *
streamer_json_get_string (JsonObject *object, const char *member, GError **error)
{
  JsonNode *node = get_value (object, member, G_TYPE_STRING, error);

  return node == NULL ? NULL : json_node_get_string (node);
}

const char *
streamer_json_get_optional_string (JsonObject *object, const char *member, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  return streamer_json_get_string (object, member, error);
}

gboolean
streamer_json_get_uint (JsonObject *object,
                        const char *member,
                        guint64 min,
                        guint64 max,
                        guint64 *value,
                        GError **error)
{
  JsonNode *node = get_value (object, member, G_TYPE_INT64, error);
  gint64 number;

  if (node == NULL)
    return FALSE;
  number = json_node_get_int (node);
  if (number < 0 || (guint64) number < min || (guint64) number > max)
    {
      set_member_error (error, member);
      return FALSE;
    }
  *value = number;
  return TRUE;
}

gboolean
streamer_json_get_boolean (JsonObject *object, const char *member, gboolean *value, GError **error)
{
  JsonNode *node = get_value (object, member, G_TYPE_BOOLEAN, error);

  if (node == NULL)
    return FALSE;
  *value = json_node_get_boolean (node);
  return TRUE;
}

JsonObject *
streamer_json_get_object (JsonObject *object, const char *member, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  set_member_error (error, member);
  return NULL;
}

JsonArray *
streamer_json_get_array (JsonObject *object, const char *member, guint max_length, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node) &&
      json_array_get_length (json_node_get_array (node)) <= max_length)
    return json_node_get_array (node);
  set_member_error (error, member);
  return NULL;
}

/* Terminals obey some characters beyond ASCII, and some programs end a line at others. */
static gboolean
is_obeyed (gunichar c)
{
  return (c >= 0x80 && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* json-glib 1.6 writes U+001F as it is, and a double such as 1e22 as `1e+22.0`. */
char *
streamer_json_to_string (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);
  GString *good = g_string_sized_new (strlen (text) + 1);
  gboolean in_string = FALSE;
  gboolean in_exponent = FALSE;

  for (const char *p = text; *p != '\0'; p++)
    if (*p == '\037')
      g_string_append (good, "\\u001f");
    else if (is_obeyed (g_utf8_get_char_validated (p, -1)))
      {
        g_string_append_printf (good, "\\u%04x", g_utf8_get_char (p));
        p = g_utf8_next_char (p) - 1;
      }
    else if (*p == '.' && in_exponent)
      p++;
    else
      {
        in_exponent = !in_string && (g_ascii_isdigit (*p) || *p == '+' || *p == '-'
                                         ? in_exponent
                                         : *p == 'e' && p > text && g_ascii_isdigit (p[-1]));
        if (*p == '"')
          in_string = !in_string;
        g_string_append_c (good, *p);
        if (*p == '\\')
          g_string_append_c (good, *++p);
      }
  return g_string_free (good, FALSE);
}
