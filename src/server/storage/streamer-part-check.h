/* streamer-part-check.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-storage.h"

G_BEGIN_DECLS

/** Returns: whether two ETags are the same, with or without their quotes */
gboolean streamer_etags_equal (const char *first, const char *second);

/**
 * streamer_part_check:
 * @upload: what they are parts of
 * @parts: (element-type StreamerStoragePart): what is there, by number
 * @expected: (nullable) (element-type StreamerStoragePart): what the client thinks that it has
 *   sent, by number; an ETag that is "" on either side is not known
 * @total: (out): bytes in all
 *
 * Errors: STREAMER_ERROR_CHECKSUM unless all parts are there, without a gap, each with its size,
 *   and the expected ones
 */
gboolean streamer_part_check (const StreamerStorageUpload *upload,
                              GArray *parts,
                              GArray *expected,
                              guint64 *total,
                              GError **error);

G_END_DECLS
