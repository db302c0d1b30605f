/* streamer-post-uploads.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-folder-storage.h"
#include "streamer-http-connection.h"

G_BEGIN_DECLS

/** Answers a request to STREAMER_POSTS_PATH: takes a form with one file into @storage. */
gboolean streamer_post_uploads_answer (StreamerHttpConnection *connection,
                                       const StreamerHttpRequest *request,
                                       StreamerFolderStorage *storage,
                                       StreamerSeal *seal);

G_END_DECLS
