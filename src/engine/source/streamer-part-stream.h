/* streamer-part-stream.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-rate-limit.h"
#include "streamer-source.h"

G_BEGIN_DECLS

/* Read and written in pieces of this many bytes. */
#define STREAMER_IO_SIZE (256 * 1024)

#define STREAMER_TYPE_PART_STREAM (streamer_part_stream_get_type ())
G_DECLARE_FINAL_TYPE (StreamerPartStream, streamer_part_stream, STREAMER, PART_STREAM, GInputStream)

/**
 * StreamerPartStream:
 *
 * The body of one attempt at one part: a bounded pread() over a slice, which counts, takes the
 * CRC-32 and keeps to the rate limit on the same buffer while it is hot. It ends exactly where the
 * slice ends; a file that is shorter is STREAMER_ERROR_CHANGED. Used by one worker at a time.
 */

/**
 * streamer_part_stream_new:
 * @slice: must stay acquired while the stream is used
 * @sent: (nullable): a counter that grows atomically (g_atomic_pointer_add()) by each read, as
 *   bytes of this attempt; set to 0 here and on rewind. Read by the progress timer.
 * @limit: (nullable): shared by all streams that it limits
 */
StreamerPartStream *
streamer_part_stream_new (const StreamerSlice *slice, gsize *sent, StreamerRateLimit *limit);

/** Starts again at the slice's first byte, count and checksum included. */
void streamer_part_stream_rewind (StreamerPartStream *self);

/** The part is sent once more by the library that sends it, which has heard nothing of what became
 * of it. */
void streamer_part_stream_note_resent (StreamerPartStream *self);
/** Returns: whether it was: then an answer tells of the last time only */
gboolean streamer_part_stream_was_resent (StreamerPartStream *self);

/**
 * streamer_part_stream_read_ahead:
 * @crc32: (out): of the whole part
 * @md5: (out) (optional) (transfer full): in hex
 *
 * Reads the part when it is not sent: for a store that wants to know its checksum beforehand, or
 * that has it already. Nothing of it is counted or limited.
 *
 * Returns: FALSE with STREAMER_ERROR_CHANGED, _UNREADABLE or G_IO_ERROR_CANCELLED
 */
gboolean streamer_part_stream_read_ahead (StreamerPartStream *self,
                                          guint32 *crc32,
                                          char **md5,
                                          GCancellable *cancellable,
                                          GError **error);

guint64 streamer_part_stream_get_length (StreamerPartStream *self);
/** Returns: bytes handed out since the start or the last rewind */
guint64 streamer_part_stream_get_count (StreamerPartStream *self);
/** Returns: CRC-32 of the bytes counted */
guint32 streamer_part_stream_get_crc32 (StreamerPartStream *self);

/**
 * streamer_part_stream_want_md5:
 *
 * Takes the MD5 of the bytes as well, from the next rewind on: for a store that knows its parts by
 * it and does not say it.
 */
void streamer_part_stream_want_md5 (StreamerPartStream *self);

/** Returns: (transfer full): MD5 in hex of the whole part; NULL before its end, and a second time */
char *streamer_part_stream_get_md5 (StreamerPartStream *self);

G_END_DECLS
