/* streamer-staged-name.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-seal.h"

G_BEGIN_DECLS

/* Where the temporary objects of version 1 of the request API are. */
#define STREAMER_STAGED_PREFIX "tmp/"

/* Seconds that they live at most. */
#define STREAMER_STAGED_SECONDS (24 * 60 * 60)

/**
 * streamer_staged_name_make:
 * @principal: who asks
 * @part_name: what the client calls the part
 *
 * The same name of two principals stands for two objects, and nobody can guess another one's: so
 * what a client names is always its own.
 *
 * Returns: (transfer full): the key of the temporary object: STREAMER_STAGED_PREFIX and 80 letters,
 *   digits, `-` and `_`; or NULL with STREAMER_ERROR_INVALID
 */
char *streamer_staged_name_make (StreamerSeal *seal,
                                 const char *principal,
                                 const char *part_name,
                                 GError **error);

/**
 * streamer_staged_name_resolve:
 * @principal: who asks
 * @key: what the client gives as the key of a temporary object: STREAMER_STAGED_PREFIX and the name
 *   of the part, or the key that the form for it had, with whatever stands before it in the bucket
 *
 * Errors: STREAMER_ERROR_FORBIDDEN for any other key
 *
 * Returns: (transfer full): as streamer_staged_name_make()
 */
char *streamer_staged_name_resolve (StreamerSeal *seal,
                                    const char *principal,
                                    const char *key,
                                    GError **error);

/** Returns: whether @key, without what stands before it in the bucket, was made by this server */
gboolean streamer_staged_name_is_ours (StreamerSeal *seal, const char *key);

G_END_DECLS
