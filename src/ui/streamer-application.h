/* streamer-application.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "streamer-history.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_APPLICATION (streamer_application_get_type ())
G_DECLARE_FINAL_TYPE (StreamerApplication,
                      streamer_application,
                      STREAMER,
                      APPLICATION,
                      AdwApplication)

/**
 * StreamerApplication:
 *
 * One instance per user, D-Bus activatable. It owns the queue, which outlives windows. Actions:
 * `app.preferences`, `app.unfinished`, `app.about`, `app.quit`, `app.copy-links` (ids),
 * `app.show-transfer` (id).
 */
StreamerApplication *streamer_application_new (void);

/** Returns: (transfer none) */
StreamerQueue *streamer_application_get_queue (StreamerApplication *self);
/** Returns: (transfer none) (nullable): NULL where the schema is not installed */
GSettings *streamer_application_get_settings (StreamerApplication *self);
/** Returns: (transfer none) */
StreamerSecrets *streamer_application_get_secrets (StreamerApplication *self);

/**
 * streamer_application_add_files:
 * @files: files and folders
 *
 * They join the queue as soon as the history is ready, with the settings as they are then. What
 * cannot is named in the window.
 */
void streamer_application_add_files (StreamerApplication *self, GFile **files, guint n_files);

/** Returns: (transfer none) */
StreamerHistory *streamer_application_get_history (StreamerApplication *self);

/** Uploads the file of @transfer once more, in the same way, as a transfer of its own. */
void streamer_application_upload_again (StreamerApplication *self, StreamerTransfer *transfer);
/** Uploads the file of @transfer, which failed because it exists, once more, over what is there. */
void streamer_application_replace (StreamerApplication *self, StreamerTransfer *transfer);

/** Returns: (transfer none) (nullable) */
StreamerTransfer *streamer_application_find_transfer (StreamerApplication *self, const char *id);

/** Whether the user wants uploads to go on without a window; asked once. */
gboolean streamer_application_get_keep_uploading (StreamerApplication *self);
void streamer_application_set_keep_uploading (StreamerApplication *self, gboolean keep);

/**
 * Closes the windows, stops what is under way, which goes on when the program is started again, and
 * quits.
 */
void streamer_application_stop_and_quit (StreamerApplication *self);

G_END_DECLS
