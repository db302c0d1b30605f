/* streamer-v1-upload.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-store.h"

G_BEGIN_DECLS

/* What version 1 of the request API knows of an upload: in its `upload_id` what has to outlive the
 * program, which is the backend's id and the names of its temporary objects; in its `priv` and
 * under its lock, which these calls take, what is only of use while it runs. Any thread. */

/* Where the temporary objects are in the store. */
#define STREAMER_V1_TEMPORARY_PREFIX "tmp/"

/**
 * streamer_v1_upload_begin:
 * @id: what the backend calls the upload
 *
 * Sets `upload->upload_id`. The parts get a name like those of S3Streamer 2021,
 * `/tmp/{stem}_{unix time}_{5 letters or digits}.{ext}.{number}`, with the upload's resume id in
 * the stem so that no two uploads share one, and plain ASCII whatever the key.
 */
void streamer_v1_upload_begin (StreamerUpload *upload, const char *id);

/** Returns: whether streamer_v1_upload_begin() was, in this run of the program or an earlier one */
gboolean streamer_v1_upload_has_begun (StreamerUpload *upload);

/** Returns: (transfer none): what the backend calls it */
const char *streamer_v1_upload_get_id (StreamerUpload *upload);

/** Returns: (transfer full): as which the backend is asked for leave to send the part */
char *streamer_v1_upload_get_part_name (StreamerUpload *upload, guint number);
/** Returns: (transfer full): the key by which the backend is told to delete it from the store */
char *streamer_v1_upload_get_part_key (StreamerUpload *upload, guint number);

/** From now on there may be a temporary object for the part. */
void streamer_v1_upload_set_tried (StreamerUpload *upload, guint number);
/** Returns: (transfer full) (element-type uint): parts for which there may be one, by number */
GArray *streamer_v1_upload_get_tried (StreamerUpload *upload);
/** There is none any more for these. */
void streamer_v1_upload_set_deleted (StreamerUpload *upload, const guint *numbers, guint n);

/** @part: was posted, and is to be added */
void streamer_v1_upload_set_posted (StreamerUpload *upload, const StreamerStoredPart *part);
/** Returns: whether the part was posted, with @size bytes; @part: (out): as it was */
gboolean streamer_v1_upload_find_posted (StreamerUpload *upload,
                                         guint number,
                                         guint64 size,
                                         StreamerStoredPart *part);
/** The part is added, or has to be posted again. */
void streamer_v1_upload_forget_posted (StreamerUpload *upload, guint number);

/** The store does not take the part. Returns: whether it did not the last time either */
gboolean streamer_v1_upload_set_refused (StreamerUpload *upload, guint number);

/** The backend is about to be told to complete it. Returns: whether it may have been told before, in
 *   this run of the program or an earlier one */
gboolean streamer_v1_upload_set_completing (StreamerUpload *upload);
/** The object is there. */
void streamer_v1_upload_set_completed (StreamerUpload *upload);
gboolean streamer_v1_upload_is_completed (StreamerUpload *upload);

/** Returns: how often it was not possible to tidy up, this time included */
guint streamer_v1_upload_count_untidy (StreamerUpload *upload);

G_END_DECLS
