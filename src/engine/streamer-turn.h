/* streamer-turn.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * StreamerTurn:
 *
 * Lets one worker do what all of them need, without holding a lock while it does: the others wait
 * for the turn, look whether it is done, and give up when they are cancelled.
 */
typedef struct
{
  GCond cond;
  gboolean taken;
} StreamerTurn;

void streamer_turn_init (StreamerTurn *self);
void streamer_turn_clear (StreamerTurn *self);

/**
 * streamer_turn_take:
 * @lock: held by the caller; guards @self and what the turn is about; given free while waiting
 *
 * Returns: FALSE with G_IO_ERROR_CANCELLED
 */
gboolean
streamer_turn_take (StreamerTurn *self, GMutex *lock, GCancellable *cancellable, GError **error);

/** Ends the turn. With the lock held. */
void streamer_turn_give (StreamerTurn *self);

G_END_DECLS
