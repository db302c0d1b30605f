/* streamer-progress-text.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerProgressPart:
 * @name: of the file, for the eye
 * @number: of the part, from 1
 * @n_parts: of the file; 0 while unknown
 * @fraction: 0 to 1
 */
typedef struct
{
  char *name;
  guint number;
  guint n_parts;
  double fraction;
} StreamerProgressPart;

void streamer_progress_part_clear (StreamerProgressPart *part);

/**
 * StreamerProgressTotal:
 * @size: bytes, or 0 while unknown
 * @sent: bytes
 * @speed: bytes per second
 * @time_left: seconds, or -1 while unknown
 * @files_over: of @files
 */
typedef struct
{
  guint64 size;
  guint64 sent;
  guint64 speed;
  gint64 time_left;
  guint files_over;
  guint files;
} StreamerProgressTotal;

/**
 * StreamerProgressLook:
 * @columns: of the terminal
 * @rows: of the terminal
 * @unicode: whether block characters and the ellipsis can be shown
 * @color: whether escape sequences for color may be used
 */
typedef struct
{
  guint columns;
  guint rows;
  gboolean unicode;
  gboolean color;
} StreamerProgressLook;

/** Returns: how many columns of a terminal @text takes; escape sequences take none */
guint streamer_progress_text_columns (const char *text);

/** Returns: (transfer full): @text cut in its middle so that it takes at most @columns */
char *streamer_progress_text_fit (const char *text, guint columns, gboolean unicode);

/** Returns: (transfer full): "about 3 minutes left" */
char *streamer_progress_text_time_left (gint64 seconds);

/**
 * streamer_progress_text_lines:
 * @parts: (array length=n_parts): the active ones
 *
 * Returns: (transfer full): the lines of the display: the total, then one per part, as many as
 *   there is room for; none of them as wide as the terminal
 */
char **streamer_progress_text_lines (const StreamerProgressTotal *total,
                                     const StreamerProgressPart *parts,
                                     guint n_parts,
                                     const StreamerProgressLook *look);

G_END_DECLS
