/* fuzz-s3-xml.c: S3's XML
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-plan.h"
#include "streamer-s3-etag.h"
#include "streamer-s3-xml-reader.h"
#include "streamer-s3-xml.h"

#define MAX_ID_BYTES 1024

static void
read_texts (const char *text, gsize length)
{
  char *(*const readers[]) (const char *, gsize, GError **) = {
    streamer_s3_xml_read_upload_id,
    streamer_s3_xml_read_completed,
    streamer_s3_xml_read_copied,
  };

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *read = readers[i](text, length, &error);

      fuzz_check_error (read != NULL, error);
      g_assert_true (read == NULL || g_utf8_validate (read, -1, NULL));
      if (read != NULL && i == 0)
        g_assert_true (*read != '\0' && strlen (read) <= MAX_ID_BYTES);
    }
}

static gboolean
on_etag (const char *path, const char *text, gpointer user_data)
{
  GPtrArray *etags = user_data;

  if (g_str_equal (path, "Part/ETag"))
    g_ptr_array_add (etags, g_strdup (text));
  return TRUE;
}

/* What we write of the parts says what we have read of them. */
static void
check_complete (GArray *parts)
{
  g_autofree char *xml = streamer_s3_xml_make_complete (parts);
  g_autofree char *whole = streamer_s3_etag_of_parts (parts);
  g_autoptr (GPtrArray) etags = g_ptr_array_new_with_free_func (g_free);

  if (strlen (xml) > STREAMER_S3_XML_MAX_BYTES)
    return;
  g_assert_true (
      streamer_s3_xml_parse (xml, strlen (xml), "CompleteMultipartUpload", on_etag, etags, NULL));
  g_assert_cmpuint (etags->len, ==, parts->len);
  for (guint i = 0; i < parts->len; i++)
    g_assert_cmpstr (etags->pdata[i], ==, g_array_index (parts, StreamerStoredPart, i).etag);
  if (whole != NULL && parts->len > 0)
    g_assert_true (streamer_s3_etag_is_md5 (whole));
}

static void
read_parts (const char *text, gsize length)
{
  g_autoptr (GArray) parts = streamer_s3_xml_new_parts ();
  g_autoptr (GError) error = NULL;
  guint next = 0, last = 0;
  gboolean ok = streamer_s3_xml_read_parts (text, length, parts, &next, &error);

  fuzz_check_error (ok, error);
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);

      g_assert_cmpuint (part->number, >, last);
      g_assert_cmpuint (part->number, <=, streamer_limits_s3.max_parts);
      g_assert_cmpuint (part->size, <=, G_MAXINT64);
      g_assert_nonnull (part->etag);
      last = part->number;
    }
  check_complete (parts);
}

static void
read_uploads (const char *text, gsize length)
{
  g_autoptr (GArray) uploads = streamer_unfinished_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *next_key = NULL;
  g_autofree char *next_id = NULL;
  gboolean ok = streamer_s3_xml_read_uploads (text, length, uploads, &next_key, &next_id, &error);

  fuzz_check_error (ok, error);
  g_assert_true (next_key == NULL || *next_key != '\0');
  for (guint i = 0; i < uploads->len; i++)
    {
      const StreamerUnfinished *upload = &g_array_index (uploads, StreamerUnfinished, i);

      g_assert_nonnull (upload->key);
      g_assert_true (upload->upload_id != NULL && *upload->upload_id != '\0');
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  StreamerS3XmlError words = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean ok = streamer_s3_xml_read_error (text, size, &words, &error);

  fuzz_check_error (ok, error);
  if (ok)
    g_assert_true (streamer_s3_xml_is_error (text, size));
  streamer_s3_xml_error_clear (&words);
  read_texts (text, size);
  read_parts (text, size);
  read_uploads (text, size);
  return 0;
}
