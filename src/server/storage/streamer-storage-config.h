/* streamer-storage-config.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-seal.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

/**
 * StreamerStorageConfig:
 * @kind: (owned): one of streamer_storage_get_kinds(): "folder", "s3"
 * @root: (owned) (type filename) (nullable): a folder for what the server has to remember; with
 *   kind "folder" the objects are in it, too
 * @domain: (owned) (nullable): where visitors download: links are `domain/key` then
 * @downloads_public: whether visitors need no signature to download: links are plain then, and
 *   never expire; of no meaning with @domain
 * @endpoint: (owned) (nullable): s3: `https://HOST[:PORT]`; NULL for Amazon's in @region
 * @region: (owned) (nullable): s3: NULL for `us-east-1`
 * @bucket: (owned) (nullable): s3
 * @prefix: (owned) (nullable): s3: canonical key that goes before all keys, without a slash at its
 *   end
 * @path_style: s3: whether the bucket stands in the path rather than in the host name
 * @profile: (owned) (nullable): s3: whose keys, of the shared credentials file; NULL for where the
 *   AWS SDKs look first
 *
 * Which storage, and where. Initialise to zeros.
 */
typedef struct
{
  char *kind;
  char *root;
  char *domain;
  gboolean downloads_public;
  char *endpoint;
  char *region;
  char *bucket;
  char *prefix;
  gboolean path_style;
  char *profile;
} StreamerStorageConfig;

void streamer_storage_config_clear (StreamerStorageConfig *config);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerStorageConfig, streamer_storage_config_clear)

/** Returns: (transfer none): the names of all kinds, NULL at the end */
const char *const *streamer_storage_get_kinds (void);

/**
 * streamer_storage_config_check:
 * @member: (out) (transfer none): what is wrong or missing: a member of StreamerStorageConfig, by
 *   its name in C
 *
 * Looks at nothing but @config itself.
 *
 * Errors: STREAMER_ERROR_INVALID
 */
gboolean streamer_storage_config_check (const StreamerStorageConfig *config,
                                        const char **member,
                                        GError **error);

/**
 * streamer_storage_open:
 * @config: has passed streamer_storage_config_check()
 * @seal: (transfer none): makes URLs and names; has to live as long
 *
 * The one place that knows all kinds. No network is used yet: a server starts while its store is
 * away. A storage with a folder of its own has it to itself: the caller holds a lock on @root.
 *
 * Returns: (transfer full)
 */
StreamerStorage *
streamer_storage_open (const StreamerStorageConfig *config, StreamerSeal *seal, GError **error);

/**
 * StreamerStorageKind:
 * @name: as in StreamerStorageConfig
 * @check: see streamer_storage_config_check(): what this kind alone needs
 * @open: see streamer_storage_open()
 *
 * What a file with another kind of storage gives to streamer-storage-config.c.
 */
typedef struct
{
  const char *name;
  gboolean (*check) (const StreamerStorageConfig *config, const char **member, GError **error);
  StreamerStorage *(*open) (const StreamerStorageConfig *config,
                            StreamerSeal *seal,
                            GError **error);
} StreamerStorageKind;

/** streamer_storage_config_fail: for a StreamerStorageKind's check. Returns: FALSE with the error */
gboolean streamer_storage_config_fail (const char **member,
                                       GError **error,
                                       const char *wrong_member,
                                       const char *message);

G_END_DECLS
