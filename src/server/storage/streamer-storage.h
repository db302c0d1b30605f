/* streamer-storage.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

#include "streamer-http-front.h"
#include "streamer-plan.h"

G_BEGIN_DECLS

/**
 * StreamerStorageUpload:
 * @id: (owned) (nullable): the storage's name of the upload; set by streamer_storage_begin()
 * @principal: (owned): who began it
 * @key: (owned): canonical
 * @size: bytes of the whole object, or STREAMER_SIZE_UNKNOWN
 * @part_size: bytes of every part but the last; 0 where the parts have any size, and are made of
 *   temporary objects (see StreamerStagingStorage)
 * @content_type: (owned)
 * @overwrite: whether an object with this key may be replaced
 * @expires: Unix time, after which the upload is forgotten; set by streamer_storage_begin()
 *
 * An upload as the server knows it: all that a request on it needs, so that it can be sealed into
 * the upload id and any copy of the server can go on with it.
 */
typedef struct
{
  char *id;
  char *principal;
  char *key;
  guint64 size;
  guint64 part_size;
  char *content_type;
  gboolean overwrite;
  gint64 expires;
} StreamerStorageUpload;

StreamerStorageUpload *streamer_storage_upload_new (void);
void streamer_storage_upload_free (StreamerStorageUpload *upload);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerStorageUpload, streamer_storage_upload_free)

/** Returns: parts that an upload of known size and part size has; at least 1 */
guint64 streamer_storage_upload_count_parts (const StreamerStorageUpload *upload);

/** Returns: whether part @number of @upload may have @size bytes */
gboolean streamer_storage_upload_takes_part (const StreamerStorageUpload *upload,
                                             guint number,
                                             guint64 size);

/**
 * StreamerStoragePart:
 * @number: from 1
 * @size: bytes
 * @crc32: of its bytes, where the storage knows it
 * @etag: (owned): quotes included; "" where the storage, or the client, knows none
 */
typedef struct
{
  guint number;
  guint64 size;
  guint32 crc32;
  char *etag;
} StreamerStoragePart;

/** Returns: (transfer full) (element-type StreamerStoragePart): an empty array that frees its parts */
GArray *streamer_storage_parts_new (void);

/** Sorts them by their numbers. */
void streamer_storage_parts_sort (GArray *parts);

/**
 * StreamerStorageObject:
 * @size: bytes
 * @etag: (owned): quotes included; "" where the storage gives none
 * @content_type: (owned) (nullable): where it is known
 * @modified: Unix time
 */
typedef struct
{
  guint64 size;
  char *etag;
  char *content_type;
  gint64 modified;
} StreamerStorageObject;

void streamer_storage_object_free (StreamerStorageObject *object);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerStorageObject, streamer_storage_object_free)

/**
 * StreamerSignedRequest:
 * @url: (owned): absolute, or, where the server itself takes it, only its path and query
 * @headers: (owned) (nullable): name, value, name, value, …, NULL: to be sent as they are
 * @expires: Unix time
 *
 * A PUT that a client may make.
 */
typedef struct
{
  char *url;
  char **headers;
  gint64 expires;
} StreamerSignedRequest;

void streamer_signed_request_clear (StreamerSignedRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerSignedRequest, streamer_signed_request_clear)

#define STREAMER_TYPE_STORAGE (streamer_storage_get_type ())
G_DECLARE_INTERFACE (StreamerStorage, streamer_storage, STREAMER, STORAGE, GObject)

/**
 * StreamerStorage:
 *
 * Where the server keeps objects. Synchronous calls, several threads at a time; a call that waits
 * gives up when g_cancellable_get_current() is cancelled. It knows nothing of rights: whoever calls
 * has looked at them. All errors are of STREAMER_ERROR, and are for the client: that a store behind
 * the server refuses the server is STREAMER_ERROR_FAILED, that it is away is STREAMER_ERROR_BUSY.
 */
struct _StreamerStorageInterface
{
  GTypeInterface parent_iface;

  const StreamerLimits *(*get_limits) (StreamerStorage *self);
  const char *(*get_domain) (StreamerStorage *self);
  gboolean (*is_public) (StreamerStorage *self);
  const char *const *(*get_checksums) (StreamerStorage *self);
  void (*add_routes) (StreamerStorage *self, StreamerHttpFront *front);
  void (*sweep) (StreamerStorage *self);
  gboolean (*begin) (StreamerStorage *self,
                     StreamerStorageUpload *upload,
                     const char *resume_id,
                     GError **error);
  gboolean (*presign) (StreamerStorage *self,
                       const StreamerStorageUpload *upload,
                       guint number,
                       guint64 size,
                       const guint32 *crc32,
                       StreamerSignedRequest *request,
                       GError **error);
  GArray *(*list_parts) (StreamerStorage *self,
                         const StreamerStorageUpload *upload,
                         GError **error);
  StreamerStorageObject *(*finish) (StreamerStorage *self,
                                    const StreamerStorageUpload *upload,
                                    GArray *parts,
                                    const guint32 *crc32,
                                    GError **error);
  gboolean (*cancel) (StreamerStorage *self, const StreamerStorageUpload *upload, GError **error);
  StreamerStorageObject *(*stat) (StreamerStorage *self, const char *key, GError **error);
  gboolean (*remove) (StreamerStorage *self, const char *key, GError **error);
  char *(*link) (StreamerStorage *self, const char *key, gint64 *expires, GError **error);
};

/** Returns: (transfer none) */
const StreamerLimits *streamer_storage_get_limits (StreamerStorage *self);

/** Returns: (transfer none) (nullable): where visitors download: links are `domain/key` then */
const char *streamer_storage_get_domain (StreamerStorage *self);

/** Returns: whether whoever knows a key can download: the link of visitors opens nothing then */
gboolean streamer_storage_is_public (StreamerStorage *self);

/**
 * streamer_storage_get_checksums:
 *
 * Returns: (transfer none): the checksums of whole objects that it verifies, NULL at the end; others
 *   that a client tells are not looked at
 */
const char *const *streamer_storage_get_checksums (StreamerStorage *self);

/** Where the server itself carries the bytes: adds the routes by which clients reach them. */
void streamer_storage_add_routes (StreamerStorage *self, StreamerHttpFront *front);

/** Forgets uploads that have expired; to be called now and then. */
void streamer_storage_sweep (StreamerStorage *self);

/**
 * streamer_storage_begin:
 * @upload: without id and expiry
 * @resume_id: the client's name for this upload: the same again by the same principal gives the
 *   same upload
 *
 * Errors: STREAMER_ERROR_EXISTS; _INVALID where @resume_id stands for something else
 */
gboolean streamer_storage_begin (StreamerStorage *self,
                                 StreamerStorageUpload *upload,
                                 const char *resume_id,
                                 GError **error);

/**
 * streamer_storage_presign:
 * @number: from 1; an object of one part is put whole and still has its number 1
 * @size: bytes: streamer_storage_upload_takes_part() has said yes
 * @crc32: (nullable): what the part's bytes must have
 * @request: (out caller-allocates): the request that stores the part
 */
gboolean streamer_storage_presign (StreamerStorage *self,
                                   const StreamerStorageUpload *upload,
                                   guint number,
                                   guint64 size,
                                   const guint32 *crc32,
                                   StreamerSignedRequest *request,
                                   GError **error);

/** Returns: (transfer full) (element-type StreamerStoragePart): by number; errors: _NO_UPLOAD */
GArray *streamer_storage_list_parts (StreamerStorage *self,
                                     const StreamerStorageUpload *upload,
                                     GError **error);

/**
 * streamer_storage_finish:
 * @parts: (nullable) (element-type StreamerStoragePart): number and ETag of all parts, by number,
 *   as the client knows them; NULL where it did not say
 * @crc32: (nullable): what the whole object must have
 *
 * Makes the object visible, whole, or leaves what was there. Called again, it gives the same.
 *
 * Errors: STREAMER_ERROR_EXISTS, _NO_UPLOAD, _CHECKSUM (also where parts are missing, or other ones
 *   than the client thinks), _NO_SPACE
 */
StreamerStorageObject *streamer_storage_finish (StreamerStorage *self,
                                                const StreamerStorageUpload *upload,
                                                GArray *parts,
                                                const guint32 *crc32,
                                                GError **error);

/** Gives the upload up. Errors: STREAMER_ERROR_NO_UPLOAD where it was finished */
gboolean streamer_storage_cancel (StreamerStorage *self,
                                  const StreamerStorageUpload *upload,
                                  GError **error);

/** Returns: (transfer full): or NULL with STREAMER_ERROR_NOT_FOUND */
StreamerStorageObject *
streamer_storage_stat (StreamerStorage *self, const char *key, GError **error);

/** Errors: STREAMER_ERROR_NOT_FOUND */
gboolean streamer_storage_remove (StreamerStorage *self, const char *key, GError **error);

/**
 * streamer_storage_link:
 * @expires: (inout) (nullable): Unix time; the link may be given less. NULL for the address that
 *   visitors are told: the domain's, else one that works as long as there can be
 *
 * Returns: (transfer full): where visitors download @key: absolute, or path and query
 */
char *
streamer_storage_link (StreamerStorage *self, const char *key, gint64 *expires, GError **error);

G_END_DECLS
