/* streamer-config-values.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-config-file.h"
#include "streamer-principal.h"
#include "streamer-token-hash.h"

G_BEGIN_DECLS

/* Readers of values: what is wrong is reported to the file; without the key nothing is changed. */

/** @value: (inout): `yes`/`no`, `true`/`false` */
void streamer_config_get_boolean (StreamerConfigFile *file,
                                  const char *section,
                                  const char *key,
                                  gboolean *value);

/** @value: (inout): a whole number from @min to @max */
void streamer_config_get_count (StreamerConfigFile *file,
                                const char *section,
                                const char *key,
                                guint min,
                                guint max,
                                guint *value);

/** Returns: FALSE where @text is no number of bytes, such as `500M`: K, M, G and T are powers of 1024 */
gboolean streamer_config_parse_size (const char *text, guint64 *size);

/** @value: (inout): bytes, see streamer_config_parse_size() */
void streamer_config_get_size (StreamerConfigFile *file,
                               const char *section,
                               const char *key,
                               guint64 *value);

/** @allowance: (inout): by the keys `quota`, `open-uploads`, `rate` and `burst` */
void streamer_config_get_allowance (StreamerConfigFile *file,
                                    const char *section,
                                    StreamerAllowance *allowance);

/** @value: (out): one of @names, NULL at their end: its index. Returns: FALSE without the key */
gboolean streamer_config_get_choice (StreamerConfigFile *file,
                                     const char *section,
                                     const char *key,
                                     const char *const *names,
                                     guint *value);

/** Returns: FALSE where @text names nothing; `/` is everything. @prefix: (out): canonical */
gboolean streamer_config_parse_prefix (const char *text, char **prefix);

/** Returns: (transfer full) (nullable): canonical keys; NULL without the key */
GStrv streamer_config_get_prefixes (StreamerConfigFile *file, const char *section, const char *key);

/** @rights: (out). Returns: FALSE without the key */
gboolean streamer_config_get_rights (StreamerConfigFile *file,
                                     const char *section,
                                     const char *key,
                                     StreamerRights *rights);

/** Returns: (transfer full) (element-type StreamerTokenHash): none without the key */
GArray *streamer_config_get_hashes (StreamerConfigFile *file, const char *section, const char *key);

G_END_DECLS
