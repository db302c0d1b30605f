/* virtual-poll.h: sockets whose time-outs cost no time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Takes the place of GLib's g_poll() in the program that it is linked into. A socket of GIO that
 * waits with a time-out times out at once where the other side has said that it does nothing any
 * more, and else never.
 */

/** @port: the waiting side's. Any thread. */
void virtual_poll_set_stalled (guint16 port, gboolean stalled);

/** Returns: ms of time-outs since the last call, which whoever keeps the time has to let go by */
gint64 virtual_poll_take_time (void);

G_END_DECLS
