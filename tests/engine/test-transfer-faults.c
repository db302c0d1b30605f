/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every fault at every call: the 1st, the 2nd, the 3rd … until a run meets it no more. Whatever
 * happens, the object is there whole or not at all, and nothing else is left in the store.
 */

#include "test-flow.h"

#define PART    1000
#define N_PARTS 4
#define WORKERS 2

typedef struct
{
  FakeOperation operation;
  StreamerError code;
  gboolean lost;
} Fault;

typedef struct
{
  TestFlow flow;
  StreamerPool *pool;
  GFile *file;
  GBytes *bytes;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  test_flow_set_up (&fixture->flow);
  fixture->flow.target->part_size = PART;
  fixture->pool = streamer_pool_new (WORKERS);
  fixture->bytes = test_flow_make_bytes (N_PARTS * PART - 1, 7);
  fixture->file = test_flow_write (&fixture->flow, "file", fixture->bytes);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->file);
  g_bytes_unref (fixture->bytes);
  g_object_unref (fixture->pool);
  test_flow_tear_down (&fixture->flow);
}

static gboolean
stands (StreamerTransfer *transfer)
{
  StreamerTransferState state = streamer_transfer_get_state (transfer);

  return (streamer_transfer_is_over (transfer) || state == STREAMER_TRANSFER_NEEDS_TOKEN) &&
         !streamer_transfer_is_busy (transfer);
}

/* One pause on the way, so that there is something to list. */
static void
run_with_a_pause (Fixture *fixture, StreamerTransfer *transfer)
{
  StreamerFakeStore *store = fixture->flow.store;
  guint n_put = streamer_fake_store_get_n_calls (store, FAKE_PUT_PART);

  for (guint i = 3; i < 3 + WORKERS; i++)
    streamer_fake_store_block (store, FAKE_PUT_PART, n_put + i);
  streamer_transfer_start (transfer, 0);
  wait_until (stands (transfer) || streamer_fake_store_get_n_blocked (store) > 0);
  if (!stands (transfer))
    {
      streamer_transfer_pause (transfer);
      wait_until (!streamer_transfer_is_busy (transfer));
      if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_PAUSED)
        {
          streamer_fake_store_let_on (store);
          streamer_transfer_resume (transfer);
          streamer_transfer_start (transfer, 0);
        }
    }
  wait_until (stands (transfer));
}

static void
go_on_without_the_fault (Fixture *fixture, StreamerTransfer *transfer, const Fault *fault)
{
  g_assert_error (streamer_transfer_get_error (transfer), STREAMER_ERROR, (int) fault->code);
  g_assert_true (streamer_transfer_can_resume (transfer));
  streamer_transfer_resume (transfer);
  streamer_transfer_start (transfer, 0);
  wait_until (stands (transfer));
}

/* Returns: whether the fault was met */
static gboolean
try_nth (Fixture *fixture, const Fault *fault, guint nth)
{
  g_autoptr (StreamerFakeStore) store = g_object_ref (fixture->flow.store);
  g_autoptr (StreamerTransfer) transfer = NULL;
  g_autofree char *key =
      g_strdup_printf ("%u-%u-%d-%u", fault->operation, fault->code, fault->lost, nth);
  guint before = streamer_fake_store_get_n_calls (store, fault->operation);
  gboolean met;

  transfer = streamer_transfer_new_for_file (fixture->file, key, fixture->flow.target,
                                             fixture->pool, NULL);
  streamer_fake_store_fail (store, fault->operation, before + nth, fault->code, fault->lost);
  run_with_a_pause (fixture, transfer);
  met = streamer_fake_store_get_n_calls (store, fault->operation) >= before + nth;
  streamer_fake_store_clear_script (store);

  g_test_message ("%s: %s", key,
                  streamer_transfer_get_error (transfer) != NULL
                      ? streamer_transfer_get_error (transfer)->message
                      : "done");
  if (streamer_transfer_get_state (transfer) != STREAMER_TRANSFER_DONE)
    go_on_without_the_fault (fixture, transfer, fault);
  g_assert_no_error (streamer_transfer_get_error (transfer));
  g_assert_cmpint (streamer_transfer_get_state (transfer), ==, STREAMER_TRANSFER_DONE);
  test_flow_assert_object (&fixture->flow, key, fixture->bytes);
  g_assert_cmpuint (streamer_fake_store_get_n_uploads (store), ==, 0);
  return met;
}

static void
try_all (Fixture *fixture, StreamerError code, gboolean lost)
{
  for (guint operation = FAKE_GET_LIMITS; operation <= FAKE_FINISH; operation++)
    {
      Fault fault = { .operation = operation, .code = code, .lost = lost };
      guint nth = 1;

      while (try_nth (fixture, &fault, nth))
        nth++;
      g_assert_cmpuint (nth, >, 1);
    }
}

static void
test_fault_at_any_call (Fixture *fixture, gconstpointer data)
{
  try_all (fixture, (StreamerError) GPOINTER_TO_INT (data), FALSE);
}

/* A lost answer says nothing of what the server did. */
static void
test_lost_answer_at_any_call (Fixture *fixture, gconstpointer data)
{
  try_all (fixture, (StreamerError) GPOINTER_TO_INT (data), TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (int code = STREAMER_ERROR_FAILED; code <= STREAMER_ERROR_SHORT; code++)
    {
      g_autofree char *path = g_strdup_printf ("/transfer-faults/fault-at-any-call/%d", code);

      g_test_add (path, Fixture, GINT_TO_POINTER (code), set_up, test_fault_at_any_call, tear_down);
    }
  g_test_add ("/transfer-faults/lost-answer-at-any-call/network", Fixture,
              GINT_TO_POINTER (STREAMER_ERROR_NETWORK), set_up, test_lost_answer_at_any_call,
              tear_down);
  g_test_add ("/transfer-faults/lost-answer-at-any-call/protocol", Fixture,
              GINT_TO_POINTER (STREAMER_ERROR_PROTOCOL), set_up, test_lost_answer_at_any_call,
              tear_down);
  g_test_add ("/transfer-faults/lost-answer-at-any-call/busy", Fixture,
              GINT_TO_POINTER (STREAMER_ERROR_BUSY), set_up, test_lost_answer_at_any_call,
              tear_down);
  return g_test_run ();
}
