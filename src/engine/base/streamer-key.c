/* streamer-key.c: the one rule for object keys, in the program and in the server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-key.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"

static gboolean
is_trimmed_from_prefix (char c)
{
  return c == ' ' || c == '/';
}

static gboolean
has_control (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_type (g_utf8_get_char (p)) == G_UNICODE_CONTROL)
      return TRUE;
  return FALSE;
}

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, sentence);
  return FALSE;
}

static gboolean
check_segments (const char *key, GError **error)
{
  g_auto (GStrv) segments = g_strsplit (key, "/", -1);

  for (gsize i = 0; segments[i] != NULL; i++)
    {
      if (segments[i][0] == '\0')
        return refuse (error, _ ("The name has two slashes in a row."));
      if (g_str_equal (segments[i], ".") || g_str_equal (segments[i], ".."))
        return refuse (error, _ ("The name has “.” or “..” as a folder."));
    }
  return TRUE;
}

/* Cheap refusals first: normalizing costs memory in proportion to what somebody else sent. */
static gboolean
check_bytes (const char *key, gsize length, GError **error)
{
  /* No canonical composition shortens text to less than a third. */
  if (length > 4 * STREAMER_KEY_MAX_BYTES)
    return refuse (error, _ ("The name is longer than 1,024 bytes."));
  if (memchr (key, '\0', length) != NULL)
    return refuse (error, _ ("The name has control characters in it."));
  if (!g_utf8_validate_len (key, length, NULL))
    return refuse (error, _ ("The name is not valid UTF-8."));
  return TRUE;
}

char *
streamer_key_canonicalize (const char *key, gssize length, GError **error)
{
  g_autofree char *given = NULL;
  g_autofree char *canonical = NULL;

  g_return_val_if_fail (key != NULL, NULL);

  if (length < 0)
    length = strlen (key);
  for (; length > 0 && key[0] == '/'; key++)
    length--;
  while (length > 0 && key[length - 1] == '/')
    length--;

  if (!check_bytes (key, length, error))
    return NULL;
  given = g_strndup (key, length);
  canonical = g_utf8_normalize (given, -1, G_NORMALIZE_NFC);

  if (canonical[0] == '\0')
    {
      refuse (error, _ ("The name is empty."));
      return NULL;
    }
  if (has_control (canonical))
    {
      refuse (error, _ ("The name has control characters in it."));
      return NULL;
    }
  if (strlen (canonical) > STREAMER_KEY_MAX_BYTES)
    {
      refuse (error, _ ("The name is longer than 1,024 bytes."));
      return NULL;
    }
  if (!check_segments (canonical, error))
    return NULL;
  return g_steal_pointer (&canonical);
}

char *
streamer_key_join (const char *prefix, const char *name, GError **error)
{
  g_autofree char *joined = NULL;
  gsize length;

  g_return_val_if_fail (name != NULL, NULL);

  if (name[strspn (name, "/")] == '\0')
    {
      refuse (error, _ ("The name is empty."));
      return NULL;
    }
  if (prefix == NULL || prefix[strspn (prefix, " /")] == '\0')
    return streamer_key_canonicalize (name, -1, error);

  while (is_trimmed_from_prefix (prefix[0]))
    prefix++;
  length = strlen (prefix);
  while (is_trimmed_from_prefix (prefix[length - 1]))
    length--;
  name += strspn (name, "/");
  joined = g_strdup_printf ("%.*s/%s", (int) length, prefix, name);
  return streamer_key_canonicalize (joined, -1, error);
}

gboolean
streamer_key_is_below (const char *key, const char *prefix)
{
  gsize length;

  g_return_val_if_fail (key != NULL && prefix != NULL, FALSE);

  length = strlen (prefix);
  if (length == 0)
    return TRUE;
  return strncmp (key, prefix, length) == 0 && (key[length] == '/' || key[length] == '\0');
}

char *
streamer_key_to_url (const char *base, const char *key)
{
  g_autofree char *escaped = NULL;
  gsize length;

  g_return_val_if_fail (base != NULL && key != NULL, NULL);

  escaped = g_uri_escape_string (key, "/", FALSE);
  length = strlen (base);
  return g_strconcat (base, length > 0 && base[length - 1] == '/' ? "" : "/", escaped, NULL);
}

char *
streamer_key_display_name (const char *bytes)
{
  GString *shown;

  g_return_val_if_fail (bytes != NULL, NULL);

  shown = g_string_new (NULL);
  while (*bytes != '\0')
    {
      gunichar c = g_utf8_get_char_validated (bytes, -1);
      gboolean valid = c != (gunichar) -1 && c != (gunichar) -2;
      gsize n = valid ? (gsize) (g_utf8_next_char (bytes) - bytes) : 1;

      if (valid && g_unichar_type (c) != G_UNICODE_CONTROL)
        g_string_append_len (shown, bytes, n);
      else
        for (gsize i = 0; i < n; i++)
          g_string_append_printf (shown, "\\x%02X", (guchar) bytes[i]);
      bytes += n;
    }
  return g_string_free (shown, FALSE);
}
