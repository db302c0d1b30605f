/* streamer-v1-requests.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-presigned-post.h"
#include "streamer-request-api.h"
#include "streamer-store.h"

G_BEGIN_DECLS

/* The requests of version 1 of the request API, each made once. They fail as the calls of
 * StreamerStore say: STREAMER_ERROR_EXISTS, _FORBIDDEN, _NO_UPLOAD, and _FAILED with the words of
 * the backend for whatever went wrong in it. */

/** Returns: (transfer full): what the backend calls the upload that it has created */
char *streamer_v1_create (const StreamerRequestApi *api,
                          StreamerHttp *http,
                          StreamerUpload *upload,
                          gboolean overwrite,
                          GCancellable *cancellable,
                          GError **error);

/**
 * streamer_v1_get_url:
 * @action: `geturl` for a part, `geturls` for a whole object
 * @name: of the part, or key of the object
 * @key: under which it is to be in the store; with a slash at its end, a folder for it
 * @post: (out caller-allocates): leave to post it
 */
gboolean streamer_v1_get_url (const StreamerRequestApi *api,
                              StreamerHttp *http,
                              const char *action,
                              const char *name,
                              const char *key,
                              StreamerPresignedPost *post,
                              GCancellable *cancellable,
                              GError **error);

/** The backend copies the temporary object of the part into the upload. */
gboolean streamer_v1_add (const StreamerRequestApi *api,
                          StreamerHttp *http,
                          StreamerUpload *upload,
                          guint number,
                          GCancellable *cancellable,
                          GError **error);

/** @parts: (element-type StreamerStoredPart): all, by number; the store checks their ETags */
gboolean streamer_v1_complete (const StreamerRequestApi *api,
                               StreamerHttp *http,
                               StreamerUpload *upload,
                               GArray *parts,
                               GCancellable *cancellable,
                               GError **error);

/** @id: what the backend calls it. Also TRUE where it does not know the upload. */
gboolean streamer_v1_abort (const StreamerRequestApi *api,
                            StreamerHttp *http,
                            StreamerUpload *upload,
                            const char *id,
                            GCancellable *cancellable,
                            GError **error);

/** Deletes the temporary objects of @n parts. Also TRUE where there are none. */
gboolean streamer_v1_delete (const StreamerRequestApi *api,
                             StreamerHttp *http,
                             StreamerUpload *upload,
                             const guint *numbers,
                             guint n,
                             GCancellable *cancellable,
                             GError **error);

/** Removes a finished object. STREAMER_ERROR_NOT_FOUND */
gboolean streamer_v1_purge (const StreamerRequestApi *api,
                            StreamerHttp *http,
                            const char *key,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
