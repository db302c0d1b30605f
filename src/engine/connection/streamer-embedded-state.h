/* streamer-embedded-state.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * streamer_embedded_state_read:
 * @runs: (out): whether a server is alive
 * @request_url: (out) (nullable) (transfer full): where it listens, if one is
 * @token: (out) (nullable) (transfer full): what it wants to see, if one is
 *
 * Looks at the state file. That there is none, or one that a dead server left, is no error.
 *
 * Returns: FALSE with STREAMER_ERROR_FAILED where the file cannot be trusted or understood
 */
gboolean
streamer_embedded_state_read (gboolean *runs, char **request_url, char **token, GError **error);

G_END_DECLS
