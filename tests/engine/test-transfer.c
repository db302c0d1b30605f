/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "test-flow.h"

#define PART 1000

typedef struct
{
  TestFlow flow;
  StreamerPool *pool;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  test_flow_set_up (&fixture->flow);
  fixture->flow.target->part_size = PART;
  fixture->pool = streamer_pool_new (4);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->pool);
  test_flow_tear_down (&fixture->flow);
}

static StreamerTransfer *
make_transfer (Fixture *fixture, const char *name, GBytes *bytes)
{
  g_autoptr (GFile) file = test_flow_write (&fixture->flow, name, bytes);

  return streamer_transfer_new_for_file (file, name, fixture->flow.target, fixture->pool, NULL);
}

static void
test_arrives_whole (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, PART - 1, PART, PART + 1, 2 * PART, 57 * PART + 13 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);
      g_autoptr (GBytes) bytes = test_flow_make_bytes (sizes[i], i);
      g_autoptr (StreamerTransfer) transfer = make_transfer (fixture, name, bytes);

      streamer_transfer_start (transfer, 0);
      wait_until (streamer_transfer_is_over (transfer));
      g_assert_no_error (streamer_transfer_get_error (transfer));
      g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_DONE);
      test_flow_assert_object (&fixture->flow, name, bytes);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/transfer/arrives-whole", Fixture, NULL, set_up, test_arrives_whole, tear_down);
  return g_test_run ();
}
