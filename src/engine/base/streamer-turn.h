/* streamer-turn.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-monitor.h"

G_BEGIN_DECLS

/**
 * StreamerTurn:
 *
 * Lets one worker do what all of them need, without holding a lock while it does: the others wait
 * for the turn, look whether it is done, and give up when they are cancelled. Any thread.
 */
typedef struct
{
  StreamerMonitor monitor;
  gboolean taken;
} StreamerTurn;

void streamer_turn_init (StreamerTurn *self);
void streamer_turn_clear (StreamerTurn *self);

/** Waits for the turn. No lock that the one who has it may need is held meanwhile.
 * Returns: FALSE with G_IO_ERROR_CANCELLED */
gboolean streamer_turn_take (StreamerTurn *self, GCancellable *cancellable, GError **error);

/** Ends the turn. */
void streamer_turn_give (StreamerTurn *self);

G_END_DECLS
