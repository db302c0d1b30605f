/* streamer-options.c: the command line of s3streamer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One table says which options there are, what they take and what they go with; GOption reads it.
 * Values come as the bytes that were typed, in any locale, and are checked here, so that nothing
 * starts with a value that cannot be used.
 */

#include <glib/gi18n-lib.h>

#include "streamer-options.h"

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-option-values.h"
#include "streamer-plan.h"

/* As long as Signature Version 4 lets a link work. */
#define MAX_LINK_SECONDS 604800

#define RETRY_SECONDS_DEFAULT 300
/* A year. */
#define RETRY_SECONDS_MAX (365 * 24 * 60 * 60)

/* What GOption writes to: a gboolean for a flag, a string for an option with a value, strings for
 * one that may be repeated. */
typedef struct
{
  gboolean upload;
  gboolean purge;
  char *path;
  char *name;
  char *connection;
  char *request_url;
  char *domain;
  char *s3;
  char *endpoint;
  char *region;
  char *profile;
  char *link_expires;
  char *storage_class;
  char *content_type;
  char **metadata;
  char *token_file;
  gboolean token_stdin;
  char *api_key_file;
  char *parts;
  char *part_size;
  char *tmp;
  gboolean overwrite;
  char *limit_rate;
  char *retry_for;
  char *json;
  gboolean quiet;
  gboolean verbose;
  gboolean no_input;
  gboolean dry_run;
  gboolean help;
  gboolean version;
  char **rest;
} Raw;

typedef struct
{
  const char *name;
  const char *value; /* (nullable): what it takes, for --help; NULL for a flag */
  gboolean upload_only;
  gsize offset;
  const char *help;
  gboolean repeats;
} Row;

#define FIELD(member) G_STRUCT_OFFSET (Raw, member)

static const Row table[] = {
  { "upload", NULL, FALSE, FIELD (upload), N_ ("Upload the files and folders named; - is a pipe") },
  { "purge", NULL, FALSE, FIELD (purge),
    N_ ("Remove the objects with these keys from the server") },
  { "path", N_ ("FOLDER"), FALSE, FIELD (path), N_ ("Target folder in the bucket") },
  { "name", N_ ("NAME"), TRUE, FIELD (name), N_ ("Target name, for one file or a pipe") },
  { "connection", N_ ("NAME"), FALSE, FIELD (connection),
    N_ ("A saved connection; this-computer always exists") },
  { "request-url", N_ ("URL"), FALSE, FIELD (request_url),
    N_ ("A server without a saved connection (or S3STREAMER_ENDPOINT)") },
  { "domain", N_ ("URL"), TRUE, FIELD (domain), N_ ("Where visitors download from") },
  { "s3", N_ ("s3://BUCKET[/PREFIX]"), FALSE, FIELD (s3),
    N_ ("A bucket, with keys from the environment or the shared files") },
  { "endpoint", N_ ("URL"), FALSE, FIELD (endpoint),
    N_ ("Where the bucket is, unless it is Amazon S3") },
  { "region", N_ ("REGION"), FALSE, FIELD (region), N_ ("The region of the bucket") },
  { "profile", N_ ("NAME"), FALSE, FIELD (profile),
    N_ ("Whose keys to take from the shared files") },
  { "link-expires", N_ ("SECONDS"), TRUE, FIELD (link_expires),
    N_ ("How long a link to a private bucket works, up to 604800") },
  { "storage-class", N_ ("CLASS"), TRUE, FIELD (storage_class),
    N_ ("Storage class of objects in a bucket, such as STANDARD_IA") },
  { "content-type", N_ ("TYPE"), TRUE, FIELD (content_type),
    N_ ("Content type, in place of what names and contents suggest") },
  { "metadata", N_ ("NAME=VALUE"), TRUE, FIELD (metadata),
    N_ ("Metadata of objects in a bucket; can be repeated"), TRUE },
  { "token-file", N_ ("FILE"), FALSE, FIELD (token_file),
    N_ ("File with the token (or S3STREAMER_TOKEN)") },
  { "token-stdin", NULL, FALSE, FIELD (token_stdin), N_ ("Read the token from standard input") },
  { "api-key-file", N_ ("FILE"), FALSE, FIELD (api_key_file),
    N_ ("File with the API key (or S3STREAMER_API_KEY)") },
  { "parts", N_ ("N"), TRUE, FIELD (parts), N_ ("Parts sent at the same time, 1 to 64") },
  { "part-size", N_ ("MB"), TRUE, FIELD (part_size),
    N_ ("Size of a part in units of 1,048,576 bytes, 5 to 5120") },
  { "tmp", N_ ("FOLDER"), TRUE, FIELD (tmp),
    N_ ("Where a pipe is kept until its parts are stored") },
  { "overwrite", NULL, TRUE, FIELD (overwrite), N_ ("Replace what is there") },
  { "limit-rate", N_ ("N[K|M|G]"), TRUE, FIELD (limit_rate), N_ ("Bytes per second at most") },
  { "retry-for", N_ ("SECONDS"), FALSE, FIELD (retry_for),
    N_ ("How long a server may be away, 300 unless given; 0 to fail at once") },
  { "json", N_ ("stream"), FALSE, FIELD (json),
    N_ ("One JSON object per file; with =stream events as well") },
  { "quiet", NULL, FALSE, FIELD (quiet), N_ ("Say nothing but errors") },
  { "verbose", NULL, FALSE, FIELD (verbose), N_ ("Say what happens to each file") },
  { "no-input", NULL, FALSE, FIELD (no_input), N_ ("Never ask for anything") },
  { "dry-run", NULL, FALSE, FIELD (dry_run), N_ ("Only say what would be done") },
  { "help", NULL, FALSE, FIELD (help), N_ ("Show this help") },
  { "version", NULL, FALSE, FIELD (version), N_ ("Show the version") },
};

static void
raw_clear (Raw *raw)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].repeats)
      g_strfreev (G_STRUCT_MEMBER (char **, raw, table[i].offset));
    else if (table[i].value != NULL)
      g_free (G_STRUCT_MEMBER (char *, raw, table[i].offset));
  g_strfreev (raw->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Raw, raw_clear)

static gboolean
row_is_given (const Row *row, Raw *raw)
{
  if (row->value != NULL)
    return G_STRUCT_MEMBER (gpointer, raw, row->offset) != NULL;
  return G_STRUCT_MEMBER (gboolean, raw, row->offset);
}

static const Row *
find_row (const char *name, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strlen (table[i].name) == length && strncmp (table[i].name, name, length) == 0)
      return &table[i];
  return NULL;
}

/* GOption ignores the value of `--overwrite=no`, and an optional value swallows the file that
 * follows `--json`. So each `--json` gets an explicit empty value here, the first file may follow
 * `--upload` behind `=`, and other flags take none. */
static char **
normalize (const char *const *argv, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; argv[i] != NULL; i++)
    {
      const char *argument = argv[i];
      const char *name = argument + 2;
      const char *equals = strchr (argument, '=');
      const Row *row;

      if (i > 0 && strcmp (argument, "--") == 0)
        {
          g_strv_builder_addv (builder, (const char **) argv + i);
          break;
        }
      row = i > 0 && g_str_has_prefix (argument, "--")
                ? find_row (name, equals != NULL ? (gsize) (equals - name) : strlen (name))
                : NULL;
      if (row != NULL && row->offset == FIELD (json) && equals == NULL)
        {
          g_strv_builder_add (builder, "--json=");
        }
      else if (row != NULL && row->value == NULL && equals != NULL)
        {
          if (row->offset != FIELD (upload) && row->offset != FIELD (purge))
            {
              /* Translators: the placeholder is the name of an option */
              g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("The option --%s takes no value."), row->name);
              return NULL;
            }
          g_strv_builder_add_many (builder, row->offset == FIELD (upload) ? "--upload" : "--purge",
                                   equals + 1, NULL);
        }
      else
        {
          g_strv_builder_add (builder, argument);
          if (row != NULL && row->value != NULL && equals == NULL && argv[i + 1] != NULL)
            g_strv_builder_add (builder, argv[++i]);
        }
    }
  return g_strv_builder_end (builder);
}

static GOptionContext *
create_context (Raw *raw)
{
  GOptionContext *context = g_option_context_new (_ ("[FILE|FOLDER|URI|KEY…]"));
  GOptionEntry entries[G_N_ELEMENTS (table) + 2] = { 0 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (table); i++)
    entries[i] = (GOptionEntry){
      .long_name = table[i].name,
      .arg = table[i].repeats         ? G_OPTION_ARG_FILENAME_ARRAY
             : table[i].value != NULL ? G_OPTION_ARG_FILENAME
                                      : G_OPTION_ARG_NONE,
      .arg_data = G_STRUCT_MEMBER_P (raw, table[i].offset),
      .description = table[i].help,
      .arg_description = table[i].value,
    };
  entries[i] = (GOptionEntry){
    .long_name = G_OPTION_REMAINING,
    .arg = G_OPTION_ARG_FILENAME_ARRAY,
    .arg_data = &raw->rest,
  };
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (
      context, _ ("Without options it opens the window, and what is named joins its queue.\n"
                  "With --upload or --purge it needs neither a display nor a session bus: links "
                  "go to\nstandard output, one per file in the order given, all else to standard "
                  "error."));
  g_option_context_set_description (
      context,
      _ ("Exit status: 0 all done, 1 failed, 2 wrong usage, 3 not allowed, 4 network,\n5 the file "
         "changed or cannot be read, 6 some of several files failed,\n130 interrupted."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return context;
}

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
check_keys (const Raw *raw, GError **error)
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
check_pipe (const Raw *raw, GError **error)
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
check_folders (const Raw *raw, GError **error)
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
check_places (const Raw *raw, GError **error)
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
check_what (Raw *raw, GError **error)
{
  guint n_items = raw->rest != NULL ? g_strv_length (raw->rest) : 0;

  if (raw->upload == raw->purge)
    return fail (error, raw->upload ? _ ("Either --upload or --purge, not both.")
                                    : _ ("Say what to do: --upload FILE or --purge KEY."));
  if (n_items == 0)
    return fail (error, raw->upload ? _ ("Name at least one file or folder after --upload.")
                                    : _ ("Name at least one key after --purge."));
  for (guint i = 0; i < n_items; i++)
    if (*raw->rest[i] == '\0')
      return fail (error, _ ("An empty name names nothing."));
  for (guint i = 0; raw->purge && i < G_N_ELEMENTS (table); i++)
    if (table[i].upload_only && row_is_given (&table[i], raw))
      {
        g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                     _ ("The option --%s goes with --upload only."), table[i].name);
        return FALSE;
      }
  if (raw->name != NULL && n_items > 1)
    return fail (error, _ ("The option --name is for one file, and there are several."));
  return check_places (raw, error);
}

static gboolean
check_conflicts (Raw *raw, GError **error)
{
  if (!check_what (raw, error))
    return FALSE;
  if (raw->token_file != NULL && raw->token_stdin)
    return fail (error, _ ("Either --token-file or --token-stdin, not both."));
  if (raw->quiet && raw->verbose)
    return fail (error, _ ("Either --quiet or --verbose, not both."));
  return TRUE;
}

static gboolean
check (Raw *raw, StreamerOptions *options, GError **error)
{
  guint part_size_mib = 0;

  if (!check_conflicts (raw, error) || !check_keys (raw, error) ||
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
take (Raw *raw, StreamerOptions *options)
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
  g_auto (Raw) raw = { 0 };
  g_auto (GStrv) arguments = normalize (argv, error);
  g_autoptr (GOptionContext) context = NULL;

  if (arguments == NULL)
    return NULL;
  options->retry_for = RETRY_SECONDS_DEFAULT;
  context = create_context (&raw);
  if (!g_option_context_parse_strv (context, &arguments, error))
    return NULL;
  if (raw.help)
    options->mode = STREAMER_MODE_HELP;
  else if (raw.version)
    options->mode = STREAMER_MODE_VERSION;
  else if (!check (&raw, options, error))
    return NULL;
  else
    options->mode = raw.purge ? STREAMER_MODE_PURGE : STREAMER_MODE_UPLOAD;
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

char *
streamer_options_get_help (void)
{
  g_auto (Raw) raw = { 0 };
  g_autoptr (GOptionContext) context = create_context (&raw);

  return g_option_context_get_help (context, TRUE, NULL);
}
