/* streamer-row-note.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * StreamerNoteKind:
 * @STREAMER_NOTE_PLAIN: says how things are
 * @STREAMER_NOTE_WARNING: works, but the user should know
 * @STREAMER_NOTE_ERROR: the row above holds what cannot be used
 */
typedef enum
{
  STREAMER_NOTE_PLAIN,
  STREAMER_NOTE_WARNING,
  STREAMER_NOTE_ERROR,
} StreamerNoteKind;

#define STREAMER_TYPE_ROW_NOTE (streamer_row_note_get_type ())
G_DECLARE_FINAL_TYPE (StreamerRowNote, streamer_row_note, STREAMER, ROW_NOTE, AdwPreferencesRow)

/**
 * StreamerRowNote:
 *
 * One sentence below the row of a list that it belongs to (`row`); invisible without a text.
 */

/** @text: (nullable): a whole sentence, plain text; NULL or "" hides the note */
void streamer_row_note_set (StreamerRowNote *self, StreamerNoteKind kind, const char *text);
/** Returns: (transfer none): "" where there is none */
const char *streamer_row_note_get_text (StreamerRowNote *self);
StreamerNoteKind streamer_row_note_get_kind (StreamerRowNote *self);

G_END_DECLS
