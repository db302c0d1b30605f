/* streamer-capabilities.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-plan.h"

G_BEGIN_DECLS

/**
 * StreamerCapabilities:
 * @limits: what the backend's store takes
 * @max_urls: presigned URLs in one answer, at least 1
 * @crc32: whether it checks the whole object's CRC-32
 * @unknown_size: whether it takes an object whose size is known at its end only
 * @domain: (owned) (nullable): where visitors download
 *
 * What a backend of the request API, version 2, says of itself. Atomically reference counted, and
 * does not change.
 */
typedef struct
{
  StreamerLimits limits;
  guint max_urls;
  gboolean crc32;
  gboolean unknown_size;
  char *domain;
} StreamerCapabilities;

/** Returns: (transfer full): or NULL with STREAMER_ERROR_PROTOCOL */
StreamerCapabilities *streamer_capabilities_parse (JsonNode *status, GError **error);
StreamerCapabilities *streamer_capabilities_ref (StreamerCapabilities *capabilities);
void streamer_capabilities_unref (StreamerCapabilities *capabilities);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerCapabilities, streamer_capabilities_unref)

G_END_DECLS
