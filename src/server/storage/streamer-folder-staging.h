/* streamer-folder-staging.h: between the parts of the folder storage
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-folder-storage-private.h"
#include "streamer-staging-storage.h"

G_BEGIN_DECLS

/* Temporary objects that a principal may have at the same time and not have made parts of. */
#define STREAMER_FOLDER_STAGING_MAX 10000

void streamer_folder_staging_iface_init (StreamerStagingStorageInterface *iface);

/* Whether @grant's principal may have one more, of @size bytes. */
gboolean streamer_folder_staging_check_room (StreamerFolderStorage *self,
                                             const StreamerPostGrant *grant,
                                             guint64 size,
                                             GError **error);

/* Puts the parts that were added behind each other, as far as there is no gap. @rows:
 * (element-type StreamerPartRow). Called while the gate is closed. */
gboolean streamer_folder_staging_assemble (StreamerFolderStorage *self,
                                           const StreamerUploadRow *row,
                                           GArray *rows,
                                           GError **error);

/* Removes the parts that wait for others before them. */
void streamer_folder_staging_drop_parts (StreamerFolderStorage *self, const char *id);

/* Removes what is too old, and, unless @only_expired, files that nobody knows. */
void streamer_folder_staging_sweep (StreamerFolderStorage *self, gboolean only_expired);

G_END_DECLS
