/* streamer-add-principal.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * streamer_add_principal:
 * @path: (type filename): the configuration file
 * @name: of whom to add
 * @prefixes: below which folders; one or more
 * @rights: what may be done there; one or more
 * @quota: (nullable): such as `100G`
 * @token: (out): a new token
 *
 * Adds a section to the configuration file, whose other lines stay as they are. The file is
 * replaced in one step, with its owner and without rights for everybody; two who add at once both
 * succeed.
 *
 * Errors: STREAMER_ERROR_INVALID for values that cannot be; _EXISTS where @name is there already;
 *   _FAILED where the file is not in order, or cannot be written
 */
gboolean streamer_add_principal (const char *path,
                                 const char *name,
                                 const char *const *prefixes,
                                 const char *const *rights,
                                 const char *quota,
                                 char **token,
                                 GError **error);

G_END_DECLS
