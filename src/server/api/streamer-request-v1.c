/* streamer-request-v1.c: what each action of version 1 of the request API does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same policy, storage and upload ids as in version 2. Other than in the backends of its time,
 * every key that a client names is looked at, in the query and in lists, and temporary objects are
 * bound to who sent them.
 */

#include "streamer-request-v1.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-key.h"
#include "streamer-python-literal.h"
#include "streamer-reply.h"
#include "streamer-staged-name.h"
#include "streamer-staging-storage.h"
#include "streamer-upload-id.h"

#define MAX_OBJECTS  10000
#define POST_SECONDS (15 * 60)
/* A form cannot say that it must not replace: where that matters, somebody else has little time to
 * put a document there behind the look whether there is one. */
#define CAREFUL_POST_SECONDS 60

#define TEXT_EXISTS    "Document already exists and overwrite is not set."
#define TEXT_FORBIDDEN "No access to the specified path."

static gboolean
set_invalid (GError **error, const char *message)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, message);
  return FALSE;
}

static JsonNode *
take_text (char *text)
{
  JsonNode *node = json_node_init_string (json_node_alloc (), text);

  g_free (text);
  return node;
}

static JsonNode *
new_text (const char *text)
{
  return json_node_init_string (json_node_alloc (), text);
}

/* Slashes at the ends do not count: a client without a path sends one. */
static char *
check_key (const StreamerRequest *request, const char *text, StreamerRights rights, GError **error)
{
  g_autofree char *key = NULL, *given = NULL;
  gsize length;

  if (!text)
    {
      set_invalid (error, "The file name is missing in the query.");
      return NULL;
    }
  streamer_request_note_key (request->note, text);
  key = streamer_key_canonicalize (text, -1, error);
  if (!key)
    return NULL;
  given = g_strdup (text + strspn (text, "/"));
  for (length = strlen (given); length > 0 && given[length - 1] == '/'; length--)
    given[length - 1] = '\0';
  if (strcmp (key, given) != 0)
    {
      set_invalid (error, "The key is not in its canonical form.");
      return NULL;
    }
  if (!streamer_policy_check (request->principal, rights, key, error))
    return NULL;
  return g_steal_pointer (&key);
}

/* A number in a string, as old clients send it, or as it is. */
static gboolean
get_number (JsonObject *object,
            const char *member,
            guint64 min,
            guint64 max,
            guint64 *value,
            GError **error)
{
  JsonNode *node = json_object_get_member (object, member);
  const char *text;

  if (!node || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return streamer_json_get_uint (object, member, min, max, value, error);
  text = streamer_json_get_string (object, member, error);
  if (!text)
    return FALSE;
  if (g_ascii_isdigit (*text) && g_ascii_string_to_unsigned (text, 10, min, max, value, NULL))
    return TRUE;
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, "“%s” is not a number that fits.",
               member);
  return FALSE;
}

/* @is_given: (out) (nullable): whether the client said it at all */
static gboolean
get_overwrite (JsonObject *body, gboolean *overwrite, gboolean *is_given, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  const char *text = streamer_json_get_optional_string (body, "overwrite", &local_error);

  if (local_error)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (is_given)
    *is_given = text != NULL;
  *overwrite = g_strcmp0 (text, "YES") == 0;
  return !text || *overwrite || strcmp (text, "NO") == 0 ||
         set_invalid (error, "“overwrite” has to be YES or NO.");
}

/* Of version 1: those of version 2 have parts that nothing can be added to. */
static StreamerStorageUpload *
get_upload (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const char *text = streamer_json_get_string (body, "uploadid", error);
  g_autoptr (StreamerStorageUpload) upload = NULL;

  if (text)
    upload = streamer_request_open_upload (request, text, error);
  if (upload && upload->part_size != 0)
    {
      set_invalid (error, "This upload was begun with another version of the request API.");
      return NULL;
    }
  return g_steal_pointer (&upload);
}

/* A string with a Python list of dicts. */
static JsonNode *
get_list (JsonObject *body, const char *member, guint max_length, GError **error)
{
  const char *text = streamer_json_get_string (body, member, error);
  g_autoptr (JsonNode) root = NULL;
  JsonArray *array;

  if (!text || !(root = streamer_python_literal_parse (text, strlen (text), error)))
    return NULL;
  array = JSON_NODE_HOLDS_ARRAY (root) ? json_node_get_array (root) : NULL;
  if (!array || json_array_get_length (array) > max_length)
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                   "“%s” has to be a list of at most %u.", member, max_length);
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!JSON_NODE_HOLDS_OBJECT (json_array_get_element (array, i)))
      {
        g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                     "“%s” has to be a list of dicts.", member);
        return NULL;
      }
  return g_steal_pointer (&root);
}

JsonNode *
streamer_request_v1_create (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const StreamerLimits *limits = streamer_storage_get_limits (request->storage);
  g_autoptr (StreamerStorageUpload) upload = streamer_storage_upload_new ();
  g_autofree char *resume_id = g_uuid_string_random ();
  g_autofree char *upload_id = NULL;

  if (!get_overwrite (body, &upload->overwrite, NULL, error))
    return NULL;
  upload->key = check_key (request, request->filename,
                           upload->overwrite ? STREAMER_RIGHT_CREATE | STREAMER_RIGHT_OVERWRITE
                                             : STREAMER_RIGHT_CREATE,
                           error);
  if (!upload->key || !get_number (body, "filesize", 0, G_MAXINT64, &upload->size, error))
    return NULL;
  if (upload->size > limits->max_object_size)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE,
                           "The document is larger than what the server takes.");
      return NULL;
    }
  upload->principal = g_strdup (request->principal->name);
  upload->content_type = g_strdup ("application/octet-stream");
  if (!streamer_storage_begin (request->storage, upload, resume_id, error))
    return NULL;
  upload_id = streamer_upload_id_close (request->seal, upload);
  streamer_request_note_upload_id (request->note, upload_id);
  request->note->bytes = upload->size;
  return new_text (upload_id);
}

/* The form, as a Python dict. */
static JsonNode *
sign_post (const StreamerRequest *request, const StreamerPostGrant *grant, GError **error)
{
  g_auto (StreamerSignedPost) post = { 0 };
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *url = NULL;
  JsonObject *object, *fields;

  if (!streamer_staging_storage_sign_post (STREAMER_STAGING_STORAGE (request->storage), grant,
                                           &post, error))
    return NULL;
  url = g_strconcat (*post.url == '/' ? request->origin : "", post.url, NULL);
  fields = json_object_new ();
  for (gsize i = 0; post.fields[i]; i += 2)
    json_object_set_string_member (fields, post.fields[i], post.fields[i + 1]);
  object = json_object_new ();
  json_object_set_string_member (object, "url", url);
  json_object_set_object_member (object, "fields", fields);
  json_node_take_object (root, object);
  return take_text (streamer_python_literal_to_string (root));
}

JsonNode *
streamer_request_v1_geturl (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const StreamerLimits *limits = streamer_storage_get_limits (request->storage);
  g_auto (StreamerPostGrant) grant = { 0 };

  if (request->filename)
    streamer_request_note_key (request->note, request->filename);
  if (!(request->principal->rights & STREAMER_RIGHT_CREATE))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN, TEXT_FORBIDDEN);
      return NULL;
    }
  grant.key = streamer_staged_name_make (request->seal, request->principal->name,
                                         request->filename ? request->filename : "", error);
  if (!grant.key)
    return NULL;
  grant.principal = g_strdup (request->principal->name);
  grant.is_staged = TRUE;
  grant.overwrite = TRUE;
  grant.max_size = limits->max_part_size;
  grant.max_staged = G_MAXINT64;
  grant.expires = g_get_real_time () / G_USEC_PER_SEC + POST_SECONDS;
  return sign_post (request, &grant, error);
}

/* @overwrite: (inout): what the client said; whether it may, where it said nothing */
static gboolean
check_replacing (const StreamerRequest *request,
                 const char *key,
                 gboolean is_given,
                 gboolean *overwrite,
                 GError **error)
{
  g_autoptr (StreamerStorageObject) object = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!is_given)
    *overwrite = (request->principal->rights & STREAMER_RIGHT_OVERWRITE) != 0;
  if (*overwrite)
    return streamer_policy_check (request->principal, STREAMER_RIGHT_OVERWRITE, key, error);
  object = streamer_storage_stat (request->storage, key, &local_error);
  if (!object && g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
    return TRUE;
  if (object)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS, TEXT_EXISTS);
  else
    g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

JsonNode *
streamer_request_v1_geturls (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const StreamerLimits *limits = streamer_storage_get_limits (request->storage);
  g_auto (StreamerPostGrant) grant = { 0 };
  gboolean is_given;

  grant.key = check_key (request, request->filename, STREAMER_RIGHT_CREATE, error);
  if (!grant.key || !get_overwrite (body, &grant.overwrite, &is_given, error) ||
      !check_replacing (request, grant.key, is_given, &grant.overwrite, error))
    return NULL;
  grant.max_size = limits->max_part_size;
  if (json_object_has_member (body, "filesize") &&
      !get_number (body, "filesize", 0, limits->max_part_size, &grant.max_size, error))
    return NULL;
  grant.principal = g_strdup (request->principal->name);
  grant.expires =
      g_get_real_time () / G_USEC_PER_SEC + (grant.overwrite ? POST_SECONDS : CAREFUL_POST_SECONDS);
  return sign_post (request, &grant, error);
}

JsonNode *
streamer_request_v1_add (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const StreamerLimits *limits = streamer_storage_get_limits (request->storage);
  g_autoptr (StreamerStorageUpload) upload = get_upload (request, body, error);
  const char *part_name = upload ? streamer_json_get_string (body, "partname", error) : NULL;
  g_autofree char *name = NULL;
  guint64 number;

  if (!part_name || !get_number (body, "partnumber", 1, limits->max_parts, &number, error) ||
      !(name = streamer_staged_name_make (request->seal, request->principal->name, part_name,
                                          error)) ||
      !streamer_staging_storage_add (STREAMER_STAGING_STORAGE (request->storage), upload, number,
                                     name, error))
    return NULL;
  return new_text ("Part added to the main document.");
}

/* Returns: (transfer full) (nullable): number and ETag of all parts, by number */
static GArray *
get_parts (const StreamerRequest *request, JsonObject *body, GError **error)
{
  const StreamerLimits *limits = streamer_storage_get_limits (request->storage);
  g_autoptr (JsonNode) root = get_list (body, "parts", limits->max_parts, error);
  g_autoptr (GArray) parts = NULL;
  JsonArray *array;

  if (!root)
    return NULL;
  array = json_node_get_array (root);
  parts = streamer_storage_parts_new ();
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);
      const char *etag = streamer_json_get_string (object, "ETag", error);
      StreamerStoragePart part = { 0 };
      guint64 number;

      if (!etag || !get_number (object, "PartNumber", 1, limits->max_parts, &number, error))
        return NULL;
      part.number = number;
      part.etag = g_strdup (etag);
      g_array_append_val (parts, part);
    }
  streamer_storage_parts_sort (parts);
  return g_steal_pointer (&parts);
}

JsonNode *
streamer_request_v1_complete (const StreamerRequest *request, JsonObject *body, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = get_upload (request, body, error);
  g_autoptr (GArray) parts = upload ? get_parts (request, body, error) : NULL;
  g_autoptr (StreamerStorageObject) stored = NULL;

  if (!parts || !(stored = streamer_storage_finish (request->storage, upload, parts, NULL, error)))
    return NULL;
  request->note->bytes = stored->size;
  return new_text ("Document recombined.");
}

/* Of all of them first, before anything is done. */
static GPtrArray *
get_names (const StreamerRequest *request, JsonArray *objects, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  request->note->n_objects = json_array_get_length (objects);
  for (guint i = 0; i < json_array_get_length (objects); i++)
    {
      const char *key =
          streamer_json_get_string (json_array_get_object_element (objects, i), "Key", error);
      char *name = NULL;

      if (key)
        name = streamer_staged_name_resolve (request->seal, request->principal->name, key, error);
      if (!name)
        return NULL;
      g_ptr_array_add (names, name);
    }
  return g_steal_pointer (&names);
}

JsonNode *
streamer_request_v1_delete (const StreamerRequest *request, JsonObject *body, GError **error)
{
  g_autoptr (JsonNode) root = get_list (body, "objects", MAX_OBJECTS, error);
  g_autoptr (GPtrArray) names = NULL;

  if (!root || !(names = get_names (request, json_node_get_array (root), error)))
    return NULL;
  for (guint i = 0; i < names->len; i++)
    if (!streamer_staging_storage_discard (STREAMER_STAGING_STORAGE (request->storage),
                                           names->pdata[i], error))
      return NULL;
  return new_text ("Temporary file(s) deleted.");
}

JsonNode *
streamer_request_v1_abort (const StreamerRequest *request, JsonObject *body, GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = get_upload (request, body, error);

  if (!upload || !streamer_storage_cancel (request->storage, upload, error))
    return NULL;
  return new_text ("Multipart upload aborted.");
}

static GPtrArray *
get_keys (const StreamerRequest *request, JsonArray *objects, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  request->note->n_objects = json_array_get_length (objects);
  for (guint i = 0; i < json_array_get_length (objects); i++)
    {
      const char *text =
          streamer_json_get_string (json_array_get_object_element (objects, i), "Key", error);
      char *key = text ? check_key (request, text, STREAMER_RIGHT_REMOVE, error) : NULL;

      if (!key)
        return NULL;
      g_ptr_array_add (keys, key);
    }
  return g_steal_pointer (&keys);
}

static gboolean
purge (const StreamerRequest *request, const char *key, GError **error)
{
  StreamerRequestNote *note = request->note;
  g_autoptr (GError) local_error = NULL;

  streamer_request_note_key (note, key);
  if (streamer_storage_remove (request->storage, key, &local_error))
    {
      if (!note->removed)
        note->removed = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (note->removed, g_strdup (key));
      return TRUE;
    }
  if (g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND))
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                         "Document does not exist and therefore cannot be purged.");
  else
    g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

JsonNode *
streamer_request_v1_purge (const StreamerRequest *request, JsonObject *body, GError **error)
{
  g_autoptr (JsonNode) root = get_list (body, "objects", STREAMER_REQUEST_MAX_ITEMS, error);
  g_autoptr (GPtrArray) keys = NULL;

  if (!root || !(keys = get_keys (request, json_node_get_array (root), error)))
    return NULL;
  for (guint i = 0; i < keys->len; i++)
    if (!purge (request, keys->pdata[i], error))
      return NULL;
  return new_text ("Document purged.");
}

guint
streamer_request_v1_get_status (const GError *error)
{
  if (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS))
    return 401;
  return streamer_reply_get_status (error);
}

const char *
streamer_request_v1_get_text (const GError *error)
{
  if (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS))
    return TEXT_EXISTS;
  if (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN))
    return TEXT_FORBIDDEN;
  return error->message;
}
