/* streamer-secret-input.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define STREAMER_SECRET_INPUT_MAX_BYTES 65536

/**
 * streamer_secret_input_read_file:
 * @path: (type filename): anything that can be read, a shell's `<(…)` too
 * @exposed: (out): whether it is a file that everybody may read
 *
 * Returns: (transfer full): the secret without the newline at its end; or NULL with
 *   STREAMER_ERROR_INVALID
 */
char *streamer_secret_input_read_file (const char *path, gboolean *exposed, GError **error);

/**
 * streamer_secret_input_read_fd:
 * @name: of what @fd is, for messages
 *
 * Reads @fd to its end. As streamer_secret_input_read_file().
 */
char *streamer_secret_input_read_fd (int fd, const char *name, GError **error);

/**
 * streamer_secret_input_take_environment:
 *
 * Takes a variable out of the process's environment, so that neither its children nor `ps` see it.
 * Before there are threads.
 *
 * Returns: (transfer full) (nullable): the secret, or NULL where it is not set or empty; or NULL
 *   with STREAMER_ERROR_INVALID
 */
char *streamer_secret_input_take_environment (const char *variable, GError **error);

/** @secret: (transfer full) (nullable): overwritten, then freed */
void streamer_secret_input_free (char *secret);

G_END_DECLS
