/* streamer-http.c: the one place that touches HTTP
 *
 * A StreamerHttp belongs to one worker thread at a time. libsoup attaches what it defers to the
 * thread's default context; the worker's is nobody's but ours, pushed around each call and drained
 * after it, so that nothing of a session ever runs on the main loop.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-http.h"

#include <glib/gi18n-lib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "streamer-body.h"
#include "streamer-config.h"
#include "streamer-error.h"
#include "streamer-fat-splice.h"
#include "streamer-form.h"
#include "streamer-json.h"
#include "streamer-proxy.h"
#include "streamer-trust.h"

/* Seconds without a byte. */
#define TIMEOUT         30
#define TIMEOUT_PATIENT 600

/* Bytes that may wait in the kernel beyond what is on its way. Without it megabytes vanish into the
 * socket at once, and what looks like 30 s without a byte is a slow line that still empties it. */
#define NOTSENT_LOWAT (256 * 1024)

struct _StreamerHttp
{
  GObject parent_instance;

  guint timeout;         /* seconds; 0 for ever */
  guint max_answer;      /* bytes */
  GMainContext *context; /* (owned) */
  SoupSession *session;  /* (owned) */
  SoupSession *patient;  /* (owned) (nullable): made when it is needed */
};

/* One request from its first attempt to its answer. */
typedef struct
{
  SoupMessage *message;     /* (owned) */
  StreamerPartStream *part; /* (nullable) */
  GBytes *text;             /* (owned) (nullable) */
  const StreamerForm *form; /* (nullable): around @part */
  StreamerHttpFlags flags;
  gsize max_answer;   /* bytes */
  guint64 length;     /* bytes of the body, where it is a part's */
  guint64 sent;       /* of these in this attempt */
  gboolean connected; /* on a connection of its own, not on one that was kept alive */
} Request;

enum
{
  PROP_TIMEOUT = 1,
  PROP_MAX_ANSWER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (StreamerHttp, streamer_http, G_TYPE_OBJECT)

static void
request_clear (Request *request)
{
  if (request->message != NULL)
    g_signal_handlers_disconnect_by_data (request->message, request);
  g_clear_object (&request->message);
  g_clear_pointer (&request->text, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

static void
set_body (Request *request)
{
  const StreamerForm *form = request->form;

  request->sent = 0;
  if (request->part != NULL)
    {
      g_autoptr (GInputStream) body = NULL;

      streamer_part_stream_rewind (request->part);
      body = streamer_body_new (request->part, form != NULL ? form->head : NULL,
                                form != NULL ? form->tail : NULL);
      request->length = streamer_body_get_length (STREAMER_BODY (body));
      soup_message_set_request_body (request->message, form != NULL ? form->content_type : NULL,
                                     body, (gssize) request->length);
    }
  else if (request->text != NULL)
    soup_message_set_request_body_from_bytes (request->message, NULL, request->text);
}

/* A connection that was kept alive turned out dead. libsoup has thrown the body away and would send
 * the request again with none, to which a store says "OK". */
static void
on_restarted (SoupMessage *message, Request *request)
{
  g_debug ("%s is sent again on a new connection", soup_message_get_method (message));
  if (request->part != NULL)
    streamer_part_stream_note_resent (request->part);
  set_body (request);
}

static void
on_wrote_body_data (SoupMessage *message, guint chunk_size, Request *request)
{
  request->sent += chunk_size;
}

static void
on_network_event (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  Request *request)
{
  request->connected = TRUE;
  if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (connection))
    {
      GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection));

      /* Where the kernel does not know it, timeouts are only coarser. */
      g_socket_set_option (socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_LOWAT, NULL);
    }
  /* HTTP/2 brings nothing to uploads and shares one connection's fate. */
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (connection))
    {
      static const char *const protocols[] = { "http/1.1", NULL };

      g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (connection), protocols);
    }
}

/* Values come from servers too: a line break in one would start a header of its own. */
static gboolean
add_header (SoupMessageHeaders *headers, const char *name, const char *value, GError **error)
{
  static const char *const from_request[] = { "host", "content-length", NULL };
  static const char *const refused[] = { "transfer-encoding", "connection", "upgrade", NULL };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  /* The URL and the body say these; a signature that covers them fits or is refused. */
  if (g_strv_contains (from_request, lower))
    return TRUE;
  if (name[0] == '\0' || strpbrk (name, " \t\r\n:") != NULL || !g_str_is_ascii (name) ||
      strpbrk (value, "\r\n") != NULL || g_strv_contains (refused, lower))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("The request has a header that cannot be sent."));
      return FALSE;
    }
  soup_message_headers_replace (headers, name, value);
  return TRUE;
}

static gboolean
request_init (Request *request,
              const char *method,
              const char *url,
              const char *const *headers,
              GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  const char *scheme = uri == NULL ? NULL : g_uri_get_scheme (uri);
  const char *host = uri == NULL ? NULL : g_uri_get_host (uri);

  if (host == NULL || host[0] == '\0' ||
      (!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https")))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("The server’s address is not a usable http or https address."));
      return FALSE;
    }

  request->message = soup_message_new_from_uri (method, uri);
  soup_message_add_flags (request->message, SOUP_MESSAGE_NO_REDIRECT);
  g_signal_connect (request->message, "restarted", G_CALLBACK (on_restarted), request);
  g_signal_connect (request->message, "wrote-body-data", G_CALLBACK (on_wrote_body_data), request);
  g_signal_connect (request->message, "network-event", G_CALLBACK (on_network_event), request);

  for (; headers != NULL && headers[0] != NULL; headers += 2)
    if (!add_header (soup_message_get_request_headers (request->message), headers[0], headers[1],
                     error))
      return FALSE;
  return TRUE;
}

static void
set_broken (GError **error, const char *sentence)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK, sentence);
}

/* libsoup takes a cut answer for a whole one where the connection was to be closed anyway. */
static gboolean
check_length (SoupMessage *message, gsize length, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  guint status = soup_message_get_status (message);

  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH ||
      soup_message_get_method (message) == SOUP_METHOD_HEAD || status == SOUP_STATUS_NO_CONTENT)
    return TRUE;
  if ((guint64) soup_message_headers_get_content_length (headers) <= length)
    return TRUE;
  set_broken (error, _ ("The connection to the server broke in the middle of its answer."));
  return FALSE;
}

static GBytes *
read_body (GInputStream *stream,
           SoupMessage *message,
           gsize max_length,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  const guint8 end = '\0';
  gsize length;

  for (gssize n = 1; n > 0;)
    {
      guint8 buffer[8192];

      n = g_input_stream_read (stream, buffer, sizeof buffer, cancellable, error);
      if (n < 0)
        return NULL;
      g_byte_array_append (body, buffer, n);
      if (body->len > max_length)
        {
          g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                               _ ("The server’s answer is longer than the protocol allows."));
          return NULL;
        }
    }
  if (!check_length (message, body->len, error))
    return NULL;

  length = body->len;
  g_byte_array_append (body, &end, 1);
  {
    g_autoptr (GBytes) terminated = g_byte_array_free_to_bytes (g_steal_pointer (&body));

    return g_bytes_new_from_bytes (terminated, 0, length);
  }
}

/* A redirect may be a captive portal's; the address it names is shown without path and query. */
static void
refuse_redirect (SoupMessage *message, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *location = soup_message_headers_get_one (headers, "Location");
  g_autoptr (GUri) uri =
      location == NULL ? NULL : g_uri_parse (location, SOUP_HTTP_URI_FLAGS, NULL);
  const char *host = uri == NULL ? NULL : g_uri_get_host (uri);
  guint status = soup_message_get_status (message);
  GError *local_error;

  if (host != NULL)
    local_error = g_error_new (STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                               /* Translators: a number such as 302, and a host name */
                               _ ("The server points to another address (status %u, %s), "
                                  "which is never followed."),
                               status, host);
  else
    local_error = g_error_new (STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                               /* Translators: a number such as 302 */
                               _ ("The server points to another address (status %u), "
                                  "which is never followed."),
                               status);
  streamer_error_set_answer (local_error, status, -1, NULL);
  g_propagate_error (error, local_error);
}

/* Of a proxy, which speaks for no server. */
static void
refuse_proxy (GError **error)
{
  GError *local_error =
      g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_PORTAL,
                           _ ("The proxy of this network wants you to sign in first."));

  streamer_error_set_answer (local_error, SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED, -1, NULL);
  g_propagate_error (error, local_error);
}

/* Success only for a part that went out whole. */
static gboolean
check_sent (Request *request, GError **error)
{
  if (request->part == NULL ||
      !SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (request->message)))
    return TRUE;
  if (request->sent == request->length && streamer_part_stream_get_count (request->part) ==
                                              streamer_part_stream_get_length (request->part))
    return TRUE;
  g_debug ("an answer of success to %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes",
           request->sent, request->length);
  set_broken (error, _ ("The server confirmed a part that had not been sent whole."));
  return FALSE;
}

static gboolean
receive (Request *request,
         SoupSession *session,
         StreamerAnswer *answer,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GBytes) body = NULL;
  guint status;

  set_body (request);
  stream = soup_session_send (session, request->message, cancellable, error);
  if (stream == NULL)
    return FALSE;

  status = soup_message_get_status (request->message);
  if (SOUP_STATUS_IS_REDIRECTION (status) && (request->flags & STREAMER_HTTP_REDIRECTS) == 0)
    refuse_redirect (request->message, error);
  else if (status == SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED)
    refuse_proxy (error);
  else
    body = read_body (stream, request->message, request->max_answer, cancellable, error);
  /* Not waited for and not failed for: the answer is there, or given up. */
  g_input_stream_close (stream, NULL, NULL);
  if (body == NULL || !check_sent (request, error))
    return FALSE;

  answer->status = status;
  answer->headers = soup_message_headers_ref (soup_message_get_response_headers (request->message));
  answer->body = g_steal_pointer (&body);
  return TRUE;
}

static SoupSession *
new_session (guint timeout)
{
  g_autoptr (GProxyResolver) proxy = streamer_proxy_new ();
  SoupSession *session;

  session = g_object_new (SOUP_TYPE_SESSION, "user-agent", "S3Streamer/" STREAMER_VERSION,
                          "timeout", timeout, "idle-timeout", 0, "max-conns", 4,
                          "max-conns-per-host", 2, "proxy-resolver", proxy, NULL);
  /* A 401 is an answer for the store to judge, not a prompt; and answers come as they were sent,
   * so that their bound holds. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  return session;
}

static SoupSession *
get_session (StreamerHttp *self, gboolean patient)
{
  /* Who waits for ever is patient enough. */
  if (!patient || self->timeout == 0)
    {
      if (self->session == NULL)
        self->session = new_session (self->timeout);
      return self->session;
    }
  if (self->patient == NULL)
    self->patient = new_session (MAX (self->timeout, TIMEOUT_PATIENT));
  return self->patient;
}

static void
drain_context (StreamerHttp *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    ;
}

/* @error: the transport's own */
static gboolean
exchange (StreamerHttp *self,
          Request *request,
          StreamerAnswer *answer,
          GCancellable *cancellable,
          GError **error)
{
  SoupSession *session;
  gboolean sent;

  *answer = (StreamerAnswer){ 0 };
  request->max_answer = self->max_answer;
  g_main_context_push_thread_default (self->context);
  session = get_session (self, (request->flags & STREAMER_HTTP_PATIENT) != 0);
  streamer_trust_file (session, request->message);
  sent = receive (request, session, answer, cancellable, error);
  request_clear (request);
  drain_context (self);
  g_main_context_pop_thread_default (self->context);
  return sent;
}

/* A POST is not repeated by libsoup, also where that does no harm. */
static gboolean
was_stale (const Request *request, const GError *error)
{
  return !request->connected &&
         (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
          g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) ||
          g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_EOF));
}

static void
streamer_http_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  StreamerHttp *self = STREAMER_HTTP (object);

  switch (prop_id)
    {
    case PROP_TIMEOUT:
      self->timeout = g_value_get_uint (value);
      break;
    case PROP_MAX_ANSWER:
      self->max_answer = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
streamer_http_finalize (GObject *object)
{
  StreamerHttp *self = STREAMER_HTTP (object);

  g_main_context_push_thread_default (self->context);
  g_clear_object (&self->session);
  g_clear_object (&self->patient);
  drain_context (self);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (streamer_http_parent_class)->finalize (object);
}

static void
streamer_http_class_init (StreamerHttpClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = streamer_http_set_property;
  object_class->finalize = streamer_http_finalize;

  /**
   * StreamerHttp:timeout:
   *
   * Seconds without a byte after which a connection counts as broken; 0 for never.
   */
  properties[PROP_TIMEOUT] =
      g_param_spec_uint ("timeout", NULL, NULL, 0, TIMEOUT_PATIENT, TIMEOUT,
                         G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * StreamerHttp:max-answer:
   *
   * Bytes that the body of an answer has at most.
   */
  properties[PROP_MAX_ANSWER] =
      g_param_spec_uint ("max-answer", NULL, NULL, 1, G_MAXINT32, STREAMER_JSON_MAX_BYTES,
                         G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  streamer_fat_splice_install ();
}

static void
streamer_http_init (StreamerHttp *self)
{
  self->context = g_main_context_new ();
}

StreamerHttp *
streamer_http_new (void)
{
  return g_object_new (STREAMER_TYPE_HTTP, NULL);
}

void
streamer_answer_clear (StreamerAnswer *answer)
{
  g_clear_pointer (&answer->headers, soup_message_headers_unref);
  g_clear_pointer (&answer->body, g_bytes_unref);
}

/* @content: what is sent, and how */
static gboolean
send_content (StreamerHttp *self,
              const char *method,
              const char *url,
              const char *const *headers,
              const Request *content,
              StreamerAnswer *answer,
              GCancellable *cancellable,
              GError **error)
{
  gboolean repeatable = (content->flags & STREAMER_HTTP_SAFE_TO_REPEAT) != 0;

  g_return_val_if_fail (STREAMER_IS_HTTP (self), FALSE);
  g_return_val_if_fail (method != NULL && url != NULL && answer != NULL, FALSE);

  for (;;)
    {
      g_auto (Request)
          request = { .part = content->part, .form = content->form, .flags = content->flags };
      GError *local_error = NULL;

      if (content->text != NULL)
        request.text = g_bytes_ref (content->text);
      if (!request_init (&request, method, url, headers, error))
        return FALSE;
      if (repeatable)
        soup_message_add_flags (request.message, SOUP_MESSAGE_IDEMPOTENT);
      if (exchange (self, &request, answer, cancellable, &local_error))
        return TRUE;
      if (!repeatable || !was_stale (&request, local_error))
        {
          g_propagate_error (error, streamer_error_from_transport (local_error));
          return FALSE;
        }
      g_error_free (local_error);
      repeatable = FALSE;
    }
}

gboolean
streamer_http_send_text (StreamerHttp *self,
                         const char *method,
                         const char *url,
                         const char *const *headers,
                         const char *body,
                         StreamerHttpFlags flags,
                         StreamerAnswer *answer,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GBytes) text = body == NULL ? NULL : g_bytes_new (body, strlen (body));
  Request content = { .text = text, .flags = flags };

  return send_content (self, method, url, headers, &content, answer, cancellable, error);
}

gboolean
streamer_http_send_part (StreamerHttp *self,
                         const char *method,
                         const char *url,
                         const char *const *headers,
                         StreamerPartStream *body,
                         StreamerHttpFlags flags,
                         StreamerAnswer *answer,
                         GCancellable *cancellable,
                         GError **error)
{
  Request content = { .part = body, .flags = flags };

  g_return_val_if_fail (STREAMER_IS_PART_STREAM (body), FALSE);

  return send_content (self, method, url, headers, &content, answer, cancellable, error);
}

gboolean
streamer_http_send_form (StreamerHttp *self,
                         const char *url,
                         const char *const *fields,
                         StreamerPartStream *file,
                         StreamerHttpFlags flags,
                         StreamerAnswer *answer,
                         GCancellable *cancellable,
                         GError **error)
{
  g_auto (StreamerForm) form = { NULL };
  Request content = { .part = file, .form = &form, .flags = flags };

  g_return_val_if_fail (fields != NULL, FALSE);
  g_return_val_if_fail (STREAMER_IS_PART_STREAM (file), FALSE);

  streamer_form_init (&form, fields);
  return send_content (self, "POST", url, NULL, &content, answer, cancellable, error);
}
