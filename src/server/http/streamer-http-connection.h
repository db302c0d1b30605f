/* streamer-http-connection.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-http-request.h"

G_BEGIN_DECLS

/**
 * StreamerHttpConnection:
 *
 * One client's connection, used by one thread with blocking calls. Every call has a limit of time,
 * and ends with G_IO_ERROR_CANCELLED as soon as the connection is dropped.
 */
typedef struct _StreamerHttpConnection StreamerHttpConnection;

StreamerHttpConnection *streamer_http_connection_new (GSocket *socket);
void streamer_http_connection_free (StreamerHttpConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerHttpConnection, streamer_http_connection_free)

/**
 * streamer_http_connection_get_cancellable:
 *
 * Cancelling it drops the connection, at once and from any thread.
 *
 * Returns: (transfer none)
 */
GCancellable *streamer_http_connection_get_cancellable (StreamerHttpConnection *self);

/** Returns: (transfer none) (nullable): the address at the other end, without its port */
const char *streamer_http_connection_get_remote (StreamerHttpConnection *self);

/** streamer_http_connection_wait: waits for the first byte of the next request; FALSE: no more */
gboolean streamer_http_connection_wait (StreamerHttpConnection *self);

/**
 * streamer_http_connection_read_request:
 * @refusal: (out): an HTTP status where NULL is returned and an answer makes sense, else 0
 *
 * Returns: (transfer full) (nullable): the next request, its body not read yet
 */
StreamerHttpRequest *streamer_http_connection_read_request (StreamerHttpConnection *self,
                                                            guint *refusal);

/**
 * streamer_http_connection_limit_body:
 *
 * The rest of the body of the request that was read last has to come within @seconds. Without it,
 * or with 0, it may take any time as long as something comes.
 */
void streamer_http_connection_limit_body (StreamerHttpConnection *self, guint seconds);

/**
 * streamer_http_connection_read_body:
 * @request: the request that was read last
 *
 * Reads what comes next of the body; sends `100 Continue` first where the client waits for it.
 *
 * Returns: bytes; 0 at the end of the body; -1 with an error where it does not come or not in time
 */
gssize streamer_http_connection_read_body (StreamerHttpConnection *self,
                                           const StreamerHttpRequest *request,
                                           void *buffer,
                                           gsize size,
                                           GError **error);

/**
 * streamer_http_connection_answer:
 * @request: (nullable): what is answered; NULL for a request that could not be read
 * @headers: (nullable): name, value, name, value, …, NULL
 * @body: (nullable): of the answer
 *
 * Sends a whole answer. Where the request's body was not read to its end, what comes of it is
 * thrown away for a while and the connection then closed, so that the client gets to see the
 * answer.
 *
 * Returns: whether the connection can take another request
 */
gboolean streamer_http_connection_answer (StreamerHttpConnection *self,
                                          const StreamerHttpRequest *request,
                                          guint status,
                                          const char *const *headers,
                                          const char *body);

/**
 * streamer_http_connection_answer_file:
 * @fd: open for reading
 * @offset: bytes from its start
 * @length: bytes to send
 *
 * Sends an answer whose body is a piece of a file (without the body for HEAD).
 *
 * Returns: whether the connection can take another request
 */
gboolean streamer_http_connection_answer_file (StreamerHttpConnection *self,
                                               const StreamerHttpRequest *request,
                                               guint status,
                                               const char *const *headers,
                                               int fd,
                                               guint64 offset,
                                               guint64 length);

G_END_DECLS
