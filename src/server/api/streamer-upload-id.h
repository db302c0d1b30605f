/* streamer-upload-id.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-seal.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

/** Returns: (transfer full): @upload, sealed: what the client knows it by */
char *streamer_upload_id_close (StreamerSeal *seal, const StreamerStorageUpload *upload);

/**
 * streamer_upload_id_open:
 * @principal: who asks
 *
 * Errors: STREAMER_ERROR_NO_UPLOAD for what we did not seal, for another principal's upload, as if
 *   it did not exist, and for one that has expired
 *
 * Returns: (transfer full): the upload
 */
StreamerStorageUpload *streamer_upload_id_open (StreamerSeal *seal,
                                                const char *text,
                                                const char *principal,
                                                GError **error);

G_END_DECLS
