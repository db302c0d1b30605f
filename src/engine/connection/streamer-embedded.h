/* streamer-embedded.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * streamer_embedded_start:
 * @request_url: (out) (transfer full): where it listens
 * @token: (out) (transfer full): what it wants to see
 *
 * Finds the user's embedded backend by the file that it keeps in the runtime folder, or starts
 * `s3streamer-server --embedded` and waits until it is ready. Worker thread.
 */
gboolean streamer_embedded_start (char **request_url,
                                  char **token,
                                  GCancellable *cancellable,
                                  GError **error);

/**
 * streamer_embedded_get_state_path:
 *
 * The file through which the embedded backend tells its user's programs where it is: a JSON object
 * with `request_url`, `token` and `pid`, mode 0600, locked (flock, LOCK_EX) by the server as long as
 * it runs, in a folder with mode 0700.
 *
 * The server writes and locks it under another name and renames it here when it is ready to serve:
 * so what is found here and is locked is whole, and its server alive. Which of two servers that
 * start at once may do so is decided by a lock of their own; the other one exits with 0.
 * Programs look at the lock by LOCK_SH | LOCK_NB, for a moment.
 *
 * A server that was started by a program has pipes as stdout and stderr, which nobody reads after
 * its `listening on` line: it must go on when writing there fails (SIGPIPE is ignored).
 *
 * Returns: (transfer full) (type filename)
 */
char *streamer_embedded_get_state_path (void);

G_END_DECLS
