/* streamer-proxy.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define STREAMER_TYPE_PROXY (streamer_proxy_get_type ())
G_DECLARE_FINAL_TYPE (StreamerProxy, streamer_proxy, STREAMER, PROXY, GObject)

/**
 * StreamerProxy:
 *
 * A GProxyResolver: the desktop's own, except that this computer is always reached directly.
 */
GProxyResolver *streamer_proxy_new (void);

G_END_DECLS
