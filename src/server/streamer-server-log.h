/* streamer-server-log.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** streamer_server_log_set_json: whether each line is one JSON object; plain text else */
void streamer_server_log_set_json (gboolean json);

/**
 * streamer_server_log:
 * @level: "info", "warning" or "error"
 * @event: what happened, one word
 * @...: name, value, name, value, …, NULL: strings; a NULL value is left out
 *
 * Writes one line to stderr. Values are quoted, so that nothing a client sent can look like a line
 * of the log. Tokens, keys and signed URLs are never given here. Any thread.
 */
void streamer_server_log (const char *level, const char *event, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
