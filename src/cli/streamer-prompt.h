/* streamer-prompt.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-console.h"

G_BEGIN_DECLS

typedef struct _StreamerPrompt StreamerPrompt;

/** @answer: (nullable): NULL at the end of the input, or where nothing was entered */
typedef void (*StreamerPromptFunc) (const char *answer, gpointer user_data);

/**
 * streamer_prompt_new:
 * @fd: a terminal
 *
 * Asks for one line that is not shown while it is typed. The main loop goes on; @func is called
 * once. Owner's thread.
 */
StreamerPrompt *streamer_prompt_new (StreamerConsole *console,
                                     int fd,
                                     const char *question,
                                     StreamerPromptFunc func,
                                     gpointer user_data);
/** Leaves the terminal as it was found; also before an answer has come. */
void streamer_prompt_free (StreamerPrompt *self);

G_END_DECLS
