/* fuzz-support.c: what the targets share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "streamer-error.h"

static const char *expected[4];

void
fuzz_expect_warning (const char *start)
{
  guint i = 0;

  while (expected[i] != NULL)
    i++;
  g_assert_cmpuint (i, <, G_N_ELEMENTS (expected) - 1);
  expected[i] = start;
}

static gboolean
is_expected (const GLogField *fields, gsize n_fields)
{
  const char *message = "";

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      message = fields[i].value;
  for (guint i = 0; expected[i] != NULL; i++)
    if (g_str_has_prefix (message, expected[i]))
      return TRUE;
  return FALSE;
}

/* By abort(), which a fuzzer catches, and not by the trap that G_DEBUG gives. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) == 0)
    return G_LOG_WRITER_HANDLED;
  if (level == G_LOG_LEVEL_WARNING && is_expected (fields, n_fields))
    return G_LOG_WRITER_HANDLED;
  g_log_writer_standard_streams (level, fields, n_fields, user_data);
  abort ();
}

/* Whatever GLib, libsoup or json-glib has to complain about is a finding. */
static void __attribute__ ((constructor)) make_complaints_fatal (void)
{
  g_log_set_writer_func (write_log, NULL, NULL);
}

char *
fuzz_take_text (FuzzInput *input)
{
  if (input->size > 0 && memchr (input->data, '\0', input->size) != NULL)
    return NULL;
  return g_strndup ((const char *) input->data, input->size);
}

char *
fuzz_take_line (FuzzInput *input)
{
  const guint8 *end = input->size > 0 ? memchr (input->data, '\n', input->size) : NULL;
  gsize length = end != NULL ? (gsize) (end - input->data) : input->size;
  char *line = g_strndup ((const char *) input->data, length);

  if (end != NULL)
    length++;
  input->data += length;
  input->size -= length;
  return line;
}

gboolean
fuzz_take_answer (FuzzInput *input, StreamerAnswer *answer)
{
  const char *text = (const char *) input->data;
  const char *end = memmem (text, input->size, "\n\n", 2);
  g_autofree char *head = NULL;
  guint8 *body;
  gsize length;

  if (end == NULL)
    return FALSE;
  head = g_strndup (text, end + 1 - text);
  answer->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  if (!soup_headers_parse_response (head, end + 1 - text, answer->headers, NULL, &answer->status,
                                    NULL))
    return FALSE;

  length = input->size - (end + 2 - text);
  body = g_malloc0 (length + 1);
  memcpy (body, end + 2, length);
  answer->body = g_bytes_new_take (body, length);
  input->size = 0;
  return TRUE;
}

void
fuzz_check_error (gboolean ok, const GError *error)
{
  g_assert_true (ok == (error == NULL));
  if (error == NULL)
    return;
  g_assert_true (error->domain == STREAMER_ERROR);
  fuzz_check_shown (error->message, NULL);
}

void
fuzz_check_shown (const char *text, const char *secret)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (g_unichar_type (g_utf8_get_char (p)) != G_UNICODE_CONTROL);
  if (secret != NULL)
    g_assert_null (strstr (text, secret));
}

void
fuzz_check_headers (SoupMessageHeaders *headers)
{
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      g_assert_true (*name != '\0');
      g_assert_null (strpbrk (name, " \t\r\n:"));
      g_assert_null (strpbrk (value, "\r\n"));
    }
}
