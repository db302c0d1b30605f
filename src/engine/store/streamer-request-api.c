/* streamer-request-api.c: one signed-in request of the request API, and its answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Worker threads, several at a time.
 */

#include "streamer-config.h"
#include "streamer-request-api.h"

#include <glib/gi18n-lib.h>

#include "streamer-answer-headers.h"
#include "streamer-json.h"

typedef struct
{
  char *token;         /* (owned) */
  char *api_key;       /* (owned) (nullable) */
  char *authorization; /* (owned): the header's value */
} Credentials;

static void
secret_free (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

static void
credentials_clear (Credentials *credentials)
{
  secret_free (credentials->token);
  secret_free (credentials->api_key);
  secret_free (credentials->authorization);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Credentials, credentials_clear)

/* A secret becomes a header's value: a line break in it would make another header. */
static gboolean
is_header_value (const char *secret)
{
  for (const char *c = secret; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c))
      return FALSE;
  return TRUE;
}

/* *secret: NULL where there is none. */
static gboolean
look_up (const StreamerRequestApi *api,
         StreamerSecretKind kind,
         char **secret,
         GCancellable *cancellable,
         GError **error)
{
  GError *local_error = NULL;
  char *found;

  found =
      streamer_secrets_lookup (api->secrets, api->connection_id, kind, cancellable, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }

  /* What was pasted or read from a file often ends with a line break. */
  if (found != NULL && *g_strstrip (found) == '\0')
    g_clear_pointer (&found, g_free);
  if (found != NULL && !is_header_value (found))
    {
      secret_free (found);
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                           kind == STREAMER_SECRET_TOKEN
                               ? _ ("The token cannot be right: it has blanks or other characters "
                                    "in it that a token never has.")
                               : _ ("The API key cannot be right: it has blanks or other "
                                    "characters in it that an API key never has."));
      return FALSE;
    }

  *secret = found;
  return TRUE;
}

static gboolean
get_credentials (const StreamerRequestApi *api,
                 Credentials *credentials,
                 GCancellable *cancellable,
                 GError **error)
{
  if (!look_up (api, STREAMER_SECRET_TOKEN, &credentials->token, cancellable, error) ||
      !look_up (api, STREAMER_SECRET_API_KEY, &credentials->api_key, cancellable, error))
    return FALSE;

  if (credentials->token == NULL)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                           _ ("There is no token for this connection yet."));
      return FALSE;
    }
  credentials->authorization = g_strconcat ("Bearer ", credentials->token, NULL);
  return TRUE;
}

static char *
make_url (const StreamerRequestApi *api, const char *key)
{
  g_autofree char *escaped = NULL;

  if (key == NULL)
    return g_strdup (api->request_url);
  escaped = g_uri_escape_string (key, NULL, FALSE);
  return g_strconcat (api->request_url, strchr (api->request_url, '?') != NULL ? "&" : "?",
                      "filename=", escaped, NULL);
}

static char *
make_body (const StreamerRequest *request)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_object_set_string_member (request->body, "action", request->action);
  json_node_set_object (root, request->body);
  text = streamer_json_to_string (root);
  if (request->parts == NULL)
    return g_steal_pointer (&text);

  text[strlen (text) - 1] = '\0';
  return g_strconcat (text, ",\"parts\":", request->parts, "}", NULL);
}

StreamerRequestApi *
streamer_request_api_new (const char *request_url,
                          const char *connection_id,
                          StreamerSecrets *secrets)
{
  StreamerRequestApi *api = g_atomic_rc_box_new0 (StreamerRequestApi);

  api->request_url = g_strdup (request_url);
  api->connection_id = g_strdup (connection_id);
  api->secrets = g_object_ref (secrets);
  api->skew = g_new0 (StreamerSkew, 1);
  return api;
}

static void
api_clear (gpointer data)
{
  StreamerRequestApi *api = data;

  g_free (api->request_url);
  g_free (api->connection_id);
  g_object_unref (api->secrets);
  g_free (api->skew);
}

StreamerRequestApi *
streamer_request_api_ref (StreamerRequestApi *api)
{
  return g_atomic_rc_box_acquire (api);
}

void
streamer_request_api_unref (StreamerRequestApi *api)
{
  g_atomic_rc_box_release_full (api, api_clear);
}

JsonNode *
streamer_request_api_call (const StreamerRequestApi *api,
                           StreamerHttp *http,
                           const StreamerRequest *request,
                           gint64 *server_time,
                           GCancellable *cancellable,
                           GError **error)
{
  g_auto (Credentials) credentials = { NULL };
  g_auto (StreamerAnswer) answer = { 0 };
  g_autofree char *url = make_url (api, request->key);
  g_autofree char *body = make_body (request);
  const char *headers[9] = { "Content-Type", "application/json", "Accept", "application/json" };
  const char *secrets[2];
  gint64 asked_at = g_get_real_time ();
  JsonNode *status;
  guint n = 4;

  if (!get_credentials (api, &credentials, cancellable, error))
    return NULL;
  headers[n++] = "Authorization";
  headers[n++] = credentials.authorization;
  if (credentials.api_key != NULL)
    {
      headers[n++] = "x-api-key";
      headers[n++] = credentials.api_key;
    }

  if (!streamer_http_send_text (http, "POST", url, headers, body, request->flags, &answer,
                                cancellable, error))
    {
      g_debug ("%s: no answer", request->action);
      return NULL;
    }
  g_debug ("%s: HTTP status %u", request->action, answer.status);

  if (server_time != NULL)
    *server_time = streamer_answer_get_time (&answer);
  if (request->version != NULL)
    *request->version = streamer_request_answer_get_version (&answer);
  secrets[0] = credentials.token;
  secrets[1] = credentials.api_key;
  status = streamer_request_answer_read (&answer, request->missing, request->meaning, secrets,
                                         G_N_ELEMENTS (secrets), error);
  /* What is on the way may have a clock of its own. */
  if (status != NULL)
    streamer_skew_learn (api->skew, asked_at, g_get_real_time (),
                         streamer_answer_get_time (&answer));
  return status;
}
