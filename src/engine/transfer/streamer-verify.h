/* streamer-verify.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-connection.h"
#include "streamer-journal-entry.h"
#include "streamer-pool.h"

G_BEGIN_DECLS

/**
 * StreamerVerdict:
 * @STREAMER_VERDICT_SAME: what the receipt says, as far as can be told
 * @STREAMER_VERDICT_DIFFERS: something else
 * @STREAMER_VERDICT_ABSENT: there is nothing
 * @STREAMER_VERDICT_UNKNOWN: it cannot be told
 */
typedef enum
{
  STREAMER_VERDICT_SAME,
  STREAMER_VERDICT_DIFFERS,
  STREAMER_VERDICT_ABSENT,
  STREAMER_VERDICT_UNKNOWN,
} StreamerVerdict;

/** Returns: "same", "differs", "absent" or "unknown" */
const char *streamer_verdict_get_nick (StreamerVerdict verdict);

/**
 * StreamerVerification:
 * @local: of the file on this computer
 * @local_words: (owned): a translated sentence that says so
 * @stored: of the object in the store
 * @stored_words: (owned): the same
 */
typedef struct
{
  StreamerVerdict local;
  char *local_words;
  StreamerVerdict stored;
  char *stored_words;
} StreamerVerification;

void streamer_verification_free (StreamerVerification *verification);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerVerification, streamer_verification_free)

/**
 * streamer_verify_async:
 * @receipt: of a transfer that is done; copied
 * @path: (type filename): the file to compare it with
 *
 * Reads the file once more, from its first byte to its last, and asks the store what it has: size,
 * CRC-32 and, where the receipt has it, SHA-256 of the one, size and ETag of the other. Owner's
 * thread.
 */
void streamer_verify_async (StreamerPool *pool,
                            StreamerConnection *connection,
                            const StreamerJournalEntry *receipt,
                            const char *path,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);

/**
 * streamer_verify_finish:
 *
 * Returns: (transfer full): what was found; or NULL where the server could not be asked, with
 *   STREAMER_ERROR_NETWORK, _AUTH, _FORBIDDEN, …, or the file not be read
 */
StreamerVerification *
streamer_verify_finish (StreamerPool *pool, GAsyncResult *result, GError **error);

G_END_DECLS
