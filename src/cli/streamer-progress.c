/* streamer-progress.c: from transfers under way to the lines of the progress display
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-progress.h"

static void
add_part (GArray *parts, StreamerTransfer *transfer, guint number)
{
  GListModel *list = G_LIST_MODEL (streamer_transfer_get_parts (transfer));
  g_autoptr (StreamerPart) part = g_list_model_get_item (list, number - 1);
  StreamerProgressPart line = { 0 };

  line.name = g_strdup (streamer_transfer_get_name (transfer));
  line.number = number;
  line.n_parts = streamer_transfer_get_size (transfer) != STREAMER_SIZE_UNKNOWN
                     ? streamer_transfer_get_n_parts (transfer)
                     : 0;
  line.fraction = streamer_part_get_fraction (part);
  g_array_append_val (parts, line);
}

/* Parts are taken in order, so those under way are found near the first that is not done. */
static void
add_parts (GArray *parts, StreamerTransfer *transfer)
{
  StreamerPartList *list = streamer_transfer_get_parts (transfer);
  guint n_parts;
  guint left;

  if (list == NULL)
    return;
  n_parts = streamer_part_list_get_n_parts (list);
  left = streamer_part_list_count (list, STREAMER_PART_ACTIVE);
  for (guint number = 1; number <= n_parts && left > 0; number++)
    if (streamer_part_list_get_state (list, number) == STREAMER_PART_ACTIVE)
      {
        add_part (parts, transfer, number);
        left--;
      }
}

void
streamer_progress_draw (StreamerConsole *console,
                        const StreamerProgressTotal *total,
                        GPtrArray *active)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (StreamerProgressPart));
  g_auto (GStrv) lines = NULL;
  StreamerProgressLook look;

  if (!streamer_console_get_look (console, &look))
    return;
  g_array_set_clear_func (parts, (GDestroyNotify) streamer_progress_part_clear);
  for (guint i = 0; i < active->len; i++)
    add_parts (parts, g_ptr_array_index (active, i));
  lines = streamer_progress_text_lines (total, (const StreamerProgressPart *) parts->data,
                                        parts->len, &look);
  streamer_console_show (console, (const char *const *) lines);
}
