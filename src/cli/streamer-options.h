/* streamer-options.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  STREAMER_MODE_UPLOAD,
  STREAMER_MODE_PURGE,
  STREAMER_MODE_LIST,
  STREAMER_MODE_RESUME,
  STREAMER_MODE_ABORT,
  STREAMER_MODE_VERIFY,
  STREAMER_MODE_HELP,
  STREAMER_MODE_VERSION,
} StreamerMode;

/**
 * StreamerOutput:
 * @STREAMER_OUTPUT_LINKS: one link per file
 * @STREAMER_OUTPUT_JSON: one object per file
 * @STREAMER_OUTPUT_JSON_STREAM: events as well
 *
 * What goes to standard output.
 */
typedef enum
{
  STREAMER_OUTPUT_LINKS,
  STREAMER_OUTPUT_JSON,
  STREAMER_OUTPUT_JSON_STREAM,
} StreamerOutput;

/**
 * StreamerOptions:
 * @items: (owned) (type filename): files, folders, file URIs or "-"; keys with `--purge`; what names
 *   transfers with `--resume`, `--abort` and `--verify`; nothing but the end where there are none
 * @path: (owned) (nullable): target folder; "" for none, NULL where it was not given
 * @parts: 0 where it was not given
 * @part_size: bytes; 0 where it was not given
 * @limit_rate: bytes per second; 0 for no limit
 * @retry_for: seconds that a server may be away
 * @metadata: (owned) (nullable): name, value, …, NULL
 * @s3: a bucket as `s3://BUCKET` or `s3://BUCKET/PREFIX`; @endpoint, @region, @profile and
 *   @link_expires (seconds; 0 where it was not given) go with it
 *
 * The command line, checked: every value in it can be used. Strings that were not given are NULL.
 */
typedef struct
{
  StreamerMode mode;
  char **items;
  char *path;
  char *name;
  char *connection;
  char *request_url;
  char *domain;
  char *s3;
  char *endpoint;
  char *region;
  char *profile;
  guint link_expires;
  char *storage_class;
  char *content_type;
  char **metadata;
  char *token_file;
  gboolean token_stdin;
  char *api_key_file;
  guint parts;
  guint64 part_size;
  char *tmp;
  gboolean overwrite;
  gboolean sha256;
  guint64 limit_rate;
  guint retry_for;
  StreamerOutput output;
  gboolean quiet;
  gboolean verbose;
  gboolean no_input;
  gboolean dry_run;
} StreamerOptions;

/**
 * streamer_options_are_for_window:
 * @argv: of the program
 *
 * Returns: whether nothing in @argv asks for the command line: only names of files and URIs, and
 *   GApplication's own options
 */
gboolean streamer_options_are_for_window (const char *const *argv);

/**
 * streamer_options_new:
 * @argv: of the program
 *
 * Returns: (transfer full): the options; or NULL with an error, which is always the user's to mend
 */
StreamerOptions *streamer_options_new (const char *const *argv, GError **error);
void streamer_options_free (StreamerOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerOptions, streamer_options_free)

/**
 * streamer_options_check_url:
 * @source: the option or variable that @url comes from
 *
 * Returns: whether @url is an http or https address, else FALSE with STREAMER_ERROR_INVALID
 */
gboolean streamer_options_check_url (const char *source, const char *url, GError **error);

G_END_DECLS
