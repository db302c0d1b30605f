/* streamer-options.c: the command line of s3streamer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values come as the bytes that were typed, in any locale, and are checked here, so that nothing
 * starts with a value that cannot be used.
 */

#include <glib/gi18n-lib.h>

#include "streamer-options.h"

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-option-table.h"
#include "streamer-option-values.h"
#include "streamer-plan.h"

/* As long as Signature Version 4 lets a link work. */
#define MAX_LINK_SECONDS 604800

#define RETRY_SECONDS_DEFAULT 300
/* A year. */
#define RETRY_SECONDS_MAX (365 * 24 * 60 * 60)

static gboolean
fail (GError **error, const char *sentence)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, sentence);
  return FALSE;
}

gboolean
streamer_options_check_url (const char *source, const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : "";
  g_autofree char *shown = NULL;

  if ((strcmp (scheme, "http") == 0 || strcmp (scheme, "https") == 0) &&
      g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0' &&
      g_uri_get_userinfo (uri) == NULL)
    return TRUE;
  shown = streamer_key_display_name (url);
  /* Translators: the first placeholder is an option or an environment variable */
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
               _ ("%s takes an address that begins with http:// or https:// and names a server, "
                  "not “%s”."),
               source,
               uri != NULL && g_uri_get_userinfo (uri) != NULL ? _ ("one with a password") : shown);
  return FALSE;
}

static gboolean
check_key (const char *option, const char *key, GError **error)
{
  g_autofree char *canonical = streamer_key_canonicalize (key, -1, error);

  if (canonical != NULL)
    return TRUE;
  g_prefix_error (error, "--%s: ", option);
  return FALSE;
}

/* An empty --path means none, whatever the settings say. */
static gboolean
check_keys (const StreamerRawOptions *raw, GError **error)
{
  if (raw->path != NULL && strspn (raw->path, " /") < strlen (raw->path) &&
      !check_key ("path", raw->path, error))
    return FALSE;
  if (raw->name != NULL && !check_key ("name", raw->name, error))
    return FALSE;
  if (raw->purge)
    for (guint i = 0; raw->rest[i] != NULL; i++)
      if (!check_key ("purge", raw->rest[i], error))
        return FALSE;
  return TRUE;
}

static gboolean
check_pipe (const StreamerRawOptions *raw, GError **error)
{
  if (!g_strv_contains ((const char *const *) raw->rest, "-"))
    return TRUE;
  if (g_strv_length (raw->rest) > 1)
    return fail (error, _ ("A pipe (-) is uploaded on its own, without other files."));
  if (raw->name == NULL)
    return fail (error, _ ("A pipe (-) has no name of its own. Give it one with --name."));
  if (raw->token_stdin)
    return fail (error, _ ("Standard input cannot be both the token (--token-stdin) and what is "
                           "uploaded (-)."));
  return TRUE;
}

static gboolean
check_folders (const StreamerRawOptions *raw, GError **error)
{
  g_autofree char *shown = NULL;

  if (raw->name != NULL && g_file_test (raw->rest[0], G_FILE_TEST_IS_DIR))
    return fail (error, _ ("The option --name is for one file, and this is a folder."));
  if (raw->tmp == NULL || g_file_test (raw->tmp, G_FILE_TEST_IS_DIR))
    return TRUE;
  shown = streamer_key_display_name (raw->tmp);
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
               _ ("The option --tmp takes an existing folder, not “%s”."), shown);
  return FALSE;
}

/* Where to: one place, and what goes with a bucket only with one. */
static gboolean
check_places (const StreamerRawOptions *raw, GError **error)
{
  if ((raw->connection != NULL) + (raw->request_url != NULL) + (raw->s3 != NULL) > 1)
    return fail (error, _ ("Only one of --connection, --request-url and --s3."));
  if (raw->s3 == NULL && (raw->endpoint != NULL || raw->region != NULL || raw->profile != NULL ||
                          raw->link_expires != NULL))
    return fail (error, _ ("The options --endpoint, --region, --profile and --link-expires go with "
                           "--s3 only."));
  if (raw->s3 != NULL && (raw->token_file != NULL || raw->token_stdin || raw->api_key_file != NULL))
    return fail (error, _ ("A bucket takes no token and no API key: its keys come from the "
                           "environment or the shared files."));
  return raw->endpoint == NULL || streamer_options_check_url ("--endpoint", raw->endpoint, error);
}

static gboolean
check_items (const StreamerRawOptions *raw, const StreamerDeed *deed, GError **error)
{
  guint n_items = g_strv_length (raw->rest);

  if (n_items == 0 && deed->needs_items)
    switch (deed->mode)
      {
      case STREAMER_MODE_PURGE:
        return fail (error, _ ("Name at least one key after --purge."));
      case STREAMER_MODE_ABORT:
        return fail (error, _ ("Name at least one ID after --abort; --list shows them."));
      case STREAMER_MODE_VERIFY:
        return fail (error, _ ("Name at least one file after --verify."));
      case STREAMER_MODE_UPLOAD:
      case STREAMER_MODE_LIST:
      case STREAMER_MODE_RESUME:
      case STREAMER_MODE_HELP:
      case STREAMER_MODE_VERSION:
      default:
        return fail (error, _ ("Name at least one file or folder after --upload."));
      }
  if (n_items > 0 && !deed->takes_items)
    return fail (error, _ ("The option --list takes no names: it lists everything."));
  for (guint i = 0; i < n_items; i++)
    if (*raw->rest[i] == '\0')
      return fail (error, _ ("An empty name names nothing."));
  if (raw->name != NULL && n_items > 1)
    return fail (error, _ ("The option --name is for one file, and there are several."));
  return TRUE;
}

static gboolean
check_what (StreamerRawOptions *raw, StreamerMode *mode, GError **error)
{
  const StreamerDeed *deed = streamer_option_table_find_deed (raw, error);

  if (deed == NULL)
    return FALSE;
  *mode = deed->mode;
  return check_items (raw, deed, error) && check_places (raw, error);
}

static gboolean
check_conflicts (StreamerRawOptions *raw, StreamerMode *mode, GError **error)
{
  if (!check_what (raw, mode, error))
    return FALSE;
  if (raw->token_file != NULL && raw->token_stdin)
    return fail (error, _ ("Either --token-file or --token-stdin, not both."));
  if (raw->quiet && raw->verbose)
    return fail (error, _ ("Either --quiet or --verbose, not both."));
  return TRUE;
}

static gboolean
check (StreamerRawOptions *raw, StreamerOptions *options, GError **error)
{
  guint part_size_mib = 0;

  if (!check_conflicts (raw, &options->mode, error) || !check_keys (raw, error) ||
      (raw->upload && (!check_pipe (raw, error) || !check_folders (raw, error))) ||
      (raw->request_url != NULL &&
       !streamer_options_check_url ("--request-url", raw->request_url, error)) ||
      (raw->domain != NULL && !streamer_options_check_url ("--domain", raw->domain, error)) ||
      !streamer_option_values_read_number ("parts", raw->parts, STREAMER_PARTS_MIN,
                                           STREAMER_PARTS_MAX, &options->parts, error) ||
      !streamer_option_values_read_number ("part-size", raw->part_size, STREAMER_PART_SIZE_MIN_MIB,
                                           STREAMER_PART_SIZE_MAX_MIB, &part_size_mib, error) ||
      !streamer_option_values_read_number ("link-expires", raw->link_expires, 1, MAX_LINK_SECONDS,
                                           &options->link_expires, error) ||
      !streamer_option_values_read_number ("retry-for", raw->retry_for, 0, RETRY_SECONDS_MAX,
                                           &options->retry_for, error) ||
      !streamer_option_values_read_rate (raw->limit_rate, &options->limit_rate, error) ||
      !streamer_option_values_read_output (raw->json, &options->output, error) ||
      !streamer_option_values_read_metadata (raw->metadata, &options->metadata, error))
    return FALSE;
  options->part_size = part_size_mib * STREAMER_MIB;
  return TRUE;
}

static void
take (StreamerRawOptions *raw, StreamerOptions *options)
{
  options->items = g_steal_pointer (&raw->rest);
  options->path = g_steal_pointer (&raw->path);
  options->name = g_steal_pointer (&raw->name);
  options->connection = g_steal_pointer (&raw->connection);
  options->request_url = g_steal_pointer (&raw->request_url);
  options->domain = g_steal_pointer (&raw->domain);
  options->s3 = g_steal_pointer (&raw->s3);
  options->endpoint = g_steal_pointer (&raw->endpoint);
  options->region = g_steal_pointer (&raw->region);
  options->profile = g_steal_pointer (&raw->profile);
  options->storage_class = g_steal_pointer (&raw->storage_class);
  options->content_type = g_steal_pointer (&raw->content_type);
  options->token_file = g_steal_pointer (&raw->token_file);
  options->token_stdin = raw->token_stdin;
  options->api_key_file = g_steal_pointer (&raw->api_key_file);
  options->tmp = g_steal_pointer (&raw->tmp);
  options->overwrite = raw->overwrite;
  options->sha256 = raw->sha256;
  options->quiet = raw->quiet;
  options->verbose = raw->verbose;
  options->no_input = raw->no_input;
  options->dry_run = raw->dry_run;
}

gboolean
streamer_options_are_for_window (const char *const *argv)
{
  for (guint i = 1; argv[0] != NULL && argv[i] != NULL; i++)
    {
      if (strcmp (argv[i], "--") == 0)
        return TRUE;
      if (argv[i][0] == '-' && argv[i][1] != '\0' && !g_str_has_prefix (argv[i], "--gapplication-"))
        return FALSE;
    }
  return TRUE;
}

StreamerOptions *
streamer_options_new (const char *const *argv, GError **error)
{
  g_autoptr (StreamerOptions) options = g_new0 (StreamerOptions, 1);
  g_auto (StreamerRawOptions) raw = { 0 };

  if (!streamer_option_table_parse (argv, &raw, error))
    return NULL;
  options->retry_for = RETRY_SECONDS_DEFAULT;
  if (raw.help)
    options->mode = STREAMER_MODE_HELP;
  else if (raw.version)
    options->mode = STREAMER_MODE_VERSION;
  else if (!check (&raw, options, error))
    return NULL;
  take (&raw, options);
  return g_steal_pointer (&options);
}

void
streamer_options_free (StreamerOptions *options)
{
  g_strfreev (options->items);
  g_free (options->path);
  g_free (options->name);
  g_free (options->connection);
  g_free (options->request_url);
  g_free (options->domain);
  g_free (options->s3);
  g_free (options->endpoint);
  g_free (options->region);
  g_free (options->profile);
  g_free (options->storage_class);
  g_free (options->content_type);
  g_strfreev (options->metadata);
  g_free (options->token_file);
  g_free (options->api_key_file);
  g_free (options->tmp);
  g_free (options);
}
