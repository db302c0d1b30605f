/* streamer-presigned.c: permission to send one part to the store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-config.h"
#include "streamer-presigned.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-url.h"

#define MAX_HEADERS      32
#define MAX_HEADER_BYTES 8192

/* A URL lives so long at most, and is not used in its last seconds. */
#define MAX_LIFE_SECONDS (15 * 60)
#define MARGIN_SECONDS   10

/* Headers that decide where a request goes, how it is framed, or as whom it is made. */
static const char *const refused_headers[] = {
  "authorization", "connection",
  "cookie",        "expect",
  "keep-alive",    "te",
  "trailer",       "upgrade",
  "x-api-key",     "proxy-authorization",
  "range",         "transfer-encoding",
  "set-cookie",    NULL,
};

static gboolean
is_token (const char *name)
{
  if (*name == '\0')
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("!#$%&'*+-.^_`|~", *c) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_field_value (const char *value)
{
  if (strlen (value) > MAX_HEADER_BYTES)
    return FALSE;
  for (const char *c = value; *c != '\0'; c++)
    if (!g_ascii_isprint (*c))
      return FALSE;
  return TRUE;
}

/* `Host` and `Content-Length` are signed, so a signer may name them, but they cannot be other than
 * what the URL and the part say. */
static gboolean
names_the_obvious (const char *lower_name,
                   const char *value,
                   GUri *uri,
                   guint64 size,
                   gboolean *as_expected)
{
  if (g_str_equal (lower_name, "content-length"))
    {
      guint64 length;

      *as_expected =
          g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT64, &length, NULL) && length == size;
      return TRUE;
    }
  if (g_str_equal (lower_name, "host"))
    {
      int port = g_uri_get_port (uri);
      g_autofree char *with_port = g_strdup_printf ("%s:%d", g_uri_get_host (uri), port);

      *as_expected = g_ascii_strcasecmp (value, with_port) == 0 ||
                     (port < 0 && g_ascii_strcasecmp (value, g_uri_get_host (uri)) == 0);
      return TRUE;
    }
  return FALSE;
}

static gboolean
read_header (JsonObject *headers,
             const char *name,
             GUri *uri,
             guint64 size,
             GPtrArray *list,
             GError **error)
{
  g_autofree char *lower_name = g_ascii_strdown (name, -1);
  const char *value = streamer_json_get_string (headers, name, NULL);
  gboolean as_expected = TRUE;

  if (value != NULL && is_token (name) && is_field_value (value) &&
      !g_strv_contains (refused_headers, lower_name))
    {
      if (!names_the_obvious (lower_name, value, uri, size, &as_expected))
        {
          g_ptr_array_add (list, g_strdup (name));
          g_ptr_array_add (list, g_strdup (value));
        }
      if (as_expected)
        return TRUE;
    }

  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                       _ ("The server asks for a header that must not be sent to the store."));
  return FALSE;
}

static char **
read_headers (JsonObject *object, GUri *uri, guint64 size, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GList) names = NULL;
  JsonObject *headers = NULL;

  if (json_object_has_member (object, "headers") &&
      !json_object_get_null_member (object, "headers"))
    {
      headers = streamer_json_get_object (object, "headers", error);
      if (headers == NULL)
        return NULL;
      if (json_object_get_size (headers) > MAX_HEADERS)
        {
          g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                               _ ("The server asks for too many headers."));
          return NULL;
        }
      names = json_object_get_members (headers);
    }

  for (GList *name = names; name != NULL; name = name->next)
    if (!read_header (headers, name->data, uri, size, list, error))
      return NULL;

  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&list), FALSE);
}

/* Until when it may be used, by our own clock, whatever the server's says. */
static gboolean
read_expiry (JsonObject *object,
             gint64 asked_at,
             gint64 server_time,
             gint64 *good_till,
             GError **error)
{
  g_autoptr (GDateTime) expires = NULL;
  GError *local_error = NULL;
  const char *text = streamer_json_get_optional_string (object, "expires", &local_error);
  gint64 life = MAX_LIFE_SECONDS;

  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }

  if (text != NULL)
    {
      expires = g_date_time_new_from_iso8601 (text, NULL);
      if (expires == NULL)
        {
          g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                               _ ("The server does not say clearly until when it may be sent to."));
          return FALSE;
        }
      life = CLAMP (g_date_time_to_unix (expires) - server_time, 0, MAX_LIFE_SECONDS);
    }

  *good_till = asked_at + (life - MIN (MARGIN_SECONDS, life / 2)) * G_USEC_PER_SEC;
  return TRUE;
}

static void
presigned_clear (gpointer data)
{
  StreamerPresigned *presigned = data;

  g_free (presigned->url);
  g_strfreev (presigned->headers);
}

StreamerPresigned *
streamer_presigned_parse (JsonObject *object,
                          guint64 size,
                          gint64 asked_at,
                          gint64 server_time,
                          GError **error)
{
  g_autoptr (StreamerPresigned) presigned = g_atomic_rc_box_new0 (StreamerPresigned);
  g_autoptr (GUri) uri = NULL;
  const char *method = streamer_json_get_string (object, "method", error);
  const char *url = NULL;

  if (method != NULL)
    url = streamer_json_get_string (object, "url", error);
  if (url == NULL)
    return NULL;
  if (!g_str_equal (method, "PUT") || !streamer_url_is_usable (url))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           _ ("The server names a place to send to that cannot be used."));
      return NULL;
    }

  uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  presigned->url = g_strdup (url);
  presigned->size = size;
  presigned->asked_at = asked_at;
  presigned->headers = read_headers (object, uri, size, error);
  if (presigned->headers == NULL ||
      !read_expiry (object, asked_at, server_time, &presigned->good_till, error))
    return NULL;

  return g_steal_pointer (&presigned);
}

StreamerPresigned *
streamer_presigned_ref (StreamerPresigned *presigned)
{
  return g_atomic_rc_box_acquire (presigned);
}

void
streamer_presigned_unref (StreamerPresigned *presigned)
{
  g_atomic_rc_box_release_full (presigned, presigned_clear);
}

gboolean
streamer_presigned_is_good (const StreamerPresigned *presigned, guint64 size)
{
  return presigned->size == size && g_get_monotonic_time () < presigned->good_till;
}
