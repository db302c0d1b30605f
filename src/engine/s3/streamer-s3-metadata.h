/* streamer-s3-metadata.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-credentials.h"

G_BEGIN_DECLS

/* Keys of the role that a machine was given. Both ask the network, once, and may be slow where
 * nothing answers: 2 s a request. Errors: STREAMER_ERROR_NETWORK, _BUSY, or _AUTH where it answers,
 * but has no keys. */

/**
 * streamer_s3_container_get:
 * @found: (out): whether the environment names a container's endpoint at all
 *
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else AWS_CONTAINER_CREDENTIALS_FULL_URI, with
 * AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, else AWS_CONTAINER_AUTHORIZATION_TOKEN.
 */
StreamerS3Credentials *
streamer_s3_container_get (gboolean *found, GCancellable *cancellable, GError **error);

/**
 * streamer_s3_container_make_url:
 * @relative: (nullable): goes first
 * @full: (nullable): https, or http on this machine or at a container's own addresses: the token
 *   is for nobody else
 *
 * Returns: (transfer full): or NULL with STREAMER_ERROR_AUTH
 */
char *streamer_s3_container_make_url (const char *relative, const char *full, GError **error);

/**
 * streamer_s3_instance_get:
 *
 * The instance metadata service, version 2 only: version 1 needs no token, which lets anybody who
 * can make this machine fetch a URL have its keys.
 */
StreamerS3Credentials *streamer_s3_instance_get (GCancellable *cancellable, GError **error);

G_END_DECLS
