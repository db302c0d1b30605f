/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "test-flow.h"

typedef struct
{
  TestFlow flow;
  StreamerQueue *queue;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  test_flow_set_up (&fixture->flow);
  fixture->queue = streamer_queue_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->queue);
  test_flow_tear_down (&fixture->flow);
}

static guint
add (Fixture *fixture, GFile *file)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint n_added;

  streamer_queue_add_async (fixture->queue, file, fixture->flow.target, NULL,
                            test_flow_store_result, &result);
  wait_until (result != NULL);
  n_added = streamer_queue_add_finish (fixture->queue, result, &error);
  g_assert_no_error (error);
  return n_added;
}

static void
test_many_small_files_arrive (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = test_flow_path (&fixture->flow, "many");
  g_autoptr (GFile) folder = g_file_new_for_path (path);

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *name = g_strdup_printf ("many/%u/file-%u", i % 7, i);
      g_autoptr (GBytes) bytes = test_flow_make_bytes (i % 100, i);
      g_autoptr (GFile) file = test_flow_write (&fixture->flow, name, bytes);
    }

  g_assert_cmpuint (add (fixture, folder), ==, 2000);
  wait_until (streamer_queue_is_idle (fixture->queue));
  g_assert_cmpuint (streamer_fake_store_get_n_objects (fixture->flow.store), ==, 2000);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (fixture->flow.store), ==, 0);
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *name = g_strdup_printf ("many/%u/file-%u", i % 7, i);
      g_autoptr (GBytes) bytes = test_flow_make_bytes (i % 100, i);

      test_flow_assert_object (&fixture->flow, name, bytes);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/queue/many-small-files-arrive", Fixture, NULL, set_up, test_many_small_files_arrive,
              tear_down);
  return g_test_run ();
}
