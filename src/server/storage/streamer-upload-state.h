/* streamer-upload-state.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-database.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

/**
 * StreamerUploadPhase:
 * @STREAMER_UPLOAD_OPEN: takes parts
 * @STREAMER_UPLOAD_FINISHING: checked; it may already have become an object
 * @STREAMER_UPLOAD_FINISHED: it has become an object
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
 * @crc32: of the object, from finishing on, where the storage knows it
 * @etag: (owned): of the object, from finishing on; "" where the storage makes it of the rest
 */
typedef struct
{
  StreamerStorageUpload *upload;
  StreamerUploadPhase phase;
  guint64 total;
  guint32 crc32;
  char *etag;
} StreamerUploadRow;

void streamer_upload_row_free (StreamerUploadRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerUploadRow, streamer_upload_row_free)

/** Returns: whether its time is over */
gboolean streamer_upload_row_has_expired (const StreamerUploadRow *row);

/**
 * streamer_upload_state_prepare:
 *
 * Uploads that a storage remembers, in a table of @database: makes it where it is not there.
 */
gboolean streamer_upload_state_prepare (StreamerDatabase *database, GError **error);

/**
 * streamer_upload_state_add:
 * @added: (out): FALSE where the principal has begun another one as @resume_id
 */
gboolean streamer_upload_state_add (StreamerDatabase *database,
                                    const StreamerStorageUpload *upload,
                                    const char *resume_id,
                                    gboolean *added,
                                    GError **error);

/** @row: (out) (nullable): NULL where there is none. FALSE only where the database fails. */
gboolean streamer_upload_state_find (StreamerDatabase *database,
                                     const char *id,
                                     StreamerUploadRow **row,
                                     GError **error);

/**
 * streamer_upload_state_find_resumed:
 * @row: (out) (nullable): what the principal of @upload has begun as @resume_id, also where it has
 *   expired or was given up; NULL where there is none
 *
 * Errors: STREAMER_ERROR_INVALID where @resume_id stands for something else than @upload
 */
gboolean streamer_upload_state_find_resumed (StreamerDatabase *database,
                                             const StreamerStorageUpload *upload,
                                             const char *resume_id,
                                             StreamerUploadRow **row,
                                             GError **error);

/** Sets the phase of @row's upload, with total, CRC-32 and ETag of @row. */
gboolean streamer_upload_state_set_phase (StreamerDatabase *database,
                                          StreamerUploadRow *row,
                                          StreamerUploadPhase phase,
                                          GError **error);

gboolean streamer_upload_state_forget (StreamerDatabase *database, const char *id, GError **error);

/**
 * streamer_upload_state_list:
 * @before: only what expired before this Unix time; G_MAXINT64 for all
 *
 * Returns: (transfer full) (element-type utf8): their ids
 */
GPtrArray *streamer_upload_state_list (StreamerDatabase *database, gint64 before, GError **error);

/** Takes over from the row what the client of @upload goes on with. */
void streamer_upload_row_resume (const StreamerUploadRow *row, StreamerStorageUpload *upload);

G_END_DECLS
