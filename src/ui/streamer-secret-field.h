/* streamer-secret-field.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-row-note.h"
#include "streamer-secrets.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_SECRET_FIELD (streamer_secret_field_get_type ())
G_DECLARE_FINAL_TYPE (StreamerSecretField, streamer_secret_field, STREAMER, SECRET_FIELD, GObject)

/**
 * streamer_secret_field_new:
 * @row: an AdwPasswordEntryRow; Enter or leaving it stores what was typed
 * @note: says whether a secret is there and whether it outlives this run
 * @forget: forgets it
 *
 * One secret of a connection behind a row for passwords. What is stored is never shown again: the
 * row takes a new secret only.
 *
 * Property: `busy` (boolean, read-only): the keyring has not answered yet.
 */
StreamerSecretField *streamer_secret_field_new (GtkWidget *row,
                                                StreamerRowNote *note,
                                                GtkWidget *forget,
                                                StreamerSecrets *secrets,
                                                const char *connection_id,
                                                StreamerSecretKind kind);

/** Stores what was typed, if anything was. */
void streamer_secret_field_commit (StreamerSecretField *self);
gboolean streamer_secret_field_get_busy (StreamerSecretField *self);

G_END_DECLS
