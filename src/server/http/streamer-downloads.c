/* streamer-downloads.c: sends objects to visitors
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs on the connection's thread. What is sent was uploaded by somebody: a browser must neither
 * run it nor take it for something else than it says.
 */

#include "streamer-downloads.h"

#include <string.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-reply.h"

static gboolean
answer_text (StreamerHttpConnection *connection,
             const StreamerHttpRequest *request,
             guint status,
             const char *name,
             const char *value,
             const char *message)
{
  g_autofree char *body = g_strconcat (message, "\n", NULL);
  const char *headers[] = { "Content-Type", "text/plain", "X-Content-Type-Options", "nosniff", name,
                            value,          NULL };

  return streamer_http_connection_answer (connection, request, status, headers, body);
}

/* What a browser shows without running anything in it; the rest is saved. */
static gboolean
is_shown (const char *content_type)
{
  g_autofree char *type = g_ascii_strdown (content_type, strcspn (content_type, "; \t"));

  return (g_str_has_prefix (type, "image/") && !strstr (type, "svg") && !strstr (type, "xml")) ||
         g_str_has_prefix (type, "audio/") || g_str_has_prefix (type, "video/") ||
         g_str_equal (type, "text/plain");
}

/* RFC 6266: a name that every browser takes, and the right one. */
static char *
make_disposition (const char *key, const char *content_type)
{
  const char *slash = strrchr (key, '/');
  const char *name = slash ? slash + 1 : key;
  g_autofree char *plain = g_str_to_ascii (name, "C");
  g_autofree char *encoded = g_uri_escape_string (name, NULL, FALSE);

  g_strdelimit (plain, "\"\\%", '_');
  return g_strdup_printf ("%s; filename=\"%s\"; filename*=UTF-8''%s",
                          is_shown (content_type) ? "inline" : "attachment", plain, encoded);
}

static gboolean
etag_is_listed (const char *list, const char *etag)
{
  g_auto (GStrv) etags = g_strsplit (list, ",", -1);

  for (gsize i = 0; etags[i]; i++)
    {
      const char *listed = g_strstrip (etags[i]);

      if (g_str_has_prefix (listed, "W/"))
        listed += 2;
      if (strcmp (listed, etag) == 0 || strcmp (listed, "*") == 0)
        return TRUE;
    }
  return FALSE;
}

/* @offset, @length: (inout): the whole object; what is asked for. Returns the status. */
static guint
apply_range (const StreamerHttpRequest *request,
             const StreamerStorageObject *object,
             guint64 *offset,
             guint64 *length)
{
  const char *condition = soup_message_headers_get_one (request->headers, "If-Range");
  SoupRange *ranges;
  int n_ranges;
  guint status = SOUP_STATUS_OK;

  if (!soup_message_headers_get_one (request->headers, "Range") ||
      (condition && strcmp (condition, object->etag) != 0))
    return SOUP_STATUS_OK;
  if (object->size == 0)
    return SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE;
  if (!soup_message_headers_get_ranges (request->headers, object->size, &ranges, &n_ranges))
    return SOUP_STATUS_OK;

  /* Several ranges at once may be answered with the whole (RFC 9110, 14.2). */
  if (n_ranges == 1)
    {
      /* The last 2,000 bytes of 1,000 are all of them. */
      guint64 first = MAX (ranges[0].start, 0);
      guint64 last = MIN ((guint64) MAX (ranges[0].end, 0), object->size - 1);

      status = SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE;
      if (first < object->size && first <= last)
        {
          status = SOUP_STATUS_PARTIAL_CONTENT;
          *offset = first;
          *length = last - first + 1;
        }
    }
  soup_message_headers_free_ranges (request->headers, ranges);
  return status;
}

static gboolean
send_object (StreamerHttpConnection *connection,
             const StreamerHttpRequest *request,
             const char *key,
             int file,
             const StreamerStorageObject *object)
{
  const char *known = soup_message_headers_get_one (request->headers, "If-None-Match");
  g_autoptr (GDateTime) modified = g_date_time_new_from_unix_utc (object->modified);
  g_autofree char *date = soup_date_time_to_string (modified, SOUP_DATE_HTTP);
  g_autofree char *disposition = make_disposition (key, object->content_type);
  g_autofree char *range = NULL;
  guint64 offset = 0, length = object->size;
  guint status;
  const char *headers[] = { "ETag",
                            object->etag,
                            "Last-Modified",
                            date,
                            "Cache-Control",
                            "private, no-cache",
                            "Accept-Ranges",
                            "bytes",
                            "Content-Type",
                            object->content_type,
                            "Content-Disposition",
                            disposition,
                            "X-Content-Type-Options",
                            "nosniff",
                            "Content-Security-Policy",
                            "sandbox; default-src 'none'; style-src 'unsafe-inline'",
                            "Referrer-Policy",
                            "no-referrer",
                            "Content-Range",
                            NULL,
                            NULL };

  if (known && etag_is_listed (known, object->etag))
    {
      headers[8] = NULL;
      return streamer_http_connection_answer (connection, request, SOUP_STATUS_NOT_MODIFIED,
                                              headers, NULL);
    }
  status = apply_range (request, object, &offset, &length);
  if (status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE)
    {
      range = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, object->size);
      return answer_text (connection, request, status, "Content-Range", range,
                          "The document is not that long.");
    }
  if (status == SOUP_STATUS_PARTIAL_CONTENT)
    range = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                             offset, offset + length - 1, object->size);
  headers[G_N_ELEMENTS (headers) - 2] = range;
  if (!range)
    headers[G_N_ELEMENTS (headers) - 3] = NULL;
  return streamer_http_connection_answer_file (connection, request, status, headers, file, offset,
                                               length);
}

gboolean
streamer_downloads_answer (StreamerHttpConnection *connection,
                           const StreamerHttpRequest *request,
                           StreamerFolderStorage *storage,
                           StreamerSeal *seal,
                           gboolean is_public)
{
  g_autoptr (StreamerStorageObject) object = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *key = NULL;
  gboolean go_on;
  int file;

  if (strcmp (request->method, "GET") != 0 && strcmp (request->method, "HEAD") != 0)
    return answer_text (connection, request, SOUP_STATUS_METHOD_NOT_ALLOWED, "Allow", "GET, HEAD",
                        "A document can only be read here.");
  key = streamer_url_signer_check_download (seal, request, is_public, &error);
  if (!key)
    return answer_text (connection, request, streamer_reply_get_status (error), NULL, NULL,
                        error->message);
  file = streamer_folder_storage_open_object (storage, key, &object, &error);
  if (file < 0)
    return answer_text (connection, request, streamer_reply_get_status (error), NULL, NULL,
                        error->message);
  go_on = send_object (connection, request, key, file, object);
  close (file);
  return go_on;
}
