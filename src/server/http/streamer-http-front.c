/* streamer-http-front.c: listens for HTTP and gives requests to their routes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thread accepts; each connection then has a thread of a pool of its own, because a part's
 * bytes go straight from the socket to the disk, and both block. What the threads share is guarded
 * by the lock.
 */

#include "streamer-http-front.h"

#include <signal.h>

#include "streamer-server-log.h"

#define MAX_CONNECTIONS 256

typedef struct
{
  char *path; /* (owned) */
  StreamerHttpRoute route;
  gpointer user_data;
} Route;

typedef struct
{
  StreamerHttpConnection *http; /* (owned) */
  gboolean busy;                /* between a request's first byte and its answer's last; the lock */
} Client;

struct _StreamerHttpFront
{
  GArray *routes;       /* (owned) (element-type Route) */
  GSocket *socket;      /* (owned) (nullable) */
  char *url;            /* (owned) (nullable) */
  GThread *accepter;    /* (owned) (nullable) */
  GThreadPool *threads; /* (owned) */
  GCancellable *closed; /* (owned) */

  GMutex lock;
  GCond changed;
  GPtrArray *clients; /* (element-type Client): the lock */
  guint n_busy;       /* the lock */
  gint64 last_use;    /* monotonic: the lock */
  gboolean stopping;  /* the lock */
};

static void
route_clear (gpointer data)
{
  g_free (((Route *) data)->path);
}

static gboolean
route_matches (const Route *route, const char *path)
{
  return g_str_has_suffix (route->path, "/") ? g_str_has_prefix (path, route->path)
                                             : g_strcmp0 (path, route->path) == 0;
}

static gboolean
dispatch (StreamerHttpFront *self, StreamerHttpConnection *http, const StreamerHttpRequest *request)
{
  const char *headers[] = { "Content-Type", "text/plain", NULL };

  for (guint i = 0; i < self->routes->len; i++)
    {
      const Route *route = &g_array_index (self->routes, Route, i);

      if (route_matches (route, request->path))
        return route->route (http, request, route->user_data);
    }
  return streamer_http_connection_answer (http, request, SOUP_STATUS_NOT_FOUND, headers,
                                          "There is nothing here.\n");
}

static gboolean
serve_request (StreamerHttpFront *self, StreamerHttpConnection *http)
{
  const char *headers[] = { "Content-Type", "text/plain", NULL };
  g_autoptr (StreamerHttpRequest) request = NULL;
  guint refusal;

  request = streamer_http_connection_read_request (http, &refusal);
  if (request)
    return dispatch (self, http, request);
  if (refusal)
    streamer_http_connection_answer (http, NULL, refusal, headers, "This request is not taken.\n");
  return FALSE;
}

/* Returns FALSE where the front stops. */
static gboolean
set_busy (StreamerHttpFront *self, Client *client, gboolean busy)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (busy && self->stopping)
    return FALSE;
  if (client->busy != busy)
    {
      client->busy = busy;
      self->n_busy += busy ? 1 : -1;
      self->last_use = g_get_monotonic_time ();
      g_cond_broadcast (&self->changed);
    }
  return !self->stopping;
}

static void
serve_client (gpointer data, gpointer user_data)
{
  Client *client = data;
  StreamerHttpFront *self = user_data;

  while (streamer_http_connection_wait (client->http) && set_busy (self, client, TRUE))
    {
      gboolean go_on = serve_request (self, client->http);

      if (!set_busy (self, client, FALSE) || !go_on)
        break;
    }

  set_busy (self, client, FALSE);
  g_mutex_lock (&self->lock);
  g_ptr_array_remove_fast (self->clients, client);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  streamer_http_connection_free (client->http);
  g_free (client);
}

static void
refuse_client (StreamerHttpConnection *http)
{
  const char *headers[] = { "Retry-After", "1", "Content-Type", "text/plain", NULL };

  /* The connection's send buffer is empty: this does not wait. */
  g_cancellable_cancel (streamer_http_connection_get_cancellable (http));
  streamer_http_connection_answer (http, NULL, SOUP_STATUS_SERVICE_UNAVAILABLE, headers,
                                   "Too many connections.\n");
  streamer_http_connection_free (http);
}

static void
take_client (StreamerHttpFront *self, GSocket *socket)
{
  StreamerHttpConnection *http = streamer_http_connection_new (socket);
  Client *client = NULL;

  g_mutex_lock (&self->lock);
  if (self->clients->len < MAX_CONNECTIONS)
    {
      client = g_new0 (Client, 1);
      client->http = http;
      g_ptr_array_add (self->clients, client);
    }
  g_mutex_unlock (&self->lock);

  if (client)
    g_thread_pool_push (self->threads, client, NULL);
  else
    refuse_client (http);
}

static gpointer
accept_clients (gpointer data)
{
  StreamerHttpFront *self = data;

  while (!g_cancellable_is_cancelled (self->closed))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) socket = g_socket_accept (self->socket, self->closed, &error);

      if (socket)
        take_client (self, socket);
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          /* Out of descriptors, say: what waits is served when others have gone. */
          streamer_server_log ("warning", "accept", "error", error->message, NULL);
          g_usleep (G_USEC_PER_SEC / 10);
        }
    }
  return NULL;
}

StreamerHttpFront *
streamer_http_front_new (void)
{
  StreamerHttpFront *self = g_new0 (StreamerHttpFront, 1);

  /* sendfile() has no flag against the one; the other is a full quota, and told as such. */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
  self->routes = g_array_new (FALSE, FALSE, sizeof (Route));
  g_array_set_clear_func (self->routes, route_clear);
  self->clients = g_ptr_array_new ();
  self->closed = g_cancellable_new ();
  self->threads = g_thread_pool_new (serve_client, self, MAX_CONNECTIONS, FALSE, NULL);
  self->last_use = g_get_monotonic_time ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  return self;
}

void
streamer_http_front_free (StreamerHttpFront *self)
{
  streamer_http_front_stop (self, 0);
  g_thread_pool_free (self->threads, FALSE, TRUE);
  g_array_unref (self->routes);
  g_ptr_array_unref (self->clients);
  g_clear_object (&self->socket);
  g_object_unref (self->closed);
  g_free (self->url);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

void
streamer_http_front_add_route (StreamerHttpFront *self,
                               const char *path,
                               StreamerHttpRoute route,
                               gpointer user_data)
{
  Route added = { g_strdup (path), route, user_data };

  g_array_append_val (self->routes, added);
}

gboolean
streamer_http_front_listen (StreamerHttpFront *self,
                            GInetAddress *address,
                            guint16 port,
                            GError **error)
{
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (address, port);
  g_autoptr (GSocketAddress) got = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autofree char *text = g_inet_address_to_string (address);
  gboolean is_ipv6 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6;

  socket = g_socket_new (g_inet_address_get_family (address), G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_TCP, error);
  if (!socket || !g_socket_bind (socket, wanted, TRUE, error))
    return FALSE;
  g_socket_set_listen_backlog (socket, 128);
  if (!g_socket_listen (socket, error) || !(got = g_socket_get_local_address (socket, error)))
    return FALSE;

  self->socket = g_steal_pointer (&socket);
  self->url = g_strdup_printf (is_ipv6 ? "http://[%s]:%u" : "http://%s:%u", text,
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (got)));
  self->accepter = g_thread_new ("accept", accept_clients, self);
  return TRUE;
}

const char *
streamer_http_front_get_url (StreamerHttpFront *self)
{
  return self->url;
}

guint16
streamer_http_front_get_port (StreamerHttpFront *self)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (self->socket, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

gint64
streamer_http_front_get_idle_time (StreamerHttpFront *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_busy > 0 ? 0 : g_get_monotonic_time () - self->last_use;
}

static void
drop_clients (StreamerHttpFront *self, gboolean also_busy)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      Client *client = g_ptr_array_index (self->clients, i);

      if (also_busy || !client->busy)
        g_cancellable_cancel (streamer_http_connection_get_cancellable (client->http));
    }
}

void
streamer_http_front_stop (StreamerHttpFront *self, gint64 grace)
{
  gint64 deadline = g_get_monotonic_time () + grace;

  g_cancellable_cancel (self->closed);
  g_clear_pointer (&self->accepter, g_thread_join);
  if (self->socket)
    g_socket_close (self->socket, NULL);

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  drop_clients (self, FALSE);
  while (self->clients->len > 0 && g_cond_wait_until (&self->changed, &self->lock, deadline))
    continue;
  drop_clients (self, TRUE);
  while (self->clients->len > 0)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}
