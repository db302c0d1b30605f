/* streamer-quiet.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * streamer_quiet_containers:
 * @root: a widget that is complete
 *
 * Keeps what only holds other things from being read aloud: GTK 4.8 reads the name of the class of
 * whatever has no name of its own, also of what the libraries made.
 */
void streamer_quiet_containers (GtkWidget *root);

G_END_DECLS
