/* streamer-folder-storage-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-folder-state.h"
#include "streamer-folder-storage.h"
#include "streamer-part-gate.h"

G_BEGIN_DECLS

struct _StreamerFolderStorage
{
  GObject parent_instance;

  StreamerSeal *seal; /* (not owned) */
  char *domain;       /* (owned) (nullable) */
  gboolean downloads_public;
  StreamerFolderState *state; /* (owned) */
  StreamerDatabase *database; /* (not owned): of the state */
  StreamerPartGate *gate;     /* (owned) */
  int objects;                /* descriptor of the folder */
  int uploads;                /* descriptor of the folder */
  int staged;                 /* descriptor of the folder */

  GMutex beginning; /* held while an upload is begun; taken before the gate is closed */
  GMutex names;     /* held while names in objects/ change; taken after the gate was closed */
  GMutex staging;   /* held while temporary objects change; taken after the gate was closed */
};

/* A name for a file that nobody else has. Returns: (transfer full) */
char *streamer_folder_storage_new_id (void);

/* Whether @name may be one of them, with nothing behind it. */
gboolean streamer_folder_storage_is_id (const char *name);

/* How the object of @row is known to everybody. Returns: (transfer full) */
char *streamer_folder_storage_make_etag (const StreamerUploadRow *row);

/* Makes sure that nothing but a document that may be replaced stands at @upload's key. */
gboolean streamer_folder_storage_check_target (StreamerFolderStorage *self,
                                               const StreamerStorageUpload *upload,
                                               GError **error);

/* Records @row, whose file is at its place, as finished. */
gboolean streamer_folder_storage_conclude (StreamerFolderStorage *self,
                                           StreamerUploadRow *row,
                                           GError **error);

/* StreamerStorageInterface.finish */
StreamerStorageObject *streamer_folder_storage_finish (StreamerStorage *storage,
                                                       const StreamerStorageUpload *upload,
                                                       GArray *parts,
                                                       const guint32 *crc32,
                                                       GError **error);

/* Looks an upload up that has to be there. */
StreamerUploadRow *
streamer_folder_storage_find (StreamerFolderStorage *self, const char *id, GError **error);

G_END_DECLS
