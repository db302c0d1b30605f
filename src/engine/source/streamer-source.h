/* streamer-source.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-plan.h"

G_BEGIN_DECLS

/**
 * StreamerSlice:
 * @fd: an open descriptor that takes pread(); owned by the source
 * @offset: bytes from the descriptor's start
 * @length: bytes
 * @last: nothing comes after this slice
 *
 * The bytes of one part. They can be read again until the slice is released.
 */
typedef struct
{
  int fd;
  guint64 offset;
  guint64 length;
  gboolean last;
} StreamerSlice;

/**
 * StreamerSourceIdentity:
 * @device: says nothing after a restart, when devices may be numbered anew
 * @size: bytes
 * @mtime_ns: of the last writing, nanoseconds since the epoch
 * @ctime_ns: of the last change of any kind, nanoseconds since the epoch
 *
 * What tells one state of a file from another, now and after the program was started again.
 */
typedef struct
{
  guint64 device;
  guint64 inode;
  guint64 size;
  gint64 mtime_ns;
  gint64 ctime_ns;
} StreamerSourceIdentity;

/**
 * streamer_source_identity_check:
 * @then: what the upload began with
 * @now: what there is
 * @name: of the file, for the eye
 *
 * The one comparison, and its words.
 *
 * Returns: FALSE with STREAMER_ERROR_CHANGED, which says how it changed
 */
gboolean streamer_source_identity_check (const StreamerSourceIdentity *then,
                                         const StreamerSourceIdentity *now,
                                         const char *name,
                                         GError **error);

#define STREAMER_TYPE_SOURCE (streamer_source_get_type ())
G_DECLARE_DERIVABLE_TYPE (StreamerSource, streamer_source, STREAMER, SOURCE, GObject)

/**
 * StreamerSource:
 *
 * Where an upload's bytes come from: a file that is read in place, or a pipe that is kept in a
 * temporary folder part by part. All calls may come from any worker thread.
 */
struct _StreamerSourceClass
{
  GObjectClass parent_class;

  gboolean (*acquire) (StreamerSource *self,
                       const StreamerPlan *plan,
                       guint number,
                       StreamerSlice *slice,
                       GCancellable *cancellable,
                       GError **error);
  void (*release) (StreamerSource *self, guint number);
  gboolean (*check) (StreamerSource *self, GError **error);
  gboolean (*get_identity) (StreamerSource *self,
                            StreamerSourceIdentity *identity); /* (nullable) */
};

/** Returns: bytes, or STREAMER_SIZE_UNKNOWN while a pipe has not ended */
guint64 streamer_source_get_size (StreamerSource *self);

/** Returns: (transfer none): MIME type, GIO's guess by name and content */
const char *streamer_source_get_content_type (StreamerSource *self);

/**
 * streamer_source_acquire:
 * @number: from 1
 *
 * Makes the bytes of part @number readable; for a pipe waits until they have arrived (parts of a
 * pipe become readable in order, and not more than a few are kept at a time). Every successful
 * call is followed by one streamer_source_release() when the part is stored or given up; a failed
 * attempt that will be repeated keeps the slice.
 *
 * Returns: FALSE with STREAMER_ERROR_UNREADABLE, _CHANGED, _NO_SPACE (temporary folder full),
 *   or G_IO_ERROR_CANCELLED; with STREAMER_ERROR_NOT_FOUND where a pipe ended before this part
 */
gboolean streamer_source_acquire (StreamerSource *self,
                                  const StreamerPlan *plan,
                                  guint number,
                                  StreamerSlice *slice,
                                  GCancellable *cancellable,
                                  GError **error);
void streamer_source_release (StreamerSource *self, guint number);

/**
 * streamer_source_get_identity:
 * @identity: (out caller-allocates): as it was when the source was opened
 *
 * Returns: FALSE for a pipe, which has none
 */
gboolean streamer_source_get_identity (StreamerSource *self, StreamerSourceIdentity *identity);

/**
 * streamer_source_check:
 *
 * Compares the identity of what is open, and of what the path now names, with what it was when the
 * source was opened (streamer_source_identity_check()). Asked before each part and
 * before the upload is finished.
 *
 * Returns: FALSE with STREAMER_ERROR_CHANGED, which says how it changed
 */
gboolean streamer_source_check (StreamerSource *self, GError **error);

/**
 * streamer_file_source_open:
 * @path: (type filename): a regular file, or a link to one
 *
 * Opens without blocking on FIFOs. Never maps the file into memory.
 *
 * Returns: (transfer full): the source, or NULL with STREAMER_ERROR_UNREADABLE, whose message says
 *   whether it is absent, unreadable, a folder, a FIFO, a device or a socket
 */
StreamerSource *streamer_file_source_open (const char *path, GError **error);

/**
 * streamer_pipe_source_new:
 * @fd: (transfer full): a descriptor that can be read once
 * @name: for the content type and messages
 * @tmp: (type filename): folder for the parts that are waiting to be stored; the files in it have
 *   no name and vanish with the process
 * @part_size: bytes kept per part; must be the plan's
 * @max_kept: parts kept at a time, at least 1
 */
StreamerSource *streamer_pipe_source_new (int fd,
                                          const char *name,
                                          const char *tmp,
                                          guint64 part_size,
                                          guint max_kept);

G_END_DECLS
