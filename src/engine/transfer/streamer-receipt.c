/* streamer-receipt.c: the outcome of one transfer, as the user's scripts see it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-receipt.h"

void
streamer_receipt_free (StreamerReceipt *receipt)
{
  g_free (receipt->id);
  g_free (receipt->file);
  g_free (receipt->key);
  g_free (receipt->url);
  g_free (receipt->status);
  g_free (receipt->etag);
  g_free (receipt->sha256);
  g_free (receipt);
}

static void
set_string (JsonObject *object, const char *member, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, member, value);
  else
    json_object_set_null_member (object, member);
}

JsonNode *
streamer_receipt_to_json (const StreamerReceipt *receipt)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *checksum = NULL;

  if (receipt->has_crc32)
    checksum = g_strdup_printf ("crc32:%08x", receipt->crc32);

  set_string (object, "file", receipt->file);
  set_string (object, "key", receipt->key);
  set_string (object, "url", receipt->url);
  json_object_set_int_member (object, "size", (gint64) receipt->size);
  json_object_set_int_member (object, "status_code", receipt->status_code);
  set_string (object, "status", receipt->status);
  set_string (object, "etag", receipt->etag);
  set_string (object, "checksum", checksum);
  set_string (object, "sha256", receipt->sha256);
  json_object_set_int_member (object, "parts", receipt->parts);
  json_object_set_int_member (object, "part_size", (gint64) receipt->part_size);
  json_object_set_double_member (object, "seconds", receipt->seconds);
  json_object_set_int_member (object, "retries", receipt->retries);
  set_string (object, "id", receipt->id);

  json_node_take_object (node, object);
  return node;
}
