/* streamer-accessible.c: the names by which buttons are read aloud
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-accessible.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

/* Icons of buttons that the libraries make without a tooltip. */
static const struct
{
  const char *icon;
  const char *name;
} known_icons[] = {
  { "window-close-symbolic", N_ ("Close") },
  { "edit-find-symbolic", N_ ("Search") },
  { "go-previous-symbolic", N_ ("Back") },
};

static const char *
find_name (GtkButton *button)
{
  const char *tooltip = gtk_widget_get_tooltip_text (GTK_WIDGET (button));
  const char *icon = gtk_button_get_icon_name (button);
  GtkWidget *child = gtk_button_get_child (button);

  if (tooltip != NULL)
    return tooltip;
  for (guint i = 0; icon != NULL && i < G_N_ELEMENTS (known_icons); i++)
    {
      if (g_str_equal (known_icons[i].icon, icon))
        return _ (known_icons[i].name);
    }

  return GTK_IS_LABEL (child) ? gtk_label_get_text (GTK_LABEL (child)) : NULL;
}

static void
name_button (GtkButton *button)
{
  const char *name;

  /* A label with a mnemonic labels its button by itself; the text that GTK sets beside it has the
   * underscore in it. */
  if (gtk_button_get_label (button) != NULL)
    {
      if (gtk_button_get_use_underline (button))
        gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
      return;
    }

  name = find_name (button);
  if (name != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
}

static void
on_children_changed (GListModel *children, guint position, guint removed, guint added)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (GtkWidget) child = g_list_model_get_item (children, i);

      streamer_accessible_name_buttons (child);
    }
}

/* A toast is made when its turn comes. */
static void
watch_toasts (GtkWidget *overlay)
{
  static const char key[] = "streamer-accessible-toasts";
  GListModel *children;

  if (g_object_get_data (G_OBJECT (overlay), key) != NULL)
    return;

  children = gtk_widget_observe_children (overlay);
  g_signal_connect (children, "items-changed", G_CALLBACK (on_children_changed), NULL);
  g_object_set_data_full (G_OBJECT (overlay), key, children, g_object_unref);
}

void
streamer_accessible_name_buttons (GtkWidget *root)
{
  g_return_if_fail (GTK_IS_WIDGET (root));

  if (GTK_IS_BUTTON (root))
    name_button (GTK_BUTTON (root));
  if (ADW_IS_TOAST_OVERLAY (root))
    watch_toasts (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    streamer_accessible_name_buttons (child);
}
