/* script-server.c: an HTTP server that misbehaves as it is told
 *
 * One thread accepts, one more serves each connection with blocking calls, all of them ended by one
 * cancellable.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "script-server.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

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
  GInputStream *in;
  GOutputStream *out;
  GByteArray *buffer; /* read, not yet used */
} Connection;

static void
step_free (gpointer data)
{
  ScriptStep *step = data;

  g_free ((char *) step->answer);
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
                            .head = head,
                            .body = g_string_new (NULL) };
  ScriptStep *step = g_new0 (ScriptStep, 1);

  g_mutex_lock (&self->lock);
  *index = self->requests->len;
  g_array_append_val (self->requests, request);
  if (self->n_taken < self->steps->len)
    {
      *step = *(ScriptStep *) self->steps->pdata[self->n_taken++];
      step->answer = g_strdup (step->answer);
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
answer (Connection *connection, const ScriptStep *step)
{
  GCancellable *end = connection->server->end;
  g_autofree char *blanks = g_strnfill (64 * 1024, ' ');

  if (step->answer != NULL && !g_output_stream_write_all (connection->out, step->answer,
                                                          strlen (step->answer), NULL, end, NULL))
    return FALSE;
  for (guint64 left = step->fill; left > 0;)
    {
      gsize n = MIN (left, 64 * 1024);

      if (!g_output_stream_write_all (connection->out, blanks, n, NULL, end, NULL))
        return FALSE;
      left -= n;
    }
  return TRUE;
}

static void
wait_for_end (ScriptServer *self)
{
  g_mutex_lock (&self->lock);
  while (!g_cancellable_is_cancelled (self->end))
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
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
  go_on = read_body (connection, index, step->read_body) && answer (connection, step) &&
          step->then == SCRIPT_KEEP;
  if (step->then == SCRIPT_STALL)
    wait_for_end (connection->server);
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

static void
assert_gnutls (int code)
{
  if (code < 0)
    g_error ("GnuTLS: %s", gnutls_strerror (code));
}

static GTlsCertificate *
make_certificate (void)
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t crt;
  gnutls_datum_t key_pem, crt_pem;
  g_autofree char *pem = NULL;
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;

  assert_gnutls (gnutls_x509_privkey_init (&key));
  assert_gnutls (gnutls_x509_privkey_generate (
      key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
  assert_gnutls (gnutls_x509_crt_init (&crt));
  assert_gnutls (gnutls_x509_crt_set_version (crt, 3));
  assert_gnutls (gnutls_x509_crt_set_serial (crt, "\x01", 1));
  assert_gnutls (gnutls_x509_crt_set_dn (crt, "CN=127.0.0.1", NULL));
  assert_gnutls (gnutls_x509_crt_set_activation_time (crt, time (NULL) - 3600));
  assert_gnutls (gnutls_x509_crt_set_expiration_time (crt, time (NULL) + 24 * 3600));
  assert_gnutls (gnutls_x509_crt_set_key (crt, key));
  assert_gnutls (gnutls_x509_crt_sign2 (crt, crt, key, GNUTLS_DIG_SHA256, 0));
  assert_gnutls (gnutls_x509_privkey_export2 (key, GNUTLS_X509_FMT_PEM, &key_pem));
  assert_gnutls (gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_PEM, &crt_pem));

  pem = g_strdup_printf ("%.*s%.*s", (int) crt_pem.size, (char *) crt_pem.data, (int) key_pem.size,
                         (char *) key_pem.data);
  certificate = g_tls_certificate_new_from_pem (pem, -1, &error);
  g_assert_no_error (error);

  gnutls_free (key_pem.data);
  gnutls_free (crt_pem.data);
  gnutls_x509_crt_deinit (crt);
  gnutls_x509_privkey_deinit (key);
  return certificate;
}

static ScriptServer *
new_server (GTlsCertificate *certificate)
{
  ScriptServer *self = g_new0 (ScriptServer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->steps = g_ptr_array_new_with_free_func (step_free);
  self->requests = g_array_new (FALSE, TRUE, sizeof (ScriptRequest));
  g_array_set_clear_func (self->requests, (GDestroyNotify) script_request_clear);
  self->end = g_cancellable_new ();
  self->certificate = certificate;
  self->context = g_main_context_new ();

  g_main_context_push_thread_default (self->context);
  self->service = g_threaded_socket_service_new (64);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), any_port, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &address, &error);
  g_assert_no_error (error);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  g_signal_connect (self->service, "run", G_CALLBACK (on_run), self);
  g_socket_service_start (self->service);
  g_main_context_pop_thread_default (self->context);

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
  return new_server (make_certificate ());
}

void
script_server_free (ScriptServer *self)
{
  g_cancellable_cancel (self->end);
  g_main_context_wakeup (self->context);
  g_thread_join (self->thread);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  while (self->n_serving > 0)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);

  g_object_unref (self->service);
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
