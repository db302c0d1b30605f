/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-table.h"

static GPtrArray *
make_rows (void)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);

  g_ptr_array_add (rows, g_strsplit ("ID|NAME|REASON", "|", -1));
  g_ptr_array_add (rows, g_strsplit ("3f09|größe|", "|", -1));
  g_ptr_array_add (rows, g_strsplit ("1|日本|two\nlines", "|", -1));
  return rows;
}

static void
test_columns_are_as_wide_as_their_cells (void)
{
  g_autoptr (GPtrArray) rows = make_rows ();
  g_auto (GStrv) lines = streamer_table_format (rows, TRUE);

  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_cmpstr (lines[0], ==, "ID    NAME   REASON");
  g_assert_cmpstr (lines[1], ==, "3f09  größe  ");
  g_assert_cmpstr (lines[2], ==, "1     日本   two lines");
}

static void
test_programs_get_tabs (void)
{
  g_autoptr (GPtrArray) rows = make_rows ();
  g_auto (GStrv) lines = streamer_table_format (rows, FALSE);

  g_assert_cmpstr (lines[1], ==, "3f09\tgröße\t");
  g_assert_cmpstr (lines[2], ==, "1\t日本\ttwo lines");
}

static void
test_no_rows_are_no_lines (void)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  g_auto (GStrv) lines = streamer_table_format (rows, TRUE);

  g_assert_cmpuint (g_strv_length (lines), ==, 0);
}

static void
test_an_unknown_time_is_a_dash (void)
{
  g_autofree char *unknown = streamer_table_format_time (0);
  g_autofree char *known = streamer_table_format_time (G_USEC_PER_SEC);

  g_assert_cmpstr (unknown, ==, "–");
  g_assert_cmpuint (strlen (known), ==, strlen ("1970-01-01 00:00"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/table/columns-are-as-wide-as-their-cells",
                   test_columns_are_as_wide_as_their_cells);
  g_test_add_func ("/table/programs-get-tabs", test_programs_get_tabs);
  g_test_add_func ("/table/no-rows-are-no-lines", test_no_rows_are_no_lines);
  g_test_add_func ("/table/an-unknown-time-is-a-dash", test_an_unknown_time_is_a_dash);
  return g_test_run ();
}
