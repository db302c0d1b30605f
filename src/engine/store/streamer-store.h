/* streamer-store.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-http.h"
#include "streamer-plan.h"

G_BEGIN_DECLS

/**
 * StreamerUpload:
 * @key: (owned): canonical
 * @size: bytes, or STREAMER_SIZE_UNKNOWN
 * @part_size: bytes; what streamer_plan_init() gave, and never changed by the store
 * @n_parts: from the plan
 * @content_type: (owned)
 * @content_type_wanted: whether somebody chose it, so that a store that does not take it must refuse
 * @storage_class: (owned) (nullable): in place of the store's own; only S3
 * @metadata: (owned) (nullable): name, value, …, NULL; only S3
 * @overwrite: whether an object with this key may be replaced
 * @resume_id: (owned): 128 random bits in hex, made once per upload
 * @upload_id: (owned) (nullable): opaque; set by streamer_store_begin()
 * @record: the journal's number for it, or 0; nothing to a store
 * @finish_asked: whether an earlier run of the program may have asked the store to finish it
 * @priv: (owned) (nullable): what the store remembers about this upload (presigned URLs, say),
 *   guarded by @lock
 *
 * One upload as a store sees it. Atomically reference counted; its fields do not change once
 * begun, except @priv.
 */
typedef struct
{
  char *key;
  guint64 size;
  guint64 part_size;
  guint n_parts;
  char *content_type;
  gboolean content_type_wanted;
  char *storage_class;
  char **metadata;
  gboolean overwrite;
  char *resume_id;
  char *upload_id;
  gint64 record;
  gboolean finish_asked;

  GMutex lock;
  gpointer priv;
  GDestroyNotify priv_destroy;
} StreamerUpload;

#define STREAMER_TYPE_UPLOAD (streamer_upload_get_type ())
GType streamer_upload_get_type (void);
/** @plan: how the source is cut. The @resume_id is drawn here. */
StreamerUpload *streamer_upload_new (const char *key,
                                     const StreamerPlan *plan,
                                     const char *content_type,
                                     gboolean overwrite);
StreamerUpload *streamer_upload_ref (StreamerUpload *upload);
void streamer_upload_unref (StreamerUpload *upload);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerUpload, streamer_upload_unref)

/**
 * StreamerStoredPart:
 * @number: from 1
 * @size: bytes
 * @crc32: of the bytes that were sent; meaningless in what streamer_store_list_parts() gives
 * @etag: (owned): as the store gave it, quotes included; "" where it gave none
 */
typedef struct
{
  guint number;
  guint64 size;
  guint32 crc32;
  char *etag;
} StreamerStoredPart;

void streamer_stored_part_clear (StreamerStoredPart *part);

/**
 * streamer_stored_parts_check:
 * @sent: (element-type StreamerStoredPart): all parts by number, as put_part() filled them
 * @held: (element-type StreamerStoredPart): what streamer_store_list_parts() gives
 *
 * Sizes are the store's own word, and so are ETags where it has any.
 *
 * Returns: whether they are the same; FALSE with STREAMER_ERROR_CHECKSUM
 */
gboolean streamer_stored_parts_check (GArray *sent, GArray *held, GError **error);

/**
 * StreamerStoredObject:
 * @size: bytes
 * @etag: (owned) (nullable)
 * @url: (owned) (nullable): where visitors download it
 */
typedef struct
{
  guint64 size;
  char *etag;
  char *url;
} StreamerStoredObject;

StreamerStoredObject *streamer_stored_object_new (guint64 size, const char *etag, const char *url);
void streamer_stored_object_free (StreamerStoredObject *object);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerStoredObject, streamer_stored_object_free)

/**
 * StreamerUnfinished:
 * @key: (owned)
 * @upload_id: (owned): the store's own, which need not be all of what streamer_store_begin() sets
 * @began_at: Unix seconds, by this computer's clock where the store says what its own is
 *
 * An upload that the store has, and that nobody has finished or given up.
 */
typedef struct
{
  char *key;
  char *upload_id;
  gint64 began_at;
} StreamerUnfinished;

void streamer_unfinished_clear (StreamerUnfinished *unfinished);
/** Returns: whether it is the upload that has @upload_id since streamer_store_begin() */
gboolean streamer_unfinished_is (const StreamerUnfinished *unfinished, const char *upload_id);
/** Returns: (transfer full) (element-type StreamerUnfinished): an empty array that frees its own */
GArray *streamer_unfinished_array_new (void);

#define STREAMER_TYPE_STORE (streamer_store_get_type ())
G_DECLARE_INTERFACE (StreamerStore, streamer_store, STREAMER, STORE, GObject)

/**
 * StreamerStore:
 *
 * A place that takes objects in parts. Synchronous calls for worker threads, several at a time on
 * one store; each makes one attempt and reports its outcome, repeating is the caller's policy
 * (StreamerRetry). @http is the calling worker's. Every call may fail with
 * STREAMER_ERROR_NETWORK, _TLS, _AUTH, _FORBIDDEN, _BUSY, _PROTOCOL or G_IO_ERROR_CANCELLED
 * beside what it names itself.
 */
struct _StreamerStoreInterface
{
  GTypeInterface parent_iface;

  gboolean (*get_limits) (StreamerStore *self,
                          StreamerHttp *http,
                          StreamerLimits *limits,
                          GCancellable *cancellable,
                          GError **error);
  gboolean (*begin) (StreamerStore *self,
                     StreamerHttp *http,
                     StreamerUpload *upload,
                     GCancellable *cancellable,
                     GError **error);
  gboolean (*put_part) (StreamerStore *self,
                        StreamerHttp *http,
                        StreamerUpload *upload,
                        guint number,
                        StreamerPartStream *body,
                        StreamerStoredPart *stored,
                        GCancellable *cancellable,
                        GError **error);
  GArray *(*list_parts) (StreamerStore *self,
                         StreamerHttp *http,
                         StreamerUpload *upload,
                         GCancellable *cancellable,
                         GError **error);
  StreamerStoredObject *(*finish) (StreamerStore *self,
                                   StreamerHttp *http,
                                   StreamerUpload *upload,
                                   GArray *parts,
                                   guint32 crc32,
                                   GCancellable *cancellable,
                                   GError **error);
  gboolean (*cancel) (StreamerStore *self,
                      StreamerHttp *http,
                      StreamerUpload *upload,
                      GCancellable *cancellable,
                      GError **error);
  gboolean (*remove) (StreamerStore *self,
                      StreamerHttp *http,
                      const char *key,
                      GCancellable *cancellable,
                      GError **error);
  /* These are NULL where the store has no way to say it. */
  StreamerStoredObject *(*stat) (StreamerStore *self,
                                 StreamerHttp *http,
                                 const char *key,
                                 GCancellable *cancellable,
                                 GError **error);
  GArray *(*list_unfinished) (StreamerStore *self,
                              StreamerHttp *http,
                              const char *prefix,
                              GCancellable *cancellable,
                              GError **error);
  char *(*link) (StreamerStore *self,
                 StreamerHttp *http,
                 const char *key,
                 guint expires_in,
                 GCancellable *cancellable,
                 GError **error);
  gint64 (*get_clock_offset) (StreamerStore *self);
};

/** @limits: (out caller-allocates): asked for once and remembered by the store */
gboolean streamer_store_get_limits (StreamerStore *self,
                                    StreamerHttp *http,
                                    StreamerLimits *limits,
                                    GCancellable *cancellable,
                                    GError **error);

/**
 * streamer_store_begin:
 *
 * Sets `upload->upload_id`. Nothing is visible under the key yet. Called again for the same
 * @upload after a lost answer.
 *
 * Errors: STREAMER_ERROR_EXISTS, _TOO_LARGE, _INVALID (the key)
 */
gboolean streamer_store_begin (StreamerStore *self,
                               StreamerHttp *http,
                               StreamerUpload *upload,
                               GCancellable *cancellable,
                               GError **error);

/**
 * streamer_store_put_part:
 * @number: from 1; an object of one part is put whole and still has its number 1
 * @body: the part's bytes; rewound by the store before it sends them
 * @stored: (out caller-allocates): what was sent and what the store called it
 *
 * Errors: STREAMER_ERROR_EXPIRED (the presigned URL: a repeated call gets a fresh one),
 *   _NO_UPLOAD, _CHECKSUM (the store's ETag is an MD5 and differs), _CHANGED, _UNREADABLE,
 *   _NO_SPACE
 */
gboolean streamer_store_put_part (StreamerStore *self,
                                  StreamerHttp *http,
                                  StreamerUpload *upload,
                                  guint number,
                                  StreamerPartStream *body,
                                  StreamerStoredPart *stored,
                                  GCancellable *cancellable,
                                  GError **error);

/**
 * streamer_store_list_parts:
 *
 * Returns: (transfer full) (element-type StreamerStoredPart): all of them, by number; or NULL, with
 *   G_IO_ERROR_NOT_SUPPORTED where the store cannot say: then only finishing shows whether it has
 *   what it said to have taken
 */
GArray *streamer_store_list_parts (StreamerStore *self,
                                   StreamerHttp *http,
                                   StreamerUpload *upload,
                                   GCancellable *cancellable,
                                   GError **error);

/**
 * streamer_store_finish:
 * @parts: (element-type StreamerStoredPart): all parts by number, as put_part() filled them
 * @crc32: of the whole object
 *
 * Makes the object visible, whole, or fails and leaves what was there. May be called again.
 *
 * Errors: STREAMER_ERROR_CHECKSUM, _EXISTS, _NO_UPLOAD, _NO_SPACE
 *
 * Returns: (transfer full): the object
 */
StreamerStoredObject *streamer_store_finish (StreamerStore *self,
                                             StreamerHttp *http,
                                             StreamerUpload *upload,
                                             GArray *parts,
                                             guint32 crc32,
                                             GCancellable *cancellable,
                                             GError **error);

/** Gives the upload up; nothing of it stays in the store. May be called again. */
gboolean streamer_store_cancel (StreamerStore *self,
                                StreamerHttp *http,
                                StreamerUpload *upload,
                                GCancellable *cancellable,
                                GError **error);

/** Removes a finished object. Errors: STREAMER_ERROR_NOT_FOUND */
gboolean streamer_store_remove (StreamerStore *self,
                                StreamerHttp *http,
                                const char *key,
                                GCancellable *cancellable,
                                GError **error);

/**
 * streamer_store_stat:
 *
 * What is stored under @key.
 *
 * Errors: STREAMER_ERROR_NOT_FOUND; G_IO_ERROR_NOT_SUPPORTED where the store cannot say (version 1
 *   of the request API)
 *
 * Returns: (transfer full): the object, without a link
 */
StreamerStoredObject *streamer_store_stat (StreamerStore *self,
                                           StreamerHttp *http,
                                           const char *key,
                                           GCancellable *cancellable,
                                           GError **error);

/**
 * streamer_store_list_unfinished:
 * @prefix: of the keys, as text ("" for all): a whole key gives those of its own upload, and of
 *   keys that begin with it
 *
 * Everybody's, not only ours: a bucket does not say whose they are.
 *
 * Returns: (transfer full) (element-type StreamerUnfinished): all of them; or NULL, with
 *   G_IO_ERROR_NOT_SUPPORTED where the store does not tell (the request API tells nobody of uploads
 *   that it has not the id of)
 */
GArray *streamer_store_list_unfinished (StreamerStore *self,
                                        StreamerHttp *http,
                                        const char *prefix,
                                        GCancellable *cancellable,
                                        GError **error);

/**
 * streamer_store_link:
 * @expires_in: seconds that the link is to work, seven days at most; the store may give less
 *
 * Makes a link to what is stored under @key that works where the bucket is private. It carries a
 * signature, so it is made when it is wanted, and never kept. A bucket does not look whether there
 * is such an object.
 *
 * Errors: STREAMER_ERROR_NOT_FOUND; G_IO_ERROR_NOT_SUPPORTED where the store makes none (version 1
 *   of the request API)
 *
 * Returns: (transfer full): a URL
 */
char *streamer_store_link (StreamerStore *self,
                           StreamerHttp *http,
                           const char *key,
                           guint expires_in,
                           GCancellable *cancellable,
                           GError **error);

/** Returns: seconds that this computer's clock is behind (positive) the store's, as far as its
 *   answers have told; else 0. Any thread; waits for nothing. */
gint64 streamer_store_get_clock_offset (StreamerStore *self);

G_END_DECLS
