/* streamer-expiry-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define STREAMER_TYPE_EXPIRY_ROW (streamer_expiry_row_get_type ())
G_DECLARE_FINAL_TYPE (StreamerExpiryRow, streamer_expiry_row, STREAMER, EXPIRY_ROW, AdwComboRow)

/**
 * StreamerExpiryRow:
 *
 * For how long a link works, to choose from a few times. Property: `seconds` (int); a time that is
 * none of those joins them.
 */

G_END_DECLS
