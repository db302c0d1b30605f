/* streamer-accessible.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * streamer_accessible_name_buttons:
 * @root: a widget that is complete
 *
 * Gives the buttons below @root the names by which they are read aloud, also those that the
 * libraries made: a button with an icon is called what its tooltip says (GTK 4.8 would say
 * "GtkImage"), and one with a mnemonic is read without the underscore and once. Toasts that come
 * later are included.
 */
void streamer_accessible_name_buttons (GtkWidget *root);

G_END_DECLS
