/* script-socket.h: what an HTTP server that misbehaves needs of sockets and certificates
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** @before: (nullable): whose port it takes. Returns: (transfer full): bound, and not listening */
GSocket *script_socket_new (GSocket *before);
/** Returns: the other side's port; 0 where it is gone */
guint16 script_socket_get_peer (GSocket *socket);
/** Returns: whether the other side has closed it */
gboolean script_socket_is_left (int fd);
/** Closing it will be a reset. */
void script_socket_reset (GSocket *socket);

/** Returns: (transfer full): for 127.0.0.1, signed by itself */
GTlsCertificate *script_certificate_new (void);

G_END_DECLS
