/* streamer-settings.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-connection.h"

G_BEGIN_DECLS

#define STREAMER_APP_ID "org.s3streamer.S3Streamer"

/* Keys of the schema org.s3streamer.S3Streamer. */
#define STREAMER_SETTING_CONNECTION    "connection"    /* s: id of the default connection */
#define STREAMER_SETTING_CONNECTIONS   "connections"   /* as: ids of the saved ones */
#define STREAMER_SETTING_PARTS         "parts"         /* i: 1 to 64 */
#define STREAMER_SETTING_PART_SIZE     "part-size"     /* i: MiB, 5 to 5120 */
#define STREAMER_SETTING_TMP           "tmp"           /* s: folder, "" for /tmp */
#define STREAMER_SETTING_OVERWRITE     "overwrite"     /* b */
#define STREAMER_SETTING_TARGET_FOLDER "target-folder" /* s */
#define STREAMER_SETTING_SHA256        "sha256"        /* b: for receipts */

/* Keys of org.s3streamer.S3Streamer.Connection, at
 * /org/s3streamer/S3Streamer/connections/ID/ */
#define STREAMER_SETTING_NAME        "name"        /* s */
#define STREAMER_SETTING_REQUEST_URL "request-url" /* s */
#define STREAMER_SETTING_DOMAIN      "domain"      /* s */
#define STREAMER_SETTING_KIND        "kind"        /* s: "request-api" or "s3" */

/* The same, for a bucket; see StreamerS3Place. */
#define STREAMER_SETTING_BUCKET        "bucket"        /* s: BUCKET or BUCKET/PREFIX */
#define STREAMER_SETTING_ENDPOINT      "endpoint"      /* s */
#define STREAMER_SETTING_REGION        "region"        /* s */
#define STREAMER_SETTING_VIRTUAL_HOST  "virtual-host"  /* b */
#define STREAMER_SETTING_ACCESS_KEY    "access-key"    /* s */
#define STREAMER_SETTING_STORAGE_CLASS "storage-class" /* s */
#define STREAMER_SETTING_LINK_EXPIRES  "link-expires"  /* i: seconds, 1 to 604800 */

#define STREAMER_KIND_S3 "s3"

/**
 * streamer_settings_new:
 *
 * Returns: (transfer full): the program's settings, or NULL with STREAMER_ERROR_FAILED where the
 *   schema is not installed (g_settings_new() would abort). Where there is no dconf they are kept
 *   in GLib's key file, in the user's configuration folder.
 */
GSettings *streamer_settings_new (GError **error);

/**
 * streamer_settings_new_for_connection:
 * @id: lower-case letters, digits and hyphens
 *
 * Returns: (transfer full): the settings of the saved connection @id, which need not exist yet; or
 *   NULL with STREAMER_ERROR_FAILED (no schema) or _INVALID (the id)
 */
GSettings *streamer_settings_new_for_connection (const char *id, GError **error);

/**
 * streamer_settings_open_connection:
 * @settings: (nullable): NULL where no schema is installed: then only this computer is known
 * @id: (nullable): the id of a connection, or the name that the user gave it; NULL for the default
 *   connection
 *
 * Returns: (transfer full): the connection, which follows its settings, but for what describes a
 *   bucket (its access key goes both ways); or NULL with STREAMER_ERROR_NOT_FOUND where none is
 *   saved under @id, or _INVALID where its bucket has no usable name
 */
StreamerConnection *streamer_settings_open_connection (GSettings *settings,
                                                       const char *id,
                                                       StreamerSecrets *secrets,
                                                       GError **error);

/**
 * streamer_settings_restore_connection:
 * @settings: (nullable): as above
 * @record: of streamer_connection_to_record()
 *
 * Returns: (transfer full): the connection that is saved under the record's id, where there is one
 *   still that leads to the same place; else the one that is written down, which cannot be opened
 *   where the saved one leads elsewhere now; or NULL with STREAMER_ERROR_INVALID
 */
StreamerConnection *streamer_settings_restore_connection (GSettings *settings,
                                                          const char *record,
                                                          StreamerSecrets *secrets,
                                                          GError **error);

G_END_DECLS
