/* test-flow.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fake-store.h"
#include "streamer-queue.h"

G_BEGIN_DECLS

/* Runs the main loop until @condition holds. */
#define wait_until(condition)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    while (!(condition))                                                                           \
      g_main_context_iteration (NULL, TRUE);                                                       \
  }                                                                                                \
  G_STMT_END

/**
 * TestFlow:
 *
 * What a test of transfers and queues stands on: a folder of its own, a fake store, a connection
 * to it, a target.
 */
typedef struct
{
  char *folder; /* (owned) (type filename) */
  StreamerFakeStore *store;
  StreamerConnection *connection;
  StreamerTarget *target;
} TestFlow;

void test_flow_set_up (TestFlow *flow);
/** Everything that was made of it has to be gone, or the test fails. */
void test_flow_tear_down (TestFlow *flow);

/** Returns: (transfer full) (type filename) */
char *test_flow_path (TestFlow *flow, const char *name);
/** Returns: (transfer full): the bytes, which differ from place to place and from file to file */
GBytes *test_flow_make_bytes (gsize size, guint seed);
/** Writes the file, and the folders above it. Returns: (transfer full) */
GFile *test_flow_write (TestFlow *flow, const char *name, GBytes *bytes);
/** Fails where the store has not exactly these bytes under @key. */
void test_flow_assert_object (TestFlow *flow, const char *key, GBytes *bytes);

/** A callback that sets the GAsyncResult pointer given as user data. */
void test_flow_store_result (GObject *object, GAsyncResult *result, gpointer user_data);

G_END_DECLS
