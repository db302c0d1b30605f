/* streamer-option-values.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-options.h"

G_BEGIN_DECLS

/* Each reads the text that was given for one option, as the bytes that were typed. Errors:
 * STREAMER_ERROR_INVALID, in a sentence that names the option. */

/** @text: (nullable): @value stays as it is without it */
gboolean streamer_option_values_read_number (const char *option,
                                             const char *text,
                                             guint min,
                                             guint max,
                                             guint *value,
                                             GError **error);

/** @text: (nullable): such as "3M"; as before */
gboolean streamer_option_values_read_rate (const char *text, guint64 *rate, GError **error);

/** @text: (nullable): what follows `--json` */
gboolean
streamer_option_values_read_output (const char *text, StreamerOutput *output, GError **error);

/**
 * streamer_option_values_read_metadata:
 * @texts: (nullable): each NAME=VALUE
 * @metadata: (out) (transfer full): name, value, …, NULL; NULL without @texts
 */
gboolean streamer_option_values_read_metadata (char **texts, GStrv *metadata, GError **error);

G_END_DECLS
