/* streamer-s3-xml.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-client.h"

G_BEGIN_DECLS

/* What is longer, deeper or has more elements is not an answer of S3: a page of ListParts has 1,000
 * parts of less than ten elements each. */
#define STREAMER_S3_XML_MAX_BYTES    1048576
#define STREAMER_S3_XML_MAX_DEPTH    16
#define STREAMER_S3_XML_MAX_ELEMENTS 20000
#define STREAMER_S3_XML_MAX_FIELD    8192

/* S3's XML answers (Amazon S3 API Reference). The readers expect just their root element, whatever
 * its namespace, and skip elements that they do not know. They fail with STREAMER_ERROR_NETWORK
 * where the document is empty or ends too early, else with STREAMER_ERROR_PROTOCOL. */

/**
 * StreamerS3XmlError:
 *
 * `Error`; fields are NULL where it does not have them.
 */
typedef struct
{
  char *code;
  char *message;
  char *region;
  char *endpoint;
  char *request_id;
} StreamerS3XmlError;

void streamer_s3_xml_error_clear (StreamerS3XmlError *self);

/** Returns: whether the root element of @text is `Error`, or might have been before it was cut */
gboolean streamer_s3_xml_is_error (const char *text, gsize length);
/** What was read before a mistake stays in @result, even where FALSE is returned. */
gboolean streamer_s3_xml_read_error (const char *text,
                                     gsize length,
                                     StreamerS3XmlError *result,
                                     GError **error);

/** `InitiateMultipartUploadResult`. Returns: (transfer full): the upload id */
char *streamer_s3_xml_read_upload_id (const char *text, gsize length, GError **error);
/** `CompleteMultipartUploadResult`. Returns: (transfer full): the ETag, "" where it has none */
char *streamer_s3_xml_read_completed (const char *text, gsize length, GError **error);
/** `CopyPartResult`. Returns: (transfer full): the ETag */
char *streamer_s3_xml_read_copied (const char *text, gsize length, GError **error);

/**
 * streamer_s3_xml_read_parts:
 * @parts: (element-type StreamerStoredPart): takes the parts of this page
 * @next: (out): the number behind which the next page begins, 0 where this was the last
 *
 * `ListPartsResult`. Numbers of parts rise, over all pages.
 */
gboolean streamer_s3_xml_read_parts (const char *text,
                                     gsize length,
                                     GArray *parts,
                                     guint *next,
                                     GError **error);

/**
 * streamer_s3_xml_read_uploads:
 * @uploads: (element-type StreamerUnfinished): takes the uploads of this page, with whole keys
 * @next_key: (out) (transfer full): behind which the next page begins, NULL where this was the last
 * @next_id: (out) (transfer full): beside @next_key
 *
 * `ListMultipartUploadsResult`.
 */
gboolean streamer_s3_xml_read_uploads (const char *text,
                                       gsize length,
                                       GArray *uploads,
                                       char **next_key,
                                       char **next_id,
                                       GError **error);

/** Returns: (transfer full): an empty array for streamer_s3_xml_read_parts() */
GArray *streamer_s3_xml_new_parts (void);

/** Returns: (transfer full): the body of CompleteMultipartUpload */
char *streamer_s3_xml_make_complete (GArray *parts);

G_END_DECLS
