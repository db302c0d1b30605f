/* streamer-receipt.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * StreamerReceipt:
 * @id: of the transfer
 * @file: (nullable): display name of the path, or "-"
 * @key: (nullable)
 * @url: (nullable): the link
 * @size: bytes
 * @status_code: 200, or streamer_error_get_status_code(); 0 for what is neither done nor failed
 * @status: the server's words, or ours
 * @etag: (nullable)
 * @has_crc32: whether @crc32 is known
 * @crc32: of the whole object
 * @sha256: (nullable): of the whole object, in hex, where it was asked for
 * @parts: how many
 * @part_size: bytes
 * @seconds: from the first attempt to the end
 * @retries: attempts that failed
 *
 * The outcome of one transfer; all strings are owned. `status_code` and `status` are the names
 * that S3Streamer's callers know.
 */
typedef struct
{
  char *id;
  char *file;
  char *key;
  char *url;
  guint64 size;
  guint status_code;
  char *status;
  char *etag;
  gboolean has_crc32;
  guint32 crc32;
  char *sha256;
  guint parts;
  guint64 part_size;
  double seconds;
  guint retries;
} StreamerReceipt;

void streamer_receipt_free (StreamerReceipt *receipt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerReceipt, streamer_receipt_free)

/** Returns: (transfer full): an object node with the members of `--json`, in a fixed order */
JsonNode *streamer_receipt_to_json (const StreamerReceipt *receipt);

G_END_DECLS
