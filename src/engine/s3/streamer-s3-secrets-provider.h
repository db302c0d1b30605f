/* streamer-s3-secrets-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-credentials.h"
#include "streamer-secrets.h"

G_BEGIN_DECLS

/**
 * streamer_s3_secrets_provider_new:
 * @access_key: not a secret
 * @connection_id: under which @secrets knows STREAMER_SECRET_S3_KEY
 *
 * Signs with the secret key that the user keeps in @secrets, asked each time, so that a new one is
 * used at once.
 */
StreamerS3CredentialsProvider *streamer_s3_secrets_provider_new (const char *access_key,
                                                                 const char *connection_id,
                                                                 StreamerSecrets *secrets);

G_END_DECLS
