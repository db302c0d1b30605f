/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-policy.h"

#include "streamer-error.h"

static StreamerPolicy *
make_policy (void)
{
  const char *const prefixes[] = { "team-a", "public/in", NULL };
  StreamerPolicy *policy = streamer_policy_new ();

  streamer_policy_add_principal (policy, "alice", "token-of-alice", prefixes,
                                 STREAMER_RIGHT_CREATE | STREAMER_RIGHT_LINK);
  streamer_policy_add_principal (policy, "root", "token-of-root", NULL, STREAMER_RIGHTS_ALL);
  return policy;
}

static void
test_token_names_who_asks (void)
{
  g_autoptr (StreamerPolicy) policy = make_policy ();
  const char *good[] = { "Bearer token-of-alice", "bearer token-of-alice",
                         "Bearer   token-of-alice" };
  g_autoptr (StreamerPrincipal) root = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (StreamerPrincipal) alice =
          streamer_policy_authenticate (policy, good[i], NULL, NULL);

      g_assert_cmpstr (alice->name, ==, "alice");
    }
  root = streamer_policy_authenticate (policy, "Bearer token-of-root", NULL, NULL);
  g_assert_cmpstr (root->name, ==, "root");
}

static void
test_other_tokens_are_refused (void)
{
  g_autoptr (StreamerPolicy) policy = make_policy ();
  const char *wrong[] = { NULL,
                          "",
                          "Bearer",
                          "Bearer ",
                          "token-of-alice",
                          "Basic token-of-alice",
                          "Bearer token-of-alic",
                          "Bearer token-of-alicee",
                          "Bearer Token-of-alice",
                          "Bearer token-of-alice x" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (streamer_policy_authenticate (policy, wrong[i], NULL, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH);
    }
}

static void
test_prefixes_are_whole_segments (void)
{
  g_autoptr (StreamerPolicy) policy = make_policy ();
  g_autoptr (StreamerPrincipal) alice =
      streamer_policy_authenticate (policy, "Bearer token-of-alice", NULL, NULL);
  g_autoptr (StreamerPrincipal) root =
      streamer_policy_authenticate (policy, "Bearer token-of-root", NULL, NULL);
  const char *inside[] = { "team-a/x", "team-a/x/y", "public/in/z" };
  const char *outside[] = { "team-ab/x", "team-b/x", "public/inn/z", "public/x", "x/team-a/y" };

  for (gsize i = 0; i < G_N_ELEMENTS (inside); i++)
    g_assert_true (streamer_policy_check (alice, STREAMER_RIGHT_CREATE, inside[i], NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (streamer_policy_check (alice, 0, outside[i], &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
      g_assert_cmpstr (error->message, ==, "No access to the specified path.");
      g_assert_true (streamer_policy_check (root, STREAMER_RIGHTS_ALL, outside[i], NULL));
    }
}

static void
test_each_right_is_needed (void)
{
  g_autoptr (StreamerPolicy) policy = make_policy ();
  g_autoptr (StreamerPrincipal) alice =
      streamer_policy_authenticate (policy, "Bearer token-of-alice", NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (streamer_policy_check (alice, 0, "team-a/x", NULL));
  g_assert_true (streamer_policy_check (alice, STREAMER_RIGHT_LINK, "team-a/x", NULL));
  g_assert_false (streamer_policy_check (alice, STREAMER_RIGHT_REMOVE, "team-a/x", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
  g_assert_false (streamer_policy_check (alice, STREAMER_RIGHT_CREATE | STREAMER_RIGHT_OVERWRITE,
                                         "team-a/x", NULL));
}

static StreamerPolicy *
make_other_policy (void)
{
  StreamerPolicy *policy = streamer_policy_new ();
  const StreamerAllowance allowance = { .quota = 7 };
  g_autoptr (StreamerPrincipal) alice =
      streamer_principal_new ("alice", NULL, STREAMER_RIGHT_REMOVE, &allowance);
  StreamerTokenHash hash;

  streamer_token_hash_compute ("new-token-of-alice", &hash);
  streamer_policy_add_token (policy, alice, &hash);
  return policy;
}

static void
test_another_takes_its_place (void)
{
  g_autoptr (StreamerPolicy) policy = make_policy ();
  g_autoptr (StreamerPrincipal) before =
      streamer_policy_authenticate (policy, "Bearer token-of-alice", NULL, NULL);
  g_autoptr (StreamerPrincipal) behind = NULL;

  g_assert_cmpuint (streamer_policy_get_allowance (policy, "alice").quota, ==, G_MAXUINT64);
  streamer_policy_replace (policy, make_other_policy ());
  g_assert_cmpuint (streamer_policy_get_allowance (policy, "alice").quota, ==, 7);
  g_assert_null (streamer_policy_authenticate (policy, "Bearer token-of-alice", NULL, NULL));
  g_assert_null (streamer_policy_authenticate (policy, "Bearer token-of-root", NULL, NULL));
  behind = streamer_policy_authenticate (policy, "Bearer new-token-of-alice", NULL, NULL);
  g_assert_true (streamer_policy_check (behind, STREAMER_RIGHT_REMOVE, "x", NULL));
  /* Who has begun goes on with what held then. */
  g_assert_true (streamer_policy_check (before, STREAMER_RIGHT_CREATE, "team-a/x", NULL));
}

typedef struct
{
  StreamerPolicy *policy;
  gint is_over; /* atomic */
  guint n_wrong;
} Asker;

static gpointer
ask (gpointer data)
{
  Asker *asker = data;

  while (!g_atomic_int_get (&asker->is_over))
    {
      g_autoptr (StreamerPrincipal) old =
          streamer_policy_authenticate (asker->policy, "Bearer token-of-alice", NULL, NULL);
      g_autoptr (StreamerPrincipal) new =
          streamer_policy_authenticate (asker->policy, "Bearer new-token-of-alice", NULL, NULL);
      guint64 quota = streamer_policy_get_allowance (asker->policy, "alice").quota;

      asker->n_wrong += (old && old->rights == STREAMER_RIGHT_REMOVE) ||
                        (new &&new->rights != STREAMER_RIGHT_REMOVE) ||
                        (quota != 7 && quota != G_MAXUINT64);
    }
  return NULL;
}

static void
test_replaced_while_it_is_asked (void)
{
  g_autoptr (StreamerPolicy) policy = make_policy ();
  Asker askers[3];
  GThread *threads[G_N_ELEMENTS (askers)];

  for (gsize i = 0; i < G_N_ELEMENTS (askers); i++)
    {
      askers[i] = (Asker){ .policy = policy };
      threads[i] = g_thread_new ("ask", ask, &askers[i]);
    }
  for (guint i = 0; i < 2000; i++)
    streamer_policy_replace (policy, i % 2 ? make_policy () : make_other_policy ());
  for (gsize i = 0; i < G_N_ELEMENTS (askers); i++)
    {
      g_atomic_int_set (&askers[i].is_over, TRUE);
      g_thread_join (threads[i]);
      g_assert_cmpuint (askers[i].n_wrong, ==, 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/token-names-who-asks", test_token_names_who_asks);
  g_test_add_func ("/policy/other-tokens-are-refused", test_other_tokens_are_refused);
  g_test_add_func ("/policy/prefixes-are-whole-segments", test_prefixes_are_whole_segments);
  g_test_add_func ("/policy/each-right-is-needed", test_each_right_is_needed);
  g_test_add_func ("/policy/another-takes-its-place", test_another_takes_its_place);
  g_test_add_func ("/policy/replaced-while-it-is-asked", test_replaced_while_it_is_asked);
  return g_test_run ();
}
