/* streamer-lambda.c: AWS Lambda's runtime interface
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One event at a time, on one thread: Lambda starts as many instances as it needs. Between two
 * events it may freeze the instance for hours, in the middle of the wait for the next one: that
 * wait has no end.
 */

#include "streamer-lambda.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-http.h"
#include "streamer-json.h"
#include "streamer-lambda-event.h"
#include "streamer-server-log.h"

#define VERSION_PATH "2018-06-01/runtime"
#define ID_HEADER    "Lambda-Runtime-Aws-Request-Id"

struct _StreamerLambda
{
  char *base;         /* (owned): `http://HOST:PORT/2018-06-01/runtime` */
  StreamerHttp *http; /* (owned) */
};

StreamerLambda *
streamer_lambda_new (const char *runtime_api)
{
  StreamerLambda *self = g_new0 (StreamerLambda, 1);

  self->base = g_strdup_printf ("http://%s/" VERSION_PATH, runtime_api);
  self->http = g_object_new (STREAMER_TYPE_HTTP, "timeout", 0, "max-answer",
                             STREAMER_LAMBDA_MAX_EVENT, NULL);
  return self;
}

void
streamer_lambda_free (StreamerLambda *self)
{
  g_object_unref (self->http);
  g_free (self->base);
  g_free (self);
}

/* @type: (nullable): the kind of an error, where @body tells of one */
static gboolean
post (StreamerLambda *self, const char *url, const char *type, const char *body, GError **error)
{
  const char *headers[] = { "Content-Type", "application/json",
                            type ? "Lambda-Runtime-Function-Error-Type" : NULL, type, NULL };
  g_auto (StreamerAnswer) answer = { 0 };

  if (!streamer_http_send_text (self->http, "POST", url, headers, body, STREAMER_HTTP_DEFAULT,
                                &answer, NULL, error))
    return FALSE;
  /* 4xx is about this one answer (it came too late, say); 5xx says that this instance is lost. */
  if (answer.status >= 500)
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                   "The runtime interface answers with status %u.", answer.status);
      return FALSE;
    }
  if (answer.status >= 300)
    {
      g_autofree char *status = g_strdup_printf ("%u", answer.status);

      streamer_server_log ("warning", "lambda", "answer_status", status, NULL);
    }
  return TRUE;
}

static char *
describe_error (const char *type, const char *message)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "errorType", type);
  json_object_set_string_member (object, "errorMessage", message);
  json_object_set_array_member (object, "stackTrace", json_array_new ());
  json_node_take_object (root, object);
  return streamer_json_to_string (root);
}

void
streamer_lambda_fail (StreamerLambda *self, const char *message)
{
  static const char type[] = "Runtime.BadConfiguration";
  g_autofree char *url = g_strconcat (self->base, "/init/error", NULL);
  g_autofree char *body = describe_error (type, message);
  g_autoptr (GError) error = NULL;

  if (!post (self, url, type, body, &error))
    streamer_server_log ("error", "lambda", "error", error->message, NULL);
}

static char *
answer_event (const StreamerLambdaEvent *event, StreamerServer *server)
{
  g_auto (StreamerApiAnswer) answer = { 0 };
  g_autofree char *seconds = NULL;
  const char *headers[] = {
    "Content-Type", "application/json", "Cache-Control", "no-store", NULL, NULL, NULL
  };
  StreamerApiCall call = {
    .authorization = event->authorization,
    .api_key = event->api_key,
    .claims = event->claims,
    .remote = event->remote,
    .origin = event->origin ? event->origin : "https://localhost",
    .filename = event->filename,
    .body = event->body,
    .length = event->length,
  };

  if (strcmp (event->method, "POST") != 0)
    {
      headers[4] = "Allow";
      headers[5] = "POST";
      return streamer_lambda_format_answer (SOUP_STATUS_METHOD_NOT_ALLOWED, headers, NULL);
    }
  if (event->length > STREAMER_JSON_MAX_BYTES)
    return streamer_lambda_format_answer (SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, headers, NULL);
  streamer_server_answer (server, &call, &answer);
  if (answer.retry_after >= 0)
    {
      seconds = g_strdup_printf ("%d", answer.retry_after);
      headers[4] = "Retry-After";
      headers[5] = seconds;
    }
  return streamer_lambda_format_answer (answer.status, headers, answer.body);
}

static gboolean
handle_event (StreamerLambda *self,
              StreamerServer *server,
              const char *id,
              GBytes *text,
              GError **error)
{
  static const char type[] = "Function.BadEvent";
  static const char *const no_headers[] = { NULL };
  g_autofree char *escaped = g_uri_escape_string (id, NULL, FALSE);
  g_autofree char *url = g_strdup_printf ("%s/invocation/%s", self->base, escaped);
  g_autofree char *answer_url = g_strconcat (url, "/response", NULL);
  g_autofree char *error_url = g_strconcat (url, "/error", NULL);
  g_auto (StreamerLambdaEvent) event = { 0 };
  g_autoptr (GError) local_error = NULL;
  g_autofree char *body = NULL;

  if (streamer_lambda_event_parse (&event, g_bytes_get_data (text, NULL), g_bytes_get_size (text),
                                   &local_error))
    body = answer_event (&event, server);
  /* Lambda itself takes only JSON: what we do not read is in the client's part, a NUL say. */
  else if (!event.root)
    body = streamer_lambda_format_answer (SOUP_STATUS_BAD_REQUEST, no_headers, NULL);
  if (body)
    return post (self, answer_url, NULL, body, error);
  streamer_server_log ("error", "lambda", "error", local_error->message, "lambda_id", id, NULL);
  body = describe_error (type, local_error->message);
  return post (self, error_url, type, body, error);
}

static gboolean
take_event (StreamerLambda *self, StreamerServer *server, GError **error)
{
  g_autofree char *url = g_strconcat (self->base, "/invocation/next", NULL);
  g_auto (StreamerAnswer) answer = { 0 };
  const char *id;

  if (!streamer_http_send_text (self->http, "GET", url, NULL, NULL, STREAMER_HTTP_DEFAULT, &answer,
                                NULL, error))
    return FALSE;
  id = soup_message_headers_get_one (answer.headers, ID_HEADER);
  if (answer.status == SOUP_STATUS_OK && id && *id)
    return handle_event (self, server, id, answer.body, error);
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
               "The runtime interface gives no event, but status %u.", answer.status);
  return FALSE;
}

gboolean
streamer_lambda_run (StreamerLambda *self, StreamerServer *server, GError **error)
{
  while (take_event (self, server, error))
    continue;
  return FALSE;
}
