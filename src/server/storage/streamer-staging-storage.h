/* streamer-staging-storage.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-post-grant.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

/**
 * StreamerSignedPost:
 * @url: (owned): absolute, or, where the server itself takes it, only its path
 * @fields: (owned): name, value, name, value, …, NULL: to be sent in this order, before the file
 *
 * A form with a file that a client may post.
 */
typedef struct
{
  char *url;
  char **fields;
} StreamerSignedPost;

void streamer_signed_post_clear (StreamerSignedPost *post);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerSignedPost, streamer_signed_post_clear)

#define STREAMER_TYPE_STAGING_STORAGE (streamer_staging_storage_get_type ())
G_DECLARE_INTERFACE (StreamerStagingStorage,
                     streamer_staging_storage,
                     STREAMER,
                     STAGING_STORAGE,
                     StreamerStorage)

/**
 * StreamerStagingStorage:
 *
 * What version 1 of the request API needs of a storage beside StreamerStorage: parts are sent by
 * forms to temporary names (see streamer_staged_name_make()) first, and then made parts of an
 * upload. Such an upload is begun, finished and cancelled as any other; its size is known, and its
 * part_size is 0, because version 1 does not say it. What is left under a temporary name goes after
 * STREAMER_STAGED_SECONDS.
 */
struct _StreamerStagingStorageInterface
{
  GTypeInterface parent_iface;

  gboolean (*sign_post) (StreamerStagingStorage *self,
                         const StreamerPostGrant *grant,
                         StreamerSignedPost *post,
                         GError **error);
  gboolean (*add) (StreamerStagingStorage *self,
                   const StreamerStorageUpload *upload,
                   guint number,
                   const char *name,
                   GError **error);
  gboolean (*discard) (StreamerStagingStorage *self, const char *name, GError **error);
};

/** @post: (out caller-allocates): the form that @grant allows */
gboolean streamer_staging_storage_sign_post (StreamerStagingStorage *self,
                                             const StreamerPostGrant *grant,
                                             StreamerSignedPost *post,
                                             GError **error);

/**
 * streamer_staging_storage_add:
 * @number: from 1
 * @name: of the temporary object
 *
 * Makes the temporary object a part of the upload. Called again, it does nothing.
 *
 * Errors: STREAMER_ERROR_NOT_FOUND where nothing was sent under @name; _NO_UPLOAD; _INVALID where
 *   the upload has this part already, with other bytes, or is not as large; _NO_SPACE
 */
gboolean streamer_staging_storage_add (StreamerStagingStorage *self,
                                       const StreamerStorageUpload *upload,
                                       guint number,
                                       const char *name,
                                       GError **error);

/** Removes the temporary object. Succeeds also where nothing was; parts made of it stay. */
gboolean
streamer_staging_storage_discard (StreamerStagingStorage *self, const char *name, GError **error);

G_END_DECLS
