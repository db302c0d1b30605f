/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-secrets.h"

#include <glib/gstdio.h>

static char *self_path;

static void
assert_lookup (StreamerSecrets *secrets,
               const char *connection_id,
               StreamerSecretKind kind,
               const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *secret = streamer_secrets_lookup (secrets, connection_id, kind, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (secret, ==, expected);
}

static gboolean
put (StreamerSecrets *secrets,
     const char *connection_id,
     StreamerSecretKind kind,
     const char *secret)
{
  g_autoptr (GError) error = NULL;
  gboolean kept = -1;

  g_assert_true (
      streamer_secrets_store (secrets, connection_id, kind, secret, &kept, NULL, &error));
  g_assert_no_error (error);
  return kept;
}

static void
test_memory_keeps_connections_and_kinds_apart (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);

  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, NULL);
  g_assert_false (put (secrets, "one", STREAMER_SECRET_TOKEN, "token of one"));
  put (secrets, "one", STREAMER_SECRET_API_KEY, "key of one");
  put (secrets, "two", STREAMER_SECRET_TOKEN, "token of two");

  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, "token of one");
  assert_lookup (secrets, "one", STREAMER_SECRET_API_KEY, "key of one");
  assert_lookup (secrets, "two", STREAMER_SECRET_TOKEN, "token of two");
  assert_lookup (secrets, "two", STREAMER_SECRET_API_KEY, NULL);
}

static void
test_memory_replaces_and_forgets (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);

  put (secrets, "one", STREAMER_SECRET_TOKEN, "old");
  put (secrets, "one", STREAMER_SECRET_TOKEN, "new");
  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, "new");
  put (secrets, "one", STREAMER_SECRET_TOKEN, NULL);
  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, NULL);
}

static void
test_memory_asks_the_fallback_and_never_changes_it (void)
{
  g_autoptr (StreamerSecrets) fallback = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (fallback);

  put (fallback, "one", STREAMER_SECRET_TOKEN, "saved");
  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, "saved");
  put (secrets, "one", STREAMER_SECRET_TOKEN, "handed in");
  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, "handed in");
  assert_lookup (fallback, "one", STREAMER_SECRET_TOKEN, "saved");
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
test_asynchronous_calls_do_the_same (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (GAsyncResult) stored = NULL;
  g_autoptr (GAsyncResult) found = NULL;
  g_autoptr (GAsyncResult) missing = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *secret = NULL;
  gboolean kept = TRUE;

  streamer_secrets_store_async (secrets, "one", STREAMER_SECRET_TOKEN, "abc", NULL, take_result,
                                &stored);
  g_assert_true (streamer_secrets_store_finish (secrets, wait_for (&stored), &kept, &error));
  g_assert_no_error (error);
  g_assert_false (kept);

  streamer_secrets_lookup_async (secrets, "one", STREAMER_SECRET_TOKEN, NULL, take_result, &found);
  secret = streamer_secrets_lookup_finish (secrets, wait_for (&found), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (secret, ==, "abc");

  streamer_secrets_lookup_async (secrets, "two", STREAMER_SECRET_TOKEN, NULL, take_result,
                                 &missing);
  g_assert_null (streamer_secrets_lookup_finish (secrets, wait_for (&missing), &error));
  g_assert_no_error (error);
}

static void
test_a_cancelled_lookup_says_so (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  put (secrets, "one", STREAMER_SECRET_TOKEN, "abc");
  g_cancellable_cancel (cancellable);
  streamer_secrets_lookup_async (secrets, "one", STREAMER_SECRET_TOKEN, cancellable, take_result,
                                 &result);
  g_assert_null (streamer_secrets_lookup_finish (secrets, wait_for (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* main() sees to it that there is no bus. */
static void
test_keyring_without_a_bus_keeps_secrets_for_this_run (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_keyring_secrets_new ();
  g_autoptr (StreamerSecrets) another = streamer_keyring_secrets_new ();

  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, NULL);
  g_assert_false (put (secrets, "one", STREAMER_SECRET_TOKEN, "for now"));
  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, "for now");
  assert_lookup (another, "one", STREAMER_SECRET_TOKEN, NULL);
  put (secrets, "one", STREAMER_SECRET_TOKEN, NULL);
  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, NULL);
}

static void
run_in_session (const char *script)
{
  g_autofree char *home = g_dir_make_tmp ("streamer-keyring-XXXXXX", NULL);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) session = NULL;
  g_autoptr (GError) error = NULL;
  const char *remove[] = { "rm", "-rf", home, NULL };
  static const char *const folders[] = { "HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME",
                                         "XDG_CONFIG_HOME", "XDG_CACHE_HOME" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    g_subprocess_launcher_setenv (launcher, folders[i], home, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "WAYLAND_DISPLAY");
  session = g_subprocess_launcher_spawn (launcher, &error, "dbus-run-session", "--", "sh", "-c",
                                         script, self_path, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (session, NULL, &error));
  g_assert_no_error (error);

  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
}

static void
test_keyring_keeps_secrets_for_the_next_program (void)
{
  g_autofree char *keyring = g_find_program_in_path ("gnome-keyring-daemon");
  g_autofree char *session = g_find_program_in_path ("dbus-run-session");
  g_autofree char *gdbus = g_find_program_in_path ("gdbus");

  if (keyring == NULL || session == NULL || gdbus == NULL)
    {
      g_test_skip ("gnome-keyring-daemon, dbus-run-session and gdbus are needed");
      return;
    }

  run_in_session (
      "exec >&2\n"
      "printf 'test\\n' | gnome-keyring-daemon --foreground --unlock --components=secrets &\n"
      "keyring=$!\n"
      "gdbus wait --session --timeout 20 org.freedesktop.secrets &&\n"
      "\"$0\" -p /secrets/keyring/subprocess/store &&\n"
      "\"$0\" -p /secrets/keyring/subprocess/look-up-and-forget &&\n"
      "\"$0\" -p /secrets/keyring/subprocess/find-none\n"
      "result=$?\n"
      "kill $keyring\n"
      "wait\n"
      "exit $result\n");
}

static void
subprocess_store (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_keyring_secrets_new ();

  g_assert_true (put (secrets, "one", STREAMER_SECRET_TOKEN, "kept token"));
  g_assert_true (put (secrets, "one", STREAMER_SECRET_API_KEY, "kept key"));
  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, "kept token");
}

static void
subprocess_look_up_and_forget (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_keyring_secrets_new ();

  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, "kept token");
  assert_lookup (secrets, "one", STREAMER_SECRET_API_KEY, "kept key");
  assert_lookup (secrets, "two", STREAMER_SECRET_TOKEN, NULL);
  g_assert_true (put (secrets, "one", STREAMER_SECRET_TOKEN, NULL));
  g_assert_true (put (secrets, "one", STREAMER_SECRET_TOKEN, NULL));
  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, NULL);
}

static void
subprocess_find_none (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_keyring_secrets_new ();

  assert_lookup (secrets, "one", STREAMER_SECRET_TOKEN, NULL);
  assert_lookup (secrets, "one", STREAMER_SECRET_API_KEY, "kept key");
}

int
main (int argc, char *argv[])
{
  gboolean in_session = argc == 3 && g_str_has_prefix (argv[2], "/secrets/keyring/subprocess/");

  self_path = g_file_read_link ("/proc/self/exe", NULL);
  if (!in_session)
    {
      g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
      g_unsetenv ("DISPLAY");
    }

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secrets/memory/keeps-connections-and-kinds-apart",
                   test_memory_keeps_connections_and_kinds_apart);
  g_test_add_func ("/secrets/memory/replaces-and-forgets", test_memory_replaces_and_forgets);
  g_test_add_func ("/secrets/memory/asks-the-fallback-and-never-changes-it",
                   test_memory_asks_the_fallback_and_never_changes_it);
  g_test_add_func ("/secrets/asynchronous-calls-do-the-same", test_asynchronous_calls_do_the_same);
  g_test_add_func ("/secrets/a-cancelled-lookup-says-so", test_a_cancelled_lookup_says_so);
  g_test_add_func ("/secrets/keyring/without-a-bus-keeps-secrets-for-this-run",
                   test_keyring_without_a_bus_keeps_secrets_for_this_run);
  g_test_add_func ("/secrets/keyring/keeps-secrets-for-the-next-program",
                   test_keyring_keeps_secrets_for_the_next_program);
  g_test_add_func ("/secrets/keyring/subprocess/store", subprocess_store);
  g_test_add_func ("/secrets/keyring/subprocess/look-up-and-forget", subprocess_look_up_and_forget);
  g_test_add_func ("/secrets/keyring/subprocess/find-none", subprocess_find_none);
  return g_test_run ();
}
