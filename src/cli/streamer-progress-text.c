/* streamer-progress-text.c: what the progress display says, for a terminal of a given size
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure functions: they look at nothing but their arguments (and the language).
 */

#include <glib/gi18n-lib.h>

#include "streamer-progress-text.h"

#include <math.h>

#define BAR_MIN_COLUMNS  6
#define BAR_MAX_COLUMNS  40
#define NAME_MAX_COLUMNS 32

void
streamer_progress_part_clear (StreamerProgressPart *part)
{
  g_clear_pointer (&part->name, g_free);
}

static guint
char_columns (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
streamer_progress_text_columns (const char *text)
{
  guint columns = 0;

  while (*text != '\0')
    {
      if (*text == '\033')
        {
          text += strcspn (text, "m");
          text += *text != '\0';
          continue;
        }
      columns += char_columns (g_utf8_get_char (text));
      text = g_utf8_next_char (text);
    }
  return columns;
}

/* The end of a name says more than its middle (the extension), its beginning more than both. */
char *
streamer_progress_text_fit (const char *text, guint columns, gboolean unicode)
{
  const char *dots = unicode ? "…" : "...";
  guint dots_columns = unicode ? 1 : 3;
  const char *head = text;
  const char *tail = text + strlen (text);
  guint head_columns = 0;
  guint tail_columns = 0;
  guint room;

  if (streamer_progress_text_columns (text) <= columns)
    return g_strdup (text);
  if (columns <= dots_columns)
    return g_strndup ("...", columns);
  room = columns - dots_columns;
  while (tail > text)
    {
      const char *previous = g_utf8_prev_char (tail);

      if (tail_columns + char_columns (g_utf8_get_char (previous)) > room / 2)
        break;
      tail_columns += char_columns (g_utf8_get_char (previous));
      tail = previous;
    }
  while (head_columns + char_columns (g_utf8_get_char (head)) <= room - tail_columns)
    {
      head_columns += char_columns (g_utf8_get_char (head));
      head = g_utf8_next_char (head);
    }
  return g_strdup_printf ("%.*s%s%s", (int) (head - text), text, dots, tail);
}

char *
streamer_progress_text_time_left (gint64 seconds)
{
  guint64 minutes = ((guint64) seconds + 59) / 60;
  guint64 hours = (minutes + 59) / 60;

  if (seconds < 60)
    return g_strdup_printf (ngettext ("%u second left", "%u seconds left", (gulong) seconds),
                            (guint) seconds);
  if (minutes < 60)
    return g_strdup_printf (
        ngettext ("about %u minute left", "about %u minutes left", (gulong) minutes),
        (guint) minutes);
  if (hours < 48)
    return g_strdup_printf (ngettext ("about %u hour left", "about %u hours left", (gulong) hours),
                            (guint) hours);
  return g_strdup_printf (
      ngettext ("about %u day left", "about %u days left", (gulong) ((hours + 23) / 24)),
      (guint) MIN ((hours + 23) / 24, 9999));
}

static char *
make_bar (double fraction, guint columns, const StreamerProgressLook *look)
{
  guint full = (guint) floor (CLAMP (fraction, 0, 1) * columns);
  GString *bar = g_string_new (look->color ? "\033[32m" : NULL);

  for (guint i = 0; i < columns; i++)
    {
      if (i == full && look->color)
        g_string_append (bar, "\033[39m");
      if (look->unicode)
        g_string_append (bar, i < full ? "█" : "░");
      else
        g_string_append_c (bar, i < full ? '#' : '.');
    }
  if (full >= columns && look->color)
    g_string_append (bar, "\033[39m");
  return g_string_free (bar, FALSE);
}

/* From all there is to say to what matters most. */
typedef enum
{
  DETAIL_ALL,
  DETAIL_NO_FILES,
  DETAIL_NO_SPEED,
  DETAIL_BYTES_ONLY,
} Detail;

static char *
describe_total (const StreamerProgressTotal *total, Detail detail)
{
  GString *text = g_string_new (NULL);
  g_autofree char *sent = g_format_size (total->sent);

  if (total->size > 0)
    {
      g_autofree char *size = g_format_size (total->size);

      /* Translators: bytes sent and bytes in all, as in "1.2 GB of 4.0 GB" */
      g_string_append_printf (text, _ ("%s of %s"), sent, size);
    }
  else
    g_string_append (text, sent);
  if (total->speed > 0 && detail < DETAIL_NO_SPEED)
    {
      g_autofree char *speed = g_format_size (total->speed);

      /* Translators: bytes per second, as in "38 MB/s" */
      g_string_append_printf (text, _ (", %s/s"), speed);
    }
  if (total->time_left >= 0 && detail < DETAIL_BYTES_ONLY)
    {
      g_autofree char *left = streamer_progress_text_time_left (total->time_left);

      g_string_append_printf (text, ", %s", left);
    }
  if (total->files > 1 && detail < DETAIL_NO_FILES)
    /* Translators: how many files are over, of how many */
    g_string_append_printf (text, _ (", %u of %u files"), total->files_over, total->files);
  return g_string_free (text, FALSE);
}

/* Begins with the bar where there is room for one. */
static char *
lay_out (double fraction, const char *text, guint bar_columns, const StreamerProgressLook *look)
{
  guint columns = look->columns > 1 ? look->columns - 1 : 1;
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *fitted = NULL;

  if (fraction >= 0 && bar_columns >= BAR_MIN_COLUMNS)
    {
      g_autofree char *bar = make_bar (fraction, bar_columns, look);

      g_string_append_printf (line, "%s %3u %%  ", bar,
                              (guint) floor (CLAMP (fraction, 0, 1) * 100));
    }
  fitted = streamer_progress_text_fit (
      text, columns - MIN (columns, streamer_progress_text_columns (line->str)), look->unicode);
  g_string_append (line, fitted);
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static guint
bar_columns_beside (guint text_columns, const StreamerProgressLook *look)
{
  guint taken = text_columns + strlen (" 100 %  ") + 1;

  return look->columns > taken ? MIN (look->columns - taken, BAR_MAX_COLUMNS) : 0;
}

static char *
total_line (const StreamerProgressTotal *total, const StreamerProgressLook *look)
{
  double fraction = total->size > 0 ? (double) total->sent / total->size : -1;
  guint bar_columns;

  for (Detail detail = DETAIL_ALL;; detail++)
    {
      g_autofree char *text = describe_total (total, detail);

      bar_columns = bar_columns_beside (streamer_progress_text_columns (text), look);
      if (bar_columns >= BAR_MIN_COLUMNS || detail == DETAIL_BYTES_ONLY)
        return lay_out (fraction, text, bar_columns, look);
    }
}

static char *
describe_part (const StreamerProgressPart *part, const StreamerProgressLook *look)
{
  g_autofree char *name = streamer_progress_text_fit (part->name, NAME_MAX_COLUMNS, look->unicode);

  if (part->n_parts > 0)
    /* Translators: number of a part, number of parts, name of the file */
    return g_strdup_printf (_ ("part %u of %u  %s"), part->number, part->n_parts, name);
  /* Translators: number of a part, name of the file */
  return g_strdup_printf (_ ("part %u  %s"), part->number, name);
}

char **
streamer_progress_text_lines (const StreamerProgressTotal *total,
                              const StreamerProgressPart *parts,
                              guint n_parts,
                              const StreamerProgressLook *look)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  guint room = look->rows > 3 ? look->rows - 3 : 0;
  guint shown = MIN (n_parts, room);
  guint widest = 0;
  guint bar_columns;

  for (guint i = 0; i < shown; i++)
    {
      g_ptr_array_add (texts, describe_part (&parts[i], look));
      widest = MAX (widest, streamer_progress_text_columns (g_ptr_array_index (texts, i)));
    }
  bar_columns = MIN (bar_columns_beside (widest, look), BAR_MAX_COLUMNS / 2);
  g_ptr_array_add (lines, total_line (total, look));
  for (guint i = 0; i < shown; i++)
    g_ptr_array_add (lines,
                     lay_out (parts[i].fraction, g_ptr_array_index (texts, i), bar_columns, look));
  if (shown < n_parts && room > 0)
    {
      g_autofree char *rest = g_strdup_printf (
          ngettext ("and %u more part", "and %u more parts", n_parts - shown), n_parts - shown);

      g_ptr_array_add (lines, lay_out (-1, rest, 0, look));
    }
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}
