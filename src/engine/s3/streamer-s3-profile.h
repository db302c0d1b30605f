/* streamer-s3-profile.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerS3Profile:
 * @found: whether one of the files has a profile of this name
 *
 * What the shared files say under one name (AWS SDKs and Tools Reference Guide, "Shared config and
 * credentials files"); fields are NULL where they say nothing.
 */
typedef struct
{
  gboolean found;
  char *access_key;
  char *secret_key;
  char *session_token;
  char *region;
} StreamerS3Profile;

void streamer_s3_profile_clear (StreamerS3Profile *profile);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerS3Profile, streamer_s3_profile_clear)

/**
 * streamer_s3_profile_load:
 *
 * Reads the credentials file (AWS_SHARED_CREDENTIALS_FILE, ~/.aws/credentials), then the config
 * file (AWS_CONFIG_FILE, ~/.aws/config), which need not be there. The first one that has keys gives
 * all of them.
 *
 * Returns: FALSE with STREAMER_ERROR_AUTH where a file cannot be read
 */
gboolean streamer_s3_profile_load (StreamerS3Profile *profile, const char *name, GError **error);

G_END_DECLS
