/* streamer-remote.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * streamer_remote_find:
 * @peer: (nullable): the address at the other end of the connection
 * @forwarded: (nullable): the header X-Forwarded-For, all of them joined by commas
 * @proxies: (element-type GInetAddressMask): whose word on that is taken
 *
 * Anybody can write X-Forwarded-For, and a proxy only adds to it what it has seen: so it is read
 * from its end, as long as who wrote it is one of @proxies.
 *
 * Returns: (transfer full) (nullable): the client's address, as far as it can be believed
 */
char *streamer_remote_find (const char *peer, const char *forwarded, GPtrArray *proxies);

/**
 * streamer_remote_get_network:
 * @remote: (nullable): an address
 *
 * Returns: (transfer full): what one party has to itself: an IPv4 address, or 64 bits of IPv6
 */
char *streamer_remote_get_network (const char *remote);

G_END_DECLS
