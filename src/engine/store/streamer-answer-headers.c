/* streamer-answer-headers.c: what an answer says beside its body
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-answer-headers.h"

#define MAX_RETRY_AFTER      (24 * 60 * 60)
#define MAX_ETAG_BYTES       1024
#define MAX_REQUEST_ID_BYTES 128

static gboolean
is_printable (const char *text, gsize max_bytes)
{
  gsize length = strlen (text);

  if (length > max_bytes)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isprint (text[i]))
      return FALSE;
  return TRUE;
}

gint64
streamer_answer_get_time (const StreamerAnswer *answer)
{
  const char *date = soup_message_headers_get_one (answer->headers, "Date");
  g_autoptr (GDateTime) time = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;

  return time != NULL ? g_date_time_to_unix (time) : g_get_real_time () / G_USEC_PER_SEC;
}

int
streamer_answer_get_retry_after (const StreamerAnswer *answer)
{
  const char *text = soup_message_headers_get_one (answer->headers, "x-amz-retry-after");
  g_autoptr (GDateTime) time = NULL;
  guint64 seconds;

  if (text == NULL)
    text = soup_message_headers_get_one (answer->headers, "Retry-After");
  if (text == NULL)
    return -1;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &seconds, NULL))
    return (int) MIN (seconds, MAX_RETRY_AFTER);

  time = soup_date_time_new_from_http_string (text);
  if (time == NULL)
    return -1;
  return (int) CLAMP (g_date_time_to_unix (time) - streamer_answer_get_time (answer), 0,
                      MAX_RETRY_AFTER);
}

char *
streamer_answer_get_etag (const StreamerAnswer *answer)
{
  const char *etag = soup_message_headers_get_one (answer->headers, "ETag");

  return g_strdup (etag != NULL && is_printable (etag, MAX_ETAG_BYTES) ? etag : "");
}

gboolean
streamer_answer_is_encrypted (const StreamerAnswer *answer)
{
  const char *kind = soup_message_headers_get_one (answer->headers, "x-amz-server-side-encryption");

  return (kind != NULL && g_str_has_prefix (kind, "aws:kms")) ||
         soup_message_headers_get_one (answer->headers,
                                       "x-amz-server-side-encryption-customer-algorithm") != NULL;
}

gboolean
streamer_request_id_is_usable (const char *id)
{
  return *id != '\0' && is_printable (id, MAX_REQUEST_ID_BYTES);
}

const char *
streamer_answer_get_request_id (const StreamerAnswer *answer)
{
  static const char *const names[] = { "x-amzn-requestid", "x-amz-request-id", "x-request-id" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *id = soup_message_headers_get_one (answer->headers, names[i]);

      if (id != NULL && streamer_request_id_is_usable (id))
        return id;
    }
  return NULL;
}

gboolean
streamer_answer_is_web_page (const StreamerAnswer *answer)
{
  static const char *const starts[] = { "<!doctype html", "<html", "<head", "<body" };
  const char *type = soup_message_headers_get_content_type (answer->headers, NULL);
  gsize length;
  const char *body = g_bytes_get_data (answer->body, &length);

  if (type != NULL && (g_ascii_strcasecmp (type, "text/html") == 0 ||
                       g_ascii_strcasecmp (type, "application/xhtml+xml") == 0))
    return TRUE;

  while (length > 0 && g_ascii_isspace (*body))
    {
      body++;
      length--;
    }
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    if (length >= strlen (starts[i]) &&
        g_ascii_strncasecmp (body, starts[i], strlen (starts[i])) == 0)
      return TRUE;
  return FALSE;
}

gboolean
streamer_answer_is_portal (const StreamerAnswer *answer)
{
  if (answer->status == SOUP_STATUS_OK)
    return g_bytes_get_size (answer->body) > 0 && streamer_answer_is_web_page (answer);
  return answer->status == 511;
}
