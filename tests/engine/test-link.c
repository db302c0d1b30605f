/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-link.h"
#include "test-flow.h"

typedef struct
{
  TestFlow flow;
  StreamerPool *pool;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  test_flow_set_up (&fixture->flow);
  fixture->pool = streamer_pool_new (1);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->pool);
  test_flow_tear_down (&fixture->flow);
}

/* Returns: (transfer full) (nullable) */
static char *
get_link (Fixture *fixture, StreamerConnection *connection, const char *known, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  streamer_link_async (fixture->pool, connection, "films/a.mkv", known, NULL,
                       test_flow_store_result, &result);
  wait_until (result != NULL);
  return streamer_link_finish (fixture->pool, result, error);
}

static void
test_a_kept_link_is_as_good_as_new (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link =
      get_link (fixture, fixture->flow.connection, "https://example.org/old", NULL);

  g_assert_cmpstr (link, ==, "https://example.org/old");
  g_assert_cmpuint (streamer_fake_store_get_n_calls (fixture->flow.store, FAKE_LINK), ==, 0);
}

static void
test_without_one_the_store_is_asked (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = NULL;
  g_autoptr (GError) error = NULL;

  streamer_fake_store_set_object (fixture->flow.store, "films/a.mkv", "x");
  /* The first answer is lost. */
  streamer_fake_store_fail (fixture->flow.store, FAKE_LINK, 1, STREAMER_ERROR_NETWORK, TRUE);
  link = get_link (fixture, fixture->flow.connection, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (link, ==, "https://fake.example/films/a.mkv?expires=604800&signature=2");
  g_assert_cmpuint (streamer_fake_store_get_n_calls (fixture->flow.store, FAKE_LINK), ==, 2);
}

static void
test_what_is_gone_has_none (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (get_link (fixture, fixture->flow.connection, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
}

static void
test_a_domain_makes_it_without_a_store (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerConnection) connection = streamer_connection_new_request_api (
      "server", "Server", "http://127.0.0.1:9/", "https://files.example.org", secrets);
  g_autofree char *link = get_link (fixture, connection, NULL, NULL);

  g_assert_cmpstr (link, ==, "https://files.example.org/films/a.mkv");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add ("/link/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("a-kept-link-is-as-good-as-new", test_a_kept_link_is_as_good_as_new);
  ADD ("without-one-the-store-is-asked", test_without_one_the_store_is_asked);
  ADD ("what-is-gone-has-none", test_what_is_gone_has_none);
  ADD ("a-domain-makes-it-without-a-store", test_a_domain_makes_it_without_a_store);

  return g_test_run ();
}
