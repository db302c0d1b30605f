/* transfer-test.h: transfers in every state, for tests of the widgets that show them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "test-flow.h"
#include "ui-test.h"

#include "streamer-transfer-status.h"

G_BEGIN_DECLS

#define TRANSFER_TEST_PART_SIZE 1000

/* Parts of 1,000 bytes, so that small files have many. */
static inline void
transfer_test_set_up (TestFlow *flow)
{
  const StreamerLimits limits = { 1, 1000000, 10000, G_MAXINT64 };

  test_flow_set_up (flow);
  streamer_fake_store_set_limits (flow->store, &limits);
  flow->target->part_size = TRANSFER_TEST_PART_SIZE;
  flow->target->prefix = g_strdup ("films");
}

/* Returns: (transfer none): the queue's last one */
static inline StreamerTransfer *
transfer_test_add (TestFlow *flow, StreamerQueue *queue, const char *name, gsize size)
{
  GListModel *model = G_LIST_MODEL (queue);
  g_autoptr (GBytes) bytes = test_flow_make_bytes (size, 1);
  g_autoptr (GFile) file = test_flow_write (flow, name, bytes);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (StreamerTransfer) transfer = NULL;

  streamer_queue_add_async (queue, file, flow->target, NULL, ui_test_keep_result, &result);
  ui_test_wait (result != NULL);
  g_assert_cmpuint (streamer_queue_add_finish (queue, result, NULL), ==, 1);
  transfer = g_list_model_get_item (model, g_list_model_get_n_items (model) - 1);

  return transfer;
}

/* Cancels what is not over, so that everything can be freed. */
static inline void
transfer_test_end (TestFlow *flow, StreamerQueue *queue)
{
  g_autoptr (GAsyncResult) result = NULL;

  streamer_fake_store_clear_script (flow->store);
  streamer_queue_cancel_all_async (queue, ui_test_keep_result, &result);
  ui_test_wait (result != NULL);
  g_assert_true (streamer_queue_cancel_all_finish (queue, result, NULL));
}

static inline void
ui_test_collect (GtkWidget *widget, GType type, GPtrArray *found)
{
  if (!gtk_widget_get_visible (widget))
    return;
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    g_ptr_array_add (found, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    ui_test_collect (child, type, found);
}

/* Returns: (transfer container): the visible widgets of @type, in the order of the screen */
static inline GPtrArray *
ui_test_find_all (gpointer root, GType type)
{
  GPtrArray *found = g_ptr_array_new ();

  ui_test_collect (GTK_WIDGET (root), type, found);

  return found;
}

/* Whether a visible label says exactly @text, in which no-break spaces are plain ones. */
static inline gboolean
ui_test_says (gpointer root, const char *text)
{
  g_autoptr (GPtrArray) labels = ui_test_find_all (root, GTK_TYPE_LABEL);

  for (guint i = 0; i < labels->len; i++)
    {
      g_autoptr (GString) label = g_string_new (gtk_label_get_text (labels->pdata[i]));

      g_string_replace (label, "\u00a0", " ", 0);
      if (g_str_equal (label->str, text))
        return TRUE;
    }

  return FALSE;
}

/* Returns: the visible button with this action, or NULL */
static inline GtkWidget *
ui_test_find_action (gpointer root, const char *action)
{
  g_autoptr (GPtrArray) buttons = ui_test_find_all (root, GTK_TYPE_BUTTON);

  for (guint i = 0; i < buttons->len; i++)
    {
      if (g_strcmp0 (gtk_actionable_get_action_name (buttons->pdata[i]), action) == 0)
        return buttons->pdata[i];
    }

  return NULL;
}

G_END_DECLS
