/* streamer-http-front.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-http-connection.h"

G_BEGIN_DECLS

/**
 * StreamerHttpRoute:
 *
 * Answers one request; on a thread of the front.
 *
 * Returns: what streamer_http_connection_answer() returned
 */
typedef gboolean (*StreamerHttpRoute) (StreamerHttpConnection *connection,
                                       const StreamerHttpRequest *request,
                                       gpointer user_data);

/**
 * StreamerHttpFront:
 *
 * Listens, gives each connection a thread of its own, and each request to the route whose path it
 * has. Requests that are no proper HTTP never get to a route. More than a fixed number of
 * connections at once are told to come back later.
 */
typedef struct _StreamerHttpFront StreamerHttpFront;

StreamerHttpFront *streamer_http_front_new (void);

/** Stops, where it runs, and frees it. */
void streamer_http_front_free (StreamerHttpFront *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerHttpFront, streamer_http_front_free)

/**
 * streamer_http_front_add_route:
 * @path: a whole path, or the begin of one where it ends with a slash
 *
 * To be called before it listens.
 */
void streamer_http_front_add_route (StreamerHttpFront *self,
                                    const char *path,
                                    StreamerHttpRoute route,
                                    gpointer user_data);

/** @port: 0 chooses one */
gboolean streamer_http_front_listen (StreamerHttpFront *self,
                                     GInetAddress *address,
                                     guint16 port,
                                     GError **error);

/** Returns: (transfer none): `http://ADDRESS:PORT`, once it listens */
const char *streamer_http_front_get_url (StreamerHttpFront *self);

/** Returns: (transfer none): the address on which it listens */
guint16 streamer_http_front_get_port (StreamerHttpFront *self);

/** Returns: microseconds since the last request ended; 0 while one is answered */
gint64 streamer_http_front_get_idle_time (StreamerHttpFront *self);

/**
 * streamer_http_front_stop:
 * @grace: microseconds
 *
 * Takes no more connections and requests, waits until the answers in flight have ended, at most
 * @grace, and drops what is left then.
 */
void streamer_http_front_stop (StreamerHttpFront *self, gint64 grace);

G_END_DECLS
