/* streamer-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-application.h"
#include "streamer-transfer.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_WINDOW (streamer_window_get_type ())
G_DECLARE_FINAL_TYPE (StreamerWindow, streamer_window, STREAMER, WINDOW, AdwApplicationWindow)

/**
 * StreamerWindow:
 *
 * The main window. Actions that take a transfer's id: `win.pause`, `win.resume`, `win.start-over`,
 * `win.replace`, `win.cancel`, `win.copy-link`, `win.open-link`, `win.copy-details`, `win.enter-token`,
 * `win.remove-from-server`, `win.remove-from-list`. Actions on what is selected:
 * `win.toggle-pause`, `win.copy-selected-link`, `win.retry-selected`, `win.remove-selected`.
 * `win.start-now`, `win.show-in-files` and `win.upload-again` take an id, too. Others:
 * `win.clear-finished`, `win.copy-text` (text), `win.forget-set-aside`, `win.add`,
 * `win.add-folder`, `win.paste`, `win.search`, `win.sign-in`, `win.back`.
 */
GtkWindow *streamer_window_new (StreamerApplication *application);

/** Shows one line for a few seconds. @text: plain; anything in it is escaped. */
void streamer_window_show_message (StreamerWindow *self, const char *text);
/** Selects @transfer in the list, unless a search hides it. */
void streamer_window_select_transfer (StreamerWindow *self, StreamerTransfer *transfer);
/** Shows @transfer in full. */
void streamer_window_show_transfer (StreamerWindow *self, StreamerTransfer *transfer);
/** Uploads are not finished: asks whether they go on without the window, or the program ends. */
void streamer_window_ask_close (StreamerWindow *self);
/** Asks for a token for @connection. @reason: (nullable): why it is needed */
void streamer_window_ask_token (StreamerWindow *self,
                                StreamerConnection *connection,
                                const char *reason);

G_END_DECLS
