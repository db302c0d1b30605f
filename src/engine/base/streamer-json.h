/* streamer-json.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Answers and requests are small; whatever is larger or deeper is not the protocol. */
#define STREAMER_JSON_MAX_BYTES 1048576
#define STREAMER_JSON_MAX_DEPTH 32

/**
 * streamer_json_parse:
 * @text: untrusted bytes
 * @length: bytes in @text
 *
 * Parses JSON from the other side. Length, nesting and UTF-8 are checked before the parser sees
 * anything, because json-glib 1.6 overruns the stack on deep input.
 *
 * Returns: (transfer full): the root node, or NULL with STREAMER_ERROR_PROTOCOL
 */
JsonNode *streamer_json_parse (const char *text, gsize length, GError **error);

/** streamer_json_parse_within: the same, for what comes with a bound of its own */
JsonNode *
streamer_json_parse_within (const char *text, gsize length, gsize max_length, GError **error);

/* Strict readers of an object's member: FALSE or NULL with STREAMER_ERROR_PROTOCOL, naming the
 * member, where it is absent, of another type or out of range. Strings must not hold NUL. */

/** Returns: (transfer none) */
const char *streamer_json_get_string (JsonObject *object, const char *member, GError **error);
/** Returns: (nullable) (transfer none): NULL without an error where it is absent or null */
const char *
streamer_json_get_optional_string (JsonObject *object, const char *member, GError **error);
gboolean streamer_json_get_uint (JsonObject *object,
                                 const char *member,
                                 guint64 min,
                                 guint64 max,
                                 guint64 *value,
                                 GError **error);
gboolean
streamer_json_get_boolean (JsonObject *object, const char *member, gboolean *value, GError **error);
/** Returns: (transfer none) */
JsonObject *streamer_json_get_object (JsonObject *object, const char *member, GError **error);
/** Returns: (transfer none) */
JsonArray *
streamer_json_get_array (JsonObject *object, const char *member, guint max_length, GError **error);

/** Returns: (transfer full): compact text on one line */
char *streamer_json_to_string (JsonNode *node);

G_END_DECLS
