/* streamer-s3-store-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-probe.h"
#include "streamer-s3-store.h"

G_BEGIN_DECLS

/* What stands in the upload id of an object that is put whole, which has none in the store. */
#define STREAMER_S3_STORE_WHOLE "whole"
/* Before the store's own id, of an upload that was begun with the CRC-32 of the whole object: no
 * store has blanks in its ids. */
#define STREAMER_S3_STORE_WITH_CRC32 "crc32 "

struct _StreamerS3Store
{
  GObject parent_instance;

  StreamerS3Client *client; /* (owned) */
  char *storage_class;      /* (owned) (nullable) */
  guint link_expires;       /* seconds */
  StreamerLimits limits;
  StreamerS3Probe probe;
  GDestroyNotify memory_destroy; /* (nullable): of the probe's user data */
};

gboolean streamer_s3_store_is_whole (const StreamerUpload *upload);
gboolean streamer_s3_store_has_crc32 (const StreamerUpload *upload);
/** Returns: (transfer none): what the store calls an upload in parts */
const char *streamer_s3_store_get_id (const StreamerUpload *upload);
/** Whether the object came of @upload, and of no other. */
gboolean streamer_s3_store_is_marked (const StreamerS3Head *head, const StreamerUpload *upload);

/** @found: (out): whether there is an object; @head is filled then. Returns: FALSE where that cannot
 * be told */
gboolean streamer_s3_store_look (StreamerS3Store *self,
                                 StreamerHttp *http,
                                 const char *key,
                                 StreamerS3Head *head,
                                 gboolean *found,
                                 GCancellable *cancellable,
                                 GError **error);

/* StreamerStoreInterface.link */
char *streamer_s3_store_link (StreamerStore *store,
                              StreamerHttp *http,
                              const char *key,
                              guint expires_in,
                              GCancellable *cancellable,
                              GError **error);

/* streamer-s3-store-finish.c: StreamerStoreInterface.finish */
StreamerStoredObject *streamer_s3_store_finish (StreamerStore *store,
                                                StreamerHttp *http,
                                                StreamerUpload *upload,
                                                GArray *parts,
                                                guint32 crc32,
                                                GCancellable *cancellable,
                                                GError **error);

G_END_DECLS
