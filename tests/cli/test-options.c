/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-options.h"

#include <glib/gstdio.h>

#include "streamer-error.h"
#include "streamer-option-table.h"

#define MIB G_GUINT64_CONSTANT (1048576)

/* The words of a command line, without the program's name. */
#define PARSE(error, ...) parse (error, (const char *const[]){ "s3streamer", __VA_ARGS__, NULL })

static StreamerOptions *
parse (GError **error, const char *const *argv)
{
  return streamer_options_new (argv, error);
}

/* Words are separated by blanks. */
static void
assert_refused (const char *line, const char *expected)
{
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options = streamer_options_new ((const char *const *) argv, &error);

  g_assert_null (options);
  g_assert_nonnull (error);
  if (strstr (error->message, expected) == NULL)
    g_error ("“%s” says “%s”, not “%s”", line, error->message, expected);
}

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options = PARSE (&error, "--upload", "a");

  g_assert_no_error (error);
  g_assert_cmpint (options->mode, ==, STREAMER_MODE_UPLOAD);
  g_assert_cmpuint (g_strv_length (options->items), ==, 1);
  g_assert_cmpuint (options->parts, ==, 0);
  g_assert_cmpuint (options->part_size, ==, 0);
  g_assert_cmpuint (options->limit_rate, ==, 0);
  g_assert_cmpuint (options->retry_for, ==, 300);
  g_assert_null (options->path);
  g_assert_false (options->overwrite);
  g_assert_cmpint (options->output, ==, STREAMER_OUTPUT_LINKS);
}

static void
test_a_bucket (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options = PARSE (
      &error, "--upload", "a", "--s3", "s3://bucket/prefix", "--endpoint", "http://127.0.0.1:7480",
      "--region", "eu-central-1", "--profile", "work", "--link-expires", "3600");

  g_assert_no_error (error);
  g_assert_cmpstr (options->s3, ==, "s3://bucket/prefix");
  g_assert_cmpstr (options->endpoint, ==, "http://127.0.0.1:7480");
  g_assert_cmpstr (options->region, ==, "eu-central-1");
  g_assert_cmpstr (options->profile, ==, "work");
  g_assert_cmpuint (options->link_expires, ==, 3600);

  assert_refused ("s3streamer --upload a --region eu", "go with --s3 only");
  assert_refused ("s3streamer --upload a --link-expires 5", "go with --s3 only");
  assert_refused ("s3streamer --upload a --s3 s3://b/c --link-expires 604801", "from 1 to 604800");
  assert_refused ("s3streamer --upload a --s3 s3://b/c --link-expires 0", "from 1 to 604800");
  assert_refused ("s3streamer --upload a --s3 s3://b/c --connection x", "Only one of");
  assert_refused ("s3streamer --upload a --s3 s3://b/c --token-stdin", "takes no token");
  assert_refused ("s3streamer --upload a --s3 s3://b/c --endpoint nowhere", "--endpoint takes");
}

static void
test_what_objects_are_given (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options =
      PARSE (&error, "--upload", "a", "--content-type", "text/html", "--metadata", "a=b=c",
             "--storage-class=GLACIER", "--metadata=d=");
  g_autofree char *metadata = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (options->content_type, ==, "text/html");
  g_assert_cmpstr (options->storage_class, ==, "GLACIER");
  metadata = g_strjoinv ("|", options->metadata);
  g_assert_cmpstr (metadata, ==, "a|b=c|d|");

  assert_refused ("s3streamer --upload a --metadata b", "--metadata takes NAME=VALUE");
  assert_refused ("s3streamer --upload a --metadata =b", "--metadata takes NAME=VALUE");
  assert_refused ("s3streamer --purge a --metadata b=c", "goes with --upload only");
  assert_refused ("s3streamer --purge a --content-type b/c", "goes with --upload only");
  assert_refused ("s3streamer --purge a --storage-class b", "goes with --upload only");
}

static void
test_every_option (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options =
      PARSE (&error, "--upload", "a", "--path", "p/q", "--name=n", "--request-url",
             "https://example.org/upload/request", "--domain", "http://example.org/downloads",
             "--token-file", "t", "--api-key-file", "k", "--parts", "64", "--part-size", "5120",
             "--tmp", "/", "--overwrite", "--limit-rate", "3M", "--retry-for", "0", "--json=stream",
             "--verbose", "--no-input", "--dry-run", "--sha256");

  g_assert_no_error (error);
  g_assert_cmpstr (options->path, ==, "p/q");
  g_assert_cmpstr (options->name, ==, "n");
  g_assert_cmpstr (options->request_url, ==, "https://example.org/upload/request");
  g_assert_cmpstr (options->domain, ==, "http://example.org/downloads");
  g_assert_cmpstr (options->token_file, ==, "t");
  g_assert_cmpstr (options->api_key_file, ==, "k");
  g_assert_cmpuint (options->parts, ==, 64);
  g_assert_cmpuint (options->part_size, ==, 5120 * MIB);
  g_assert_cmpstr (options->tmp, ==, "/");
  g_assert_true (options->overwrite);
  g_assert_true (options->sha256);
  g_assert_cmpuint (options->limit_rate, ==, 3 * MIB);
  g_assert_cmpuint (options->retry_for, ==, 0);
  g_assert_cmpint (options->output, ==, STREAMER_OUTPUT_JSON_STREAM);
  g_assert_true (options->verbose);
  g_assert_true (options->no_input);
  g_assert_true (options->dry_run);
}

static void
test_files_follow_in_any_place (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options =
      PARSE (&error, "--upload=a", "b", "--json", "c", "--", "-d", "--json", "--upload");

  g_assert_no_error (error);
  g_assert_cmpint (options->output, ==, STREAMER_OUTPUT_JSON);
  g_assert_cmpuint (g_strv_length (options->items), ==, 6);
  g_assert_cmpstr (options->items[0], ==, "a");
  g_assert_cmpstr (options->items[2], ==, "c");
  g_assert_cmpstr (options->items[3], ==, "-d");
  g_assert_cmpstr (options->items[4], ==, "--json");
  g_assert_cmpstr (options->items[5], ==, "--upload");
}

static void
test_a_value_may_look_like_an_option (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options = PARSE (&error, "--upload", "a", "--name", "--json");

  g_assert_no_error (error);
  g_assert_cmpstr (options->name, ==, "--json");
  g_assert_cmpint (options->output, ==, STREAMER_OUTPUT_LINKS);
}

static void
test_bytes_of_names_are_kept (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options = PARSE (&error, "--upload", "\xff\xfe",
                                               "gr\xc3\xb6\xc3\x9f"
                                               "e");

  g_assert_no_error (error);
  g_assert_cmpstr (options->items[0], ==, "\xff\xfe");
  g_assert_cmpstr (options->items[1], ==, "größe");
}

static void
test_numbers_out_of_range (void)
{
  assert_refused ("s3streamer --upload a --parts 0", "from 1 to 64, not “0”");
  assert_refused ("s3streamer --upload a --parts 65", "from 1 to 64, not “65”");
  assert_refused ("s3streamer --upload a --parts abc", "from 1 to 64, not “abc”");
  assert_refused ("s3streamer --upload a --parts auto", "from 1 to 64, not “auto”");
  assert_refused ("s3streamer --upload a --parts -1", "not “-1”");
  assert_refused ("s3streamer --upload a --parts=", "not “”");
  assert_refused ("s3streamer --upload a --parts 1.5", "not “1.5”");
  assert_refused ("s3streamer --upload a --part-size 1", "from 5 to 5120, not “1”");
  assert_refused ("s3streamer --upload a --part-size 4", "not “4”");
  assert_refused ("s3streamer --upload a --part-size 6000", "not “6000”");
  assert_refused ("s3streamer --upload a --part-size abc", "not “abc”");
  assert_refused ("s3streamer --upload a --part-size 18446744073709551621", "5120");
  assert_refused ("s3streamer --upload a --retry-for -1", "from 0 to 31536000, not “-1”");
  assert_refused ("s3streamer --upload a --retry-for 31536001", "not “31536001”");
  assert_refused ("s3streamer --upload a --retry-for=", "not “”");
}

static void
test_rates (void)
{
  static const struct
  {
    const char *text;
    guint64 rate;
  } good[] = {
    { "1", 1 },     { "500", 500 },      { "1K", 1024 },
    { "1k", 1024 }, { "10M", 10 * MIB }, { "2g", 2048 * MIB },
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (StreamerOptions) options =
          PARSE (NULL, "--upload", "a", "--limit-rate", good[i].text);

      g_assert_nonnull (options);
      g_assert_cmpuint (options->limit_rate, ==, good[i].rate);
    }
  assert_refused ("s3streamer --upload a --limit-rate 0", "not “0”");
  assert_refused ("s3streamer --upload a --limit-rate K", "not “K”");
  assert_refused ("s3streamer --upload a --limit-rate=", "not “”");
  assert_refused ("s3streamer --upload a --limit-rate 1T", "not “1T”");
  assert_refused ("s3streamer --upload a --limit-rate 1.5M", "not “1.5M”");
  assert_refused ("s3streamer --upload a --limit-rate 99999999999999G", "--limit-rate");
}

static void
test_keys_that_cannot_be_used (void)
{
  assert_refused ("s3streamer --upload a --path ../x", "--path: ");
  assert_refused ("s3streamer --upload a --path a/../b", "“..”");
  assert_refused ("s3streamer --upload a --path a//b", "--path: ");
  assert_refused ("s3streamer --upload a --name ..", "--name: ");
  assert_refused ("s3streamer --upload a --name=", "--name: ");
  assert_refused ("s3streamer --upload a --name \x01", "--name: ");
  assert_refused ("s3streamer --purge a ../x", "--purge: ");
}

static void
test_an_empty_path_means_none (void)
{
  g_autoptr (StreamerOptions) options = PARSE (NULL, "--upload", "a", "--path", " / ");

  g_assert_nonnull (options);
  g_assert_nonnull (options->path);
}

static void
test_addresses (void)
{
  assert_refused ("s3streamer --upload a --request-url ftp://x/y", "--request-url takes");
  assert_refused ("s3streamer --upload a --request-url x", "not “x”");
  assert_refused ("s3streamer --upload a --request-url http://", "--request-url takes");
  assert_refused ("s3streamer --upload a --domain /x", "--domain takes");
}

static void
test_an_address_with_a_password_is_not_repeated (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) options =
      PARSE (&error, "--upload", "a", "--request-url", "https://me:hidden@example.org/");

  g_assert_null (options);
  g_assert_null (strstr (error->message, "hidden"));
}

static void
test_conflicts (void)
{
  assert_refused ("s3streamer --json", "Say what to do");
  assert_refused ("s3streamer --upload --purge a", "Only one of");
  assert_refused ("s3streamer --list --resume", "Only one of");
  assert_refused ("s3streamer --upload", "at least one file");
  assert_refused ("s3streamer --purge", "at least one key");
  assert_refused ("s3streamer --upload=", "An empty name");
  assert_refused ("s3streamer --upload a b --name n", "several");
  assert_refused ("s3streamer --upload / --name n", "folder");
  assert_refused ("s3streamer --upload a --connection c --request-url http://x/", "Only one of");
  assert_refused ("s3streamer --upload a --token-file t --token-stdin", "not both");
  assert_refused ("s3streamer --upload a --quiet --verbose", "not both");
  assert_refused ("s3streamer --upload a --tmp /no/such/folder", "“/no/such/folder”");
  assert_refused ("s3streamer --upload a --json=lines", "--json=lines");
}

static void
test_upload_options_do_not_go_with_purge (void)
{
  static const char *const options[] = { "--name=n", "--domain=http://x/", "--part-size=5",
                                         "--tmp=/",  "--overwrite",        "--sha256" };

  assert_refused ("s3streamer --purge a --parts=3", "--parts does not go with --purge");
  assert_refused ("s3streamer --purge a --limit-rate=1000", "does not go with --purge");
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autofree char *line = g_strdup_printf ("s3streamer --purge a %s", options[i]);

      assert_refused (line, "goes with --upload only");
    }
}

static void
test_what_goes_with_the_journal (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerOptions) list = PARSE (&error, "--list", "--json");
  g_autoptr (StreamerOptions) resume =
      PARSE (&error, "--resume", "--parts", "3", "--limit-rate", "5M", "--token-file", "t");
  g_autoptr (StreamerOptions) some = PARSE (&error, "--resume=3f", "4a");
  g_autoptr (StreamerOptions) abort = PARSE (&error, "--abort", "2~x", "--s3", "s3://b/c");
  g_autoptr (StreamerOptions) verify = PARSE (&error, "--verify", "a");

  g_assert_no_error (error);
  g_assert_cmpint (list->mode, ==, STREAMER_MODE_LIST);
  g_assert_cmpuint (g_strv_length (list->items), ==, 0);
  g_assert_cmpint (resume->mode, ==, STREAMER_MODE_RESUME);
  g_assert_cmpuint (g_strv_length (resume->items), ==, 0);
  g_assert_cmpuint (g_strv_length (some->items), ==, 2);
  g_assert_cmpstr (some->items[0], ==, "3f");
  g_assert_cmpint (abort->mode, ==, STREAMER_MODE_ABORT);
  g_assert_cmpint (verify->mode, ==, STREAMER_MODE_VERIFY);

  assert_refused ("s3streamer --list a", "takes no names");
  assert_refused ("s3streamer --list=a", "takes no value");
  assert_refused ("s3streamer --abort", "at least one ID");
  assert_refused ("s3streamer --verify", "at least one file");
  assert_refused ("s3streamer --resume=", "An empty name");
  assert_refused ("s3streamer --resume --path p", "--path does not go with --resume");
  assert_refused ("s3streamer --resume --connection c", "--connection does not go with --resume");
  assert_refused ("s3streamer --verify a --parts 3", "--parts does not go with --verify");
  assert_refused ("s3streamer --list --token-stdin", "--token-stdin does not go with --list");
  assert_refused ("s3streamer --abort a --dry-run", "--dry-run does not go with --abort");
  assert_refused ("s3streamer --resume --sha256", "goes with --upload only");
}

static void
test_pipes (void)
{
  g_autoptr (StreamerOptions) options = PARSE (NULL, "--upload", "-", "--name", "n");

  g_assert_nonnull (options);
  g_assert_cmpstr (options->items[0], ==, "-");
  assert_refused ("s3streamer --upload -", "--name");
  assert_refused ("s3streamer --upload - a", "on its own");
  assert_refused ("s3streamer --upload - -", "on its own");
  assert_refused ("s3streamer --upload - --name n --token-stdin", "Standard input");
}

static void
test_unknown_options (void)
{
  static const char *const unknown[] = { "-u", "--uploa", "--parts-size", "--lists", "--sha-256" };

  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_autofree char *line = g_strdup_printf ("s3streamer --upload a %s", unknown[i]);
      const char *alone[] = { "s3streamer", unknown[i], NULL };

      assert_refused (line, unknown[i]);
      g_assert_false (streamer_options_are_for_window (alone));
    }
  assert_refused ("s3streamer --upload a --path", "--path");
}

static void
test_flags_take_no_value (void)
{
  assert_refused ("s3streamer --upload a --overwrite=no", "--overwrite takes no value");
  assert_refused ("s3streamer --upload a --dry-run=", "--dry-run takes no value");
}

static void
test_help_and_version_win (void)
{
  g_autoptr (StreamerOptions) help = PARSE (NULL, "--help");
  g_autoptr (StreamerOptions) version = PARSE (NULL, "--upload", "--version", "--parts", "0");

  g_assert_cmpint (help->mode, ==, STREAMER_MODE_HELP);
  g_assert_cmpint (version->mode, ==, STREAMER_MODE_VERSION);
}

static void
test_help_names_every_option (void)
{
  static const char *const options[] = {
    "--upload",     "--purge",       "--list",       "--resume",      "--abort",  "--verify",
    "--path",       "--name",        "--connection", "--request-url", "--domain", "--s3",
    "--token-file", "--token-stdin", "--parts",      "--part-size",   "--tmp",    "--api-key-file",
    "--overwrite",  "--sha256",      "--limit-rate", "--retry-for",   "--json",   "--quiet",
    "--verbose",    "--no-input",    "--dry-run",    "--help",        "--version"
  };
  g_autofree char *help = streamer_option_table_get_help ();

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    g_assert_nonnull (strstr (help, options[i]));
}

static void
test_what_is_for_the_window (void)
{
  static const char *const window[][4] = {
    { "s3streamer" },
    { "s3streamer", "a", "file:///b" },
    { "s3streamer", "--gapplication-service" },
    { "s3streamer", "--", "--upload" },
    { "s3streamer", "-" },
  };
  static const char *const headless[][4] = {
    { "s3streamer", "--upload", "a" },
    { "s3streamer", "a", "--json" },
    { "s3streamer", "--unknown" },
    { "s3streamer", "-h" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (window); i++)
    g_assert_true (streamer_options_are_for_window (window[i]));
  for (guint i = 0; i < G_N_ELEMENTS (headless); i++)
    g_assert_false (streamer_options_are_for_window (headless[i]));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/defaults", test_defaults);
  g_test_add_func ("/options/what-objects-are-given", test_what_objects_are_given);
  g_test_add_func ("/options/every-option", test_every_option);
  g_test_add_func ("/options/a-bucket", test_a_bucket);
  g_test_add_func ("/options/files-follow-in-any-place", test_files_follow_in_any_place);
  g_test_add_func ("/options/a-value-may-look-like-an-option",
                   test_a_value_may_look_like_an_option);
  g_test_add_func ("/options/bytes-of-names-are-kept", test_bytes_of_names_are_kept);
  g_test_add_func ("/options/numbers-out-of-range", test_numbers_out_of_range);
  g_test_add_func ("/options/rates", test_rates);
  g_test_add_func ("/options/keys-that-cannot-be-used", test_keys_that_cannot_be_used);
  g_test_add_func ("/options/an-empty-path-means-none", test_an_empty_path_means_none);
  g_test_add_func ("/options/addresses", test_addresses);
  g_test_add_func ("/options/an-address-with-a-password-is-not-repeated",
                   test_an_address_with_a_password_is_not_repeated);
  g_test_add_func ("/options/conflicts", test_conflicts);
  g_test_add_func ("/options/upload-options-do-not-go-with-purge",
                   test_upload_options_do_not_go_with_purge);
  g_test_add_func ("/options/what-goes-with-the-journal", test_what_goes_with_the_journal);
  g_test_add_func ("/options/pipes", test_pipes);
  g_test_add_func ("/options/unknown-options", test_unknown_options);
  g_test_add_func ("/options/flags-take-no-value", test_flags_take_no_value);
  g_test_add_func ("/options/help-and-version-win", test_help_and_version_win);
  g_test_add_func ("/options/help-names-every-option", test_help_names_every_option);
  g_test_add_func ("/options/what-is-for-the-window", test_what_is_for_the_window);
  return g_test_run ();
}
