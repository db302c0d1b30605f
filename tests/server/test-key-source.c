/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-key-source.h"

#include "jwt-maker.h"
#include "script-server.h"
#include "streamer-error.h"
#include "streamer-oidc.h"

static gint64 time_now = G_USEC_PER_SEC;
static JwtKey *first, *second;

static gint64
get_time (void)
{
  return time_now;
}

static void
pass_minutes (double minutes)
{
  time_now += (gint64) (minutes * 60 * G_USEC_PER_SEC);
}

static void
answer_with (ScriptServer *server, JwtKey *key)
{
  g_autofree char *text = jwt_key_describe (key, "");
  g_autofree char *set = g_strdup_printf ("{\"keys\":[%s]}", text);

  script_server_add_answer (server, 200, set);
}

static gboolean
has_key (StreamerKeySource *source, const char *kid)
{
  g_autoptr (StreamerJwkSet) set = streamer_key_source_get (source, kid, STREAMER_JWT_ES256, NULL);

  return set && streamer_jwk_set_find (set, kid, STREAMER_JWT_ES256);
}

static void
assert_busy (StreamerKeySource *source)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_key_source_get (source, "first", STREAMER_JWT_ES256, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
  g_assert_cmpint (streamer_error_get_retry_after (error), >, 0);
}

static void
test_unknown_names_ask_once_a_minute (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerKeySource) source =
      streamer_key_source_new_uri (script_server_get_url (server), get_time);

  answer_with (server, first);
  answer_with (server, second);
  g_assert_true (has_key (source, "first"));
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *kid = g_strdup_printf ("%u", i);

      g_assert_false (has_key (source, kid));
      g_assert_true (has_key (source, "first"));
    }
  g_assert_false (has_key (source, "second"));
  g_assert_cmpuint (script_server_count (server), ==, 1);
  pass_minutes (1.1);
  g_assert_true (has_key (source, "first"));
  g_assert_cmpuint (script_server_count (server), ==, 1);
  g_assert_true (has_key (source, "second"));
  g_assert_false (has_key (source, "first"));
  g_assert_cmpuint (script_server_count (server), ==, 2);
}

static void
test_keys_are_asked_for_again_after_an_hour (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerKeySource) source =
      streamer_key_source_new_uri (script_server_get_url (server), get_time);

  answer_with (server, first);
  answer_with (server, second);
  g_assert_true (has_key (source, "first"));
  pass_minutes (61);
  g_assert_false (has_key (source, "first"));
  g_assert_true (has_key (source, "second"));
}

static void
test_keys_outlive_a_provider_that_is_away (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerKeySource) source =
      streamer_key_source_new_uri (script_server_get_url (server), get_time);

  answer_with (server, first);
  for (guint i = 0; i < 30; i++)
    script_server_add_answer (server, 503, "away");
  g_assert_true (has_key (source, "first"));
  for (guint hour = 1; hour < 24; hour++)
    {
      pass_minutes (60.5);
      g_assert_true (has_key (source, "first"));
    }
  pass_minutes (60);
  assert_busy (source);
}

static void
test_bad_answers_are_not_keys (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerKeySource) source =
      streamer_key_source_new_uri (script_server_get_url (server), get_time);
  const ScriptStep elsewhere = {
    .answer = "HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n"
  };
  const ScriptStep endless = { .answer = "HTTP/1.1 200 OK\r\n\r\n",
                               .fill = 4 * 1024 * 1024,
                               .then = SCRIPT_CLOSE };

  script_server_add_answer (server, 200, "<html>");
  script_server_add (server, &elsewhere);
  script_server_add (server, &endless);
  script_server_add_answer (server, 404, "{\"keys\":[]}");
  answer_with (server, first);
  for (guint i = 0; i < 4; i++)
    {
      assert_busy (source);
      g_assert_cmpuint (script_server_count (server), ==, i + 1);
      assert_busy (source);
      pass_minutes (1.1);
    }
  g_assert_true (has_key (source, "first"));
}

static void
test_only_trusted_addresses (void)
{
  const char *good[] = { "https://issuer.example/jwks", "http://127.0.0.1:80/", "http://[::1]/x",
                         "http://localhost:8080/jwks" };
  const char *bad[] = { "http://issuer.example/jwks",
                        "http://127.0.0.1.example/",
                        "ftp://127.0.0.1/",
                        "https://",
                        "https://user:password@issuer.example/",
                        "/jwks",
                        "",
                        "http://10.0.0.1/" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (streamer_key_source_check_uri (good[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (streamer_key_source_check_uri (bad[i]));
}

typedef struct
{
  StreamerKeySource *source;
  guint n_found;
} Asker;

static gpointer
ask (gpointer data)
{
  Asker *asker = data;

  for (guint i = 0; i < 50; i++)
    asker->n_found += has_key (asker->source, i % 2 ? "first" : "unknown");
  return NULL;
}

static void
test_threads_share_one_answer (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerKeySource) source =
      streamer_key_source_new_uri (script_server_get_url (server), get_time);
  GThread *threads[8];
  Asker askers[8];

  answer_with (server, first);
  g_assert_true (has_key (source, "first"));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      askers[i] = (Asker){ .source = source };
      threads[i] = g_thread_new ("ask", ask, &askers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (askers[i].n_found, ==, 25);
    }
  g_assert_cmpuint (script_server_count (server), ==, 1);
}

static StreamerOidc *
make_oidc (StreamerKeySource *keys)
{
  g_auto (StreamerClaimRules) rules = { 0 };

  rules.issuer = g_strdup ("i");
  rules.audience = g_strsplit ("a", ";", -1);
  rules.audience_claims = g_strsplit ("aud", ";", -1);
  rules.prefixes = g_strsplit ("team-a", ";", -1);
  rules.rights = STREAMER_RIGHT_CREATE;
  return streamer_oidc_new (&rules, STREAMER_JWT_ES256, keys);
}

static gboolean
takes_token (StreamerOidc *oidc)
{
  g_autofree char *token = jwt_key_sign (first, "{'alg':'ES256','kid':'first'}",
                                         "{'iss':'i','aud':'a','sub':'1','exp':32503680000}");
  g_autoptr (StreamerPrincipal) principal = streamer_oidc_authenticate (oidc, token, NULL);

  return principal != NULL;
}

/* The provider answers once: whoever asks again gets nothing. */
static void
test_known_keys_outlive_another_configuration (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  const char *uri = script_server_get_url (server);
  StreamerOidc *before = make_oidc (streamer_key_source_new_uri (uri, get_time));
  StreamerOidc *behind = make_oidc (streamer_key_source_new_uri (uri, get_time));
  g_autofree char *other_uri = g_strconcat (uri, "/other", NULL);
  StreamerOidc *elsewhere = make_oidc (streamer_key_source_new_uri (other_uri, get_time));

  answer_with (server, first);
  script_server_add_answer (server, 503, "away");
  g_assert_true (takes_token (before));
  streamer_oidc_keep_keys (behind, before);
  streamer_oidc_keep_keys (elsewhere, before);
  streamer_oidc_free (before);
  g_assert_true (takes_token (behind));
  g_assert_cmpuint (script_server_count (server), ==, 1);
  g_assert_false (takes_token (elsewhere));
  g_assert_cmpuint (script_server_count (server), ==, 2);
  streamer_oidc_free (behind);
  streamer_oidc_free (elsewhere);
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  first = jwt_key_new ("first", TRUE, 0);
  second = jwt_key_new ("second", TRUE, 0);
  g_test_add_func ("/key-source/unknown-names-ask-once-a-minute",
                   test_unknown_names_ask_once_a_minute);
  g_test_add_func ("/key-source/keys-are-asked-for-again-after-an-hour",
                   test_keys_are_asked_for_again_after_an_hour);
  g_test_add_func ("/key-source/keys-outlive-a-provider-that-is-away",
                   test_keys_outlive_a_provider_that_is_away);
  g_test_add_func ("/key-source/bad-answers-are-not-keys", test_bad_answers_are_not_keys);
  g_test_add_func ("/key-source/only-trusted-addresses", test_only_trusted_addresses);
  g_test_add_func ("/key-source/known-keys-outlive-another-configuration",
                   test_known_keys_outlive_another_configuration);
  g_test_add_func ("/key-source/threads-share-one-answer", test_threads_share_one_answer);
  result = g_test_run ();
  jwt_key_free (first);
  jwt_key_free (second);
  return result;
}
