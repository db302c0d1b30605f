/* streamer-form-reader.c: reads a form with a file in it, by the letter and in pieces
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What has come and is not taken yet is in one buffer: of a file, that is less than a delimiter,
 * because its end may be there; of all else, it is bounded by STREAMER_FORM_MAX_OVERHEAD.
 */

#include "streamer-form-reader.h"

#include <libsoup/soup.h>
#include <string.h>

#include "streamer-error.h"

/* RFC 2046, 5.1.1. */
#define MAX_BOUNDARY 70
#define MAX_FIELDS   32
#define MAX_NAME     128

typedef enum
{
  AT_START,     /* the first delimiter has to come */
  AT_DELIMITER, /* behind a delimiter: another part, or the end */
  IN_HEADERS,
  IN_FIELD,
  IN_FILE,
  AT_END,
} Place;

struct _StreamerFormReader
{
  const StreamerFormSink *sink; /* (not owned) */
  gpointer user_data;
  GString *delimiter;  /* (owned): CR LF, two hyphens and the boundary */
  GByteArray *pending; /* (owned) */
  GHashTable *fields;  /* (owned): name in lower case to value */
  char *name;          /* (owned) (nullable): of the field that is read */
  gsize overhead;      /* bytes beside the file */
  gboolean has_file;
  Place place;
};

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, message);
  return FALSE;
}

static gboolean
is_boundary (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && !strchr ("'()+_,-./:=? ", text[i]))
      return FALSE;
  return length > 0 && length <= MAX_BOUNDARY && text[length - 1] != ' ';
}

/* `form-data; name="key"`: the parameters, where the word before them is @wanted. */
static GHashTable *
parse_parameters (const char *value, const char *wanted)
{
  const char *rest = value + strcspn (value, ";");
  g_autofree char *word = g_strstrip (g_strndup (value, rest - value));

  if (*rest == '\0' || g_ascii_strcasecmp (word, wanted) != 0)
    return NULL;
  return soup_header_parse_semi_param_list_strict (rest + 1);
}

static char *
get_boundary (const char *content_type)
{
  GHashTable *parameters =
      content_type ? parse_parameters (content_type, "multipart/form-data") : NULL;
  char *boundary = NULL;

  if (parameters)
    {
      boundary = g_strdup (g_hash_table_lookup (parameters, "boundary"));
      soup_header_free_param_list (parameters);
    }
  return boundary;
}

StreamerFormReader *
streamer_form_reader_new (const char *content_type,
                          const StreamerFormSink *sink,
                          gpointer user_data,
                          GError **error)
{
  g_autofree char *boundary = get_boundary (content_type);
  StreamerFormReader *self;

  if (!boundary || !is_boundary (boundary))
    {
      fail (error, "This has to be a form: multipart/form-data with a boundary.");
      return NULL;
    }
  self = g_new0 (StreamerFormReader, 1);
  self->sink = sink;
  self->user_data = user_data;
  self->delimiter = g_string_new ("\r\n--");
  g_string_append (self->delimiter, boundary);
  self->pending = g_byte_array_new ();
  self->fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
streamer_form_reader_free (StreamerFormReader *self)
{
  g_string_free (self->delimiter, TRUE);
  g_byte_array_unref (self->pending);
  g_hash_table_unref (self->fields);
  g_free (self->name);
  g_free (self);
}

/* Takes @length bytes that are not the file's out of the buffer. */
static gboolean
consume (StreamerFormReader *self, gsize length, GError **error)
{
  g_byte_array_remove_range (self->pending, 0, length);
  self->overhead += length;
  if (self->overhead <= STREAMER_FORM_MAX_OVERHEAD)
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE,
                       "The fields of this form are too large.");
  return FALSE;
}

/* Whether the buffer begins with @text; @more: (out): whether that is not known yet */
static gboolean
begins_with (StreamerFormReader *self, const char *text, gsize length, gboolean *more)
{
  gsize known = MIN (length, self->pending->len);
  gboolean same = memcmp (self->pending->data, text, known) == 0;

  *more = same && known < length;
  return same && known == length;
}

static const guint8 *
find (StreamerFormReader *self, const char *text, gsize length)
{
  if (self->pending->len < length)
    return NULL;
  return memmem (self->pending->data, self->pending->len, text, length);
}

/* Each returns FALSE with an error; @more: (out): more bytes have to come before it can go on. */

static gboolean
read_start (StreamerFormReader *self, gboolean *more, GError **error)
{
  /* The first delimiter has no line before it. */
  const char *delimiter = self->delimiter->str + 2;
  gsize length = self->delimiter->len - 2;

  if (begins_with (self, delimiter, length, more))
    {
      self->place = AT_DELIMITER;
      return consume (self, length, error);
    }
  return *more || fail (error, "This form does not begin with its boundary.");
}

static gboolean
read_delimiter_end (StreamerFormReader *self, gboolean *more, GError **error)
{
  if (begins_with (self, "\r\n", 2, more))
    {
      self->place = IN_HEADERS;
      return (!self->has_file || fail (error, "The file has to be the last field of the form.")) &&
             consume (self, 2, error);
    }
  if (*more)
    return TRUE;
  if (begins_with (self, "--", 2, more))
    {
      self->place = AT_END;
      return consume (self, 2, error);
    }
  return *more || fail (error, "A boundary of this form does not end its line.");
}

/* `key` of `Content-Disposition: form-data; name="key"`: (transfer full) (nullable) */
static char *
parse_disposition (const char *value)
{
  GHashTable *parameters = parse_parameters (value, "form-data");
  const char *name = parameters ? g_hash_table_lookup (parameters, "name") : NULL;
  char *lower = NULL;

  if (name && *name && strlen (name) <= MAX_NAME)
    lower = g_ascii_strdown (name, -1);
  g_clear_pointer (&parameters, soup_header_free_param_list);
  return lower;
}

/* Bytes come as they are, or not at all. */
static gboolean
is_plain_encoding (const char *value)
{
  return g_ascii_strcasecmp (value, "binary") == 0 || g_ascii_strcasecmp (value, "8bit") == 0 ||
         g_ascii_strcasecmp (value, "7bit") == 0;
}

static gboolean
parse_headers (StreamerFormReader *self, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);

  g_clear_pointer (&self->name, g_free);
  for (gsize i = 0; lines[i]; i++)
    {
      char *colon = strchr (lines[i], ':');
      const char *value;

      if (!colon || g_ascii_isspace (*lines[i]))
        return fail (error, "A part of this form has a header that is none.");
      *colon = '\0';
      value = g_strstrip (colon + 1);
      if (g_ascii_strcasecmp (lines[i], "Content-Transfer-Encoding") == 0 &&
          !is_plain_encoding (value))
        return fail (error, "A part of this form has an encoding.");
      if (g_ascii_strcasecmp (lines[i], "Content-Disposition") != 0)
        continue;
      if (self->name || !(self->name = parse_disposition (value)))
        return fail (error, "A part of this form has not one name.");
    }
  return self->name || fail (error, "A part of this form has no name.");
}

static gboolean
read_headers (StreamerFormReader *self, gboolean *more, GError **error)
{
  const guint8 *end = find (self, "\r\n\r\n", 4);
  g_autofree char *text = NULL;
  gsize length;

  *more = end == NULL;
  if (!end)
    return TRUE;
  length = end - self->pending->data;
  text = g_strndup ((const char *) self->pending->data, length);
  if (strlen (text) != length)
    return fail (error, "A part of this form has a header that is none.");
  if (!parse_headers (self, text, error) || !consume (self, length + 4, error))
    return FALSE;
  if (!g_str_equal (self->name, "file"))
    {
      self->place = IN_FIELD;
      return TRUE;
    }
  self->place = IN_FILE;
  self->has_file = TRUE;
  return self->sink->begin_file (self->user_data, error);
}

static gboolean
read_field (StreamerFormReader *self, gboolean *more, GError **error)
{
  const guint8 *end = find (self, self->delimiter->str, self->delimiter->len);
  g_autofree char *value = NULL;
  gsize length;

  *more = end == NULL;
  if (!end)
    return TRUE;
  length = end - self->pending->data;
  value = g_strndup ((const char *) self->pending->data, length);
  if (strlen (value) != length || !g_utf8_validate (value, length, NULL))
    return fail (error, "A field of this form is not text.");
  if (g_hash_table_contains (self->fields, self->name) ||
      g_hash_table_size (self->fields) >= MAX_FIELDS)
    return fail (error, "This form has a field twice, or too many.");
  g_hash_table_insert (self->fields, g_steal_pointer (&self->name), g_steal_pointer (&value));
  self->place = AT_DELIMITER;
  return consume (self, length + self->delimiter->len, error);
}

static gboolean
read_file (StreamerFormReader *self, gboolean *more, GError **error)
{
  const guint8 *end = find (self, self->delimiter->str, self->delimiter->len);
  gsize length;

  *more = end == NULL;
  if (end)
    length = end - self->pending->data;
  else
    length = self->pending->len - MIN (self->pending->len, self->delimiter->len - 1);
  if (length > 0 && !self->sink->take_file (self->pending->data, length, self->user_data, error))
    return FALSE;
  g_byte_array_remove_range (self->pending, 0, length);
  if (!end)
    return TRUE;
  self->place = AT_DELIMITER;
  return consume (self, self->delimiter->len, error);
}

static gboolean
read_end (StreamerFormReader *self, gboolean *more, GError **error)
{
  gboolean cut;

  *more = TRUE;
  if (self->pending->len == 0 || begins_with (self, "\r\n", 2, &cut))
    return self->pending->len <= 2 || fail (error, "Something comes behind this form.");
  return cut || fail (error, "Something comes behind this form.");
}

static gboolean
read_some (StreamerFormReader *self, gboolean *more, GError **error)
{
  switch (self->place)
    {
    case AT_START:
      return read_start (self, more, error);
    case AT_DELIMITER:
      return read_delimiter_end (self, more, error);
    case IN_HEADERS:
      return read_headers (self, more, error);
    case IN_FIELD:
      return read_field (self, more, error);
    case IN_FILE:
      return read_file (self, more, error);
    case AT_END:
    default:
      return read_end (self, more, error);
    }
}

gboolean
streamer_form_reader_feed (StreamerFormReader *self, const void *data, gsize length, GError **error)
{
  gboolean more = FALSE;

  g_byte_array_append (self->pending, data, length);
  while (!more)
    if (!read_some (self, &more, error))
      return FALSE;
  if (self->place == IN_FILE || self->overhead + self->pending->len <= STREAMER_FORM_MAX_OVERHEAD)
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE,
                       "The fields of this form are too large.");
  return FALSE;
}

gboolean
streamer_form_reader_end (StreamerFormReader *self, GError **error)
{
  if (self->place != AT_END || self->pending->len == 1)
    return fail (error, "This form ends before its end.");
  return self->has_file || fail (error, "This form has no file.");
}

const char *
streamer_form_reader_get_field (StreamerFormReader *self, const char *name)
{
  return g_hash_table_lookup (self->fields, name);
}
