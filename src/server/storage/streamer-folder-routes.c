/* streamer-folder-routes.c: how clients and visitors reach what is in the folder
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs on the connections' threads.
 */

#include "streamer-downloads.h"
#include "streamer-folder-storage-private.h"
#include "streamer-part-uploads.h"
#include "streamer-post-uploads.h"

static gboolean
answer_part (StreamerHttpConnection *connection,
             const StreamerHttpRequest *request,
             gpointer user_data)
{
  StreamerFolderStorage *self = user_data;

  return streamer_part_uploads_answer (connection, request, self, self->seal);
}

static gboolean
answer_download (StreamerHttpConnection *connection,
                 const StreamerHttpRequest *request,
                 gpointer user_data)
{
  StreamerFolderStorage *self = user_data;

  return streamer_downloads_answer (connection, request, self, self->seal, self->downloads_public);
}

static gboolean
answer_post (StreamerHttpConnection *connection,
             const StreamerHttpRequest *request,
             gpointer user_data)
{
  StreamerFolderStorage *self = user_data;

  return streamer_post_uploads_answer (connection, request, self, self->seal);
}

void
streamer_folder_storage_add_routes (StreamerStorage *storage, StreamerHttpFront *front)
{
  streamer_http_front_add_route (front, STREAMER_PARTS_PATH, answer_part, storage);
  streamer_http_front_add_route (front, STREAMER_POSTS_PATH, answer_post, storage);
  streamer_http_front_add_route (front, STREAMER_DOWNLOADS_PATH, answer_download, storage);
}
