/* streamer-reporter.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <stdio.h>

#include "streamer-options.h"
#include "streamer-receipt.h"

G_BEGIN_DECLS

typedef struct _StreamerReporter StreamerReporter;

/**
 * streamer_reporter_new:
 * @out: standard output; not closed
 *
 * Standard output: outcomes in the order in which the items were given, whatever the order in
 * which they come, and events at once where a stream of them is wanted. Owner's thread.
 */
StreamerReporter *streamer_reporter_new (FILE *out, StreamerOutput output);
void streamer_reporter_free (StreamerReporter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerReporter, streamer_reporter_free)

/**
 * streamer_reporter_settle:
 * @index: of the item, from 0; each one once
 * @receipt: how it ended: done where its status code is 200
 *
 * Prints the link, or the key where no link is known, or the JSON object; a failure prints no
 * link. Later items wait for this one.
 */
void streamer_reporter_settle (StreamerReporter *self, guint index, const StreamerReceipt *receipt);

/** As streamer_reporter_settle(), for a key that was removed or not: prints JSON only. */
void streamer_reporter_settle_purge (StreamerReporter *self,
                                     guint index,
                                     const char *key,
                                     guint status_code,
                                     const char *status);

/** As streamer_reporter_settle(), for what would be uploaded: prints JSON only. */
void streamer_reporter_settle_dry_run (StreamerReporter *self,
                                       guint index,
                                       const StreamerReceipt *receipt);

/**
 * streamer_reporter_settle_object:
 * @event: what begins it where events are wanted
 * @object: what is printed as JSON
 * @text: (nullable): what is printed otherwise, without the newline
 *
 * As streamer_reporter_settle(), for what is no upload.
 */
void streamer_reporter_settle_object (StreamerReporter *self,
                                      guint index,
                                      const char *event,
                                      JsonNode *object,
                                      const char *text);

/** @error: (nullable): why it is so. Prints where events are wanted. */
void streamer_reporter_state (StreamerReporter *self,
                              const char *id,
                              const char *file,
                              const char *state,
                              const GError *error);

/** @size: bytes, or STREAMER_SIZE_UNKNOWN. Prints where events are wanted. */
void streamer_reporter_progress (StreamerReporter *self,
                                 const char *id,
                                 const char *file,
                                 guint64 sent,
                                 guint64 size,
                                 guint64 speed,
                                 gint64 time_left);

/** Returns: whether anything could not be written */
gboolean streamer_reporter_has_failed (StreamerReporter *self);

G_END_DECLS
