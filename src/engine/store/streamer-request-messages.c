/* streamer-request-messages.c: what version 2 of the request API says about an upload, both ways
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bodies of requests are made of an upload, and answers are read strictly. Any thread.
 */

#include "streamer-config.h"
#include "streamer-request-messages.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-key.h"
#include "streamer-permissions.h"
#include "streamer-url.h"

/* More would only grow old before they are used. */
#define MAX_BATCH 16

#define MAX_UPLOAD_ID_BYTES 8192
#define MAX_ETAG_BYTES      1024

static guint64
get_part_length (StreamerUpload *upload, guint number)
{
  StreamerPlan plan = { .size = upload->size,
                        .part_size = upload->part_size,
                        .n_parts = upload->n_parts };
  guint64 offset;
  guint64 length;

  streamer_plan_get_part (&plan, number, &offset, &length);
  return length;
}

static gboolean
read_part (JsonNode *node, StreamerUpload *upload, guint64 min_number, StreamerStoredPart *part)
{
  JsonObject *object;
  const char *etag;
  guint64 number;
  GError *etag_error = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  object = json_node_get_object (node);
  etag = streamer_json_get_optional_string (object, "etag", &etag_error);
  if (etag_error != NULL || (etag != NULL && strlen (etag) > MAX_ETAG_BYTES) ||
      !streamer_json_get_uint (object, "number", min_number, upload->n_parts, &number, NULL) ||
      !streamer_json_get_uint (object, "size", 0, upload->part_size, &part->size, NULL))
    {
      g_clear_error (&etag_error);
      return FALSE;
    }

  part->number = (guint) number;
  part->crc32 = 0;
  part->etag = g_strdup (etag != NULL ? etag : "");
  return TRUE;
}

JsonObject *
streamer_request_make_begin (StreamerUpload *upload)
{
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "key", upload->key);
  if (upload->size == STREAMER_SIZE_UNKNOWN)
    json_object_set_null_member (body, "size");
  else
    json_object_set_int_member (body, "size", (gint64) upload->size);
  json_object_set_int_member (body, "part_size", (gint64) upload->part_size);
  json_object_set_string_member (body, "content_type", upload->content_type);
  json_object_set_boolean_member (body, "overwrite", upload->overwrite);
  json_object_set_string_member (body, "resume_id", upload->resume_id);
  return body;
}

static gboolean
is_upload_id (const char *id)
{
  if (*id == '\0' || strlen (id) > MAX_UPLOAD_ID_BYTES)
    return FALSE;
  for (const char *c = id; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return FALSE;
  return TRUE;
}

gboolean
streamer_request_take_begin (StreamerUpload *upload,
                             JsonObject *object,
                             gint64 asked_at,
                             gint64 server_time,
                             GError **error)
{
  const char *upload_id = streamer_json_get_string (object, "upload_id", error);
  guint64 part_size;

  if (upload_id == NULL)
    return FALSE;
  if (!is_upload_id (upload_id))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           _ ("The server's name for the upload cannot be used."));
      return FALSE;
    }
  if (json_object_has_member (object, "part_size") &&
      !streamer_json_get_uint (object, "part_size", upload->part_size, upload->part_size,
                               &part_size, error))
    return FALSE;

  if (json_object_has_member (object, "put") && !json_object_get_null_member (object, "put") &&
      upload->n_parts == 1)
    {
      JsonObject *put = streamer_json_get_object (object, "put", error);
      StreamerPresigned *presigned = NULL;

      if (put != NULL)
        presigned = streamer_presigned_parse (put, upload->size, asked_at, server_time, error);
      if (presigned == NULL)
        return FALSE;
      streamer_permissions_put (upload, 1, presigned);
    }

  g_mutex_lock (&upload->lock);
  if (g_strcmp0 (upload->upload_id, upload_id) != 0)
    {
      g_free (upload->upload_id);
      upload->upload_id = g_strdup (upload_id);
    }
  g_mutex_unlock (&upload->lock);
  return TRUE;
}

JsonObject *
streamer_request_make_body (StreamerUpload *upload)
{
  JsonObject *body = json_object_new ();

  g_mutex_lock (&upload->lock);
  json_object_set_string_member (body, "upload_id", upload->upload_id);
  g_mutex_unlock (&upload->lock);
  return body;
}

JsonArray *
streamer_request_make_batch (StreamerUpload *upload,
                             guint number,
                             guint64 size,
                             guint max_urls,
                             GHashTable *sizes)
{
  JsonArray *batch = json_array_new ();
  guint wanted = MIN (max_urls, MAX_BATCH);

  for (guint i = number; i <= upload->n_parts && i - number < wanted; i++)
    {
      guint64 length = i == number ? size : get_part_length (upload, i);
      g_autoptr (StreamerPresigned) known = streamer_permissions_find (upload, i, length);
      JsonObject *part;

      if (known != NULL && i != number)
        continue;
      part = json_object_new ();
      json_object_set_int_member (part, "number", i);
      json_object_set_int_member (part, "size", (gint64) length);
      json_array_add_object_element (batch, part);
      g_hash_table_insert (sizes, GUINT_TO_POINTER (i), g_memdup2 (&length, sizeof length));
    }
  return batch;
}

gboolean
streamer_request_take_batch (StreamerUpload *upload,
                             JsonArray *answers,
                             GHashTable *sizes,
                             gint64 asked_at,
                             gint64 server_time,
                             GError **error)
{
  for (guint i = 0; i < json_array_get_length (answers); i++)
    {
      JsonNode *node = json_array_get_element (answers, i);
      StreamerPresigned *presigned;
      guint64 number;
      guint64 *size;

      if (!JSON_NODE_HOLDS_OBJECT (node) ||
          !streamer_json_get_uint (json_node_get_object (node), "number", 1, upload->n_parts,
                                   &number, NULL) ||
          (size = g_hash_table_lookup (sizes, GUINT_TO_POINTER (number))) == NULL)
        {
          g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                               _ ("The server answers for parts that it was not asked for."));
          return FALSE;
        }

      presigned = streamer_presigned_parse (json_node_get_object (node), *size, asked_at,
                                            server_time, error);
      if (presigned == NULL)
        return FALSE;
      streamer_permissions_put (upload, (guint) number, presigned);
    }
  return TRUE;
}

GArray *
streamer_request_read_parts (StreamerUpload *upload, JsonNode *status)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (StreamerStoredPart));
  JsonArray *array;
  guint64 min_number = 1;

  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  if (!JSON_NODE_HOLDS_ARRAY (status))
    return NULL;

  array = json_node_get_array (status);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      StreamerStoredPart part;

      if (!read_part (json_array_get_element (array, i), upload, min_number, &part))
        return NULL;
      g_array_append_val (parts, part);
      min_number = part.number + 1;
    }
  return g_steal_pointer (&parts);
}

char *
streamer_request_make_finish_parts (GArray *parts, guint64 *size)
{
  GString *text = g_string_new ("[");

  *size = 0;
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);
      g_autoptr (JsonNode) etag = json_node_new (JSON_NODE_VALUE);
      g_autofree char *quoted = NULL;

      json_node_set_string (etag, part->etag != NULL ? part->etag : "");
      quoted = streamer_json_to_string (etag);
      g_string_append_printf (text, "%s{\"number\":%u,\"size\":%" G_GUINT64_FORMAT ",\"etag\":%s}",
                              i == 0 ? "" : ",", part->number, part->size, quoted);
      *size += part->size;
    }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static gboolean
check_link (const char *url, GError **error)
{
  if (streamer_url_is_usable (url))
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                       _ ("The link that the server gives cannot be used."));
  return FALSE;
}

StreamerStoredObject *
streamer_request_read_object (StreamerUpload *upload,
                              JsonObject *object,
                              guint64 sent,
                              const char *domain,
                              GError **error)
{
  const char *key = streamer_json_get_string (object, "key", error);
  g_autofree char *url = NULL;
  GError *local_error = NULL;
  const char *etag;
  const char *given;
  guint64 size;

  if (key == NULL || !streamer_json_get_uint (object, "size", 0, G_MAXINT64, &size, error))
    return NULL;
  etag = streamer_json_get_optional_string (object, "etag", &local_error);
  given =
      local_error == NULL ? streamer_json_get_optional_string (object, "url", &local_error) : NULL;
  if (local_error == NULL && !g_str_equal (key, upload->key))
    g_set_error_literal (&local_error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                         _ ("The server stored the file under another name."));
  else if (local_error == NULL && size != sent)
    g_set_error_literal (&local_error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM,
                         _ ("The file on the server is not as long as what was sent."));
  else if (local_error == NULL && given != NULL)
    check_link (given, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return NULL;
    }

  if (given != NULL)
    url = g_strdup (given);
  else if (domain != NULL)
    url = streamer_key_to_url (domain, key);
  return streamer_stored_object_new (size, etag, url);
}

StreamerStoredObject *
streamer_request_read_stat (JsonObject *object, GError **error)
{
  GError *local_error = NULL;
  const char *etag;
  gboolean exists;
  guint64 size;

  if (!streamer_json_get_boolean (object, "exists", &exists, error))
    return NULL;
  if (!exists)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                           _ ("There is no such file on the server."));
      return NULL;
    }
  if (!streamer_json_get_uint (object, "size", 0, G_MAXINT64, &size, error))
    return NULL;
  etag = streamer_json_get_optional_string (object, "etag", &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return NULL;
    }
  return streamer_stored_object_new (size, etag, NULL);
}

char *
streamer_request_read_link (JsonObject *object, GError **error)
{
  const char *url = streamer_json_get_string (object, "url", error);

  return url != NULL && check_link (url, error) ? g_strdup (url) : NULL;
}
