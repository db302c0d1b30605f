/* streamer-about.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** Shows what this program is. @parent: (nullable): the window on which it is modal */
void streamer_about_show (GtkWindow *parent);

G_END_DECLS
