/* streamer-oidc-config.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-config-file.h"
#include "streamer-oidc.h"

G_BEGIN_DECLS

/**
 * streamer_oidc_config_read:
 * @section: of @file, with what is to be known of an identity provider
 * @has_gateway: whether a gateway may check all tokens, so that keys can be missing
 * @allowance: (inout): how much each principal may use
 *
 * Returns: (transfer full) (nullable): NULL where something is wrong, which is reported to @file
 */
StreamerOidc *streamer_oidc_config_read (StreamerConfigFile *file,
                                         const char *section,
                                         gboolean has_gateway,
                                         StreamerAllowance *allowance);

G_END_DECLS
