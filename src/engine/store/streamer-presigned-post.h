/* streamer-presigned-post.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * StreamerPresignedPost:
 * @url: (owned): where the form goes
 * @fields: (owned): name, value, …, NULL: sent exactly so and in this order; secret
 *
 * Permission to post one object as a form, as version 1 of the request API gives it.
 */
typedef struct
{
  char *url;
  char **fields;
} StreamerPresignedPost;

/**
 * streamer_presigned_post_parse:
 * @post: (out caller-allocates): the permission
 * @status: `{'url', 'fields'}` of an answer: as a string in Python's notation, or, so that a
 *   backend may be better than its time, as JSON
 * @key: under which the object is to be in the store; with a slash at its end, a folder for it
 *
 * Takes whatever signature the fields have (version 2 or 4, with a session's token or without),
 * but refuses a permission that would store it elsewhere.
 *
 * Returns: FALSE with STREAMER_ERROR_PROTOCOL
 */
gboolean streamer_presigned_post_parse (StreamerPresignedPost *post,
                                        JsonNode *status,
                                        const char *key,
                                        GError **error);
void streamer_presigned_post_clear (StreamerPresignedPost *post);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerPresignedPost, streamer_presigned_post_clear)

G_END_DECLS
