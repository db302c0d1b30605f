/* streamer-part-uploads.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-folder-storage.h"
#include "streamer-http-connection.h"

G_BEGIN_DECLS

/** Answers a request to STREAMER_PARTS_PATH: takes one part into @storage. */
gboolean streamer_part_uploads_answer (StreamerHttpConnection *connection,
                                       const StreamerHttpRequest *request,
                                       StreamerFolderStorage *storage,
                                       StreamerSeal *seal);

G_END_DECLS
