/* streamer-s3-xml.c: what S3's XML answers say
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-xml.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-plan.h"
#include "streamer-s3-xml-reader.h"

#define MAX_ID_BYTES 1024

/* A page of a list, with its entry that is being read. */
typedef struct
{
  GArray *entries;
  StreamerStoredPart part;
  StreamerUnfinished upload;
  gboolean truncated;
  guint next_part;
  char *next_key; /* (owned) (nullable) */
  char *next_id;  /* (owned) (nullable) */
} Page;

static void
page_clear (Page *page)
{
  streamer_stored_part_clear (&page->part);
  streamer_unfinished_clear (&page->upload);
  g_free (page->next_key);
  g_free (page->next_id);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Page, page_clear)

void
streamer_s3_xml_error_clear (StreamerS3XmlError *self)
{
  g_clear_pointer (&self->code, g_free);
  g_clear_pointer (&self->message, g_free);
  g_clear_pointer (&self->region, g_free);
  g_clear_pointer (&self->endpoint, g_free);
  g_clear_pointer (&self->request_id, g_free);
}

static void
take (char **field, const char *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

static gboolean
take_number (guint64 *number, const char *text, guint64 min, guint64 max)
{
  return g_ascii_string_to_unsigned (text, 10, min, max, number, NULL);
}

static gboolean
take_boolean (gboolean *value, const char *text)
{
  *value = g_str_equal (text, "true");
  return *value || g_str_equal (text, "false");
}

static gboolean
missing (GError **error)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                       _ ("The store’s answer lacks what it has to say."));
  return FALSE;
}

static gboolean
on_error_field (const char *path, const char *text, gpointer user_data)
{
  StreamerS3XmlError *result = user_data;

  if (g_str_equal (path, "Code"))
    take (&result->code, text);
  else if (g_str_equal (path, "Message"))
    take (&result->message, text);
  else if (g_str_equal (path, "Region"))
    take (&result->region, text);
  else if (g_str_equal (path, "Endpoint"))
    take (&result->endpoint, text);
  else if (g_str_equal (path, "RequestId"))
    take (&result->request_id, text);
  return TRUE;
}

gboolean
streamer_s3_xml_read_error (const char *text,
                            gsize length,
                            StreamerS3XmlError *result,
                            GError **error)
{
  return streamer_s3_xml_parse (text, length, "Error", on_error_field, result, error);
}

static gboolean
skip_field (const char *path, const char *text, gpointer user_data)
{
  return TRUE;
}

gboolean
streamer_s3_xml_is_error (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  gsize i = 0;

  while (i < length && g_ascii_isspace (text[i]))
    i++;
  return i < length && (streamer_s3_xml_parse (text, length, "Error", skip_field, NULL, &error) ||
                        g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK));
}

static gboolean
on_upload_id (const char *path, const char *text, gpointer user_data)
{
  if (g_str_equal (path, "UploadId"))
    take (user_data, text);
  return TRUE;
}

static gboolean
on_etag (const char *path, const char *text, gpointer user_data)
{
  if (g_str_equal (path, "ETag"))
    take (user_data, text);
  return TRUE;
}

char *
streamer_s3_xml_read_upload_id (const char *text, gsize length, GError **error)
{
  g_autofree char *id = NULL;

  if (!streamer_s3_xml_parse (text, length, "InitiateMultipartUploadResult", on_upload_id, &id,
                              error))
    return NULL;
  if (id == NULL || *id == '\0' || strlen (id) > MAX_ID_BYTES)
    {
      missing (error);
      return NULL;
    }
  return g_steal_pointer (&id);
}

char *
streamer_s3_xml_read_completed (const char *text, gsize length, GError **error)
{
  g_autofree char *etag = g_strdup ("");

  if (!streamer_s3_xml_parse (text, length, "CompleteMultipartUploadResult", on_etag, &etag, error))
    return NULL;
  return g_steal_pointer (&etag);
}

char *
streamer_s3_xml_read_copied (const char *text, gsize length, GError **error)
{
  g_autofree char *etag = NULL;

  if (!streamer_s3_xml_parse (text, length, "CopyPartResult", on_etag, &etag, error))
    return NULL;
  if (etag == NULL)
    missing (error);
  return g_steal_pointer (&etag);
}

GArray *
streamer_s3_xml_new_parts (void)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));

  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  return parts;
}

/* At the end of a `Part`. */
static gboolean
add_part (Page *page)
{
  guint last = 0;

  if (page->entries->len > 0)
    last = g_array_index (page->entries, StreamerStoredPart, page->entries->len - 1).number;
  if (page->part.number <= last)
    return FALSE;
  if (page->part.etag == NULL)
    page->part.etag = g_strdup ("");
  g_array_append_val (page->entries, page->part);
  page->part = (StreamerStoredPart){ 0 };
  return TRUE;
}

static gboolean
on_parts_field (const char *path, const char *text, gpointer user_data)
{
  Page *page = user_data;
  guint64 number;

  if (g_str_equal (path, "Part"))
    return add_part (page);
  if (g_str_equal (path, "Part/ETag"))
    take (&page->part.etag, text);
  else if (g_str_equal (path, "Part/Size"))
    return take_number (&page->part.size, text, 0, G_MAXINT64);
  else if (g_str_equal (path, "IsTruncated"))
    return take_boolean (&page->truncated, text);
  else if (g_str_equal (path, "Part/PartNumber"))
    {
      if (!take_number (&number, text, 1, streamer_limits_s3.max_parts))
        return FALSE;
      page->part.number = (guint) number;
    }
  /* Some stores name it even behind the last page, and then anything. */
  else if (g_str_equal (path, "NextPartNumberMarker") &&
           take_number (&number, text, 0, streamer_limits_s3.max_parts))
    page->next_part = (guint) number;
  return TRUE;
}

gboolean
streamer_s3_xml_read_parts (const char *text,
                            gsize length,
                            GArray *parts,
                            guint *next,
                            GError **error)
{
  g_auto (Page) page = { .entries = parts };

  if (!streamer_s3_xml_parse (text, length, "ListPartsResult", on_parts_field, &page, error))
    return FALSE;
  if (page.truncated && page.next_part == 0)
    return missing (error);
  *next = page.truncated ? page.next_part : 0;
  return TRUE;
}

static gboolean
take_time (gint64 *seconds, const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, utc);

  if (time != NULL)
    *seconds = g_date_time_to_unix (time);
  return time != NULL;
}

static gboolean
add_upload (Page *page)
{
  if (page->upload.key == NULL || page->upload.upload_id == NULL || *page->upload.upload_id == '\0')
    return FALSE;
  g_array_append_val (page->entries, page->upload);
  page->upload = (StreamerUnfinished){ 0 };
  return TRUE;
}

static gboolean
on_uploads_field (const char *path, const char *text, gpointer user_data)
{
  Page *page = user_data;

  if (g_str_equal (path, "Upload"))
    return add_upload (page);
  if (g_str_equal (path, "Upload/Key"))
    take (&page->upload.key, text);
  else if (g_str_equal (path, "Upload/UploadId"))
    take (&page->upload.upload_id, text);
  else if (g_str_equal (path, "Upload/Initiated"))
    return take_time (&page->upload.began_at, text);
  else if (g_str_equal (path, "IsTruncated"))
    return take_boolean (&page->truncated, text);
  else if (g_str_equal (path, "NextKeyMarker"))
    take (&page->next_key, text);
  else if (g_str_equal (path, "NextUploadIdMarker"))
    take (&page->next_id, text);
  return TRUE;
}

gboolean
streamer_s3_xml_read_uploads (const char *text,
                              gsize length,
                              GArray *uploads,
                              char **next_key,
                              char **next_id,
                              GError **error)
{
  g_auto (Page) page = { .entries = uploads };

  if (!streamer_s3_xml_parse (text, length, "ListMultipartUploadsResult", on_uploads_field, &page,
                              error))
    return FALSE;
  if (page.truncated && (page.next_key == NULL || *page.next_key == '\0'))
    return missing (error);
  *next_key = page.truncated ? g_steal_pointer (&page.next_key) : NULL;
  *next_id = page.truncated ? g_steal_pointer (&page.next_id) : NULL;
  return TRUE;
}

char *
streamer_s3_xml_make_complete (GArray *parts)
{
  GString *xml =
      g_string_new ("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");

  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);
      g_autofree char *etag = g_markup_escape_text (part->etag != NULL ? part->etag : "", -1);

      g_string_append_printf (xml, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>",
                              part->number, etag);
    }
  g_string_append (xml, "</CompleteMultipartUpload>");
  return g_string_free (xml, FALSE);
}
