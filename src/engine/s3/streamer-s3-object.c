/* streamer-s3-object.c: whole objects, and the bucket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-answer-headers.h"
#include "streamer-error.h"
#include "streamer-s3-options.h"
#include "streamer-s3-request.h"
#include "streamer-store-answer.h"

#define METADATA_PREFIX "x-amz-meta-"

gboolean
streamer_s3_client_put_object (StreamerS3Client *self,
                               StreamerHttp *http,
                               const char *key,
                               const StreamerS3PutOptions *options,
                               StreamerPartStream *body,
                               StreamerStoredPart *stored,
                               GCancellable *cancellable,
                               GError **error)
{
  g_auto (GStrv) headers = streamer_s3_put_options_to_headers (options, error);
  const StreamerS3Request request = {
    .method = "PUT", .key = key, .headers = (const char *const *) headers, .part = body
  };
  g_auto (StreamerAnswer) answer = { 0 };

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self) && key != NULL, FALSE);
  g_return_val_if_fail (STREAMER_IS_PART_STREAM (body) && stored != NULL, FALSE);

  return headers != NULL &&
         streamer_s3_client_send (self, http, &request, &answer, cancellable, error) &&
         streamer_store_answer_read_part (&answer, 1, body, stored, error);
}

void
streamer_s3_head_clear (StreamerS3Head *head)
{
  g_clear_pointer (&head->etag, g_free);
  g_clear_pointer (&head->metadata, g_strfreev);
}

const char *
streamer_s3_head_get_metadata (const StreamerS3Head *head, const char *name)
{
  for (guint i = 0; head->metadata != NULL && head->metadata[i] != NULL; i += 2)
    if (g_str_equal (head->metadata[i], name))
      return head->metadata[i + 1];
  return NULL;
}

static GStrv
read_metadata (SoupMessageHeaders *headers)
{
  g_autoptr (GStrvBuilder) metadata = g_strv_builder_new ();
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (g_ascii_strncasecmp (name, METADATA_PREFIX, strlen (METADATA_PREFIX)) == 0)
      {
        g_autofree char *lower = g_ascii_strdown (name + strlen (METADATA_PREFIX), -1);

        g_strv_builder_add_many (metadata, lower, value, NULL);
      }
  return g_strv_builder_end (metadata);
}

gboolean
streamer_s3_client_head_object (StreamerS3Client *self,
                                StreamerHttp *http,
                                const char *key,
                                StreamerS3Head *head,
                                GCancellable *cancellable,
                                GError **error)
{
  const StreamerS3Request request = { .method = "HEAD", .key = key };
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GDateTime) modified = NULL;
  const char *length;
  const char *date;
  guint64 size;

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self) && key != NULL && head != NULL, FALSE);

  if (!streamer_s3_client_send (self, http, &request, &answer, cancellable, error))
    return FALSE;
  length = soup_message_headers_get_one (answer.headers, "Content-Length");
  /* Without an ETag it is some other server, which says yes to everything. */
  if (length == NULL || soup_message_headers_get_one (answer.headers, "ETag") == NULL ||
      !g_ascii_string_to_unsigned (length, 10, 0, G_MAXINT64, &size, NULL))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           _ ("The store’s answer lacks what it has to say."));
      return FALSE;
    }

  date = soup_message_headers_get_one (answer.headers, "Last-Modified");
  modified = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;
  head->size = size;
  head->etag = streamer_answer_get_etag (&answer);
  head->modified = modified != NULL ? g_date_time_to_unix (modified) : 0;
  head->is_encrypted = streamer_answer_is_encrypted (&answer);
  head->metadata = read_metadata (answer.headers);
  return TRUE;
}

gboolean
streamer_s3_client_delete_object (StreamerS3Client *self,
                                  StreamerHttp *http,
                                  const char *key,
                                  GCancellable *cancellable,
                                  GError **error)
{
  const StreamerS3Request request = { .method = "DELETE", .key = key };
  g_auto (StreamerAnswer) answer = { 0 };

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self) && key != NULL, FALSE);

  return streamer_s3_client_send (self, http, &request, &answer, cancellable, error);
}

gboolean
streamer_s3_client_head_bucket (StreamerS3Client *self,
                                StreamerHttp *http,
                                GCancellable *cancellable,
                                GError **error)
{
  const StreamerS3Request request = { .method = "HEAD" };
  g_auto (StreamerAnswer) answer = { 0 };

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self), FALSE);

  return streamer_s3_client_send (self, http, &request, &answer, cancellable, error);
}
