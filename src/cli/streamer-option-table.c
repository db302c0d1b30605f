/* streamer-option-table.c: which options there are, what they take and what they go with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GOption reads the table. Values stay the bytes that were typed.
 */

#include <glib/gi18n-lib.h>

#include "streamer-option-table.h"

#include "streamer-error.h"

#define FIELD(member) G_STRUCT_OFFSET (StreamerRawOptions, member)

static const StreamerDeed deeds[] = {
  { "upload", FIELD (upload), STREAMER_MODE_UPLOAD, TRUE, TRUE },
  { "purge", FIELD (purge), STREAMER_MODE_PURGE, TRUE, TRUE },
  { "list", FIELD (list), STREAMER_MODE_LIST, FALSE, FALSE },
  { "resume", FIELD (resume), STREAMER_MODE_RESUME, TRUE, FALSE },
  { "abort", FIELD (abort), STREAMER_MODE_ABORT, TRUE, TRUE },
  { "verify", FIELD (verify), STREAMER_MODE_VERIFY, TRUE, TRUE },
};

/* What an option goes with. */
typedef enum
{
  FOR_UPLOAD = 1 << STREAMER_MODE_UPLOAD,
  FOR_PURGE = 1 << STREAMER_MODE_PURGE,
  FOR_LIST = 1 << STREAMER_MODE_LIST,
  FOR_RESUME = 1 << STREAMER_MODE_RESUME,
  FOR_ABORT = 1 << STREAMER_MODE_ABORT,
  FOR_VERIFY = 1 << STREAMER_MODE_VERIFY,

  FOR_SENDING = FOR_UPLOAD | FOR_RESUME,
  FOR_A_PLACE = FOR_UPLOAD | FOR_PURGE,
  FOR_A_BUCKET = FOR_A_PLACE | FOR_LIST | FOR_ABORT,
  FOR_SECRETS = FOR_A_PLACE | FOR_RESUME | FOR_ABORT | FOR_VERIFY,
  FOR_ALL = FOR_SECRETS | FOR_LIST,
} Modes;

typedef struct
{
  const char *name;
  const char *value; /* (nullable): what it takes, for --help; NULL for a flag */
  Modes modes;
  gsize offset;
  const char *help;
  gboolean repeats;
} Row;

static const Row table[] = {
  { "upload", NULL, FOR_ALL, FIELD (upload),
    N_ ("Upload the files and folders named; - is a pipe") },
  { "purge", NULL, FOR_ALL, FIELD (purge),
    N_ ("Remove the objects with these keys from the server") },
  { "list", NULL, FOR_ALL, FIELD (list),
    N_ ("List the uploads that are unfinished or done; with a bucket, what it has unfinished") },
  { "resume", NULL, FOR_ALL, FIELD (resume),
    N_ ("Go on with unfinished uploads: all of them, or those with these IDs") },
  { "abort", NULL, FOR_ALL, FIELD (abort),
    N_ ("Give up the unfinished uploads with these IDs, and what the server has of them") },
  { "verify", NULL, FOR_ALL, FIELD (verify),
    N_ ("Compare files, and what the server has, with what was uploaded") },
  { "path", N_ ("FOLDER"), FOR_A_PLACE, FIELD (path), N_ ("Target folder in the bucket") },
  { "name", N_ ("NAME"), FOR_UPLOAD, FIELD (name), N_ ("Target name, for one file or a pipe") },
  { "connection", N_ ("NAME"), FOR_A_BUCKET, FIELD (connection),
    N_ ("A saved connection; this-computer always exists") },
  { "request-url", N_ ("URL"), FOR_A_PLACE, FIELD (request_url),
    N_ ("A server without a saved connection (or S3STREAMER_ENDPOINT)") },
  { "domain", N_ ("URL"), FOR_UPLOAD, FIELD (domain), N_ ("Where visitors download from") },
  { "s3", N_ ("s3://BUCKET[/PREFIX]"), FOR_A_BUCKET, FIELD (s3),
    N_ ("A bucket, with keys from the environment or the shared files") },
  { "endpoint", N_ ("URL"), FOR_A_BUCKET, FIELD (endpoint),
    N_ ("Where the bucket is, unless it is Amazon S3") },
  { "region", N_ ("REGION"), FOR_A_BUCKET, FIELD (region), N_ ("The region of the bucket") },
  { "profile", N_ ("NAME"), FOR_A_BUCKET, FIELD (profile),
    N_ ("Whose keys to take from the shared files") },
  { "link-expires", N_ ("SECONDS"), FOR_UPLOAD, FIELD (link_expires),
    N_ ("How long a link to a private bucket works, up to 604800") },
  { "storage-class", N_ ("CLASS"), FOR_UPLOAD, FIELD (storage_class),
    N_ ("Storage class of objects in a bucket, such as STANDARD_IA") },
  { "content-type", N_ ("TYPE"), FOR_UPLOAD, FIELD (content_type),
    N_ ("Content type, in place of what names and contents suggest") },
  { "metadata", N_ ("NAME=VALUE"), FOR_UPLOAD, FIELD (metadata),
    N_ ("Metadata of objects in a bucket; can be repeated"), TRUE },
  { "token-file", N_ ("FILE"), FOR_SECRETS, FIELD (token_file),
    N_ ("File with the token (or S3STREAMER_TOKEN)") },
  { "token-stdin", NULL, FOR_SECRETS, FIELD (token_stdin),
    N_ ("Read the token from standard input") },
  { "api-key-file", N_ ("FILE"), FOR_SECRETS, FIELD (api_key_file),
    N_ ("File with the API key (or S3STREAMER_API_KEY)") },
  { "parts", N_ ("N"), FOR_SENDING, FIELD (parts), N_ ("Parts sent at the same time, 1 to 64") },
  { "part-size", N_ ("MB"), FOR_UPLOAD, FIELD (part_size),
    N_ ("Size of a part in units of 1,048,576 bytes, 5 to 5120") },
  { "tmp", N_ ("FOLDER"), FOR_UPLOAD, FIELD (tmp),
    N_ ("Where a pipe is kept until its parts are stored") },
  { "overwrite", NULL, FOR_UPLOAD, FIELD (overwrite), N_ ("Replace what is there") },
  { "sha256", NULL, FOR_UPLOAD, FIELD (sha256),
    N_ ("Compute the SHA-256 as well, for which each file is read once more") },
  { "limit-rate", N_ ("N[K|M|G]"), FOR_SENDING, FIELD (limit_rate),
    N_ ("Bytes per second at most") },
  { "retry-for", N_ ("SECONDS"), FOR_ALL, FIELD (retry_for),
    N_ ("How long a server may be away, 300 unless given; 0 to fail at once") },
  { "json", N_ ("stream"), FOR_ALL, FIELD (json),
    N_ ("One JSON object per file; with =stream events as well") },
  { "quiet", NULL, FOR_ALL, FIELD (quiet), N_ ("Say nothing but errors") },
  { "verbose", NULL, FOR_ALL, FIELD (verbose), N_ ("Say what happens to each file") },
  { "no-input", NULL, FOR_ALL, FIELD (no_input), N_ ("Never ask for anything") },
  { "dry-run", NULL, FOR_A_PLACE, FIELD (dry_run), N_ ("Only say what would be done") },
  { "help", NULL, FOR_ALL, FIELD (help), N_ ("Show this help") },
  { "version", NULL, FOR_ALL, FIELD (version), N_ ("Show the version") },
};

void
streamer_raw_options_clear (StreamerRawOptions *raw)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].repeats)
      g_strfreev (G_STRUCT_MEMBER (char **, raw, table[i].offset));
    else if (table[i].value != NULL)
      g_free (G_STRUCT_MEMBER (char *, raw, table[i].offset));
  g_strfreev (raw->rest);
}

static gboolean
row_is_given (const Row *row, StreamerRawOptions *raw)
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

/* Whether it says what to do, and names may follow. */
static gboolean
takes_items (const Row *row)
{
  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    if (deeds[i].offset == row->offset)
      return deeds[i].takes_items;
  return FALSE;
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
          g_autofree char *deed = NULL;

          if (!takes_items (row))
            {
              /* Translators: the placeholder is the name of an option */
              g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("The option --%s takes no value."), row->name);
              return NULL;
            }
          deed = g_strconcat ("--", row->name, NULL);
          g_strv_builder_add_many (builder, deed, equals + 1, NULL);
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
create_context (StreamerRawOptions *raw)
{
  GOptionContext *context = g_option_context_new (_ ("[FILE|FOLDER|URI|KEY|ID…]"));
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
      context,
      _ ("Without options it opens the window, and what is named joins its queue.\n"
         "With --upload, --purge, --list, --resume, --abort or --verify it needs neither a "
         "display\nnor a session bus: links go to standard output, one per file in the "
         "order given, all\nelse to standard error."));
  g_option_context_set_description (
      context,
      _ ("Exit status: 0 all done, 1 failed, 2 wrong usage, 3 not allowed, 4 network,\n5 the file "
         "changed or cannot be read, 6 some of several files failed,\n130 interrupted, "
         "--resume goes on."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return context;
}

gboolean
streamer_option_table_parse (const char *const *argv, StreamerRawOptions *raw, GError **error)
{
  g_auto (GStrv) arguments = normalize (argv, error);
  g_autoptr (GOptionContext) context = NULL;

  if (arguments == NULL)
    return FALSE;
  context = create_context (raw);
  if (!g_option_context_parse_strv (context, &arguments, error))
    return FALSE;
  if (raw->rest == NULL)
    raw->rest = g_new0 (char *, 1);
  return TRUE;
}

static gboolean
check_rows (StreamerRawOptions *raw, const StreamerDeed *deed, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if ((table[i].modes & 1 << deed->mode) != 0 || !row_is_given (&table[i], raw))
        continue;
      if (table[i].modes == FOR_UPLOAD)
        g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                     _ ("The option --%s goes with --upload only."), table[i].name);
      else
        g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                     /* Translators: both are options */
                     _ ("The option --%s does not go with --%s."), table[i].name, deed->name);
      return FALSE;
    }
  return TRUE;
}

const StreamerDeed *
streamer_option_table_find_deed (StreamerRawOptions *raw, GError **error)
{
  const StreamerDeed *found = NULL;
  guint n_given = 0;

  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    if (G_STRUCT_MEMBER (gboolean, raw, deeds[i].offset))
      {
        n_given++;
        found = &deeds[i];
      }
  if (n_given == 1)
    return check_rows (raw, found, error) ? found : NULL;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                       n_given > 1 ? _ ("Only one of --upload, --purge, --list, --resume, --abort "
                                        "and --verify.")
                                   : _ ("Say what to do: --upload FILE, --purge KEY, --list, "
                                        "--resume, --abort ID or --verify FILE."));
  return NULL;
}

char *
streamer_option_table_get_help (void)
{
  g_auto (StreamerRawOptions) raw = { 0 };
  g_autoptr (GOptionContext) context = create_context (&raw);

  return g_option_context_get_help (context, TRUE, NULL);
}
