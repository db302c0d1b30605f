/* streamer-s3-credentials.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-sigv4.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_S3_CREDENTIALS_PROVIDER (streamer_s3_credentials_provider_get_type ())
G_DECLARE_INTERFACE (StreamerS3CredentialsProvider,
                     streamer_s3_credentials_provider,
                     STREAMER,
                     S3_CREDENTIALS_PROVIDER,
                     GObject)

/**
 * StreamerS3CredentialsProvider:
 *
 * Gives the keys to sign with, fresh ones where they expire. Any thread; may block on a file or,
 * for roles, on the metadata endpoint (single flight).
 */
struct _StreamerS3CredentialsProviderInterface
{
  GTypeInterface parent_iface;

  StreamerS3Credentials *(*get) (StreamerS3CredentialsProvider *self,
                                 gboolean refresh,
                                 GCancellable *cancellable,
                                 GError **error);
};

/** @refresh: the last ones were refused as expired. Errors: STREAMER_ERROR_AUTH */
StreamerS3Credentials *streamer_s3_credentials_provider_get (StreamerS3CredentialsProvider *self,
                                                             gboolean refresh,
                                                             GCancellable *cancellable,
                                                             GError **error);

/** Frees what is secret and wipes its memory. */
void streamer_s3_secret_free (char *secret);

/** Keys that are known already. */
StreamerS3CredentialsProvider *streamer_s3_static_provider_new (StreamerS3Credentials *credentials);

/**
 * streamer_s3_default_provider_new:
 * @profile: (nullable): of the shared files; else AWS_PROFILE, else "default"
 *
 * In this order, as the AWS SDKs do (AWS SDKs and Tools Reference Guide, "Standardized credential
 * providers"): AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; the shared credentials
 * file (AWS_SHARED_CREDENTIALS_FILE, ~/.aws/credentials); the container's endpoint
 * (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI / _FULL_URI); the instance's metadata service version 2
 * (unless AWS_EC2_METADATA_DISABLED; AWS_EC2_METADATA_SERVICE_ENDPOINT). A profile that was named
 * goes before the environment.
 */
StreamerS3CredentialsProvider *streamer_s3_default_provider_new (const char *profile);

/**
 * streamer_s3_default_region:
 * @profile: (nullable): as for streamer_s3_default_provider_new()
 *
 * AWS_REGION, AWS_DEFAULT_REGION, or the profile's `region` in the shared files (AWS_CONFIG_FILE,
 * ~/.aws/config); for a profile that was named the files go first. Reads files, asks no network.
 *
 * Returns: (nullable) (transfer full): NULL where nothing says it
 */
char *streamer_s3_default_region (const char *profile);

G_END_DECLS
