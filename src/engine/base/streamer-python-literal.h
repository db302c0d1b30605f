/* streamer-python-literal.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * streamer_python_literal_parse:
 * @text: untrusted bytes
 * @length: bytes in @text
 *
 * Parses what Python's repr() writes, and version 1 of the request API puts into its strings: dict
 * with names that are strings, list, str, int, True, False and None. Whatever only Python itself
 * would take (prefixes, adjacent or triple-quoted strings, `\N` and octal escapes, tuples,
 * arithmetic, trailing commas, a name twice) is refused, as are NUL, halves of surrogate pairs and
 * integers beyond 64 bits. The limits are those of streamer_json_parse(), and so are the readers.
 *
 * Returns: (transfer full): the root node, members in the order given; or NULL with
 *   STREAMER_ERROR_PROTOCOL
 */
JsonNode *streamer_python_literal_parse (const char *text, gsize length, GError **error);

/**
 * streamer_python_literal_to_string:
 * @node: no fractions in it
 *
 * Returns: (transfer full): what repr() writes for it
 */
char *streamer_python_literal_to_string (JsonNode *node);

G_END_DECLS
