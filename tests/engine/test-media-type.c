/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-media-type.h"

static void
test_types (void)
{
  static const char *const good[] = {
    "text/html",
    "application/vnd.oasis.opendocument.text",
    "image/svg+xml",
    "text/html;charset=utf-8",
    "text/html ; charset=\"a b\"; x=y",
    "x/y;",
  };
  static const char *const bad[] = {
    "",
    "text",
    "/html",
    "text/",
    " text/html",
    "text/html ",
    "text /html",
    "text/ html",
    "text/html\n",
    "text/h\ttml",
    "text/hütml",
    "text/a/b",
    "text/a b",
    "text/a;\r\nx",
    "te(xt)/html",
    "text/html, text/plain",
  };
  g_autofree char *many = g_strnfill (250, 'a');
  g_autofree char *longest = g_strconcat ("a/bcd", many, NULL);
  g_autofree char *too_long = g_strconcat ("a/bcde", many, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (streamer_media_type_is_valid (good[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (streamer_media_type_is_valid (bad[i]));
  g_assert_true (streamer_media_type_is_valid (longest));
  g_assert_false (streamer_media_type_is_valid (too_long));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/media-type/types", test_types);
  return g_test_run ();
}
