/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-progress-text.h"

static const StreamerProgressLook plain = { .columns = 80, .rows = 24 };

static void
assert_fit (const char *text, guint columns, gboolean unicode, const char *expected)
{
  g_autofree char *fitted = streamer_progress_text_fit (text, columns, unicode);

  g_assert_cmpstr (fitted, ==, expected);
  g_assert_cmpuint (streamer_progress_text_columns (fitted), <=, columns);
  g_assert_true (g_utf8_validate (fitted, -1, NULL));
}

static void
test_columns (void)
{
  g_assert_cmpuint (streamer_progress_text_columns (""), ==, 0);
  g_assert_cmpuint (streamer_progress_text_columns ("größe"), ==, 5);
  g_assert_cmpuint (streamer_progress_text_columns ("e\u0301"), ==, 1);
  g_assert_cmpuint (streamer_progress_text_columns ("日本"), ==, 4);
  g_assert_cmpuint (streamer_progress_text_columns ("\033[32mab\033[39m"), ==, 2);
}

static void
test_long_names_lose_their_middle (void)
{
  assert_fit ("short.iso", 9, TRUE, "short.iso");
  assert_fit ("a-rather-long-name.iso", 11, TRUE, "a-rat…e.iso");
  assert_fit ("a-rather-long-name.iso", 11, FALSE, "a-ra....iso");
  assert_fit ("abcdef", 1, TRUE, ".");
  assert_fit ("abcdef", 0, TRUE, "");
}

static void
test_wide_characters_are_not_cut_in_half (void)
{
  assert_fit ("日本語のなまえ", 8, TRUE, "日本…え");
  assert_fit ("日本語のなまえ", 7, TRUE, "日本…え");
}

static void
test_time_left (void)
{
  static const struct
  {
    gint64 seconds;
    const char *text;
  } cases[] = {
    { 0, "0 seconds left" },
    { 1, "1 second left" },
    { 59, "59 seconds left" },
    { 60, "about 1 minute left" },
    { 61, "about 2 minutes left" },
    { 3541, "about 1 hour left" },
    { 7200, "about 2 hours left" },
    { 200000, "about 3 days left" },
    { G_MAXINT64, "about 9999 days left" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = streamer_progress_text_time_left (cases[i].seconds);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_the_total (void)
{
  StreamerProgressTotal total = {
    .size = 4000000000, .sent = 1000000000, .speed = 38000000, .time_left = 79
  };
  g_auto (GStrv) lines = streamer_progress_text_lines (&total, NULL, 0, &plain);

  g_assert_cmpuint (g_strv_length (lines), ==, 1);
  g_assert_nonnull (strstr (lines[0], "####"));
  g_assert_nonnull (strstr (lines[0], " 25 %"));
  g_assert_nonnull (
      strstr (lines[0], "1.0\u00a0GB of 4.0\u00a0GB, 38.0\u00a0MB/s, about 2 minutes left"));
  g_assert_null (strchr (lines[0], '\033'));
  g_assert_null (strstr (lines[0], "files"));
}

static void
test_a_narrow_terminal_shows_less (void)
{
  StreamerProgressTotal total = {
    .size = 4000000000, .sent = 1000000000, .speed = 38000000, .time_left = 79, .files = 3
  };
  static const struct
  {
    guint columns;
    const char *last;
  } cases[] = {
    { 80, "0 of 3 files" },   { 70, "2 minutes left" }, { 58, "GB, about 2 minutes left" },
    { 40, "of 4.0\u00a0GB" }, { 20, "of 4.0\u00a0GB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      StreamerProgressLook look = { .columns = cases[i].columns, .rows = 24 };
      g_auto (GStrv) lines = streamer_progress_text_lines (&total, NULL, 0, &look);

      g_assert_true (g_str_has_suffix (lines[0], cases[i].last));
    }
}

static void
test_a_pipe_has_no_fraction (void)
{
  StreamerProgressTotal total = { .sent = 1000, .time_left = -1 };
  g_auto (GStrv) lines = streamer_progress_text_lines (&total, NULL, 0, &plain);

  g_assert_cmpstr (lines[0], ==, "1.0\u00a0kB");
}

static void
test_a_line_per_part (void)
{
  StreamerProgressTotal total = {
    .size = 100, .sent = 50, .time_left = -1, .files = 3, .files_over = 1
  };
  StreamerProgressPart parts[] = { { (char *) "a.iso", 7, 12, 0.5 }, { (char *) "-", 1, 0, 1 } };
  g_auto (GStrv) lines = streamer_progress_text_lines (&total, parts, 2, &plain);

  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_nonnull (strstr (lines[0], ", 1 of 3 files"));
  g_assert_cmpstr (lines[1], ==, "##########..........  50 %  part 7 of 12  a.iso");
  g_assert_cmpstr (lines[2], ==, "#################### 100 %  part 1  -");
}

/* Whatever the size, no line reaches the last column and the display leaves room for the cursor. */
static void
test_it_fits_any_terminal (void)
{
  StreamerProgressTotal total = {
    .size = 1u << 31, .sent = 1u << 30, .speed = 1 << 20, .time_left = 5000, .files = 100
  };
  StreamerProgressPart parts[64];

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    parts[i] = (StreamerProgressPart){ (char *) "日本語のなまえ-日本語のなまえ-日本語のなまえ.iso",
                                       i + 1, 10000, i / 64. };
  for (guint columns = 1; columns < 200; columns += columns < 60 ? 1 : 17)
    for (guint rows = 1; rows < 80; rows += 7)
      for (guint look = 0; look < 4; look++)
        {
          StreamerProgressLook terminal = { columns, rows, .unicode = look & 1,
                                            .color = (look & 2) != 0 };
          g_auto (GStrv) lines =
              streamer_progress_text_lines (&total, parts, G_N_ELEMENTS (parts), &terminal);

          g_assert_cmpuint (g_strv_length (lines), <=, MAX (rows - 1, 1));
          for (guint i = 0; lines[i] != NULL; i++)
            g_assert_cmpuint (streamer_progress_text_columns (lines[i]), <=, MAX (columns - 1, 1));
        }
}

static void
test_parts_without_room_are_counted (void)
{
  StreamerProgressTotal total = { .size = 100, .sent = 50, .time_left = -1 };
  StreamerProgressPart parts[9];
  StreamerProgressLook low = { .columns = 80, .rows = 6 };
  g_auto (GStrv) lines = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    parts[i] = (StreamerProgressPart){ (char *) "a", i + 1, 9, 0 };
  lines = streamer_progress_text_lines (&total, parts, G_N_ELEMENTS (parts), &low);
  g_assert_cmpuint (g_strv_length (lines), ==, 5);
  g_assert_cmpstr (lines[4], ==, "and 6 more parts");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/progress-text/columns", test_columns);
  g_test_add_func ("/progress-text/long-names-lose-their-middle",
                   test_long_names_lose_their_middle);
  g_test_add_func ("/progress-text/wide-characters-are-not-cut-in-half",
                   test_wide_characters_are_not_cut_in_half);
  g_test_add_func ("/progress-text/time-left", test_time_left);
  g_test_add_func ("/progress-text/the-total", test_the_total);
  g_test_add_func ("/progress-text/a-narrow-terminal-shows-less",
                   test_a_narrow_terminal_shows_less);
  g_test_add_func ("/progress-text/a-pipe-has-no-fraction", test_a_pipe_has_no_fraction);
  g_test_add_func ("/progress-text/a-line-per-part", test_a_line_per_part);
  g_test_add_func ("/progress-text/it-fits-any-terminal", test_it_fits_any_terminal);
  g_test_add_func ("/progress-text/parts-without-room-are-counted",
                   test_parts_without_room_are_counted);
  return g_test_run ();
}
