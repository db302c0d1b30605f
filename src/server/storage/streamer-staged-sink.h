/* streamer-staged-sink.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-folder-storage.h"
#include "streamer-post-grant.h"

G_BEGIN_DECLS

/**
 * StreamerStagedSink:
 *
 * Takes the bytes of one posted file into a folder storage; of one thread.
 */
typedef struct _StreamerStagedSink StreamerStagedSink;

/**
 * streamer_staged_sink_open:
 * @grant: what the client may send
 *
 * Errors: STREAMER_ERROR_EXISTS, _NO_SPACE
 */
StreamerStagedSink *streamer_staged_sink_open (StreamerFolderStorage *storage,
                                               const StreamerPostGrant *grant,
                                               GError **error);

/** Errors: STREAMER_ERROR_TOO_LARGE, _NO_SPACE */
gboolean streamer_staged_sink_write (StreamerStagedSink *self,
                                     const void *data,
                                     gsize length,
                                     GError **error);

/**
 * streamer_staged_sink_commit:
 *
 * Makes it the temporary object, or the document, that the grant is for. Errors:
 * STREAMER_ERROR_EXISTS, _NO_SPACE
 *
 * Returns: (transfer full): its ETag, quotes included
 */
char *streamer_staged_sink_commit (StreamerStagedSink *self, GError **error);

/** Without a commit, nothing is left. */
void streamer_staged_sink_free (StreamerStagedSink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerStagedSink, streamer_staged_sink_free)

G_END_DECLS
