/* streamer-console.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-progress-text.h"

G_BEGIN_DECLS

typedef struct _StreamerConsole StreamerConsole;

/**
 * streamer_console_new:
 * @fd: standard error
 * @quiet: errors only
 * @verbose: details as well
 *
 * What the user reads: messages, and on a terminal a few lines below them that change. Owner's
 * thread.
 */
StreamerConsole *streamer_console_new (int fd, gboolean quiet, gboolean verbose);
void streamer_console_free (StreamerConsole *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerConsole, streamer_console_free)

/**
 * streamer_console_get_look:
 *
 * Returns: FALSE where lines cannot be redrawn: not a terminal, a dumb one, or quiet
 */
gboolean streamer_console_get_look (StreamerConsole *self, StreamerProgressLook *look);

/** Draws @lines in place of those that are there. */
void streamer_console_show (StreamerConsole *self, const char *const *lines);
/** Takes the changing lines away, so that something else can be written; they come back with the
 * next streamer_console_show(). */
void streamer_console_hide (StreamerConsole *self);

/** @subject: (nullable): the file, for the eye. Says what went wrong and what can be done. */
void streamer_console_error (StreamerConsole *self, const char *subject, const GError *error);
/** The same for a sentence that says itself what can be done. */
void streamer_console_complain (StreamerConsole *self, const char *subject, const GError *error);
/** Says @sentence unless quiet. */
void streamer_console_note (StreamerConsole *self, const char *sentence);
/** Says @text where verbose. */
void streamer_console_detail (StreamerConsole *self, const char *subject, const char *text);
/** Writes @text without a newline, to be answered by the user. */
void streamer_console_ask (StreamerConsole *self, const char *text);

G_END_DECLS
