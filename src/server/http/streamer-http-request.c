/* streamer-http-request.c: reads the head of an HTTP/1 request, by the letter
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SoupServer is not made for clients that nobody trusts: it takes requests with two lengths and
 * two hosts, hangs on a negative length and decodes paths, so that `%2F` in a key is lost. This is
 * pure text work, without sockets, so that it can be tested with whatever bytes.
 */

#include "streamer-http-request.h"

#include <string.h>

#define MAX_HEADERS 100
#define MAX_TARGET  8192

static gboolean
is_token (const char *text, gsize length)
{
  if (length == 0)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && !strchr ("!#$%&'*+-.^_`|~", text[i]))
      return FALSE;
  return memchr (text, '\0', length) == NULL;
}

static gboolean
is_visible (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]))
      return FALSE;
  return TRUE;
}

/* The value of a header: anything but control characters. */
static gboolean
is_field_value (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      guchar c = text[i];

      if ((c < 0x20 && c != '\t') || c == 0x7f)
        return FALSE;
    }
  return TRUE;
}

/* Finds the CR LF that ends the line. A CR or LF that stands alone is no end of a line. */
static const char *
find_line_end (const char *line, const char *end)
{
  for (const char *p = line; p + 1 < end; p++)
    {
      if (p[0] == '\r' && p[1] == '\n')
        return p;
      if (p[0] == '\r' || p[0] == '\n')
        return NULL;
    }
  return NULL;
}

static guint
parse_request_line (StreamerHttpRequest *request, const char *line, const char *end)
{
  const char *target, *version, *question;

  target = memchr (line, ' ', end - line);
  if (!target || !is_token (line, target - line))
    return SOUP_STATUS_BAD_REQUEST;
  request->method = g_strndup (line, target - line);
  target++;

  version = memchr (target, ' ', end - target);
  if (!version || version == target || *target != '/' || !is_visible (target, version - target))
    return SOUP_STATUS_BAD_REQUEST;
  if (version - target > MAX_TARGET)
    return SOUP_STATUS_REQUEST_URI_TOO_LONG;
  question = memchr (target, '?', version - target);
  request->path = g_strndup (target, (question ? question : version) - target);
  if (question)
    request->query = g_strndup (question + 1, version - question - 1);
  version++;

  if (end - version != 8 || strncmp (version, "HTTP/", 5) != 0)
    return SOUP_STATUS_BAD_REQUEST;
  if (strncmp (version, "HTTP/1.1", 8) == 0)
    request->keep_alive = TRUE;
  else if (strncmp (version, "HTTP/1.0", 8) != 0)
    return SOUP_STATUS_HTTP_VERSION_NOT_SUPPORTED;
  return 0;
}

static guint
parse_header (StreamerHttpRequest *request, const char *line, const char *end)
{
  g_autofree char *name = NULL, *value = NULL;
  const char *colon = memchr (line, ':', end - line);

  if (!colon || !is_token (line, colon - line) || !is_field_value (colon + 1, end - colon - 1))
    return SOUP_STATUS_BAD_REQUEST;
  name = g_strndup (line, colon - line);
  value = g_strstrip (g_strndup (colon + 1, end - colon - 1));

  if ((g_ascii_strcasecmp (name, "Host") == 0 || g_ascii_strcasecmp (name, "Content-Length") == 0 ||
       g_ascii_strcasecmp (name, "Authorization") == 0 ||
       g_ascii_strcasecmp (name, "Transfer-Encoding") == 0) &&
      soup_message_headers_get_list (request->headers, name))
    return SOUP_STATUS_BAD_REQUEST;
  soup_message_headers_append (request->headers, name, value);
  return 0;
}

/* How the request ends, and where it wants to go. */
static guint
parse_framing (StreamerHttpRequest *request)
{
  const char *length = soup_message_headers_get_one (request->headers, "Content-Length");
  const char *host = soup_message_headers_get_one (request->headers, "Host");
  const char *expect = soup_message_headers_get_one (request->headers, "Expect");
  gboolean is_1_1 = request->keep_alive;

  if ((is_1_1 && !host) ||
      (host && strspn (host, "0123456789abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:[]") != strlen (host)))
    return SOUP_STATUS_BAD_REQUEST;

  if (soup_message_headers_get_one (request->headers, "Transfer-Encoding"))
    return length || !is_1_1 ? SOUP_STATUS_BAD_REQUEST : SOUP_STATUS_LENGTH_REQUIRED;
  if (length)
    {
      if (*length == '\0' || strspn (length, "0123456789") != strlen (length))
        return SOUP_STATUS_BAD_REQUEST;
      if (!g_ascii_string_to_unsigned (length, 10, 0, G_MAXINT64, &request->length, NULL))
        return SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE;
      request->has_length = TRUE;
    }

  if (expect && g_ascii_strcasecmp (expect, "100-continue") != 0)
    return SOUP_STATUS_EXPECTATION_FAILED;
  request->expects_continue = expect && is_1_1 && request->length > 0;
  if (soup_message_headers_header_contains (request->headers, "Connection", "close"))
    request->keep_alive = FALSE;
  return 0;
}

StreamerHttpRequest *
streamer_http_request_parse (const char *head, gsize length, guint *refusal)
{
  g_autoptr (StreamerHttpRequest) request = g_new0 (StreamerHttpRequest, 1);
  const char *line = head, *end = head + length;

  request->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  for (guint n_lines = 0;; n_lines++)
    {
      const char *line_end = find_line_end (line, end);

      *refusal = SOUP_STATUS_BAD_REQUEST;
      if (!line_end)
        return NULL;
      if (n_lines > MAX_HEADERS)
        *refusal = STREAMER_HTTP_STATUS_HEAD_TOO_LARGE;
      else if (n_lines == 0)
        *refusal = parse_request_line (request, line, line_end);
      else if (line_end > line)
        *refusal = parse_header (request, line, line_end);
      else
        break;
      if (*refusal)
        return NULL;
      line = line_end + 2;
    }

  *refusal = parse_framing (request);
  return *refusal ? NULL : g_steal_pointer (&request);
}

void
streamer_http_request_free (StreamerHttpRequest *request)
{
  g_free (request->method);
  g_free (request->path);
  g_free (request->query);
  soup_message_headers_unref (request->headers);
  g_free (request);
}

char *
streamer_http_request_get_origin (const StreamerHttpRequest *request)
{
  const char *host = soup_message_headers_get_one (request->headers, "Host");
  const char *scheme = soup_message_headers_get_one (request->headers, "X-Forwarded-Proto");

  if (!host || *host == '\0')
    return NULL;
  return g_strconcat (g_strcmp0 (scheme, "https") == 0 ? "https://" : "http://", host, NULL);
}

char *
streamer_http_request_get_parameter (const StreamerHttpRequest *request, const char *name)
{
  g_auto (GStrv) pairs = NULL;
  g_autofree char *found = NULL;

  if (!request->query)
    return NULL;
  pairs = g_strsplit (request->query, "&", -1);
  for (gsize i = 0; pairs[i]; i++)
    {
      char *equals = strchr (pairs[i], '=');

      if (!equals || strncmp (pairs[i], name, equals - pairs[i]) != 0 ||
          strlen (name) != (gsize) (equals - pairs[i]))
        continue;
      if (found)
        return NULL;
      found = g_uri_unescape_string (equals + 1, NULL);
      if (!found || !g_utf8_validate (found, -1, NULL))
        return NULL;
    }
  return g_steal_pointer (&found);
}

char *
streamer_http_request_get_filename (const StreamerHttpRequest *request)
{
  const char *query = request->query ? request->query : "";
  g_autofree char *value = NULL, *filename = NULL;

  while (query && !g_str_has_prefix (query, "filename="))
    {
      query = strchr (query, '&');
      query = query ? query + 1 : NULL;
    }
  if (!query)
    return NULL;
  value = g_strdup (query + strlen ("filename="));
  if (!strchr (value, '/') && (strstr (value, "%2F") || strstr (value, "%2f")))
    {
      value[strcspn (value, "&")] = '\0';
      g_strdelimit (value, "+", ' ');
    }
  filename = g_uri_unescape_string (value, NULL);
  return filename && g_utf8_validate (filename, -1, NULL) ? g_steal_pointer (&filename) : NULL;
}
