/* streamer-setting-field.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-row-note.h"

G_BEGIN_DECLS

/**
 * StreamerSettingCheck:
 * @text: what was typed, without blanks around it
 * @kind: (out): how bad what is said is; STREAMER_NOTE_ERROR keeps it from being saved
 *
 * Returns: (transfer full) (nullable): what to say about @text; NULL where nothing needs saying
 */
typedef char *(*StreamerSettingCheck) (const char *text, StreamerNoteKind *kind);

#define STREAMER_TYPE_SETTING_FIELD (streamer_setting_field_get_type ())
G_DECLARE_FINAL_TYPE (StreamerSettingField,
                      streamer_setting_field,
                      STREAMER,
                      SETTING_FIELD,
                      GObject)

/**
 * streamer_setting_field_new:
 * @row: an AdwEntryRow; Enter or leaving it saves what was typed, where it can be used
 * @note: says what is wrong with it
 * @check: (nullable): NULL where everything can be used
 * @hint: (nullable): what the note says as long as the row is empty
 *
 * A text of the settings behind a row. Half of what is being typed is no error yet.
 */
StreamerSettingField *streamer_setting_field_new (GtkWidget *row,
                                                  StreamerRowNote *note,
                                                  GSettings *settings,
                                                  const char *key,
                                                  StreamerSettingCheck check,
                                                  const char *hint);

/** Saves what was typed. Returns: FALSE where it cannot be used */
gboolean streamer_setting_field_commit (StreamerSettingField *self);
/** Returns: (transfer full): what was typed, without blanks around it */
char *streamer_setting_field_get_text (StreamerSettingField *self);
void streamer_setting_field_grab_focus (StreamerSettingField *self);

/** A StreamerSettingCheck for where visitors download. */
char *streamer_setting_check_domain (const char *text, StreamerNoteKind *kind);

G_END_DECLS
