/* streamer-s3-etag.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Returns: whether @a and @b are the same, quotes or none around them. Either may be NULL. */
gboolean streamer_s3_etag_equal (const char *a, const char *b);

/** Returns: whether @etag is an MD5 in hex, or one of several parts: MD5-COUNT */
gboolean streamer_s3_etag_is_md5 (const char *etag);

/**
 * streamer_s3_etag_of_parts:
 * @parts: (element-type StreamerStoredPart): all of them, by number
 *
 * The ETag of an object that is made of @parts: the MD5 of their binary MD5s in a row, then a hyphen
 * and their number (not documented, but so at AWS, Ceph and MinIO).
 *
 * Returns: (transfer full) (nullable): in quotes; NULL where the ETag of a part is no MD5
 */
char *streamer_s3_etag_of_parts (GArray *parts);

G_END_DECLS
