/* streamer-option-table.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-options.h"

G_BEGIN_DECLS

/**
 * StreamerRawOptions:
 *
 * What GOption writes to: a gboolean for a flag, a string for an option with a value, strings for
 * one that may be repeated. All are owned; @rest is never NULL once it was read.
 */
typedef struct
{
  gboolean upload;
  gboolean purge;
  gboolean list;
  gboolean resume;
  gboolean abort;
  gboolean verify;
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
  gboolean sha256;
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
} StreamerRawOptions;

/**
 * StreamerDeed:
 * @offset: of its flag in StreamerRawOptions
 * @takes_items: whether names may follow
 * @needs_items: whether one has to
 *
 * One of the things that the command line can do.
 */
typedef struct
{
  const char *name;
  gsize offset;
  StreamerMode mode;
  gboolean takes_items;
  gboolean needs_items;
} StreamerDeed;

/* Errors of all are the user's: G_OPTION_ERROR or STREAMER_ERROR_INVALID. */

/** @raw: zeros */
gboolean
streamer_option_table_parse (const char *const *argv, StreamerRawOptions *raw, GError **error);
/** Returns: (transfer none) (nullable): the one deed that was asked for, and nothing beside it that
 *   does not go with it */
const StreamerDeed *streamer_option_table_find_deed (StreamerRawOptions *raw, GError **error);
/** Returns: (transfer full): what `--help` prints */
char *streamer_option_table_get_help (void);

void streamer_raw_options_clear (StreamerRawOptions *raw);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerRawOptions, streamer_raw_options_clear)

G_END_DECLS
