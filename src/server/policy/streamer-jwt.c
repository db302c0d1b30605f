/* streamer-jwt.c: signed tokens, taken apart
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-jwt.h"

#include <string.h>

#include "streamer-base64url.h"
#include "streamer-error.h"
#include "streamer-json.h"

#define MAX_KID 256

struct _StreamerJwt
{
  char *signed_text; /* (owned): header and claims, as they were sent */
  JsonNode *header;  /* (owned) */
  JsonNode *claims;  /* (owned) */
  guint8 *signature; /* (owned) */
  gsize signature_length;
  StreamerJwtAlgorithm algorithm;
  const char *kid; /* (nullable): in the header */
};

gboolean
streamer_jwt_is_likely (const char *token)
{
  const char *first = strchr (token, '.');
  const char *second = first ? strchr (first + 1, '.') : NULL;

  return second && !strchr (second + 1, '.');
}

void
streamer_jwt_free (StreamerJwt *self)
{
  g_free (self->signed_text);
  g_clear_pointer (&self->header, json_node_unref);
  g_clear_pointer (&self->claims, json_node_unref);
  g_free (self->signature);
  g_free (self);
}

/* Returns: (transfer full) (nullable): the object that stands in one part */
static JsonNode *
parse_part (const char *text, gsize text_length)
{
  gsize length;
  g_autofree guint8 *bytes = streamer_base64url_decode (text, text_length, &length);
  g_autoptr (JsonNode) node = NULL;

  if (bytes)
    node = streamer_json_parse ((const char *) bytes, length, NULL);
  return node && JSON_NODE_HOLDS_OBJECT (node) ? g_steal_pointer (&node) : NULL;
}

static gboolean
read_header (StreamerJwt *self)
{
  JsonObject *header = json_node_get_object (self->header);
  const char *algorithm = streamer_json_get_string (header, "alg", NULL);
  g_autoptr (GError) error = NULL;

  self->kid = streamer_json_get_optional_string (header, "kid", &error);
  return algorithm && streamer_jwt_algorithm_parse (algorithm, &self->algorithm) && !error &&
         (!self->kid || strlen (self->kid) <= MAX_KID) && !json_object_has_member (header, "crit");
}

static gboolean
parse (StreamerJwt *self, const char *token)
{
  const char *first, *second;

  if (strlen (token) > STREAMER_JWT_MAX_BYTES || !streamer_jwt_is_likely (token))
    return FALSE;
  first = strchr (token, '.');
  second = strchr (first + 1, '.');
  self->signed_text = g_strndup (token, second - token);
  self->header = parse_part (token, first - token);
  self->claims = parse_part (first + 1, second - first - 1);
  self->signature =
      streamer_base64url_decode (second + 1, strlen (second + 1), &self->signature_length);
  return self->header && self->claims && self->signature && read_header (self);
}

StreamerJwt *
streamer_jwt_parse (const char *token, GError **error)
{
  g_autoptr (StreamerJwt) self = g_new0 (StreamerJwt, 1);

  if (parse (self, token))
    return g_steal_pointer (&self);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                       "The token is missing, wrong or no longer valid.");
  return NULL;
}

StreamerJwtAlgorithm
streamer_jwt_get_algorithm (StreamerJwt *self)
{
  return self->algorithm;
}

const char *
streamer_jwt_get_key_id (StreamerJwt *self)
{
  return self->kid;
}

gboolean
streamer_jwt_verify (StreamerJwt *self, const StreamerJwk *key)
{
  return streamer_jwk_verify (key, self->signed_text, strlen (self->signed_text), self->signature,
                              self->signature_length);
}

JsonObject *
streamer_jwt_get_claims (StreamerJwt *self)
{
  return json_node_get_object (self->claims);
}
