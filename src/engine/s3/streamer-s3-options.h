/* streamer-s3-options.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-client.h"

G_BEGIN_DECLS

/**
 * streamer_s3_put_options_to_headers:
 * @options: (nullable)
 *
 * Errors: STREAMER_ERROR_INVALID, for what cannot stand in a header
 *
 * Returns: (transfer full): name, value, …, NULL
 */
GStrv streamer_s3_put_options_to_headers (const StreamerS3PutOptions *options, GError **error);

G_END_DECLS
