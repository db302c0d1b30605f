/* streamer-folder-storage.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-storage-config.h"
#include "streamer-storage.h"
#include "streamer-url-signer.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_FOLDER_STORAGE (streamer_folder_storage_get_type ())
G_DECLARE_FINAL_TYPE (StreamerFolderStorage,
                      streamer_folder_storage,
                      STREAMER,
                      FOLDER_STORAGE,
                      GObject)

/**
 * streamer_folder_storage_kind:
 *
 * A StreamerStorage in a folder, made, with what it needs in it, where it is not there: `objects/`
 * has the objects, named after their keys, `uploads/` one file for each open upload, into which
 * parts are written at their place, so that finishing is a rename, `staged/` the temporary objects of
 * version 1 of the request API. The folder belongs to one process at a time.
 */
extern const StreamerStorageKind streamer_folder_storage_kind;

/** StreamerStorageInterface.add_routes: takes parts, and sends objects to visitors */
void streamer_folder_storage_add_routes (StreamerStorage *storage, StreamerHttpFront *front);

/** StreamerPartSink: takes the bytes of one part; of one thread */
typedef struct _StreamerPartSink StreamerPartSink;

/**
 * streamer_folder_storage_open_part:
 * @grant: what the client may send
 * @cancellable: cancelled when another one takes this part over
 *
 * From here on the part counts as not stored, until streamer_part_sink_commit().
 *
 * Errors: STREAMER_ERROR_NO_UPLOAD, _BUSY, _NO_SPACE
 */
StreamerPartSink *streamer_folder_storage_open_part (StreamerFolderStorage *self,
                                                     const StreamerPartGrant *grant,
                                                     GCancellable *cancellable,
                                                     GError **error);

/** Errors: STREAMER_ERROR_NO_SPACE, _TOO_LARGE */
gboolean
streamer_part_sink_write (StreamerPartSink *sink, const void *data, gsize length, GError **error);

/**
 * streamer_part_sink_commit:
 *
 * The part is stored. Errors: STREAMER_ERROR_CHECKSUM, _NO_SPACE
 *
 * Returns: (transfer full): its ETag, quotes included
 */
char *streamer_part_sink_commit (StreamerPartSink *sink, GError **error);
guint32 streamer_part_sink_get_crc32 (StreamerPartSink *sink);
void streamer_part_sink_free (StreamerPartSink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerPartSink, streamer_part_sink_free)

/**
 * streamer_folder_storage_open_object:
 * @object: (out): what is known of it
 *
 * Errors: STREAMER_ERROR_NOT_FOUND
 *
 * Returns: a descriptor to read it from, to be closed: this object, whole, whatever is stored under
 *   @key meanwhile; or -1
 */
int streamer_folder_storage_open_object (StreamerFolderStorage *self,
                                         const char *key,
                                         StreamerStorageObject **object,
                                         GError **error);

G_END_DECLS
