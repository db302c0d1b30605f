/* streamer-table.c: rows of text in columns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-table.h"

#include "streamer-progress-text.h"

#define GAP 2

/* Returns: (transfer full) (element-type guint): columns of a terminal */
static GArray *
measure (GPtrArray *rows)
{
  GArray *widths = g_array_new (FALSE, TRUE, sizeof (guint));

  for (guint i = 0; i < rows->len; i++)
    {
      char **cells = rows->pdata[i];

      for (guint column = 0; cells[column] != NULL; column++)
        {
          guint width = streamer_progress_text_columns (cells[column]);

          if (column >= widths->len)
            g_array_set_size (widths, column + 1);
          if (width > g_array_index (widths, guint, column))
            g_array_index (widths, guint, column) = width;
        }
    }
  return widths;
}

static void
append_cell (GString *line, const char *cell, guint width, gboolean is_last)
{
  guint columns = streamer_progress_text_columns (cell);

  g_string_append (line, cell);
  for (; !is_last && columns < width + GAP; columns++)
    g_string_append_c (line, ' ');
}

char **
streamer_table_format (GPtrArray *rows, gboolean aligned)
{
  g_autoptr (GArray) widths = measure (rows);
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();

  for (guint i = 0; i < rows->len; i++)
    {
      char **cells = rows->pdata[i];
      GString *line = g_string_new (NULL);

      for (guint column = 0; cells[column] != NULL; column++)
        if (aligned)
          append_cell (line, cells[column], g_array_index (widths, guint, column),
                       cells[column + 1] == NULL);
        else
          g_string_append_printf (line, "%s%s", column > 0 ? "\t" : "", cells[column]);
      g_string_replace (line, "\n", " ", 0);
      g_ptr_array_add (lines, g_string_free (line, FALSE));
    }
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}

char *
streamer_table_format_time (gint64 time)
{
  g_autoptr (GDateTime) when =
      time > 0 ? g_date_time_new_from_unix_local (time / G_USEC_PER_SEC) : NULL;

  return when != NULL ? g_date_time_format (when, "%Y-%m-%d %H:%M") : g_strdup ("–");
}
