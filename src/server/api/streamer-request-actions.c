/* streamer-request-actions.c: what each action of the request API does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each reads its members strictly, asks the policy, and lets the storage do the rest.
 */

#include "streamer-request-actions.h"

#include <string.h>

#include "streamer-config.h"
#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-key.h"
#include "streamer-media-type.h"
#include "streamer-upload-id.h"

#define MAX_LINK_SECONDS (7 * 24 * 60 * 60)

void
streamer_request_note_clear (StreamerRequestNote *note)
{
  g_free (note->key);
  g_free (note->upload_id);
  g_clear_pointer (&note->removed, g_ptr_array_unref);
  *note = (StreamerRequestNote){ .bytes = -1 };
}

void
streamer_request_note_key (StreamerRequestNote *note, const char *key)
{
  g_free (note->key);
  note->key = g_strdup (key);
}

void
streamer_request_note_upload_id (StreamerRequestNote *note, const char *upload_id)
{
  g_free (note->upload_id);
  note->upload_id = g_strdup (upload_id);
}

static gboolean
set_invalid (GError **error, const char *message)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, message);
  return FALSE;
}

static JsonNode *
take_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

static void
set_time (JsonObject *object, const char *member, gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time);
  g_autofree char *text = g_date_time_format (date, "%Y-%m-%dT%H:%M:%SZ");

  json_object_set_string_member (object, member, text);
}

/* What begins with a slash is answered by this server, wherever the client reaches it. */
static void
set_url (const StreamerRequest *request, JsonObject *object, const char *url)
{
  g_autofree char *absolute = g_strconcat (*url == '/' ? request->origin : "", url, NULL);

  json_object_set_string_member (object, "url", absolute);
}

/* Where downloads are signed, a link is leave to download, which not everybody may give. */
static gboolean
set_link (const StreamerRequest *request, JsonObject *object, const char *key, GError **error)
{
  g_autofree char *url = NULL;

  if (!streamer_storage_is_public (request->storage) &&
      !(request->principal->rights & STREAMER_RIGHT_LINK))
    {
      json_object_set_null_member (object, "url");
      return TRUE;
    }
  url = streamer_storage_link (request->storage, key, NULL, error);
  if (url)
    set_url (request, object, url);
  return url != NULL;
}

/* The client canonicalizes: a key that can be written in two ways is refused, not repaired. */
static const char *
get_key (const StreamerRequest *request, JsonObject *body, StreamerRights rights, GError **error)
{
  const char *key = streamer_json_get_string (body, "key", error);
  g_autofree char *canonical = key ? streamer_key_canonicalize (key, -1, error) : NULL;

  streamer_request_note_key (request->note, key);
  if (!canonical)
    return NULL;
  if (strcmp (canonical, key) != 0)
    {
      set_invalid (error, "The key is not in its canonical form.");
      return NULL;
    }
  return streamer_policy_check (request->principal, rights, key, error) ? key : NULL;
}

StreamerStorageUpload *
streamer_request_open_upload (const StreamerRequest *request, const char *text, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload =
      streamer_upload_id_open (request->seal, text, request->principal->name, error);

  streamer_request_note_upload_id (request->note, text);
  if (upload)
    streamer_request_note_key (request->note, upload->key);
  if (!upload ||
      !streamer_policy_check (request->principal,
                              upload->overwrite ? STREAMER_RIGHT_CREATE | STREAMER_RIGHT_OVERWRITE
                                                : STREAMER_RIGHT_CREATE,
                              upload->key, error))
    return NULL;
  return g_steal_pointer (&upload);
}

static StreamerStorageUpload *
get_upload (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const char *text = streamer_json_get_string (body, "upload_id", error);

  return text ? streamer_request_open_upload (request, text, error) : NULL;
}

/* 32 bits as 8 hex digits, or as S3 writes them: base64 of 4 bytes. */
static gboolean
parse_crc32 (const char *text, guint32 *crc32, GError **error)
{
  guint64 value;

  if (strlen (text) == 8 && g_ascii_string_to_unsigned (text, 16, 0, G_MAXUINT32, &value, NULL))
    {
      *crc32 = value;
      return TRUE;
    }
  if (strlen (text) == 8 && g_str_has_suffix (text, "=="))
    {
      gsize length;
      g_autofree guchar *bytes = g_base64_decode (text, &length);

      if (length == 4)
        {
          *crc32 = (guint32) bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
          return TRUE;
        }
    }
  return set_invalid (error, "A CRC-32 has to be 8 hex digits.");
}

/* @has: (out): whether the body has a `checksum` with a CRC-32 in it. */
static gboolean
get_crc32 (JsonObject *body, gboolean *has, guint32 *crc32, GError **error)
{
  JsonNode *node = json_object_get_member (body, "checksum");
  const char *text;

  *has = FALSE;
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return set_invalid (error, "The checksum has to be an object.");
  if (!json_object_has_member (json_node_get_object (node), "crc32"))
    return TRUE;
  *has = TRUE;
  text = streamer_json_get_string (json_node_get_object (node), "crc32", error);
  return text && parse_crc32 (text, crc32, error);
}

JsonNode *
streamer_request_capabilities (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const StreamerLimits *limits = streamer_storage_get_limits (request->storage);
  const char *const *names = streamer_storage_get_checksums (request->storage);
  const char *domain = streamer_storage_get_domain (request->storage);
  JsonObject *object = json_object_new ();
  JsonArray *checksums = json_array_new ();
  JsonArray *prefixes = json_array_new ();

  for (gsize i = 0; names[i]; i++)
    json_array_add_string_element (checksums, names[i]);
  for (gsize i = 0;
       request->principal->prefixes[i] && !streamer_principal_may_everywhere (request->principal);
       i++)
    {
      g_autofree char *prefix = g_strconcat (request->principal->prefixes[i], "/", NULL);

      json_array_add_string_element (prefixes, prefix);
    }
  json_object_set_int_member (object, "version", 2);
  json_object_set_string_member (object, "server", "S3Streamer " STREAMER_VERSION);
  json_object_set_int_member (object, "min_part_size", limits->min_part_size);
  json_object_set_int_member (object, "max_part_size", limits->max_part_size);
  json_object_set_int_member (object, "max_parts", limits->max_parts);
  json_object_set_int_member (object, "max_object_size", limits->max_object_size);
  json_object_set_array_member (object, "checksums", checksums);
  json_object_set_int_member (object, "max_urls", STREAMER_REQUEST_MAX_URLS);
  json_object_set_int_member (object, "max_items", STREAMER_REQUEST_MAX_ITEMS);
  json_object_set_boolean_member (object, "unknown_size", TRUE);
  if (domain)
    json_object_set_string_member (object, "domain", domain);
  else
    json_object_set_null_member (object, "domain");
  json_object_set_array_member (object, "prefixes", prefixes);
  set_time (object, "now", g_get_real_time () / G_USEC_PER_SEC);
  return take_object (object);
}

/* Reads the sizes, and plans the parts. */
static gboolean
get_plan (const StreamerRequest *request, JsonObject *body, StreamerPlan *plan, GError **error)
{
  JsonNode *size_node = json_object_get_member (body, "size");
  guint64 size = STREAMER_SIZE_UNKNOWN, part_size = 0;

  if (!(size_node && JSON_NODE_HOLDS_NULL (size_node)) &&
      !streamer_json_get_uint (body, "size", 0, G_MAXINT64, &size, error))
    return FALSE;
  if (json_object_has_member (body, "part_size") &&
      !streamer_json_get_uint (body, "part_size", 1, G_MAXINT64, &part_size, error))
    return FALSE;
  return streamer_plan_init (plan, size, part_size, streamer_storage_get_limits (request->storage),
                             error);
}

static gboolean
is_resume_id (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '-' && text[i] != '_')
      return FALSE;
  return length >= 16 && length <= 128;
}

/* Returns: (transfer full): what the client wants to upload */
static StreamerStorageUpload *
read_upload (const StreamerRequest *request,
             JsonObject *body,
             const StreamerPlan *plan,
             GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = streamer_storage_upload_new ();
  g_autoptr (GError) local_error = NULL;
  gboolean overwrite = FALSE;
  const char *key, *content_type;

  if (json_object_has_member (body, "overwrite") &&
      !streamer_json_get_boolean (body, "overwrite", &overwrite, error))
    return NULL;
  key = get_key (
      request, body,
      overwrite ? STREAMER_RIGHT_CREATE | STREAMER_RIGHT_OVERWRITE : STREAMER_RIGHT_CREATE, error);
  if (!key)
    return NULL;
  content_type = streamer_json_get_optional_string (body, "content_type", &local_error);
  if (local_error)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (content_type && !streamer_media_type_is_valid (content_type))
    {
      set_invalid (error, "The content type is not one.");
      return NULL;
    }

  upload->principal = g_strdup (request->principal->name);
  upload->key = g_strdup (key);
  upload->size = plan->size;
  upload->part_size = plan->part_size;
  upload->content_type = g_strdup (content_type ? content_type : "application/octet-stream");
  upload->overwrite = overwrite;
  return g_steal_pointer (&upload);
}

static JsonObject *
describe_signed (const StreamerRequest *request, const StreamerSignedRequest *signed_request)
{
  JsonObject *object = json_object_new ();
  JsonObject *headers = json_object_new ();

  for (gsize i = 0; signed_request->headers && signed_request->headers[i]; i += 2)
    json_object_set_string_member (headers, signed_request->headers[i],
                                   signed_request->headers[i + 1]);
  json_object_set_string_member (object, "method", "PUT");
  set_url (request, object, signed_request->url);
  json_object_set_object_member (object, "headers", headers);
  set_time (object, "expires", signed_request->expires);
  return object;
}

JsonNode *
streamer_request_begin (const StreamerRequest *request, JsonObject *body, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *upload_id = NULL;
  const char *resume_id = streamer_json_get_string (body, "resume_id", error);
  StreamerPlan plan;

  if (!resume_id)
    return NULL;
  if (!is_resume_id (resume_id))
    {
      set_invalid (error, "The resume_id has to be 16 to 128 letters, digits, - and _.");
      return NULL;
    }
  if (!get_plan (request, body, &plan, error) ||
      !(upload = read_upload (request, body, &plan, error)) ||
      !streamer_storage_begin (request->storage, upload, resume_id, error))
    return NULL;

  upload_id = streamer_upload_id_close (request->seal, upload);
  streamer_request_note_upload_id (request->note, upload_id);
  if (upload->size != STREAMER_SIZE_UNKNOWN)
    request->note->bytes = upload->size;
  json_object_set_string_member (object, "upload_id", upload_id);
  json_object_set_int_member (object, "part_size", upload->part_size);
  set_time (object, "expires", upload->expires);
  if (upload->size != STREAMER_SIZE_UNKNOWN && plan.n_parts == 1)
    {
      g_auto (StreamerSignedRequest) signed_request = { 0 };

      if (!streamer_storage_presign (request->storage, upload, 1, upload->size, NULL,
                                     &signed_request, error))
        return NULL;
      json_object_set_object_member (object, "put", describe_signed (request, &signed_request));
    }
  return take_object (g_steal_pointer (&object));
}

/* The element's object, or NULL with an error. */
static JsonObject *
get_element (JsonArray *array, guint index, GError **error)
{
  JsonNode *node = json_array_get_element (array, index);

  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  set_invalid (error, "A part has to be an object.");
  return NULL;
}

static JsonObject *
presign_part (const StreamerRequest *request,
              const StreamerStorageUpload *upload,
              JsonObject *part,
              GError **error)
{
  const StreamerLimits *limits = streamer_storage_get_limits (request->storage);
  g_auto (StreamerSignedRequest) signed_request = { 0 };
  guint64 number, size;
  gboolean has_crc32;
  guint32 crc32;
  JsonObject *object;

  if (!streamer_json_get_uint (part, "number", 1, limits->max_parts, &number, error) ||
      !streamer_json_get_uint (part, "size", 0, limits->max_part_size, &size, error) ||
      !get_crc32 (part, &has_crc32, &crc32, error))
    return NULL;
  if (!streamer_storage_upload_takes_part (upload, number, size))
    {
      set_invalid (error, "The upload has no part of this number and size.");
      return NULL;
    }
  if (!streamer_storage_presign (request->storage, upload, number, size, has_crc32 ? &crc32 : NULL,
                                 &signed_request, error))
    return NULL;
  request->note->bytes = MAX (request->note->bytes, 0) + size;
  object = describe_signed (request, &signed_request);
  json_object_set_int_member (object, "number", number);
  return object;
}

JsonNode *
streamer_request_presign (const StreamerRequest *request, JsonObject *body, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = get_upload (request, body, error);
  g_autoptr (JsonArray) results = json_array_new ();
  JsonArray *parts;
  JsonNode *node;

  if (!upload ||
      !(parts = streamer_json_get_array (body, "parts", STREAMER_REQUEST_MAX_URLS, error)))
    return NULL;
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      JsonObject *part = get_element (parts, i, error);
      JsonObject *result = part ? presign_part (request, upload, part, error) : NULL;

      if (!result)
        return NULL;
      json_array_add_object_element (results, result);
    }
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, g_steal_pointer (&results));
  return node;
}

JsonNode *
streamer_request_parts (const StreamerRequest *request, JsonObject *body, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = get_upload (request, body, error);
  g_autoptr (GArray) parts = NULL;
  JsonArray *results;
  JsonNode *node;

  if (!upload || !(parts = streamer_storage_list_parts (request->storage, upload, error)))
    return NULL;
  results = json_array_new ();
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoragePart *part = &g_array_index (parts, StreamerStoragePart, i);
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "number", part->number);
      json_object_set_int_member (object, "size", part->size);
      json_object_set_string_member (object, "etag", part->etag);
      json_array_add_object_element (results, object);
    }
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, results);
  return node;
}

/* @parts: (out) (nullable): NULL where the client does not name its parts */
static gboolean
read_parts (const StreamerRequest *request, JsonObject *body, GArray **parts, GError **error)
{
  const StreamerLimits *limits = streamer_storage_get_limits (request->storage);
  g_autoptr (GArray) read = streamer_storage_parts_new ();
  JsonArray *array;

  *parts = NULL;
  if (!json_object_has_member (body, "parts") || json_object_get_null_member (body, "parts"))
    return TRUE;
  array = streamer_json_get_array (body, "parts", limits->max_parts, error);
  if (!array)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = get_element (array, i, error);
      StreamerStoragePart part = { 0 };
      guint64 number;
      const char *etag;

      if (!object ||
          !streamer_json_get_uint (object, "number", 1, limits->max_parts, &number, error) ||
          !(etag = streamer_json_get_string (object, "etag", error)))
        return FALSE;
      part.number = number;
      part.etag = g_strdup (etag);
      g_array_append_val (read, part);
    }
  streamer_storage_parts_sort (read);
  *parts = read->len > 0 ? g_steal_pointer (&read) : NULL;
  return TRUE;
}

JsonNode *
streamer_request_finish (const StreamerRequest *request, JsonObject *body, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = get_upload (request, body, error);
  g_autoptr (StreamerStorageObject) stored = NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GArray) parts = NULL;
  gboolean has_crc32;
  guint32 crc32;

  if (!upload || !read_parts (request, body, &parts, error) ||
      !get_crc32 (body, &has_crc32, &crc32, error))
    return NULL;
  stored =
      streamer_storage_finish (request->storage, upload, parts, has_crc32 ? &crc32 : NULL, error);
  if (!stored)
    return NULL;

  request->note->bytes = stored->size;
  json_object_set_string_member (object, "key", upload->key);
  json_object_set_int_member (object, "size", stored->size);
  json_object_set_string_member (object, "etag", stored->etag);
  if (!set_link (request, object, upload->key, error))
    return NULL;
  return take_object (g_steal_pointer (&object));
}

JsonNode *
streamer_request_cancel (const StreamerRequest *request, JsonObject *body, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = get_upload (request, body, error);

  if (!upload || !streamer_storage_cancel (request->storage, upload, error))
    return NULL;
  return take_object (json_object_new ());
}

JsonNode *
streamer_request_stat (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const char *key = get_key (request, body, 0, error);
  g_autoptr (StreamerStorageObject) stored = NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GError) local_error = NULL;

  if (!key)
    return NULL;
  stored = streamer_storage_stat (request->storage, key, &local_error);
  if (!stored && !g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  json_object_set_boolean_member (object, "exists", stored != NULL);
  if (stored)
    {
      json_object_set_int_member (object, "size", stored->size);
      json_object_set_string_member (object, "etag", stored->etag);
      set_time (object, "modified", stored->modified);
      if (!set_link (request, object, key, error))
        return NULL;
    }
  return take_object (g_steal_pointer (&object));
}

JsonNode *
streamer_request_remove (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const char *key = get_key (request, body, STREAMER_RIGHT_REMOVE, error);

  if (!key || !streamer_storage_remove (request->storage, key, error))
    return NULL;
  return take_object (json_object_new ());
}

JsonNode *
streamer_request_link (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const char *key = get_key (request, body, STREAMER_RIGHT_LINK, error);
  g_autoptr (StreamerStorageObject) stored = NULL;
  g_autofree char *url = NULL;
  JsonObject *object;
  guint64 seconds;
  gint64 expires;

  if (!key || !streamer_json_get_uint (body, "expires_in", 1, MAX_LINK_SECONDS, &seconds, error) ||
      !(stored = streamer_storage_stat (request->storage, key, error)))
    return NULL;
  expires = g_get_real_time () / G_USEC_PER_SEC + seconds;
  url = streamer_storage_link (request->storage, key, &expires, error);
  if (!url)
    return NULL;
  object = json_object_new ();
  set_url (request, object, url);
  set_time (object, "expires", expires);
  return take_object (object);
}
