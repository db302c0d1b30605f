/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-server-options.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "streamer-error.h"

static gboolean
parse (StreamerServerOptions *options, const char *line, GError **error)
{
  g_auto (GStrv) arguments = g_strsplit (line, " ", -1);

  return streamer_server_options_parse (options, &arguments, error);
}

static void
test_good_lines (void)
{
  g_auto (StreamerServerOptions) embedded = { 0 };
  g_auto (StreamerServerOptions) stop = { 0 };
  g_auto (StreamerServerOptions) folder = { 0 };
  g_auto (StreamerServerOptions) remote = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (parse (&embedded, "server --embedded --log-json", &error));
  g_assert_true (embedded.embedded && embedded.log_json && !embedded.stop);
  g_assert_true (parse (&stop, "server --embedded --stop", &error));
  g_assert_true (stop.stop);
  g_setenv ("S3STREAMER_TOKEN", "0123456789abcdef", TRUE);
  g_assert_true (parse (&folder, "server --root /r --listen [::1]:8333", &error));
  g_assert_cmpuint (folder.port, ==, 8333);
  g_assert_true (g_inet_address_get_is_loopback (folder.address));
  g_assert_cmpstr (folder.token, ==, "0123456789abcdef");
  g_assert_null (g_getenv ("S3STREAMER_TOKEN"));
  g_setenv ("S3STREAMER_TOKEN", "0123456789abcdef", TRUE);
  g_assert_true (parse (&remote, "server --root /r --listen 0.0.0.0:0 --allow-remote", &error));
  g_assert_no_error (error);
}

static void
test_wrong_line (gconstpointer data)
{
  g_auto (StreamerServerOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  g_setenv ("S3STREAMER_TOKEN", "0123456789abcdef", TRUE);
  g_assert_false (parse (&options, data, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
}

static void
test_token_is_needed (void)
{
  const char *wrong[] = { NULL, "", "short", "0123456789abcde\003", "0123456789 abcdef" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (StreamerServerOptions) options = { 0 };
      g_autoptr (GError) error = NULL;

      if (wrong[i])
        g_setenv ("S3STREAMER_TOKEN", wrong[i], TRUE);
      else
        g_unsetenv ("S3STREAMER_TOKEN");
      g_assert_false (parse (&options, "server --root /r --listen 127.0.0.1:0", &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
    }
}

static void
test_token_file_goes_before_the_environment (void)
{
  g_autofree char *folder = g_dir_make_tmp ("streamer-options-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "token", NULL);
  g_autofree char *line =
      g_strdup_printf ("server --root /r --listen 127.0.0.1:0 --token-file %s", file);
  g_auto (StreamerServerOptions) options = { 0 };
  g_auto (StreamerServerOptions) without = { 0 };
  g_autoptr (GError) error = NULL;

  g_setenv ("S3STREAMER_TOKEN", "0123456789abcdef", TRUE);
  g_assert_true (g_file_set_contents_full (file, "the-token-of-the-file\n", -1,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_true (parse (&options, line, &error));
  g_assert_cmpstr (options.token, ==, "the-token-of-the-file");
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_false (parse (&without, line, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_token_file_is_not_for_everybody (void)
{
  g_autofree char *folder = g_dir_make_tmp ("streamer-options-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "token", NULL);
  g_autofree char *line =
      g_strdup_printf ("server --root /r --listen 127.0.0.1:0 --token-file %s", file);

  g_assert_true (g_file_set_contents (file, "the-token-of-the-file\n", -1, NULL));
  for (guint mode = 0; mode <= 0777; mode++)
    {
      g_auto (StreamerServerOptions) options = { 0 };
      g_autoptr (GError) error = NULL;
      gboolean is_private = (mode & 0037) == 0 && (mode & 0400);

      g_assert_cmpint (g_chmod (file, mode), ==, 0);
      if (parse (&options, line, &error))
        g_assert_true (is_private || geteuid () == 0);
      else
        g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
      if (is_private)
        g_assert_no_error (error);
      else if (mode & 0037)
        g_assert_nonnull (error);
    }
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_configuration (void)
{
  const char *good[] = { "server --config x",
                         "server --config x --listen 127.0.0.1:0 --root /r --log-json",
                         "server --check --config x",
                         "server --config x --listen 0.0.0.0:0 --allow-remote" };
  g_auto (StreamerServerOptions) options = { 0 };

  g_unsetenv ("S3STREAMER_TOKEN");
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_auto (StreamerServerOptions) others = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (parse (&others, good[i], &error));
      g_assert_cmpstr (others.config, ==, "x");
    }
  g_assert_true (parse (&options,
                        "server --add-principal alice --config x --prefix a --prefix b/ --right "
                        "create --right link --quota 1G",
                        NULL));
  g_assert_cmpstr (options.add_principal, ==, "alice");
  g_assert_cmpuint (g_strv_length (options.prefixes), ==, 2);
  g_assert_cmpuint (g_strv_length (options.rights), ==, 2);
}

static const char *const wrong_lines[] = {
  "server",
  "server --root /r",
  "server --listen 127.0.0.1:0",
  "server --embedded --root /r",
  "server --embedded --listen 127.0.0.1:0",
  "server --embedded extra",
  "server --stop",
  "server --config x extra",
  "server --config x --embedded",
  "server --config x --token-file y",
  "server --check",
  "server --add-principal alice --prefix a --right create",
  "server --add-principal alice --config x --prefix a",
  "server --add-principal alice --config x --right create",
  "server --add-principal alice --check --config x --prefix a --right create",
  "server --config x --prefix a",
  "server --config x --quota 1G",
  "server --config x --listen 0.0.0.0:0",
  "server --lambda --root /r",
  "server --lambda --embedded",
  "server --lambda --root /r --listen 127.0.0.1:0",
  "server --root /r --listen 0.0.0.0:0",
  "server --root /r --listen [::]:0",
  "server --root /r --listen localhost:0",
  "server --root /r --listen 127.0.0.1",
  "server --root /r --listen 127.0.0.1:",
  "server --root /r --listen 127.0.0.1:65536",
  "server --root /r --listen 127.0.0.1:-1",
  "server --root /r --listen :80",
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server-options/good-lines", test_good_lines);
  g_test_add_func ("/server-options/token-is-needed", test_token_is_needed);
  g_test_add_func ("/server-options/token-file-goes-before-the-environment",
                   test_token_file_goes_before_the_environment);
  g_test_add_func ("/server-options/token-file-is-not-for-everybody",
                   test_token_file_is_not_for_everybody);
  g_test_add_func ("/server-options/configuration", test_configuration);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong_lines); i++)
    {
      g_autofree char *path = g_strdup_printf ("/server-options/wrong-line/%zu", i);

      g_test_add_data_func (path, wrong_lines[i], test_wrong_line);
    }
  return g_test_run ();
}
