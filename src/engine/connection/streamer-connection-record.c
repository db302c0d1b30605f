/* streamer-connection-record.c: a connection as it is written down beside an upload
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-connection-record.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"
#include "streamer-json.h"

static const char *const kinds[] = {
  [STREAMER_CONNECTION_THIS_COMPUTER] = "this-computer",
  [STREAMER_CONNECTION_REQUEST_API] = "request-api",
  [STREAMER_CONNECTION_S3] = "s3",
};

static void
set_string (JsonObject *object, const char *member, const char *value)
{
  if (value != NULL && *value != '\0')
    json_object_set_string_member (object, member, value);
}

static void
set_place (JsonObject *object, const StreamerS3Place *place)
{
  set_string (object, "endpoint", place->endpoint);
  set_string (object, "region", place->region);
  set_string (object, "bucket", place->bucket);
  set_string (object, "prefix", place->prefix);
  json_object_set_boolean_member (object, "virtual_host", place->virtual_host);
  set_string (object, "access_key", place->access_key);
  set_string (object, "profile", place->profile);
  set_string (object, "storage_class", place->storage_class);
  json_object_set_int_member (object, "link_expires", place->link_expires);
}

char *
streamer_connection_to_record (StreamerConnection *self)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (StreamerS3Place) place = streamer_connection_dup_place (self);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  set_string (object, "kind", kinds[streamer_connection_get_kind (self)]);
  set_string (object, "id", streamer_connection_get_id (self));
  set_string (object, "name", streamer_connection_get_name (self));
  set_string (object, "request_url", streamer_connection_get_request_url (self));
  set_string (object, "domain", streamer_connection_get_domain (self));
  if (place != NULL)
    set_place (object, place);
  return streamer_json_to_string (node);
}

/* Always NULL. */
static gpointer
set_invalid (GError **error)
{
  g_set_error_literal (
      error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
      _ ("The journal of uploads does not say in a way that can be read where this "
         "upload goes."));
  return NULL;
}

/* Returns: (transfer full) (nullable) */
static JsonNode *
parse (const char *record)
{
  g_autoptr (JsonNode) node = streamer_json_parse (record, strlen (record), NULL);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? g_steal_pointer (&node) : NULL;
}

char *
streamer_connection_record_get_id (const char *record, GError **error)
{
  g_autoptr (JsonNode) node = parse (record);
  const char *id = node ? streamer_json_get_string (json_node_get_object (node), "id", NULL) : NULL;

  return id != NULL && *id != '\0' ? g_strdup (id) : set_invalid (error);
}

static gboolean
take_string (JsonObject *object, const char *member, char **value)
{
  g_autoptr (GError) error = NULL;

  *value = g_strdup (streamer_json_get_optional_string (object, member, &error));
  return error == NULL;
}

/* Returns: (transfer full) (nullable) */
static StreamerS3Place *
read_place (JsonObject *object)
{
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();
  g_autofree char *bucket = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *uri = NULL;
  guint64 link_expires;

  if (!take_string (object, "bucket", &bucket) || bucket == NULL ||
      !take_string (object, "prefix", &prefix) ||
      !take_string (object, "endpoint", &place->endpoint) ||
      !take_string (object, "region", &place->region) ||
      !take_string (object, "access_key", &place->access_key) ||
      !take_string (object, "profile", &place->profile) ||
      !take_string (object, "storage_class", &place->storage_class) ||
      !streamer_json_get_boolean (object, "virtual_host", &place->virtual_host, NULL) ||
      !streamer_json_get_uint (object, "link_expires", 1, STREAMER_S3_LINK_MAX_SECONDS,
                               &link_expires, NULL))
    return NULL;
  place->link_expires = (guint) link_expires;
  uri = g_strconcat ("s3://", bucket, prefix != NULL ? "/" : NULL, prefix, NULL);
  return streamer_s3_place_set_uri (place, uri, NULL) ? g_steal_pointer (&place) : NULL;
}

StreamerConnection *
streamer_connection_new_from_record (const char *record, StreamerSecrets *secrets, GError **error)
{
  g_autoptr (JsonNode) node = parse (record);
  g_autoptr (StreamerS3Place) place = NULL;
  g_autofree char *kind = NULL;
  g_autofree char *id = NULL;
  g_autofree char *name = NULL;
  g_autofree char *url = NULL;
  g_autofree char *domain = NULL;
  JsonObject *object;

  if (node == NULL)
    return set_invalid (error);
  object = json_node_get_object (node);
  if (!take_string (object, "kind", &kind) || !take_string (object, "id", &id) || id == NULL ||
      *id == '\0' || !take_string (object, "name", &name) ||
      !take_string (object, "request_url", &url) || !take_string (object, "domain", &domain))
    return set_invalid (error);

  if (g_strcmp0 (kind, kinds[STREAMER_CONNECTION_THIS_COMPUTER]) == 0)
    return streamer_connection_new_this_computer (secrets);
  if (g_strcmp0 (kind, kinds[STREAMER_CONNECTION_REQUEST_API]) == 0)
    return streamer_connection_new_request_api (id, name, url, domain, secrets);
  if (g_strcmp0 (kind, kinds[STREAMER_CONNECTION_S3]) == 0)
    place = read_place (object);
  return place != NULL ? streamer_connection_new_s3 (id, name, place, domain, secrets)
                       : set_invalid (error);
}
