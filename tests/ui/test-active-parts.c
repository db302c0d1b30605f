/* test-active-parts.c: the parts that something happens to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-active-parts.h"

#include "streamer-plan.h"

static char *
describe (StreamerActiveParts *active)
{
  GListModel *model = G_LIST_MODEL (active);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerPart) part = g_list_model_get_item (model, i);

      g_string_append_printf (text, "%u ", streamer_part_get_number (part));
    }
  g_assert_null (g_list_model_get_item (model, g_list_model_get_n_items (model)));

  return g_string_free (text, FALSE);
}

static void
assert_parts (StreamerActiveParts *active, const char *expected)
{
  g_autofree char *text = NULL;

  streamer_active_parts_update (active);
  text = describe (active);
  g_assert_cmpstr (text, ==, expected);
}

static void
count_cb (guint *n_changes)
{
  (*n_changes)++;
}

static void
test_shows_what_moves_or_failed (void)
{
  const StreamerPlan plan = { 10000, 1, 10000 };
  g_autoptr (StreamerPartList) list = streamer_part_list_new (&plan);
  g_autoptr (StreamerActiveParts) active = streamer_active_parts_new (list);
  guint n_changes = 0;

  g_signal_connect_swapped (active, "items-changed", G_CALLBACK (count_cb), &n_changes);
  assert_parts (active, "");
  g_assert_cmpuint (n_changes, ==, 0);

  streamer_part_list_set_state (list, 3, STREAMER_PART_ACTIVE);
  streamer_part_list_set_state (list, 9999, STREAMER_PART_ACTIVE);
  streamer_part_list_set_state (list, 7, STREAMER_PART_RETRYING);
  streamer_part_list_set_state (list, 8, STREAMER_PART_FAILED);
  assert_parts (active, "3 7 8 9999 ");
  g_assert_cmpuint (n_changes, ==, 1);

  assert_parts (active, "3 7 8 9999 ");
  g_assert_cmpuint (n_changes, ==, 1);

  streamer_part_list_set_state (list, 3, STREAMER_PART_WAITING);
  streamer_part_list_set_state (list, 10, STREAMER_PART_ACTIVE);
  assert_parts (active, "7 8 10 9999 ");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/active-parts/shows-what-moves-or-failed", test_shows_what_moves_or_failed);

  return g_test_run ();
}
