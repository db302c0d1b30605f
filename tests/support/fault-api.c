/* fault-api.c: the backend of a faulty server: version 2 of the request API
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fault-server-private.h"

#include "streamer-checksum.h"
#include "streamer-json.h"

static void
answer_status (FaultRequest *request, const char *status)
{
  g_autofree char *text = g_strdup_printf ("{\"status\": %s, \"request_id\": \"request-%u\", "
                                           "\"status_code\": 200}",
                                           status, request->server->n_requests);

  fault_request_answer (request, 200, "application/json", text);
}

void
fault_api_refuse (FaultRequest *request, guint status, const char *code, const char *message)
{
  g_autofree char *text =
      g_strdup_printf ("{\"status\": \"%s\", \"request_id\": \"request-%u\", \"status_code\": %u, "
                       "\"error\": {\"code\": \"%s\", \"message\": \"%s\"}}",
                       message, request->server->n_requests, status, code, message);

  fault_request_answer (request, status, "application/json", text);
}

char *
fault_api_sign (FaultServer *server, const char *key, const char *query)
{
  g_autofree char *text = g_strdup_printf ("PUT %s %s", key, query);
  char *signature =
      g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guint8 *) "signer", 6, text, -1);

  if (!g_ptr_array_find_with_equal_func (server->secrets, signature, g_str_equal, NULL))
    g_ptr_array_add (server->secrets, g_strdup (signature));
  return signature;
}

/* Returns: (transfer full): the members of a permission, without the braces */
static char *
make_put (FaultRequest *request, FaultUpload *upload, guint number)
{
  g_autofree char *number_text = g_strdup_printf ("%u", number);
  g_autofree char *signed_query =
      g_strdup_printf ("%s %s", upload->whole ? "" : number_text, upload->id);
  g_autofree char *signature = fault_api_sign (request->server, upload->key, signed_query);
  g_autofree char *key = g_uri_escape_string (upload->key, "/", FALSE);
  g_autofree char *id = g_uri_escape_string (upload->id, NULL, FALSE);
  g_autofree char *query = upload->whole
                               ? g_strdup_printf ("x-upload=%s", id)
                               : g_strdup_printf ("partNumber=%u&uploadId=%s", number, id);
  const char *headers = upload->whole && !upload->overwrite ? "{\"If-None-Match\": \"*\"}" : "{}";

  return g_strdup_printf ("\"method\": \"PUT\", \"url\": \"%s/" FAULT_BUCKET
                          "/%s?%s&X-Amz-Signature=%s\", \"headers\": %s",
                          fault_server_get_url (request->server), key, query, signature, headers);
}

static void
capabilities (FaultRequest *request, JsonObject *body)
{
  answer_status (request, "{\"version\": 2, \"server\": \"faults\", \"min_part_size\": 1, "
                          "\"max_part_size\": 1048576, \"max_parts\": 10000, "
                          "\"max_object_size\": 1073741824, \"checksums\": [\"crc32\"], "
                          "\"max_urls\": 3, \"max_items\": 1, \"domain\": null, "
                          "\"prefixes\": [\"\"], \"unknown_size\": true}");
}

static void
begin (FaultRequest *request, JsonObject *body)
{
  const char *key = json_object_get_string_member (body, "key");
  gboolean overwrite = json_object_get_boolean_member (body, "overwrite");
  guint64 size = (guint64) json_object_get_int_member (body, "size");
  guint64 part_size = (guint64) json_object_get_int_member (body, "part_size");
  FaultUpload *upload;
  g_autofree char *put = NULL;
  g_autofree char *text = NULL;

  upload = fault_store_begin (request->server->store, key,
                              json_object_get_string_member (body, "resume_id"));
  if (!overwrite && !upload->told && g_hash_table_contains (request->server->store->objects, key))
    {
      upload->open = FALSE;
      fault_api_refuse (request, 409, "exists", "It exists.");
      return;
    }
  upload->size = size;
  upload->part_size = part_size;
  upload->overwrite = overwrite;
  upload->whole = size <= part_size;
  put = make_put (request, upload, 1);
  text = g_strdup_printf (
      "{\"upload_id\": \"%s\", \"part_size\": %" G_GUINT64_FORMAT ", \"put\": %s%s%s}", upload->id,
      part_size, upload->whole ? "{" : "", upload->whole ? put : "null", upload->whole ? "}" : "");
  request->begun = upload;
  answer_status (request, text);
}

static FaultUpload *
get_upload (FaultRequest *request, JsonObject *body, gboolean open)
{
  FaultUpload *upload = fault_store_find_upload (request->server->store,
                                                 json_object_get_string_member (body, "upload_id"));

  if (upload != NULL && (upload->open || !open))
    return upload;
  fault_api_refuse (request, 404, "no_upload", "There is no such upload.");
  return NULL;
}

static void
presign (FaultRequest *request, JsonObject *body)
{
  FaultUpload *upload = get_upload (request, body, TRUE);
  JsonArray *parts = json_object_get_array_member (body, "parts");
  g_autoptr (GString) text = g_string_new ("[");

  if (upload == NULL)
    return;
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      guint number =
          (guint) json_object_get_int_member (json_array_get_object_element (parts, i), "number");
      g_autofree char *put = make_put (request, upload, number);

      g_string_append_printf (text, "%s{\"number\": %u, %s}", i > 0 ? "," : "", number, put);
    }
  g_string_append_c (text, ']');
  answer_status (request, text->str);
}

static void
list_parts (FaultRequest *request, JsonObject *body)
{
  FaultUpload *upload = get_upload (request, body, TRUE);
  g_autoptr (GString) text = g_string_new ("[");

  if (upload == NULL)
    return;
  for (GTreeNode *node = g_tree_node_first (upload->parts); node != NULL;
       node = g_tree_node_next (node))
    {
      const FaultBytes *part = g_tree_node_value (node);
      g_autofree char *quoted = fault_request_quote_etag (request, part->etag);
      g_autofree char *etag = g_strescape (quoted, NULL);

      g_string_append_printf (text,
                              "%s{\"number\": %u, \"size\": %" G_GSIZE_FORMAT ", \"etag\": \"%s\"}",
                              text->len > 1 ? "," : "", GPOINTER_TO_UINT (g_tree_node_key (node)),
                              g_bytes_get_size (part->bytes), etag);
    }
  g_string_append_c (text, ']');
  answer_status (request, text->str);
}

static gboolean
has_crc32 (const FaultBytes *object, JsonObject *body)
{
  JsonObject *checksum = json_object_has_member (body, "checksum")
                             ? json_object_get_object_member (body, "checksum")
                             : NULL;
  gsize size;
  const void *data = g_bytes_get_data (object->bytes, &size);
  g_autofree char *hex = g_strdup_printf ("%08x", streamer_crc32_update (0, data, size));

  return checksum == NULL ||
         g_strcmp0 (json_object_get_string_member (checksum, "crc32"), hex) == 0;
}

static const FaultBytes *
join (FaultRequest *request, FaultUpload *upload, JsonObject *body)
{
  JsonArray *parts = json_object_get_array_member (body, "parts");
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) etags = g_ptr_array_new ();

  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      JsonObject *part = json_array_get_object_element (parts, i);
      guint number = (guint) json_object_get_int_member (part, "number");

      g_array_append_val (numbers, number);
      g_ptr_array_add (etags, (gpointer) json_object_get_string_member (part, "etag"));
    }
  if (numbers->len != (upload->size + upload->part_size - 1) / upload->part_size)
    return NULL;
  return fault_store_finish (request->server->store, upload, numbers, etags);
}

static void
finish (FaultRequest *request, JsonObject *body)
{
  FaultUpload *upload = get_upload (request, body, FALSE);
  FaultStore *store = request->server->store;
  const FaultBytes *object;
  g_autofree char *quoted = NULL;
  g_autofree char *etag = NULL;
  g_autofree char *text = NULL;

  if (upload == NULL)
    return;
  object = g_hash_table_lookup (store->objects, upload->key);
  if (!upload->whole && upload->open)
    {
      if (object != NULL && !upload->overwrite)
        {
          fault_api_refuse (request, 409, "exists", "It exists.");
          return;
        }
      object = join (request, upload, body);
    }
  else if (!upload->open && upload->n_finishes == 0)
    {
      fault_api_refuse (request, 404, "no_upload", "There is no such upload.");
      return;
    }
  if (object == NULL || !has_crc32 (object, body))
    {
      fault_api_refuse (request, 422, "checksum", "That is not what has come.");
      return;
    }
  if (upload->whole)
    {
      upload->open = FALSE;
      upload->n_finishes = 1;
    }
  quoted = fault_request_quote_etag (request, object->etag);
  etag = g_strescape (quoted, NULL);
  text = g_strdup_printf ("{\"key\": \"%s\", \"size\": %" G_GSIZE_FORMAT
                          ", \"etag\": \"%s\", \"url\": null}",
                          upload->key, g_bytes_get_size (object->bytes), etag);
  answer_status (request, text);
}

static void
cancel (FaultRequest *request, JsonObject *body)
{
  FaultUpload *upload = get_upload (request, body, FALSE);

  if (upload == NULL)
    return;
  upload->open = FALSE;
  answer_status (request, "{}");
}

static void
stat_object (FaultRequest *request, JsonObject *body)
{
  const FaultBytes *object = g_hash_table_lookup (request->server->store->objects,
                                                  json_object_get_string_member (body, "key"));
  g_autofree char *text =
      object == NULL
          ? g_strdup ("{\"exists\": false}")
          : g_strdup_printf ("{\"exists\": true, \"size\": %" G_GSIZE_FORMAT ", \"etag\": \"%s\"}",
                             g_bytes_get_size (object->bytes), object->etag);

  answer_status (request, text);
}

static void
remove_object (FaultRequest *request, JsonObject *body)
{
  if (g_hash_table_remove (request->server->store->objects,
                           json_object_get_string_member (body, "key")))
    answer_status (request, "{}");
  else
    fault_api_refuse (request, 404, "not_found", "There is none.");
}

static const struct
{
  const char *action;
  FaultOperation operation;
  void (*func) (FaultRequest *request, JsonObject *body);
} actions[] = {
  { "capabilities", FAULT_CAPABILITIES, capabilities },
  { "begin", FAULT_BEGIN, begin },
  { "presign", FAULT_PRESIGN, presign },
  { "parts", FAULT_PARTS, list_parts },
  { "finish", FAULT_FINISH, finish },
  { "cancel", FAULT_CANCEL, cancel },
  { "stat", FAULT_STAT, stat_object },
  { "remove", FAULT_REMOVE, remove_object },
};

static JsonNode *
parse (FaultRequest *request, guint *action)
{
  gsize length;
  const char *data = g_bytes_get_data (request->body, &length);
  g_autofree char *text = g_strndup (data, length);
  JsonNode *root = streamer_json_parse (text, length, NULL);
  const char *name = NULL;

  *action = G_N_ELEMENTS (actions);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    name = streamer_json_get_string (json_node_get_object (root), "action", NULL);
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].action, name))
      *action = i;
  return root;
}

FaultOperation
fault_api_get_operation (FaultRequest *request)
{
  guint action;
  g_autoptr (JsonNode) root = parse (request, &action);

  return action < G_N_ELEMENTS (actions) ? actions[action].operation : FAULT_ANY;
}

void
fault_api_run (FaultRequest *request)
{
  g_autofree char *authorization = script_request_get_header (request->raw, "Authorization");
  g_autofree char *right = g_strconcat ("Bearer ", request->server->token, NULL);
  guint action;
  g_autoptr (JsonNode) root = parse (request, &action);

  if (g_strcmp0 (authorization, right) != 0)
    fault_request_answer (request, 401, "application/json", "{\"message\": \"Unauthorized\"}");
  else if (action == G_N_ELEMENTS (actions))
    fault_api_refuse (request, 400, "invalid", "There is no such action.");
  else
    actions[action].func (request, json_node_get_object (root));
}
