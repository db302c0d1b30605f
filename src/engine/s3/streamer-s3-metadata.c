/* streamer-s3-metadata.c: keys of the role of a container or an instance
 *
 * Any thread; each call has an HTTP session of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-metadata.h"

#include <glib/gi18n-lib.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-http.h"
#include "streamer-json.h"
#include "streamer-url.h"

/* Where there is such a service, it is near. */
#define TIMEOUT 2

#define CONTAINER_ENDPOINT "http://169.254.170.2"
#define INSTANCE_ENDPOINT  "http://169.254.169.254"
#define INSTANCE_ROLES     "/latest/meta-data/iam/security-credentials/"
#define INSTANCE_TOKEN     "/latest/api/token"
#define MAX_TOKEN_BYTES    16384
#define MAX_ROLE_BYTES     256

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH, sentence);
  return FALSE;
}

static const char *
get_variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

static void
wipe_bytes (GBytes *bytes)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);

  if (length > 0)
    gnutls_memset ((gpointer) data, 0, length);
}

/* Asks and expects 200. */
static gboolean
ask (const char *method,
     const char *url,
     const char *const *headers,
     StreamerAnswer *answer,
     GCancellable *cancellable,
     GError **error)
{
  g_autoptr (StreamerHttp) http = g_object_new (STREAMER_TYPE_HTTP, "timeout", TIMEOUT, NULL);
  const char *body = g_str_equal (method, "PUT") ? "" : NULL;
  gboolean busy;

  if (!streamer_http_send_text (http, method, url, headers, body, STREAMER_HTTP_DEFAULT, answer,
                                cancellable, error))
    return FALSE;
  if (answer->status == 200)
    return TRUE;

  busy = answer->status == 429 || answer->status >= 500;
  g_set_error (error, STREAMER_ERROR, busy ? STREAMER_ERROR_BUSY : STREAMER_ERROR_AUTH,
               /* Translators: a number such as 404 */
               _ ("This machine’s metadata service gives no keys (status %u)."), answer->status);
  streamer_answer_clear (answer);
  return FALSE;
}

/* One line of printable text. */
static char *
take_line (StreamerAnswer *answer, gsize max_bytes)
{
  gsize length;
  const char *text = g_bytes_get_data (answer->body, &length);
  g_autofree char *line = g_strndup (text, length);
  char *end = strpbrk (line, "\r\n");

  if (end != NULL)
    *end = '\0';
  g_strstrip (line);
  if (*line == '\0' || strlen (line) > max_bytes)
    return NULL;
  for (const char *c = line; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c))
      return NULL;
  return g_steal_pointer (&line);
}

static gboolean
read_expiration (JsonObject *object, gint64 *expires, GError **error)
{
  const char *text = streamer_json_get_optional_string (object, "Expiration", NULL);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, utc) : NULL;

  *expires = time != NULL ? g_date_time_to_unix (time) : 0;
  if (text != NULL && time == NULL)
    return refuse (error, _ ("This machine’s metadata service gives keys that cannot be used."));
  return TRUE;
}

static void
wipe_member (JsonObject *object, const char *member)
{
  const char *value = streamer_json_get_optional_string (object, member, NULL);

  if (value != NULL)
    gnutls_memset ((char *) value, 0, strlen (value));
}

static StreamerS3Credentials *
read_credentials (StreamerAnswer *answer, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (answer->body, &length);
  g_autoptr (JsonNode) root = streamer_json_parse (text, length, NULL);
  StreamerS3Credentials *credentials = NULL;
  JsonObject *object;
  const char *code, *access_key, *secret_key;
  gint64 expires;

  wipe_bytes (answer->body);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      refuse (error, _ ("This machine’s metadata service gives keys that cannot be used."));
      return NULL;
    }
  object = json_node_get_object (root);
  code = streamer_json_get_optional_string (object, "Code", NULL);
  access_key = streamer_json_get_string (object, "AccessKeyId", NULL);
  secret_key = streamer_json_get_string (object, "SecretAccessKey", NULL);
  if (access_key == NULL || secret_key == NULL || *access_key == '\0' || *secret_key == '\0' ||
      (code != NULL && !g_str_equal (code, "Success")))
    refuse (error, _ ("This machine’s metadata service gives keys that cannot be used."));
  else if (read_expiration (object, &expires, error))
    credentials = streamer_s3_credentials_new (
        access_key, secret_key, streamer_json_get_optional_string (object, "Token", NULL), expires);
  wipe_member (object, "SecretAccessKey");
  wipe_member (object, "Token");
  return credentials;
}

static gboolean
is_near (const char *host)
{
  static const char *const containers[] = { "169.254.170.2", "169.254.170.23", "fd00:ec2::23" };
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address == NULL)
    return g_ascii_strcasecmp (host, "localhost") == 0;
  if (g_inet_address_get_is_loopback (address))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (containers); i++)
    {
      g_autoptr (GInetAddress) container = g_inet_address_new_from_string (containers[i]);

      if (g_inet_address_equal (address, container))
        return TRUE;
    }
  return FALSE;
}

char *
streamer_s3_container_make_url (const char *relative, const char *full, GError **error)
{
  g_autofree char *url = NULL;
  g_autoptr (GUri) uri = NULL;

  if (relative != NULL)
    /* The slash keeps it from going on the host's name. */
    url = g_strconcat (CONTAINER_ENDPOINT, relative[0] == '/' ? "" : "/", relative, NULL);
  else
    url = g_strdup (full);
  if (streamer_url_is_usable (url))
    uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  if (uri == NULL ||
      (!g_str_equal (g_uri_get_scheme (uri), "https") && !is_near (g_uri_get_host (uri))))
    {
      refuse (error, _ ("The address of the container’s keys cannot be used."));
      return NULL;
    }
  return g_steal_pointer (&url);
}

/* @token: (out): NULL where none is asked for */
static gboolean
get_container_token (char **token, GError **error)
{
  const char *path = get_variable ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  const char *given = get_variable ("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  g_autofree char *text = NULL;
  gsize length;

  *token = NULL;
  if (path == NULL)
    text = g_strdup (given);
  else if (!g_file_get_contents (path, &text, &length, NULL))
    return refuse (error, _ ("The file with the container’s token cannot be read."));
  if (text == NULL)
    return TRUE;

  g_strchomp (text);
  if (strlen (text) > MAX_TOKEN_BYTES || strpbrk (text, "\r\n") != NULL)
    {
      streamer_s3_secret_free (g_steal_pointer (&text));
      return refuse (error, _ ("The container’s token cannot be used."));
    }
  *token = g_steal_pointer (&text);
  return TRUE;
}

StreamerS3Credentials *
streamer_s3_container_get (gboolean *found, GCancellable *cancellable, GError **error)
{
  const char *relative = get_variable ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const char *full = get_variable ("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  g_auto (StreamerAnswer) answer = { 0 };
  g_autofree char *url = NULL;
  char *token = NULL;
  gboolean asked;

  *found = relative != NULL || full != NULL;
  if (!*found)
    return NULL;
  url = streamer_s3_container_make_url (relative, full, error);
  if (url == NULL || !get_container_token (&token, error))
    return NULL;
  {
    const char *const headers[] = { token != NULL ? "Authorization" : NULL, token, NULL };

    asked = ask ("GET", url, headers, &answer, cancellable, error);
  }
  streamer_s3_secret_free (token);
  return asked ? read_credentials (&answer, error) : NULL;
}

static StreamerS3Credentials *
ask_instance (const char *endpoint, const char *token, GCancellable *cancellable, GError **error)
{
  const char *const headers[] = { "X-aws-ec2-metadata-token", token, NULL };
  g_autofree char *roles_url = g_strconcat (endpoint, INSTANCE_ROLES, NULL);
  g_autofree char *role = NULL;
  g_autofree char *encoded = NULL;
  g_autofree char *url = NULL;
  g_auto (StreamerAnswer) roles = { 0 };
  g_auto (StreamerAnswer) answer = { 0 };

  if (!ask ("GET", roles_url, headers, &roles, cancellable, error))
    return NULL;
  role = take_line (&roles, MAX_ROLE_BYTES);
  if (role == NULL)
    {
      refuse (error, _ ("This machine has no role that gives it keys."));
      return NULL;
    }
  encoded = streamer_sigv4_encode (role, FALSE);
  url = g_strconcat (roles_url, encoded, NULL);
  if (!ask ("GET", url, headers, &answer, cancellable, error))
    return NULL;
  return read_credentials (&answer, error);
}

StreamerS3Credentials *
streamer_s3_instance_get (GCancellable *cancellable, GError **error)
{
  static const char *const headers[] = { "X-aws-ec2-metadata-token-ttl-seconds", "300", NULL };
  const char *given = get_variable ("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  g_autofree char *endpoint = g_strdup (given != NULL ? given : INSTANCE_ENDPOINT);
  g_autofree char *url = NULL;
  g_auto (StreamerAnswer) answer = { 0 };
  StreamerS3Credentials *credentials;
  char *token;

  if (g_str_has_suffix (endpoint, "/"))
    endpoint[strlen (endpoint) - 1] = '\0';
  url = g_strconcat (endpoint, INSTANCE_TOKEN, NULL);
  if (!ask ("PUT", url, headers, &answer, cancellable, error))
    return NULL;
  token = take_line (&answer, MAX_TOKEN_BYTES);
  wipe_bytes (answer.body);
  if (token == NULL)
    {
      refuse (error, _ ("This machine’s metadata service gives keys that cannot be used."));
      return NULL;
    }
  credentials = ask_instance (endpoint, token, cancellable, error);
  streamer_s3_secret_free (token);
  return credentials;
}
