/* streamer-s3-xml-reader.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerS3XmlFunc:
 * @path: names of the elements below the root, such as "Part/ETag"
 * @text: the element's own text
 *
 * Called at the end of each element but the root.
 *
 * Returns: FALSE where the text is not what the element has to hold
 */
typedef gboolean (*StreamerS3XmlFunc) (const char *path, const char *text, gpointer user_data);

/**
 * streamer_s3_xml_parse:
 * @text: (nullable): untrusted bytes
 * @root: the name of the root element
 *
 * Reads one document within the limits of streamer-s3-xml.h. Element names count without their
 * namespace's prefix; a document type, entities of its own and processing instructions (but the XML
 * declaration) are refused.
 *
 * Returns: FALSE with STREAMER_ERROR_NETWORK for a document that ends too early, or
 *   STREAMER_ERROR_PROTOCOL
 */
gboolean streamer_s3_xml_parse (const char *text,
                                gsize length,
                                const char *root,
                                StreamerS3XmlFunc func,
                                gpointer user_data,
                                GError **error);

G_END_DECLS
