/* streamer-v1-requests.c: the requests of version 1 of the request API
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-config.h"
#include "streamer-v1-requests.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-python-literal.h"
#include "streamer-v1-upload.h"

#define MAX_UPLOAD_ID_BYTES 8192

/* Version 1 says 401 for what exists, and 500 with the text of whatever exception the store's
 * library had for everything that goes wrong. */
static void
understand (guint status_code, const char *words, StreamerError *code)
{
  static const struct
  {
    const char *name;
    StreamerError code;
  } known_names[] = {
    { "NoSuchUpload", STREAMER_ERROR_NO_UPLOAD }, { "SlowDown", STREAMER_ERROR_BUSY },
    { "InternalError", STREAMER_ERROR_BUSY },     { "ServiceUnavailable", STREAMER_ERROR_BUSY },
    { "RequestTimeout", STREAMER_ERROR_BUSY },    { "Throttling", STREAMER_ERROR_BUSY },
  };

  if (words == NULL)
    return;
  if (status_code == 401 && strstr (words, "already exists") != NULL)
    *code = STREAMER_ERROR_EXISTS;
  if (status_code != 500)
    return;
  *code = STREAMER_ERROR_FAILED;
  for (gsize i = 0; i < G_N_ELEMENTS (known_names); i++)
    if (strstr (words, known_names[i].name) != NULL)
      *code = known_names[i].code;
}

/* @body: (transfer full)
 * Returns: (transfer full): `status`, whatever it is */
static JsonNode *
call (const StreamerRequestApi *api,
      StreamerHttp *http,
      StreamerRequest request,
      JsonObject *body,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (JsonObject) owned = body;

  request.body = owned;
  request.meaning = understand;
  return streamer_request_api_call (api, http, &request, NULL, cancellable, error);
}

/* As call(), where only the success counts. */
static gboolean
tell (const StreamerRequestApi *api,
      StreamerHttp *http,
      StreamerRequest request,
      JsonObject *body,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (JsonNode) status = call (api, http, request, body, cancellable, error);

  return status != NULL;
}

/* As tell(), where it is as good if what was to go is not there. */
static gboolean
tell_away (const StreamerRequestApi *api,
           StreamerHttp *http,
           StreamerRequest request,
           JsonObject *body,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (tell (api, http, request, body, cancellable, &local_error) ||
      g_error_matches (local_error, STREAMER_ERROR, (int) request.missing))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static void
add_key (JsonArray *objects, const char *key)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "Key", key);
  json_array_add_object_element (objects, object);
}

/* @objects: (transfer full)
 * Returns: (transfer full): the body of a request that names objects */
static JsonObject *
make_body_of_objects (JsonArray *objects)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *literal = NULL;
  JsonObject *body = json_object_new ();

  json_node_take_array (node, objects);
  literal = streamer_python_literal_to_string (node);
  json_object_set_string_member (body, "objects", literal);
  return body;
}

char *
streamer_v1_create (const StreamerRequestApi *api,
                    StreamerHttp *http,
                    StreamerUpload *upload,
                    gboolean overwrite,
                    GCancellable *cancellable,
                    GError **error)
{
  StreamerRequest request = { .action = "create",
                              .key = upload->key,
                              .missing = STREAMER_ERROR_FAILED };
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, upload->size);
  g_autoptr (JsonNode) status = NULL;
  JsonObject *body = json_object_new ();
  const char *id = NULL;

  json_object_set_string_member (body, "filesize", size);
  json_object_set_string_member (body, "overwrite", overwrite ? "YES" : "NO");
  status = call (api, http, request, body, cancellable, error);
  if (status == NULL)
    return NULL;

  if (json_node_get_value_type (status) == G_TYPE_STRING)
    id = json_node_get_string (status);
  if (id == NULL || *id == '\0' || strlen (id) > MAX_UPLOAD_ID_BYTES)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           _ ("The server's name for the upload cannot be used."));
      return NULL;
    }
  return g_strdup (id);
}

gboolean
streamer_v1_get_url (const StreamerRequestApi *api,
                     StreamerHttp *http,
                     const char *action,
                     const char *name,
                     const char *key,
                     StreamerPresignedPost *post,
                     GCancellable *cancellable,
                     GError **error)
{
  StreamerRequest request = { .action = action,
                              .key = name,
                              .missing = STREAMER_ERROR_NO_UPLOAD,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT };
  g_autoptr (JsonNode) status = call (api, http, request, json_object_new (), cancellable, error);

  return status != NULL && streamer_presigned_post_parse (post, status, key, error);
}

gboolean
streamer_v1_add (const StreamerRequestApi *api,
                 StreamerHttp *http,
                 StreamerUpload *upload,
                 guint number,
                 GCancellable *cancellable,
                 GError **error)
{
  StreamerRequest request = { .action = "add",
                              .key = upload->key,
                              .missing = STREAMER_ERROR_NO_UPLOAD,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT | STREAMER_HTTP_PATIENT };
  g_autofree char *name = streamer_v1_upload_get_part_name (upload, number);
  g_autofree char *number_text = g_strdup_printf ("%u", number);
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "uploadid", streamer_v1_upload_get_id (upload));
  json_object_set_string_member (body, "partname", name);
  json_object_set_string_member (body, "partnumber", number_text);
  return tell (api, http, request, body, cancellable, error);
}

/* As text: 10,000 nodes would take many megabytes. */
static char *
make_complete_parts (GArray *parts)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);
      g_autoptr (JsonNode) etag = json_node_new (JSON_NODE_VALUE);
      g_autofree char *literal = NULL;

      json_node_set_string (etag, part->etag);
      literal = streamer_python_literal_to_string (etag);
      g_string_append_printf (text, "%s{'ETag': %s, 'PartNumber': %u}", i == 0 ? "" : ", ", literal,
                              part->number);
    }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

gboolean
streamer_v1_complete (const StreamerRequestApi *api,
                      StreamerHttp *http,
                      StreamerUpload *upload,
                      GArray *parts,
                      GCancellable *cancellable,
                      GError **error)
{
  StreamerRequest request = { .action = "complete",
                              .key = upload->key,
                              .missing = STREAMER_ERROR_NO_UPLOAD,
                              .flags = STREAMER_HTTP_PATIENT };
  g_autofree char *literal = make_complete_parts (parts);
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "uploadid", streamer_v1_upload_get_id (upload));
  json_object_set_string_member (body, "parts", literal);
  return tell (api, http, request, body, cancellable, error);
}

gboolean
streamer_v1_abort (const StreamerRequestApi *api,
                   StreamerHttp *http,
                   StreamerUpload *upload,
                   const char *id,
                   GCancellable *cancellable,
                   GError **error)
{
  StreamerRequest request = { .action = "abort",
                              .key = upload->key,
                              .missing = STREAMER_ERROR_NO_UPLOAD,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT };
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "uploadid", id);
  return tell_away (api, http, request, body, cancellable, error);
}

gboolean
streamer_v1_delete (const StreamerRequestApi *api,
                    StreamerHttp *http,
                    StreamerUpload *upload,
                    const guint *numbers,
                    guint n,
                    GCancellable *cancellable,
                    GError **error)
{
  StreamerRequest request = { .action = "delete",
                              .key = upload->key,
                              .missing = STREAMER_ERROR_NOT_FOUND,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT | STREAMER_HTTP_PATIENT };
  JsonArray *objects = json_array_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = streamer_v1_upload_get_part_key (upload, numbers[i]);

      add_key (objects, key);
    }
  return tell_away (api, http, request, make_body_of_objects (objects), cancellable, error);
}

gboolean
streamer_v1_purge (const StreamerRequestApi *api,
                   StreamerHttp *http,
                   const char *key,
                   GCancellable *cancellable,
                   GError **error)
{
  StreamerRequest request = { .action = "purge", .key = key, .missing = STREAMER_ERROR_NOT_FOUND };
  JsonArray *objects = json_array_new ();

  add_key (objects, key);
  return tell (api, http, request, make_body_of_objects (objects), cancellable, error);
}
