/* streamer-quiet.c: what only holds other things is not read aloud
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-quiet.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

static void
set_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
name_widget (GtkWidget *widget)
{
  if (ADW_IS_STATUS_PAGE (widget))
    {
      GtkWidget *child = gtk_widget_get_first_child (widget);

      /* It takes the focus, so that keys scroll it. */
      if (GTK_IS_SCROLLED_WINDOW (child))
        set_name (child, adw_status_page_get_title (ADW_STATUS_PAGE (widget)));
    }
  else if (GTK_IS_SCROLLBAR (widget))
    {
      set_name (widget, _ ("Scroll"));
    }
  else if (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (widget)) ==
           GTK_ACCESSIBLE_ROLE_WIDGET)
    {
      set_name (widget, "");
    }
}

void
streamer_quiet_containers (GtkWidget *root)
{
  g_return_if_fail (GTK_IS_WIDGET (root));

  name_widget (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    streamer_quiet_containers (child);
}
