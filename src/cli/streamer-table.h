/* streamer-table.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * streamer_table_format:
 * @rows: (element-type GStrv): all of as many cells
 * @aligned: whether for the eye, in columns that are as wide as the widest cell; else with tabs
 *
 * Line breaks in cells become blanks.
 *
 * Returns: (transfer full): one line for each row
 */
char **streamer_table_format (GPtrArray *rows, gboolean aligned);

/** Returns: (transfer full): @time, µs since the epoch, in the local time; "–" for 0 */
char *streamer_table_format_time (gint64 time);

G_END_DECLS
