/* streamer-store-answer.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-store.h"

G_BEGIN_DECLS

/**
 * streamer_store_answer_check:
 * @answer: of a store to the bytes of a part: S3's XML, our server's JSON, or anything
 * @url: where they were sent; its query is not shown even if the answer repeats it
 * @fields: (nullable): name, value, …, NULL: what was sent with them; not shown either
 *
 * Returns: whether the store took the part; FALSE with the error that the answer means. 403 is
 *   STREAMER_ERROR_EXPIRED: only a fresh URL shows whether it means more.
 */
gboolean streamer_store_answer_check (const StreamerAnswer *answer,
                                      const char *url,
                                      const char *const *fields,
                                      GError **error);

/**
 * streamer_store_answer_fits_md5:
 * @md5: in hex, of what was sent
 *
 * Returns: FALSE where the ETag is the MD5 of other bytes; TRUE also where it is none
 */
gboolean streamer_store_answer_fits_md5 (const StreamerAnswer *answer, const char *md5);

/**
 * streamer_store_answer_read_part:
 * @answer: of a store that took the part
 * @body: sent to its end
 * @stored: (out caller-allocates): what was sent and what the store called it
 *
 * Holds what the store says of the bytes against what was sent: their CRC-32, and their MD5 where
 * @body has it.
 *
 * Errors: STREAMER_ERROR_CHECKSUM
 */
gboolean streamer_store_answer_read_part (const StreamerAnswer *answer,
                                          guint number,
                                          StreamerPartStream *body,
                                          StreamerStoredPart *stored,
                                          GError **error);

/** Makes STREAMER_ERROR_EXPIRED, for a permission that was fresh, STREAMER_ERROR_FORBIDDEN. */
void streamer_store_answer_refuse (GError **error);

G_END_DECLS
