/* streamer-secret-file.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * streamer_secret_file_check_mode:
 * @owner: user id
 * @mode: of the file
 *
 * A file on which it depends who may do what is its owner's, or root's, and nobody else may write
 * it. A group may read it, as where root keeps it for the server's group, so that the server cannot
 * change its own rules; everybody may not.
 *
 * Returns: (nullable): what is wrong, as a sentence about the file
 */
const char *streamer_secret_file_check_mode (guint owner, guint mode);

/**
 * streamer_secret_file_read:
 * @max_length: bytes
 * @text: (out) (nullable): its content; also where its mode is wrong
 * @wrong_mode: (out) (nullable): what is wrong with its mode
 *
 * The mode is that of the file that is read, whatever stands under its name meanwhile.
 *
 * Returns: FALSE with an error where it cannot be read
 */
gboolean streamer_secret_file_read (const char *path,
                                    gsize max_length,
                                    char **text,
                                    gsize *length,
                                    const char **wrong_mode,
                                    GError **error);

G_END_DECLS
