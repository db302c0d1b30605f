/* streamer-s3-multipart.c: uploads in parts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-answer-headers.h"
#include "streamer-error.h"
#include "streamer-s3-options.h"
#include "streamer-s3-request.h"
#include "streamer-s3-xml.h"
#include "streamer-store-answer.h"

/* A store may give fewer parts a page than it is asked for. */
#define PARTS_PER_PAGE "1000"
/* Keys have up to 1,024 bytes, and escaped more: so many fit into an answer for sure. */
#define UPLOADS_PER_PAGE "100"
#define MAX_PAGES        10000
/* Seconds from which on a clock is taken for another one. */
#define AHEAD_MIN 10

char *
streamer_s3_client_create_multipart (StreamerS3Client *self,
                                     StreamerHttp *http,
                                     const char *key,
                                     const StreamerS3PutOptions *options,
                                     GCancellable *cancellable,
                                     GError **error)
{
  static const char *const query[] = { "uploads", "", NULL };
  /* Only what makes the object visible can be conditional. */
  StreamerS3PutOptions own = options != NULL ? *options : (StreamerS3PutOptions){ 0 };
  g_auto (GStrv) headers = NULL;
  g_auto (StreamerAnswer) answer = { 0 };
  gsize length;
  const char *text;

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self) && key != NULL, NULL);

  own.if_none_match = FALSE;
  headers = streamer_s3_put_options_to_headers (&own, error);
  if (headers == NULL)
    return NULL;
  {
    const StreamerS3Request request = { .method = "POST",
                                        .key = key,
                                        .query = query,
                                        .headers = (const char *const *) headers,
                                        .text = "" };

    if (!streamer_s3_client_send (self, http, &request, &answer, cancellable, error))
      return NULL;
  }
  text = g_bytes_get_data (answer.body, &length);
  return streamer_s3_xml_read_upload_id (text, length, error);
}

gboolean
streamer_s3_client_upload_part (StreamerS3Client *self,
                                StreamerHttp *http,
                                const char *key,
                                const char *upload_id,
                                guint number,
                                StreamerPartStream *body,
                                StreamerStoredPart *stored,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autofree char *part_number = g_strdup_printf ("%u", number);
  const char *const query[] = { "partNumber", part_number, "uploadId", upload_id, NULL };
  const StreamerS3Request request = { .method = "PUT", .key = key, .query = query, .part = body };
  g_auto (StreamerAnswer) answer = { 0 };

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self) && key != NULL && upload_id != NULL, FALSE);
  g_return_val_if_fail (STREAMER_IS_PART_STREAM (body) && stored != NULL, FALSE);

  return streamer_s3_client_send (self, http, &request, &answer, cancellable, error) &&
         streamer_store_answer_read_part (&answer, number, body, stored, error);
}

static char *
make_copy_source (StreamerS3Client *self, const char *source_key)
{
  g_autofree char *key = NULL;
  g_autofree char *bucket = NULL;
  g_autofree char *encoded_key = NULL;

  g_mutex_lock (&self->lock);
  key = streamer_s3_location_get_key (&self->location, source_key);
  bucket = streamer_sigv4_encode (self->location.bucket, FALSE);
  g_mutex_unlock (&self->lock);
  encoded_key = streamer_sigv4_encode (key, TRUE);
  return g_strconcat ("/", bucket, "/", encoded_key, NULL);
}

gboolean
streamer_s3_client_copy_part (StreamerS3Client *self,
                              StreamerHttp *http,
                              const char *key,
                              const char *upload_id,
                              guint number,
                              const char *source_key,
                              char **etag,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autofree char *part_number = g_strdup_printf ("%u", number);
  const char *const query[] = { "partNumber", part_number, "uploadId", upload_id, NULL };
  g_autofree char *source = make_copy_source (self, source_key);
  const char *const headers[] = { "x-amz-copy-source", source, NULL };
  const StreamerS3Request request = { .method = "PUT",
                                      .key = key,
                                      .query = query,
                                      .headers = headers,
                                      .text = "",
                                      .flags = STREAMER_HTTP_PATIENT };
  g_auto (StreamerAnswer) answer = { 0 };
  g_autofree char *read = NULL;
  gsize length;
  const char *text;

  if (!streamer_s3_client_send (self, http, &request, &answer, cancellable, error))
    return FALSE;
  text = g_bytes_get_data (answer.body, &length);
  read = streamer_s3_xml_read_copied (text, length, error);
  if (read == NULL)
    return FALSE;
  if (etag != NULL)
    *etag = g_steal_pointer (&read);
  return TRUE;
}

static void
set_endless (GError **error)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                       _ ("The store’s list has no end."));
}

GArray *
streamer_s3_client_list_parts (StreamerS3Client *self,
                               StreamerHttp *http,
                               const char *key,
                               const char *upload_id,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autoptr (GArray) parts = streamer_s3_xml_new_parts ();
  guint marker = 0;

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self) && key != NULL && upload_id != NULL, NULL);

  do
    {
      g_autofree char *behind = g_strdup_printf ("%u", marker);
      const char *const query[] = { "max-parts", PARTS_PER_PAGE, "part-number-marker",
                                    behind,      "uploadId",     upload_id,
                                    NULL };
      const StreamerS3Request request = { .method = "GET", .key = key, .query = query };
      g_auto (StreamerAnswer) answer = { 0 };
      guint before = marker;
      gsize length;
      const char *text;

      if (!streamer_s3_client_send (self, http, &request, &answer, cancellable, error))
        return NULL;
      text = g_bytes_get_data (answer.body, &length);
      if (!streamer_s3_xml_read_parts (text, length, parts, &marker, error))
        return NULL;
      /* Numbers end at 10,000, so do pages. */
      if (marker != 0 && marker <= before)
        {
          set_endless (error);
          return NULL;
        }
    }
  while (marker != 0);
  return g_steal_pointer (&parts);
}

gboolean
streamer_s3_client_complete_multipart (StreamerS3Client *self,
                                       StreamerHttp *http,
                                       const char *key,
                                       const char *upload_id,
                                       GArray *parts,
                                       gboolean if_none_match,
                                       const guint32 *crc32,
                                       char **etag,
                                       GCancellable *cancellable,
                                       GError **error)
{
  const char *const query[] = { "uploadId", upload_id, NULL };
  g_autofree char *body = streamer_s3_xml_make_complete (parts);
  g_autofree char *checksum = crc32 != NULL ? streamer_s3_crc32_to_string (*crc32) : NULL;
  const char *headers[9] = { "Content-Type", "application/xml", NULL };
  guint n = 2;
  const StreamerS3Request request = { .method = "POST",
                                      .key = key,
                                      .query = query,
                                      .headers = headers,
                                      .text = body,
                                      .flags = STREAMER_HTTP_PATIENT };
  g_auto (StreamerAnswer) answer = { 0 };
  g_autofree char *read = NULL;
  gsize length;
  const char *text;

  if (if_none_match)
    {
      headers[n++] = "If-None-Match";
      headers[n++] = "*";
    }
  if (checksum != NULL)
    {
      headers[n++] = "x-amz-checksum-type";
      headers[n++] = "FULL_OBJECT";
      headers[n++] = "x-amz-checksum-crc32";
      headers[n++] = checksum;
    }
  if (!streamer_s3_client_send (self, http, &request, &answer, cancellable, error))
    return FALSE;
  text = g_bytes_get_data (answer.body, &length);
  read = streamer_s3_xml_read_completed (text, length, error);
  if (read == NULL)
    return FALSE;
  if (etag != NULL)
    *etag = g_steal_pointer (&read);
  return TRUE;
}

gboolean
streamer_s3_client_abort_multipart (StreamerS3Client *self,
                                    StreamerHttp *http,
                                    const char *key,
                                    const char *upload_id,
                                    GCancellable *cancellable,
                                    GError **error)
{
  const char *const query[] = { "uploadId", upload_id, NULL };
  const StreamerS3Request request = { .method = "DELETE", .key = key, .query = query };
  g_auto (StreamerAnswer) answer = { 0 };

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self) && key != NULL && upload_id != NULL, FALSE);

  return streamer_s3_client_send (self, http, &request, &answer, cancellable, error);
}

/* The location's own prefix is nobody else's business. What does not begin with it was not asked
 * for. */
static GArray *
strip_prefix (GArray *uploads, const char *location_prefix)
{
  GArray *stripped = streamer_unfinished_array_new ();
  gsize length = strlen (location_prefix);

  for (guint i = 0; i < uploads->len; i++)
    {
      const StreamerUnfinished *upload = &g_array_index (uploads, StreamerUnfinished, i);
      StreamerUnfinished own = { .began_at = upload->began_at };

      if (!g_str_has_prefix (upload->key, location_prefix) || upload->key[length] == '\0')
        continue;
      own.key = g_strdup (upload->key + length);
      own.upload_id = g_strdup (upload->upload_id);
      g_array_append_val (stripped, own);
    }
  return stripped;
}

/* Times from @first on, which are by the clock that @answer tells. */
static void
set_own_time (GArray *uploads, guint first, const StreamerAnswer *answer)
{
  gint64 ahead = streamer_answer_get_time (answer) - g_get_real_time () / G_USEC_PER_SEC;

  /* An answer takes its time. */
  if (ABS (ahead) < AHEAD_MIN)
    return;
  for (guint i = first; i < uploads->len; i++)
    if (g_array_index (uploads, StreamerUnfinished, i).began_at > 0)
      g_array_index (uploads, StreamerUnfinished, i).began_at -= ahead;
}

GArray *
streamer_s3_client_list_multiparts (StreamerS3Client *self,
                                    StreamerHttp *http,
                                    const char *prefix,
                                    GCancellable *cancellable,
                                    GError **error)
{
  g_autoptr (GArray) uploads = streamer_unfinished_array_new ();
  g_autofree char *own_prefix = NULL;
  g_autofree char *whole_prefix = NULL;
  g_autofree char *key = g_strdup ("");
  g_autofree char *id = g_strdup ("");

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self), NULL);

  g_mutex_lock (&self->lock);
  own_prefix = streamer_s3_location_get_key (&self->location, "");
  g_mutex_unlock (&self->lock);
  whole_prefix = g_strconcat (own_prefix, prefix, NULL);

  for (guint page = 0; key != NULL; page++)
    {
      const char *const query[] = { "max-uploads",
                                    UPLOADS_PER_PAGE,
                                    "prefix",
                                    whole_prefix,
                                    "uploads",
                                    "",
                                    key[0] == '\0' ? NULL : "key-marker",
                                    key,
                                    "upload-id-marker",
                                    id,
                                    NULL };
      const StreamerS3Request request = { .method = "GET", .query = query };
      g_auto (StreamerAnswer) answer = { 0 };
      g_autofree char *next_key = NULL;
      g_autofree char *next_id = NULL;
      guint first = uploads->len;
      gsize length;
      const char *text;

      if (!streamer_s3_client_send (self, http, &request, &answer, cancellable, error))
        return NULL;
      text = g_bytes_get_data (answer.body, &length);
      if (!streamer_s3_xml_read_uploads (text, length, uploads, &next_key, &next_id, error))
        return NULL;
      set_own_time (uploads, first, &answer);
      if (page >= MAX_PAGES || (g_strcmp0 (next_key, key) == 0 && g_strcmp0 (next_id, id) == 0))
        {
          set_endless (error);
          return NULL;
        }
      g_free (key);
      key = g_steal_pointer (&next_key);
      g_free (id);
      id = next_id != NULL ? g_steal_pointer (&next_id) : g_strdup ("");
    }
  return strip_prefix (uploads, own_prefix);
}
