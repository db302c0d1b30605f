/* streamer-part-gate.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * StreamerPartGate:
 *
 * Who may write to which part of which upload: one at a time for each part, the newest, and nobody
 * while the upload is finished or given up. Any thread.
 */
typedef struct _StreamerPartGate StreamerPartGate;

StreamerPartGate *streamer_part_gate_new (void);
void streamer_part_gate_free (StreamerPartGate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerPartGate, streamer_part_gate_free)

/**
 * streamer_part_gate_enter:
 * @cancellable: makes the caller stop writing and leave
 *
 * Whoever writes to the part already is cancelled, and waited for.
 *
 * Returns: FALSE with STREAMER_ERROR_BUSY while the upload is finished or given up
 */
gboolean streamer_part_gate_enter (StreamerPartGate *self,
                                   const char *upload,
                                   guint number,
                                   GCancellable *cancellable,
                                   GError **error);
void streamer_part_gate_leave (StreamerPartGate *self, const char *upload, guint number);

/** Keeps everybody out: cancels and waits for who is in, and for another one who closed it. */
void streamer_part_gate_close (StreamerPartGate *self, const char *upload);
void streamer_part_gate_open (StreamerPartGate *self, const char *upload);

/** Returns: whether somebody writes to a part of @upload, or has closed it */
gboolean streamer_part_gate_is_used (StreamerPartGate *self, const char *upload);

G_END_DECLS
