/* script-server.c: an HTTP server that misbehaves as it is told
 *
 * One thread accepts, one more serves each connection with blocking calls, all of them ended by one
 * cancellable.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "script-server.h"

#include <poll.h>
#include <string.h>

#include "script-socket.h"
#include "streamer-checksum.h"

#define HEAD_MAX (64 * 1024)
#define TEXT_MAX (64 * 1024)

struct _ScriptServer
{
  GThread *thread;              /* (owned): runs context */
  GMainContext *context;        /* (owned) */
  GSocketService *service;      /* (owned) */
  GTlsCertificate *certificate; /* (owned) (nullable) */
  GCancellable *end;            /* (owned) */
  char *url;                    /* (owned) */
  GSocket *reserved;            /* (owned): has the port, and never listens */
  const ScriptHandler *handler; /* (nullable) */
  gpointer handler_data;

  GMutex lock; /* guards what follows */
  GCond changed;
  GPtrArray *steps;    /* (owned) (element-type ScriptStep) */
  GArray *requests;    /* (owned) (element-type ScriptRequest) */
  guint n_taken;       /* steps that requests took */
  guint n_connections; /* so far */
  guint n_serving;
};

/* One connection while it is served. */
typedef struct
{
  ScriptServer *server;
  guint number;
  guint n_requests;
  GSocket *socket;
  GInputStream *in;
  GOutputStream *out;
  GByteArray *buffer; /* read, not yet used */
} Connection;

/* What the accepting thread is asked to do. */
typedef struct
{
  ScriptServer *server;
  gboolean refusing;
  gboolean done; /* guarded by the server's lock */
} Call;

static void
step_free (gpointer data)
{
  ScriptStep *step = data;

  g_free ((char *) step->answer);
  g_free (step->note);
  g_free (step);
}

/* More bytes from the other side; FALSE at the end. */
static gboolean
receive (Connection *connection)
{
  guint8 bytes[64 * 1024];
  gssize n =
      g_input_stream_read (connection->in, bytes, sizeof bytes, connection->server->end, NULL);

  if (n > 0)
    g_byte_array_append (connection->buffer, bytes, n);
  return n > 0;
}

static char *
read_head (Connection *connection)
{
  for (;;)
    {
      GByteArray *buffer = connection->buffer;
      guint8 *end = buffer->len == 0 ? NULL : memmem (buffer->data, buffer->len, "\r\n\r\n", 4);

      if (end != NULL)
        {
          gsize length = end + 4 - buffer->data;
          char *head = g_strndup ((char *) buffer->data, length);

          g_byte_array_remove_range (buffer, 0, length);
          return head;
        }
      if (buffer->len > HEAD_MAX || !receive (connection))
        return NULL;
    }
}

/* Enters the request and says what to do with it. (transfer full) */
static ScriptStep *
take_step (Connection *connection, char *head, guint *index)
{
  ScriptServer *self = connection->server;
  ScriptRequest request = { .connection = connection->number,
                            .reused = connection->n_requests++ > 0,
                            .fd = g_socket_get_fd (connection->socket),
                            .head = head,
                            .body = g_string_new (NULL) };
  ScriptStep *step = g_new0 (ScriptStep, 1);

  g_mutex_lock (&self->lock);
  *index = self->requests->len;
  g_array_append_val (self->requests, request);
  if (self->handler != NULL)
    step->read_body = SCRIPT_WHOLE_BODY;
  else if (self->n_taken < self->steps->len)
    {
      *step = *(ScriptStep *) self->steps->pdata[self->n_taken++];
      step->answer = g_strdup (step->answer);
      step->note = NULL;
    }
  else
    {
      step->read_body = SCRIPT_WHOLE_BODY;
      step->answer = g_strdup ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return step;
}

static guint64
promised_length (ScriptServer *self, guint index)
{
  g_autofree char *value = NULL;
  guint64 length = 0;

  g_mutex_lock (&self->lock);
  value = script_request_get_header (&g_array_index (self->requests, ScriptRequest, index),
                                     "Content-Length");
  g_mutex_unlock (&self->lock);
  if (value != NULL)
    length = g_ascii_strtoull (value, NULL, 10);
  return length;
}

static void
count_body (ScriptServer *self, guint index, const void *bytes, gsize n, gboolean complete)
{
  ScriptRequest *request;

  g_mutex_lock (&self->lock);
  request = &g_array_index (self->requests, ScriptRequest, index);
  request->body_length += n;
  request->body_crc32 = streamer_crc32_update (request->body_crc32, bytes, n);
  request->complete = complete;
  if (request->body->len < TEXT_MAX)
    g_string_append_len (request->body, bytes, (gssize) MIN (n, TEXT_MAX - request->body->len));
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static gboolean
read_body (Connection *connection, guint index, guint64 wanted)
{
  guint64 promised = promised_length (connection->server, index);
  guint64 have = 0;

  wanted = MIN (wanted, promised);
  count_body (connection->server, index, "", 0, promised == 0);
  while (have < wanted)
    {
      gsize n;

      if (connection->buffer->len == 0 && !receive (connection))
        return FALSE;
      n = MIN (connection->buffer->len, wanted - have);
      have += n;
      count_body (connection->server, index, connection->buffer->data, n, have == promised);
      g_byte_array_remove_range (connection->buffer, 0, n);
    }
  return TRUE;
}

static gboolean
write_answer (Connection *connection, const ScriptStep *step)
{
  gsize length = strlen (step->answer);
  gsize piece = step->slow ? 1 : G_MAXSIZE;

  if (step->cut)
    length = MIN (length, step->sent);
  for (gsize sent = 0, n = 0; sent < length; sent += n)
    {
      n = MIN (piece, length - sent);
      if (!g_output_stream_write_all (connection->out, step->answer + sent, n, NULL,
                                      connection->server->end, NULL))
        return FALSE;
    }
  return TRUE;
}

static gboolean
answer (Connection *connection, const ScriptStep *step)
{
  GCancellable *end = connection->server->end;
  g_autofree char *blanks = NULL;

  if (step->answer != NULL && !write_answer (connection, step))
    return FALSE;
  if (step->fill > 0)
    blanks = g_strnfill (64 * 1024, ' ');
  for (guint64 left = step->fill; left > 0;)
    {
      gsize n = MIN (left, 64 * 1024);

      if (!g_output_stream_write_all (connection->out, blanks, n, NULL, end, NULL))
        return FALSE;
      left -= n;
    }
  return TRUE;
}

/* Until the other side closes, without reading what it sends. */
static void
stall (Connection *connection)
{
  ScriptServer *self = connection->server;
  guint16 port = script_socket_get_peer (connection->socket);
  struct pollfd fds[] = {
    { .fd = g_socket_get_fd (connection->socket), .events = POLLRDHUP },
    { .fd = g_cancellable_get_fd (self->end), .events = POLLIN },
  };

  if (self->handler != NULL)
    self->handler->stall (port, TRUE, self->handler_data);
  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    ;
  g_cancellable_release_fd (self->end);
  if (self->handler != NULL)
    self->handler->stall (port, FALSE, self->handler_data);
}

static gboolean
run_step (Connection *connection, ScriptStep *step, guint index)
{
  ScriptServer *self = connection->server;
  const ScriptHandler *handler = self->handler;
  g_auto (ScriptRequest) request = { 0 };
  gboolean answered;

  if (handler == NULL)
    return read_body (connection, index, step->read_body) && answer (connection, step);

  script_server_get (self, index, &request);
  handler->take (&request, step, self->handler_data);
  answered = read_body (connection, index, step->read_body);
  script_request_clear (&request);
  script_server_get (self, index, &request);
  if (answered)
    {
      handler->answer (&request, step, self->handler_data);
      answered = answer (connection, step) && step->answer != NULL && !step->cut;
    }
  handler->end (&request, step, answered, self->handler_data);
  return answered || step->then == SCRIPT_RESET || step->then == SCRIPT_STALL;
}

/* Returns: whether the connection goes on */
static gboolean
serve_request (Connection *connection)
{
  char *head = read_head (connection);
  ScriptStep *step;
  gboolean go_on;
  guint index;

  if (head == NULL)
    return FALSE;
  step = take_step (connection, head, &index);
  go_on = run_step (connection, step, index);
  if (step->then == SCRIPT_STALL)
    stall (connection);
  else if (step->then == SCRIPT_RESET)
    script_socket_reset (connection->socket);
  go_on = go_on && step->then == SCRIPT_KEEP;
  step_free (step);
  return go_on;
}

static GIOStream *
start_tls (ScriptServer *self, GSocketConnection *plain)
{
  GIOStream *tls = g_tls_server_connection_new (G_IO_STREAM (plain), self->certificate, NULL);

  g_assert_nonnull (tls);
  if (!g_tls_connection_handshake (G_TLS_CONNECTION (tls), self->end, NULL))
    g_clear_object (&tls);
  return tls;
}

static gboolean
on_run (GThreadedSocketService *service,
        GSocketConnection *plain,
        GObject *source,
        ScriptServer *self)
{
  g_autoptr (GIOStream) stream =
      self->certificate == NULL ? g_object_ref (G_IO_STREAM (plain)) : start_tls (self, plain);

  if (stream != NULL)
    {
      Connection connection = { .server = self, .buffer = g_byte_array_new () };

      g_mutex_lock (&self->lock);
      connection.number = self->n_connections++;
      g_mutex_unlock (&self->lock);
      connection.socket = g_socket_connection_get_socket (plain);
      connection.in = g_io_stream_get_input_stream (stream);
      connection.out = g_io_stream_get_output_stream (stream);
      while (serve_request (&connection))
        ;
      g_byte_array_unref (connection.buffer);
    }
  /* At once: the service closes it only when it cleans up. */
  g_socket_close (g_socket_connection_get_socket (plain), NULL);

  g_mutex_lock (&self->lock);
  self->n_serving--;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/* On the accepting thread, before the connection goes to a thread of its own. */
static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source,
             ScriptServer *self)
{
  g_mutex_lock (&self->lock);
  self->n_serving++;
  g_mutex_unlock (&self->lock);
  return FALSE;
}

static gpointer
thread_main (gpointer user_data)
{
  ScriptServer *self = user_data;

  g_main_context_push_thread_default (self->context);
  while (!g_cancellable_is_cancelled (self->end))
    g_main_context_iteration (self->context, TRUE);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/* With the context pushed. */
static void
start_listening (ScriptServer *self)
{
  g_autoptr (GSocket) socket = script_socket_new (self->reserved);
  g_autoptr (GError) error = NULL;

  g_socket_listen (socket, &error);
  g_assert_no_error (error);
  self->service = g_threaded_socket_service_new (64);
  g_socket_listener_add_socket (G_SOCKET_LISTENER (self->service), socket, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  g_signal_connect (self->service, "run", G_CALLBACK (on_run), self);
  g_socket_service_start (self->service);
}

static void
stop_listening (ScriptServer *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
}

static ScriptServer *
new_server (GTlsCertificate *certificate)
{
  ScriptServer *self = g_new0 (ScriptServer, 1);
  g_autoptr (GSocketAddress) address = NULL;

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->steps = g_ptr_array_new_with_free_func (step_free);
  self->requests = g_array_new (FALSE, TRUE, sizeof (ScriptRequest));
  g_array_set_clear_func (self->requests, (GDestroyNotify) script_request_clear);
  self->end = g_cancellable_new ();
  self->certificate = certificate;
  self->context = g_main_context_new ();
  self->reserved = script_socket_new (NULL);

  g_main_context_push_thread_default (self->context);
  start_listening (self);
  g_main_context_pop_thread_default (self->context);

  address = g_socket_get_local_address (self->reserved, NULL);
  self->url = g_strdup_printf ("%s://127.0.0.1:%u", certificate == NULL ? "http" : "https",
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  self->thread = g_thread_new ("script-server", thread_main, self);
  return self;
}

ScriptServer *
script_server_new (void)
{
  return new_server (NULL);
}

ScriptServer *
script_server_new_tls (void)
{
  return new_server (script_certificate_new ());
}

void
script_server_free (ScriptServer *self)
{
  g_cancellable_cancel (self->end);
  g_main_context_wakeup (self->context);
  g_thread_join (self->thread);
  if (self->service != NULL)
    stop_listening (self);

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  while (self->n_serving > 0)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);

  g_object_unref (self->reserved);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_unref (self->context);
  g_clear_object (&self->certificate);
  g_object_unref (self->end);
  g_array_unref (self->requests);
  g_ptr_array_unref (self->steps);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self->url);
  g_free (self);
}

void
script_server_set_handler (ScriptServer *self, const ScriptHandler *handler, gpointer user_data)
{
  g_mutex_lock (&self->lock);
  self->handler = handler;
  self->handler_data = user_data;
  g_mutex_unlock (&self->lock);
}

static void
end_call (Call *call)
{
  g_mutex_lock (&call->server->lock);
  call->done = TRUE;
  g_cond_broadcast (&call->server->changed);
  g_mutex_unlock (&call->server->lock);
}

static gboolean
on_set_refusing (gpointer user_data)
{
  Call *call = user_data;
  ScriptServer *self = call->server;

  if (call->refusing && self->service != NULL)
    stop_listening (self);
  else if (!call->refusing && self->service == NULL)
    start_listening (self);
  end_call (call);
  return G_SOURCE_REMOVE;
}

void
script_server_set_refusing (ScriptServer *self, gboolean refusing)
{
  Call call = { .server = self, .refusing = refusing };

  g_main_context_invoke (self->context, on_set_refusing, &call);
  g_mutex_lock (&self->lock);
  while (!call.done)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

static gboolean
on_all_accepted (gpointer user_data)
{
  end_call (user_data);
  return G_SOURCE_REMOVE;
}

void
script_server_wait_idle (ScriptServer *self)
{
  Call call = { .server = self };
  g_autoptr (GSource) source = g_idle_source_new ();

  /* Behind what waits to be accepted, which has the usual priority. */
  g_source_set_callback (source, on_all_accepted, &call, NULL);
  g_source_attach (source, self->context);
  g_mutex_lock (&self->lock);
  while (!call.done || self->n_serving > 0)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

const char *
script_server_get_url (ScriptServer *self)
{
  return self->url;
}

void
script_server_add (ScriptServer *self, const ScriptStep *step)
{
  ScriptStep *copy = g_memdup2 (step, sizeof *step);

  copy->answer = g_strdup (step->answer);
  copy->note = NULL;
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->steps, copy);
  g_mutex_unlock (&self->lock);
}

void
script_server_add_answer (ScriptServer *self, guint status, const char *body)
{
  g_autofree char *text =
      g_strdup_printf ("HTTP/1.1 %u Scripted\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                       status, strlen (body), body);
  ScriptStep step = { .read_body = SCRIPT_WHOLE_BODY, .answer = text };

  script_server_add (self, &step);
}

guint
script_server_count (ScriptServer *self)
{
  guint count;

  g_mutex_lock (&self->lock);
  count = self->requests->len;
  g_mutex_unlock (&self->lock);
  return count;
}

void
script_server_wait_for (ScriptServer *self, guint index, guint64 n_body)
{
  g_mutex_lock (&self->lock);
  while (self->requests->len <= index ||
         g_array_index (self->requests, ScriptRequest, index).body_length < n_body)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

void
script_server_get (ScriptServer *self, guint index, ScriptRequest *request)
{
  script_server_wait_for (self, index, 0);
  g_mutex_lock (&self->lock);
  *request = g_array_index (self->requests, ScriptRequest, index);
  request->head = g_strdup (request->head);
  request->body = g_string_new_len (request->body->str, (gssize) request->body->len);
  g_mutex_unlock (&self->lock);
}

void
script_request_clear (ScriptRequest *request)
{
  g_clear_pointer (&request->head, g_free);
  if (request->body != NULL)
    g_string_free (request->body, TRUE);
  request->body = NULL;
}

char *
script_request_get_header (const ScriptRequest *request, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (request->head, "\r\n", -1);
  gsize length = strlen (name);

  for (guint i = 1; lines[i] != NULL; i++)
    if (g_ascii_strncasecmp (lines[i], name, length) == 0 && lines[i][length] == ':')
      return g_strstrip (g_strdup (lines[i] + length + 1));
  return NULL;
}
