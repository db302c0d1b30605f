/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "streamer-error.h"
#include "streamer-form-reader.h"

#define TYPE   "multipart/form-data; boundary=XyZ"
#define NAME   "Content-Disposition: form-data; name="
#define FIELD  "--XyZ\r\n" NAME "\"key\"\r\n\r\ntmp/a\r\n"
#define POLICY "--XyZ\r\ncontent-disposition: form-data; name=Policy\r\n\r\n\r\n"
#define FILE_HEAD                                                                                  \
  "--XyZ\r\n" NAME "\"file\"; filename=\"a;b.bin\"\r\nContent-Type: application/octet-stream\r\n"  \
  "Content-Transfer-Encoding: binary\r\n\r\n"
#define END "\r\n--XyZ--\r\n"

typedef struct
{
  StreamerFormReader *reader; /* (owned) */
  char *key;                  /* (owned) (nullable): the field, once the file begins */
  char *policy;               /* (owned) (nullable) */
  GByteArray *file;           /* (owned) (nullable) */
  gboolean refuse;
} Form;

static gboolean
begin_file (gpointer user_data, GError **error)
{
  Form *form = user_data;

  form->key = g_strdup (streamer_form_reader_get_field (form->reader, "key"));
  form->policy = g_strdup (streamer_form_reader_get_field (form->reader, "policy"));
  form->file = g_byte_array_new ();
  if (form->refuse)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN, "No.");
  return !form->refuse;
}

static gboolean
take_file (const void *data, gsize length, gpointer user_data, GError **error)
{
  Form *form = user_data;

  g_assert_cmpuint (length, >, 0);
  g_byte_array_append (form->file, data, length);
  return TRUE;
}

static const StreamerFormSink sink = { begin_file, take_file };

static void
form_clear (Form *form)
{
  g_clear_pointer (&form->reader, streamer_form_reader_free);
  g_clear_pointer (&form->key, g_free);
  g_clear_pointer (&form->policy, g_free);
  g_clear_pointer (&form->file, g_byte_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Form, form_clear)

/* In pieces of @piece bytes, the first one of @first. */
static gboolean
read_form (Form *form, const char *type, const char *text, gsize length, gsize first, gsize piece)
{
  g_autoptr (GError) error = NULL;
  gsize offset = 0;

  form->reader = streamer_form_reader_new (type, &sink, form, &error);
  while (form->reader && offset < length)
    {
      gsize n = MIN (offset == 0 ? first : piece, length - offset);

      if (!streamer_form_reader_feed (form->reader, text + offset, n, &error))
        return FALSE;
      offset += n;
    }
  if (form->reader && streamer_form_reader_end (form->reader, &error))
    return TRUE;
  g_assert_nonnull (error);
  return FALSE;
}

/* Wherever the network cuts it, it is the same form. */
static void
test_cut_anywhere (void)
{
  /* Bytes that look like the boundary, and are not. */
  const char file[] = "\0\r\n--XyY\r\n--Xy\r\r\n--\r\n\r\n--Xy_Z\r-\r\n-XyZ--\r\n--Xy";
  g_autoptr (GByteArray) all = g_byte_array_new ();

  g_byte_array_append (all, (const guint8 *) FIELD POLICY FILE_HEAD,
                       strlen (FIELD POLICY FILE_HEAD));
  g_byte_array_append (all, (const guint8 *) file, sizeof file - 1);
  g_byte_array_append (all, (const guint8 *) END, strlen (END));
  for (gsize first = 1; first <= all->len; first++)
    for (gsize piece = 1; piece <= 70; piece += piece < 3 ? 1 : 13)
      {
        g_auto (Form) form = { 0 };

        g_assert_true (read_form (&form, TYPE, (const char *) all->data, all->len, first, piece));
        g_assert_cmpstr (form.key, ==, "tmp/a");
        g_assert_cmpstr (form.policy, ==, "");
        g_assert_cmpmem (form.file->data, form.file->len, file, sizeof file - 1);
      }
}

static void
test_empty_file (void)
{
  g_auto (Form) form = { 0 };
  const char *text = FIELD FILE_HEAD END;

  g_assert_true (read_form (&form, TYPE, text, strlen (text), 1000, 1000));
  g_assert_cmpuint (form.file->len, ==, 0);
}

/* What other clients write differently, and is the same. */
static void
test_spellings (void)
{
  const char *types[] = { "Multipart/Form-Data; charset=utf-8; boundary=\"XyZ\"",
                          "multipart/form-data;boundary=XyZ" };
  const char *texts[] = { FIELD FILE_HEAD "x\r\n--XyZ--",
                          "--XyZ\r\nContent-Type: text/plain; charset=UTF-8\r\n" NAME
                          "\"KEY\"\r\n\r\ntmp/a\r\n" FILE_HEAD "x" END };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (texts); j++)
      {
        g_auto (Form) form = { 0 };

        g_assert_true (read_form (&form, types[i], texts[j], strlen (texts[j]), 7, 7));
        g_assert_cmpstr (form.key, ==, "tmp/a");
        g_assert_cmpmem (form.file->data, form.file->len, "x", 1);
      }
}

typedef struct
{
  const char *name;
  const char *type;
  const char *text;
} Refused;

static const Refused refused[] = {
  { "no-type", NULL, FIELD FILE_HEAD END },
  { "another-type", "application/x-www-form-urlencoded", FIELD FILE_HEAD END },
  { "no-boundary", "multipart/form-data", FIELD FILE_HEAD END },
  { "empty-boundary", "multipart/form-data; boundary=", FIELD FILE_HEAD END },
  { "two-boundaries", TYPE "; boundary=a", FIELD FILE_HEAD END },
  { "boundary-with-lines", "multipart/form-data; boundary=\"a\r\nb\"", FIELD FILE_HEAD END },
  { "boundary-too-long",
    "multipart/form-data; "
    "boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    FIELD FILE_HEAD END },
  { "nothing", TYPE, "" },
  { "preamble", TYPE, "x\r\n" FIELD FILE_HEAD END },
  { "line-feeds-alone", TYPE, "--XyZ\n" NAME "\"file\"\n\nx\n--XyZ--\n" },
  { "no-file", TYPE, FIELD "--XyZ--\r\n" },
  { "file-not-last", TYPE, FILE_HEAD "x\r\n" FIELD "--XyZ--\r\n" },
  { "two-files", TYPE, FIELD FILE_HEAD "x\r\n" FILE_HEAD "y" END },
  { "field-twice", TYPE, FIELD FIELD FILE_HEAD "x" END },
  { "field-without-name", TYPE,
    "--XyZ\r\nContent-Disposition: form-data\r\n\r\na\r\n" FILE_HEAD END },
  { "field-with-empty-name", TYPE, "--XyZ\r\n" NAME "\"\"\r\n\r\na\r\n" FILE_HEAD END },
  { "field-with-two-names", TYPE, "--XyZ\r\n" NAME "\"a\"; name=\"b\"\r\n\r\na\r\n" FILE_HEAD END },
  { "two-dispositions", TYPE,
    "--XyZ\r\n" NAME "\"a\"\r\n" NAME "\"b\"\r\n\r\na\r\n" FILE_HEAD END },
  { "another-disposition", TYPE,
    "--XyZ\r\nContent-Disposition: attachment; name=\"key\"\r\n\r\na\r\n" FILE_HEAD END },
  { "no-headers", TYPE, "--XyZ\r\n\r\n\r\na\r\n" FILE_HEAD END },
  { "folded-header", TYPE,
    "--XyZ\r\nContent-Disposition: form-data;\r\n name=\"key\"\r\n\r\na\r\n" FILE_HEAD END },
  { "encoded", TYPE,
    "--XyZ\r\n" NAME "\"file\"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==" END },
  { "not-utf-8", TYPE, "--XyZ\r\n" NAME "\"key\"\r\n\r\n\xff\r\n" FILE_HEAD END },
  { "more-behind-it", TYPE, FIELD FILE_HEAD "x" END "POST / HTTP/1.1\r\n" },
  { "boundary-goes-on", TYPE, FIELD FILE_HEAD "x\r\n--XyZaa" END },
  { "cut-in-file", TYPE, FIELD FILE_HEAD "x" },
  { "cut-in-boundary", TYPE, FIELD FILE_HEAD "x\r\n--XyZ" },
  { "cut-in-end", TYPE, FIELD FILE_HEAD "x\r\n--XyZ-" },
  { "cut-in-last-line", TYPE, FIELD FILE_HEAD "x\r\n--XyZ--\r" },
};

static void
test_refused (gconstpointer data)
{
  const Refused *test = data;

  for (gsize piece = 1; piece < 300; piece += 97)
    {
      g_auto (Form) form = { 0 };

      g_assert_false (read_form (&form, test->type, test->text, strlen (test->text), piece, piece));
    }
}

static void
test_sink_refuses (void)
{
  g_auto (Form) form = { .refuse = TRUE };
  const char *text = FIELD FILE_HEAD "x" END;

  g_assert_false (read_form (&form, TYPE, text, strlen (text), 1000, 1000));
  g_assert_cmpuint (form.file->len, ==, 0);
}

/* Whatever never ends is not kept. */
static void
test_bounded (void)
{
  const char *begins[] = { "--XyZ\r\n", "--XyZ\r\n" NAME "\"key\"\r\n\r\n",
                           "--XyZ\r\n" NAME "\"key\"\r\n\r\na\r\n--XyZ\r\nX: " };
  g_autofree char *much = g_strnfill (4096, 'a');
  g_autoptr (GString) fields = g_string_new (NULL);
  g_auto (Form) many = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (begins); i++)
    {
      g_auto (Form) form = { 0 };
      g_autoptr (GError) error = NULL;
      gsize taken = strlen (begins[i]);

      form.reader = streamer_form_reader_new (TYPE, &sink, &form, &error);
      g_assert_true (streamer_form_reader_feed (form.reader, begins[i], taken, &error));
      while (streamer_form_reader_feed (form.reader, much, 4096, &error))
        taken += 4096;
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE);
      g_assert_cmpuint (taken, <=, STREAMER_FORM_MAX_OVERHEAD);
    }
  for (guint i = 0; i < 40; i++)
    g_string_append_printf (fields, "--XyZ\r\n" NAME "f%u\r\n\r\n\r\n", i);
  g_string_append (fields, FILE_HEAD END);
  g_assert_false (read_form (&many, TYPE, fields->str, fields->len, 1000, 1000));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form-reader/cut-anywhere", test_cut_anywhere);
  g_test_add_func ("/form-reader/empty-file", test_empty_file);
  g_test_add_func ("/form-reader/spellings", test_spellings);
  g_test_add_func ("/form-reader/sink-refuses", test_sink_refuses);
  g_test_add_func ("/form-reader/bounded", test_bounded);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *path = g_strconcat ("/form-reader/refused/", refused[i].name, NULL);

      g_test_add_data_func (path, &refused[i], test_refused);
    }
  return g_test_run ();
}
