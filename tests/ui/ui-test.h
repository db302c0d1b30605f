/* ui-test.h: what tests of widgets share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

static inline gboolean
ui_test_give_up (gpointer condition)
{
  g_error ("waited in vain for %s", (const char *) condition);

  return G_SOURCE_REMOVE;
}

static inline gboolean
ui_test_look_again (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

/**
 * ui_test_wait:
 * @condition: an expression
 *
 * Runs the main loop until @condition holds, which may be brought about by another thread, too. A
 * minute is the end of a test that fails, never the pace of one that passes.
 */
#define ui_test_wait(condition)                                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint deadline_ = g_timeout_add_seconds (60, ui_test_give_up, (gpointer) #condition);          \
    guint tick_ = g_timeout_add (20, ui_test_look_again, NULL);                                    \
    while (!(condition))                                                                           \
      g_main_context_iteration (NULL, TRUE);                                                       \
    g_source_remove (tick_);                                                                       \
    g_source_remove (deadline_);                                                                   \
  }                                                                                                \
  G_STMT_END

static inline void
ui_test_init (int *argc, char ***argv)
{
  gtk_test_init (argc, argv, NULL);
  adw_init ();
}

/* What the .ui file calls @name in the template of @type. */
static inline gpointer
ui_test_child (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (widget), type, name);

  g_assert_nonnull (child);

  return child;
}

static inline void
ui_test_keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (result);
}

G_END_DECLS
