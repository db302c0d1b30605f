/* fuzz-form.c: forms with a file in them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is the Content-Type in a line, and the form behind it.
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-form-reader.h"

static const char *const names[] = { "key", "policy", "signature", "a", "file" };

typedef struct
{
  gboolean ok;
  GByteArray *file;
  char *fields[G_N_ELEMENTS (names)];
} Outcome;

static gboolean
begin_file (gpointer user_data, GError **error)
{
  Outcome *outcome = user_data;

  g_assert_null (outcome->file);
  outcome->file = g_byte_array_new ();
  return TRUE;
}

static gboolean
take_file (const void *data, gsize length, gpointer user_data, GError **error)
{
  Outcome *outcome = user_data;

  g_assert_nonnull (outcome->file);
  g_byte_array_append (outcome->file, data, length);
  return TRUE;
}

/* @step: bytes that come at a time */
static void
read_form (const char *content_type, const FuzzInput *input, gsize step, Outcome *outcome)
{
  static const StreamerFormSink sink = { begin_file, take_file };
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerFormReader) reader =
      streamer_form_reader_new (content_type, &sink, outcome, &error);

  fuzz_check_error (reader != NULL, error);
  if (reader == NULL)
    return;
  outcome->ok = TRUE;
  for (gsize i = 0; outcome->ok && i < input->size; i += step)
    outcome->ok =
        streamer_form_reader_feed (reader, input->data + i, MIN (step, input->size - i), &error);
  outcome->ok = outcome->ok && streamer_form_reader_end (reader, &error);
  fuzz_check_error (outcome->ok, error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      outcome->fields[i] = g_strdup (streamer_form_reader_get_field (reader, names[i]));
      g_assert_true (outcome->fields[i] == NULL || g_utf8_validate (outcome->fields[i], -1, NULL));
    }
}

static void
outcome_clear (Outcome *outcome)
{
  g_clear_pointer (&outcome->file, g_byte_array_unref);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (outcome->fields[i]);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autofree char *content_type = fuzz_take_line (&input);
  Outcome whole = { 0 }, pieces = { 0 };

  /* In whatever pieces it comes, it is the same form. */
  read_form (content_type, &input, MAX (input.size, 1), &whole);
  read_form (content_type, &input, 1 + size % 5, &pieces);
  g_assert_true (whole.ok == pieces.ok);
  if (whole.ok)
    {
      g_assert_nonnull (whole.file);
      g_assert_cmpmem (whole.file->data, whole.file->len, pieces.file->data, pieces.file->len);
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        g_assert_cmpstr (whole.fields[i], ==, pieces.fields[i]);
    }
  outcome_clear (&whole);
  outcome_clear (&pieces);
  return 0;
}
