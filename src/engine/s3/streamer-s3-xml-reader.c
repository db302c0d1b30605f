/* streamer-s3-xml-reader.c: small XML documents from the other side, within limits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-xml-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-s3-xml.h"

typedef struct
{
  const char *root;
  StreamerS3XmlFunc func;
  gpointer user_data;
  GString *path; /* (owned): of the open elements below the root */
  GString *text; /* (owned): of the innermost element */
  guint depth;
  guint n_elements;
} Reader;

static void
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL, sentence);
}

static const char *
local_name (const char *name)
{
  const char *colon = strchr (name, ':');

  return colon != NULL ? colon + 1 : name;
}

static void
on_start (GMarkupParseContext *context,
          const char *name,
          const char **attributes,
          const char **values,
          gpointer user_data,
          GError **error)
{
  Reader *reader = user_data;

  if (++reader->depth > STREAMER_S3_XML_MAX_DEPTH ||
      ++reader->n_elements > STREAMER_S3_XML_MAX_ELEMENTS ||
      strlen (name) > STREAMER_S3_XML_MAX_FIELD)
    {
      refuse (error, _ ("The store’s answer is larger or deeper than it may be."));
      return;
    }
  if (reader->depth == 1)
    {
      if (reader->n_elements > 1 || !g_str_equal (local_name (name), reader->root))
        refuse (error, _ ("The store’s answer is not the one that was asked for."));
      return;
    }
  if (reader->depth > 2)
    g_string_append_c (reader->path, '/');
  g_string_append (reader->path, local_name (name));
  g_string_truncate (reader->text, 0);
}

static void
on_end (GMarkupParseContext *context, const char *name, gpointer user_data, GError **error)
{
  Reader *reader = user_data;
  const char *slash;

  if (--reader->depth == 0)
    return;
  if (!reader->func (reader->path->str, reader->text->str, reader->user_data))
    refuse (error, _ ("The store’s answer has a value that cannot be right."));

  slash = strrchr (reader->path->str, '/');
  g_string_truncate (reader->path, slash != NULL ? (gsize) (slash - reader->path->str) : 0);
  g_string_truncate (reader->text, 0);
}

static void
on_text (GMarkupParseContext *context,
         const char *text,
         gsize length,
         gpointer user_data,
         GError **error)
{
  Reader *reader = user_data;

  if (reader->text->len + length > STREAMER_S3_XML_MAX_FIELD)
    refuse (error, _ ("The store’s answer is larger or deeper than it may be."));
  else
    g_string_append_len (reader->text, text, (gssize) length);
}

/* Comments come here as well, which do no harm. */
static void
on_passthrough (GMarkupParseContext *context,
                const char *text,
                gsize length,
                gpointer user_data,
                GError **error)
{
  static const char *const accepted[] = { "<?xml ", "<!--" };

  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++)
    if (length >= strlen (accepted[i]) && memcmp (text, accepted[i], strlen (accepted[i])) == 0)
      return;
  refuse (error, _ ("The store’s answer is not the one that was asked for."));
}

static const char *
cannot_be_understood (void)
{
  return _ ("The store’s answer cannot be understood.");
}

static const char *
ends_too_early (void)
{
  return _ ("The store’s answer ends too early.");
}

/* GMarkup's words are for developers, and repeat what it read. */
static void
propagate (GError **error, GError *from, StreamerError code)
{
  if (from->domain == STREAMER_ERROR)
    {
      g_propagate_error (error, from);
      return;
    }
  g_debug ("XML: error %d", from->code);
  g_error_free (from);
  g_set_error_literal (error, STREAMER_ERROR, (int) code,
                       code == STREAMER_ERROR_NETWORK ? ends_too_early ()
                                                      : cannot_be_understood ());
}

/* Of text that is not UTF-8 GMarkup sets one error over the other, where it stands in a processing
 * instruction or in CDATA.
 *
 * @is_cut: (out): whether the last character may have gone on
 * Returns: the bytes before what is not UTF-8 */
static gsize
find_text (const char *text, gsize length, gboolean *is_cut)
{
  const char *end;
  gsize rest;

  g_utf8_validate_len (text, length, &end);
  rest = length - (end - text);
  *is_cut = rest > 0 && g_utf8_get_char_validated (end, (gssize) rest) == (gunichar) -2;
  return end - text;
}

gboolean
streamer_s3_xml_parse (const char *text,
                       gsize length,
                       const char *root,
                       StreamerS3XmlFunc func,
                       gpointer user_data,
                       GError **error)
{
  static const GMarkupParser parser = { on_start, on_end, on_text, on_passthrough, NULL };
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GString) field = g_string_new (NULL);
  Reader reader = {
    .root = root, .func = func, .user_data = user_data, .path = path, .text = field
  };
  g_autoptr (GMarkupParseContext) context = NULL;
  GError *local_error = NULL;
  gboolean is_cut;
  gsize valid;

  g_return_val_if_fail (root != NULL && func != NULL, FALSE);

  if (text == NULL)
    text = "";
  if (length > STREAMER_S3_XML_MAX_BYTES || memchr (text, '\0', length) != NULL)
    {
      refuse (error, _ ("The store’s answer is larger or deeper than it may be."));
      return FALSE;
    }
  /* Amazon keeps the connection busy with blanks while it puts an object together, also in front of
   * the XML declaration. */
  while (length > 0 && g_ascii_isspace (*text))
    {
      text++;
      length--;
    }

  context = g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reader, NULL);
  valid = find_text (text, length, &is_cut);
  if (!g_markup_parse_context_parse (context, text, (gssize) valid, &local_error))
    {
      propagate (error, local_error, STREAMER_ERROR_PROTOCOL);
      return FALSE;
    }
  if (valid < length && !is_cut)
    {
      refuse (error, cannot_be_understood ());
      return FALSE;
    }
  if (!g_markup_parse_context_end_parse (context, &local_error))
    {
      propagate (error, local_error, STREAMER_ERROR_NETWORK);
      return FALSE;
    }
  /* GMarkup is content with a document that has a declaration only. */
  if (reader.n_elements == 0 || is_cut)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK, ends_too_early ());
      return FALSE;
    }
  return TRUE;
}
