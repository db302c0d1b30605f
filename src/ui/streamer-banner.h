/* streamer-banner.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define STREAMER_TYPE_BANNER (streamer_banner_get_type ())
G_DECLARE_FINAL_TYPE (StreamerBanner, streamer_banner, STREAMER, BANNER, GtkWidget)

/**
 * StreamerBanner:
 *
 * A strip under the header for a condition that lasts, with one thing to do about it, where it has
 * a `button-label` (libadwaita
 * 1.2 has no AdwBanner). Properties: `title`, `button-label`, `action-name` (strings),
 * `revealed` (bool).
 */

G_END_DECLS
