/* streamer-target.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-connection.h"

G_BEGIN_DECLS

/**
 * StreamerTarget:
 * @connection: (owned): where to
 * @prefix: (owned) (nullable): target folder
 * @name: (owned) (nullable): target name, for one file
 * @part_size: bytes, or 0 for the default
 * @overwrite: whether to replace what is there
 * @content_type: (owned) (nullable): of the objects, whatever names and contents suggest
 * @storage_class: (owned) (nullable): of the objects, in place of the connection's
 * @metadata: (owned) (nullable): of the objects: name, value, …, NULL
 * @wants_sha256: whether the receipt has the SHA-256 of the file, for which it is read once more
 * @tmp: (owned) (type filename): folder for input that cannot be read twice
 *
 * What the user asked for: where files go and how. Fixed once it is handed to a queue; atomically
 * reference counted.
 */
typedef struct
{
  StreamerConnection *connection;
  char *prefix;
  char *name;
  guint64 part_size;
  gboolean overwrite;
  char *content_type;
  char *storage_class;
  char **metadata;
  gboolean wants_sha256;
  char *tmp;
} StreamerTarget;

#define STREAMER_TYPE_TARGET (streamer_target_get_type ())
GType streamer_target_get_type (void);
/** @tmp is "/tmp", all else empty. */
StreamerTarget *streamer_target_new (StreamerConnection *connection);
/** Reads target folder, part size, overwrite, SHA-256 and temporary folder. */
StreamerTarget *streamer_target_new_from_settings (StreamerConnection *connection,
                                                   GSettings *settings);
/**
 * streamer_target_check:
 *
 * Returns: FALSE with STREAMER_ERROR_INVALID where content type, storage class or metadata are none, or
 *   the connection cannot give them to an object
 */
gboolean streamer_target_check (const StreamerTarget *target, GError **error);
StreamerTarget *streamer_target_ref (StreamerTarget *target);
void streamer_target_unref (StreamerTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerTarget, streamer_target_unref)

G_END_DECLS
