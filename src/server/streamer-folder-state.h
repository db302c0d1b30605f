/* streamer-folder-state.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-storage.h"

G_BEGIN_DECLS

/**
 * StreamerUploadPhase:
 * @STREAMER_UPLOAD_OPEN: takes parts
 * @STREAMER_UPLOAD_FINISHING: checked; its file may already have been moved to its place
 * @STREAMER_UPLOAD_FINISHED: its file has been moved
 * @STREAMER_UPLOAD_CANCELLED: given up
 *
 * The values are stored.
 */
typedef enum
{
  STREAMER_UPLOAD_OPEN = 0,
  STREAMER_UPLOAD_FINISHING = 1,
  STREAMER_UPLOAD_FINISHED = 2,
  STREAMER_UPLOAD_CANCELLED = 3,
} StreamerUploadPhase;

/**
 * StreamerUploadRow:
 * @upload: (owned): what was begun
 * @phase: how far it is
 * @total: bytes of the object, from finishing on
 * @crc32: of the object, from finishing on
 */
typedef struct
{
  StreamerStorageUpload *upload;
  StreamerUploadPhase phase;
  guint64 total;
  guint32 crc32;
} StreamerUploadRow;

void streamer_upload_row_free (StreamerUploadRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerUploadRow, streamer_upload_row_free)

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
 * What the folder storage remembers beside the files: uploads, their parts, and what is known of
 * objects. SQLite; any thread. All errors are STREAMER_ERROR_FAILED, or _NO_SPACE.
 */
typedef struct _StreamerFolderState StreamerFolderState;

StreamerFolderState *streamer_folder_state_open (const char *path, GError **error);
void streamer_folder_state_close (StreamerFolderState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerFolderState, streamer_folder_state_close)

gboolean streamer_folder_state_add_upload (StreamerFolderState *self,
                                           const StreamerStorageUpload *upload,
                                           const char *resume_id,
                                           GError **error);

/** @row: (out) (nullable): NULL where there is none. FALSE only where the database fails. */
gboolean streamer_folder_state_find_upload (StreamerFolderState *self,
                                            const char *id,
                                            StreamerUploadRow **row,
                                            GError **error);
/** As streamer_folder_state_find_upload(), by the client's name for it. */
gboolean streamer_folder_state_find_resumed (StreamerFolderState *self,
                                             const char *principal,
                                             const char *resume_id,
                                             StreamerUploadRow **row,
                                             GError **error);

/** Sets the phase of @row's upload, with the total and the CRC-32 of @row. */
gboolean streamer_folder_state_set_phase (StreamerFolderState *self,
                                          StreamerUploadRow *row,
                                          StreamerUploadPhase phase,
                                          GError **error);

/** Records, in one step, that @row's upload is finished and what its object is. */
gboolean streamer_folder_state_conclude (StreamerFolderState *self,
                                         StreamerUploadRow *row,
                                         const StreamerObjectRow *object,
                                         GError **error);

/** Forgets the upload and its parts. */
gboolean
streamer_folder_state_forget_upload (StreamerFolderState *self, const char *id, GError **error);

/**
 * streamer_folder_state_list_uploads:
 * @before: only what expired before this Unix time; G_MAXINT64 for all
 *
 * Returns: (transfer full) (element-type utf8): their ids
 */
GPtrArray *
streamer_folder_state_list_uploads (StreamerFolderState *self, gint64 before, GError **error);

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
