/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-add-principal.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-server-config.h"

#define TEXT "# about the storage\n[storage]\nkind = folder\nroot = /srv\n\n# the end"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("streamer-principal-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "config", NULL);
  g_assert_true (
      g_file_set_contents_full (fixture->path, TEXT, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  /* Nothing else was left there. */
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static gboolean
add (Fixture *fixture, const char *name, char **token, GError **error)
{
  const char *const prefixes[] = { "team-a", "public/in/", NULL };
  const char *const rights[] = { "create", "link", NULL };

  return streamer_add_principal (fixture->path, name, prefixes, rights, "1G", token, error);
}

static char *
read_text (Fixture *fixture)
{
  char *text;

  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  return text;
}

static StreamerPolicy *
load (Fixture *fixture)
{
  g_autoptr (GPtrArray) findings = streamer_findings_new ();
  g_autoptr (StreamerConfigFile) file = streamer_config_file_load (fixture->path, findings);
  g_auto (StreamerServerConfig) config = { 0 };

  g_assert_true (streamer_server_config_read (&config, file, FALSE, findings));
  return g_steal_pointer (&config.policy);
}

static StreamerPrincipal *
authenticate (StreamerPolicy *policy, const char *token)
{
  g_autofree char *authorization = g_strconcat ("Bearer ", token, NULL);

  return streamer_policy_authenticate (policy, authorization, NULL, NULL);
}

static void
test_token_works (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = NULL, *text = NULL;
  g_autoptr (StreamerPolicy) policy = NULL;
  g_autoptr (StreamerPrincipal) principal = NULL;
  g_autoptr (GError) error = NULL;
  struct stat status;

  g_assert_true (add (fixture, "alice", &token, &error));
  g_assert_cmpuint (strlen (token), ==, 43);
  text = read_text (fixture);
  g_assert_true (g_str_has_prefix (text, TEXT "\n\n[principal alice]\n"));
  g_assert_null (strstr (text, token));
  policy = load (fixture);
  principal = authenticate (policy, token);
  g_assert_cmpstr (principal->name, ==, "alice");
  g_assert_cmpstr (principal->prefixes[0], ==, "team-a");
  g_assert_cmpstr (principal->prefixes[1], ==, "public/in");
  g_assert_cmpint (principal->rights, ==, STREAMER_RIGHT_CREATE | STREAMER_RIGHT_LINK);
  g_assert_cmpuint (principal->allowance.quota, ==, 1 << 30);
  g_assert_cmpint (stat (fixture->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
test_each_has_a_token_of_its_own (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = NULL, *second = NULL;
  g_autoptr (StreamerPolicy) policy = NULL;
  g_autoptr (StreamerPrincipal) alice = NULL, bob = NULL;

  g_assert_true (add (fixture, "alice", &first, NULL));
  g_assert_true (add (fixture, "bob", &second, NULL));
  g_assert_cmpstr (first, !=, second);
  policy = load (fixture);
  alice = authenticate (policy, first);
  bob = authenticate (policy, second);
  g_assert_cmpstr (alice->name, ==, "alice");
  g_assert_cmpstr (bob->name, ==, "bob");
}

static void
test_no_name_twice (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = NULL, *second = NULL, *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (add (fixture, "alice", &first, NULL));
  before = read_text (fixture);
  g_assert_false (add (fixture, "alice", &second, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
  g_assert_null (second);
  after = read_text (fixture);
  g_assert_cmpstr (before, ==, after);
}

static void
test_values_that_cannot_be (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *name, *prefix, *right, *quota;
  } cases[] = {
    { "", "a", "create", NULL },         { "a b", "a", "create", NULL },
    { "a]", "a", "create", NULL },       { "a\nb", "a", "create", NULL },
    { "alice", "", "create", NULL },     { "alice", "../a", "create", NULL },
    { "alice", " a", "create", NULL },   { "alice", "/a", "create", NULL },
    { "alice", "a\nb", "create", NULL }, { "alice", "a", "fly", NULL },
    { "alice", "a", "", NULL },          { "alice", "a", "create;link", NULL },
    { "alice", "a", "create", "lots" },  { "alice", "a", "create", "1\n" },
  };
  g_autofree char *after = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const prefixes[] = { cases[i].prefix, NULL };
      const char *const rights[] = { cases[i].right, NULL };
      g_autofree char *token = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_false (streamer_add_principal (fixture->path, cases[i].name, prefixes, rights,
                                              cases[i].quota, &token, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
      g_assert_null (token);
    }
  after = read_text (fixture);
  g_assert_cmpstr (after, ==, TEXT);
}

static void
test_odd_prefixes_come_back (Fixture *fixture, gconstpointer data)
{
  const char *const prefixes[] = { "a;b", "bl ank /", "back\\slash/", "\303\244=#[x]", "/", NULL };
  const char *const expected[] = { "a;b", "bl ank ", "back\\slash", "\303\244=#[x]", "", NULL };
  const char *const rights[] = { "create", NULL };
  g_autofree char *token = NULL;
  g_autoptr (StreamerPolicy) policy = NULL;
  g_autoptr (StreamerPrincipal) principal = NULL;

  g_assert_true (
      streamer_add_principal (fixture->path, "alice", prefixes, rights, NULL, &token, NULL));
  policy = load (fixture);
  principal = authenticate (policy, token);
  for (gsize i = 0; expected[i]; i++)
    g_assert_true (g_strv_contains ((const char *const *) principal->prefixes, expected[i]));
}

static void
test_mode_is_kept_where_it_is_right (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    guint before, after;
  } cases[] = { { 0640, 0640 }, { 0600, 0600 }, { 0644, 0600 }, { 0666, 0600 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("n%zu", i);
      g_autofree char *token = NULL;
      g_autoptr (GError) error = NULL;
      struct stat status;

      g_assert_cmpint (g_chmod (fixture->path, cases[i].before), ==, 0);
      g_assert_true (add (fixture, name, &token, &error));
      g_assert_cmpint (stat (fixture->path, &status), ==, 0);
      g_assert_cmpint (status.st_mode & 0777, ==, cases[i].after);
    }
}

static void
test_a_broken_file_is_left_alone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = NULL, *after = NULL;
  g_autoptr (GError) error = NULL, missing_error = NULL;
  Fixture missing = { .path = (char *) "/nowhere/config" };

  g_assert_true (g_file_set_contents (fixture->path, "nonsense\n", -1, NULL));
  g_assert_false (add (fixture, "alice", &token, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, ":1: "));
  after = read_text (fixture);
  g_assert_cmpstr (after, ==, "nonsense\n");
  g_assert_false (add (&missing, "alice", &token, &missing_error));
  g_assert_nonnull (missing_error);
}

static void
test_a_link_stays_one (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);
  g_autofree char *token = NULL, *text = NULL;
  Fixture linked = { .path = link };

  g_assert_cmpint (symlink ("config", link), ==, 0);
  g_assert_true (add (&linked, "alice", &token, NULL));
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  text = read_text (fixture);
  g_assert_nonnull (strstr (text, "[principal alice]"));
  g_assert_cmpint (g_unlink (link), ==, 0);
}

typedef struct
{
  Fixture *fixture;
  guint number;
} Adder;

static gpointer
add_some (gpointer data)
{
  Adder *adder = data;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u-%u", adder->number, i);
      g_autofree char *token = NULL;
      g_autoptr (GError) error = NULL;

      add (adder->fixture, name, &token, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

static void
test_nobody_is_lost_when_many_add_at_once (Fixture *fixture, gconstpointer data)
{
  GThread *threads[6];
  Adder adders[6];
  g_autofree char *text = NULL;
  g_auto (GStrv) pieces = NULL;
  g_autoptr (StreamerPolicy) policy = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      adders[i] = (Adder){ .fixture = fixture, .number = i };
      threads[i] = g_thread_new ("add", add_some, &adders[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  text = read_text (fixture);
  pieces = g_strsplit (text, "[principal ", -1);
  g_assert_cmpuint (g_strv_length (pieces), ==, 1 + 30);
  policy = load (fixture);
  g_assert_nonnull (policy);
}

#define ADD(path, func) g_test_add ("/add-principal/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("token-works", test_token_works);
  ADD ("each-has-a-token-of-its-own", test_each_has_a_token_of_its_own);
  ADD ("no-name-twice", test_no_name_twice);
  ADD ("values-that-cannot-be", test_values_that_cannot_be);
  ADD ("odd-prefixes-come-back", test_odd_prefixes_come_back);
  ADD ("mode-is-kept-where-it-is-right", test_mode_is_kept_where_it_is_right);
  ADD ("a-broken-file-is-left-alone", test_a_broken_file_is_left_alone);
  ADD ("a-link-stays-one", test_a_link_stays_one);
  ADD ("nobody-is-lost-when-many-add-at-once", test_nobody_is_lost_when_many_add_at_once);
  return g_test_run ();
}
