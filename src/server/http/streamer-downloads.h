/* streamer-downloads.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-folder-storage.h"
#include "streamer-http-connection.h"

G_BEGIN_DECLS

/**
 * streamer_downloads_answer:
 * @is_public: whether visitors need no signature
 *
 * Answers a request to STREAMER_DOWNLOADS_PATH: sends an object of @storage, or a range of it.
 */
gboolean streamer_downloads_answer (StreamerHttpConnection *connection,
                                    const StreamerHttpRequest *request,
                                    StreamerFolderStorage *storage,
                                    StreamerSeal *seal,
                                    gboolean is_public);

G_END_DECLS
