/* streamer-http-connection.c: one client's connection, HTTP/1 with limits of time and size
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Used by one thread at a time; only the cancellable may be touched from others. The socket itself
 * does not block: every wait has a deadline and the cancellable.
 */

#include "streamer-http-connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/sendfile.h>

#define IDLE_SECONDS 60
#define HEAD_SECONDS 10
/* How long a body may bring nothing, and an answer not be taken. */
#define BODY_SECONDS 30
/* How long the rest of a refused body is taken and thrown away. */
#define DISCARD_SECONDS 30

struct _StreamerHttpConnection
{
  GSocket *socket;           /* (owned) */
  GCancellable *cancellable; /* (owned) */
  char *remote;              /* (owned) (nullable) */
  GByteArray *pending;       /* (owned): bytes that came behind the head */
  guint64 body_left;         /* of the request that was read last */
  gboolean must_continue;    /* the client waits for 100 Continue */
  gint64 body_deadline;      /* monotonic: for the whole body; 0: for each wait on its own */
};

static gboolean
wait_for (StreamerHttpConnection *self, GIOCondition condition, gint64 deadline, GError **error)
{
  gint64 left = deadline - g_get_monotonic_time ();

  if (left <= 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The client is too slow.");
      return FALSE;
    }
  return g_socket_condition_timed_wait (self->socket, condition, left, self->cancellable, error);
}

static gint64
seconds_from_now (guint seconds)
{
  return g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;
}

static gssize
receive (StreamerHttpConnection *self, void *buffer, gsize size, gint64 deadline, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) local_error = NULL;
      gssize n;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return -1;
      n = g_socket_receive (self->socket, buffer, size, NULL, &local_error);
      if (n >= 0)
        return n;
      if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return -1;
        }
      if (!wait_for (self, G_IO_IN, deadline, error))
        return -1;
    }
}

static gboolean
send_all (StreamerHttpConnection *self, const char *data, gsize length, GError **error)
{
  gint64 deadline = seconds_from_now (BODY_SECONDS);

  while (length > 0)
    {
      g_autoptr (GError) local_error = NULL;
      gssize n = g_socket_send (self->socket, data, length, NULL, &local_error);

      if (n > 0)
        {
          data += n;
          length -= n;
        }
      else if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      else if (!wait_for (self, G_IO_OUT, deadline, error))
        return FALSE;
    }
  return TRUE;
}

static char *
get_remote (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_remote_address (socket, NULL);

  if (!address || !G_IS_INET_SOCKET_ADDRESS (address))
    return NULL;
  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

StreamerHttpConnection *
streamer_http_connection_new (GSocket *socket)
{
  StreamerHttpConnection *self = g_new0 (StreamerHttpConnection, 1);

  self->remote = get_remote (socket);
  self->socket = g_object_ref (socket);
  g_socket_set_blocking (socket, FALSE);
  /* Answers are small and written whole: waiting for more to send only delays them. */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  self->cancellable = g_cancellable_new ();
  self->pending = g_byte_array_new ();
  return self;
}

void
streamer_http_connection_free (StreamerHttpConnection *self)
{
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_object_unref (self->cancellable);
  g_byte_array_unref (self->pending);
  g_free (self->remote);
  g_free (self);
}

GCancellable *
streamer_http_connection_get_cancellable (StreamerHttpConnection *self)
{
  return self->cancellable;
}

const char *
streamer_http_connection_get_remote (StreamerHttpConnection *self)
{
  return self->remote;
}

gboolean
streamer_http_connection_wait (StreamerHttpConnection *self)
{
  return self->pending->len > 0 || wait_for (self, G_IO_IN, seconds_from_now (IDLE_SECONDS), NULL);
}

/* Returns the bytes of the head, with the empty line, or 0 where it is not whole yet. */
static gsize
find_head_end (GByteArray *bytes, gsize from)
{
  const char *found;

  if (bytes->len <= from)
    return 0;
  found = memmem (bytes->data + from, bytes->len - from, "\r\n\r\n", 4);
  return found ? found - (char *) bytes->data + 4 : 0;
}

/* RFC 9112, 2.2: an empty line in front of a request is ignored. */
static void
skip_empty_line (GByteArray *bytes)
{
  if (bytes->len >= 2 && memcmp (bytes->data, "\r\n", 2) == 0)
    g_byte_array_remove_range (bytes, 0, 2);
}

StreamerHttpRequest *
streamer_http_connection_read_request (StreamerHttpConnection *self, guint *refusal)
{
  gint64 deadline = seconds_from_now (HEAD_SECONDS);
  StreamerHttpRequest *request;
  gsize length, searched = 0;

  *refusal = 0;
  skip_empty_line (self->pending);
  while ((length = find_head_end (self->pending, searched)) == 0)
    {
      g_autoptr (GError) error = NULL;
      guint8 buffer[4096];
      gssize n;

      /* A request line that ends in a bare line feed would never end for us. */
      if (self->pending->len >= STREAMER_HTTP_MAX_HEAD)
        {
          *refusal = STREAMER_HTTP_STATUS_HEAD_TOO_LARGE;
          return NULL;
        }
      if (self->pending->len > 1 && memmem (self->pending->data, self->pending->len, "\n\n", 2))
        {
          *refusal = SOUP_STATUS_BAD_REQUEST;
          return NULL;
        }
      n = receive (self, buffer, sizeof buffer, deadline, &error);
      if (n <= 0)
        {
          /* Not the clock: poll() counts whole milliseconds, and may be back a little early. */
          if (self->pending->len > 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
            *refusal = SOUP_STATUS_REQUEST_TIMEOUT;
          return NULL;
        }
      searched = self->pending->len > 3 ? self->pending->len - 3 : 0;
      g_byte_array_append (self->pending, buffer, n);
      if (searched == 0)
        skip_empty_line (self->pending);
    }

  request = streamer_http_request_parse ((const char *) self->pending->data, length, refusal);
  g_byte_array_remove_range (self->pending, 0, length);
  if (!request)
    return NULL;
  self->body_left = request->length;
  self->must_continue = request->expects_continue;
  self->body_deadline = 0;
  return request;
}

void
streamer_http_connection_limit_body (StreamerHttpConnection *self, guint seconds)
{
  self->body_deadline = seconds > 0 ? seconds_from_now (seconds) : 0;
}

gssize
streamer_http_connection_read_body (StreamerHttpConnection *self,
                                    const StreamerHttpRequest *request,
                                    void *buffer,
                                    gsize size,
                                    GError **error)
{
  gssize n;

  if (self->body_left == 0)
    return 0;
  if (self->must_continue && self->pending->len == 0 &&
      !send_all (self, "HTTP/1.1 100 Continue\r\n\r\n", 25, error))
    return -1;
  self->must_continue = FALSE;

  size = MIN (size, self->body_left);
  if (self->pending->len > 0)
    {
      n = MIN (size, self->pending->len);
      memcpy (buffer, self->pending->data, n);
      g_byte_array_remove_range (self->pending, 0, n);
    }
  else
    {
      n = receive (self, buffer, size,
                   self->body_deadline ? self->body_deadline : seconds_from_now (BODY_SECONDS),
                   error);
      if (n == 0)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                               "The client closed the connection inside a body.");
          return -1;
        }
      if (n < 0)
        return -1;
    }
  self->body_left -= n;
  return n;
}

/* The client may still be sending: closing now would make its system throw the answer away. */
static void
discard_body (StreamerHttpConnection *self)
{
  gint64 deadline = seconds_from_now (DISCARD_SECONDS);
  g_autofree char *buffer = g_malloc (65536);

  self->body_left -= MIN (self->body_left, self->pending->len);
  while (self->body_left > 0)
    {
      gssize n = receive (self, buffer, MIN (65536, self->body_left), deadline, NULL);

      if (n <= 0)
        return;
      self->body_left -= n;
    }
}

static void
close_gently (StreamerHttpConnection *self)
{
  gint64 deadline = seconds_from_now (2);
  char buffer[4096];

  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
  for (gsize taken = 0; taken < 1048576;)
    {
      gssize n = receive (self, buffer, sizeof buffer, deadline, NULL);

      if (n <= 0)
        return;
      taken += n;
    }
}

/* libsoup does not know what RFC 6585 has added. */
static const char *
get_phrase (guint status)
{
  if (status == 429)
    return "Too Many Requests";
  if (status == STREAMER_HTTP_STATUS_HEAD_TOO_LARGE)
    return "Request Header Fields Too Large";
  return soup_status_get_phrase (status);
}

static GString *
begin_answer (const StreamerHttpRequest *request,
              guint status,
              const char *const *headers,
              guint64 length,
              gboolean keep_alive)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);

  g_string_append_printf (text, "HTTP/1.1 %u %s\r\nDate: %s\r\n", status, get_phrase (status),
                          date);
  for (gsize i = 0; headers && headers[i]; i += 2)
    g_string_append_printf (text, "%s: %s\r\n", headers[i], headers[i + 1]);
  if (status != SOUP_STATUS_NOT_MODIFIED && status != SOUP_STATUS_NO_CONTENT)
    g_string_append_printf (text, "Content-Length: %" G_GUINT64_FORMAT "\r\n", length);
  g_string_append (text, keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
  return text;
}

gboolean
streamer_http_connection_answer (StreamerHttpConnection *self,
                                 const StreamerHttpRequest *request,
                                 guint status,
                                 const char *const *headers,
                                 const char *body)
{
  gboolean keep_alive = request && request->keep_alive && self->body_left == 0;
  gsize length = body ? strlen (body) : 0;
  g_autoptr (GString) text = begin_answer (request, status, headers, length, keep_alive);

  if (body && (!request || strcmp (request->method, "HEAD") != 0))
    g_string_append (text, body);
  if (!send_all (self, text->str, text->len, NULL))
    return FALSE;
  if (keep_alive)
    return TRUE;
  /* A client that waits for 100 Continue has not begun to send. */
  if (request && !self->must_continue)
    discard_body (self);
  close_gently (self);
  return FALSE;
}

static gboolean
send_file (StreamerHttpConnection *self, int fd, guint64 offset, guint64 length)
{
  off_t position = offset;

  while (length > 0)
    {
      gint64 deadline = seconds_from_now (BODY_SECONDS);
      gssize n;

      if (g_cancellable_is_cancelled (self->cancellable))
        return FALSE;
      n = sendfile (g_socket_get_fd (self->socket), fd, &position, MIN (length, 1048576));
      if (n > 0)
        length -= n;
      else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        return FALSE;
      else if (errno == EAGAIN && !wait_for (self, G_IO_OUT, deadline, NULL))
        return FALSE;
    }
  return TRUE;
}

gboolean
streamer_http_connection_answer_file (StreamerHttpConnection *self,
                                      const StreamerHttpRequest *request,
                                      guint status,
                                      const char *const *headers,
                                      int fd,
                                      guint64 offset,
                                      guint64 length)
{
  gboolean keep_alive = request->keep_alive && self->body_left == 0;
  g_autoptr (GString) text = begin_answer (request, status, headers, length, keep_alive);

  if (!send_all (self, text->str, text->len, NULL))
    return FALSE;
  if (strcmp (request->method, "HEAD") != 0 && !send_file (self, fd, offset, length))
    return FALSE;
  if (!keep_alive)
    close_gently (self);
  return keep_alive;
}
