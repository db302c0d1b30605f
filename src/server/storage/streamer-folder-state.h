/* streamer-folder-state.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-upload-state.h"

G_BEGIN_DECLS

/**
 * StreamerPartRow:
 * @part: (owned content): the part
 * @is_safe: whether its bytes were written since the system was started: what was written before
 *   may have been lost in a power cut, and has to be read again
 */
typedef struct
{
  StreamerStoragePart part;
  gboolean is_safe;
} StreamerPartRow;

/**
 * StreamerObjectRow:
 * @content_type: (owned)
 * @etag: (owned)
 * @size: bytes, @mtime: nanoseconds, @inode: of the file that this was written for
 */
typedef struct
{
  char *content_type;
  char *etag;
  guint64 size;
  gint64 mtime;
  guint64 inode;
} StreamerObjectRow;

void streamer_object_row_clear (StreamerObjectRow *row);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerObjectRow, streamer_object_row_clear)

/**
 * StreamerFolderState:
 *
 * What the folder storage remembers of uploads' parts and of objects, beside the uploads and the
 * files. Any thread. All errors are STREAMER_ERROR_FAILED, or _NO_SPACE.
 */
typedef struct _StreamerFolderState StreamerFolderState;

StreamerFolderState *streamer_folder_state_open (const char *path, GError **error);
void streamer_folder_state_close (StreamerFolderState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerFolderState, streamer_folder_state_close)

/** Returns: (transfer none): has the uploads, too: see streamer-upload-state.h */
StreamerDatabase *streamer_folder_state_get_database (StreamerFolderState *self);

/** Returns: (transfer none): names the time since the system was started */
const char *streamer_folder_state_get_boot (StreamerFolderState *self);

/** Records, in one step, that @row's upload is finished and what its object is. */
gboolean streamer_folder_state_conclude (StreamerFolderState *self,
                                         StreamerUploadRow *row,
                                         const StreamerObjectRow *object,
                                         GError **error);

/** Forgets the upload and its parts. */
gboolean
streamer_folder_state_forget_upload (StreamerFolderState *self, const char *id, GError **error);

gboolean streamer_folder_state_put_part (StreamerFolderState *self,
                                         const char *id,
                                         const StreamerStoragePart *part,
                                         GError **error);
gboolean streamer_folder_state_remove_part (StreamerFolderState *self,
                                            const char *id,
                                            guint number,
                                            GError **error);
/** Returns: (transfer full) (element-type StreamerPartRow): by number */
GArray *
streamer_folder_state_list_parts (StreamerFolderState *self, const char *id, GError **error);

/** Returns: whether something is known of the object */
gboolean streamer_folder_state_find_object (StreamerFolderState *self,
                                            const char *key,
                                            StreamerObjectRow *row);
gboolean
streamer_folder_state_remove_object (StreamerFolderState *self, const char *key, GError **error);

G_END_DECLS
