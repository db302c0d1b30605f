/* streamer-lambda-event.c: HTTP as API Gateway writes it in JSON
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The frame of an event is the gateway's, which we trust; what it holds of the request (headers,
 * query, body) is the client's, whom nobody trusts.
 */

#include "streamer-lambda-event.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-http-request.h"
#include "streamer-json.h"

static JsonObject *
get_object (JsonObject *object, const char *member)
{
  return object ? streamer_json_get_object (object, member, NULL) : NULL;
}

static const char *
get_string (JsonObject *object, const char *member)
{
  return object ? streamer_json_get_string (object, member, NULL) : NULL;
}

/* The one value that @name has; NULL where there is none, or more than one. */
static const char *
find_header (JsonObject *headers, const char *name)
{
  JsonObjectIter iter;
  const char *member, *found = NULL;
  JsonNode *node;

  if (!headers)
    return NULL;
  json_object_iter_init (&iter, headers);
  while (json_object_iter_next (&iter, &member, &node))
    if (g_ascii_strcasecmp (member, name) == 0)
      {
        if (found)
          return NULL;
        found = get_string (headers, member);
        if (!found)
          return NULL;
      }
  return found;
}

/* A REST API tells the last of several values in `headers`, and all of them elsewhere. */
static gboolean
is_repeated (JsonObject *root, const char *list, const char *name)
{
  JsonObject *all = get_object (root, list);
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  if (!all)
    return FALSE;
  json_object_iter_init (&iter, all);
  while (json_object_iter_next (&iter, &member, &node))
    if (g_ascii_strcasecmp (member, name) == 0 && JSON_NODE_HOLDS_ARRAY (node) &&
        json_array_get_length (json_node_get_array (node)) > 1)
      return TRUE;
  return FALSE;
}

static const char *
get_header (JsonObject *root, const char *name)
{
  return is_repeated (root, "multiValueHeaders", name)
             ? NULL
             : find_header (get_object (root, "headers"), name);
}

static void
read_http_api (StreamerLambdaEvent *event, JsonObject *root, JsonObject *context)
{
  JsonObject *http = get_object (context, "http");
  JsonObject *jwt = get_object (get_object (context, "authorizer"), "jwt");
  const char *query = get_string (root, "rawQueryString");
  StreamerHttpRequest request = { .query = (char *) query };

  event->method = get_string (http, "method");
  event->remote = get_string (http, "sourceIp");
  event->claims = get_object (jwt, "claims");
  event->filename = streamer_http_request_get_filename (&request);
}

static void
read_rest_api (StreamerLambdaEvent *event, JsonObject *root, JsonObject *context)
{
  JsonObject *authorizer = get_object (context, "authorizer");
  JsonObject *query = get_object (root, "queryStringParameters");
  JsonObject *jwt = get_object (authorizer, "jwt");

  event->method = get_string (root, "httpMethod");
  event->remote = get_string (get_object (context, "identity"), "sourceIp");
  /* An HTTP API that speaks the old format has a JWT authoriser even so. */
  event->claims = get_object (jwt ? jwt : authorizer, "claims");
  if (!is_repeated (root, "multiValueQueryStringParameters", "filename"))
    event->filename = g_strdup (get_string (query, "filename"));
}

static gboolean
read_body (StreamerLambdaEvent *event, JsonObject *root)
{
  const char *body;
  gboolean is_encoded = FALSE;

  if (!json_object_has_member (root, "body") || json_object_get_null_member (root, "body"))
    {
      event->body = g_strdup ("");
      return TRUE;
    }
  body = get_string (root, "body");
  if (!body || (json_object_has_member (root, "isBase64Encoded") &&
                !streamer_json_get_boolean (root, "isBase64Encoded", &is_encoded, NULL)))
    return FALSE;
  if (is_encoded)
    event->body = (char *) g_base64_decode (body, &event->length);
  else
    {
      event->body = g_strdup (body);
      event->length = strlen (body);
    }
  return TRUE;
}

gboolean
streamer_lambda_event_parse (StreamerLambdaEvent *event,
                             const char *text,
                             gsize length,
                             GError **error)
{
  JsonObject *root, *context;
  const char *host;

  event->root = streamer_json_parse_within (text, length, STREAMER_LAMBDA_MAX_EVENT, error);
  if (!event->root)
    return FALSE;
  root = JSON_NODE_HOLDS_OBJECT (event->root) ? json_node_get_object (event->root) : NULL;
  context = get_object (root, "requestContext");
  if (context && g_strcmp0 (get_string (root, "version"), "2.0") == 0)
    read_http_api (event, root, context);
  else if (context)
    read_rest_api (event, root, context);
  if (!event->method || !read_body (event, root))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           "This is no event of a REST or HTTP API.");
      return FALSE;
    }
  event->authorization = get_header (root, "authorization");
  event->api_key = get_header (root, "x-api-key");
  host = get_string (context, "domainName");
  event->origin = host ? g_strconcat ("https://", host, NULL) : NULL;
  return TRUE;
}

void
streamer_lambda_event_clear (StreamerLambdaEvent *event)
{
  g_clear_pointer (&event->root, json_node_unref);
  g_clear_pointer (&event->origin, g_free);
  g_clear_pointer (&event->filename, g_free);
  g_clear_pointer (&event->body, g_free);
}

char *
streamer_lambda_format_answer (guint status, const char *const *headers, const char *body)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new (), *list = json_object_new ();

  for (gsize i = 0; headers[i]; i += 2)
    json_object_set_string_member (list, headers[i], headers[i + 1]);
  json_object_set_int_member (object, "statusCode", status);
  json_object_set_object_member (object, "headers", list);
  json_object_set_string_member (object, "body", body ? body : "");
  json_object_set_boolean_member (object, "isBase64Encoded", FALSE);
  json_node_take_object (root, object);
  return streamer_json_to_string (root);
}
