/* streamer-s3-storage-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-http-pool.h"
#include "streamer-s3-probe.h"
#include "streamer-s3-storage.h"
#include "streamer-upload-state.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_S3_STORAGE (streamer_s3_storage_get_type ())
G_DECLARE_FINAL_TYPE (StreamerS3Storage, streamer_s3_storage, STREAMER, S3_STORAGE, GObject)

struct _StreamerS3Storage
{
  GObject parent_instance;

  StreamerS3CredentialsProvider *provider; /* (owned) */
  StreamerS3Client *client;                /* (owned) */
  StreamerHttpPool *pool;                  /* (owned) */
  StreamerDatabase *database;              /* (owned) (nullable) */
  char *domain;                            /* (owned) (nullable) */
  gboolean downloads_public;
  char *address;      /* (owned): names the bucket */
  gsize prefix_bytes; /* with its slash */
  StreamerS3Probe probe;
};

/**
 * streamer_s3_storage_check_key:
 *
 * Errors: STREAMER_ERROR_INVALID where no document can be at @key: with the prefix it is too long, or
 *   the name is kept for what the server itself, or the bucket's rules, remove again
 */
gboolean
streamer_s3_storage_check_key (const StreamerS3Storage *self, const char *key, GError **error);

/* Reads what is remembered of the store. */
gboolean streamer_s3_checksums_prepare (StreamerS3Storage *self, GError **error);
/* Asks the store, where it is not known yet and the storage can remember it. */
gboolean streamer_s3_checksums_find_out (StreamerS3Storage *self, StreamerHttp *http);

/* The storage's name of an upload is its mark, a random text that the object bears as well, and,
 * where it is sent in parts, the store's own id behind that: behind a dot, or behind a tilde where
 * the store verifies the CRC-32 of the whole. */

/* Returns: (transfer full) */
char *streamer_s3_storage_get_mark (const StreamerStorageUpload *upload);
/* Returns: (transfer none) (nullable): the store's id; NULL for an object that is put whole */
const char *streamer_s3_storage_get_store_id (const StreamerStorageUpload *upload);
gboolean streamer_s3_storage_has_crc32 (const StreamerStorageUpload *upload);

/**
 * streamer_s3_storage_look:
 * @head: (out caller-allocates): what is at the upload's key; cleared where nothing is
 * @is_ours: (out): whether it came of this upload: nobody else knows the mark before it is there
 *
 * Returns: FALSE only where the store cannot tell
 */
gboolean streamer_s3_storage_look (StreamerS3Storage *self,
                                   StreamerHttp *http,
                                   const StreamerStorageUpload *upload,
                                   StreamerS3Head *head,
                                   gboolean *is_there,
                                   gboolean *is_ours,
                                   GError **error);

/**
 * streamer_s3_storage_fail:
 * @store_error: (transfer full): what a call of the client said
 *
 * Says to the server's client what it can do about it: that the store refuses the server is none of
 * its business, and goes to the log.
 *
 * Returns: FALSE
 */
gboolean streamer_s3_storage_fail (GError *store_error, GError **error);

/**
 * streamer_s3_storage_limit_to_keys:
 * @seconds: (inout): what is wanted; what there is
 *
 * A URL dies with the keys that have signed it.
 */
gboolean
streamer_s3_storage_limit_to_keys (StreamerS3Storage *self, gint64 *seconds, GError **error);

/* StreamerStorageInterface.finish */
StreamerStorageObject *streamer_s3_storage_finish (StreamerStorage *storage,
                                                   const StreamerStorageUpload *upload,
                                                   GArray *parts,
                                                   const guint32 *crc32,
                                                   GError **error);

/* StreamerStorageInterface.cancel */
gboolean streamer_s3_storage_cancel (StreamerStorage *storage,
                                     const StreamerStorageUpload *upload,
                                     GError **error);

/* StreamerStorageInterface.presign and .link */
gboolean streamer_s3_storage_presign (StreamerStorage *storage,
                                      const StreamerStorageUpload *upload,
                                      guint number,
                                      guint64 size,
                                      const guint32 *crc32,
                                      StreamerSignedRequest *request,
                                      GError **error);
gboolean streamer_s3_storage_is_public (StreamerStorage *storage);
char *streamer_s3_storage_link (StreamerStorage *storage,
                                const char *key,
                                gint64 *expires,
                                GError **error);

/* Returns: (transfer full) (element-type StreamerStoragePart): of what the client gave */
GArray *streamer_s3_storage_convert_parts (GArray *stored);

G_END_DECLS
