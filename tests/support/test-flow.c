/* test-flow.c: what a test of transfers and queues stands on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-flow.h"

#include <ftw.h>
#include <glib/gstdio.h>

void
test_flow_set_up (TestFlow *flow)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);

  flow->folder = g_dir_make_tmp ("streamer-test-XXXXXX", &error);
  g_assert_no_error (error);
  flow->store = streamer_fake_store_new ();
  flow->connection =
      streamer_connection_new_for_store ("test", STREAMER_STORE (flow->store), secrets);
  flow->target = streamer_target_new (flow->connection);
  g_free (flow->target->tmp);
  flow->target->tmp = g_strdup (flow->folder);
  g_object_add_weak_pointer (G_OBJECT (flow->store), (gpointer *) &flow->store);
}

static int
remove_one (const char *path, const struct stat *info, int type, struct FTW *way)
{
  return g_remove (path);
}

void
test_flow_tear_down (TestFlow *flow)
{
  StreamerFakeStore *store = flow->store;

  streamer_target_unref (flow->target);
  g_object_unref (flow->connection);
  /* Ours is the last reference, once the workers' last jobs are freed. */
  wait_until (G_OBJECT (store)->ref_count == 1);
  g_object_unref (store);
  g_assert_null (flow->store);
  g_assert_cmpint (nftw (flow->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_free (flow->folder);
}

char *
test_flow_path (TestFlow *flow, const char *name)
{
  return g_build_filename (flow->folder, name, NULL);
}

GBytes *
test_flow_make_bytes (gsize size, guint seed)
{
  guint8 *data = g_malloc (MAX (size, 1));
  guint32 value = seed * 2654435761u + 1;

  for (gsize i = 0; i < size; i++)
    {
      value = value * 1664525u + 1013904223u;
      data[i] = (guint8) (value >> 24);
    }
  return g_bytes_new_take (data, size);
}

GFile *
test_flow_write (TestFlow *flow, const char *name, GBytes *bytes)
{
  g_autofree char *path = test_flow_path (flow, name);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                       &error);
  g_assert_no_error (error);
  return g_file_new_for_path (path);
}

void
test_flow_assert_object (TestFlow *flow, const char *key, GBytes *bytes)
{
  g_autoptr (GBytes) object = streamer_fake_store_get_object (flow->store, key);

  if (object == NULL)
    g_error ("nothing is stored under %s", key);
  g_assert_cmpmem (g_bytes_get_data (object, NULL), g_bytes_get_size (object),
                   g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

void
test_flow_store_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}
